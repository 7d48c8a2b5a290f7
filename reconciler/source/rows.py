"""
Rows of one file that share what they have in common.

A directory of 100,000 people is mostly the same words: column names, departments,
countries, "true". Rows share their keys as the instances of a class do (PEP 412),
and a column in which texts come back keeps each text once. Where there are many rows,
they are laid aside. What a row says is not changed by any of it.

Used by :mod:`reconciler.source.csv_file`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reconciler import pile
from reconciler.source.noted import Noted
from reconciler.source.table import Row

if TYPE_CHECKING:
    from reconciler.source.laid import Laid

SHARED_COLUMNS = 30
"""So many keys can be shared (CPython); a row of more columns keeps those that are filled."""

KEPT_TEXTS = 4096
"""Texts of one column that are kept to be used again."""

WORTH_KEEPING = 4
"""Times that each text of a column has come, on average, while its texts are kept."""


class Rows:
    """The rows of one file, block by block."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._held: list[Row] = []
        self._laid: Laid | None = None
        self.noted = Noted()
        self._columns = columns
        self._kept: list[dict[str, str] | None] = [{} for _ in columns]
        self._blank = _shared(columns) if len(columns) <= SHARED_COLUMNS else None

    def everything(self) -> Sequence[Row]:
        """Return all rows that were added."""
        return self._held if self._laid is None else self._laid

    def add(self, block: Sequence[Sequence[str]]) -> None:
        """Add the rows of *block*, each with a cell for every column; empty ones are null."""
        if not block:
            return
        columns = self._noted(list(zip(*block, strict=True)), len(block))
        if self._laid is not None:
            self._laid.lay(block)
        else:
            self._hold(columns)

    def add_lines(self, lines: Sequence[str]) -> None:
        """Add rows that are *lines*, each with a comma between any two of the columns."""
        if not lines:
            return
        cells, width = ",".join(lines).split(","), len(self._columns)
        columns = self._noted([cells[at::width] for at in range(width)], len(lines))
        if self._laid is not None:
            self._laid.lay_lines(lines)
        else:
            self._hold(columns)

    def _noted(self, columns: list[Sequence[str]], many: int) -> list[Sequence[str]]:
        """Note what so *many* rows say, which are laid aside if there are too many by now."""
        self.noted.take(dict(zip(self._columns, columns, strict=True)))
        if self._laid is None and len(self._held) + many > pile.FEW:
            self._lay_aside()
        return columns

    def _hold(self, columns: list[Sequence[str]]) -> None:
        """Hold rows as what they are."""
        names = self._columns
        columns = list(map(self._with_kept, range(len(columns)), columns))
        if self._blank is None:
            self._add_filled(columns)
            return
        gaps = [(at, name) for at, name in enumerate(self._columns) if not all(columns[at])]
        blank, add = self._blank.copy, self._held.append
        for cells in zip(*columns, strict=False):
            row = blank()
            row.update(zip(names, cells, strict=False))
            for at, name in gaps:
                if not cells[at]:
                    del row[name]
            add(row)

    def _add_filled(self, columns: Sequence[Sequence[str]]) -> None:
        """Add rows that hold no more than the cells that are filled."""
        names = self._columns
        for cells in zip(*columns, strict=True):
            self._held.append({name: one for name, one in zip(names, cells, strict=False) if one})

    def _lay_aside(self) -> None:
        """Lay aside what is held, and all that comes."""
        from reconciler.source.laid import Laid  # most commands never lay anything aside

        self._laid = Laid(self._columns)
        self._laid.lay_rows(self._held)
        self._held = []

    def _with_kept(self, at: int, cells: Sequence[str]) -> Sequence[str]:
        """Return *cells* of column *at*, each text that came before being the one that came."""
        kept = self._kept[at]
        if kept is None:
            return cells
        again = list(map(kept.setdefault, cells, cells))
        most = min(KEPT_TEXTS, (len(self._held) + len(cells)) // WORTH_KEEPING)
        if len(kept) > most and self._held:
            self._kept[at] = None
        return again


def _shared(columns: Sequence[str]) -> Row:
    """Return a row of empty cells whose copies share its keys."""
    row = type("Keys", (), {})()
    for name in columns:
        setattr(row, name, "")
    blank: Row = vars(row)
    return blank
