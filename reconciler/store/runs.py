"""
What became of each plan: the rows of ``reconciler history``.

A row is told by the plan file and by its journal; either may be missing, because
a plan may never have been applied, and an old plan may have been thrown away
while its journal, which says what is ours, must stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from os.path import lexists
from pathlib import Path
from typing import Literal

from reconciler.store.folder import application_folder
from reconciler.store.journal import read_journal
from reconciler.store.plans import JOURNAL_SUFFIX, PLAN_SUFFIX, FilePlanStore, named
from reconciler.store.records import Record

State = Literal["not applied", "applied", "applied in part", "unfinished"]

STATES: Mapping[str, State] = {
    "done": "applied",
    "partial": "applied in part",
    "interrupted": "unfinished",
}
"""What the status of a plan's last run makes of the plan."""


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
    """Time of the newest record of the journal, UTC; None before the first apply."""
    counts: Mapping[str, int]
    """Operations by what became of them last: done, conflict, failed."""


def runs(folder: Path, application: str | None = None, user: str | None = None) -> tuple[Run, ...]:
    """
    Return every plan of the store and what became of it, the newest last.

    Args:
        folder: The store.
        application: Only this application; None for all.
        user: Only plans with an operation on this person or group: a key (in
            any case), a source id or a target id.

    Raises:
        PlanAltered: A plan is not what it says it is.
        JournalDamaged: A journal is not what was written.
        StoreError: The store is not what it must be.
    """
    found = {
        (created, path.parent.name, digest12, path.name.removesuffix(suffix))
        for suffix in (PLAN_SUFFIX, JOURNAL_SUFFIX)
        for path, created, digest12 in named(folder, application, suffix)
    }
    told = (
        _told(folder, name, created, digest12, stem, user)
        for created, name, digest12, stem in sorted(found)
    )
    return tuple(run for run in told if run is not None)


def _told(
    store: Path, application: str, created: datetime, digest12: str, stem: str, user: str | None
) -> Run | None:
    """Return the row of one plan, or None when it has nothing to do with *user*."""
    folder = application_folder(store, application)
    path = folder / (stem + PLAN_SUFFIX)
    records = read_journal(folder / (stem + JOURNAL_SUFFIX)).records
    plan = FilePlanStore(store).load(str(path)) if lexists(path) else None
    planned = plan.body.operations if plan else ()
    tried = {
        record["op"]: record
        for record in records
        if record["kind"] != "run_begin" and record["kind"] != "run_end"
    }
    named_there = [(op.key, op.source_id, op.target_id) for op in planned]
    named_there += [(r["key"], r["source_id"], r["target_id"]) for r in tried.values()]
    if user is not None and not any(_is_about(user, names) for names in named_there):
        return None
    actions = [op.action for op in planned] or [record["action"] for record in tried.values()]
    return Run(
        application=application,
        digest12=digest12,
        created=created,
        plan=str(path) if plan else None,
        operations=Counter(action.value for action in actions),
        state=_state(records),
        when=records[-1]["at"] if records else None,
        counts=Counter(r["kind"] for r in tried.values() if r["kind"] != "intent"),
    )


def _is_about(user: str, names: tuple[str | None, ...]) -> bool:
    """Say whether *user* is one of *names*; a key is compared without case."""
    key, *ids = names
    return (key or "").casefold() == user.casefold() or user in ids


def _state(records: tuple[Record, ...]) -> State:
    """Return what the newest run made of the plan."""
    state: State = "not applied"
    for record in records:
        if record["kind"] == "run_begin":
            state = "unfinished"
        elif record["kind"] == "run_end":
            state = STATES[record["status"]]
    return state
