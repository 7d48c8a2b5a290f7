"""
The tree of a YAML file, built event by event and counted while it grows.

One frame per open list or mapping replaces the call stack, so that depth is a
number and not a crash. The limits are those of reliability.md, S01, but for the
number of values: whatever is wrong with a file, saying so takes at most five
seconds and 256 MiB (INV-32, docs/decisions/0030-hostile-input.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from reconciler.config.nodes import Entries, Items, Node, Origin, Plain, Scalar, place
from reconciler.diagnostics import Diagnostic, Position, ReconcilerError

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
"""A whole number as people write it; one of more digits is an identifier, and stays text."""

_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What no name may hold, not even written as an escape."""

_WORDS: dict[str, Plain] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "false": False,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold."""

    file_bytes: int = 8 * 2**20
    depth: int = 32
    nodes: int = 250_000
    """Values of a configuration, those of its included files counted in: 50,000 assignments."""
    aliases: int = 64
    expanded_nodes: int = 250_000
    expanded_characters: int = 8 * 2**20
    scalar_characters: int = 64 * 2**10
    problems: int = 200
    """More than anybody reads; what is wrong beyond it is not looked for."""


LIMITS = Limits()


class TooMuch(ReconcilerError):
    """A file goes beyond a limit; the reading ends."""

    def __init__(
        self, code: str, message: str, position: Position, hint: str | None = None
    ) -> None:
        self.diagnostic = Diagnostic(code, message, position, hint)
        super().__init__(message)


@dataclass(slots=True)
class _Size:
    """How large a value is with every alias written out."""

    nodes: int = 1
    characters: int = 0

    def add(self, other: _Size) -> None:
        """Count *other* in."""
        self.nodes += other.nodes
        self.characters += other.characters


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is still open."""

    node: Items | Entries
    anchor: str | None
    size: _Size = field(default_factory=_Size)
    key: Scalar | None = None
    awaits_value: bool = False


class Builder:
    """Takes the events of one file in order; `root` and `problems` are the result."""

    def __init__(self, origin: Origin, read_before: int = 0) -> None:
        """Begin *origin*; *read_before* values were read of other files already."""
        self.root: Node | None = None
        self.problems: list[Diagnostic] = []
        self._origin = origin
        self._open: list[_Frame] = []
        self._anchors: dict[str, tuple[Node, _Size]] = {}
        self._documents = self._aliases = 0
        self.nodes = read_before

    @staticmethod
    def is_null(node: Node) -> bool:
        """Say whether *node* is a value that says nothing."""
        return isinstance(node, Scalar) and node.value is None

    def take(self, event: Any) -> bool:
        """
        Take one event; False says that nothing more is wanted.

        Raises:
            TooMuch: A limit is exceeded.
        """
        kind = type(event)
        if len(self.problems) > LIMITS.problems:
            return False
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
            self._begin(event, kind is yaml.MappingStartEvent)
        elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            self._end()
        elif kind is yaml.DocumentStartEvent:
            return self._document(event)
        return True

    def _document(self, event: Any) -> bool:
        """Begin the one document; complain of a second and stop there."""
        self._documents += 1
        if self._documents == 1:
            return True
        message = "a second document begins here; the file must hold one"
        self._complain("several-documents", message, event, "remove the line `---`")
        return False

    def _scalar(self, event: Any) -> None:
        """Take a single value."""
        self._count(event)
        text, style = event.value, event.style or ""
        if len(text) > LIMITS.scalar_characters:
            message = f"this value has {len(text)} characters; at most {LIMITS.scalar_characters}"
            raise TooMuch("text-too-long", message, self._at(event))
        found = _ESCAPED.search(text) if style == '"' else None
        if found:
            message = f"this value holds the control character U+{ord(found.group()):04X}"
            self._complain("control-character", message, event)
        value: Plain = text
        if not style and event.tag is None:
            value = int(text) if _INTEGER.fullmatch(text) else _WORDS.get(text, text)
        node = Scalar(
            self._origin, event.start_mark.index, event.end_mark.index, style, text, value
        )
        self._check_tag(event)
        self._place(node, _Size(1, len(text)), event.anchor)

    def _begin(self, event: Any, is_mapping: bool) -> None:
        """Open a list or a mapping."""
        self._count(event)
        if len(self._open) >= LIMITS.depth:
            message = f"values are nested more than {LIMITS.depth} levels deep"
            raise TooMuch("nested-too-deeply", message, self._at(event))
        self._check_tag(event)
        start = event.start_mark.index
        node = Entries(self._origin, start, {}) if is_mapping else Items(self._origin, start, [])
        self._open.append(_Frame(node, event.anchor))

    def _end(self) -> None:
        """Close the innermost list or mapping."""
        frame = self._open.pop()
        self._place(frame.node, frame.size, frame.anchor)

    def _alias(self, event: Any) -> None:
        """Put in what an earlier anchor names; one that is still open is not there yet."""
        self._aliases += 1
        if self._aliases > LIMITS.aliases:
            message = f"the file has more than {LIMITS.aliases} aliases"
            raise TooMuch("too-many-aliases", message, self._at(event))
        known = self._anchors.get(event.anchor)
        if known is None:
            message = "this alias (`*…`) names nothing that stands above it"
            self._complain("unknown-alias", message, event)
            at, end = event.start_mark.index, event.end_mark.index
            known = (Scalar(self._origin, at, end, "", "", None), _Size())
        self._place(known[0], known[1], None)

    def _place(self, node: Node, size: _Size, anchor: str | None) -> None:
        """Put a finished node where it belongs."""
        if anchor is not None:
            self._anchors[anchor] = (node, size)
        if not self._open:
            self.root = node
            return
        frame = self._open[-1]
        frame.size.add(size)
        too_many = frame.size.nodes > LIMITS.expanded_nodes
        if too_many or frame.size.characters > LIMITS.expanded_characters:
            message = "with its aliases written out, the file would be too large"
            raise TooMuch("expands-too-much", message, place(frame.node))
        if isinstance(frame.node, Items):
            frame.node.items.append(node)
        elif frame.awaits_value:
            self._value(frame, frame.node, node)
        else:
            self._key(frame, frame.node, node)

    def _key(self, frame: _Frame, holder: Entries, node: Node) -> None:
        """Take a key; one that cannot be used is complained of, and its value passed over."""
        frame.key, frame.awaits_value = None, True
        position = place(node)
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            hint = "put the key in quotes" if isinstance(node, Scalar) else None
            self.problems.append(Diagnostic("key-not-text", "this key is not text", position, hint))
        elif node.value == "<<" and not node.style:
            message = "merge keys (`<<`) are not read"
            hint = "write the keys out, or put what applications share under `defaults:`"
            self.problems.append(Diagnostic("merge-key", message, position, hint))
        elif node.value in holder.entries:
            first = place(holder.entries[node.value][0])
            message = f"the key `{node.value}` is given twice; the first is in line {first.line}"
            self.problems.append(
                Diagnostic("repeated-key", message, position, "remove one of the two")
            )
        else:
            frame.key = node

    @staticmethod
    def _value(frame: _Frame, holder: Entries, node: Node) -> None:
        """Take the value of the key before."""
        if frame.key is not None:
            holder.entries[frame.key.text] = (frame.key, node)
        frame.key, frame.awaits_value = None, False

    def _count(self, event: Any) -> None:
        """Count a node that is written in the file."""
        self.nodes += 1
        if self.nodes > LIMITS.nodes:
            message = f"the configuration holds more than {LIMITS.nodes:,} values"
            hint = "assign groups instead of people, one by one"
            raise TooMuch("too-many-values", message, self._at(event), hint)

    def _check_tag(self, event: Any) -> None:
        """Complain of an explicit tag."""
        if event.tag is not None:
            message = "YAML tags (words that begin with `!`) are not read"
            hint = "remove the tag, or put text that begins with `!` in quotes"
            self._complain("yaml-tag", message, event, hint)

    def _complain(self, code: str, message: str, event: Any, hint: str | None = None) -> None:
        """Note a problem at the place of *event*."""
        self.problems.append(Diagnostic(code, message, self._at(event), hint))

    def _at(self, event: Any) -> Position:
        """Return the place of *event*."""
        return self._origin.position(event.start_mark.index)
