"""
What is wrong, where, and what to do about it.

Every complaint this package makes about something a person wrote is a
:class:`Diagnostic`: a kebab-case code, a sentence, a place and one hint. They
are collected and shown together, so that a file is mended once and not ten
times (product.md, ruling 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]

LINE_LIMIT = 160
"""Characters of an offending line that are shown; the rest says nothing to a reader."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file; *line* and *column* count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One complaint: what is wrong, where, and what to do about it."""

    code: str
    message: str
    position: Position | None = None
    hint: str | None = None
    severity: Severity = "error"

    def format(self, source: str | None = None) -> str:
        """
        Lay the complaint out for a terminal.

        With *source*, the text of the file, the offending line is shown with a
        caret under the column.
        """
        place = f"{self.position}: " if self.position else ""
        lines = [f"{place}{self.severity}[{self.code}]: {self.message}"]
        if self.position and source is not None:
            lines.extend(_excerpt(self.position, source))
        if self.hint:
            lines.append(f"{'':>5} = hint: {self.hint}")
        return "\n".join(printable(line) for line in lines)


def _excerpt(position: Position, source: str) -> list[str]:
    """Return the offending line and a caret under its column, or nothing past the end."""
    rows = source.split("\n")
    if not 0 < position.line <= len(rows):
        return []
    offending = rows[position.line - 1].rstrip("\r")
    start = max(0, position.column - LINE_LIMIT)
    shown = offending[start : start + LINE_LIMIT].replace("\t", " ")
    caret = position.column - 1 - start
    return [f"{position.line:>5} | {shown}", f"{'':>5} | {'':>{caret}}^"]


def printable(text: str) -> str:
    r"""
    Return *text* with every character that could drive a terminal spelled out.

    Control characters, bidirectional overrides and invisible format characters
    become ``\u{..}``: a value from a file or a server must not repaint the
    screen that a reviewer trusts (reliability.md S23).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _is_inert(c) else f"\\u{{{ord(c):x}}}" for c in text)


def _is_inert(character: str) -> bool:
    """Say whether *character* shows as itself and moves nothing; a space of any width does."""
    return character.isprintable() or character in "\u00a0\u202f\u3000"


class ReconcilerError(Exception):
    """Base of every error this package raises on purpose."""


class ConfigError(ReconcilerError):
    """What a person wrote cannot be used; carries every diagnostic found."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(d.format() for d in self.diagnostics))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the word of *known* that *name* was probably meant to be, if any is close."""
    by_folded = {word.casefold(): word for word in known}
    close = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None
