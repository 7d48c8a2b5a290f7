"""
The records of a journal, one shape per kind (product.md, section 6).

The shapes are closed: a kind, a field or a word that is not listed here is
damage, not something to skip (INV-34). A record is a plain mapping on both
sides, checked against its shape when it is written and again when it is read.

Used by :mod:`reconciler.store.chain` and :mod:`reconciler.store.journal`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, with_config
from typing_extensions import TypedDict

from reconciler.plan.operation import Action
from reconciler.states import ResourceType

CLOSED = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _real(text: str) -> str:
    """Refuse a time that no calendar or clock shows."""
    datetime.fromisoformat(text)
    return text


Time = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$",
        description="UTC, to the microsecond, in a form that sorts by time.",
    ),
    AfterValidator(_real),
]
Count = Annotated[int, Field(ge=0)]
Effect = Literal["disable", "enable", "delete", "link", "create"]
Outcome = Literal["verified", "already", "recorded"]
Status = Literal["done", "partial", "interrupted"]
MOST_TOGETHER = 1_000
"""Records in one line at most."""

Stopped = Literal["credential", "unreachable", "budget", "failed", "stale"]


class Chained(TypedDict):
    """What every record has."""

    at: Time
    seq: Annotated[int, Field(ge=0, description="Number of the line in its file, from 0.")]
    prev: Annotated[Sha256, Field(description="SHA-256 of the line before; zeros in the first.")]
    sum: Annotated[
        Sha256, Field(description="SHA-256 of the record without this field, in canonical form.")
    ]
    torn: NotRequired[
        Annotated[int, Field(ge=1, description="Bytes of a half-written line cut off before.")]
    ]


@with_config(CLOSED)
class Approved(TypedDict):
    """A guard that an approval lets pass."""

    guard: str
    count: Count
    approval: Annotated[Sha256, Field(description="SHA-256 of the approval's file.")]


@with_config(CLOSED)
class RunBegin(Chained):
    """An apply of one plan begins."""

    kind: Literal["run_begin"]
    plan_digest: Sha256
    operations_digest: Sha256
    application: str
    tenant_url: str
    as_of: str
    users: Annotated[Count, Field(description="People in the source that the plan was made of.")]
    groups: Count
    config_sha256: NotRequired[
        Annotated[Sha256, Field(description="Configuration that the plan was made from.")]
    ]
    filled: NotRequired[
        Annotated[dict[str, Count], Field(description="People who had a value, by column.")]
    ]
    resumed: Annotated[bool, Field(description="An earlier run of this plan did not end.")]
    run: NotRequired[
        Annotated[int, Field(ge=1, description="Number of the run among all of the application.")]
    ]
    after: NotRequired[
        Annotated[Sha256, Field(description="The newest record of all journals at that moment.")]
    ]
    tool_version: str
    populations: Annotated[dict[str, Count], Field(description="What the guards counted of.")]
    everybody: NotRequired[
        Annotated[
            bool,
            Field(
                description="The plan is for everybody, or undoes one that was, and withheld "
                "nothing (INV-25)."
            ),
        ]
    ]
    approvals: NotRequired[
        Annotated[list[Approved], Field(description="Guards that approvals let pass in this run.")]
    ]


class _OfOperation(TypedDict):
    """What every record of one operation has."""

    op: Annotated[str, Field(description="Id of the operation in the plan.")]
    action: Action
    resource_type: ResourceType
    key: str
    source_id: str | None
    target_id: str | None


class _Counted(_OfOperation):
    """What is looked back at by the guard `rolling_window`."""

    counts: NotRequired[
        Annotated[
            dict[str, Count],
            Field(description="What the operation counted for each guard, by its id."),
        ]
    ]


@with_config(CLOSED)
class IntentPart(_Counted):
    """An intent among others of the same line."""

    kind: Literal["intent"]


@with_config(CLOSED)
class DonePart(_Counted):
    """A done among others of the same line."""

    kind: Literal["done"]
    effects: tuple[Effect, ...]
    outcome: Outcome


class _Ended(_OfOperation):
    code: str
    detail: str


@with_config(CLOSED)
class ConflictPart(_Ended):
    """A conflict among others of the same line."""

    kind: Literal["conflict"]


@with_config(CLOSED)
class FailedPart(_Ended):
    """A failure among others of the same line."""

    kind: Literal["failed"]


@with_config(CLOSED)
class Intent(Chained, IntentPart):
    """Written, and on the disk, before the request leaves (INV-12)."""


@with_config(CLOSED)
class Done(Chained, DonePart):
    """A read-back showed the result."""


@with_config(CLOSED)
class Conflict(Chained, ConflictPart):
    """The resource was not as the plan saw it; nothing was sent."""


@with_config(CLOSED)
class Failed(Chained, FailedPart):
    """The operation was tried and its result is not there."""


Part = Annotated[IntentPart | DonePart | ConflictPart | FailedPart, Field(discriminator="kind")]


@with_config(CLOSED)
class Together(Chained):
    """Several records of operations that were written at once; whole or not at all."""

    kind: Literal["together"]
    records: Annotated[list[Part], Field(min_length=2, max_length=MOST_TOGETHER)]


@with_config(CLOSED)
class RunEnd(Chained):
    """An apply ends."""

    kind: Literal["run_end"]
    status: Status
    counts: dict[str, Count]
    stopped: NotRequired[
        Annotated[Stopped, Field(description="What ended the run before its last operation.")]
    ]


Record = RunBegin | Intent | Done | Conflict | Failed | RunEnd

Line = Record | Together
"""What one line holds: a record, or several."""

RECORD: TypeAdapter[Record] = TypeAdapter(  # of a line, in truth: no caller sees one
    Annotated[Line, Field(discriminator="kind")]  # type: ignore[arg-type]
)
"""Reads one line of a journal; what it holds, :func:`records_of` says."""


def records_of(line: Any) -> list[Any]:
    """
    Return the records that a line of a chain holds, each as if it stood alone.

    Those that were written together share the line's time, number, link and sum.
    """
    if line["kind"] != "together":
        return [line]
    shared = {name: line[name] for name in ("at", "seq", "prev", "sum", "torn") if name in line}
    return [{**record, **shared} for record in line["records"]]


def journal_schema() -> dict[str, Any]:
    """Return the JSON Schema of one line of a journal."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:scim-reconciler:schema:journal:1.0",
        "title": "One line of a journal",
        **RECORD.json_schema(),
    }
