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


DOMAINS = {"registered_domains": ["contoso.example"]}
SKIPPED = person("bob", userPrincipalName="bob@else.example")


def opening(*, nested: list[Any] | None = None, people: list[Any] | None = None) -> World:
    """Return Ada and Bob in Staff, which is in Team, when Team begins to be opened."""
    before = [group("g-staff", "Staff", "ada", "bob"), group("g-team", "Team", "g-staff")]
    world = settled(person("ada"), person("bob"), groups=nested or before, assignments=BOTH)
    return world.becomes(people, nested or before, assignments=BOTH, mappings=OPENED, **DOMAINS)


@pytest.mark.parametrize(
    "bob",
    [
        pytest.param(SKIPPED, id="skipped"),
        pytest.param(person("bob", accountEnabled="false"), id="disabled"),
    ],
)
def test_rulings_5_and_13_a_group_is_not_opened_over_the_head_of_who_is_in_it(bob: Any) -> None:
    world = opening(people=[person("ada"), bob])

    assert (added(world.plan()), removed(world.plan())) == (["ada@contoso.example"], [])


def test_a_group_is_opened_when_nobody_in_it_would_lose_by_it() -> None:
    """Bob, who cannot be written, is in Team himself."""
    nested = [group("g-staff", "Staff", "ada", "bob"), group("g-team", "Team", "g-staff", "bob")]
    world = opening(nested=nested, people=[person("ada"), SKIPPED])

    assert (added(world.plan()), removed(world.plan())) == (["ada@contoso.example"], ["Staff"])


def test_ruling_5_a_group_in_a_group_in_a_group_is_not_opened_either() -> None:
    nested = [
        group("g-staff", "Staff", "ada", "bob"),
        group("g-club", "Club", "g-staff"),
        group("g-team", "Team", "g-club"),
    ]
    clubs = [*BOTH, {"group": "Club"}]
    world = settled(person("ada"), person("bob"), groups=nested, assignments=clubs)
    people = [person("ada"), SKIPPED]
    world.becomes(people, nested, assignments=clubs, mappings=OPENED, **DOMAINS)

    assert removed(world.plan()) == []


def test_groups_that_are_in_each_other_are_looked_through_once() -> None:
    """Bob, who cannot be written and is in neither of them, is wanted in both by now."""
    nested = [
        group("g-staff", "Staff", "ada"),
        group("g-club", "Club", "g-team"),
        group("g-team", "Team", "g-club", "ada"),
    ]
    clubs = [*BOTH, {"group": "Club"}, {"user": "bob", "role": "User"}]
    world = settled(person("ada"), person("bob"), groups=nested, assignments=clubs)
    now = [*nested[:2], group("g-team", "Team", "g-club", "ada", "bob")]
    world.becomes([person("ada"), SKIPPED], now, assignments=clubs, mappings=OPENED, **DOMAINS)

    plan = world.plan()

    assert (added(plan), removed(plan)) == (["ada@contoso.example"], ["Team", "Club"])


def test_groups_in_each_other_are_told_of_by_id_when_their_names_are_hidden() -> None:
    groups = [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team", "g-staff")]
    hidden = [
        {"target": "displayName", "expression": "Redact([displayName])", "match": 1},
        *OPENED["groups"][1:],
    ]
    world = World(
        application(assignments=BOTH, mappings={**OPENED, "groups": hidden}),
        directory([person("ada")], groups),
    )

    [message] = [one.message for one in world.plan().warnings if one.code == "nested-circle"]

    assert ("Team" in message, "g-staff, g-team" in message) == (False, True)
