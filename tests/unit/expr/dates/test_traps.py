"""Formats that run, and write a wrong date to everybody."""

import pytest

from reconciler.expr import parse


@pytest.mark.parametrize(
    ("form", "hint"),
    [
        pytest.param("YYYY-MM-dd", "yyyy for the year", id="capital years"),
        pytest.param("yyyy-MM-DD", "dd for the day", id="capital days"),
        pytest.param("yyyy-mm-dd", "MM for the month", id="minutes for months"),
        pytest.param("yyyy-MM-dd hh:mm", "tt for AM and PM", id="half a day"),
    ],
)
@pytest.mark.parametrize("call", ['[a], , "{}", "%d"', '[a], "%d", "{}"'], ids=["in", "out"])
def test_a_doubtful_format_earns_a_warning_at_its_place(call: str, form: str, hint: str) -> None:
    text = f"FormatDateTime({call.format(form)})"

    (caution,) = parse(text).warnings

    assert hint in caution.hint
    assert f'"{form}"' in caution.message
    assert caution.column == text.index(f'"{form}"') + 1


@pytest.mark.parametrize(
    "form",
    [
        pytest.param("yyyy-MM-dd HH:mm:ss", id="ISO"),
        pytest.param("M/d/yyyy h:mm:ss tt", id="Entra's"),
        pytest.param("yyyyMMddHHmmss.fZ", id="LDAP"),
        pytest.param("'YYYY' yyyy", id="quoted"),
        pytest.param("'D'D yyyy", id="one D"),
        pytest.param("mm:ss", id="minutes alone"),
        pytest.param("yyyyMMddHHmm", id="minutes after hours"),
        pytest.param("yyyy h:mm tt", id="minutes after hours of twelve"),
        pytest.param("yyyy-MM mm", id="minutes after months"),
        pytest.param("m", id="standard format"),
        pytest.param("dddd, d MMMM", id="names"),
    ],
)
def test_a_format_that_says_what_it_means_earns_none(form: str) -> None:
    assert parse(f'FormatDateTime([a], "{form}", "{form}")').warnings == ()


def test_a_format_of_the_person_earns_none() -> None:
    assert parse("FormatDateTime([a], [f], [g])").warnings == ()
