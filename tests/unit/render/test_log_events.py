"""What became of each object in each run: plan and journal, side by side."""

from typing import Any

import pytest

from reconciler.plan.document import Skipped, Waiting
from reconciler.plan.operation import Action
from reconciler.render.log_events import Event, events_of
from reconciler.states import ResourceType
from reconciler.vocabulary import Status, Step
from tests.plans import BLOCKED, CREATE_ADA, make_operation, make_plan
from tests.unit.render.stories import Told, applied

USER = ResourceType.USER
KIM = Skipped("kim@contoso.example", "a-21", USER, "InvalidDomain", "not registered")


def events(told: Told) -> list[Event]:
    return list(events_of(told))


def failed(told: Told, code: str = "Timeout", kind: str = "failed") -> Told:
    return told.about("intent", CREATE_ADA).about(kind, CREATE_ADA, code=code, detail="a detail")


def test_a_plan_that_was_never_applied_did_nothing() -> None:
    assert events(Told(make_plan(skipped=[KIM]))) == []


def test_what_was_not_begun_is_not_told() -> None:
    assert events(Told(make_plan()).begin()) == []


def test_operations_are_told_in_the_order_of_the_plan() -> None:
    operations = [make_operation(source_id=f"a-{n}", number=n) for n in range(1, 5)]
    told = Told(make_plan(operations)).begin()
    for operation in reversed(operations):
        told.done(operation)

    assert [event.source_id for event in events(told)] == ["a-1", "a-2", "a-3", "a-4"]


def test_a_run_that_goes_on_is_another_cycle() -> None:
    told = failed(Told(make_plan(skipped=[KIM])).begin())
    told.write("run_end", status="partial", counts={})
    told.begin().about("intent", CREATE_ADA).done(CREATE_ADA, target_id="t-1")

    first, skipped, second = events(told)

    assert (first.status, second.status) == (Status.FAILURE, Status.SUCCESS)
    assert first.cycle == skipped.cycle != second.cycle
    assert len({first.id, second.id, first.change, second.change}) == 4


def test_operations_on_one_object_are_one_change_of_a_run() -> None:
    title = make_operation(Action.UPDATE, source_id="a-1", number=1)
    role = make_operation(Action.REVOKE, source_id="a-1", number=2)

    first, second = events(applied(title, role))

    assert first.change == second.change
    assert first.id != second.id


@pytest.mark.parametrize(
    ("kind", "code", "status", "step"),
    [
        ("failed", "Timeout", Status.FAILURE, Step.EXPORT),
        ("failed", "EntryConflict", Status.FAILURE, Step.EXPORT),
        ("conflict", "EntryConflict", Status.FAILURE, Step.MATCHING),
        ("conflict", "InvalidAnchor", Status.FAILURE, Step.MATCHING),
        (
            "conflict",
            "UnableToResolveReferenceAttributeValue",
            Status.SKIPPED,
            Step.REFERENCE_RESOLUTION,
        ),
    ],
)
def test_what_ended_badly_has_a_status_and_a_step(
    kind: str, code: str, status: Status, step: Step
) -> None:
    (event,) = events(failed(Told(make_plan()).begin(), code, kind))

    assert (event.status, event.step) == (status, step)
    assert (event.code, event.detail) == (code, "a detail")


def test_an_intent_without_an_end_is_a_warning() -> None:
    (event,) = events(Told(make_plan()).begin().about("intent", CREATE_ADA))

    assert (event.status, event.code) == (Status.WARNING, "InternalError")
    assert event.at == "2026-11-23T10:00:01.250000Z"


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("verified", None), ("already", "nothing was sent"), ("recorded", "ours")],
)
def test_a_success_without_a_request_says_so(outcome: str, words: str | None) -> None:
    (event,) = events(Told(make_plan()).begin().done(CREATE_ADA, outcome))

    assert (event.status, event.milliseconds) == (Status.SUCCESS, 0)
    assert event.detail is None if words is None else words in str(event.detail)


def test_a_clock_that_was_set_back_makes_no_negative_duration() -> None:
    told = Told(make_plan()).begin().about("intent", CREATE_ADA)
    told.done(CREATE_ADA, at="2026-11-23T09:00:00.000000Z")

    assert events(told)[0].milliseconds == 0


WITHHELD = make_operation(Action.DISABLE, changes=[("active", True, False)])
REVOKED = make_operation(Action.REVOKE, changes=[("title", "A", None)])


@pytest.mark.parametrize(
    ("left_out", "action"),
    [
        ({"withheld": [WITHHELD]}, "stagedDelete"),
        ({"withheld": [make_operation(Action.DELETE)]}, "stagedDelete"),
        ({"withheld": [REVOKED]}, "update"),
        ({"waiting": [Waiting("yan@contoso.example", "t-77", "2026-10-01")]}, "stagedDelete"),
        ({"skipped": [KIM]}, "other"),
    ],
    ids=["withheld disable", "withheld delete", "withheld revoke", "waiting delete", "skipped"],
)
def test_what_a_plan_leaves_out_is_told_when_it_is_applied(
    left_out: dict[str, Any], action: str
) -> None:
    told = applied(CREATE_ADA, **left_out)

    first, event = events(told)

    assert (event.action, event.status) == (action, Status.SKIPPED)
    assert event.id != first.id
    assert event.at == "2026-11-23T10:00:00.000000Z"


def test_whom_a_blocked_plan_would_disable_or_delete_is_staged() -> None:
    delete = make_operation(Action.DELETE, source_id="a-2", number=2)
    plan = make_plan([CREATE_ADA, WITHHELD, delete, REVOKED], guards=[BLOCKED])

    staged = events(Told(plan))

    assert [event.action for event in staged] == ["stagedDelete", "stagedDelete"]
    assert [event.detail for event in staged] == [BLOCKED.sentence] * 2
    assert {event.code for event in staged} == {"EntrySynchronizationSkipped"}


def test_a_blocked_plan_that_was_applied_is_told_by_its_journal() -> None:
    """A guard may pass by the time of the apply; then nothing is staged any more."""
    plan = make_plan([WITHHELD], guards=[BLOCKED])

    assert [event.action for event in events(Told(plan).begin().done(WITHHELD))] == ["disable"]
