"""
Rows of a file that are laid aside as they stood there.

Their columns are the same for all, and are not written again with each row. A row is a
line, cut at its commas; one with a comma, a quote or a line break in a cell is a JSON
list, and is told from a line by its quotes. Many rows can be looked at column by
column, which is how most people are judged.

Made by :mod:`reconciler.source.rows`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

import msgspec

from reconciler.aside import Heap
from reconciler.source.table import Row

_ENCODER = msgspec.json.Encoder()
_CELLS = msgspec.json.Decoder(list[str])


class Laid(Sequence[Row]):
    """Rows that are made anew whenever they are asked for."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = (*columns,)
        self.heap = Heap(b"\n")
        self.are_lines = True
        """Whether each row is a line."""

    def lay(self, block: Sequence[Sequence[str]]) -> None:
        """Lay more rows aside, each with a cell for every column; an empty one is null."""
        text = "\n".join(map(",".join, block))
        commas, ends = len(block) * (len(self._columns) - 1), len(block) - 1
        plain = '"' not in text and text.count(",") == commas and text.count("\n") == ends
        if not plain:
            self.are_lines = False
            self.heap.lay_all([*map(_encoded, block)])
            return
        self.lay_lines(text.split("\n"))

    def lay_lines(self, lines: Sequence[str]) -> None:
        """Lay rows aside that are lines without a quote, one row each."""
        text = "\n".join(lines)
        if text.isascii():
            self.heap.lay_block(text.encode(), map(len, lines))
        else:
            self.heap.lay_all([line.encode() for line in lines])

    def lay_rows(self, rows: Sequence[Row]) -> None:
        """Lay rows aside that were made already; none of their cells is a list."""
        if rows:
            self.lay([[str(row.get(name, "")) for name in self._columns] for row in rows])

    def columns(self, first: int, last: int) -> Mapping[str, Sequence[str]]:
        """Return the cells of the rows from place *first* to *last*, by column."""
        text = self.heap.block(first, last).decode()
        if '"' in text:
            rows = zip(*map(_cells, text.split("\n")), strict=True)
            return dict(zip(self._columns, rows, strict=True))
        cells, width = text.replace("\n", ",").split(","), len(self._columns)
        return {name: cells[at::width] for at, name in enumerate(self._columns)}

    def __len__(self) -> int:
        return len(self.heap)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        return self._row(_cells(self.heap.thing(at).decode()))

    def __iter__(self) -> Iterator[Row]:
        for first, last in self.heap.blocks():
            for line in self.heap.block(first, last).decode().split("\n"):
                yield self._row(_cells(line))

    def _row(self, cells: Sequence[str]) -> Row:
        """Return a row without its nulls."""
        row: Row = dict(zip(self._columns, cells, strict=True))
        return row if all(cells) else {name: cell for name, cell in row.items() if cell}


def _encoded(cells: Sequence[str]) -> bytes:
    """Return a row in one line: as a JSON list, unless it is plainly cut at its commas."""
    line = ",".join(cells)
    plain = '"' not in line and "\n" not in line and line.count(",") == len(cells) - 1
    return line.encode() if plain else _ENCODER.encode(cells)


def _cells(line: str) -> list[str]:
    """Return the cells of a row."""
    return _CELLS.decode(line) if '"' in line else line.split(",")
