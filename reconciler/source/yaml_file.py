"""
YAML: a list of mappings, every scalar taken as the text that is written.

Read from parser events, so nothing guesses a type: ``no``, ``007``, ``null``
and ``2026-01-01`` stay those letters (reliability.md, S04). Null is a value
left empty, ``""`` or a plain ``~``. Anchors, aliases and tags are refused:
they are ways to make a small file mean something large, and no export of
people needs them (S01, S02).

Called by :mod:`reconciler.source.files`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import yaml

from reconciler.diagnostics import Position
from reconciler.directory import Cell
from reconciler.source.table import Problems, Row, Table, check_row

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""The C parser where PyYAML was built with it: ten times as fast."""


def read_yaml(text: str, file: str, problems: Problems) -> Table | None:
    """Return the mappings of the list in *text*; None when there is no list."""
    try:
        return _Reader(text, file, problems).table()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        position = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1)
        message = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        problems.add("bad-yaml", message, position)
        return None


DEPTH_LIMIT = 32
"""Lists in lists that are passed over; a row needs none."""


class _Reader:
    """One file on its way from events to table."""

    def __init__(self, text: str, file: str, problems: Problems) -> None:
        self._file = file
        self._problems = problems
        self._escaped = "\\" in text
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))

    def table(self) -> Table | None:
        """Read the one document of the file."""
        rows: list[Row] = []
        places: list[Position] = []
        columns: set[str] = set()
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return Table(self._file, columns, rows, self._locate(places))
        root = next(self._events)
        if not isinstance(root, yaml.SequenceStartEvent):
            self._complain("not-a-list", "expected a list of mappings", root)
            return None
        self._refuse_cleverness(root)
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            if not isinstance(event, yaml.MappingStartEvent):
                self._complain("not-a-mapping", "expected a mapping, one per row", event)
                self._skip(event)
                continue
            self._refuse_cleverness(event)
            place = self._position(event)
            row = self._row(columns)
            if self._escaped:
                check_row(row, place, self._problems)
            rows.append(row)
            places.append(place)
        self._end()
        return Table(self._file, columns, rows, self._locate(places))

    def _locate(self, places: list[Position]) -> Callable[[int | None, str], Position]:
        """Place a complaint at the start of its row."""
        start = Position(self._file, 1, 1)
        return lambda row, _column: start if row is None else places[row]

    def _row(self, columns: set[str]) -> Row:
        """Read one mapping up to its end."""
        row: Row = {}
        seen: set[str] = set()
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            name = self._text(key)
            if name is not None and name in seen:
                self._complain("repeated-key", f'"{name}" is given twice', key)
            cell = self._cell(name or "")
            if name is None:
                continue
            seen.add(name)
            if cell:
                row[name] = cell
        columns |= seen
        return row

    def _cell(self, name: str) -> Cell | None:
        """Read one value: a scalar, or a list of scalars."""
        event = next(self._events)
        if isinstance(event, yaml.SequenceStartEvent):
            self._refuse_cleverness(event)
            texts: list[str] = []
            while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
                text = self._text(item, name)
                if text:
                    texts.append(text)
            return tuple(texts)
        return self._text(event, name)

    def _text(self, event: Any, name: str = "") -> str | None:
        """Return the text of a scalar, None for null; complain of anything else."""
        if not isinstance(event, yaml.ScalarEvent):
            if not isinstance(event, yaml.AliasEvent):
                subject = f'"{name}" holds something nested' if name else "a key is not text"
                hint = "a cell is text, or a list of texts"
                self._complain("nested-value", subject, event, hint)
            else:
                self._refuse_cleverness(event)
            self._skip(event)
            return None
        self._refuse_cleverness(event)
        if event.value == "~" and not event.style:
            return None
        return str(event.value) or None

    def _refuse_cleverness(self, event: Any) -> None:
        """Complain of an anchor, an alias or a tag."""
        if event.anchor is not None or getattr(event, "tag", None) is not None:
            message = "anchors, aliases and tags are not read in a source file"
            self._complain("bad-yaml", message, event, "write the value itself")

    def _skip(self, event: Any) -> None:
        """
        Leave out what *event* opens.

        Raises:
            yaml.YAMLError: It goes too deep; the parser's time grows with the square of it (S01).
        """
        depth = int(isinstance(event, yaml.CollectionStartEvent))
        while depth:
            inner = next(self._events)
            depth += isinstance(inner, yaml.CollectionStartEvent)
            depth -= isinstance(inner, yaml.CollectionEndEvent)
            if depth > DEPTH_LIMIT:
                raise yaml.MarkedYAMLError(
                    problem=f"values are nested more than {DEPTH_LIMIT} levels deep",
                    problem_mark=inner.start_mark,
                )

    def _end(self) -> None:
        """Complain of a second document."""
        next(self._events)  # the end of the document
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._complain("bad-yaml", "a source file is one document", event)

    def _position(self, event: Any) -> Position:
        mark = event.start_mark
        return Position(self._file, mark.line + 1, mark.column + 1)

    def _complain(self, code: str, message: str, event: Any, hint: str | None = None) -> None:
        self._problems.add(code, message, self._position(event), hint)
