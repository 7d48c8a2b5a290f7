"""What values are, as text, as numbers, and in size."""

from decimal import Decimal

import pytest

from reconciler.expr import Alternatives, EvaluationError, RoleGrant, Value, text_of
from reconciler.expr.values import (
    MAXIMUM_OUTPUT,
    bounded,
    bounded_value,
    flatten,
    is_empty,
    number_of,
    single,
)

ADMIN = RoleGrant("admin", "Administrator")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(None, "", id="nothing"),
        pytest.param((), "", id="empty list"),
        pytest.param("", "", id="empty text"),
        pytest.param("007", "007", id="text keeps its zeros"),
        pytest.param(42568, "42568", id="integer"),
        pytest.param(-10, "-10", id="negative"),
        pytest.param(10**64 - 1, "9" * 64, id="largest"),
        pytest.param(Decimal(10**64 - 1), "9" * 64, id="largest decimal"),
        pytest.param(Decimal("1E-64"), "0." + "0" * 63 + "1", id="smallest decimal"),
        pytest.param(Decimal("42568.750"), "42568.750", id="decimal keeps its scale"),
        pytest.param(Decimal("1E+3"), "1000", id="no exponent"),
        pytest.param(ADMIN, "admin", id="role"),
        pytest.param(("one",), "one", id="list of one"),
        pytest.param((None, ("one",)), "one", id="lists within lists"),
    ],
)
def test_a_value_has_a_text(value: Value, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(("a", "b"), "a list of 2", id="several values"),
        pytest.param(Alternatives(("a", "b")), "which alternative", id="alternatives"),
        pytest.param(Alternatives(("a",)), "which alternative", id="even a single one"),
        pytest.param(10**100, "more than 64 digits", id="huge integer"),
        pytest.param(10**64, "more than 64 digits", id="one digit too many"),
        pytest.param(-(10**64), "more than 64 digits", id="below zero too"),
        pytest.param(10**5000, "more than 64 digits", id="integer Python will not print"),
        pytest.param(Decimal(10**64), "more than 64 digits", id="decimal of one too many"),
        pytest.param(Decimal("1E-65"), "more than 64 digits", id="one too many after the point"),
        pytest.param(Decimal("1E+999999"), "more than 64 digits", id="huge decimal"),
        pytest.param(Decimal("1E-999999"), "more than 64 digits", id="tiny decimal"),
        pytest.param(Decimal("NaN"), "not finite", id="not a number"),
        pytest.param(Decimal("sNaN"), "not finite", id="signalling"),
        pytest.param(Decimal("Infinity"), "not finite", id="infinite"),
    ],
)
def test_a_value_without_a_text_is_an_evaluation_error(value: Value, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        text_of(value)


@pytest.mark.parametrize(
    ("value", "empty"),
    [
        pytest.param(None, True, id="nothing"),
        pytest.param("", True, id="empty text"),
        pytest.param((), True, id="empty list"),
        pytest.param(("", None), True, id="list of nothing"),
        pytest.param(" ", False, id="a blank"),
        pytest.param(0, False, id="zero"),
        pytest.param(ADMIN, False, id="role"),
        pytest.param(("", "a"), False, id="list with a value"),
    ],
)
def test_empty(value: Value, empty: bool) -> None:
    assert is_empty(value) is empty


@pytest.mark.parametrize(
    ("value", "number"),
    [
        pytest.param("10", 10, id="digits"),
        pytest.param(" -7 ", -7, id="blanks around"),
        pytest.param("+1.50", Decimal("1.50"), id="decimal"),
        pytest.param(Decimal("2.5"), Decimal("2.5"), id="is one"),
        pytest.param("1e5", None, id="no exponents"),
        pytest.param("1_000", None, id="no underscores"),
        pytest.param("١٢", None, id="no other digits"),
        pytest.param("9" * 65, None, id="too long"),
        pytest.param("NaN", None, id="not a number"),
        pytest.param(Decimal("NaN"), None, id="a decimal that is none"),
        pytest.param(Decimal("1E+400"), None, id="a decimal of absurd size"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="nothing"),
        pytest.param(ADMIN, None, id="role"),
    ],
)
def test_numbers_are_read_strictly(value: Value, number: Value) -> None:
    assert number_of(value) == number


def test_lists_are_laid_out_in_order() -> None:
    assert flatten(("a", ("b", None, ("c",)), 1)) == ["a", "b", "c", 1]
    assert flatten(Alternatives(("a", "b"))) == ["a", "b"]


def test_a_list_nested_without_end_is_no_stack_overflow() -> None:
    deep: Value = "x"
    for _ in range(100_000):
        deep = (deep,)

    assert single(deep) == "x"


def test_the_limit_is_in_bytes() -> None:
    fits = "ø" * (MAXIMUM_OUTPUT // 2)

    assert bounded(fits) == fits
    with pytest.raises(EvaluationError, match="longer than 65,536 bytes"):
        bounded(fits + "x")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x" * MAXIMUM_OUTPUT, id="text"),
        pytest.param(("x" * 32_767, ("y" * 32_767,)), id="list, a byte more for each value"),
        pytest.param(("",) * MAXIMUM_OUTPUT, id="list of nothing much"),
    ],
)
def test_a_result_up_to_the_limit_is_handed_through(value: Value) -> None:
    assert bounded_value(value) == value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x" * (MAXIMUM_OUTPUT + 1), id="text"),
        pytest.param("😀" * (MAXIMUM_OUTPUT // 4 + 1), id="text of the longest characters"),
        pytest.param("\udc00" * (MAXIMUM_OUTPUT // 3 + 1), id="text of halves of characters"),
        pytest.param(("x" * 32_767, "y" * 32_768), id="list of one byte too many"),
        pytest.param(("x" * 40_000, ("y" * 40_000,)), id="list"),
        pytest.param(Alternatives(("x" * 40_000, "y" * 40_000)), id="alternatives"),
        pytest.param(("",) * (MAXIMUM_OUTPUT + 1), id="list of nothing much"),
    ],
)
def test_a_result_over_the_limit_is_refused(value: Value) -> None:
    with pytest.raises(EvaluationError, match="longer than"):
        bounded_value(value)


def test_what_is_small_passes() -> None:
    assert bounded_value(("a", "b")) == ("a", "b")
    assert bounded_value(ADMIN) is ADMIN
