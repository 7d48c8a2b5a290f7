"""Functions that look into text: positions, words, capitals, blanks."""

import unicodedata

import pytest

from reconciler.expr import EvaluationError, ExpressionError, Value, compile_expression, parse


def value_of(expression: str, **attributes: Value) -> Value:
    return compile_expression(parse(expression))(attributes)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param('InStr("abcabc", "c")', 3, id="first one"),
        pytest.param('InStr("abcabc", "c", 4)', 6, id="from a position on"),
        pytest.param('InStr("abcabc", "C")', 0, id="case counts"),
        pytest.param('InStr("abcabc", "C", , vbTextCompare)', 3, id="unless it does not"),
        pytest.param('InStr("abcabc", "C", 4, "vbTextCompare")', 6, id="word as text"),
        pytest.param('InStr("Øl og øl", "øL", 2, vbTextCompare)', 7, id="beyond ASCII"),
        pytest.param('InStr("straße", "SS", 1, vbTextCompare)', 0, id="letter for letter"),
        pytest.param('InStr("abc", "x")', 0, id="not in it"),
        pytest.param('InStr("abc", "")', 1, id="empty text is at the start"),
        pytest.param('InStr("abc", "", 3)', 3, id="of the search"),
        pytest.param('InStr("abc", "", 4)', 0, id="but not past the end"),
        pytest.param('InStr("", "a")', 0, id="nothing to look in"),
        pytest.param('InStr([null], "a")', 0, id="null"),
        pytest.param('InStr("abc", [null])', 0, id="null to look for"),
        pytest.param("InStr(2026, 26)", 3, id="numbers by their text"),
        pytest.param('InStr("a😀b", "b")', 3, id="characters are counted"),
        pytest.param('InStr("\u0130a", "A", 1, vbTextCompare)', 2, id="also of letters that grow"),
    ],
)
def test_in_str(expression: str, expected: int) -> None:
    assert value_of(expression) == expected


@pytest.mark.parametrize(
    ("expression", "column", "message"),
    [
        pytest.param('InStr([a], "b", 0)', 17, "argument 3 is not a whole", id="start below one"),
        pytest.param('InStr([a], "b", 1, "case")', 20, "not a way to compare", id="unknown word"),
        pytest.param('InStr([a], "b", 1, 1)', 20, "not a way to compare", id="number"),
        pytest.param('InStr([a], "b", 1, [c])', 20, "not a way to compare", id="not constant"),
    ],
)
def test_a_mistake_in_in_str_is_found_when_parsing(
    expression: str, column: int, message: str
) -> None:
    with pytest.raises(ExpressionError, match=message) as caught:
        parse(expression)

    assert caught.value.column == column


@pytest.mark.parametrize("start", [None, "0", "x"])
def test_a_start_that_is_none_is_an_evaluation_error(start: Value) -> None:
    with pytest.raises(EvaluationError, match="InStr: argument 3"):
        value_of('InStr("abc", "b", [s])', s=start)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("ADA LOVELACE", "Ada Lovelace", id="blanks"),
        pytest.param("ada\tb\nc", "Ada\tB\nC", id="controls"),
        pytest.param("jean-luc_b.c/d&e", "Jean-Luc_B.C/D&E", id="punctuation"),
        pytest.param("(sales) «nord» {x}", "(Sales) «Nord» {X}", id="brackets and quotes"),
        pytest.param("a+b€c^d©e", "A+B€C^D©E", id="symbols"),
        pytest.param("O'NEIL", "O'neil", id="apostrophe is none, as in .NET"),
        pytest.param("2nd 3RD", "2Nd 3Rd", id="a word begins with its first letter"),
        pytest.param("a1b2", "A1b2", id="digits end no word"),
        pytest.param("ØYSTEIN ÅS ÉCOLE", "Øystein Ås École", id="beyond ASCII"),
        pytest.param("ǆUNGLA straße", "ǅungla Straße", id="digraph"),
        pytest.param("ßa ŉb \u0131c", "ßa ŉb \u0131c", id="letters without one capital"),
        pytest.param("", "", id="empty"),
        pytest.param(None, None, id="null"),
        pytest.param(("ada",), "Ada", id="list of one"),
    ],
)
def test_pcase_by_the_separators_of_dotnet(value: Value, expected: Value) -> None:
    assert value_of("PCase([a])", a=value) == expected


@pytest.mark.parametrize("mark", " \u2028\u2029\t\u200b_-([)]«“»”/!+€^©")
def test_a_word_ends_at_each_category_that_entra_lists(mark: str) -> None:
    assert value_of("PCase([a])", a=f"ab{mark}cd") == f"Ab{mark}Cd"


@pytest.mark.parametrize("mark", "'1\u0301\u0903²\u3007\ue000")
def test_no_word_ends_at_an_apostrophe_a_mark_or_a_number(mark: str) -> None:
    assert value_of("PCase([a])", a=f"ab{mark}cd") == f"Ab{mark}cd"


@pytest.mark.parametrize(
    ("separators", "expected"),
    [
        pytest.param(" '", "O'Neil-smith Jr", id="only those"),
        pytest.param("-", "O'neil-Smith jr", id="not even blanks"),
        pytest.param("", "O'neil-Smith Jr", id="none named"),
        pytest.param(None, "O'neil-Smith Jr", id="null"),
    ],
)
def test_pcase_by_separators_of_its_own(separators: Value, expected: str) -> None:
    assert value_of("PCase([a], [s])", a="O'NEIL-SMITH JR", s=separators) == expected


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param('Prepend("SMTP:", [a])', {"a": "ø@x"}, "SMTP:ø@x", id="prefix"),
        pytest.param('Prepend("SMTP:", [a])', {}, None, id="null source"),
        pytest.param('Prepend("SMTP:", [a])', {"a": ""}, "SMTP:", id="empty source"),
        pytest.param("Prepend([p], [a])", {"a": "x"}, "x", id="null prefix"),
        pytest.param("Prepend(0, [a])", {"a": 7}, "07", id="numbers"),
        pytest.param('Prepend("a", [a])', {"a": ("b",)}, "ab", id="list of one"),
    ],
)
def test_prepend(expression: str, attributes: dict[str, Value], expected: Value) -> None:
    assert value_of(expression, **attributes) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("  a b ", "a b", id="inside stays"),
        pytest.param("\r\n\ta\u00a0\u2003\u3000", "a", id="all kinds of white space"),
        pytest.param("\u200bZoë\u200b", "\u200bZoë\u200b", id="a zero width space is none"),
        pytest.param("\x1fa\x1f", "\x1fa\x1f", id="nor is a control that breaks no line"),
        pytest.param("   ", "", id="blanks alone"),
        pytest.param("", "", id="empty"),
        pytest.param(None, None, id="null"),
        pytest.param(7, "7", id="number"),
    ],
)
def test_trim(value: Value, expected: Value) -> None:
    assert value_of("Trim([a])", a=value) == expected


def test_trim_takes_off_what_dotnet_calls_white_space_and_nothing_else() -> None:
    evaluate = compile_expression(parse("Trim([a])"))
    characters = map(chr, range(0x3100))

    taken_off = {character for character in characters if evaluate({"a": character}) == ""}

    separators = {chr(at) for at in range(0x3100) if unicodedata.category(chr(at))[0] == "Z"}
    assert taken_off == separators | {*"\t\n\v\f\r\x85"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param('Word("The quick brown fox", 1, " ")', "The", id="first"),
        pytest.param('Word("The quick brown fox", 4, " ")', "fox", id="last"),
        pytest.param('Word("The quick brown fox", 5, " ")', "", id="too few"),
        pytest.param('Word("The quick brown fox", 0, " ")', "", id="zero"),
        pytest.param('Word("The quick brown fox", -1, " ")', "", id="below zero"),
        pytest.param('Word("a,b;c", 3, ";,")', "c", id="any delimiter"),
        pytest.param('Word("a  b", 2, " ")', "b", id="no empty words"),
        pytest.param('Word(" a", 1, " ")', "a", id="blank before"),
        pytest.param('Word("fox", 1, " ")', "", id="no delimiter in it"),
        pytest.param('Word("a b", 1, "")', "", id="no delimiter at all"),
        pytest.param('Word("a b", 1, [null])', "", id="null delimiters"),
        pytest.param('Word([null], 1, " ")', "", id="null"),
        pytest.param('Word("", 1, " ")', "", id="empty"),
        pytest.param('Word("åse–bjørn", 2, "–")', "bjørn", id="beyond ASCII"),
    ],
)
def test_word(expression: str, expected: str) -> None:
    assert value_of(expression) == expected


def test_word_needs_a_whole_number() -> None:
    with pytest.raises(ExpressionError, match="argument 2 is not a whole number") as caught:
        parse('Word([a], "x", " ")')
    assert caught.value.column == 11
    with pytest.raises(EvaluationError, match=r"Word: argument 2, \[n\]"):
        value_of('Word("a b", [n], " ")')


@pytest.mark.parametrize(
    "call",
    ['InStr([a], "b")', "PCase([a])", 'Prepend("x", [a])', "Trim([a])", 'Word([a], 1, " ")'],
)
def test_a_function_of_one_text_names_itself_when_given_several(call: str) -> None:
    name = call.partition("(")[0]

    with pytest.raises(EvaluationError, match=f"{name} takes one value and was given a list of 2"):
        value_of(call, a=("b", "c"))
