"""
How applications are: a paragraph for people, one object for machines.

What is shown comes from :mod:`reconciler.workflow.quarantine`, which this room does not
know; its shape is :class:`Told`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from reconciler.diagnostics import printable
from reconciler.plan.quarantine import Cleared, Health


class Told(Protocol):
    """How one application is."""

    @property
    def health(self) -> Health:
        """After everything that was attempted."""
        ...

    @property
    def cleared(self) -> Cleared | None:
        """Who last said that it is well."""
        ...


def to_text(found: Mapping[str, Told], now: datetime) -> str:
    """Return a line for each application that is well, and a paragraph for each that is not."""
    lines = (line for name, told in found.items() for line in _lines(name, told, now))
    return "".join(f"{line}\n" for line in lines)


def to_json(found: Mapping[str, Told], now: datetime) -> str:
    """Return everything as one object."""
    plain = {"applications": [_plain(name, told, now) for name, told in found.items()]}
    return json.dumps(plain, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


QUARANTINE_FORMATS: Mapping[str, Callable[[Mapping[str, Told], datetime], str]] = {
    "text": to_text,
    "json": to_json,
}
"""The forms of ``quarantine show --format``."""


def _lines(name: str, told: Told, now: datetime) -> Iterator[str]:
    """Yield what there is to say of one application."""
    health = told.health
    if health.since is None:
        row = "no failed attempt"
        if health.failures:
            row = f"{health.failures} failed in a row, the newest because {health.why}"
        yield f"{name}: not in quarantine ({row})"
        if told.cleared is not None:
            by, reason = told.cleared.by or "somebody", printable(told.cleared.reason)
            yield f"  last cleared at {_time(told.cleared.at)} by {printable(by)}: {reason}"
        return
    yield f"{name}: in quarantine since {_time(health.since)}"
    yield f"  reason: {health.told}"
    for guard in health.last.guards if health.last else ():
        yield f"  guard {guard.id}: {guard.count} of {guard.population}, {guard.limit} allowed"
    if health.last is not None:
        yield f"  failed attempts: {health.failures}, the newest at {_time(health.last.at)}"
    yield f"  {health.again(now)}"
    yield f"  to clear it: reconciler quarantine clear {name} --reason TEXT"


def _plain(name: str, told: Told, now: datetime) -> dict[str, object]:
    """Return one application as JSON says it."""
    health, cleared = told.health, told.cleared
    guards = health.last.guards if health.last and health.since else ()
    return {
        "application": name,
        "in_quarantine": health.since is not None,
        "reason": health.reason,
        "cause": health.cause.value if health.cause else None,
        "sentence": health.why,
        "since": _time(health.since),
        "failed_attempts": health.failures,
        "last_attempt": _time(health.last.at) if health.last else None,
        "next_attempt": _time(health.next_attempt(now)),
        "last_cleared": None
        if cleared is None
        else {"at": _time(cleared.at), "by": cleared.by, "reason": cleared.reason},
        "guards": [
            {"id": one.id, "count": one.count, "population": one.population, "limit": one.limit}
            for one in guards
        ],
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
