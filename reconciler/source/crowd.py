"""
Many people, whose rows are laid aside: each is made anew when they are asked for.

Held of each is the objectId, to find them by, and whether they are enabled or deleted.

Made by :mod:`reconciler.source.people`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, ValuesView
from functools import partial

from reconciler.directory import People, Subject
from reconciler.register import Register
from reconciler.source.laid import Laid
from reconciler.source.noted import ANCHOR
from reconciler.source.table import Row


class Crowd(Mapping[str, Subject]):
    """People by anchor, in the order of their file."""

    def __init__(
        self, anchors: Register, rows: Sequence[Row], enabled: Sequence[int], deleted: Sequence[int]
    ) -> None:
        """
        Take everybody.

        Args:
            anchors: Theirs; no two are the same.
            rows: A row for each.
            enabled: 1 for each who is, and 0 for everybody else.
            deleted: The same.
        """
        self.anchors, self._rows = anchors, rows
        self._enabled, self._deleted = enabled, deleted

    def __len__(self) -> int:
        return len(self.anchors)

    def __iter__(self) -> Iterator[str]:
        return iter(self.anchors)

    def __contains__(self, anchor: object) -> bool:
        return anchor in self.anchors

    def __getitem__(self, anchor: str) -> Subject:
        at = self.anchors.place(anchor)
        if at is None:
            raise KeyError(anchor)
        return Subject(anchor, self._rows[at], bool(self._enabled[at]), bool(self._deleted[at]))

    def values(self) -> ValuesView[Subject]:
        """Return everybody, each row read once, one after the other."""
        return _Everybody(self)

    def everybody(self) -> Iterator[Subject]:
        """Make everybody, one after the other."""
        enabled, deleted = map(bool, self._enabled), map(bool, self._deleted)
        for row, on, gone in zip(self._rows, enabled, deleted, strict=True):
            yield Subject(str(row[ANCHOR]), row, on, gone)

    def blocks(self) -> Iterator[People]:
        """Yield everybody, some at a time, column by column."""
        if not isinstance(self._rows, Laid):
            raise TypeError("these rows are not laid aside")
        columns, row = self._rows.columns, self._rows.__getitem__
        for first, last in self._rows.heap.blocks():
            on, gone = self._enabled[first:last], self._deleted[first:last]
            flags = [*map(bool, on)], [*map(bool, gone)]
            reads = partial(columns, first, last), partial(_later, row, first)
            yield People(self.anchors[first:last], *reads, *flags)


def _later(row: Callable[[int], Row], first: int, at: int) -> Row:
    """Return the row that comes *at* places after the first."""
    return row(first + at)


class _Everybody(ValuesView[Subject]):
    """Everybody of a crowd."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__(crowd)
        self._crowd = crowd

    def __iter__(self) -> Iterator[Subject]:
        return self._crowd.everybody()
