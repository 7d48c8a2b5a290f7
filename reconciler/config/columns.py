r"""
From a character of a value to its place in the file.

A mapping expression is checked as text, and its errors have columns of their
own. This is the way back: past quotes, past ``''`` and ``\"``, and through the
folding of values that run over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.config.nodes import Scalar
from reconciler.diagnostics import Position

_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_BLANK_ESCAPES = frozenset({"\\n", "\\t", "\\ ", "\\r", "\\x20", "\\\n"})


def place_in(scalar: Scalar, offset: int) -> Position:
    """
    Return where character *offset* (from 0) of the value stands in its file.

    Exact for plain and quoted values on one line, and for characters that are
    not blank in values over several lines; past the end, the place after the
    last character.
    """
    source = scalar.origin.text[scalar.start : scalar.end]
    start = scalar.start + _opening(scalar, source)
    units = list(_units(source[start - scalar.start :], scalar.style))
    if "\n" not in source:
        before = units[:offset]
        return scalar.origin.position(start + sum(len(unit) for unit in before))
    return scalar.origin.position(start + _over_lines(scalar.text, offset, units))


def _opening(scalar: Scalar, source: str) -> int:
    """Return how many characters stand before the first of the value."""
    if scalar.style in ("|", ">"):
        return source.find("\n") + 1
    return 1 if scalar.style else 0


def _units(source: str, style: str) -> Iterator[str]:
    """Cut the source of a value into pieces that stand for one character each."""
    at = 0
    while at < len(source):
        piece = source[at]
        if style == "'" and source.startswith("''", at):
            piece = "''"
        elif style == '"' and piece == "\\":
            found = _ESCAPE.match(source, at)
            piece = found.group() if found else piece
        yield piece
        at += len(piece)


def _over_lines(text: str, offset: int, units: list[str]) -> int:
    """
    Return how far into the source the character at *offset* of *text* stands.

    Folding changes blanks and nothing else, so the n-th character that is not
    blank is the same one on both sides.
    """
    wanted = sum(not character.isspace() for character in text[:offset])
    length = 0
    for unit in units:
        blank = unit.isspace() or unit in _BLANK_ESCAPES
        if not blank and wanted == 0:
            break
        wanted -= not blank
        length += len(unit)
    return length
