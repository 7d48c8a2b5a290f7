"""Bytes of text, and the forms that directories keep."""

import base64

import pytest

from reconciler.expr import EvaluationError, ExpressionError, Value, compile_expression, parse

BUILTIN = bytes([1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0])
"""The administrators of a machine."""


def value_of(expression: str, **attributes: Value) -> Value:
    return compile_expression(parse(expression))(attributes)


@pytest.mark.parametrize(
    ("value", "encoded", "digits"),
    [
        pytest.param("A", "QQA=", "41", id="one letter"),
        pytest.param("Zoë", "WgBvAOsA", "5A6FC3AB", id="beyond ASCII"),
        pytest.param("😀", "PdgA3g==", "F09F9880", id="beyond the basic plane"),
        pytest.param(7, "NwA=", "37", id="number"),
        pytest.param(("A",), "QQA=", "41", id="list of one"),
        pytest.param("", "", "", id="empty"),
        pytest.param(None, None, None, id="null"),
        pytest.param((), None, None, id="empty list"),
    ],
)
def test_text_as_base64_and_as_hexadecimal(value: Value, encoded: Value, digits: Value) -> None:
    assert value_of("ConvertToBase64([a])", a=value) == encoded
    assert value_of("ConvertToUTF8Hex([a])", a=value) == digits


def test_half_a_character_has_bytes_in_utf_16_and_none_in_utf_8() -> None:
    assert value_of("ConvertToBase64([a])", a="\ud83d") == "Pdg="
    with pytest.raises(EvaluationError, match="ConvertToUTF8Hex: the text holds half a character"):
        value_of("ConvertToUTF8Hex([a])", a="\ud83d")


@pytest.mark.parametrize(
    "expression",
    ["ConvertToBase64([a])", "ConvertToUTF8Hex([a])", "ConvertFromBase64([b], UTF8)"],
)
def test_what_becomes_too_long_is_refused(expression: str) -> None:
    long = base64.b64encode(b"x" * 65_537).decode()

    with pytest.raises(EvaluationError, match="longer than 65,536 bytes"):
        value_of(expression, a="ø" * 24_600, b=long)


@pytest.mark.parametrize(
    ("expression", "value", "length"),
    [
        pytest.param("ConvertToBase64([a])", "x" * 24_576, 65_536, id="to base64"),
        pytest.param("ConvertToUTF8Hex([a])", "x" * 32_768, 65_536, id="to hexadecimal"),
        pytest.param("ConvertFromBase64([a])", "QQBBAEEA" * 8_000, 24_000, id="UTF-16"),
        pytest.param("ConvertFromBase64([a], UTF8)", "QUFB" * 21_845, 65_535, id="UTF-8"),
    ],
)
def test_what_is_just_as_long_as_may_be_is_converted(
    expression: str, value: str, length: int
) -> None:
    assert value_of(f"Len({expression})", a=value) == length


@pytest.mark.parametrize(
    ("expression", "value", "expected"),
    [
        pytest.param("ConvertFromBase64([a])", "WgBvAOsA", "Zoë", id="UTF-16"),
        pytest.param('ConvertFromBase64([a], "Unicode")', "WgBvAOsA", "Zoë", id="by its name"),
        pytest.param('ConvertFromBase64([a], "UTF8")', "Wm/Dqw==", "Zoë", id="UTF-8"),
        pytest.param("ConvertFromBase64([a], )", "QQA=", "A", id="encoding left empty"),
        pytest.param("ConvertFromBase64([a])", " WgBv\r\nAOsA\t", "Zoë", id="blanks in it"),
        pytest.param("ConvertFromBase64([a])", ("QQA=",), "A", id="list of one"),
        pytest.param("ConvertFromBase64([a])", "", "", id="empty"),
        pytest.param("ConvertFromBase64([a])", None, None, id="null"),
    ],
)
def test_text_from_base64(expression: str, value: Value, expected: Value) -> None:
    assert value_of(expression, a=value) == expected


def test_the_encoding_can_be_read() -> None:
    assert value_of("ConvertFromBase64([a], [e])", a="Wm/Dqw==", e="UTF8") == "Zoë"
    with pytest.raises(EvaluationError, match="argument 2 is no encoding"):
        value_of("ConvertFromBase64([a], [e])", a="Wm/Dqw==", e="EBCDIC")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("###", id="other signs"),
        pytest.param("QQA", id="cut off"),
        pytest.param("QQ==A", id="something after the end"),
        pytest.param("Zoë=", id="beyond ASCII"),
        pytest.param("QQ==", id="half of UTF-16"),
        pytest.param("Pdg=", id="half a character"),
    ],
)
def test_what_is_no_base64_is_an_error_and_found_when_parsing_if_constant(value: str) -> None:
    with pytest.raises(EvaluationError, match="ConvertFromBase64: its argument is not text in"):
        value_of("ConvertFromBase64([a])", a=value)
    with pytest.raises(ExpressionError, match="is not text in base64") as caught:
        parse(f'ConvertFromBase64("{value}")')
    assert caught.value.column == 19


def test_an_unknown_encoding_is_found_when_parsing() -> None:
    with pytest.raises(ExpressionError, match='no encoding "UTF7"') as caught:
        parse('ConvertFromBase64([a], "UTF7")')

    assert caught.value.column == 24
    assert "UTF8" in caught.value.hint


@pytest.mark.parametrize(
    ("sid", "expected"),
    [
        pytest.param("AQIAAAAAAAUgAAAAIAIAAA==", "S-1-5-32-544", id="base64"),
        pytest.param(BUILTIN.hex(), "S-1-5-32-544", id="hexadecimal"),
        pytest.param(BUILTIN.decode("latin-1"), "S-1-5-32-544", id="a character a byte"),
        pytest.param("S-1-5-32-544", "S-1-5-32-544", id="text already"),
        pytest.param("010000000000000A", "S-1-10", id="no sub-authority"),
        pytest.param("01000000FFFFFFFF", "S-1-4294967295", id="authority of 32 bits"),
        pytest.param("0100000100000000", "S-1-0x000100000000", id="authority of more"),
        pytest.param(
            "010F000000000005" + "01000000" * 15, "S-1-5" + "-1" * 15, id="most sub-authorities"
        ),
        pytest.param(
            "0101" + "FFFFFFFFFFFF" + "FFFFFFFF", "S-1-0xFFFFFFFFFFFF-4294967295", id="largest"
        ),
        pytest.param(
            "010500000000000515000000A065CF7E784B9B5FE77C8770091C0100",
            "S-1-5-21-2127521184-1604012920-1887927527-72713",
            id="somebody of a domain",
        ),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="null"),
        pytest.param((), None, id="empty list"),
    ],
)
def test_string_from_sid(sid: Value, expected: Value) -> None:
    assert value_of("StringFromSid([a])", a=sid) == expected


@pytest.mark.parametrize(
    "sid",
    [
        pytest.param("zz", id="neither form"),
        pytest.param("0102000000000005200000", id="cut off"),
        pytest.param("AgIAAAAAAAUgAAAAIAIAAA==", id="another revision"),
        pytest.param("0110" + "00" * 70, id="too many sub-authorities"),
        pytest.param(
            base64.b64encode(b"\1\x10" + bytes(70)).decode(), id="too many of them in base64"
        ),
        pytest.param("\x01é€", id="not a byte a character"),
        pytest.param("S-1-5-", id="text cut off"),
        pytest.param("A" * 100_000, id="endless"),
        pytest.param("Søren", id="beyond ASCII"),
    ],
)
def test_what_is_no_sid_is_an_evaluation_error(sid: str) -> None:
    with pytest.raises(EvaluationError, match="StringFromSid: its argument is not a security"):
        value_of("StringFromSid([a])", a=sid)


def test_a_constant_that_is_no_sid_is_found_when_parsing() -> None:
    with pytest.raises(ExpressionError, match="not a security identifier") as caught:
        parse('StringFromSid("zz")')

    assert caught.value.column == 15


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        pytest.param("cn=Joe,ou=Sales,dc=contoso", 2, "Sales", id="second"),
        pytest.param("cn=Joe,ou=Sales", 3, None, id="past the last"),
        pytest.param("CN = Joe , ou=Sales", 1, "Joe", id="blanks around"),
        pytest.param(r"cn=Doe\, John,ou=Sales", 1, "Doe, John", id="escaped comma"),
        pytest.param('cn="Doe, John",ou=Sales', 1, "Doe, John", id="quoted"),
        pytest.param(r"cn=J\C3\B8rn,ou=Sales", 1, "Jørn", id="escaped bytes"),
        pytest.param("cn=Jørn,ou=Sales", 1, "Jørn", id="beyond ASCII"),
        pytest.param("cn=Joe\\ ,ou=Sales", 1, "Joe ", id="escaped blank at the end"),
        pytest.param(r"cn=Joe\\,ou=Sales", 1, "Joe\\", id="escaped backslash at the end"),
        pytest.param(r"cn=Joe\\ ,ou=Sales", 1, "Joe\\", id="and a blank that is not"),
        pytest.param("cn=Joe\\  ,ou=Sales", 1, "Joe ", id="one blank escaped, one not"),
        pytest.param('cn="",ou=Sales', 1, "", id="nothing quoted"),
        pytest.param('cn="', 1, '"', id="a quote alone"),
        pytest.param(("cn=Joe,ou=Sales",), 2, "Sales", id="list of one"),
        pytest.param("cn=Joe+uid=7,ou=Sales", 1, "Joe", id="several values"),
        pytest.param("cn=a=b,ou=Sales", 1, "a=b", id="equals sign in a value"),
        pytest.param("cn=,ou=Sales", 1, "", id="empty value"),
        pytest.param("", 1, None, id="empty"),
        pytest.param(None, 1, None, id="null"),
    ],
)
def test_dn_component(name: Value, number: Value, expected: Value) -> None:
    assert value_of("DNComponent([dn], [n])", dn=name, n=number) == expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("Joe", "not a distinguished name", id="no equals sign"),
        pytest.param("cn=Joe,", "not a distinguished name", id="comma at the end"),
        pytest.param(r"ou=x,cn=\FF", "not UTF-8", id="bytes that are no text"),
        pytest.param(("cn=a", "cn=b"), "takes one value", id="several names"),
    ],
)
def test_dn_component_refuses_what_is_no_name(name: Value, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        value_of("DNComponent([dn], 1) & DNComponent([dn], 2)", dn=name)


@pytest.mark.parametrize(
    ("expression", "column"),
    [
        pytest.param("DNComponent([dn], 0)", 19, id="position below one"),
        pytest.param('DNComponent("Joe", 1)', 13, id="constant that is no name"),
    ],
)
def test_a_mistake_in_a_constant_is_found_when_parsing(expression: str, column: int) -> None:
    with pytest.raises(ExpressionError, match="DNComponent: ") as caught:
        parse(expression)

    assert caught.value.column == column
