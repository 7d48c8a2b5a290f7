"""Several values: counting, taking one, looking into all, each once."""

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

ADMIN, USER = RoleGrant("admin", "Administrator"), RoleGrant("user", "User")


def value_of(expression: str, **attributes: Value) -> Value:
    return compile_expression(parse(expression))(attributes)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(("a", "b"), 2, id="list"),
        pytest.param(("a", ("b", "c"), None), 3, id="list laid out"),
        pytest.param(("", ""), 2, id="empty texts are values"),
        pytest.param("Zoë", 1, id="text"),
        pytest.param(0, 1, id="zero"),
        pytest.param((ADMIN, USER), 2, id="roles"),
        pytest.param((), 0, id="empty list"),
        pytest.param(None, 0, id="null"),
    ],
)
def test_count(value: Value, expected: int) -> None:
    assert value_of("Count([a])", a=value) == expected


def test_a_count_can_be_compared_in_a_condition() -> None:
    assert value_of('IIF(Count([a]) > 1, "several", "one")', a=("x", "y")) == "several"
    assert value_of('IIF(Count([a]) > 1, "several", "one")') == "one"


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        pytest.param(1, "a", id="first"),
        pytest.param("2", "bø", id="index as text"),
        pytest.param(3, "c", id="inside a list"),
        pytest.param(4, None, id="past the last"),
        pytest.param(10**30, None, id="far past the last"),
    ],
)
def test_item(index: Value, expected: Value) -> None:
    assert value_of("Item([a], [n])", a=("a", None, "bø", ("c",)), n=index) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("alone", "alone", id="text is a list of one"),
        pytest.param((ADMIN, USER), ADMIN, id="role"),
        pytest.param((7,), 7, id="number"),
        pytest.param(None, None, id="null"),
        pytest.param((), None, id="empty list"),
    ],
)
def test_the_first_item(value: Value, expected: Value) -> None:
    assert value_of("Item([a], 1)", a=value) == expected


@pytest.mark.parametrize("index", ["0", "-1", "1.5", '"x"', '""'])
def test_an_index_below_one_is_found_when_parsing(index: str) -> None:
    with pytest.raises(ExpressionError, match="argument 2 is not a whole number from 1") as caught:
        parse(f"Item([a], {index})")

    assert caught.value.column == 11


@pytest.mark.parametrize("index", [0, "-1", None, "x"])
def test_an_index_that_is_none_is_an_evaluation_error(index: Value) -> None:
    with pytest.raises(EvaluationError, match=r"Item: argument 2, \[n\], is not a whole number"):
        value_of("Item([a], [n])", a=("x",), n=index)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(("a", "b", "a"), ("a", "b"), id="the first stays"),
        pytest.param(("SMTP:a", "smtp:a"), ("SMTP:a", "smtp:a"), id="case counts"),
        pytest.param(("ø", ("ø", "å"), None), ("ø", "å"), id="lists laid out"),
        pytest.param((1, "1", Decimal(1)), (1,), id="the same text"),
        pytest.param(("1", 1), ("1",), id="the same text, a text first"),
        pytest.param((USER, ADMIN, USER), (USER, ADMIN), id="roles"),
        pytest.param("one", ("one",), id="text is a list of one"),
        pytest.param(("", ""), ("",), id="empty texts"),
        pytest.param((), None, id="empty list"),
        pytest.param(None, None, id="null"),
    ],
)
def test_remove_duplicates(value: Value, expected: Value) -> None:
    assert value_of("RemoveDuplicates([a])", a=value) == expected


@pytest.mark.parametrize(
    ("value", "sought", "expected"),
    [
        pytest.param(("X400:a", "SMTP:b"), "SMTP:", 2, id="part of a value"),
        pytest.param(("smtp:a",), "SMTP:", 0, id="case counts"),
        pytest.param("Bjørn", "ør", 1, id="text is a list of one"),
        pytest.param((7, 42), "2", 2, id="numbers by their text"),
        pytest.param((ADMIN, USER), "user", 2, id="roles by their value"),
        pytest.param((None, "a"), "a", 1, id="nulls do not count"),
        pytest.param(None, "a", 0, id="null"),
        pytest.param(("a",), None, 0, id="nothing to look for"),
        pytest.param(("a",), "", 0, id="empty text to look for"),
    ],
)
def test_contains(value: Value, sought: Value, expected: int) -> None:
    assert value_of("Contains([a], [s])", a=value, s=sought) == expected


def test_contains_can_be_a_condition() -> None:
    expression = 'IIF(Contains([proxyAddresses], "SMTP:"), "primary", "none")'

    assert value_of(expression, proxyAddresses=("smtp:a", "SMTP:b")) == "primary"
    assert value_of(expression, proxyAddresses=("smtp:a",)) == "none"


def test_contains_refuses_to_look_for_empty_text() -> None:
    with pytest.raises(ExpressionError, match="the text to look for is empty") as caught:
        parse('Contains([a], "")')

    assert caught.value.column == 15
