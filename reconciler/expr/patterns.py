r"""
Patterns that people write for .NET, run by RE2.

RE2 finds one match in time linear in the text, whatever the pattern, and many
are paid for (:mod:`reconciler.expr.effort`); Python's own engine never sees a
pattern (reliability.md S14). What is translated, so that a
pattern moved over from Entra finds the same text:

* ``(?<name>…)`` becomes ``(?P<name>…)``, ``\uFFFF`` becomes ``\x{FFFF}``;
* ``\d \w \s`` and their opposites are Unicode in .NET and ASCII in RE2: they
  become the Unicode categories that .NET's documentation names, so that
  ``[^\w]`` does not eat the ë of Zoë;
* in replacements, ``${name}``, ``$1``, ``$0``, ``$&`` and ``$$``; numbers count
  as .NET counts them, unnamed groups first.

What RE2 cannot do (looking ahead or behind, back-references, subtraction of
classes, two groups of one name, ``\Z``) is refused. Two differences remain:
``\b`` knows ASCII letters only, which ``validate`` warns of, and ``$`` does not
match before a line break at the end of the text.

Used by Replace; :mod:`reconciler.scope` has its own rules for matching.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from reconciler.expr.effort import Effort
from reconciler.expr.values import MAXIMUM_OUTPUT, too_long

MAXIMUM_PATTERN = 512
"""Characters of a pattern (reliability.md S14)."""

MAXIMUM_PROGRAM = 65_536
"""Instructions of a compiled pattern; ``\\w`` is 1,500 of them, because it is Unicode."""

MAXIMUM_SUBJECT = 4_096
"""Characters that a pattern is run over."""

MAXIMUM_MEMORY = 2 * 1024 * 1024
"""Bytes for a pattern and what it remembers while it runs; room for the largest program."""

STEPS = 32
"""Steps of a pattern in the time in which a function reads a character (:mod:`expr.effort`)."""

HINT = (
    "patterns are RE2: no looking ahead or behind, no back-references; "
    "see the syntax page of RE2, or use oldValue instead of a pattern"
)

Match = Any
"""A match of re2, which has no type information: ``span(group)``, ``group(group)``."""


class PatternProblem(Exception):
    """A pattern or a replacement that cannot be used; the message says why."""

    def __init__(self, message: str, hint: str = HINT) -> None:
        self.hint = hint
        super().__init__(message)


class Pattern:
    """A compiled pattern, with groups as .NET names and numbers them."""

    def __init__(self, compiled: Any, weight: int) -> None:
        self._compiled = compiled
        self._weight = weight
        self.size: int = compiled.programsize
        self.names: dict[str, int] = dict(compiled.groupindex)
        named = set(self.names.values())
        unnamed = [index for index in range(1, compiled.groups + 1) if index not in named]
        self._by_number = [0, *unnamed, *sorted(named)]

    def group(self, name: str) -> int | None:
        """Return the index of the group called *name*, which may be a number as .NET counts."""
        if name.isascii() and name.isdigit() and len(name) <= 3:
            number = int(name)
            return self._by_number[number] if number < len(self._by_number) else None
        return self.names.get(name)

    def no_group(self, name: str) -> PatternProblem:
        """Return the problem of a group *name* that does not exist."""
        known = f"its named groups are {', '.join(self.names)}; " if self.names else ""
        hint = f"{known}a group is named by (?<name>…)"
        return PatternProblem(f'the pattern has no group "{name}"', hint)

    def search(self, text: str, effort: Effort) -> Match | None:
        """Return the first match in *text*; raises as :meth:`replace` does."""
        self._pay(len(_subject(text)), effort)
        return self._compiled.search(text)

    def replace(
        self, text: str, group: int, replacement: Callable[[Match], str], effort: Effort
    ) -> str:
        """
        Replace what *group* captured in every match (0: all of the match).

        RE2 takes time in proportion to the text for one match, and may look at
        the rest of it again for the next: each match is paid for as if it did.

        Raises:
            PatternProblem: *text* is too long to be searched.
            EvaluationError: The result is too long, or it took too much.
        """
        parts: list[str] = []
        end = size = 0
        self._pay(len(_subject(text)), effort)
        for match in self._compiled.finditer(text):
            self._pay(len(text) - match.end(), effort)
            first, last = match.span(group)
            if first < 0:
                continue
            parts += (text[end:first], replacement(match))
            end = last
            size += len(parts[-1]) + len(parts[-2])
            if size > MAXIMUM_OUTPUT:
                raise too_long()
        return "".join((*parts, text[end:]))

    def _pay(self, characters: int, effort: Effort) -> None:
        effort.spend(characters * self._weight // STEPS)


def _subject(text: str) -> str:
    """Return *text* if a pattern may be run over it."""
    if len(text) > MAXIMUM_SUBJECT:
        raise PatternProblem(f"the text is longer than {MAXIMUM_SUBJECT:,} characters")
    try:
        text.encode()
    except UnicodeEncodeError as broken:
        raise PatternProblem("the text holds half a character") from broken
    return text


@lru_cache(maxsize=64)
def compile_pattern(text: str) -> Pattern:
    """
    Compile a pattern written for .NET.

    Raises:
        PatternProblem: It is too long, too costly, or more than RE2 can do.
    """
    if len(text) > MAXIMUM_PATTERN:
        raise PatternProblem(f"the pattern is longer than {MAXIMUM_PATTERN} characters")
    translated = _translate(text)
    try:
        compiled = re2.compile(translated, _options())
    except re2.error as refusal:
        reason = refusal.args[0] if refusal.args else b""
        said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        if "too large" in said:
            raise _too_costly() from refusal
        raise PatternProblem(f"the pattern cannot be used: {said[:120]}") from refusal
    except UnicodeEncodeError as refusal:
        raise PatternProblem("the pattern holds half a character") from refusal
    if not 0 <= compiled.programsize <= MAXIMUM_PROGRAM:
        raise _too_costly()
    return Pattern(compiled, _weight(translated) or compiled.programsize)


def _too_costly() -> PatternProblem:
    hint = r"repeat less in it; \\w{40} is forty times all the letters of Unicode"
    return PatternProblem("the pattern is too costly", hint)


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAXIMUM_MEMORY
    return options


_BEYOND_LATIN = re.compile(r"\\x\{[0-9A-Fa-f]{3,}\}|[^\x00-\xff]")


def _weight(translated: str) -> int | None:
    """
    Return in how many places of a pattern a search can be at once, about.

    That is the size of its program when a character is a byte: with Unicode, most
    of a program are the many bytes that one letter can be. ``None`` when that is not known.
    """
    options = _options()
    options.encoding = re2.Options.Encoding.LATIN1
    narrow = _BEYOND_LATIN.sub(r"\\xff", translated).encode("latin-1")
    try:
        return int(re2.compile(narrow, options).programsize)
    except re2.error:
        return None  # e.g. a name in letters beyond ASCII


_REFERENCE = re.compile(r"\$(?:\{([^{}]*)\}|([0-9]+)|([$&`'+_]))")


@lru_cache(maxsize=256)
def compile_replacement(text: str, pattern: Pattern) -> Callable[[Match], str]:
    """
    Compile .NET replacement text for matches of *pattern*.

    A number that is no group is plain text, as in .NET; a name that is no
    group is refused, because nobody means that.

    Raises:
        PatternProblem: It names a group that does not exist, or text around the match.
    """
    parts: list[str | int] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        parts += (text[end : found.start()], _referred(found, pattern))
        end = found.end()
    parts.append(text[end:])
    if len(parts) == 1:
        return lambda match: text
    return lambda match: "".join(
        part if isinstance(part, str) else match.group(part) or "" for part in parts
    )


def _referred(found: re.Match[str], pattern: Pattern) -> str | int:
    """Return the group that a ``$`` of a replacement names, or the text it stands for."""
    name, number, sign = found.groups()
    if sign == "$":
        return "$"
    if sign == "&":
        return 0
    if sign:
        raise PatternProblem(f"{found[0]} in a replacement is not supported", "a dollar is $$")
    group = pattern.group(name if number is None else number)
    if group is not None:
        return group
    if number is None:
        raise pattern.no_group(name)
    return found[0]


_NO_WORD = r"\p{Mc}\p{Me}\p{Nl}\p{No}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\p{S}\p{Z}\p{C}"
_NO_BLANK = (
    r"\x00-\x08\x0e-\x1f\x21-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}"
    r"\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}"
)

CLASSES = {
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\w": r"\p{L}\p{Mn}\p{Nd}\p{Pc}",
    r"\W": _NO_WORD,
    r"\s": r"\t\n\v\f\r\x{85}\p{Z}",
    r"\S": _NO_BLANK,
}
"""
What .NET's shorthands mean, as members of a class.

Alone, a capital one is the opposite of the small one; among others in a class it
has to be spelt out, and lacks the characters that Unicode has not assigned yet.
"""

_REFUSED = frozenset({r"\C", r"\Q", r"\E", r"\Z", r"\G", r"\K"})
"""Escapes that .NET and RE2 understand differently, or that RE2 has not."""

_PIECE = re.compile(r"\\u[0-9A-Fa-f]{4}|\\.|\(\?<(?![=!])|\[\^?\]?|.", re.DOTALL)
"""What the translation looks at in one go."""


def _translate(pattern: str) -> str:
    """Return *pattern* as RE2 writes it; raises :class:`PatternProblem` for a refused part."""
    pieces: list[str] = []
    names: set[str] = set()
    in_class, before = False, ""
    for match in _PIECE.finditer(pattern):
        piece = match[0]
        if piece == "(?<" and not in_class:
            _add_name(names, pattern[match.end() :].partition(">")[0])
        if in_class and before == "-" and piece.startswith("["):
            raise PatternProblem("the pattern subtracts one class from another")
        pieces.append(_translated(piece, in_class))
        if in_class:
            in_class = piece.startswith("\\") or not piece.endswith("]")
        else:
            in_class = piece.startswith("[")
        before = piece
    return "".join(pieces)


def _add_name(names: set[str], name: str) -> None:
    """Add the name of a group; raises :class:`PatternProblem` for one that is there."""
    if name in names:
        problem = f'the pattern has two groups called "{name}"'
        raise PatternProblem(problem, "to .NET they are one, to RE2 two: call them differently")
    names.add(name)


def _translated(piece: str, in_class: bool) -> str:
    if piece in _REFUSED:
        raise PatternProblem(f"the pattern cannot be used: {piece} is not supported")
    if members := CLASSES.get(piece):
        if in_class:
            return members
        return f"[{members}]" if piece.islower() else f"[^{CLASSES[piece.lower()]}]"
    if piece.startswith("\\u") and len(piece) > 2:
        return f"\\x{{{piece[2:]}}}"
    if in_class and piece.startswith("["):
        return "\\" + piece
    return "(?P<" if piece == "(?<" and not in_class else piece
