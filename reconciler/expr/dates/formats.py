r"""
.NET's date formats, taken apart; the invariant culture's.

A format of one letter is a standard one, and stands for a longer one. In a
longer one, a run of one of the letters ``d f F g h H K m M s t y z`` is a field;
``'…'`` and ``"…"`` quote, ``\`` takes the next character as it stands, ``%``
goes before a field of one letter, and anything else stands for itself.

Decision where .NET is inconsistent: ``%dd`` is two fields when it writes and one
when it reads, so ``%`` before a longer run is refused.

Used by :mod:`reconciler.expr.dates.writing` and :mod:`reconciler.expr.dates.reading`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from reconciler.expr.dates.moments import DateProblem

MAXIMUM_FORMAT = 256
"""Characters of a format."""

MAXIMUM_FRACTION = 7
"""Digits of a second that .NET keeps."""

STANDARD: Mapping[str, str] = MappingProxyType(
    {
        "d": "MM/dd/yyyy",
        "D": "dddd, dd MMMM yyyy",
        "f": "dddd, dd MMMM yyyy HH:mm",
        "F": "dddd, dd MMMM yyyy HH:mm:ss",
        "g": "MM/dd/yyyy HH:mm",
        "G": "MM/dd/yyyy HH:mm:ss",
        "m": "MMMM dd",
        "M": "MMMM dd",
        "o": "yyyy'-'MM'-'dd'T'HH':'mm':'ss.fffffffK",
        "O": "yyyy'-'MM'-'dd'T'HH':'mm':'ss.fffffffK",
        "r": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
        "R": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
        "s": "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
        "t": "HH:mm",
        "T": "HH:mm:ss",
        "u": "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
        "U": "dddd, dd MMMM yyyy HH:mm:ss",
        "y": "yyyy MMMM",
        "Y": "yyyy MMMM",
    }
)
"""What the formats of one letter stand for."""

FORMAT_HINT = (
    'write a .NET date format, as in "yyyy-MM-dd HH:mm:ss" or "M/d/yyyy h:mm:ss tt": '
    "M is the month and m the minute, H the hour of 24 and h of 12"
)

QUOTED = "quoted"
"""The letter of a piece that stands for its own text, strictly."""

PLAIN = "plain"
"""The letter of a piece of one character that was not quoted; reading is lenient with some."""

_PIECE = re.compile(
    r"(?P<field>(?P<letter>[dfFghHmMstyz])(?P=letter)*+|K)"
    r"|'(?P<single>(?:\\.|[^'\\])*+)'"
    r'|"(?P<double>(?:\\.|[^"\\])*+)"'
    r"|\\(?P<escaped>.)"
    r"|(?P<plain>[^\\'\"])",
    re.DOTALL,
)

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Piece(NamedTuple):
    """A field of a format, or a text in it."""

    letter: str
    """Of a field; :data:`QUOTED` or :data:`PLAIN` of a text."""
    text: str
    """A field's letters as they stand, or the text."""

    @property
    def width(self) -> int:
        """How often a field's letter stands there, the length of a text."""
        return len(self.text)


def take_apart(form: str) -> list[Piece]:
    """
    Return the pieces of a format.

    Raises:
        DateProblem: .NET would refuse it too, or it is too long.
    """
    if not form or len(form) > MAXIMUM_FORMAT:
        what = f"is longer than {MAXIMUM_FORMAT} characters" if form else "is empty"
        raise DateProblem(what, FORMAT_HINT)
    if len(form) == 1:
        form = _standard(form)
    pieces: list[Piece] = []
    position = 0
    while position < len(form):
        alone = form[position] == "%"
        found = _PIECE.match(form, position + alone)
        if found is None:
            raise _unfinished(form, position)
        piece = _piece(found)
        if alone and (piece.letter == QUOTED or piece.text == "%" or piece.width > 1):
            raise DateProblem("has a % that is not before a single letter", FORMAT_HINT)
        pieces.append(piece)
        position = found.end()
    return pieces


def _standard(letter: str) -> str:
    if letter not in STANDARD:
        hint = (
            f'formats of one letter are {" ".join(STANDARD)}; a field alone is written "%{letter}"'
        )
        raise DateProblem("is one character that is no standard format", hint)
    return STANDARD[letter]


def _unfinished(form: str, position: int) -> DateProblem:
    """Return the problem of a character that cannot be passed."""
    if form[position] == "\\":
        return DateProblem("ends in a backslash", 'a backslash itself is written "\\\\\\\\"')
    if form[position] == "%":
        return DateProblem("has a % that is not before a single letter", FORMAT_HINT)
    return DateProblem(
        "has a quote that is not closed", "text in a format stands between two quotes: d 'of' MMMM"
    )


def _piece(found: re.Match[str]) -> Piece:
    if letters := found["field"]:
        if letters[0] in "fF" and len(letters) > MAXIMUM_FRACTION:
            message = f"has a fraction of more than {MAXIMUM_FRACTION} digits"
            raise DateProblem(message, f'write "{letters[0] * MAXIMUM_FRACTION}" at most')
        return Piece(letters[0], letters)
    if (plain := found["plain"]) is not None:
        return Piece(PLAIN, plain)
    if (escaped := found["escaped"]) is not None:
        return Piece(QUOTED, escaped)
    quoted = found["single"] if found["single"] is not None else found["double"]
    return Piece(QUOTED, _ESCAPED.sub(r"\1", quoted))
