"""
What we wrote last: the records of all journals, each with the operation of its plan.

A record says that something was done to somebody; what it was is in the plan. A plan
that was thrown away is told as such, and :mod:`reconciler.plan.applied` then believes less.

Used by :mod:`reconciler.workflow` for `drift`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from reconciler.plan.applied import Applied, Place
from reconciler.plan.operation import Operation
from reconciler.ports import RecordsAltered
from reconciler.states import ResourceType
from reconciler.store.applications import application_folder
from reconciler.store.history import in_order
from reconciler.store.plans import JOURNAL_SUFFIX, PLAN_SUFFIX, FilePlanStore
from reconciler.store.records import Conflict, Done, Failed, Intent
from reconciler.store.slot import Location, slot

PLANS_AT_HAND = 4
"""Plans in memory at once: the journals of one application follow one another."""


class _Known(NamedTuple):
    """What one plan says."""

    digest: str
    operations: Mapping[str, Operation]
    hidden: Mapping[ResourceType, frozenset[str]]


def applied(folder: Location, application: str, tenant_url: str) -> Applied:
    """
    Return what plans and journals of *application* say that we wrote to *tenant_url*.

    Raises:
        JournalDamaged, RecordsAltered: A journal is not what was written, or not its plan's.
        PlanAltered: A plan is not what was written.
        StoreError: The store is not what it must be.
    """
    store = FilePlanStore(folder)
    below = application_folder(folder, application)

    @lru_cache(PLANS_AT_HAND)
    def known(journal: str) -> _Known | None:
        path = below / (journal.removesuffix(JOURNAL_SUFFIX) + PLAN_SUFFIX)
        if not slot(path).exists():
            return None
        plan = store.load_from(path)
        hidden = {
            kind: frozenset(r.path for r in plan.body.redacted if r.resource_type is kind)
            for kind in ResourceType
        }
        return _Known(plan.digest, {one.id: one for one in plan.body.operations}, hidden)

    fold = Applied()
    entries, _ = in_order(folder, application, tenant_url)
    for moment, begin, record in entries:
        if record["kind"] == "run_begin" or record["kind"] == "run_end":
            continue
        plan = known(moment.file)
        if plan is not None and plan.digest != begin["plan_digest"]:
            raise RecordsAltered(f"{below / moment.file} is not the journal of the plan beside it")
        _take(fold, moment.file, record, plan)
    return fold.ended()


def _take(
    fold: Applied, run: str, record: Intent | Done | Conflict | Failed, plan: _Known | None
) -> None:
    """Take one record in."""
    op, kind = record["op"], record["resource_type"]
    operation = plan.operations.get(op) if plan else None
    target = record["target_id"]
    place: Place | None = None if target is None else (kind, target)
    if record["kind"] == "intent":
        fold.begin(run, op, place, operation)
    elif record["kind"] == "conflict":
        fold.conflict(run, op)
    elif record["kind"] == "failed":
        fold.fail(run, op, place, operation)
    elif place is not None:
        fold.done(
            run,
            op,
            place,
            operation,
            key=record["key"],
            source_id=record["source_id"],
            effects=record["effects"],
            hidden=plan.hidden[kind] if plan else (),
        )
