"""Managers: written when both ends exist, and reported when one does not (ruling 11)."""

from typing import Any

import pytest

from reconciler.directory import Subject
from reconciler.plan.operation import Action, Operation
from tests.worlds import (
    ENTERPRISE,
    USER_MAPPINGS,
    World,
    application,
    directory,
    group,
    person,
    settled,
    told,
)

MANAGER = f"{ENTERPRISE}:manager"


def managing(operation: Operation) -> list[tuple[Any, Any]]:
    """Return the changes of a manager."""
    return [(change.before, change.after) for change in operation.changes]


def led(boss: Subject | None = None, **changes: Any) -> World:
    """Return a settled world in which Ada is Bob's manager."""
    return settled(boss or person("ada"), person("bob", manager="ada"), person("cyd"), **changes)


def test_a_manager_is_written_after_everybody_is_created() -> None:
    world = World(application(), directory([person("bob", manager="ada"), person("ada")]))

    *_, last = world.plan().operations

    assert (last.action, last.changes, last.target_id) == (Action.UPDATE, (), None)
    [reference] = last.references
    assert (reference.path, reference.source_id, reference.display) == (
        MANAGER,
        "ada",
        "ada@contoso.example",
    )


def test_people_may_manage_each_other() -> None:
    people = [person("ada", manager="bob"), person("bob", manager="ada")]
    world = World(application(), directory(people))

    assert world.apply(world.plan()).status == "done"
    assert told(world.plan().operations) == []


def test_another_manager_is_one_change_of_an_id() -> None:
    world = led().becomes([person("ada"), person("bob", manager="cyd"), person("cyd")])

    [operation] = world.plan().operations
    assert managing(operation) == [(world.account_of("ada"), world.account_of("cyd"))]


def test_a_manager_who_is_created_by_the_plan_replaces_by_reference() -> None:
    world = led().becomes(
        [person("ada"), person("bob", manager="eve"), person("cyd"), person("eve")]
    )

    *_, last = world.plan().operations
    assert (last.key, managing(last)) == ("bob@contoso.example", [])
    assert [reference.source_id for reference in last.references] == ["eve"]
    assert world.apply(world.plan()).status == "done"
    assert told(world.plan().operations) == []


@pytest.mark.parametrize("shape", ["dictionary", "text"])
def test_a_manager_is_known_in_either_shape(shape: str) -> None:
    world = led()
    if shape == "text":
        world.user("bob")[ENTERPRISE]["manager"] = world.account_of("ada")

    assert told(world.plan().operations) == []


def test_ruling_2_no_manager_at_the_source_leaves_the_one_on_the_target() -> None:
    world = led().becomes([person("ada"), person("bob"), person("cyd")])

    assert told(world.plan().operations) == []


def test_ruling_2_with_clear_no_manager_at_the_source_clears_the_one_on_the_target() -> None:
    users = [
        {**line, "clear": True} if line["target"] == MANAGER else line for line in USER_MAPPINGS
    ]
    world = led(mappings={"users": users})
    world.becomes([person("ada"), person("bob"), person("cyd")])

    [operation] = world.plan().operations
    assert managing(operation) == [(world.account_of("ada"), None)]
    world.settle()
    assert told(world.plan().operations) == []


def test_ruling_2_a_manager_on_create_only_is_never_changed() -> None:
    users = [
        {**line, "apply": "on_create"} if line["target"] == MANAGER else line
        for line in USER_MAPPINGS
    ]
    world = led(mappings={"users": users})
    assert world.user("bob")[ENTERPRISE]["manager"] == {"value": world.account_of("ada")}

    world.becomes([person("ada"), person("bob", manager="cyd"), person("cyd")])
    assert told(world.plan().operations) == []


@pytest.mark.parametrize(
    "people",
    [
        pytest.param([person("bob", manager="nobody")], id="not in the source"),
        pytest.param(
            [person("bob", manager="eve"), person("eve", accountEnabled="false")],
            id="never created",
        ),
    ],
)
def test_a_manager_without_account_is_reported_and_the_rest_is_written(
    people: list[Subject],
) -> None:
    world = World(application(), directory(people))

    plan = world.plan()

    assert ("create", "bob@contoso.example") in told(plan.operations)
    assert [op for op in plan.operations if op.action is Action.UPDATE] == []
    codes = {warning.code for warning in plan.warnings}
    assert "UnableToResolveReferenceAttributeValue" in codes


def test_a_manager_whom_this_plan_deletes_is_nobody() -> None:
    world = led().becomes(
        [person("ada"), person("bob", manager="cyd"), person("cyd")],
        [group("g-staff", "Staff", "ada", "bob")],
        lifecycle={"leaves_scope": "delete"},
    )

    plan = world.plan()

    assert ("update", "bob@contoso.example") not in told(plan.operations)
    assert any(MANAGER in warning.message for warning in plan.warnings)


def test_a_manager_who_is_disabled_stays_the_manager() -> None:
    world = led().becomes(
        [person("ada", accountEnabled="false"), person("bob", manager="ada"), person("cyd")]
    )

    assert told(world.plan().operations) == [("disable", "ada@contoso.example")]


def test_long_lists_of_the_unresolved_are_sampled() -> None:
    people = [person(f"p{number:02}", manager="nobody") for number in range(12)]

    [warning] = World(application(), directory(people)).plan().warnings

    assert "p09@contoso.example" in warning.message
    assert "p10@contoso.example" not in warning.message
    assert "2 more" in warning.message


# who can be referred to

OTHER = {"registered_domains": ["contoso.example"]}
CANNOT: dict[str, tuple[Subject, dict[str, Any]]] = {
    "disabled at the source": (person("ada", accountEnabled="false"), {}),
    "soft-deleted": (person("ada", isDeleted="true"), {}),
    "unassigned": (person("ada"), {"groups": [group("g-staff", "Staff", "bob", "cyd")]}),
    "skipped": (person("ada", userPrincipalName="ada@fabrikam.example"), OTHER),
    "ambiguous": (person("ada", userPrincipalName="cyd@contoso.example"), {}),
    "deleted by this plan": (
        person("ada", isDeleted="true"),
        {"lifecycle": {"deleted_at_source": "delete"}},
    ),
}


@pytest.mark.parametrize("way", CANNOT)
def test_a_manager_who_cannot_be_referred_to_is_reported_and_the_rest_is_written(way: str) -> None:
    """They have an account, and Bob did not report to them before."""
    ada, changes = CANNOT[way]
    world = settled(person("ada"), person("bob"), person("cyd"))
    bob = person("bob", manager="ada", displayName="Robert")

    plan = world.becomes([ada, bob, person("cyd")], **changes).plan()

    assert [
        [change.path for change in op.changes] for op in plan.operations if op.source_id == "bob"
    ] == [["displayName"]]
    [warning] = [warning for warning in plan.warnings if MANAGER in warning.message]
    assert warning.code == "UnableToResolveReferenceAttributeValue"
    assert "bob@contoso.example" in warning.message


@pytest.mark.parametrize("way", [way for way in CANNOT if way != "deleted by this plan"])
def test_a_manager_who_is_there_already_stays_without_a_word(way: str) -> None:
    ada, changes = CANNOT[way]
    people = [ada, person("bob", manager="ada"), person("cyd")]

    plan = led().becomes(people, **changes).plan()

    assert [op for op in plan.operations if op.source_id == "bob"] == []
    assert plan.warnings == ()


@pytest.mark.parametrize("way", [way for way in CANNOT if way != "deleted by this plan"])
def test_a_manager_who_can_be_referred_to_again_is_written_without_anybody_asking(way: str) -> None:
    ada, changes = CANNOT[way]
    bob, cyd = person("bob", manager="ada"), person("cyd")
    world = settled(person("ada"), person("bob"), cyd).becomes([ada, bob, cyd], **changes)
    world.apply(world.plan())

    world.becomes([person("ada"), bob, cyd], registered_domains=None)
    world.settle()

    assert world.user("bob")[ENTERPRISE]["manager"]["value"] == world.account_of("ada")


def test_somebody_may_manage_themselves() -> None:
    world = World(application(), directory([person("ada", manager="ada")]))

    world.settle()

    assert world.user("ada")[ENTERPRISE]["manager"]["value"] == world.account_of("ada")
    assert told(world.plan().operations) == []


def test_ruling_9_a_manager_who_is_linked_by_this_plan_can_be_referred_to() -> None:
    world = World(application(), directory([person("ada"), person("bob", manager="ada")]))
    world.target.add_user("t-1", "ada@contoso.example", active=True)

    world.settle()

    assert world.user("bob")[ENTERPRISE]["manager"]["value"] == "t-1"


@pytest.mark.parametrize("clear", [True, False])
def test_ruling_2_a_manager_is_cleared_in_every_plan_until_it_is_gone(clear: bool) -> None:
    """Also one whom somebody gave by hand to a person who has none at the source."""
    users = [
        {**line, "clear": clear} if line["target"] == MANAGER else line for line in USER_MAPPINGS
    ]
    world = settled(person("ada"), person("bob"), mappings={"users": users})
    world.user("bob")[ENTERPRISE] = {"manager": {"value": world.account_of("ada")}}

    assert told(world.plan().operations) == ([("update", "bob@contoso.example")] if clear else [])
