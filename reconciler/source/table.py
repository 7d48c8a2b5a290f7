"""
What every source file becomes before it becomes people: rows of named texts.

Each format has a reader (:mod:`reconciler.source.csv_file`, ``json_file``,
``yaml_file``) that turns text into one :class:`Table`; the same data gives the
same table in every format. A cell is text or a list of texts, never a guessed
type: people called Null and employee numbers with leading zeros are data
(ruling 3). An empty cell is null, and null is absence from the row.

Complaints are collected in :class:`Problems`, so that a file is mended once
(ruling 1). Used by :mod:`reconciler.source.files` and
:mod:`reconciler.source.people`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from reconciler.diagnostics import Diagnostic, Position
from reconciler.directory import Cell
from reconciler.source.noted import Noted

SHOWN = 50
"""Problems that are spelled out; the rest of a badly broken export is counted."""

Row = dict[str, Cell]
"""One row by column name; nulls are left out."""

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What no name or address holds, and canonical JSON, terminals or servers choke on."""


class Problems:
    """The complaints of one read, in the order of the files."""

    def __init__(self) -> None:
        self._shown: list[Diagnostic] = []
        self.count = 0
        """Problems so far, those that are not shown included."""

    def add(
        self, code: str, message: str, position: Position | None = None, hint: str | None = None
    ) -> None:
        """Take note of one error."""
        self.count += 1
        if self.count <= SHOWN:
            self._shown.append(Diagnostic(code, message, position, hint))

    def shown(self) -> list[Diagnostic]:
        """Return the first 50 problems, and how many more there are."""
        rest = self.count - len(self._shown)
        more = [Diagnostic("more-problems", f"and {rest} more problems like these")]
        return self._shown + (more if rest else [])


@dataclass(frozen=True, slots=True)
class Table:
    """What one file held."""

    file: str
    """The file's name, as shown to people."""
    columns: Collection[str]
    """Every column that the header, or any row, names."""
    rows: Sequence[Row]
    locate: Callable[[int | None, str], Position]
    """From a row's index (None: where columns are named) and a column to the place in the file."""
    noted: Noted | None = None
    """What is known of the rows without looking at each; None: nothing."""


def check_text(text: str, file: str, problems: Problems) -> None:
    """Complain of every control character that stands in the file as itself."""
    for found in CONTROL.finditer(text):
        start = found.start()
        position = Position(
            file, text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
        )
        problems.add(
            "control-character",
            f"the file holds the control character U+{ord(found.group()):04X}",
            position,
            "export it again, or take the character out",
        )


def check_row(row: Row, position: Position, problems: Problems) -> None:
    """Complain of control characters that JSON and YAML can hide behind an escape."""
    for name, cell in row.items():
        texts = (name, cell) if isinstance(cell, str) else (name, *cell)
        found = next(filter(None, map(CONTROL.search, texts)), None)
        if found:
            problems.add(
                "control-character",
                f'column "{name}" holds the character U+{ord(found.group()):04X}',
                position,
                "export it again, or take the character out",
            )
