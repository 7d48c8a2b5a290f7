"""
Moments to text, in a .NET date format.

Compiled once per format into a list of small functions. Every moment here is
UTC, so ``z`` writes an offset of zero; ``K`` writes what reading found out: ``Z``
for a text that said UTC, ``+00:00`` for one that had another offset, nothing for
one that had none.

Used by FormatDateTime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from reconciler.expr.dates.formats import PLAIN, QUOTED, Piece, take_apart
from reconciler.expr.dates.moments import DAYS, MONTHS, Fields, Moment, fields_of

DateWriter = Callable[[Moment], str]
_Write = Callable[[Fields], str]


@lru_cache(maxsize=256)
def date_writer(form: str) -> DateWriter:
    """
    Return the function that writes a moment in the format *form*.

    Raises:
        DateProblem: It is no format.
    """
    writes = tuple(_writes(take_apart(form)))

    def write(moment: Moment) -> str:
        fields = fields_of(moment)
        return "".join([write(fields) for write in writes])

    return write


def _writes(pieces: list[Piece]) -> list[_Write]:
    """Return what writes *pieces*; a dot before an empty ``F`` goes with it, as in .NET."""
    writes: list[_Write] = []
    for piece, after in zip(pieces, [*pieces[1:], None], strict=True):
        text = piece.text
        if piece.letter not in {PLAIN, QUOTED}:
            writes.append(_FIELDS[piece.letter](piece.width))
        elif after and after.letter == "F" and text.endswith("."):
            writes.append(_text_before_fraction(text, after.width))
        else:
            writes.append(_text(text))
    return writes


def _text(text: str) -> _Write:
    return lambda fields: text


def _text_before_fraction(text: str, count: int) -> _Write:
    return lambda fields: text if _short_fraction(fields, count) else text[:-1]


def _number(read: Callable[[Fields], int]) -> Callable[[int], _Write]:
    """Return what makes a field of one digit or two."""

    def of(count: int) -> _Write:
        if count == 1:
            return lambda fields: str(read(fields))
        return lambda fields: f"{read(fields):02d}"

    return of


def _name(
    number: Callable[[int], _Write], names: tuple[str, ...], read: Callable[[Fields], int]
) -> Callable[[int], _Write]:
    """Return what makes a field that is a number, a short name or a name, by its length."""
    short = tuple(name[:3] for name in names)

    def of(count: int) -> _Write:
        if count <= 2:
            return number(count)
        chosen = short if count == 3 else names
        return lambda fields: chosen[read(fields)]

    return of


def _year(count: int) -> _Write:
    if count <= 2:
        return lambda fields: str(fields.year % 100).zfill(count)
    return lambda fields: str(fields.year).zfill(count)


def _fraction(count: int) -> _Write:
    return lambda fields: f"{fields.fraction:07d}"[:count]


def _short_fraction(fields: Fields, count: int) -> str:
    return f"{fields.fraction:07d}"[:count].rstrip("0")


def _half(count: int) -> _Write:
    if count == 1:
        return lambda fields: "P" if fields.hour >= 12 else "A"
    return lambda fields: "PM" if fields.hour >= 12 else "AM"


_FIELDS: Mapping[str, Callable[[int], _Write]] = MappingProxyType(
    {
        "y": _year,
        "M": _name(_number(lambda at: at.month), MONTHS, lambda at: at.month - 1),
        "d": _name(_number(lambda at: at.day), DAYS, lambda at: at.weekday),
        "H": _number(lambda at: at.hour),
        "h": _number(lambda at: at.hour % 12 or 12),
        "m": _number(lambda at: at.minute),
        "s": _number(lambda at: at.second),
        "f": _fraction,
        "F": lambda count: lambda fields: _short_fraction(fields, count),
        "t": _half,
        "z": lambda count: _text(("+0", "+00", "+00:00")[min(count, 3) - 1]),
        "K": lambda count: lambda fields: fields.zone,
        "g": lambda count: _text("A.D."),
    }
)
"""What makes a field of so many letters."""
