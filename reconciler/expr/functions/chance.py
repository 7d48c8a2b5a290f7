"""
Functions of chance: their value is made when it is sent, and is stored nowhere.

A plan has no chance in its surroundings, so there they fail; ``apply`` makes the
values of attributes that are written on create (:mod:`reconciler.expr.surroundings`).

Every character is drawn without bias: a byte that would favour some characters
is thrown away and drawn again. RandomString draws what each minimum asks for,
fills up from the same kinds of characters (from digits and letters when nothing
is asked for), and shuffles.
"""

from __future__ import annotations

import string
from dataclasses import dataclass

from reconciler.expr.errors import EvaluationError
from reconciler.expr.operands import Arguments, Reader, Row
from reconciler.expr.signatures import Example, Function
from reconciler.expr.surroundings import Chance, Surroundings
from reconciler.expr.values import Value

MAXIMUM_RANDOM = 256
"""Characters that RandomString makes at most (entra.md 4.2)."""

KINDS = (string.digits, string.punctuation, string.ascii_uppercase, string.ascii_lowercase)
"""What the four minima of RandomString count, in their order."""

_SPECIAL = 1

MAXIMUM_DRAWS = 256
"""Bytes drawn for one choice; a source that gives so many useless ones is none."""


def _chance(arguments: Arguments) -> Chance:
    chance = arguments.surroundings.chance
    if chance is None:
        raise arguments.failure("its value is made at apply time")
    return chance


def _guid(arguments: Arguments) -> Reader:
    def guid(row: Row) -> Value:
        octets = bytearray(_chance(arguments).token(16))
        octets[6] = octets[6] & 0x0F | 0x40  # version 4: random (RFC 9562, section 5.4)
        octets[8] = octets[8] & 0x3F | 0x80
        digits = octets.hex()
        ends = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
        return "-".join(digits[start:end] for start, end in ends)

    return guid


@dataclass(frozen=True, slots=True)
class _Recipe:
    """What one random text is made of."""

    minima: tuple[int, ...]
    """How many characters of each kind there are at least."""
    kinds: tuple[str, ...]
    """The characters of each kind that may be used."""
    others: int
    """How many more characters there are."""
    pool: str
    """What those are taken from."""


class _NoRecipeError(Exception):
    """The arguments of RandomString do not go together; the message says why."""


def _recipe(length: int, minima: tuple[int, ...], avoided: str) -> _Recipe:
    """Return what to draw; raises :class:`_NoRecipeError`."""
    if length > MAXIMUM_RANDOM:
        message = f"the length is over {MAXIMUM_RANDOM}"
        raise _NoRecipeError(message)
    others = length - sum(minima)
    if others < 0:
        message = "the minima are more than the length together"
        raise _NoRecipeError(message)
    kinds = tuple("".join(c for c in kind if c not in avoided) for kind in KINDS)
    wanted = [kind for kind, least in zip(kinds, minima, strict=True) if least]
    if not wanted:
        wanted = [kind for index, kind in enumerate(kinds) if index != _SPECIAL]
    elif "" in wanted:
        message = "a kind of characters that is asked for is avoided as a whole"
        raise _NoRecipeError(message)
    pool = "".join(wanted)
    if not pool:
        message = "every character is avoided"
        raise _NoRecipeError(message)
    return _Recipe(minima, kinds, others, pool)


def _random_string(arguments: Arguments) -> Reader:
    length = arguments.integer(0, least=1)
    minima = tuple(arguments.integer(index, least=0) for index in range(1, 5))
    avoided = arguments.text(5)

    def recipe_of(row: Row) -> _Recipe:
        return _recipe(length(row), tuple(least(row) for least in minima), avoided(row) or "")

    if all(arguments.constant(i) is not None for i in range(5)) and _is_constant(arguments, 5):
        try:
            recipe = recipe_of({})
        except _NoRecipeError as problem:
            hint = (
                f"the length is at most {MAXIMUM_RANDOM} and at least the sum of the minima; "
                "some characters of each kind may not be avoided"
            )
            raise arguments.problem(0, str(problem), hint) from problem
        return lambda row: _made(_chance(arguments), recipe)

    def random_string(row: Row) -> Value:
        chance = _chance(arguments)
        try:
            return _made(chance, recipe_of(row))
        except _NoRecipeError as problem:
            raise arguments.failure(str(problem)) from problem

    return random_string


def _is_constant(arguments: Arguments, index: int) -> bool:
    return not arguments.given(index) or arguments.constant(index) is not None


def _made(chance: Chance, recipe: _Recipe) -> str:
    drawn: list[str] = []
    for least, kind in zip(recipe.minima, recipe.kinds, strict=True):
        drawn += (kind[_below(chance, len(kind))] for _ in range(least))
    drawn += (recipe.pool[_below(chance, len(recipe.pool))] for _ in range(recipe.others))
    for last in range(len(drawn) - 1, 0, -1):  # Fisher and Yates
        other = _below(chance, last + 1)
        drawn[last], drawn[other] = drawn[other], drawn[last]
    return "".join(drawn)


def _below(chance: Chance, bound: int) -> int:
    """Return a number below *bound*, which is at most 256; each is as likely as any other."""
    fair = 256 - 256 % bound
    for _ in range(MAXIMUM_DRAWS):
        octet = chance.token(1)[0]
        if octet < fair:
            return octet % bound
    message = "the source of chance yields nothing that can be used"
    raise EvaluationError(message)


class _Counting:
    """Bytes that everybody can foresee, for the examples."""

    def token(self, count: int) -> bytes:
        """Return *count* bytes: 0, 1, 2, …."""
        return bytes(range(count))


_FORESEEN = Surroundings(chance=_Counting())

RANDOM_FAMILY = (
    Function(
        "Guid",
        "",
        minimum=0,
        maximum=0,
        doc="A new random GUID, made at apply time; for `apply: on_create`.",
        examples=(Example("Guid()", "00010203-0405-4607-8809-0a0b0c0d0e0f", {}, _FORESEEN),),
        build=_guid,
    ),
    Function(
        "RandomString",
        "length, minimumNumbers, minimumSpecialCharacters, minimumCapital, minimumLowerCase, "
        "[charactersToAvoid]",
        minimum=5,
        maximum=6,
        required=5,
        doc="Random text with so many characters of each kind at least, made at apply time; "
        "for `apply: on_create`.",
        examples=(
            Example("RandomString(6, 3, 0, 0, 3)", "00aaa0", {}, _FORESEEN),
            Example('RandomString(10, 2, 2, 2, 1, "?,")', "0!!AAa0000", {}, _FORESEEN),
        ),
        build=_random_string,
    ),
)
