"""
YAML in which every value has an address, and none is guessed.

Only the core of YAML 1.2 is read: ``true``, ``false``, null, whole numbers as
people write them, and text. What YAML 1.1 would guess (``no``, ``007``,
``12:30``, ``2024-01-01``, ``0x1F``, ``1_000``, ``1.5``) is the text that stands
there; the models then say whether text is welcome. Tags, merge keys, repeated
keys, keys that are not text and a second document are refused: each is a way
to make a file say something else than a reviewer reads.

The parser's events are turned into nodes without recursion, and counted as
they come, so that a hostile file is given up early (reliability.md, S01 to
S04). An alias shares the node it names, and its size counts as if it had been
written out.

Called by :mod:`reconciler.config.load`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from reconciler.config.nodes import Loc, Node, Origin, locate, locate_key, plain
from reconciler.config.tree import LIMITS, Builder, TooMuch
from reconciler.diagnostics import ConfigError, Diagnostic, Position

_UNWELCOME = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]|\r(?!\n)"
)
"""Control characters, lone surrogates, and what shows a reviewer another text than is read."""

_HINTS = (
    ("cannot start any token", "put the value in quotes, and indent with spaces, never with tabs"),
    ("mapping values are not allowed", "put a value that holds a colon in quotes"),
    ("quoted scalar", "a quote is opened and never closed"),
    ("parsing a flow", "a bracket or a brace is opened and not closed, here or on a line above"),
    ("parsing a block", "indent what belongs together by the same number of spaces"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its text, and the node tree that holds and locates every value."""

    file: str
    text: str
    root: Node

    @property
    def data(self) -> Any:
        """What the file says, as plain dictionaries, lists and single values."""
        return plain(self.root)

    def locate(self, loc: Loc) -> Position:
        """Return where the value at *loc*, or the nearest one that encloses it, begins."""
        return locate(self.root, loc)

    def locate_key(self, loc: Loc) -> Position:
        """Return where the key of the value at *loc* begins; a misspelt key is shown there."""
        return locate_key(self.root, loc)


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of a file, and everything that is wrong with it as YAML."""

    document: Document | None
    problems: tuple[Diagnostic, ...]
    values: int = 0
    """Values read so far, those of the files before this one counted in."""


def parse(text: str, file: str) -> Document:
    """
    Parse *text*; *file* is only used to name positions.

    Raises:
        ConfigError: With every problem that :func:`read` finds.
    """
    reading = read(text, file)
    if reading.document is None or reading.problems:
        raise ConfigError(reading.problems)
    return reading.document


def read(text: str, file: str, read_before: int = 0) -> Reading:
    """
    Read as much of *text* as can be read; *read_before* values were read of other files.

    A repeated key keeps its first value, a tag is passed over: what comes
    after can still be judged, and all problems be shown at once.
    """
    origin = Origin(file, text.removeprefix("\ufeff"))
    refused = _refuse_text(origin)
    if refused:
        return Reading(None, (refused,), read_before)
    builder = Builder(origin, read_before)
    try:
        _feed(builder, origin.text)
    except yaml.YAMLError as exc:
        return _stopped(builder, _not_yaml(exc, origin))
    except TooMuch as exc:
        return _stopped(builder, exc.diagnostic)
    root = builder.root
    if root is None and builder.problems:
        return _stopped(builder)
    if root is None or builder.is_null(root):
        return _stopped(
            builder, Diagnostic("empty-file", "the file says nothing", Position(file, 1, 1))
        )
    document = Document(file, origin.text, root)
    return Reading(document, tuple(builder.problems), builder.nodes)


def _stopped(builder: Builder, *why: Diagnostic) -> Reading:
    """Return what a file came to of which nothing can be used."""
    return Reading(None, (*builder.problems, *why), builder.nodes)


def _feed(builder: Builder, text: str) -> None:
    """Hand the events of *text* to *builder* until it has had enough."""
    loader = _LOADER(text)
    try:
        while loader.check_event():
            if not builder.take(loader.get_event()):
                return
    finally:
        loader.dispose()


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser of libyaml where PyYAML was built with it: the same events, thirty times faster."""


def _refuse_text(origin: Origin) -> Diagnostic | None:
    """Complain of text that must not even be parsed."""
    size = len(origin.text.encode("utf-8", "surrogatepass"))
    if size > LIMITS.file_bytes:
        limit = f"at most {LIMITS.file_bytes} are read"
        message = f"the file has {size} bytes; {limit}"
        return Diagnostic("file-too-large", message, Position(origin.file, 1, 1))
    found = _UNWELCOME.search(origin.text)
    if not found:
        return None
    message = f"the invisible character U+{ord(found.group()):04X} is not allowed in this file"
    hint = "remove it, or write it as an escape inside double quotes"
    return Diagnostic("control-character", message, origin.position(found.start()), hint)


def _not_yaml(exc: yaml.YAMLError, origin: Origin) -> Diagnostic:
    """Put the parser's complaint into a diagnostic; its own words are the best there are."""
    problem = str(getattr(exc, "problem", None) or "the text cannot be parsed")
    context = getattr(exc, "context", None)
    mark = getattr(exc, "problem_mark", None)
    position = origin.position(min(mark.index, len(origin.text))) if mark else None
    said = f"{problem} {context}" if context else problem
    hint = next((hint for words, hint in _HINTS if words in said), None)
    return Diagnostic("not-yaml", f"this is not YAML: {said}", position, hint)
