"""
Rows of a file that are laid aside as what they are: a list of cells.

Their columns are the same for all, and are not written again with each row. Many rows
can be looked at column by column, which is how most people are judged.

Made by :mod:`reconciler.source.rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import overload

import msgspec

from reconciler.aside import Aside
from reconciler.source.table import Row

_ENCODER = msgspec.json.Encoder()


class Laid(Sequence[Row]):
    """Rows that are made anew whenever they are asked for."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = (*columns,)
        self._cells: Aside[list[str]] = Aside(list[str])

    def lay(self, block: Iterable[Sequence[str]]) -> None:
        """Lay more rows aside, each with a cell for every column; an empty one is null."""
        self._cells.lay_all([*map(_ENCODER.encode, block)])

    def lay_rows(self, rows: Iterable[Row]) -> None:
        """Lay rows aside that were made already; none of their cells is a list."""
        self.lay([str(row.get(name, "")) for name in self._columns] for row in rows)

    def columns(self) -> Iterator[Mapping[str, Sequence[str]]]:
        """Yield the cells of some rows after the other, by column."""
        for rows in self._cells.lists():
            yield dict(zip(self._columns, zip(*rows, strict=True), strict=True))

    def __len__(self) -> int:
        return len(self._cells)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        if isinstance(at, slice):
            return [*map(self._row, self._cells[at])]
        return self._row(self._cells[at])

    def __iter__(self) -> Iterator[Row]:
        return map(self._row, self._cells)

    def _row(self, cells: Sequence[str]) -> Row:
        """Return a row without its nulls."""
        row: Row = dict(zip(self._columns, cells, strict=True))
        return row if all(cells) else {name: cell for name, cell in row.items() if cell}
