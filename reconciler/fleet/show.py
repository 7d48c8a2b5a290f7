"""How a fleet is: the sums, the workers and each application, or one object for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from reconciler.fleet.records import Record
from reconciler.fleet.status import Row
from reconciler.fleet.workers import Workers
from reconciler.workflow.exit_codes import ExitCode, meaning_of

SHOWN = 12
"""Digits of a digest that are shown, as everywhere."""
NOBODY_TRIES = "no job waits that applies, so it is not tried again until one is asked for"
"""After a guard, or a mistake in the file, no job was put back: a person acts first."""

_CAME_TO: Final[Mapping[int | None, str | None]] = {
    None: None,
    ExitCode.DONE: "done",
    ExitCode.BLOCKED: "blocked",
    ExitCode.LOCKED: None,
    ExitCode.INTERRUPTED: None,
}
"""What the newest job of an application counts as; every other code is a failure."""


def to_text(rows: Mapping[str, Row], workers: Workers, now: datetime) -> str:
    """Return the sums, who works, and then what there is to say of each application."""
    told = (line for name, row in rows.items() for line in _lines(name, row, now))
    return "".join(f"{line}\n" for line in (_sums(rows), _working(rows, workers), *told))


def to_json(fleet: str, rows: Mapping[str, Row], workers: Workers, now: datetime) -> str:
    """Return everything as one object."""
    plain = {
        "fleet": fleet,
        "workers": {"alive": workers.alive, "last_heartbeat": _time(workers.seen)},
        "applications": [_plain(name, rows[name], now) for name in rows],
    }
    return json.dumps(plain, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _sums(rows: Mapping[str, Row]) -> str:
    """Return how many applications are how, by what their newest jobs came to."""
    came = Counter(_CAME_TO.get(row.record.code, "failed") for row in rows.values())
    counts = {
        **{what: came[what] for what in ("done", "blocked", "failed")},
        "in quarantine": sum(row.health.since is not None for row in rows.values()),
        "waiting": sum(row.jobs.waiting > 0 for row in rows.values()),
        "running": sum(row.jobs.running > 0 for row in rows.values()),
    }
    said = ", ".join(f"{count:,} {what}" for what, count in counts.items())
    return f"{len(rows):,} application{'' if len(rows) == 1 else 's'}: {said}"


def _working(rows: Mapping[str, Row], workers: Workers) -> str:
    """Return how many workers live; and where none does, whether anybody waits for one."""
    seen = "" if workers.seen is None else f"; the last sign of life was at {_time(workers.seen)}"
    if workers.alive:
        return f"{workers.alive:,} worker{'' if workers.alive == 1 else 's'} alive{seen}"
    waiting = sum(row.jobs.waiting for row in rows.values())
    waits = "job waits" if waiting == 1 else "jobs wait"
    start = f", and {waiting:,} {waits}: start one with `reconciler fleet worker`"
    return f"no worker is alive{start if waiting else ''}{seen}"


def _lines(name: str, row: Row, now: datetime) -> Iterator[str]:
    """Yield what there is to say of one application."""
    record, jobs = row.record, row.jobs
    parts = ["no job has ended yet"]
    if record.code is not None:
        parts = [f"{record.job}: exit {record.code}, {_why(record)} ({_time(record.ended_at)})"]
    if record.plan is not None:
        parts.append(f"plan {record.plan[:SHOWN]} of {_time(record.planned_at)}")
    if jobs.waiting:
        parts.append(f"{jobs.waiting} waiting" + (f" until {_time(jobs.due)}" if jobs.due else ""))
    if jobs.running:
        parts.append(f"{jobs.running} running since {_time(jobs.since)}")
    yield f"{name}: {'; '.join(parts)}"
    if row.health.since is not None:
        when = row.health.again(now) if jobs.applies else NOBODY_TRIES
        yield f"  in quarantine since {_time(row.health.since)}: {row.health.why}; {when}"


def _plain(name: str, row: Row, now: datetime) -> dict[str, object]:
    """Return one application as JSON says it."""
    record, jobs, health = row.record, row.jobs, row.health
    return {
        "application": name,
        "last_plan": None
        if record.plan is None
        else {"digest": record.plan, "at": _time(record.planned_at)},
        "last_result": None
        if record.code is None
        else {
            "job": record.job,
            "exit_code": record.code,
            "sentence": _why(record),
            "at": _time(record.ended_at),
        },
        "jobs": {
            "waiting": jobs.waiting,
            "running": jobs.running,
            "failed": jobs.failed,
            "due": _time(jobs.due),
            "running_since": _time(jobs.since),
        },
        "quarantine": None
        if health.since is None
        else {
            "since": _time(health.since),
            "cause": health.cause.value if health.cause else None,
            "sentence": health.why,
            "next_attempt": _time(health.next_attempt(now)) if jobs.applies else None,
        },
    }


def _why(record: Record) -> str:
    """Say what the newest job came to."""
    return meaning_of(ExitCode(record.code or 0), too_early=bool(record.too_early))


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
