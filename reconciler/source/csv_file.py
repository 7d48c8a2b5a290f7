"""
CSV as RFC 4180 has it: commas, double quotes, a header, any line ending.

`csv.reader` into rows, strictly: a quote that never ends would otherwise
swallow half of the file as one cell, and the people in it with it. A row that
is longer or shorter than the header is an error, because from there on every
value may stand in the wrong column. Blank lines are skipped.

A file in which nothing is wrong is read in blocks, column by column: rows share
their keys, and columns that say the same again and again say it with one text
(:mod:`reconciler.source.rows`). At the first doubt the file is read again row by
row, so that every complaint has its line.

Called by :mod:`reconciler.source.files`.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import chain, islice

from reconciler.diagnostics import Position
from reconciler.source.rows import Rows
from reconciler.source.table import Problems, Row, Table

CELL_LIMIT = 8 * 1024 * 1024
"""Characters of one cell: the members of a group of 100,000, by GUID, and twice that."""

_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


BLOCK = 512
"""Rows that are looked at together; no more than that is held twice."""

PIECE = 32 * 1024
"""Characters that are cut into lines at a time."""


class Lines(list[str]):
    """Records that are lines without a quote, to be cut at the commas."""


Block = Lines | list[list[str]]
"""Some records of a file, one after the other."""


def read_csv(text: str, file: str, problems: Problems) -> Table | None:
    """Return the rows of *text*; None when it has no usable header."""
    with _cell_limit(CELL_LIMIT):
        first, header = next(_records(text, file, problems), (1, []))
        if not _usable(header, file, first, problems):
            return None
        places = _Places(text, file)
        rows: Sequence[Row]
        sound, noted = _sound(text, header), None
        if sound is None:
            rows, places.starts = _one_by_one(text, file, problems, header)
        else:
            rows, noted = sound.everything(), sound.noted

    def locate(row: int | None, column: str) -> Position:
        index = header.index(column) if column in header else 0
        return places.cell(first if row is None else places.starts[row], index)

    return Table(file, header, rows, locate, noted)


def read_sound(pieces: Iterator[str], file: str) -> Table | None:
    """
    Return the rows of a text in *pieces* that end where a line does, held one at a time.

    None when there is anything to complain of: then the file is to be read as a whole.
    What the table says of places is of no use.
    """
    problems, blocks = Problems(), _blocks(pieces)
    with _cell_limit(CELL_LIMIT):
        try:
            first = next(blocks, [])
        except csv.Error:
            return None
        header, rest = _header(first)
        if not _usable(header, file, 1, problems) or problems.count:
            return None
        rows = _rows(chain((rest,), blocks), header)
    if rows is None:
        return None
    start = Position(file, 1, 1)
    return Table(file, header, rows.everything(), lambda _row, _column: start, rows.noted)


def _sound(text: str, header: list[str]) -> Rows | None:
    """Return the rows of *text*, or None when there is anything to complain of."""
    if len(set(header)) < len(header):
        return None
    blocks = _blocks(pieces_of(text))
    try:
        _, rest = _header(next(blocks))
    except csv.Error:
        return None
    return _rows(chain((rest,), blocks), header)


def _header(block: Block) -> tuple[list[str], Block]:
    """Return the first record of a file, and what follows it in the first *block*."""
    if isinstance(block, Lines):
        return block[0].split(","), Lines(block[1:])
    return (block[0], block[1:]) if block else ([], [])


def _rows(blocks: Iterable[Block], header: list[str]) -> Rows | None:
    """Return the rows that come after *header*, or None when there is anything to complain of."""
    rows, width = Rows(header), len(header)
    try:
        for block in blocks:
            if {*_widths(block)} - {width}:
                return None
            if isinstance(block, Lines):
                rows.add_lines(block)
            else:
                rows.add(block)
    except csv.Error:
        return None
    return rows


def _widths(block: Block) -> Iterable[int]:
    """Return how many cells each record has."""
    if isinstance(block, Lines):
        return (line.count(",") + 1 for line in block)
    return map(len, block)


def _blocks(pieces: Iterator[str]) -> Iterator[Block]:
    """
    Yield the records of a text in *pieces*, some at a time; none of the blocks is empty.

    From a piece with a quote on, the CSV reader reads on until the quotes are even.
    Odd ones that only stand within a cell make it read more than it has to; where it
    would be cut off within a cell, it raises, and the file is read in one.

    Raises:
        csv.Error: The text is no CSV, or has to be read in one.
    """
    for piece in map(_with_plain_ends, pieces):
        if '"' in piece or "\r" in piece or len(piece) > CELL_LIMIT:
            quoted = chain.from_iterable(map(_lines, _until_even(piece, pieces)))
            records = filter(None, csv.reader(quoted, strict=True))
            while block := list(islice(records, BLOCK)):
                yield block
        elif lines := Lines(filter(None, piece.split("\n"))):
            yield lines


def _with_plain_ends(piece: str) -> str:
    """Return *piece* with one character for the end of a line, if all lines end with two."""
    if "\r" in piece and '"' not in piece and piece.count("\r") == piece.count("\r\n"):
        return piece.replace("\r\n", "\n")
    return piece


def _until_even(piece: str, pieces: Iterator[str]) -> Iterator[str]:
    """Yield *piece*, and *pieces* up to the one by which the quotes are even."""
    odd = False
    for one in chain((piece,), pieces):
        yield one
        odd ^= one.count('"') % 2 == 1
        if not odd:
            return


def _one_by_one(
    text: str, file: str, problems: Problems, header: list[str]
) -> tuple[list[Row], list[int]]:
    """Return the rows that can be read and the lines they begin on; complain of the others."""
    rows: list[Row] = []
    lines: list[int] = []
    width = len(header)
    for line, record in islice(_records(text, file, problems), 1, None):
        if len(record) != width:
            problems.add(*_ragged(width, len(record), Position(file, line, 1)))
        else:
            lines.append(line)
            rows.append({name: cell for name, cell in zip(header, record, strict=True) if cell})
    return rows, lines


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of *text* with their ends, whichever they are, and hold few at a time."""
    return chain.from_iterable(io.StringIO(piece, newline="") for piece in pieces_of(text))


def pieces_of(text: str) -> Iterator[str]:
    """Yield *text* in pieces that end where a line does."""
    start = 0
    while start < len(text):
        end = text.find("\n", min(start + PIECE, len(text))) + 1 or len(text)
        yield text[start:end]
        start = end


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
    reader = csv.reader(_lines(text), strict=True)
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


class _Places:
    """Where the cells of a file stand; worked out when something is to be complained of."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file

    @cached_property
    def starts(self) -> list[int]:
        """The line on which each row of a file begins in which every row is sound."""
        with _cell_limit(CELL_LIMIT):
            records = _records(self._text, self._file, Problems())
            return [line for line, _ in islice(records, 1, None)]

    @cached_property
    def _lines(self) -> list[str]:
        return [line.rstrip("\r\n") for line in _lines(self._text)]

    def cell(self, line: int, index: int) -> Position:
        """
        Return where cell *index* of the record that begins on *line* stands.

        A quote opens a cell at its beginning only; anywhere else it is a character.
        """
        column, begins, opened, quoted = 0, True, False, False
        while index:
            row = self._lines[line - 1]
            if column >= len(row):
                line, column = line + 1, 0
                continue
            opened = row[column] == '"' if begins else opened
            quoted ^= opened and row[column] == '"'
            begins = row[column] == "," and not quoted
            index -= begins
            column += 1
        return Position(self._file, line, column + 1)
