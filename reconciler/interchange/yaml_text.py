"""
Plain data as YAML that a person reads, and that our reader reads back unchanged.

The emitter of PyYAML knows no comments, and decides by itself what to quote;
here the caller places every line. A value goes on one line while it fits, else
one line per entry. Text is quoted unless no reader could take it for anything
else, because others guess types where :mod:`reconciler.config.yaml` does not.

Used by :mod:`reconciler.interchange.entra`.
"""

from __future__ import annotations

import re
from typing import Any

from reconciler.diagnostics import printable

WIDTH = 100
"""Columns that a value may take before it is laid out over several lines."""

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_.@/+-]*(?: [A-Za-z0-9_.@/+-]+)*")
_GUESSED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def scalar(value: str | bool | int | None) -> str:
    """Return a single value, quoted where it must be."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if _BARE.fullmatch(value) and value.lower() not in _GUESSED:
        return value
    if value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return '"' + "".join(_escaped(character) for character in value) + '"'


def _escaped(character: str) -> str:
    """Return one character of a double-quoted value."""
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def flow(value: Any) -> str:
    """Return *value* on one line."""
    if isinstance(value, dict):
        inner = ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items())
        return f"{{{inner}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value)


def block(value: Any, room: int = WIDTH) -> list[str]:
    """Return *value* as lines, not indented; on one line if that takes at most *room* columns."""
    line = flow(value)
    if not value or not isinstance(value, (dict, list, tuple)) or len(line) <= room:
        return [line]
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in entry(scalar(key), item, room)]
    return [text for item in value for text in hung("- ", block(item, room - 2))]


def entry(key: str, value: Any, room: int = WIDTH) -> list[str]:
    """Return the lines of one key and its value."""
    line = f"{key}: {flow(value)}"
    if not value or not isinstance(value, (dict, list, tuple)) or len(line) <= room:
        return [line]
    return [f"{key}:", *indented(block(value, room - 2))]


def hung(mark: str, lines: list[str]) -> list[str]:
    """Return *lines* with *mark* before the first, the others below it."""
    return [mark + lines[0], *indented(lines[1:], len(mark))]


def indented(lines: list[str], columns: int = 2) -> list[str]:
    """Return *lines* moved to the right."""
    return [" " * columns + line for line in lines]


def comment(text: str) -> str:
    """Return *text* as a comment that ends with its line, whatever it holds."""
    return f"# {printable(text)}"
