"""
What became of one plan: its operations, each with what the journal says of it.

A journal that is not this plan's, or that knows of operations which the plan does not
have, says nothing about it.

Used by :mod:`reconciler.workflow` for `revert`.
"""

from __future__ import annotations

from reconciler.plan.document import Plan
from reconciler.plan.images import CarriedOut, Deeds, Unsure
from reconciler.plan.operation import Operation
from reconciler.ports import RecordsAltered
from reconciler.store.chain import read_journal
from reconciler.store.plans import FilePlanStore
from reconciler.store.records import Conflict, Done, Failed, Intent, Record
from reconciler.store.slot import Location

CUT_OFF = "InternalError"
"""Code of what was begun, and whose end was not written down."""


def deeds(folder: Location, plan: Plan) -> Deeds:
    """
    Return what the journal in the store *folder* says became of the operations of *plan*.

    Raises:
        JournalDamaged, RecordsAltered: The journal is not what was written, or not this plan's.
        StoreError: The store is not what it must be.
    """
    path = FilePlanStore(folder).journal_path(plan)
    records = read_journal(path).records
    operations = {operation.id: operation for operation in plan.body.operations}
    done: dict[str, CarriedOut] = {}
    unsure: dict[str, Unsure] = {}
    for record in records:
        if record["kind"] == "run_begin":
            _require(path, record, record["plan_digest"] == plan.digest)
        elif record["kind"] != "run_end":
            operation = operations.get(record["op"])
            _require(path, record, operation is not None and _is_of(record, operation))
            if operation is not None:
                _take(record, operation, done, unsure)
    left = tuple(one for op, one in unsure.items() if op not in done)
    return Deeds(tuple(done.values()), left, bool(records))


def _take(
    record: Intent | Done | Conflict | Failed,
    operation: Operation,
    done: dict[str, CarriedOut],
    unsure: dict[str, Unsure],
) -> None:
    """Take one record in; a failure counts only if a request may have left before it."""
    op, target = operation.id, record["target_id"]
    if record["kind"] == "intent":
        unsure[op] = Unsure(operation, target, CUT_OFF)
    elif record["kind"] == "done" and target is not None:
        done[op] = CarriedOut(operation, target, "delete" in record["effects"])
    elif record["kind"] == "failed" and op in unsure:
        unsure[op] = Unsure(operation, target, record["code"])


def _is_of(record: Intent | Done | Conflict | Failed, operation: Operation) -> bool:
    """Say whether *record* is about *operation*, and names whose account a done one changed."""
    said = record["action"], record["resource_type"], record["source_id"]
    meant = operation.action, operation.resource_type, operation.source_id
    target, known = record["target_id"], operation.target_id
    named = target is not None or record["kind"] != "done"
    return said == meant and named and (known is None or target in (None, known))


def _require(path: Location, record: Record, fits: bool) -> None:
    """
    Refuse a journal with a record that is not about its plan.

    Raises:
        RecordsAltered: With the line.
    """
    if not fits:
        line = record["seq"] + 1
        raise RecordsAltered(f"{path}, line {line}: is not about the plan beside it")
