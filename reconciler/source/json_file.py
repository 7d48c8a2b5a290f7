"""
JSON (a list of objects) and JSON Lines (an object per line).

Numbers keep the text they are written with, so ``007`` in quotes and ``1.50``
without arrive as they were meant; ``true`` and ``false`` are the texts
``true`` and ``false``. A key given twice is an error: every parser would
choose one of the two in silence (reliability.md, S03). What is nested deeper
than a list of texts has no place in a directory of people.

Called by :mod:`reconciler.source.files`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from reconciler.diagnostics import Position
from reconciler.directory import Cell
from reconciler.source.table import Problems, Row, Table, check_row

_LITERALS = {True: "true", False: "false"}
_SPACE = " \t\r\n"


def read_json(text: str, file: str, problems: Problems) -> Table | None:
    """Return the objects of the list in *text*; None when there is no list."""
    return _Reader(text, file, problems).table(_objects)


def read_jsonl(text: str, file: str, problems: Problems) -> Table | None:
    """Return one object per line of *text*; blank lines are skipped."""
    return _Reader(text, file, problems).table(_lines)


class _NotJson(Exception):
    """The text is no JSON; *offset* is where, counted in characters."""

    def __init__(self, message: str, offset: int) -> None:
        self.message = message
        self.offset = offset
        super().__init__(message)


class _Reader:
    """One file on its way from text to table."""

    def __init__(self, text: str, file: str, problems: Problems) -> None:
        self.text = text
        self.file = file
        self.problems = problems
        self._repeated: list[str] = []
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse_constant,
        )

    def table(self, split: Any) -> Table | None:
        """Read all that *split* finds: offsets and what stands there."""
        rows: list[Row] = []
        places: list[Position] = []
        columns: set[str] = set()
        escaped = "\\" in self.text
        line, newline, before = 1, -1, 0
        for offset, value in split(self):
            line += self.text.count("\n", before, offset)
            newline = max(newline, self.text.rfind("\n", before, offset))
            before = offset
            position = Position(self.file, line, offset - newline)
            row = self._row(value, position)
            if row is None:
                continue
            if escaped:
                check_row(row, position, self.problems)
            columns.update(value)
            rows.append(row)
            places.append(position)
        start = Position(self.file, 1, 1)
        return Table(self.file, columns, rows, lambda row, _: start if row is None else places[row])

    def decode(self, offset: int) -> tuple[Any, int]:
        """Return the value at *offset* and where it ends."""
        try:
            return self._decoder.raw_decode(self.text, offset)
        except json.JSONDecodeError as error:
            raise _NotJson(error.msg, error.pos) from error
        except RecursionError as error:
            raise _NotJson("nested too deeply", offset) from error
        except ValueError as error:
            raise _NotJson(str(error), offset) from error

    def complain(self, error: _NotJson) -> None:
        """Add *error* with its place."""
        line = self.text.count("\n", 0, error.offset) + 1
        column = error.offset - self.text.rfind("\n", 0, error.offset)
        self.problems.add("bad-json", error.message, Position(self.file, line, column))

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Make a dict, and remember keys that the object names twice."""
        made = dict(pairs)
        if len(made) != len(pairs):
            names = [name for name, _ in pairs]
            self._repeated.extend(sorted({name for name in names if names.count(name) > 1}))
        return made

    def _row(self, value: Any, position: Position) -> Row | None:
        """Return *value* as a row; complain, and return None, when it is not one."""
        for name in self._repeated:
            self.problems.add("repeated-key", f'"{name}" is given twice', position)
        self._repeated.clear()
        if type(value) is not dict:
            self.problems.add("not-an-object", "expected an object, one per row", position)
            return None
        row: Row = {}
        for name, item in value.items():
            try:
                cell = item if type(item) is str else _cell(item)
            except TypeError:
                message = f'"{name}" holds something nested'
                hint = "a cell is text, or a list of texts"
                self.problems.add("nested-value", message, position, hint)
                continue
            if cell:
                row[name] = cell
        return row


def _objects(reader: _Reader) -> Iterator[tuple[int, Any]]:
    """Yield the items of the one list in the file, until something is wrong."""
    text = reader.text
    try:
        offset = _expect(text, 0, "[", "expected a list of objects: `[`")
        start, found = _next(text, offset)
        offset = start + 1
        while found != "]":
            value, end = reader.decode(start)
            yield start, value
            offset = _expect(text, end, ",]", "expected `,` or `]`")
            found = text[offset - 1]
            start, _ = _next(text, offset)
        _expect(text, offset, "", "something follows the list")
    except _NotJson as error:
        reader.complain(error)


def _lines(reader: _Reader) -> Iterator[tuple[int, Any]]:
    """Yield the value of every line; a line that is no JSON is complained of and skipped."""
    offset = 0
    for line in reader.text.split("\n"):
        end = offset + len(line)
        start, character = _next(reader.text, offset)
        if character and start < end:
            try:
                yield start, _only_value(reader, start, end)
            except _NotJson as error:
                reader.complain(error)
        offset = end + 1


def _next(text: str, offset: int) -> tuple[int, str]:
    """Return the next character that is not white space, and where it stands; "" at the end."""
    while offset < len(text) and text[offset] in _SPACE:
        offset += 1
    return offset, text[offset : offset + 1]


def _expect(text: str, offset: int, characters: str, complaint: str) -> int:
    """Return the offset after one of *characters*, which must come next; "" is the end."""
    at, found = _next(text, offset)
    if found not in characters or bool(found) != bool(characters):
        raise _NotJson(complaint, at)
    return at + 1


def _only_value(reader: _Reader, start: int, end: int) -> Any:
    """Return the value at *start*, which must be all there is before *end*."""
    value, stop = reader.decode(start)
    if stop > end or _next(reader.text, stop)[0] < end:
        raise _NotJson("expected one object per line", start)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _cell(value: Any) -> Cell | None:
    """
    Return a JSON value that is not text as a cell; None for null.

    Raises:
        TypeError: *value* is nested.
    """
    if value is None or isinstance(value, bool):
        return None if value is None else _LITERALS[value]
    if not isinstance(value, list):
        raise TypeError
    return tuple(filter(None, map(_text, value)))


def _text(value: Any) -> str | None:
    """Return one item of a list as text."""
    cell = value if isinstance(value, str) else _cell(value)
    if isinstance(cell, tuple):
        raise TypeError
    return cell
