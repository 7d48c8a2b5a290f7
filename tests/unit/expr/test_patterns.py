""".NET patterns, translated for RE2."""

import pytest

from reconciler.expr.effort import Effort
from reconciler.expr.patterns import PatternProblem, compile_pattern, compile_replacement


def found(pattern: str, text: str) -> str | None:
    match = compile_pattern(pattern).search(text, Effort())
    return None if match is None else str(match.group(0))


@pytest.mark.parametrize(
    ("pattern", "text", "match"),
    [
        pytest.param(r"(?<n>b)", "abc", "b", id="named group"),
        pytest.param(r"\(?<n>b", "<n>b", "<n>b", id="an escaped parenthesis opens no group"),
        pytest.param(r"[(?<n>]+", "(?<n>", "(?<n>", id="nor does one in a class"),
        pytest.param(r"\d+", "a३४b", "३४", id="digits of any script"),
        pytest.param(r"\D+", "12ab", "ab", id="no digits"),
        pytest.param(r"\w+", "-Zoë_9-", "Zoë_9", id="word characters of any script"),
        pytest.param(r"\W+", "Zoë -x", " -", id="no word characters"),
        pytest.param(r"\s", "a\u2003b", "\u2003", id="blanks of any width"),
        pytest.param(r"\S+", " Zoë\u00a0", "Zoë", id="no blanks"),
        pytest.param(r"[\w.]+", "<a.ë>", "a.ë", id="shorthand in a class"),
        pytest.param(r"[\W_]+", "ë_-ë", "_-", id="opposite in a class"),
        pytest.param(r"[\S]+", " ë-", "ë-", id="no blanks, in a class"),
        pytest.param(r"[\D]+", "1ë", "ë", id="no digits, in a class"),
        pytest.param(r"[\w-.]+", "!a-.!", "a-.", id="dash after a shorthand"),
        pytest.param(r"[]x]+", "a]x", "]x", id="bracket first in a class"),
        pytest.param(r"[^]]+", "]ab]", "ab", id="bracket first in a negated class"),
        pytest.param(r"[[:a]+", "a:[", "a:[", id="bracket within a class is a bracket"),
        pytest.param(r"[a[]x", "[x", "[x", id="bracket last in a class"),
        pytest.param(r"[\]]x", "]x", "]x", id="escaped bracket in a class"),
        pytest.param(r"[a-c-e]+", "b-e", "b-e", id="dash after a range"),
        pytest.param(r"\u00e6", "bæc", "æ", id="character by its code"),
        pytest.param(r"[\u00e6-\u00e8]+", "bçc", "ç", id="codes in a class"),
        pytest.param(r"\\d", r"1\d", r"\d", id="escaped backslash"),
        pytest.param("a.c", "a\nc", None, id="a point is no line break"),
    ],
)
def test_a_pattern_finds_what_dotnet_finds(pattern: str, text: str, match: str | None) -> None:
    assert found(pattern, text) == match


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        pytest.param("a(?=b)", "(?=", id="looking ahead"),
        pytest.param("(?<!a)b", "(?<!", id="looking behind"),
        pytest.param(r"(a)\1", r"\1", id="back-reference"),
        pytest.param(r"(?<n>a)\k<n>", r"\k", id="back-reference by name"),
        pytest.param("(?>a)", "(?>", id="atomic group"),
        pytest.param("[a-z-[aeiou]]", "subtracts", id="subtraction of classes"),
        pytest.param(r"a\Z", r"\Z is not supported", id="end before a line break"),
        pytest.param(r"\Qa.b\E", r"\Q is not supported", id="quoting"),
        pytest.param(r"\C", r"\C is not supported", id="single byte"),
        pytest.param("a{2000}", "repetition size", id="too many repetitions"),
        pytest.param("a" * 513, "longer than 512", id="too long"),
        pytest.param(r"\w{44}", "too costly", id="too costly"),
        pytest.param(r"\w{999}", "too costly", id="too costly to be tried"),
        pytest.param("(a", "missing )", id="unbalanced"),
        pytest.param("a\\", "trailing \\", id="backslash at the end"),
        pytest.param("\ud800", "half a character", id="lone surrogate"),
    ],
)
def test_what_re2_cannot_do_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(PatternProblem) as caught:
        compile_pattern(pattern)

    assert reason in str(caught.value)


def test_groups_are_numbered_as_in_dotnet() -> None:
    pattern = compile_pattern("(?<n>a)(b)(?<m>c)(d)")

    assert [pattern.group(name) for name in ("0", "1", "2", "3", "4", "5")] == [0, 2, 4, 1, 3, None]
    assert [pattern.group(name) for name in ("n", "m", "x", "")] == [1, 3, None, None]


def test_a_number_is_no_group_however_long() -> None:
    pattern = compile_pattern("(a)")

    assert pattern.group("9" * 5000) is None
    assert pattern.group("²") is None


def test_a_replacement_without_references_is_itself() -> None:
    pattern = compile_pattern("b")

    assert pattern.replace("abc", 0, compile_replacement("x", pattern), Effort()) == "axc"


def test_a_group_that_a_replacement_names_and_that_is_missing_is_refused() -> None:
    with pytest.raises(PatternProblem, match='no group "x"') as caught:
        compile_replacement("${x}", compile_pattern("(?<n>b)"))

    assert caught.value.hint.startswith("its named groups are n")
