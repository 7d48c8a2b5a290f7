"""
Whom to tell what: on entry into quarantine, on another reason, on a failure, on leaving.

Nobody is told the same twice: what a channel was told last is on record, so a retry that
fails as the one before says nothing, and a mail that could not be sent is tried again with
the next attempt. A notice holds no personal data: names of applications and guards, counts,
digests and commands; never a sentence of a guard or of the target, which may hold a name.

Used by :mod:`reconciler.workflow.watch`; sent by :mod:`reconciler.notify`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from reconciler.plan.quarantine import Attempt, Cause, Ending, Health, Tripped

DIGEST_SHOWN = 12
"""Hex digits of a digest in a command."""


class Event(StrEnum):
    """What a notice is about."""

    ENTERED = "entered"
    CHANGED = "changed"
    FAILED = "failed"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class ToldLast:
    """What a channel was told last of an application."""

    at: datetime
    event: Event
    about: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told, in a form that every channel can put into its own."""

    event: Event
    application: str
    at: datetime
    about: str
    """What tells this notice from the next: a cause, or codes with counts."""
    sentence: str
    reason: str | None = None
    """Entra's name for the quarantine."""
    since: datetime | None = None
    failures: int = 0
    """Failed attempts in a row."""
    next_attempt: datetime | None = None
    again: str | None = None
    """The same in words; None outside."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Operations of the run by how they ended."""
    failed: Mapping[str, int] = field(default_factory=dict)
    """Failed operations by code."""
    guards: tuple[Tripped, ...] = ()
    plan_digest: str | None = None
    commands: tuple[str, ...] = ()
    """What to run, most useful first."""


def due(
    health: Health, newest: Attempt | None, clean: datetime | None, told: ToldLast | None
) -> Event | None:
    """
    Return what a channel is to be told, if anything.

    Args:
        health: Of the application.
        newest: The newest attempt; None when there was none.
        clean: When an attempt last went through without any failure.
        told: What the channel was told last.
    """
    inside = told is not None and told.since is not None
    if health.since is not None:
        if told is None or told.since != health.since:
            return Event.ENTERED
        return Event.CHANGED if told.about != health.cause else None
    if newest is None:
        return None
    if newest.ending is Ending.FAILED or newest.failed:
        known = told is not None and told.event is Event.FAILED and told.about == newest.about
        again = known and not (clean is not None and told is not None and clean > told.at)
        return None if again else Event.FAILED
    return Event.LEFT if inside else None


SENTENCES: Mapping[Event, str] = {
    Event.ENTERED: "{application} is in quarantine: {why}",
    Event.CHANGED: "{application} is in quarantine for another reason now: {why}",
    Event.FAILED: "an apply of {application} failed: {why}",
    Event.LEFT: "{application} is not in quarantine any more",
}


def notice(event: Event, application: str, health: Health, newest: Attempt) -> Notice:
    """Put what is told of *event* together; *newest* is the attempt after which it is told."""
    inside = health.since is not None
    why = (health.why if inside else newest.why) or _failed(newest)
    return Notice(
        event=event,
        application=application,
        at=newest.at,
        about=(health.cause or "") if inside else newest.about,
        sentence=SENTENCES[event].format(application=application, why=why),
        reason=health.reason,
        since=health.since,
        failures=health.failures,
        next_attempt=health.next_attempt(newest.at),
        again=health.again(newest.at) if inside else None,
        counts=newest.counts,
        failed=newest.failed,
        guards=newest.guards,
        plan_digest=newest.plan_digest,
        commands=tuple(_commands(application, event, newest)),
    )


def _failed(newest: Attempt) -> str:
    """Say what went wrong in a run that went through, without a name."""
    return f"{sum(newest.failed.values())} operations failed, the others are done"


def _commands(application: str, event: Event, newest: Attempt) -> list[str]:
    """Return what to run."""
    if event is Event.LEFT:
        return [f"reconciler history {application}"]
    found = []
    if newest.guards and newest.plan_digest:
        found.append(f"reconciler show {newest.plan_digest[:DIGEST_SHOWN]}")
    if newest.cause in {Cause.CREDENTIAL, Cause.UNREACHABLE, Cause.INCOMPLETE}:
        found.append(f"reconciler probe {application}")
    found.append(f"reconciler history {application}")
    if event is not Event.FAILED:
        found.append(f"reconciler quarantine show {application}")
        found.append(f"reconciler quarantine clear {application} --reason TEXT")
    return found
