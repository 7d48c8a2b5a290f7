"""Guid and RandomString: when they are made, of what, and without favour."""

import re
import string
from collections import Counter
from itertools import count

import pytest

from reconciler.expr import (
    Chance,
    EvaluationError,
    ExpressionError,
    Surroundings,
    Value,
    compile_expression,
    parse,
)


class Rolling:
    """Chance whose bytes go round: 0, 1, …, 255, 0, …."""

    def __init__(self) -> None:
        self._next = count()

    def token(self, count: int) -> bytes:
        return bytes(next(self._next) % 256 for _ in range(count))


class Stuck:
    """Chance that says 255 and nothing else."""

    def token(self, count: int) -> bytes:
        return b"\xff" * count


def value_of(expression: str, chance: Chance | None = None, **attributes: Value) -> str:
    chance = Rolling() if chance is None else chance
    value = compile_expression(parse(expression), Surroundings(chance=chance))(attributes)
    assert isinstance(value, str)
    return value


@pytest.mark.parametrize(
    "expression", ["Guid()", "RandomString(9,1,1,1,1)", "RandomString([n],0,0,0,0)"]
)
def test_without_chance_there_is_no_value(expression: str) -> None:
    evaluate = compile_expression(parse(expression))

    with pytest.raises(EvaluationError, match="its value is made at apply time"):
        evaluate({"n": "8"})


def test_a_guid_is_of_version_4_whatever_the_bytes() -> None:
    form = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

    assert all(form.fullmatch(value_of("Guid()", chance)) for chance in (Rolling(), Stuck()))


def test_each_evaluation_makes_another_value() -> None:
    evaluate = compile_expression(
        parse('Guid() & "/" & RandomString(20, 1, 1, 1, 1)'), Surroundings(chance=Rolling())
    )

    assert evaluate({}) != evaluate({})


def counts(text: str) -> tuple[int, ...]:
    kinds = (string.digits, string.punctuation, string.ascii_uppercase, string.ascii_lowercase)
    return tuple(sum(character in kind for character in text) for kind in kinds)


@pytest.mark.parametrize(
    ("arguments", "length", "least"),
    [
        pytest.param("6,3,0,0,3", 6, (3, 0, 0, 3), id="as on Entra's page"),
        pytest.param('10,2,2,2,1,"?,"', 10, (2, 2, 2, 1), id="as on Entra's page, avoiding two"),
        pytest.param("256,1,1,1,1", 256, (1, 1, 1, 1), id="longest"),
        pytest.param("1,0,0,0,0", 1, (0, 0, 0, 0), id="shortest"),
        pytest.param("[n],[m],0,0,[m]", 8, (2, 0, 0, 2), id="numbers read"),
        pytest.param('"8","8",0,0,0', 8, (8, 0, 0, 0), id="numbers as text"),
    ],
)
def test_a_random_string_keeps_its_length_and_its_minima(
    arguments: str, length: int, least: tuple[int, ...]
) -> None:
    made = value_of(f"RandomString({arguments})", n="8", m="2")

    assert len(made) == length
    assert all(found >= wanted for found, wanted in zip(counts(made), least, strict=True))


def test_the_rest_is_of_the_kinds_that_were_asked_for() -> None:
    assert counts(value_of("RandomString(200,1,0,0,1)"))[1:3] == (0, 0)
    assert counts(value_of("RandomString(200,0,0,0,0)"))[1] == 0
    assert counts(value_of("RandomString(200,0,1,0,0)"))[0] == 0


def test_avoided_characters_do_not_occur() -> None:
    made = value_of('RandomString(256,1,1,1,1,"0Oo1lI,;")')
    read = value_of("RandomString(256,1,1,1,1,[x])", x="0Oo1lI,;")

    assert not set(made + read) & set("0Oo1lI,;")


def test_characters_come_in_no_order_of_their_kinds() -> None:
    made = value_of("RandomString(200,50,50,50,50)")

    kinds = [counts(character).index(1) for character in made]
    assert kinds != sorted(kinds)


def test_no_character_is_favoured() -> None:
    chance = Rolling()
    evaluate = compile_expression(parse("RandomString(1,1,0,0,0)"), Surroundings(chance=chance))

    found = Counter(evaluate({}) for _ in range(500))  # of 256 bytes, the last 6 are thrown away

    assert set(found.values()) == {50}


def test_no_place_is_favoured() -> None:
    evaluate = compile_expression(parse("RandomString(2,1,0,0,1)"), Surroundings(chance=Rolling()))

    assert {str(evaluate({}))[0].isdigit() for _ in range(100)} == {True, False}


def test_nothing_is_avoided_for_whom_nothing_is_named() -> None:
    made = value_of("RandomString(256,0,0,256,0,[x])")

    assert set(made) == set(string.ascii_uppercase)


def test_what_is_avoided_may_be_beyond_ascii_or_a_list_of_one() -> None:
    assert set(value_of("RandomString(9,9,0,0,0,[x])", x="øå234567890")) == {"1"}
    assert set(value_of("RandomString(9,9,0,0,0,[x])", x=("023456789",))) == {"1"}
    with pytest.raises(EvaluationError, match="RandomString takes one value"):
        value_of("RandomString(9,9,0,0,0,[x])", x=("1", "2"))


def test_what_is_made_can_be_used_in_other_functions() -> None:
    assert value_of('Left(Guid(), 8) & "-" & Len(Guid())', Stuck()) == "ffffffff-36"
    assert value_of('ToUpper(Replace(Guid(), "-", , , ""))', Stuck()).startswith("FFFFFFFFFFFF4FFF")


def test_a_source_that_is_stuck_is_given_up() -> None:
    with pytest.raises(EvaluationError, match="yields nothing that can be used"):
        value_of("RandomString(8,8,0,0,0)", Stuck())


@pytest.mark.parametrize(
    ("arguments", "column", "message"),
    [
        pytest.param("0,0,0,0,0", 14, "argument 1 is not a whole number from 1", id="no length"),
        pytest.param("257,0,0,0,0", 14, "the length is over 256", id="too long"),
        pytest.param("7,2,2,2,2", 14, "the minima are more than the length", id="minima"),
        pytest.param("8,-1,0,0,0", 16, "argument 2 is not a whole number from 0", id="negative"),
        pytest.param('"x",0,0,0,0', 14, "argument 1 is not a whole number", id="text"),
        pytest.param("8,,0,0,0", 16, "argument 2 of RandomString is empty", id="left out"),
        pytest.param('8,1,0,0,0,"0123456789"', 14, "is avoided as a whole", id="no digits left"),
        pytest.param(
            f'8,0,0,0,0,"{string.digits + string.ascii_letters}"',
            14,
            "every character is avoided",
            id="nothing left",
        ),
    ],
)
def test_constants_that_do_not_go_together_are_found_when_parsing(
    arguments: str, column: int, message: str
) -> None:
    with pytest.raises(ExpressionError, match=message) as caught:
        parse(f"RandomString({arguments})")

    assert caught.value.column == column


@pytest.mark.parametrize(
    ("length", "message"),
    [
        pytest.param("300", "RandomString: the length is over 256", id="too long"),
        pytest.param("3", "RandomString: the minima are more", id="too short"),
        pytest.param(None, "RandomString: argument 1", id="null"),
    ],
)
def test_values_that_do_not_go_together_are_an_evaluation_error(
    length: Value, message: str
) -> None:
    with pytest.raises(EvaluationError, match=message):
        value_of("RandomString([n],2,2,2,2)", n=length)
