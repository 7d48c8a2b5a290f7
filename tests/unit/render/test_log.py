"""What was done to whom, in the form of Entra's provisioning logs."""

from collections.abc import Sequence
from typing import Any

import pytest

from reconciler.plan.document import Redacted, Skipped
from reconciler.plan.operation import Action, Reference
from reconciler.states import ResourceType
from reconciler.vocabulary import meaning_of
from tests.journals import BEGIN
from tests.plans import CREATE_ADA, full_plan, make_operation, make_plan
from tests.unit.render.stories import Told, applied

USER, GROUP = ResourceType.USER, ResourceType.GROUP


def test_a_create_that_is_done() -> None:
    (record,) = applied(CREATE_ADA, author="Grace Hopper").records()

    assert record["activityDateTime"] == "2026-11-23T10:00:02.500000Z"
    assert record["durationInMilliseconds"] == 1250
    assert record["provisioningAction"] == "create"
    assert record["provisioningStatusInfo"] == {"status": "success", "errorInformation": None}
    assert record["jobId"] == "ipass-smartconnect"
    assert record["servicePrincipal"] == {
        "id": "ipass-smartconnect",
        "displayName": "iPass SmartConnect",
    }
    assert record["initiatedBy"] == {
        "id": "Grace Hopper",
        "displayName": "Grace Hopper",
        "initiatorType": "user",
    }
    assert record["sourceIdentity"]["id"] == "a-1"
    assert record["targetIdentity"]["id"] == "new-a-1"
    assert record["targetIdentity"]["displayName"] == "ada@contoso.example"
    assert record["targetSystem"]["id"] == "http://127.0.0.1:8080/v2"
    assert record["modifiedProperties"] == [
        {"displayName": "userName", "oldValue": None, "newValue": "ada@contoso.example"}
    ]


@pytest.mark.parametrize(
    ("action", "changes", "kind", "word"),
    [
        (Action.LINK, [("title", "A", "B")], USER, "other"),
        (Action.CREATE, [], USER, "create"),
        (Action.ENABLE, [("active", False, True)], USER, "update"),
        (Action.UPDATE, [("title", "A", "B")], USER, "update"),
        (Action.UPDATE, [("active", True, False)], USER, "disable"),
        (Action.REVOKE, [("roles", "admin", None)], USER, "update"),
        (Action.DISABLE, [("active", True, False)], USER, "disable"),
        (Action.DELETE, [], USER, "delete"),
        (Action.CREATE, [], GROUP, "create"),
        (Action.ADD_MEMBERS, [], GROUP, "update"),
        (Action.REMOVE_MEMBERS, [], GROUP, "update"),
        (Action.DELETE, [], GROUP, "delete"),
    ],
)
def test_ruling_7_the_action_is_the_effect(
    action: Action, changes: Sequence[tuple[str, Any, Any]], kind: ResourceType, word: str
) -> None:
    """Whatever turns `active` off is a disable, in the log too."""
    (record,) = applied(make_operation(action, resource_type=kind, changes=changes)).records()

    assert record["provisioningAction"] == word
    assert record["sourceIdentity"]["identityType"] == kind.value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        ("Eve", "Eve"),
        (True, "True"),
        (False, "False"),
        (7, "7"),
        ([{"value": "t-5", "display": "Köln"}], '[{"display": "Köln", "value": "t-5"}]'),
        ({"generated": "Guid()", "attributes": {"mail": "secret"}}, "generated at apply"),
    ],
    ids=["null", "empty", "text", "true", "false", "number", "list", "generated"],
)
def test_a_value_is_text(value: Any, text: str | None) -> None:
    told = applied(make_operation(changes=[("nickName", None, value)]))

    (changed,) = told.records()[0]["modifiedProperties"]

    assert (changed["displayName"], changed["newValue"]) == ("nickName", text)


def test_ruling_18_what_is_redacted_is_not_in_the_log() -> None:
    update = make_operation(
        Action.UPDATE, changes=[("title", "Spy", "Queen"), ("nickName", "a", "b")]
    )
    told = applied(update, redacted=[Redacted(USER, "title")])

    (record,) = told.records()

    assert record["modifiedProperties"] == [
        {"displayName": "title", "oldValue": "[Redact]", "newValue": "[Redact]"},
        {"displayName": "nickName", "oldValue": "a", "newValue": "b"},
    ]
    assert "Spy" not in str(record)


def test_a_disable_whose_value_is_redacted_is_still_a_disable() -> None:
    update = make_operation(Action.UPDATE, changes=[("active", True, False)])

    (record,) = applied(update, redacted=[Redacted(USER, "active")]).records()

    assert record["provisioningAction"] == "disable"


def test_a_reference_is_told_by_the_id_that_it_came_to() -> None:
    boss = make_operation(key="cyd@contoso.example", source_id="a-3", number=2)
    refers = Reference("manager", "a-3", USER, "cyd@contoso.example")

    record = applied(boss, make_operation(references=[refers])).records()[1]

    assert record["modifiedProperties"] == [
        {"displayName": "manager", "oldValue": None, "newValue": "new-a-3"}
    ]


def test_members_that_the_plan_creates_join_those_that_are_there() -> None:
    refers = Reference("members", "a-1", USER, "ada@contoso.example")
    joining = make_operation(
        Action.ADD_MEMBERS,
        "Sales",
        resource_type=GROUP,
        source_id="g-1",
        target_id="t-102",
        changes=[("members", None, [{"value": "t-5", "display": "eve@contoso.example"}])],
        references=[refers],
        number=2,
    )

    (members,) = applied(CREATE_ADA, joining).records()[1]["modifiedProperties"]

    assert members["newValue"] == (
        '[{"display": "eve@contoso.example", "value": "t-5"}, '
        '{"display": "ada@contoso.example", "value": "new-a-1"}]'
    )


def test_a_reference_to_what_was_not_created_has_no_value() -> None:
    refers = Reference("manager", "a-3", USER, "cyd@contoso.example")
    create = make_operation(references=[refers])
    told = Told(make_plan([create])).begin()
    told.about("conflict", create, code="InvalidAnchor", detail="gone")

    assert told.records()[0]["modifiedProperties"][0]["newValue"] is None


def test_a_failure_says_what_to_do() -> None:
    told = Told(make_plan()).begin().about("intent", CREATE_ADA)
    told.about("failed", CREATE_ADA, code="UnprocessableEntity", detail="userName is refused")

    (record,) = told.records()

    assert record["provisioningStatusInfo"] == {
        "status": "failure",
        "errorInformation": {
            "errorCode": "UnprocessableEntity",
            "reason": "userName is refused",
            "additionalDetails": meaning_of("UnprocessableEntity").meaning,
            "errorCategory": "nonServiceFailure",
            "recommendedAction": meaning_of("UnprocessableEntity").action,
        },
    }
    assert record["targetIdentity"] == {
        "id": "",
        "displayName": "",
        "identityType": "User",
        "details": {},
    }


def test_a_code_of_another_version_is_told_without_knowing_it() -> None:
    told = Told(make_plan()).begin()
    told.about("failed", CREATE_ADA, code="FromTheFuture", detail="x")

    error = told.records()[0]["provisioningStatusInfo"]["errorInformation"]

    assert (error["errorCode"], error["errorCategory"]) == ("FromTheFuture", "failure")


def test_ruling_5_who_is_skipped_is_told_with_the_code() -> None:
    skipped = Skipped("kim@contoso.example", "a-21", USER, "ImportSkipped", "no `mail`")

    (_, record) = applied(CREATE_ADA, skipped=[skipped]).records()

    assert record["provisioningAction"] == "other"
    assert record["provisioningStatusInfo"]["status"] == "skipped"
    assert record["provisioningStatusInfo"]["errorInformation"]["errorCode"] == "ImportSkipped"
    assert record["sourceIdentity"]["displayName"] == "kim@contoso.example"
    assert record["targetIdentity"]["id"] == ""
    assert record["modifiedProperties"] == []


def test_nobody_known_is_the_system() -> None:
    (record,) = applied(CREATE_ADA).records()

    assert record["initiatedBy"] == {
        "id": "",
        "displayName": "reconciler",
        "initiatorType": "system",
    }


def test_a_journal_whose_plan_was_thrown_away_still_tells() -> None:
    disable = make_operation(Action.DISABLE, "gil@contoso.example", source_id=None, target_id="t-7")

    (record,) = Told().begin().done(disable).records()

    assert record["provisioningAction"] == "disable"
    assert record["targetSystem"]["id"] == BEGIN["tenant_url"]
    assert record["modifiedProperties"] == []
    assert record["sourceIdentity"]["id"] == ""


def test_everything_that_a_plan_can_hold_has_the_fields_of_graph() -> None:
    plan = full_plan()

    records = Told(plan).begin().records()
    assert len(records) == 5  # what the plan left out: one withheld, one waiting, three skipped
    told = Told(plan).begin()
    for operation in plan.body.operations:
        told.done(operation, target_id=operation.target_id or "new")
    assert len(told.records()) == len(plan.body.operations) + 5
