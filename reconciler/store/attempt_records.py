"""
The records beside the journals: applies that never became a run, clears, and what was told.

One file per application, ``attempts.jsonl``, chained as a journal is. Every apply that was
blocked is in it, so that pressure on the guards can be seen (reliability.md, 4.4); `plan`
writes nothing here. The shapes are closed, as those of :mod:`reconciler.store.records`.

Used by :mod:`reconciler.store.attempts`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, TypeAdapter, with_config
from typing_extensions import TypedDict

from reconciler.store.records import CLOSED, Chained, Sha256, Time

Why = Literal["credential", "guard", "unreachable", "incomplete", "failed"]
Channel = Literal["email", "webhook"]
Told = Literal["entered", "changed", "failed", "left"]


@with_config(CLOSED)
class TrippedGuard(TypedDict):
    """A guard that blocked, in the numbers of its verdict."""

    id: str
    count: int
    population: int
    limit: int


class _OfApplication(Chained):
    """What every record here has."""

    application: str


class _OfPlan(_OfApplication):
    """What every record of an apply has."""

    plan_digest: Annotated[Sha256 | None, Field(description="The plan; null: none could be made.")]
    operations_digest: NotRequired[
        Annotated[Sha256, Field(description="Operations of the plan; not in older records.")]
    ]
    config_sha256: Annotated[
        Sha256, Field(description="Configuration that the plan was made from, or was to be.")
    ]
    scheduled: Annotated[bool, Field(description="Nobody confirmed it at a terminal.")]


@with_config(CLOSED)
class Blocked(_OfPlan):
    """An apply ended before its first operation."""

    kind: Literal["blocked"]
    cause: Why
    guards: list[TrippedGuard]
    detail: Annotated[
        str,
        Field(description="What was said to whoever ran the command; of guards only their counts."),
    ]


@with_config(CLOSED)
class TooEarly(_OfPlan):
    """An apply was refused because of the quarantine; nothing was asked of the target."""

    kind: Literal["too_early"]
    next_attempt: Annotated[
        Time | None, Field(description="From when on one is let through; null: when cleared.")
    ]


@with_config(CLOSED)
class Clear(_OfApplication):
    """A person ended the quarantine."""

    kind: Literal["clear"]
    by: str | None
    reason: str


@with_config(CLOSED)
class Notified(_OfApplication):
    """Somebody was told."""

    kind: Literal["notified"]
    channel: Channel
    event: Told
    about: Annotated[str, Field(description="What it was about: a cause, or codes with counts.")]
    since: Annotated[Time | None, Field(description="Beginning of the quarantine it was about.")]


AttemptRecord = Blocked | TooEarly | Clear | Notified

ATTEMPT_RECORD: TypeAdapter[AttemptRecord] = TypeAdapter(
    Annotated[AttemptRecord, Field(discriminator="kind")]
)
"""Reads one line of the file."""


def attempts_schema() -> dict[str, Any]:
    """Return the JSON Schema of one line of the file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:scim-reconciler:schema:attempts:1.0",
        "title": "One line of an application's attempts",
        **ATTEMPT_RECORD.json_schema(),
    }
