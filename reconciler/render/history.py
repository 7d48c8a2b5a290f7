"""
What became of each plan: a table for people and for spreadsheets, records for machines.

A row comes from :mod:`reconciler.store`, which this room does not know; its shape
is :class:`Row`. The JSON form tells what was done to whom, in the form of Entra's
provisioning logs (:mod:`reconciler.render.log`), and has the table beside it.
Cells of the CSV that a spreadsheet would run as a formula get an apostrophe in
front, and all are quoted (reliability.md S20).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from operator import itemgetter
from textwrap import indent
from typing import Any, Protocol

from reconciler.diagnostics import printable, printable_json
from reconciler.render.log import records_of
from reconciler.render.log_events import Story
from reconciler.render.values import shown

FORMULA = tuple("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
"""First characters that make a spreadsheet calculate; the last four are the full-width ones."""

COLUMNS = (
    "created",
    "application",
    "digest",
    "operations",
    "state",
    "when",
    "counts",
    "blocked",
    "approved",
    "reverts",
    "plan",
)


class Excepted(Protocol):
    """A guard that an approval lets pass."""

    @property
    def guard(self) -> str:
        """Its id."""
        ...

    @property
    def count(self) -> int:
        """What was approved."""
        ...

    @property
    def approver(self) -> str | None:
        """Who gave it; None when its file is gone."""
        ...

    @property
    def reason(self) -> str | None:
        """Why; None when its file is gone."""
        ...

    @property
    def used(self) -> bool:
        """Whether a run has used it; of one that none has, nothing is verified yet."""
        ...


class Row(Story, Protocol):
    """One plan of the store and what became of it."""

    @property
    def digest12(self) -> str:
        """First 12 hex digits of the plan's digest."""
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
        """Time of the newest journal record, or attempt, UTC."""
        ...

    @property
    def counts(self) -> Mapping[str, int]:
        """Operations by what became of them."""
        ...

    @property
    def blocked(self) -> Sequence[str]:
        """Ids of the guards that blocked the plan, or an apply of it."""
        ...

    @property
    def attempts(self) -> Sequence[Mapping[str, Any]]:
        """Applies that were blocked before they became a run (`schemas/attempts.schema.json`)."""
        ...

    @property
    def approved(self) -> Sequence[Excepted]:
        """The approvals that were used to apply it, or were given and are not used."""
        ...

    @property
    def reverts(self) -> str | None:
        """First 12 hex digits of the plan that this one undoes; None for every other plan."""
        ...


@dataclass(frozen=True, slots=True)
class History:
    """What was asked for: the rows, and what the configuration calls the applications."""

    rows: Iterable[Row]
    """Read once, so that one plan at a time needs to be in memory."""
    display_names: Mapping[str, str]
    """By name of the application; one that is not configured any more has none."""
    user: str | None = None
    """Whom alone it is about, if somebody was named."""


def to_text(history: History) -> str:
    """
    Return the plans as a table with aligned columns; a sentence when there are none.

    The path of a plan stays out: its digest is enough for ``show``, and narrower.
    """
    table = [tuple(map(shown, _cells(row)[:-1])) for row in history.rows]
    if not table:
        return f"No plan is about {shown(history.user)}.\n" if history.user else "No plans.\n"
    table = [COLUMNS[:-1], *table]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    lines = (
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
        for line in table
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def to_json(history: History) -> str:
    """
    Return what was done to whom as Graph does, under ``value``, and the plans under ``plans``.

    Records are ordered by their time; at one time, as in the plan. Only their
    text is kept until the last plan has been read.
    """
    plans, told = list[str](), list[tuple[str, str]]()
    for row in history.rows:
        plans.append(_json(_plain(row)))
        name = history.display_names.get(row.application, row.application)
        told += [(record["activityDateTime"], _json(record)) for record in records_of(row, name)]
    told.sort(key=itemgetter(0))
    value = (record for _, record in told)
    told_all = f'{{\n  "plans": {_listed(plans)},\n  "value": {_listed(value)}\n}}\n'
    return printable_json(told_all)


def _json(plain: object) -> str:
    return indent(json.dumps(plain, ensure_ascii=False, indent=2, sort_keys=True), "    ")


def _listed(entries: Iterable[str]) -> str:
    """Return a JSON list of what is JSON already."""
    inside = ",\n".join(entries)
    return f"[\n{inside}\n  ]" if inside else "[]"


def _plain(row: Row) -> dict[str, object]:
    """Return one plan as JSON says it."""
    return {
        "application": row.application,
        "digest12": row.digest12,
        "created": _time(row.created),
        "plan": row.plan,
        "operations": dict(row.operations),
        "state": row.state,
        "when": row.when,
        "counts": dict(row.counts),
        "blocked": list(row.blocked),
        "approved": [
            {
                "guard": one.guard,
                "count": one.count,
                "approver": one.approver,
                "reason": one.reason,
                "used": one.used,
            }
            for one in row.approved
        ],
        "reverts": row.reverts,
        "attempts": [_attempt(one) for one in row.attempts],
    }


def _attempt(one: Mapping[str, Any]) -> dict[str, object]:
    """Return one blocked apply as JSON says it."""
    return {
        "at": one["at"],
        "cause": one.get("cause", "quarantine"),
        "scheduled": one["scheduled"],
        "guards": [guard["id"] for guard in one.get("guards", ())],
        "detail": one.get("detail"),
    }


def to_csv(history: History) -> str:
    """Return the plans as CSV (RFC 4180) that no spreadsheet runs."""
    out = StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([_safe(cell) for cell in _cells(row)] for row in history.rows)
    return out.getvalue()


HISTORY_FORMATS: Mapping[str, Callable[[History], str]] = {
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
        ", ".join(row.blocked),
        "; ".join(map(_told, row.approved)),
        row.reverts or "",
        row.plan or "",
    )


def _told(one: Excepted) -> str:
    """Return which guard passes, by whom and why, and whether it is still to be used."""
    who = "" if one.approver is None else f" by {one.approver}: {one.reason}"
    return f"{one.guard} {one.count}{who}{'' if one.used else ' (not used)'}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _to_the_second(when: str | None) -> str:
    """Cut the fraction off the time of a journal record."""
    return "" if when is None else f"{when.partition('.')[0].rstrip('Z')}Z"


def _counted(counts: Mapping[str, int]) -> str:
    """Return ``12 create, 3 update``."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def _safe(cell: str) -> str:
    return printable(f"'{cell}" if cell.startswith(FORMULA) else cell)
