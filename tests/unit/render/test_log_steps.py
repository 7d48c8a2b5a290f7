"""The steps in which one object was provisioned, as far as plan and journal know them."""

import pytest

from reconciler.plan.document import Skipped
from reconciler.plan.operation import Action, Operation, Reference
from reconciler.render.log_events import events_of
from reconciler.render.log_steps import steps_of
from reconciler.states import ResourceType
from tests.plans import CREATE_ADA, make_operation, make_plan
from tests.unit.render.stories import Told, applied

USER = ResourceType.USER


def steps(told: Told) -> list[tuple[str, str, str]]:
    """Return type, name and status of each step of the last event."""
    *_, event = events_of(told)
    found = steps_of(event)
    return [(step["provisioningStepType"], step["name"], step["status"]) for step in found]


def written(action: Action) -> Operation:
    return make_operation(action, changes=[("title", "A", "B")])


@pytest.mark.parametrize(
    ("action", "matched", "kind"),
    [
        (Action.CREATE, "EntryImportObjectNotFound", "Add"),
        (Action.UPDATE, "EntryImport", "Update"),
        (Action.DISABLE, "EntryImport", "Update"),
        (Action.REVOKE, "EntryImport", "Update"),
        (Action.LINK, "EntryImport", "Update"),
        (Action.DELETE, "EntryImport", "Delete"),
    ],
)
def test_what_went_well_went_through_every_step(action: Action, matched: str, kind: str) -> None:
    assert steps(applied(written(action))) == [
        ("import", "EntryImport", "success"),
        ("scoping", "EntrySynchronizationScoping", "success"),
        ("matching", matched, "success"),
        ("processing", f"EntrySynchronization{kind}", "success"),
        ("export", f"EntryExport{kind}", "success"),
    ]


def test_references_are_a_step_where_there_are_any() -> None:
    refers = Reference("manager", "a-3", USER, "cyd@contoso.example")

    found = steps(applied(make_operation(references=[refers])))

    assert [kind for kind, _, _ in found][-2:] == ["referenceResolution", "export"]


def test_the_scoping_step_has_the_reason() -> None:
    *_, event = events_of(applied(CREATE_ADA))

    assert steps_of(event)[1]["description"] == "assigned User by group Sales"


def test_a_failed_request_is_a_failed_export() -> None:
    told = Told(make_plan()).begin()
    told.about("failed", CREATE_ADA, code="UnprocessableEntity", detail="it is refused")

    *_, event = events_of(told)
    last = steps_of(event)[-1]

    assert (last["name"], last["status"]) == ("EntryExportAdd", "failure")
    assert last["description"] == "it is refused"


def test_a_conflict_ends_before_the_export() -> None:
    told = Told(make_plan()).begin()
    told.about("conflict", CREATE_ADA, code="EntryConflict", detail="somebody has it")

    assert steps(told)[-2:] == [
        ("matching", "EntryImport", "failure"),
        ("export", "EntrySynchronizationSkip", "skipped"),
    ]


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("NotEffectivelyEntitled", ("scoping", "EntrySynchronizationScoping", "skipped")),
        ("ImportSkipped", ("matching", "EntryImport", "skipped")),
        ("DuplicateTargetEntries", ("matching", "EntryImport", "skipped")),
        ("InvalidDomain", ("processing", "EntrySynchronizationUpdate", "skipped")),
    ],
)
def test_who_is_skipped_went_as_far_as_the_code_says(code: str, ended: tuple[str, ...]) -> None:
    skipped = Skipped("kim@contoso.example", "a-21", USER, code, "a detail")
    told = applied(CREATE_ADA, skipped=[skipped])

    *_, event = events_of(told)

    assert steps(told)[0] == ("import", "EntryImport", "success")
    assert steps(told)[-2] == ended
    assert steps(told)[-1] == ("export", "EntrySynchronizationSkip", "skipped")
    assert steps_of(event)[-1]["details"] == {
        "ReportableIdentifier": "kim@contoso.example",
        "SkipReason": code,
    }


def test_what_a_plan_does_not_know_of_the_skipped_is_left_out() -> None:
    skipped = Skipped("kim@contoso.example", "a-21", USER, "InvalidDomain", "a detail")

    found = steps(applied(CREATE_ADA, skipped=[skipped]))

    assert "matching" not in {kind for kind, _, _ in found}


@pytest.mark.parametrize(
    ("several", "expected"),
    [
        (False, ["1 attribute to write", "1 reference to what the plan creates"]),
        (True, ["2 attributes to write", "2 references to what the plan creates"]),
    ],
)
def test_steps_count_what_they_are_about(several: bool, expected: list[str]) -> None:
    refers = [Reference("manager", "a-3", USER, "cyd"), Reference("members", "a-4", USER, "dan")]
    changes = [("title", None, "A"), ("userName", None, "B")]
    length = 2 if several else 1
    made = make_operation(changes=changes[:length], references=refers[:length])
    *_, event = events_of(applied(made))

    assert [step["description"] for step in steps_of(event)][3:5] == expected
