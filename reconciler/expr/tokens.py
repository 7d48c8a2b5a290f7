r"""
Text to tokens, each with its column.

Decisions where Entra's pages are silent:

* In text, ``\"`` and ``\\`` are the two escapes. Any other backslash is kept as
  it stands, so that a pattern copied as ``"\d+"`` means what its author meant;
  it earns a warning, because Entra asks for ``"\\d+"``.
* An attribute name may hold anything but brackets, quotes, parentheses, commas
  and control characters, so that a column called *Straße 2* can be read and a
  forgotten bracket is still noticed at once. Blanks around it do not count.
* Hexadecimal is ``&HF``; the value is never negative. Any other ``&`` puts texts
  together, so ``"a" &Hello`` is no number, and ``"a"&HF`` is a text and a number
  with nothing between them.

Tokens come one by one, so that the first complaint in the text is the one that
is made. Used by :mod:`reconciler.expr.parser`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from reconciler.diagnostics import printable
from reconciler.expr.errors import Caution, ExpressionError

MAXIMUM_NAME = 256
"""Characters of an attribute name."""

Kind = Literal["name", "attribute", "text", "number", "operator", "&", "(", ")", ",", "end"]


class Token(NamedTuple):
    """One word of the language."""

    kind: Kind
    value: str | int | Decimal
    column: int
    """From 1, of its first character."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A token, where the next one starts, and what deserves a warning."""

    token: Token
    end: int
    cautions: tuple[Caution, ...] = ()


def tokenize(text: str, cautions: list[Caution]) -> Iterator[Token]:
    """
    Yield the tokens of *text*, the last of kind ``end``.

    Warnings are added to *cautions* as their text is passed.

    Raises:
        ExpressionError: The text holds something that is no token.
    """
    position = 0
    while True:
        position = _skip_blanks(text, position)
        if position == len(text):
            yield Token("end", "", position + 1)
            return
        reading = _read(text, position)
        cautions.extend(reading.cautions)
        yield reading.token
        position = reading.end


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _read(text: str, start: int) -> _Reading:
    """Read the token at *start*, which is no blank and not the end."""
    for pattern, read in _SIMPLE:
        if match := pattern.match(text, start):
            return read(match)
    if text[start] == '"':
        return _read_text(text, start)
    if text[start] == "[":
        return _read_attribute(text, start)
    raise _unexpected(text, start)


def _punctuation(match: re.Match[str]) -> _Reading:
    kinds: dict[str, Kind] = {"(": "(", ")": ")", ",": ",", "&": "&"}
    mark = match[0]
    return _Reading(Token(kinds.get(mark, "operator"), mark, match.start() + 1), match.end())


def _name(match: re.Match[str]) -> _Reading:
    return _Reading(Token("name", match[0], match.start() + 1), match.end())


def _hexadecimal(match: re.Match[str]) -> _Reading:
    return _Reading(Token("number", int(match[1], 16), match.start() + 1), match.end())


def _decimal(match: re.Match[str]) -> _Reading:
    digits = match[0]
    number = Decimal(digits) if "." in digits else int(digits)
    return _Reading(Token("number", number, match.start() + 1), match.end())


_SIMPLE: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], _Reading]], ...] = (
    (re.compile(r"[(),]|<>|<=|>=|=(?!=)|<|>|&(?![Hh][0-9A-Za-z_])"), _punctuation),
    (re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), _name),
    (re.compile(r"&[Hh]([0-9A-Fa-f]{1,16})(?![0-9A-Za-z_])"), _hexadecimal),
    (re.compile(r"-?[0-9]{1,28}(?:\.[0-9]{1,28})?(?![0-9A-Za-z_.])"), _decimal),
)
"""Tokens that a fixed pattern finds, tried in this order; numbers are as long as .NET's decimal."""

_TEXT_PART = re.compile(r'[^"\\]+')


def _read_text(text: str, start: int) -> _Reading:
    parts: list[str] = []
    cautions: list[Caution] = []
    position = start + 1
    while position < len(text) and text[position] != '"':
        if plain := _TEXT_PART.match(text, position):
            parts.append(plain[0])
            position = plain.end()
            continue
        escaped = text[position + 1 : position + 2]
        if escaped in {'"', "\\"}:
            parts.append(escaped)
        else:
            parts.append("\\" + escaped)
            cautions.append(_lone_backslash(position + 1, escaped))
        position += 2
    if position >= len(text):
        hint = 'close it with "; a " inside the text is written \\", a backslash \\\\'
        raise ExpressionError("the text that starts here is not closed", start + 1, hint)
    return _Reading(Token("text", "".join(parts), start + 1), position + 1, tuple(cautions))


def _lone_backslash(column: int, escaped: str) -> Caution:
    shown = printable(escaped)
    return Caution(
        column,
        f"the single backslash before {shown} is kept as it stands",
        f'write \\\\{shown}, as Entra asks; text has no escapes but \\\\ and \\"',
    )


_ATTRIBUTE = re.compile(r'\[([^\[\]"(),\x00-\x1f\x7f]*)\]')


def _read_attribute(text: str, start: int) -> _Reading:
    match = _ATTRIBUTE.match(text, start)
    if not match:
        hint = "close it with ], as in [givenName]; a name holds no quotes, parentheses or commas"
        raise ExpressionError("the attribute that starts here is not closed", start + 1, hint)
    name = match[1].strip()
    if not name or len(name) > MAXIMUM_NAME:
        problem = f"is longer than {MAXIMUM_NAME} characters" if name else "is empty"
        hint = "name a source attribute, as in [givenName]"
        raise ExpressionError(f"the name in these brackets {problem}", start + 1, hint)
    return _Reading(Token("attribute", name, start + 1), match.end())


_HINTS = {
    "'": 'text is written in double quotes: "…"',
    "\u201c": 'text is written in straight quotes: "…"',
    "\u201d": 'text is written in straight quotes: "…"',
    "\u201e": 'text is written in straight quotes: "…"',
    "&": "a hexadecimal number is written &HF; put a blank after the & that puts texts together",
    "+": "texts are put together with &, Append or Join; a positive number has no sign",
    "-": "a negative number is written -10; there is no subtraction",
    "=": "equality is written with one =",
    "!": "inequality is written <>; the opposite of a boolean is Not(…)",
    ";": "arguments are separated by commas",
    "]": "an attribute is written [name]",
}


def _unexpected(text: str, start: int) -> ExpressionError:
    found = text[start]
    column = start + 1
    if re.match(r"-?[0-9]", text[start : start + 2]):
        hint = 'write 42, -10, 1.5 or &HFF, at most 28 digits a side; text is in quotes: "42nd"'
        return ExpressionError("this is not a number", column, hint)
    if found.isalpha():
        hint = 'text is written in quotes, "…", and an attribute in brackets, […]'
    elif not found.isprintable():
        hint = "delete this invisible character"
    else:
        hint = 'an expression is made of Function(…), [attribute], "text" and numbers'
    message = f'unexpected character "{printable(found)}"'
    return ExpressionError(message, column, _HINTS.get(found, hint))
