"""What a journal says became of the operations of its plan."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.plan.document import Plan
from reconciler.plan.images import Deeds
from reconciler.plan.operation import Action
from reconciler.ports import RecordsAltered
from reconciler.store.deeds import deeds
from reconciler.store.journal import FileJournal
from reconciler.store.plans import FilePlanStore
from tests.journals import BEGIN, SteppingClock
from tests.plans import make_operation, make_plan

PLAN = make_plan([make_operation(), make_operation(Action.UPDATE, "bob@x.example", number=2)])
ADA, BOB = PLAN.body.operations
Records = list[tuple[str, dict[str, Any]]]


def about(operation: Any, **fields: Any) -> dict[str, Any]:
    """Return what every record says of an operation."""
    said = {
        "op": operation.id,
        "action": operation.action.value,
        "resource_type": operation.resource_type.value,
        "key": operation.key,
        "source_id": operation.source_id,
        "target_id": operation.target_id,
    }
    return {**said, **fields}


def done(operation: Any, target_id: str | None, *effects: str, **fields: Any) -> tuple[str, Any]:
    said = about(operation, target_id=target_id, effects=list(effects), outcome="verified")
    return "done", {**said, **fields}


def failed(operation: Any, code: str, kind: str = "failed") -> tuple[str, Any]:
    return kind, about(operation, code=code, detail="")


def told(folder: Path, *records: tuple[str, Mapping[str, Any]], plan: Plan = PLAN) -> Deeds:
    """Write a journal of *plan*, begun once, and return what it says."""
    path = FilePlanStore(folder).journal_path(plan)
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **{**BEGIN, "plan_digest": PLAN.digest})
        for kind, fields in records:
            journal.append(kind, **fields)
    return deeds(folder, plan)


def test_without_a_journal_nothing_was_begun(tmp_path: Path) -> None:
    assert deeds(tmp_path, PLAN) == Deeds((), (), applied=False)


def test_what_is_done_comes_in_the_order_of_its_end_with_its_id(tmp_path: Path) -> None:
    found = told(tmp_path, done(BOB, "t-1"), done(ADA, "t-0", "create"))

    assert [(one.operation.id, one.target_id) for one in found.done] == [
        (BOB.id, "t-1"),
        (ADA.id, "t-0"),
    ]
    assert (found.unsure, found.applied) == ((), True)


def test_what_deleted_is_known_by_its_effect(tmp_path: Path) -> None:
    [deed] = told(tmp_path, done(BOB, "t-1", "delete")).done

    assert deed.deleted


@pytest.mark.parametrize(
    ("records", "code"),
    [
        pytest.param([("intent", about(BOB))], "InternalError", id="cut off"),
        pytest.param([("intent", about(BOB)), failed(BOB, "Timeout")], "Timeout", id="failed"),
        pytest.param([failed(BOB, "EntryConflict", "conflict")], None, id="nothing was sent"),
        pytest.param([failed(BOB, "Unauthorized")], None, id="failed before it was begun"),
        pytest.param([("intent", about(BOB)), done(BOB, "t-1")], None, id="done"),
        pytest.param(
            [("intent", about(BOB)), failed(BOB, "Timeout"), done(BOB, "t-1")],
            None,
            id="done in the end",
        ),
    ],
)
def test_what_was_begun_and_is_not_done_is_not_known(
    tmp_path: Path, records: Records, code: str | None
) -> None:
    found = told(tmp_path, *records)

    assert [one.code for one in found.unsure] == ([code] if code else [])


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(done(ADA, "t-1", op="op-99999"), id="an operation that the plan has not"),
        pytest.param(done(ADA, "t-1", action="delete"), id="another action"),
        pytest.param(done(ADA, "t-1", source_id="somebody"), id="another person"),
        pytest.param(done(BOB, "t-9"), id="another account"),
        pytest.param(done(ADA, None), id="done to nobody"),
    ],
)
def test_a_record_that_does_not_fit_the_plan_stops_everything(
    tmp_path: Path, record: tuple[str, Any]
) -> None:
    with pytest.raises(RecordsAltered, match=r"line 2: is not about the plan beside it"):
        told(tmp_path, record)


def test_a_journal_of_another_plan_stops_everything(tmp_path: Path) -> None:
    with pytest.raises(RecordsAltered, match=r"line 1: is not about the plan beside it"):
        told(tmp_path, plan=make_plan([make_operation(number=7)]))
