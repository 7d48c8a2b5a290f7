"""Groups in groups: kept as members where they can be, or opened to their people."""

from typing import Any

import pytest

from reconciler.plan.document import Body
from tests.unit.plan.teams import BOTH, STAFF, added, removed
from tests.worlds import (
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    application,
    directory,
    group,
    person,
    settled,
    told,
)

OPENED = {
    "users": USER_MAPPINGS,
    "groups": [*GROUP_MAPPINGS[:2], {**GROUP_MAPPINGS[2], "nested": "expand"}],
}
UNRESOLVED = "UnableToResolveReferenceAttributeValue"
NESTED = [group("g-staff", "Staff", "ada", "bob", "g-team"), group("g-team", "Team", "bob")]


def left_out(body: Body) -> list[str]:
    """Return what is said of members who are left out."""
    return [warning.message for warning in body.warnings if warning.code == UNRESOLVED]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"assignments": [STAFF]}, id="not provisioned"),
        pytest.param(
            {
                "assignments": BOTH,
                "scoping_filters": {
                    "groups": [
                        {
                            "title": "Staff",
                            "clauses": [
                                {
                                    "attribute": "displayName",
                                    "operator": "EQUALS",
                                    "value": "Staff",
                                }
                            ],
                        }
                    ]
                },
            },
            id="filtered out",
        ),
    ],
)
def test_a_nested_group_that_is_not_provisioned_is_left_out_and_counted(
    changes: dict[str, Any],
) -> None:
    world = World(application(**changes), directory([person("ada"), person("bob")], NESTED))
    world.target.add_group("t-9", "Team")

    plan = world.plan()

    assert added(plan) == ["ada@contoso.example", "bob@contoso.example"]
    [message] = left_out(plan)
    assert ("Staff" in message, message[-1]) == (True, "1")


def test_a_nested_group_that_left_the_scope_and_is_a_member_is_not_left_out() -> None:
    world = settled(person("ada"), person("bob"), groups=NESTED, assignments=BOTH)
    world.becomes(groups=NESTED, assignments=[STAFF])

    assert (told(world.plan().operations), left_out(world.plan())) == ([], [])


def test_a_group_that_is_opened_gives_way_to_its_people() -> None:
    people = [person("ada"), person("bob"), person("cyd")]
    groups = [group("g-staff", "Staff", "ada", "bob", "cyd"), group("g-team", "Team", "g-staff")]
    world = settled(*people, groups=groups, assignments=BOTH)
    world.becomes(groups=groups, assignments=BOTH, mappings=OPENED)

    plan = world.plan()
    world.settle()

    assert removed(plan) == ["Staff"]
    assert added(plan) == [one.attributes["userPrincipalName"] for one in people]
    assert world.names_in("g-team") == {"ada", "bob", "cyd"}
    assert told(world.plan().operations) == []


def test_groups_that_are_in_each_other_are_opened_and_told_of() -> None:
    groups = [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team", "bob", "g-staff")]
    assignments = [*BOTH, {"user": "bob", "role": "User"}]
    world = World(
        application(assignments=assignments, mappings=OPENED),
        directory([person("ada"), person("bob")], groups),
    )

    [warning] = world.plan().warnings
    world.settle()

    assert warning.code == "nested-circle"
    assert "Staff, Team" in warning.message
    assert world.names_in("g-staff") == world.names_in("g-team") == {"ada", "bob"}


def test_who_is_opened_out_of_a_group_and_not_in_scope_is_left_out_and_counted() -> None:
    groups = [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team", "bob")]
    world = World(application(mappings=OPENED), directory([person("ada"), person("bob")], groups))

    plan = world.plan()

    assert added(plan) == ["ada@contoso.example"]
    [message] = left_out(plan)
    assert message[-1] == "1"
