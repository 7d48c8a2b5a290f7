"""Functions that make text of text: nulls, empties, lists, numbers, other alphabets."""

from decimal import Decimal

import pytest

from reconciler.expr import (
    EvaluationError,
    ExpressionError,
    RoleGrant,
    Value,
    compile_expression,
    parse,
)


def value_of(expression: str, **attributes: Value) -> Value:
    return compile_expression(parse(expression))(attributes)


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param('Append("SMTP:", [a])', {"a": "x@y"}, "SMTP:x@y", id="constant first"),
        pytest.param('Append([a], "x")', {}, None, id="null source"),
        pytest.param('Append([a], "x")', {"a": ""}, "x", id="empty source"),
        pytest.param("Append([a], [b])", {"a": "x"}, "x", id="null suffix"),
        pytest.param("Append([a], 7)", {"a": "00"}, "007", id="number"),
        pytest.param('Append([a], "")', {"a": "Zoë"}, "Zoë", id="empty suffix"),
        pytest.param('Append([a], "!")', {"a": ("x",)}, "x!", id="list of one"),
        pytest.param('Append([a], "!")', {"a": ()}, None, id="empty list"),
        pytest.param('Append([a], "!")', {"a": RoleGrant("v", "n")}, "v!", id="role"),
    ],
)
def test_append(expression: str, attributes: dict[str, Value], expected: Value) -> None:
    assert value_of(expression, **attributes) == expected


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param('Join(" ", [a], [b])', {"a": "1", "b": "2"}, "1 2", id="two"),
        pytest.param('Join(" ", [a], [b])', {"b": "2"}, "2", id="null left out"),
        pytest.param('Join(" ", [a], [b])', {"a": "", "b": "2"}, "2", id="empty left out"),
        pytest.param('Join(" ", [a], [b])', {}, "", id="nothing at all"),
        pytest.param('Join(" ", [a], , [b])', {"a": "1", "b": "2"}, "1 2", id="argument empty"),
        pytest.param('Join("", [a], [b])', {"a": "1", "b": "2"}, "12", id="empty separator"),
        pytest.param("Join([s], [a], [b])", {"a": "1", "b": "2", "s": "-"}, "1-2", id="read"),
        pytest.param("Join([s], [a], [b])", {"a": "1", "b": "2"}, "12", id="null separator"),
        pytest.param('Join(",", [a])', {"a": ("1", "2")}, "1,2", id="list"),
        pytest.param(
            'Join(",", [a], "x")', {"a": ("1", ("", "2"), None)}, "1,2,x", id="list laid out"
        ),
        pytest.param('Join(",", [a], 0)', {"a": "1"}, "1,0", id="zero counts"),
        pytest.param('Join(",", [a], [b])', {"a": 5, "b": Decimal("0.5")}, "5,0.5", id="numbers"),
        pytest.param('Join(",", [a])', {"a": RoleGrant("v", "n")}, "v", id="role"),
        pytest.param('Join(",", [a])', {"a": (("",),)}, "", id="list of nothing"),
        pytest.param(
            f'Join(",", {", ".join(["[a]"] * 12)})', {"a": "x"}, ",".join("x" * 12), id="many"
        ),
    ],
)
def test_join(expression: str, attributes: dict[str, Value], expected: Value) -> None:
    assert value_of(expression, **attributes) == expected


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param("Left([a], 3)", {"a": "Zoë Å"}, "Zoë", id="beyond ASCII"),
        pytest.param("Left([a], 99)", {"a": "ab"}, "ab", id="longer than the text"),
        pytest.param("Left([a], 0)", {"a": "ab"}, "", id="none"),
        pytest.param("Left([a], -5)", {"a": "ab"}, "ab", id="below zero is all"),
        pytest.param("Left([a], 3)", {}, "", id="null is empty text"),
        pytest.param("Left([a], 3)", {"a": ""}, "", id="empty"),
        pytest.param("Left([a], -1)", {}, "", id="all of null is empty text"),
        pytest.param("Left([a], 1)", {"a": ("ab",)}, "a", id="list of one"),
        pytest.param("Left([a], [n])", {"a": "abc", "n": "2"}, "ab", id="number as text"),
        pytest.param('Left([a], "2")', {"a": "abc"}, "ab", id="constant number as text"),
        pytest.param("Left([a], 2.0)", {"a": "abc"}, "ab", id="whole decimal"),
        pytest.param("Left(42568, 2)", {}, "42", id="of a number"),
        pytest.param("Left([a], 1)", {"a": "😀x"}, "😀", id="a character is not cut"),
    ],
)
def test_left(expression: str, attributes: dict[str, Value], expected: Value) -> None:
    assert value_of(expression, **attributes) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("John Doe", 8, id="text"),
        pytest.param(None, 0, id="null"),
        pytest.param("", 0, id="empty"),
        pytest.param(42568, 5, id="number"),
        pytest.param(Decimal("42568.75"), 8, id="decimal"),
        pytest.param(-7, 2, id="negative number"),
        pytest.param("Zoë", 3, id="beyond ASCII"),
        pytest.param("😀", 1, id="beyond the basic plane"),
    ],
)
def test_len(value: Value, expected: int) -> None:
    assert value_of("Len([a])", a=value) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("Len(42568)", 5), ("Len(42568.75)", 8), ("Len(-0.50)", 5), ("Len(&HFF)", 3), ('Len("")', 0)],
)
def test_len_of_a_number_is_that_of_its_text(expression: str, expected: int) -> None:
    assert value_of(expression) == expected


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param("Mid([a], 2, 2)", {"a": "abcd"}, "bc", id="middle"),
        pytest.param("Mid([a], 3, 99)", {"a": "abcd"}, "cd", id="cut at the end"),
        pytest.param("Mid([a], 9, 1)", {"a": "abcd"}, "", id="past the end"),
        pytest.param("Mid([a], 1, 0)", {"a": "abcd"}, "", id="no length"),
        pytest.param("Mid([a], 1, 2)", {}, None, id="null"),
        pytest.param("Mid([a], 1, 2)", {"a": ""}, "", id="empty"),
        pytest.param("Mid([a], 1, 4)", {"a": "abcd"}, "abcd", id="all of it"),
        pytest.param("Mid([a], 4, 1)", {"a": "abcd"}, "d", id="the last"),
        pytest.param("Mid([a], 5, 1)", {"a": "abcd"}, "", id="just past the end"),
        pytest.param("Mid([a], 2, 2)", {"a": "aø😀b"}, "ø😀", id="beyond ASCII"),
        pytest.param("Mid([a], 2, 2)", {"a": ("abcd",)}, "bc", id="list of one"),
        pytest.param("Mid([a], 2, 2)", {"a": 42568}, "25", id="of a number"),
        pytest.param("Mid([a], [n], [n])", {"a": "abcd", "n": "2"}, "bc", id="numbers read"),
    ],
)
def test_mid(expression: str, attributes: dict[str, Value], expected: Value) -> None:
    assert value_of(expression, **attributes) == expected


@pytest.mark.parametrize(
    ("expression", "column"),
    [
        pytest.param('Left([a], "x")', 11, id="no number"),
        pytest.param("Left([a], 1.5)", 11, id="no whole number"),
        pytest.param("Mid([a], 0, 1)", 10, id="positions start at 1"),
        pytest.param("Mid([a], 1, -1)", 13, id="no length below zero"),
    ],
)
def test_a_constant_that_is_no_such_number_is_found_when_parsing(
    expression: str, column: int
) -> None:
    with pytest.raises(ExpressionError, match="is not a whole number") as caught:
        parse(expression)

    assert caught.value.column == column


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        pytest.param('Left([a], "x")', "argument 2 is not a whole number", id="any"),
        pytest.param("Mid([a], 0, 1)", "argument 2 is not a whole number from 1 up", id="above"),
        pytest.param("Mid([a], 1, -1)", "argument 3 is not a whole number from 0 up", id="zero"),
    ],
)
def test_the_message_says_which_number_is_wanted(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(expression)

    assert caught.value.message.partition(": ")[2] == message


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(None, id="null"),
        pytest.param("x", id="text"),
        pytest.param("0", id="below the first position"),
        pytest.param(Decimal("NaN"), id="not a number"),
        pytest.param(Decimal("1E+999999"), id="absurd"),
    ],
)
def test_a_value_that_is_no_such_number_is_an_evaluation_error(number: Value) -> None:
    with pytest.raises(EvaluationError, match=r"argument 2, \[n\], is not a whole number"):
        value_of("Mid([a], [n], 1)", a="abc", n=number)


ROWS = """
a äàâãåáąăā
ae æǣ
c çčć
d ďḏ
e ëèéêęěėē
g ğḡ
i ïîìíıī
l ľłḹḻ
n ñńňṉ
o öòőõôóōǭȭȱ
oe øœ̄ø̄
r řṟṝ
s śšșşṡ
t ťțṯ
u üùûúůűūǖṻ
y ÿýȳ
z źžẕ
A ÄÀÂÃÅÁĄĂĀ
AE ÆǢ
C ÇČĆ
D ĎḎ
E ËÈÉÊĘĚĖĒ
G ĞḠ
I ÏÎÌÍİĪ
L ĽŁḸḺ
N ÑŃŇṈ
O ÖÒŐÕÔÓŌǬȬȰ
OE ØŒ̄Ø̄
R ŘṞṜ
S ŠŚȘŞṠ
T ŤȚṮ
U ÜÙÛÚŮŰŪǕṺ
Y ŸÝȲ
Z ŹŽẔ
""".strip().splitlines()


@pytest.mark.parametrize("row", ROWS)
def test_normalize_diacritics_follows_the_table_of_entra(row: str) -> None:
    plain, _, marked = row.partition(" ")
    letters = sum(character.isalpha() for character in marked)

    assert value_of("NormalizeDiacritics([a])", a=marked) == plain * letters


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Straße", "Strasse", id="sharp s"),
        pytest.param("STRAẞE", "STRAẞE", id="the capital one is not in the table"),
        pytest.param("Zoe\u0308", "Zoe", id="letter and mark apart"),
        pytest.param("plain", "plain", id="ASCII"),
        pytest.param("đþð", "đþð", id="not in the table"),
        pytest.param("Андрей Ёлкин", "Андрей Ёлкин", id="Cyrillic stays"),
        pytest.param("Ελένη", "Ελένη", id="Greek stays"),
        pytest.param("한국어", "한국어", id="Korean stays whole"),
        pytest.param("\u0308a", "\u0308a", id="a mark on nothing stays"),
        pytest.param("a\u0300b\u036f", "ab", id="the first mark and the last"),
        pytest.param("\u271d\u0301", "\u271d\u0301", id="a Latin cross is no letter"),
        pytest.param(("Zoë",), "Zoe", id="list of one"),
        pytest.param("", "", id="empty"),
        pytest.param(None, None, id="null"),
    ],
)
def test_normalize_diacritics(value: Value, expected: Value) -> None:
    assert value_of("NormalizeDiacritics([a])", a=value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("a,b", ("a", "b"), id="two"),
        pytest.param("One, Two", ("One", " Two"), id="blanks are kept, as .NET does it"),
        pytest.param("a,,b,", ("a", "", "b", ""), id="empty parts are kept"),
        pytest.param("abc", ("abc",), id="no delimiter in it"),
        pytest.param(",", ("", ""), id="nothing but the delimiter"),
        pytest.param("Åse,Bjørn", ("Åse", "Bjørn"), id="beyond ASCII"),
        pytest.param(("a,b",), ("a", "b"), id="list of one"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="null"),
    ],
)
def test_split(value: Value, expected: Value) -> None:
    assert value_of('Split([a], ",")', a=value) == expected


def test_split_takes_a_delimiter_of_several_characters() -> None:
    assert value_of("Split([a], [d])", a="a; b; c", d="; ") == ("a", "b", "c")


def test_split_refuses_an_empty_delimiter() -> None:
    with pytest.raises(ExpressionError, match="the delimiter is empty") as caught:
        parse('Split([a], "")')
    assert caught.value.column == 12
    with pytest.raises(EvaluationError, match="the delimiter is empty"):
        value_of("Split([a], [d])", a="x")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(" John  Doe ", "JohnDoe", id="everywhere"),
        pytest.param("a\tb\u00a0c", "a\tb\u00a0c", id="spaces only"),
        pytest.param("", "", id="empty"),
        pytest.param(None, None, id="null"),
        pytest.param(("a b",), "ab", id="list of one"),
    ],
)
def test_strip_spaces(value: Value, expected: Value) -> None:
    assert value_of("StripSpaces([a])", a=value) == expected


@pytest.mark.parametrize(
    ("value", "lower", "upper"),
    [
        pytest.param("Ada", "ada", "ADA", id="ASCII"),
        pytest.param("Øystein Ünal", "øystein ünal", "ØYSTEIN ÜNAL", id="Latin"),
        pytest.param("straße", "straße", "STRAßE", id="sharp s stays"),
        pytest.param("I\u0130", "i\u0130", "I\u0130", id="dotted I stays"),
        pytest.param("i\u0131", "i\u0131", "I\u0131", id="dotless i stays"),
        pytest.param("ΟΔΟΣ", "οδοσ", "ΟΔΟΣ", id="no final sigma"),
        pytest.param("ŉﬁ", "ŉﬁ", "ŉﬁ", id="no single capital"),
        pytest.param("ᾳ", "ᾳ", "ᾼ", id="capital with its iota"),
        pytest.param("", "", "", id="empty"),
        pytest.param(None, None, None, id="null"),
        pytest.param(7, "7", "7", id="number"),
    ],
)
def test_upper_and_lower_case_are_invariant(value: Value, lower: Value, upper: Value) -> None:
    assert value_of("ToLower([a])", a=value) == lower
    assert value_of("ToUpper([a], )", a=value) == upper


@pytest.mark.parametrize("culture", ["", "en-US", "de", "zh-Hans-CN", "el-GR"])
def test_a_culture_that_makes_no_difference_is_accepted(culture: str) -> None:
    assert value_of(f'ToUpper([a], "{culture}")', a="i") == "I"
    assert value_of("ToUpper([a], [c])", a="i", c=culture) == "I"


def test_a_culture_that_is_null_is_the_invariant_one() -> None:
    assert value_of("ToUpper([a], [c])", a="i") == "I"
    assert value_of("ToUpper([a], [c])", a="i", c=()) == "I"


@pytest.mark.parametrize(
    ("culture", "message"),
    [
        pytest.param("tr-TR", "has its own upper and lower case", id="Turkish"),
        pytest.param("TR", "has its own upper and lower case", id="in capitals"),
        pytest.param("az-Latn-AZ", "has its own upper and lower case", id="Azerbaijani"),
        pytest.param("lt", "has its own upper and lower case", id="Lithuanian"),
        pytest.param("no such thing", "is not the name of a culture", id="no culture"),
    ],
)
def test_a_culture_that_makes_a_difference_is_refused(culture: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message) as caught:
        parse(f'ToLower([a], "{culture}")')
    assert caught.value.column == 14
    with pytest.raises(EvaluationError, match=message):
        value_of("ToLower([a], [c])", a="x", c=culture)


@pytest.mark.parametrize(
    "call",
    [
        'Append([a], "x")',
        "Left([a], 1)",
        "Len([a])",
        "Mid([a], 1, 1)",
        "NormalizeDiacritics([a])",
        "Not([a])",
        'Replace([a], "b", , , "c")',
        'Split([a], ",")',
        "StripSpaces([a])",
        "ToLower([a])",
        "ToUpper(Coalesce([a]))",
    ],
)
def test_a_function_of_one_text_names_itself_when_given_several(call: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(call, a=("b", "c"))

    name = call.partition("(")[0]
    assert caught.value.message == (
        f"{name} takes one value and was given a list of 2; Join makes it one text"
    )
