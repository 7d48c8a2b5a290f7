"""
Values that know where they were written.

A tree of nodes stands beside the plain data of a file, so that a complaint can
point at the very character (product.md, ruling 1). Nodes of several files can
be merged into one tree and keep their places, which is how a value from
``defaults:`` is complained of where it stands and not where it is used.

Trees are made by :mod:`reconciler.config.yaml`, at most 32 levels deep, and
may share branches (aliases); nothing in here changes a tree it was given.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reconciler.diagnostics import Position

Step = str | int
Loc = tuple[Step, ...]
"""The way to a value from the top: keys of mappings, indices of lists."""

Plain = str | bool | int | None
"""What a single value can be; no float ever reaches the model."""


class Origin:
    """One file: its name for people, its text, and where its lines begin."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        """Offsets of the first character of every line."""
        starts = [0]
        while (found := self.text.find("\n", starts[-1])) >= 0:
            starts.append(found + 1)
        return starts

    def position(self, offset: int) -> Position:
        """Return the line and column, both from 1, of the character at *offset*."""
        line = bisect_right(self._starts, offset)
        return Position(self.file, line, offset - self._starts[line - 1] + 1)


@dataclass(slots=True, eq=False)
class Scalar:
    """A single value; *start* and *end* are offsets into the file's text, quotes included."""

    origin: Origin
    start: int
    end: int
    style: str
    """How it is quoted: empty for a plain value, else one of the characters ``' " | >``."""
    text: str
    """The characters of the value, whatever its type."""
    value: Plain


@dataclass(slots=True, eq=False)
class Items:
    """A list."""

    origin: Origin
    start: int
    items: list[Node]


@dataclass(slots=True, eq=False)
class Entries:
    """A mapping: by key, the key's own node and the value."""

    origin: Origin
    start: int
    entries: dict[str, tuple[Scalar, Node]]

    def get(self, key: str) -> Node | None:
        """Return the value of *key*, or None."""
        found = self.entries.get(key)
        return None if found is None else found[1]


Node = Scalar | Items | Entries


def plain(node: Node) -> Any:
    """Return what *node* says as dictionaries, lists and single values."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, (_, value) in node.entries.items()}


def child(node: Node, step: Step) -> Node | None:
    """Return the value one step further, or None when there is none."""
    if isinstance(node, Entries) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, Items) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def find(root: Node, loc: Loc) -> Node | None:
    """Return the value at *loc*, or None when a step is missing."""
    node: Node | None = root
    for step in loc:
        node = child(node, step) if node is not None else None
    return node


def place(node: Node) -> Position:
    """Return where *node* begins."""
    return node.origin.position(node.start)


def locate(root: Node, loc: Loc) -> Position:
    """
    Return where the value at *loc* begins.

    A step that does not exist, or that no file holds (a default of the program),
    ends the walk: the nearest enclosing value is the best place to point at.
    """
    node = root
    for step in loc:
        further = child(node, step)
        if further is None or not further.origin.file:
            break
        node = further
    return place(node)


def locate_key(root: Node, loc: Loc) -> Position:
    """Return where the *key* of the value at *loc* begins; without a key, as `locate`."""
    holder = find(root, loc[:-1])
    if loc and isinstance(holder, Entries) and isinstance(loc[-1], str):
        entry = holder.entries.get(loc[-1])
        if entry is not None:
            return place(entry[0])
    return locate(root, loc)


def singles(root: Node) -> Iterator[tuple[Loc, Scalar]]:
    """Yield every single value below *root* with its address."""
    waiting: list[tuple[Loc, Node]] = [((), root)]
    while waiting:
        loc, node = waiting.pop()
        if isinstance(node, Scalar):
            yield loc, node
        elif isinstance(node, Items):
            waiting.extend(((*loc, index), item) for index, item in enumerate(node.items))
        else:
            waiting.extend(((*loc, key), value) for key, (_, value) in node.entries.items())


def longest(root: Node) -> int:
    """Return the number of items of the longest list below *root*."""
    found, waiting = 0, [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Items):
            found = max(found, len(node.items))
            waiting += node.items
        elif isinstance(node, Entries):
            waiting += [value for _, value in node.entries.values()]
    return found


def shortened(node: Node, most: int) -> Node:
    """Return *node* with the first *most* items of every list; *node* itself if it has no more."""
    if isinstance(node, Items):
        items = [shortened(item, most) for item in node.items[:most]]
        if _same(items, node.items):
            return node
        return Items(node.origin, node.start, items)
    if isinstance(node, Entries):
        cut = {key: (name, shortened(below, most)) for key, (name, below) in node.entries.items()}
        if _same([below for _, below in cut.values()], [b for _, b in node.entries.values()]):
            return node
        return Entries(node.origin, node.start, cut)
    return node


def _same(some: list[Node], others: list[Node]) -> bool:
    """Say whether two lists hold the very same nodes."""
    return len(some) == len(others) and all(a is b for a, b in zip(some, others, strict=True))


def merge(base: Node, over: Node) -> Node:
    """
    Lay *over* on *base*: mappings merge deep, everything else replaces.

    The keys of *base* come first, and every value keeps its own place.
    """
    if not (isinstance(base, Entries) and isinstance(over, Entries)):
        return over
    entries = dict(base.entries)
    for key, (name, value) in over.entries.items():
        below = base.get(key)
        entries[key] = (name, value if below is None else merge(below, value))
    return Entries(over.origin, over.start, entries)


def without(node: Node, cuts: Collection[Loc]) -> Node:
    """Return *node* without the values at *cuts*; later items of a list move up."""
    below: dict[Step, list[Loc]] = {}
    for cut in cuts:
        if cut:
            below.setdefault(cut[0], []).append(cut[1:])
    if isinstance(node, Entries):
        kept = {
            key: (name, without(value, below.get(key, ())))
            for key, (name, value) in node.entries.items()
            if () not in below.get(key, ())
        }
        return Entries(node.origin, node.start, kept)
    if isinstance(node, Items):
        items = [
            without(item, below.get(index, ()))
            for index, item in enumerate(node.items)
            if () not in below.get(index, ())
        ]
        return Items(node.origin, node.start, items)
    return node
