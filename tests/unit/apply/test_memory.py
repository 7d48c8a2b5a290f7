"""What a plan's journal says about earlier runs of it."""

from typing import Any

import pytest

from reconciler.apply.memory import Memory, remembered
from reconciler.plan.operation import Reference
from reconciler.states import ResourceType
from tests.plans import make_operation

USER = ResourceType.USER


def begin(**populations: int) -> dict[str, Any]:
    return {"kind": "run_begin", "populations": populations}


def record(kind: str, op: str = "op-1", **fields: Any) -> dict[str, Any]:
    about = {"op": op, "resource_type": "User", "source_id": "ada", "target_id": "id-1"}
    return {"kind": kind, **about, **fields}


def end(status: str) -> dict[str, Any]:
    return {"kind": "run_end", "status": status}


def test_an_empty_journal_remembers_nothing() -> None:
    assert remembered([]) == Memory()


def test_what_was_begun_and_not_ended_is_in_doubt() -> None:
    memory = remembered([begin(), record("intent", target_id=None)])

    assert memory.begun
    assert memory.in_doubt == {"op-1"}
    assert memory.done == set()
    assert memory.ids == {}


def test_what_is_done_is_no_longer_in_doubt_and_its_id_is_known() -> None:
    memory = remembered([begin(), record("intent"), record("done")])

    assert memory.done == {"op-1"}
    assert memory.in_doubt == set()
    assert memory.ids == {("User", "ada"): "id-1"}


def test_what_failed_after_it_was_sent_stays_in_doubt() -> None:
    """Its request may have arrived after all, so it is looked at before it is sent again."""
    memory = remembered([begin(), record("intent"), record("failed")])

    assert memory.in_doubt == {"op-1"}
    assert memory.done == set()


def test_a_conflict_before_anything_was_sent_is_not_in_doubt() -> None:
    assert remembered([begin(), record("conflict")]).in_doubt == set()


def test_inv_17_what_was_refused_and_ended_as_a_conflict_is_held_against_the_plan_anew() -> None:
    """Otherwise what somebody else has changed would pass for half done by us."""
    records = [begin(), record("intent"), record("conflict", action="update")]

    assert remembered(records).in_doubt == set()


def test_a_create_that_ended_as_a_conflict_may_still_arrive() -> None:
    records = [begin(), record("intent"), record("conflict", action="create", target_id=None)]

    assert remembered(records).in_doubt == {"op-1"}


@pytest.mark.parametrize("nobody", [{"source_id": None}, {"target_id": None}], ids=str)
def test_what_has_no_anchor_or_no_id_cannot_be_referred_to(nobody: dict[str, None]) -> None:
    assert remembered([begin(), {**record("done"), **nobody}]).ids == {}


@pytest.mark.parametrize(
    ("status", "finished"), [("done", True), ("partial", False), ("interrupted", False)]
)
def test_a_plan_is_finished_when_its_last_run_is_done(status: str, finished: bool) -> None:
    assert remembered([begin(), end(status)]).finished is finished


def test_a_run_that_began_after_the_end_is_not_finished() -> None:
    assert not remembered([begin(), end("done"), begin()]).finished


def test_the_counts_are_those_of_the_first_run() -> None:
    """A resumed run must not be blocked by what it has done itself."""
    memory = remembered([begin(users=10), end("partial"), begin(users=7)])

    assert memory.populations == {"users": 10}


def test_a_reference_resolves_to_what_was_remembered() -> None:
    memory = Memory()
    memory.remember(USER, "ada", "id-1")
    memory.remember(USER, None, "id-2")

    assert memory.resolve(Reference("members", "ada", USER, "Ada")) == "id-1"
    assert memory.ids == {("User", "ada"): "id-1"}


def test_a_reference_to_nobody_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        Memory().resolve(Reference("members", "ada", USER, "Ada"))


def test_what_was_written_last_is_kept_where_the_plan_writes_several_times() -> None:
    memory = Memory()
    again = [make_operation(key="ada", target_id="t1", number=n) for n in (1, 2)]
    once = make_operation(key="bob", target_id="t2", number=3)
    memory.recall([*again, once])
    for operation in (*again, once):
        memory.wrote(operation, str(operation.target_id))

    assert memory.last == {(USER, "t1"): again[1]}


def test_until_the_plan_is_known_all_that_was_written_last_is_kept() -> None:
    memory, operation = Memory(), make_operation(target_id="t1")
    memory.wrote(operation, "t1")

    assert memory.last == {(USER, "t1"): operation}
