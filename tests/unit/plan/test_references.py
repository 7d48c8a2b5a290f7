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
