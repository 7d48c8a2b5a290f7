"""
What an expression computes with: text, whole numbers, decimals, app roles, lists, nothing.

Rules, for every function:

* ``None`` is an absent attribute. An empty list says the same.
* Booleans travel as the texts ``True`` and ``False``, as in Entra.
* Where one text is wanted, a list of one element is that element, and a longer
  list is an :class:`EvaluationError`: picking one in silence would write the
  wrong value to somebody's account.
* No text and no list grows past :data:`MAXIMUM_OUTPUT`, so that no expression
  can eat the machine (reliability.md S15).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from reconciler.expr.errors import EvaluationError

MAXIMUM_OUTPUT = 64 * 1024
"""Bytes of UTF-8 that a text, or the texts of a list together, may take."""

SMALL_OUTPUT = MAXIMUM_OUTPUT // 4
"""A text of so many characters fits, whatever they are: UTF-8 takes at most four bytes each."""

MAXIMUM_DIGITS = 64
"""Digits of a number; .NET's decimal holds 29, and printing a huge one costs quadratic time."""


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """One app role that a person holds."""

    value: str
    """What is sent to the application; the grant's text."""
    name: str
    """What people call it."""


@dataclass(frozen=True, slots=True)
class Alternatives:
    """
    Texts of which one is to be taken: what SelectUniqueValue yields.

    Which one is free is known to the plan alone, so nothing in this room picks
    one; none is empty and none comes twice.
    """

    values: tuple[str, ...]
    """In the order in which they are tried."""


Single = str | int | Decimal | RoleGrant
"""What a list holds once it is laid out."""

Value = None | Single | Alternatives | tuple["Value", ...]
"""Everything an attribute can be and an expression can yield."""


def is_empty(value: Value) -> bool:
    """Say whether *value* is absent, empty text, or a list that holds nothing else."""
    if isinstance(value, tuple):
        return all(part == "" for part in _laid_out(value))
    return value is None or value == ""


def flatten(value: Value) -> list[Single]:
    """Return what *value* holds, lists within lists laid out in order, nulls dropped."""
    return list(_laid_out(value))


def _laid_out(value: Value) -> Iterator[Single]:
    waiting: list[Value] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting.extend(reversed(part))
        elif isinstance(part, Alternatives):
            yield from part.values
        elif part is not None:
            yield part


def single(value: Value, reader: str = "this") -> Single | None:
    """
    Return the one value that *value* is or holds; ``None`` when it holds none.

    Raises:
        EvaluationError: It holds several; *reader* names who asked for one.
    """
    if isinstance(value, Alternatives):
        raise EvaluationError(f"{reader} takes one value; which alternative it is, the plan says")
    if not isinstance(value, tuple):
        return value
    parts = flatten(value)
    if len(parts) > 1:
        raise EvaluationError(
            f"{reader} takes one value and was given a list of {len(parts)}; Join makes it one text"
        )
    return parts[0] if parts else None


def text_of(value: Value) -> str:
    """
    Return *value* as the text that is written to a target.

    Nothing is ``""``, a role is its value, a number its shortest plain form.

    Raises:
        EvaluationError: A list of several values, or a number of absurd size.
    """
    return plain_text(value) or ""


def plain_text(value: Value, reader: str = "this") -> str | None:
    """Return *value* as text, ``None`` for nothing; raises as :func:`text_of` does."""
    one = single(value, reader)
    if one is None or isinstance(one, str):
        return one
    if isinstance(one, RoleGrant):
        return one.value
    if isinstance(one, Decimal):
        return _decimal_text(one)
    if abs(one) >= 10**MAXIMUM_DIGITS:
        raise EvaluationError(f"a number has more than {MAXIMUM_DIGITS} digits")
    return str(one)


def _decimal_text(number: Decimal) -> str:
    """Return *number* without an exponent; a decimal can name more zeros than memory holds."""
    if not _is_printable(number):
        raise EvaluationError(f"a number is not finite, or has more than {MAXIMUM_DIGITS} digits")
    return f"{number:f}"


def _is_printable(number: Decimal) -> bool:
    """Say whether *number* can be written out in digits."""
    if not number.is_finite():
        return False
    exponent = int(number.as_tuple().exponent)
    return exponent >= -MAXIMUM_DIGITS and number.adjusted() < MAXIMUM_DIGITS


_NUMBER = re.compile(r"[+-]?[0-9]{1,64}(?:\.[0-9]{1,64})?\Z")


def number_of(value: Value) -> int | Decimal | None:
    """
    Return *value* as a number; ``None`` when it is nothing, text that is none, or a role.

    A decimal that is not finite, or of absurd size, is no number either.
    """
    if isinstance(value, Decimal):
        return value if _is_printable(value) else None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and _NUMBER.match(value.strip()):
        return Decimal(value.strip()) if "." in value else int(value)
    return None


def bounded(text: str) -> str:
    """Return *text*, or raise :class:`EvaluationError` when it is over the limit."""
    if len(text) > SMALL_OUTPUT and _size(text) > MAXIMUM_OUTPUT:
        raise too_long()
    return text


def _size(text: str) -> int:
    """Return the bytes of *text*; half a character, which JSON can bring, counts as three."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def bounded_value(value: Value) -> Value:
    """Return *value*, or raise :class:`EvaluationError` when its texts are over the limit."""
    if isinstance(value, (tuple, Alternatives)):
        require_room(_size(plain_text(part) or "") + 1 for part in flatten(value))
        return value
    return bounded(value) if isinstance(value, str) else value


def require_room(lengths: Iterable[int]) -> None:
    """Raise :class:`EvaluationError` when texts of these *lengths* are too much together."""
    if sum(lengths) > MAXIMUM_OUTPUT:
        raise too_long()


def too_long() -> EvaluationError:
    """Return the error for a result over the limit."""
    return EvaluationError(f"the result is longer than {MAXIMUM_OUTPUT:,} bytes")
