"""The words of the language: escapes, names, numbers, and the column of each."""

from decimal import Decimal

import pytest

from reconciler.expr.errors import Caution, ExpressionError
from reconciler.expr.tokens import tokenize


def words(text: str) -> list[tuple[str, object]]:
    return [(token.kind, token.value) for token in tokenize(text, [])]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        pytest.param('"United States"', "text", "United States", id="text"),
        pytest.param('""', "text", "", id="empty text"),
        pytest.param(r'"Company: \"Contoso\""', "text", 'Company: "Contoso"', id="escaped quote"),
        pytest.param(r'"a\\b"', "text", r"a\b", id="escaped backslash"),
        pytest.param(r'"\\+(?<x>\\d* )"', "text", r"\+(?<x>\d* )", id="pattern as Entra has it"),
        pytest.param(r'"\d+"', "text", r"\d+", id="single backslash is kept"),
        pytest.param(r'"C:\temp"', "text", r"C:\temp", id="no escape for a tab"),
        pytest.param('"line\nbreak"', "text", "line\nbreak", id="line break inside text"),
        pytest.param('"Zoë 한국"', "text", "Zoë 한국", id="beyond ASCII"),
        pytest.param("[mail]", "attribute", "mail", id="attribute"),
        pytest.param("[ mail ]", "attribute", "mail", id="blanks around a name"),
        pytest.param("[extension_9a_x-y.z]", "attribute", "extension_9a_x-y.z", id="punctuation"),
        pytest.param(
            "[urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department]",
            "attribute",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            id="URN",
        ),
        pytest.param("[Straße 2]", "attribute", "Straße 2", id="column of a spreadsheet"),
        pytest.param("7", "number", 7, id="integer"),
        pytest.param("-10", "number", -10, id="negative"),
        pytest.param("42568.75", "number", Decimal("42568.75"), id="decimal"),
        pytest.param("-0.5", "number", Decimal("-0.5"), id="negative decimal"),
        pytest.param("9" * 28, "number", int("9" * 28), id="longest integer"),
        pytest.param("&HF7", "number", 0xF7, id="hexadecimal"),
        pytest.param("&hff", "number", 0xFF, id="hexadecimal in lower case"),
        pytest.param("&HFFFFFFFFFFFFFFFF", "number", 2**64 - 1, id="longest hexadecimal"),
        pytest.param("vbTextCompare", "name", "vbTextCompare", id="word"),
        pytest.param("<>", "operator", "<>", id="unequal"),
        pytest.param(">=", "operator", ">=", id="at least"),
        pytest.param("<=", "operator", "<=", id="at most"),
        pytest.param("&", "&", "&", id="ampersand"),
    ],
)
def test_a_token_has_its_value(text: str, kind: str, value: object) -> None:
    assert words(text) == [(kind, value), ("end", "")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param('"a"&"b"', ["a", "&", "b"], id="without blanks"),
        pytest.param("[a]&[b]", ["a", "&", "b"], id="attributes"),
        pytest.param("[a] & &HF", ["a", "&", 15], id="a hexadecimal number after it"),
        pytest.param("[a]&HF", ["a", 15], id="a hexadecimal number and nothing else"),
        pytest.param("[a]&H", ["a", "&", "H"], id="a name of one letter"),
        pytest.param("[a] &&", ["a", "&", "&"], id="twice"),
    ],
)
def test_an_ampersand_is_an_operator_unless_a_hexadecimal_number_begins_with_it(
    text: str, found: list[object]
) -> None:
    assert [value for _, value in words(text)[:-1]] == found


def test_columns_count_from_one_over_the_whole_text_and_blanks_do_not_matter() -> None:
    tokens = list(tokenize('Join(\n\t"," ,\u00a0[a]\r\n)', []))

    assert [(token.value, token.column) for token in tokens] == [
        ("Join", 1),
        ("(", 5),
        (",", 8),
        (",", 12),
        ("a", 14),
        (")", 19),
        ("", 20),
    ]


def test_numbers_have_their_columns() -> None:
    tokens = list(tokenize(" &HFF -1.5 7", []))

    assert [(token.value, token.column) for token in tokens[:-1]] == [
        (255, 2),
        (Decimal("-1.5"), 7),
        (7, 12),
    ]


def test_a_single_backslash_is_kept_and_earns_a_warning_at_its_place() -> None:
    cautions: list[Caution] = []

    list(tokenize(r'"ab\s\\"', cautions))

    assert [caution.column for caution in cautions] == [4]
    assert r"write \\s" in cautions[0].hint


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        pytest.param('("abc', 2, "not closed", 'close it with "', id="text not closed"),
        pytest.param(r'"abc\"', 1, "not closed", r"written \"", id="closing quote escaped"),
        pytest.param('"abc\\', 1, "not closed", 'close it with "', id="ends in a backslash"),
        pytest.param("  [mail", 3, "not closed", "close it with ]", id="bracket not closed"),
        pytest.param("[given, [x]", 1, "not closed", "close it with ]", id="closed too late"),
        pytest.param("[]", 1, "is empty", "name a source attribute", id="no name"),
        pytest.param("[ ]", 1, "is empty", "name a source attribute", id="blank name"),
        pytest.param(f"[{'n' * 257}]", 1, "longer than 256", "name a source", id="long name"),
        pytest.param("'a'", 1, "unexpected", "double quotes", id="single quotes"),
        pytest.param("\u201ca\u201d", 1, "unexpected", "straight quotes", id="curly quotes"),
        pytest.param('"a" + "b"', 5, "unexpected", "&, Append or Join", id="plus"),
        pytest.param("[a] - [b]", 5, "unexpected", "no subtraction", id="minus"),
        pytest.param("[a] == [b]", 5, "unexpected", "one =", id="double equals"),
        pytest.param("[a] != [b]", 5, "unexpected", "<>", id="exclamation mark"),
        pytest.param("[a]; [b]", 4, "unexpected", "commas", id="semicolon"),
        pytest.param("a]", 2, "unexpected", "[name]", id="stray bracket"),
        pytest.param("größe", 3, "unexpected", "quotes", id="letter beyond ASCII"),
        pytest.param("{a}", 1, "unexpected", "Function(…)", id="brace"),
        pytest.param("a \u200bb", 3, "\\u{200b}", "invisible", id="zero width space"),
        pytest.param("12ab", 1, "not a number", "quotes", id="digits and letters"),
        pytest.param("1.2.3", 1, "not a number", "1.5", id="version"),
        pytest.param("7.", 1, "not a number", "1.5", id="trailing point"),
        pytest.param("9" * 29, 1, "not a number", "28 digits", id="too many digits"),
        pytest.param("&HXY", 1, "unexpected", "&HF", id="no hexadecimal digits"),
        pytest.param(f"&H{'F' * 17}", 1, "unexpected", "&HF", id="more than 64 bits"),
    ],
)
def test_what_is_no_token_is_named_with_its_column_and_a_hint(
    text: str, column: int, message: str, hint: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        words(text)

    assert caught.value.column == column
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_tokens_come_one_by_one_so_that_the_first_mistake_is_reported() -> None:
    tokens = tokenize('Append("a" ;', [])

    assert next(tokens).value == "Append"
