"""
What is wrong, where, and what to do about it.

Every complaint this package makes about something a person wrote is a
:class:`Diagnostic`: a kebab-case code, a sentence, a place and one hint. They
are collected and shown together, so that a file is mended once and not ten
times (product.md, ruling 1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

LINE_LIMIT = 160
"""Characters of an offending line that are shown; the rest says nothing to a reader."""

_COMMAND = re.compile(r"^(\s*):(?=:[A-Za-z])|#(?=#\w*\[)")
"""What the runners of pipelines take for a command, in one line."""

_UNEASY = re.compile(r"[^\x20-\x7e]|#(?=#\w*\[)")
"""What may not be inert."""


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
    screen that a reviewer trusts. So does the first character of what the runner
    of a pipeline would carry out as a command: ``::name`` at the start of a line,
    ``##[name]`` and ``##vso[`` anywhere (reliability.md S23).
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(c if _is_inert(c) else _spelled(c) for c in text)
    if "##" in text or "::" in text:
        text = _COMMAND.sub(lambda found: f"{found[1] or ''}{_spelled(found[0][-1])}", text)
    return text


def printable_json(text: str) -> str:
    """
    Return *text*, which is JSON and may have lines, as :func:`printable` would.

    What is spelled out is spelled as JSON does, so that it means the same.
    """
    if text.isascii() and "##" not in text and "\x7f" not in text:
        return text
    return _UNEASY.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    """Return a character of a JSON text as an escape, unless it is inert or ends a line."""
    if character == "#":
        return "\\u0023"
    if character == "\n" or _is_inert(character):
        return character
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]


def _spelled(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"


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
    from difflib import get_close_matches  # only who made a mistake waits for it

    by_folded = {word.casefold(): word for word in known}
    close = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None
