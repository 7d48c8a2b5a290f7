"""
A .NET date format as a pattern for reading, with what each of its groups says.

.NET reads from left to right and never goes back, and neither does the pattern:
every repetition in it is possessive and every choice begins differently, so it
takes time in proportion to the text, whatever the format. Digits are ASCII.

What .NET does and one may not expect:

* a field of one letter takes one digit or two, as many as there are; any other
  takes exactly as many as it has letters (hours, minutes and seconds: two);
* names and ``tt`` are read in either case, ``t`` in capitals only;
* ``Z`` that is not quoted stands for ``Z`` or ``GMT``, and an unquoted ``GMT`` for itself;
* a blank may be missing when trailing blanks are allowed, and ``.F`` when there
  is no fraction.

Used by :mod:`reconciler.expr.dates.reading`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from reconciler.expr.dates.formats import PLAIN, QUOTED, Piece
from reconciler.expr.dates.moments import DAYS, MONTHS, minutes_of
from reconciler.expr.dates.styles import INNER, LEADING, TRAILING, Styles

SAID_UTC = -10_000
"""In the place of an offset, in minutes: the text says that it is UTC."""

_WHITE = r"\s*+"


class Group(NamedTuple):
    """One piece of a format: its pattern, and what the group in it says."""

    pattern: str
    field: str = ""
    """``year``, ``month``, …; empty when the pattern has no group."""
    value: Callable[[str], int] = int


def groups_of(pieces: list[Piece], styles: Styles) -> list[Group]:
    """Return the patterns of *pieces*, read in *styles*."""
    pieces = _trimmed(_with_gmt(pieces), styles)
    between = _WHITE if INNER in styles else ""
    groups = [group._replace(pattern=between + group.pattern) for group in _groups(pieces, styles)]
    start = Group(_WHITE if LEADING in styles else "")
    end = Group(_WHITE if TRAILING in styles else "")
    return [start, *groups, end]


def _with_gmt(pieces: list[Piece]) -> list[Piece]:
    """Return *pieces* with ``GMT`` in one: otherwise its M would be a month."""
    merged: list[Piece] = []
    for piece in pieces:
        merged.append(piece)
        if merged[-3:] == [Piece(PLAIN, "G"), Piece("M", "M"), Piece(PLAIN, "T")]:
            merged[-3:] = [Piece("GMT", "GMT")]
    return merged


def _trimmed(pieces: list[Piece], styles: Styles) -> list[Piece]:
    """Return *pieces* without the blanks at an end where the text may have any."""
    first, last = 0, len(pieces)
    while LEADING in styles and first < last and _is_blank(pieces[first]):
        first += 1
    while TRAILING in styles and first < last and _is_blank(pieces[last - 1]):
        last -= 1
    kept = pieces[first:last]
    if kept and LEADING in styles and kept[0].letter == QUOTED:
        kept[0] = Piece(QUOTED, kept[0].text.lstrip())
    if kept and TRAILING in styles and kept[-1].letter == QUOTED:
        kept[-1] = Piece(QUOTED, kept[-1].text.rstrip())
    return kept


def _is_blank(piece: Piece) -> bool:
    return piece.letter in {PLAIN, QUOTED} and not piece.text.strip()


def _groups(pieces: list[Piece], styles: Styles) -> Iterator[Group]:
    """Yield the pattern of each piece; a dot and the ``F`` after it are one."""
    remaining = iter(zip(pieces, [*pieces, None][1:], strict=True))
    for piece, after in remaining:
        if piece == Piece(PLAIN, ".") and after and after.letter == "F":
            next(remaining)
            yield Group(rf"(?:\.([0-9]{{0,{after.width}}}+))?+", "fraction", _ticks)
        elif piece.letter == QUOTED:
            yield Group(_quoted(piece.text, styles))
        elif piece.letter == PLAIN:
            yield _plain(piece.text, styles)
        else:
            yield _FIELDS[piece.letter](piece.width)


def _quoted(text: str, styles: Styles) -> str:
    pattern = re.escape(text)
    return pattern.replace(r"\ ", _WHITE) if INNER in styles else pattern


def _plain(character: str, styles: Styles) -> Group:
    if character == "Z":
        return Group("((?ai:GMT|Z)(?![A-Za-z]))", "offset", _offset)
    if character == " " and INNER in styles:
        return Group("")
    if character == " " and TRAILING in styles:
        return Group(" ?+")
    return Group(re.escape(character))


def _digits(count: int) -> str:
    return "([0-9]{1,2}+)" if count == 1 else f"([0-9]{{{count}}})"


def _two(field: str) -> Callable[[int], Group]:
    """Return what makes the group of a field of two digits at most."""
    return lambda count: Group(_digits(min(count, 2)), field)


def _named(field: str, names: tuple[str, ...], number: str, first: int) -> Callable[[int], Group]:
    """Return what makes the group of *field*: a *number*, a short name or a name, by its length."""

    def of(count: int) -> Group:
        if count <= 2:
            return Group(_digits(count), number)
        chosen = [name[:3] if count == 3 else name for name in names]
        numbers = {name.lower(): value for value, name in enumerate(chosen, first)}
        return Group(f"((?ai:{'|'.join(chosen)}))", field, lambda name: numbers[name.lower()])

    return of


def _ticks(digits: str) -> int:
    """Return the ticks of the digits after the point."""
    return int(digits.ljust(7, "0"))


def _offset(text: str) -> int:
    return minutes_of(text) if text[0] in "+-" else SAID_UTC


def _is_afternoon(half: str) -> int:
    return int(half[0] in "Pp")


_LONG_OFFSET = "[+-][0-9]{1,2}+:?+[0-9]{2}"
_OFFSETS = ("[+-][0-9]{1,2}+", "[+-][0-9]{2}", _LONG_OFFSET)

_FIELDS: Mapping[str, Callable[[int], Group]] = MappingProxyType(
    {
        "y": lambda count: Group(_digits(count), "year"),
        "M": _named("month", MONTHS, "month", first=1),
        "d": _named("weekday", DAYS, "day", first=0),
        "H": _two("hour"),
        "h": _two("hour"),
        "m": _two("minute"),
        "s": _two("second"),
        "f": lambda count: Group(f"([0-9]{{{count}}})", "fraction", _ticks),
        "F": lambda count: Group(f"([0-9]{{0,{count}}}+)", "fraction", _ticks),
        "t": lambda count: Group(
            "([AP])" if count == 1 else "((?ai:AM|PM))", "half", _is_afternoon
        ),
        "z": lambda count: Group(f"({_OFFSETS[min(count, 3) - 1]})", "offset", _offset),
        "K": lambda count: Group(f"(Z|{_LONG_OFFSET})?+", "offset", _offset),
        "GMT": lambda count: Group("(GMT)", "offset", lambda text: 0),
        "g": lambda count: Group(r"(?ai:A\.D\.|AD)"),
    }
)
"""What makes the group of a field of so many letters."""
