""".NET patterns, translated for RE2."""

import unicodedata

import pytest

from reconciler.expr.effort import Effort
from reconciler.expr.patterns import PatternProblem, compile_pattern, compile_replacement

DOTNET = {
    "d": {"Nd"},
    "w": {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Nd", "Pc"},
    "s": {"Zs", "Zl", "Zp"},
}
"""The Unicode categories of .NET's shorthands, as its documentation lists them."""

SAMPLES = (
    "\x01\t\n\v\f\r\x85\x1f !'(-._/^+$09Aaz\xa0\xab\xad\xb2\xbb\xdf\u01c5\u02b0\u0301\u0660\u0903"
    "\u1680\u1681\u2000\u200a\u200b\u2028\u2029\u202f\u203f\u2040\u205f\u2060\u20ac\u20dd\u2160\u2167"
    "\u2c60\u3000\u3001\u4e2d\ue000\U0001d7ce\U0001f600"
)
"""Characters of every category, and those beside the blanks."""


def found(pattern: str, text: str) -> str | None:
    match = compile_pattern(pattern).search(text, Effort())
    return None if match is None else str(match.group(0))


@pytest.mark.parametrize(
    ("pattern", "text", "match"),
    [
        pytest.param(r"(?<n>b)", "abc", "b", id="named group"),
        pytest.param(r"(?<n>a)\(?<n>|b", "b", "b", id="nor does an escaped one name a group"),
        pytest.param("(?<ñ>b)", "abc", "b", id="named group, beyond ASCII"),
        pytest.param(r"\(?<n>b", "<n>b", "<n>b", id="an escaped parenthesis opens no group"),
        pytest.param(r"[(?<n>]+", "(?<n>", "(?<n>", id="nor does one in a class"),
        pytest.param(r"\d+", "a३४b", "३४", id="digits of any script"),
        pytest.param(r"\D+", "12ab", "ab", id="no digits"),
        pytest.param(r"\D+", "३ab", "ab", id="no digits of any script"),
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


@pytest.mark.parametrize("shorthand", ["d", "w", "s"])
def test_a_shorthand_and_its_opposite_are_all_there_is(shorthand: str) -> None:
    is_one, is_none = compile_pattern(f"\\{shorthand}"), compile_pattern(f"\\{shorthand.upper()}")
    one_of, none_of = (
        compile_pattern(f"[\\{shorthand}]"),
        compile_pattern(f"[\\{shorthand.upper()}]"),
    )

    for character in SAMPLES:
        patterns = (is_one, is_none, one_of, none_of)
        matches = [bool(pattern.search(character, Effort())) for pattern in patterns]
        expected = unicodedata.category(character) in DOTNET[shorthand]
        expected = expected or (shorthand == "s" and character in "\t\n\v\f\r\x85")
        assert matches == [expected, not expected] * 2, repr(character)


def test_the_opposite_of_a_shorthand_finds_what_unicode_has_not_assigned_yet() -> None:
    assert found(r"\W", "\U0010fffe") == "\U0010fffe"
    assert found(r"[^\w]", "\U0010fffe") == "\U0010fffe"


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
        pytest.param("(?<n>a)|(?<n>b)", 'two groups called "n"', id="one name for two groups"),
        pytest.param("(?<ñ>a)(?<ñ>b)", 'two groups called "ñ"', id="a name beyond ASCII"),
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
