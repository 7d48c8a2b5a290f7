from typing import Any

import pytest

from reconciler.render.values import COLUMNS, difference, shown, value


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(None, "(none)", id="absent"),
        pytest.param("", '""', id="empty text"),
        pytest.param(False, "false", id="a boolean"),
        pytest.param("false", '"false"', id="the name of a boolean"),
        pytest.param("(none)", '"(none)"', id="the word for absent"),
        pytest.param(7, "7", id="a number"),
        pytest.param("007", '"007"', id="leading zeros"),
        pytest.param("Zoë 東京", '"Zoë 東京"', id="letters of the world"),
        pytest.param({"a": [1, None]}, '{"a": [1, null]}', id="an object"),
        pytest.param("(redacted)", "(redacted)", id="left out"),
    ],
)
def test_a_value_is_written_as_json(given: Any, expected: str) -> None:
    assert value(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("\x1b[31mred", r'"\u001b[31mred"', id="escape sequence"),
        pytest.param("\x9b31m", r'"\u{9b}31m"', id="C1 escape"),
        pytest.param("a\r\nb", r'"a\r\nb"', id="line breaks"),
        pytest.param("a\u2028b", r'"a\u{2028}b"', id="line separator"),
        pytest.param("\u202egnp.exe", r'"\u{202e}gnp.exe"', id="right to left"),
        pytest.param("a\u200bb", r'"a\u{200b}b"', id="zero width"),
        pytest.param("\U000e0041", r'"\u{e0041}"', id="tag character"),
        pytest.param("\x7f", r'"\u{7f}"', id="delete"),
        pytest.param("::set-output name=a::b", r'"\u{3a}:set-output name=a\u{3a}:b"', id="command"),
        pytest.param("##[error]x", r'"\u{23}#[error]x"', id="old command"),
        pytest.param("##vso[task]x", r'"\u{23}#vso[task]x"', id="another runner's command"),
    ],
)
def test_s23_a_value_drives_neither_terminal_nor_pipeline(given: str, expected: str) -> None:
    assert value(given) == expected


@pytest.mark.parametrize("given", ["x" * 10_000, "\x1b" * 10_000, ["y" * 10_000], "東" * 10_000])
def test_s23_a_value_is_cut_and_says_so(given: Any) -> None:
    assert len(value(given)) == COLUMNS
    assert value(given).endswith("…")


def test_a_text_of_exactly_the_columns_is_not_cut() -> None:
    assert shown("x" * COLUMNS) == "x" * COLUMNS
    assert shown("x" * (COLUMNS + 1)) == "x" * (COLUMNS - 1) + "…"


def test_an_ipv6_address_is_not_a_command() -> None:
    assert shown("http://[::1]:8080/v2") == "http://[::1]:8080/v2"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("a", "b", [("p", '"a" → "b"')], id="two texts"),
        pytest.param(None, {"x": 1}, [("p", '(none) → {"x": 1}')], id="set"),
        pytest.param({"a": 1, "b": 2}, {"a": 1, "b": 3}, [("p.b", "2 → 3")], id="inside an object"),
        pytest.param(
            [{"type": "work", "value": "a"}, {"type": "home", "value": "b"}],
            [{"type": "home", "value": "b"}, {"type": "work", "value": "c"}],
            [("p[0].value", '"a" → "c"')],
            id="inside a list, in any order",
        ),
        pytest.param(
            {"a": 1}, {"b": 1}, [("p.a", "1 → (none)"), ("p.b", "(none) → 1")], id="other names"
        ),
        pytest.param(["a"], ["a", "b"], [("p[1]", '(none) → "b"')], id="one more"),
        pytest.param([1, 1], [1], [("p", "[1, 1] → [1]")], id="nothing to word"),
        pytest.param({"a": None}, {}, [("p", '{"a": null} → {}')], id="null is absent"),
        pytest.param({"a": 1}, [1], [("p", '{"a": 1} → [1]')], id="another shape"),
    ],
)
def test_a_change_inside_a_value_is_worded(
    before: Any, after: Any, expected: list[tuple[str, str]]
) -> None:
    assert difference("p", before, after) == expected


def test_a_change_inside_a_value_is_told_in_the_same_order_every_time() -> None:
    before = dict.fromkeys("qwertyuiop", 1)
    after = dict.fromkeys("poiuytrewq", 2)

    assert [path for path, _ in difference("p", before, after)] == [
        f"p.{n}" for n in sorted("qwertyuiop")
    ]


def test_s16_a_value_too_large_to_word_is_cut_instead() -> None:
    before, after = [{"n": n} for n in range(2000)], [{"n": n + 1} for n in range(2000)]

    ((path, words),) = difference("p", before, after)

    assert path == "p"
    assert words.count("…") == 2


def test_a_hostile_name_inside_a_value_is_inert() -> None:
    ((path, _),) = difference("p", {"\x1b[2J": 1}, {"\x1b[2J": 2})

    assert path == r"p.\u{1b}[2J"
