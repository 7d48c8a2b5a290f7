"""Plain data as lines of YAML."""

from typing import Any

import pytest

from reconciler.config.yaml import parse
from reconciler.interchange.yaml_text import block, comment, entry, flow, hung, scalar


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("mail", "mail", id="a word"),
        pytest.param("Example CRM", "Example CRM", id="two words"),
        pytest.param("", "''", id="nothing"),
        pytest.param("no", "'no'", id="what others take for false"),
        pytest.param("Null", "'Null'", id="a surname"),
        pytest.param("007", "'007'", id="leading zeros"),
        pytest.param("it's", "'it''s'", id="an apostrophe"),
        pytest.param("a: b", "'a: b'", id="a colon"),
        pytest.param("Zoë", "'Zoë'", id="letters beyond ASCII"),
        pytest.param('a\n"b"\\', '"a\\n\\"b\\"\\\\"', id="two lines"),
        pytest.param("\u202e", '"\\u202e"', id="what turns text around"),
        pytest.param("\U000e0001", '"\\U000e0001"', id="a tag beyond the first plane"),
        pytest.param(None, "null", id="null"),
        pytest.param(True, "true", id="true"),
        pytest.param(False, "false", id="false"),
        pytest.param(7, "7", id="a number"),
    ],
)
def test_a_single_value(value: Any, text: str) -> None:
    assert scalar(value) == text
    assert parse(f"- {text}", "f").data == [value]


def test_a_value_on_one_line() -> None:
    assert (
        flow({"a": [1, {"b c": None}], "d": {}, "e": []}) == "{a: [1, {b c: null}], d: {}, e: []}"
    )


def test_a_value_that_fits_stays_on_one_line() -> None:
    assert block({"a": 1}, 6) == ["{a: 1}"]
    assert block({"a": 1}, 5) == ["a: 1"]


def test_a_value_that_does_not_fit_is_laid_out() -> None:
    value = {"first": [{"second": "x" * 9}, "third"], "fourth": 4}

    assert block(value, 20) == [
        "first:",
        "  - second: xxxxxxxxx",
        "  - third",
        "fourth: 4",
    ]


def test_what_does_not_fit_beside_its_key_goes_below_it() -> None:
    assert entry("a long key", [1, 2, 3], 16) == ["a long key:", "  [1, 2, 3]"]


def test_a_text_stays_whole_however_long_it_is() -> None:
    assert entry("key", "x" * 200, 20) == [f"key: {'x' * 200}"]


def test_further_lines_hang_below_the_first() -> None:
    assert hung("- ", ["a: 1", "b: 2"]) == ["- a: 1", "  b: 2"]


def test_a_comment_ends_with_its_line() -> None:
    assert comment("one\ntwo\x85") == "# one\\u{a}two\\u{85}"
