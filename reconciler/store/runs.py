"""
What became of each plan: the rows of ``reconciler history``.

A row is told by the plan file and by its journal; either may be missing, because
a plan may never have been applied, and an old plan may have been thrown away
while its journal, which says what is ours, must stay. Applies that were blocked
before they became a run stand beside (:mod:`reconciler.store.attempts`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Literal, NamedTuple

from reconciler.plan.document import Plan
from reconciler.scim.folding import fold
from reconciler.store.applications import application_folder, application_folders
from reconciler.store.approvals import Given, not_used, used_in
from reconciler.store.attempt_records import Blocked, TooEarly
from reconciler.store.attempts import read_attempts
from reconciler.store.chain import JournalDamaged, read_journal
from reconciler.store.plans import (
    DIGEST_SHOWN,
    JOURNAL_SUFFIX,
    PLAN_SUFFIX,
    FilePlanStore,
    named,
)
from reconciler.store.records import Conflict, Done, Failed, Intent, Record
from reconciler.store.slot import Location, slot

State = Literal[
    "not applied",
    "blocked",
    "credential refused",
    "target unreachable",
    "read incomplete",
    "failed",
    "in quarantine",
    "applied",
    "applied in part",
    "unfinished",
]

STATES: Mapping[str, State] = {
    "done": "applied",
    "partial": "applied in part",
    "interrupted": "unfinished",
}
"""What the status of a plan's last run makes of the plan."""

WITHOUT_A_RUN: Mapping[str, State] = {
    "guard": "blocked",
    "credential": "credential refused",
    "unreachable": "target unreachable",
    "incomplete": "read incomplete",
    "failed": "failed",
}
"""What the cause of an apply that never became a run makes of a plan that has had none."""


@dataclass(frozen=True, slots=True)
class Run:
    """One plan of the store and what became of it."""

    application: str
    digest12: str
    created: datetime
    plan: str | None
    """Path of the plan file; None when only the journal is left."""
    operations: Mapping[str, int]
    """Operations by action."""
    state: State
    when: str | None
    """Time of the newest record of the journal, or of the newest attempt, UTC; None before any."""
    counts: Mapping[str, int]
    """Operations by what became of them last: done, conflict, failed."""
    stored: Plan | None
    """The plan itself; None when only the journal is left."""
    journal: tuple[Record, ...]
    """What was done, the oldest first."""
    user: str | None
    """Whom the history was asked about; None for everybody."""
    approved: tuple[Given, ...] = ()
    """The approvals that its runs have used; and of a blocked plan those that none has."""
    attempts: tuple[Blocked | TooEarly, ...] = ()
    """Applies of the plan that were blocked before they became a run, the oldest first."""

    @property
    def blocked(self) -> tuple[str, ...]:
        """Ids of the guards that blocked the plan when it was made, or an apply of it."""
        verdicts = self.stored.body.guards if self.stored else ()
        made = [verdict.id for verdict in verdicts if verdict.blocked]
        blocked = (one for one in self.attempts if one["kind"] == "blocked")
        tried = [guard["id"] for one in blocked for guard in one["guards"]]
        return tuple(dict.fromkeys([*made, *tried]))

    @property
    def reverts(self) -> str | None:
        """First 12 digits of the digest of the plan that this one undoes."""
        digest = self.stored.body.inputs.reverts if self.stored else None
        return None if digest is None else digest[:DIGEST_SHOWN]

    def concerns(self, key: str, *ids: str | None) -> bool:
        """Say whether somebody known by *key*, in any case, and *ids* is who was asked about."""
        return self.user is None or fold(key) == fold(self.user) or self.user in ids


def runs(
    folder: Location,
    application: str | None = None,
    user: str | None = None,
    guard: str | None = None,
) -> Iterator[Run]:
    """
    Yield every plan of the store and what became of it, the newest last.

    One plan is in memory at a time, if the caller keeps none.

    Args:
        folder: The store.
        application: Only this application; None for all.
        user: Only plans that say something of this person or group: a key (in
            any case), a source id or a target id.
        guard: Only plans that the guard of this id blocked.

    Raises:
        PlanAltered: A plan is not what it says it is.
        JournalDamaged: A journal is not what was written.
        StoreError: The store is not what it must be.
    """
    found = {
        _Place(created, path.parent.name, digest12, path.name.removesuffix(suffix))
        for suffix in (PLAN_SUFFIX, JOURNAL_SUFFIX)
        for path, created, digest12 in named(folder, application, suffix)
    }
    tried = _attempts(folder, application)
    for _, tied in groupby(sorted(found), key=lambda place: place.created):
        for place in _in_order(folder, list(tied)):
            run = _told(folder, place, user, tried.get((place.application, place.digest12), ()))
            about = user is None or any(run.concerns(*names) for names in _named_in(run))
            if about and (guard is None or guard in run.blocked):
                yield run


def _attempts(
    folder: Location, application: str | None
) -> dict[tuple[str, str], tuple[Blocked | TooEarly, ...]]:
    """Return the blocked applies, by application and the first digits of the plan's digest."""
    found: dict[tuple[str, str], tuple[Blocked | TooEarly, ...]] = {}
    for below in application_folders(folder, application):
        for record in read_attempts(below):
            if record["kind"] != "blocked" and record["kind"] != "too_early":
                continue
            if record["plan_digest"] is not None:
                key = (below.name, record["plan_digest"][:DIGEST_SHOWN])
                found[key] = (*found.get(key, ()), record)
    return found


class _Place(NamedTuple):
    """Where a plan or its journal lies."""

    created: datetime
    application: str
    digest12: str
    stem: str


def _in_order(store: Location, tied: list[_Place]) -> list[_Place]:
    """
    Return plans of the same second in the order in which they were begun.

    The time in a name has no fraction, that in a journal has. What was not
    applied comes last, since a plan is made for the state that is found.
    """
    if len(tied) == 1:
        return tied
    began = {place: _journal(store, place)[:1] for place in tied}
    return sorted(tied, key=lambda place: (not began[place], [r["at"] for r in began[place]]))


def _journal(store: Location, place: _Place) -> tuple[Record, ...]:
    """
    Return what a plan's journal holds; a plan that was never applied has none.

    Raises:
        JournalDamaged: As :func:`read_journal`; or it does not begin with a run.
    """
    path = application_folder(store, place.application) / (place.stem + JOURNAL_SUFFIX)
    records = read_journal(path).records
    if records and records[0]["kind"] != "run_begin":
        raise JournalDamaged(f"{path}, line 1: belongs to no run")
    return records


def _told(
    store: Location, place: _Place, user: str | None, attempts: tuple[Blocked | TooEarly, ...]
) -> Run:
    """Return the row of one plan."""
    path = application_folder(store, place.application) / (place.stem + PLAN_SUFFIX)
    records = _journal(store, place)
    plan = FilePlanStore(store).load_from(path) if slot(path).exists() else None
    tried = _tried(records)
    actions = [op.action for op in plan.body.operations] if plan else []
    actions = actions or [record["action"] for record in tried.values()]
    run = Run(
        application=place.application,
        digest12=place.digest12,
        created=place.created,
        plan=str(path) if plan else None,
        operations=Counter(action.value for action in actions),
        state=_state(records, attempts),
        when=max((record["at"] for record in (*records[-1:], *attempts[-1:])), default=None),
        counts=Counter(r["kind"] for r in tried.values() if r["kind"] != "intent"),
        stored=plan,
        journal=records,
        user=user,
        approved=used_in(path.parent, records),
        attempts=attempts,
    )
    if plan is None or not run.blocked:
        return run
    return replace(run, approved=(*run.approved, *not_used(store, plan)))


def _tried(records: tuple[Record, ...]) -> dict[str, Intent | Done | Conflict | Failed]:
    """Return the newest record of each operation."""
    return {
        record["op"]: record
        for record in records
        if record["kind"] != "run_begin" and record["kind"] != "run_end"
    }


def _named_in(run: Run) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield by which key and ids plan and journal know whom they say something of."""
    if run.stored is not None:
        body = run.stored.body
        for operation in (*body.operations, *body.withheld):
            yield operation.key, operation.source_id, operation.target_id
        yield from ((one.key, one.source_id, None) for one in body.skipped)
        yield from ((one.key, None, one.target_id) for one in body.waiting)
    for record in _tried(run.journal).values():
        yield record["key"], record["source_id"], record["target_id"]


def _state(records: tuple[Record, ...], attempts: tuple[Blocked | TooEarly, ...]) -> State:
    """
    Return what the newest run made of the plan; without one, why none came of the applies.

    That one came too early says less than why the ones before it failed.
    """
    state: State = "in quarantine" if attempts else "not applied"
    for one in attempts:
        if one["kind"] == "blocked":
            state = WITHOUT_A_RUN[one["cause"]]
    for record in records:
        if record["kind"] == "run_begin":
            state = "unfinished"
        elif record["kind"] == "run_end":
            state = STATES[record["status"]]
    return state
