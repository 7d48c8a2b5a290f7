"""
Date formats that are legal and rarely mean what they seem to: warnings.

.NET compares the letters of a format with case and takes unknown ones for text,
so ``yyyy-mm-dd`` writes minutes between year and day, ``YYYY-MM-DD`` writes
``YYYY``, and ``hh:mm`` loses the afternoon. None of these fails: every account
would get a wrong date.

Used by :mod:`reconciler.expr.traps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from reconciler.expr.dates.formats import PLAIN, Piece, take_apart
from reconciler.expr.errors import Caution
from reconciler.expr.nodes import Call, Literal

_Trap = Callable[[list[Piece]], bool]


def _letters(pieces: list[Piece]) -> set[str]:
    return {piece.letter for piece in pieces}


def _has_capitals(pieces: list[Piece]) -> bool:
    return any(
        piece == after and piece in {Piece(PLAIN, "Y"), Piece(PLAIN, "D")}
        for piece, after in pairwise(pieces)
    )


def _has_minutes_for_months(pieces: list[Piece]) -> bool:
    letters = _letters(pieces)
    return "m" in letters and "y" in letters and not letters & {"M", "h", "H"}


def _has_half_a_day(pieces: list[Piece]) -> bool:
    letters = _letters(pieces)
    return "h" in letters and "t" not in letters


_TRAPS: tuple[tuple[_Trap, str, str], ...] = (
    (_has_capitals, "Y and D are no fields but text", "write yyyy for the year and dd for the day"),
    (_has_minutes_for_months, "m is the minute", "write MM for the month"),
    (
        _has_half_a_day,
        "h is the hour of twelve, and nothing says which half of the day",
        "write H for the hour of 24, or add tt for AM and PM",
    ),
)


def cautions_of_formats(call: Call) -> Iterator[Caution]:
    """Yield a warning for each trap in the constant formats of a FormatDateTime that compiles."""
    for argument in call.arguments[-2:]:
        if not isinstance(argument, Literal) or not isinstance(argument.value, str):
            continue
        pieces = take_apart(argument.value)
        for is_trap, message, hint in _TRAPS:
            if is_trap(pieces):
                yield Caution(argument.column, f"in {argument}, {message}", hint)
