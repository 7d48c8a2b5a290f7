"""Bits, booleans and texts of numbers: nulls, lists, what is no number."""

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
    ("left", "right", "expected"),
    [
        pytest.param("514", 2, 2, id="text of a cell"),
        pytest.param("512", 2, 0, id="no bit in common"),
        pytest.param(-1, 255, 255, id="negative"),
        pytest.param(-2, -4, -4, id="both negative"),
        pytest.param(2**63, 2**63 + 1, 2**63, id="more than 32 bits"),
        pytest.param(Decimal("7.0"), 3, 3, id="whole decimal"),
        pytest.param(("6",), 3, 2, id="list of one"),
        pytest.param(None, 2, None, id="null"),
        pytest.param(2, "", None, id="empty"),
        pytest.param((), 2, None, id="empty list"),
    ],
)
def test_bit_and(left: Value, right: Value, expected: Value) -> None:
    assert value_of("BitAnd([l], [r])", l=left, r=right) == expected


def test_bit_and_takes_hexadecimal_and_quoted_constants() -> None:
    assert value_of('BitAnd(&HFF, "15")') == 15


@pytest.mark.parametrize("value", ["x", "1.5", Decimal("0.5"), Decimal("NaN"), RoleGrant("1", "a")])
def test_bit_and_refuses_what_is_no_whole_number(value: Value) -> None:
    with pytest.raises(EvaluationError, match=r"BitAnd: argument 1, \[l\], is not a whole number"):
        value_of("BitAnd([l], 1)", l=value)


def test_bit_and_refuses_several_numbers() -> None:
    with pytest.raises(EvaluationError, match="a list of 2"):
        value_of("BitAnd([l], 1)", l=("1", "2"))


@pytest.mark.parametrize("constant", ['"x"', "1.5", '""', "vbTextCompare"])
def test_bit_and_of_text_is_found_when_parsing(constant: str) -> None:
    with pytest.raises(ExpressionError, match="argument 2 is not a whole number") as caught:
        parse(f"BitAnd([a], {constant})")

    assert caught.value.column == 13


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("1", "True", id="one"),
        pytest.param("-0.5", "True", id="negative"),
        pytest.param("0", "False", id="zero"),
        pytest.param("0.00", "False", id="zero as a decimal"),
        pytest.param("True", "True", id="True"),
        pytest.param("false", "False", id="in lower case"),
        pytest.param(("TRUE",), "True", id="list of one"),
        pytest.param(7, "True", id="number"),
        pytest.param(None, "False", id="null"),
        pytest.param("", "False", id="empty"),
    ],
)
def test_cbool(value: Value, expected: str) -> None:
    assert value_of("CBool([a])", a=value) == expected


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        pytest.param("[a] = [b]", "False", id="unequal"),
        pytest.param("[a] <> [b]", "True", id="not equal"),
        pytest.param('[a] & "x" = "Zoëx"', "True", id="put together"),
        pytest.param("Len([a]) > 2", "True", id="greater"),
    ],
)
def test_cbool_of_a_comparison(comparison: str, expected: str) -> None:
    assert value_of(f"CBool({comparison})", a="Zoë", b="zoë") == expected


def test_cbool_of_a_comparison_with_nothing_fails_as_in_a_condition() -> None:
    with pytest.raises(EvaluationError, match=r"because \[b\] is empty"):
        value_of("CBool([a] = [b])", a="x")


def test_cbool_refuses_other_text_and_several_values() -> None:
    with pytest.raises(EvaluationError, match="CBool: its argument is neither"):
        value_of("CBool([a])", a="yes")
    with pytest.raises(EvaluationError, match="CBool: its argument is neither"):
        value_of("CBool([a])", a=" True")
    with pytest.raises(EvaluationError, match="CBool: its argument is neither"):
        value_of("CBool([a])", a=RoleGrant("True", "True"))
    with pytest.raises(EvaluationError, match="CBool takes one value"):
        value_of("CBool([a])", a=("1", "2"))


def test_cbool_of_a_constant_text_is_found_when_parsing() -> None:
    with pytest.raises(ExpressionError, match="CBool: its argument is neither") as caught:
        parse('CBool("maybe")')

    assert caught.value.column == 7
    assert "write a comparison" in caught.value.hint


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(42568, "42568", id="number"),
        pytest.param(Decimal("-1.50"), "-1.50", id="decimal"),
        pytest.param("007", "007", id="text keeps its zeros"),
        pytest.param("True", "True", id="boolean"),
        pytest.param("cn=Søren,dc=contoso", "cn=Søren,dc=contoso", id="reference"),
        pytest.param(RoleGrant("admin", "Administrator"), "admin", id="role"),
        pytest.param(("one",), "one", id="list of one"),
        pytest.param("", "", id="empty"),
        pytest.param(None, None, id="null"),
    ],
)
def test_cstr(value: Value, expected: Value) -> None:
    assert value_of("CStr([a])", a=value) == expected


def test_cstr_of_a_comparison_is_a_boolean() -> None:
    assert value_of('CStr("a" = "a")') == "True"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(("a", "b"), "CStr takes one value", id="several"),
        pytest.param(10**100, "more than 64 digits", id="huge"),
    ],
)
def test_cstr_refuses_what_is_no_one_text(value: Value, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        value_of("CStr([a])", a=value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Zoë", "True", id="text"),
        pytest.param("", "True", id="empty text"),
        pytest.param(7, "True", id="number"),
        pytest.param(RoleGrant("admin", "Administrator"), "True", id="role"),
        pytest.param(("one",), "True", id="list of one"),
        pytest.param(("a", "b"), "False", id="several"),
        pytest.param(Decimal("NaN"), "False", id="not a number"),
        pytest.param((), "False", id="empty list"),
        pytest.param(None, "False", id="null"),
    ],
)
def test_is_string(value: Value, expected: str) -> None:
    assert value_of("IsString([a])", a=value) == expected
