"""
What became of each plan, as a table: for people, for machines, for spreadsheets.

A row comes from :mod:`reconciler.store`, which this room does not know; its shape
is :class:`Row`. Cells of the CSV that a spreadsheet would run as a formula get an
apostrophe in front, and all are quoted (reliability.md S20).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Protocol

from reconciler.render.values import shown

FORMULA = tuple("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
"""First characters that make a spreadsheet calculate; the last four are the full-width ones."""

COLUMNS = ("created", "application", "digest", "operations", "state", "when", "counts", "plan")


class Row(Protocol):
    """One plan of the store and what became of it."""

    @property
    def application(self) -> str:
        """Name of the application."""
        ...

    @property
    def digest12(self) -> str:
        """First 12 hex digits of the plan's digest."""
        ...

    @property
    def created(self) -> datetime:
        """When the plan was made, UTC."""
        ...

    @property
    def plan(self) -> str | None:
        """Path of the plan file, if it is still there."""
        ...

    @property
    def operations(self) -> Mapping[str, int]:
        """Operations by action."""
        ...

    @property
    def state(self) -> str:
        """What became of the plan."""
        ...

    @property
    def when(self) -> str | None:
        """Time of the newest journal record, UTC."""
        ...

    @property
    def counts(self) -> Mapping[str, int]:
        """Operations by what became of them."""
        ...


def to_text(rows: Sequence[Row]) -> str:
    """
    Return *rows* as a table with aligned columns; a sentence when there are none.

    The path of a plan stays out: its digest is enough for ``show``, and narrower.
    """
    if not rows:
        return "No plans.\n"
    table = [COLUMNS[:-1], *(tuple(map(shown, _cells(row)[:-1])) for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    lines = (
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
        for line in table
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def to_json(rows: Sequence[Row]) -> str:
    """Return *rows* as one JSON list."""
    plain = [
        {
            "application": row.application,
            "digest12": row.digest12,
            "created": _time(row.created),
            "plan": row.plan,
            "operations": dict(row.operations),
            "state": row.state,
            "when": row.when,
            "counts": dict(row.counts),
        }
        for row in rows
    ]
    return json.dumps(plain, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def to_csv(rows: Sequence[Row]) -> str:
    """Return *rows* as CSV (RFC 4180) that no spreadsheet runs."""
    out = StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([_safe(cell) for cell in _cells(row)] for row in rows)
    return out.getvalue()


HISTORY_FORMATS: Mapping[str, Callable[[Sequence[Row]], str]] = {
    "text": to_text,
    "json": to_json,
    "csv": to_csv,
}
"""The forms of ``history --format``."""


def _cells(row: Row) -> tuple[str, ...]:
    """Return *row* in the order of the columns."""
    return (
        _time(row.created),
        row.application,
        row.digest12,
        _counted(row.operations) or "none",
        row.state,
        _to_the_second(row.when),
        _counted(row.counts),
        row.plan or "",
    )


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _to_the_second(when: str | None) -> str:
    """Cut the fraction off the time of a journal record."""
    return "" if when is None else f"{when.partition('.')[0].rstrip('Z')}Z"


def _counted(counts: Mapping[str, int]) -> str:
    """Return ``12 create, 3 update``."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
