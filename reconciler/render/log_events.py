"""
What became of each object in each run of a plan: plan and journal, read side by side.

One event per operation that a run has tried, and per person or group that the
plan left out. Who was left out was decided when the plan was made, so the first
run tells of it, and a run that goes on with the same plan does not tell again.
Whoever is as they shall be (`RedundantExport`) is in no plan, and has no event.

A plan that was never applied did nothing to anybody, with one exception: those
whom a blocked plan would have disabled or deleted are *staged*, as Entra stages
them when its accidental deletion prevention stops a job (entra.md, section 5).

Used by :mod:`reconciler.render.log`, which gives events their form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from reconciler.plan.digest import digest
from reconciler.plan.document import Body, Plan, Skipped
from reconciler.plan.effects import deletes_group, deletes_user, disables
from reconciler.plan.operation import Action, Operation
from reconciler.states import ResourceType
from reconciler.vocabulary import Status, Step, meaning_of, status_of

LEFT_OUT = "EntrySynchronizationSkipped"
"""Code of what a plan knows of and does not do."""

CUT_OFF = "InternalError"
"""Code of what was begun and whose end nobody wrote down."""

ACTIONS: Mapping[Action, str] = {
    Action.LINK: "other",
    Action.CREATE: "create",
    Action.DISABLE: "disable",
    Action.DELETE: "delete",
}
"""Entra's words for ours; every other action is an ``update``."""

ENDS = frozenset({"done", "conflict", "failed"})
"""Kinds of records with which an operation ends."""

INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Form of a time: that of a journal."""

UNSENT: Mapping[str, str] = {
    "already": "nothing was sent: it was so already",
    "recorded": "nothing had to be sent: the account is ours from now on",
}
"""What to say of an operation that was done without a request, by its outcome."""

UNKNOWN_END = "begun, and nobody wrote down how it ended"

Record = Mapping[str, Any]
"""A record of a journal (`schemas/journal.schema.json`)."""


class Story(Protocol):
    """A plan of the store, and what its journal says."""

    @property
    def application(self) -> str:
        """Name of the application."""
        ...

    @property
    def created(self) -> datetime:
        """When the plan was made, UTC."""
        ...

    @property
    def stored(self) -> Plan | None:
        """The plan; None when only the journal is left."""
        ...

    @property
    def journal(self) -> Sequence[Record]:
        """Records of the journal, the oldest first."""
        ...

    def concerns(self, key: str, *ids: str | None) -> bool:
        """Say whether somebody known by *key* and *ids* is who was asked about."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """What became of one object in one run."""

    id: str
    """The same whenever it is asked for, as are `change` and `cycle`."""
    change: str
    """One per object and run."""
    cycle: str
    """One per run."""
    at: str
    """UTC: when it ended."""
    milliseconds: int
    """From the intent to the end; 0 when nothing was intended."""
    action: str
    """Entra's word."""
    resource_type: ResourceType
    key: str
    source_id: str | None
    target_id: str | None
    status: Status
    step: Step = Step.EXPORT
    """The step with which it ended."""
    operation: Operation | None = None
    """None when there is none: the object was skipped."""
    code: str | None = None
    """Entra's name for what went wrong, or why it was left alone."""
    detail: str | None = None
    """A sentence about the end, if there is more to say than that it is done."""


def events_of(story: Story) -> Iterator[Event]:
    """Yield what became of whom, run by run, in the order of the plan."""
    plan, runs = story.stored, _runs(story.journal)
    for number, records in enumerate(runs):
        run = _Run(str(records[0]["plan_digest"]), records[0]["seq"], records[0]["at"])
        yield from _tried(run, records, plan.body.operations if plan else ())
        if plan is not None and number == 0:
            yield from _left_out(run, plan.body)
    if plan is not None and not runs and plan.blocked:
        yield from _staged(_Run(plan.digest, -1, f"{story.created:{INSTANT}}"), plan.body)


def _runs(journal: Sequence[Record]) -> list[list[Record]]:
    """Return the records of each run of a plan; the first of each is its begin."""
    runs: list[list[Record]] = []
    for record in journal:
        if record["kind"] == "run_begin":
            runs.append([])
        runs[-1].append(record)
    return runs


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of a plan."""

    plan: str
    """The plan's digest."""
    begin: int
    """Number of its first record in the journal."""
    at: str

    def name(self, *what: str | None) -> str:
        """Return an id for *what*: the same text for the same run of the same plan."""
        return str(UUID(digest([self.plan, self.begin, *what])[:32], version=5))

    def event(self, operation: Operation, status: Status, **known: Any) -> Event:
        """Return what became of an operation."""
        kind, source, target = operation.resource_type, operation.source_id, operation.target_id
        told: dict[str, Any] = {
            "id": self.name("operation", operation.id),
            "change": self.name("object", kind, source or target or operation.key),
            "cycle": self.name("run"),
            "at": self.at,
            "milliseconds": 0,
            "action": action_of(operation),
            "resource_type": kind,
            "key": operation.key,
            "source_id": source,
            "target_id": target,
            "status": status,
            "operation": operation,
        }
        return Event(**{**told, **known})


def action_of(operation: Operation) -> str:
    """Return Entra's word for what *operation* does, judged by its effect (ruling 7)."""
    return "disable" if disables(operation) else ACTIONS.get(operation.action, "update")


def _tried(run: _Run, records: Sequence[Record], planned: Sequence[Operation]) -> Iterator[Event]:
    """Yield what became of each operation that was begun or ended, in the order of the plan."""
    intents = {record["op"]: record for record in records if record["kind"] == "intent"}
    ends = {record["op"]: record for record in records if record["kind"] in ENDS}
    newest = {**intents, **ends}
    listed = planned or [_from_journal(record) for record in newest.values()]
    for operation in listed:
        if operation.id in newest:
            yield _ended(run, operation, intents.get(operation.id), newest[operation.id])


def _from_journal(record: Record) -> Operation:
    """Return what a journal alone knows of an operation."""
    kind, action = ResourceType(record["resource_type"]), Action(record["action"])
    return _bare(
        record["op"], action, kind, record["key"], record["source_id"], record["target_id"]
    )


def _bare(
    name: str, action: Action, kind: ResourceType, key: str, source: str | None, target: str | None
) -> Operation:
    """Return an operation of which nobody knows the changes."""
    return Operation(name, 0, action, kind, key, source, target, "", (), None, ())


def _ended(run: _Run, operation: Operation, intent: Record | None, end: Record) -> Event:
    """Return what became of one operation; an intent may be all that there is."""
    known = {
        "at": end["at"],
        "milliseconds": _between(intent, end),
        "target_id": end["target_id"] or operation.target_id,
    }
    if end["kind"] == "done":
        return run.event(operation, Status.SUCCESS, detail=UNSENT.get(end["outcome"]), **known)
    if end["kind"] == "intent":
        return run.event(operation, Status.WARNING, code=CUT_OFF, detail=UNKNOWN_END, **known)
    known |= {"code": end["code"], "detail": end["detail"]}
    if end["kind"] == "conflict":
        known["step"] = meaning_of(end["code"]).step
    return run.event(operation, status_of(end["code"]), **known)


def _between(intent: Record | None, end: Record) -> int:
    """Return the milliseconds from *intent* to *end*; a clock that was set back gives 0."""
    if intent is None:
        return 0
    span = datetime.fromisoformat(end["at"]) - datetime.fromisoformat(intent["at"])
    return max(0, span // timedelta(milliseconds=1))


def _left_out(run: _Run, body: Body) -> Iterator[Event]:
    """Yield whom, and what, a plan knew of and left alone."""
    for operation in body.withheld:
        yield _stage(run, operation, "withheld by --no-removals")
    for waiting in body.waiting:
        detail = f"disabled by us on {waiting.disabled_on}; more are due than one plan may delete"
        user, target = ResourceType.USER, waiting.target_id
        delete = _bare("waiting", Action.DELETE, user, waiting.key, None, target)
        yield _stage(run, delete, detail)
    for skipped in body.skipped:
        yield _skipped(run, skipped)


def _staged(run: _Run, body: Body) -> Iterator[Event]:
    """Yield whom a plan that is blocked would have disabled or deleted."""
    sentences = "; ".join(verdict.sentence for verdict in body.guards if verdict.blocked)
    for operation in body.operations:
        if _removes(operation):
            yield _stage(run, operation, sentences)


def _stage(run: _Run, operation: Operation, detail: str) -> Event:
    """Return what is known of an operation that was not begun."""
    known = {
        "id": run.name("staged", operation.id, operation.target_id),
        "action": "stagedDelete" if _removes(operation) else action_of(operation),
    }
    return run.event(operation, Status.SKIPPED, code=LEFT_OUT, detail=detail, **known)


def _removes(operation: Operation) -> bool:
    """Say whether *operation* takes an account or a group away, as Entra counts it."""
    return any(test(operation) for test in (disables, deletes_user, deletes_group))


def _skipped(run: _Run, skipped: Skipped) -> Event:
    """Return what is known of somebody who is assigned and not written."""
    kind, source = skipped.resource_type, skipped.source_id
    return Event(
        id=run.name("skipped", kind, source, skipped.code),
        change=run.name("object", kind, source),
        cycle=run.name("run"),
        at=run.at,
        milliseconds=0,
        action="other",
        resource_type=kind,
        key=skipped.key,
        source_id=source,
        target_id=None,
        status=Status.SKIPPED,
        step=meaning_of(skipped.code).step,
        code=skipped.code,
        detail=skipped.detail,
    )
