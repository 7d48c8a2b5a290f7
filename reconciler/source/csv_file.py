"""
CSV as RFC 4180 has it: commas, double quotes, a header, any line ending.

`csv.reader` into rows, strictly: a quote that never ends would otherwise
swallow half of the file as one cell, and the people in it with it. A row that
is longer or shorter than the header is an error, because from there on every
value may stand in the wrong column. Blank lines are skipped.

Called by :mod:`reconciler.source.files`.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.diagnostics import Position
from reconciler.source.table import Problems, Row, Table

CELL_LIMIT = 8 * 1024 * 1024
"""Characters of one cell: the members of a group of 100,000, by GUID, and twice that."""

_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


def read_csv(text: str, file: str, problems: Problems) -> Table | None:
    """Return the rows of *text*; None when it has no usable header."""
    with _cell_limit(CELL_LIMIT):
        records = _records(text, file, problems)
        first, header = next(records, (1, []))
        if not _usable(header, file, first, problems):
            return None
        rows: list[Row] = []
        lines: list[int] = []
        width = len(header)
        for line, record in records:
            if len(record) != width:
                problems.add(*_ragged(width, len(record), Position(file, line, 1)))
                continue
            lines.append(line)
            rows.append({name: cell for name, cell in zip(header, record, strict=True) if cell})

    def locate(row: int | None, column: str) -> Position:
        index = header.index(column) if column in header else 0
        return _cell_position(text, file, first if row is None else lines[row], index)

    return Table(file, header, rows, locate)


@contextmanager
def _cell_limit(limit: int) -> Iterator[None]:
    """Let cells be *limit* long; the module's own limit would cut off a large group."""
    before = csv.field_size_limit(limit)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _records(text: str, file: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line that it begins on; stop at what is no CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for record in reader:
            if record:
                yield start, record
            start = reader.line_num + 1
    except csv.Error as error:
        ended = "unexpected end" in str(error)
        problems.add(
            "bad-csv",
            "a quoted cell that begins in this row never ends" if ended else f"not CSV: {error}",
            Position(file, start, 1),
            'inside a quoted cell, a quote is written twice: ""',
        )


def _usable(header: list[str], file: str, line: int, problems: Problems) -> bool:
    """Complain of column names that are missing or given twice."""
    if not header:
        return False
    for index, name in enumerate(header):
        if not name.strip():
            position = Position(file, line, 1)
            problems.add("unnamed-column", f"column {index + 1} has no name", position)
    for name, count in Counter(header).items():
        if count > 1 and name.strip():
            problems.add(
                "repeated-column",
                f'column "{name}" is there {count} times',
                Position(file, line, 1),
                "rename or remove all but one",
            )
    for separator, plural in _OTHER_SEPARATORS.items():
        if len(header) == 1 and separator in header[0]:
            problems.add(
                "wrong-separator",
                f"the columns are separated by {plural}",
                Position(file, line, header[0].index(separator) + 1),
                "export with commas (RFC 4180)",
            )
            return False
    return True


def _ragged(width: int, found: int, position: Position) -> tuple[str, str, Position, str]:
    return (
        "ragged-row",
        f"the row has {found} cells, the header has {width}",
        position,
        "a cell with a comma or a line break must be quoted",
    )


def _cell_position(text: str, file: str, line: int, index: int) -> Position:
    """Return where cell *index* of the record that begins on *line* stands."""
    rows = text.split("\n")
    column, quoted = 0, False
    while index:
        row = rows[line - 1]
        if column >= len(row):
            line, column = line + 1, 0
            continue
        quoted ^= row[column] == '"'
        index -= row[column] == "," and not quoted
        column += 1
    return Position(file, line, column + 1)
