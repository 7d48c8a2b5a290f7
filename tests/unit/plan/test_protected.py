"""The protected list: nobody on it loses anything, and no approval changes that."""

from typing import Any

import pytest

from reconciler.states import ResourceType
from tests.worlds import (
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    group,
    person,
    settled,
    told,
    verdict,
)

BREAKGLASS = "BreakGlass@contoso.example"


def guarded(*listed: str) -> World:
    """Return a settled world of four with a protected list."""
    names = ("breakglass", "ada", "bob", "cyd")
    return settled(*(person(name) for name in names), safety={"protected": list(listed)})


OTHERS = [person(name) for name in ("ada", "bob", "cyd")]


@pytest.mark.parametrize("listed", [BREAKGLASS, "breakglass"], ids=["userName", "objectId"])
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"people": OTHERS}, id="disabled because gone"),
        pytest.param(
            {"people": OTHERS, "lifecycle": {"deleted_at_source": "delete"}}, id="deleted"
        ),
        pytest.param({"groups": [group("g-staff", "Staff", "ada", "bob", "cyd")]}, id="unassigned"),
        pytest.param(
            {"people": [person("breakglass", userPrincipalName="bg@contoso.example"), *OTHERS]},
            id="renamed",
        ),
        pytest.param(
            {
                "groups": [group("g-staff", "Staff", "ada", "bob", "cyd")],
                "assignments": [
                    {"group": "Staff", "role": "User"},
                    {"user": "breakglass", "role": "User"},
                ],
            },
            id="removed from a group",
        ),
        pytest.param(
            {"assignments": [{"group": "Staff"}], "default_access": "include"}, id="without role"
        ),
    ],
)
def test_the_protected_lose_nothing(changes: dict[str, Any], listed: str) -> None:
    world = guarded(listed).becomes(**changes)

    plan = world.plan()

    found = verdict(plan, "protected")
    assert told(plan.operations) != []
    assert (found.blocked, found.limit) == (True, 0)


@pytest.mark.parametrize("listed", [BREAKGLASS, "breakglass"], ids=["userName", "objectId"])
def test_nobody_gets_in_the_way_of_what_the_protected_are_given(listed: str) -> None:
    world = guarded(listed).becomes([person("breakglass", displayName="Break Glass"), *OTHERS])

    plan = world.plan()

    assert told(plan.operations) == [("update", "breakglass@contoso.example")]
    assert verdict(plan, "protected").blocked is False


def test_a_protected_account_need_not_be_ours_to_keep_its_memberships() -> None:
    """A member removal names it by id; with `ownership: all` it would even be disabled."""
    world = guarded("local@contoso.example").becomes(ownership="all")
    world.target.add_user("local", "local@contoso.example", active=True)

    assert verdict(world.plan(), "protected").blocked is True


def test_a_group_can_be_protected_by_its_object_id() -> None:
    world = settled(
        person("ada"),
        groups=[group("g-staff", "Staff", "ada"), group("g-team", "Team", "ada")],
        assignments=[{"group": "Staff", "role": "User"}, {"group": "Team"}],
        safety={"protected": ["g-team"]},
        lifecycle={"leaves_scope": "delete"},
    )
    world.becomes(assignments=[{"group": "Staff", "role": "User"}])

    plan = world.plan()

    assert told(plan.operations) == [("delete", "Team")]
    assert verdict(plan, "protected").blocked is True


@pytest.mark.parametrize(("member", "blocked"), [("breakglass", True), ("ada", False)])
def test_a_group_that_the_protected_are_in_cannot_be_deleted(member: str, blocked: bool) -> None:
    assignments = [{"group": "Staff", "role": "User"}, {"group": "Team"}]
    world = settled(
        person("ada"),
        person("breakglass"),
        groups=[group("g-staff", "Staff", "ada", "breakglass"), group("g-team", "Team", member)],
        assignments=assignments,
        safety={"protected": ["breakglass"]},
        lifecycle={"leaves_scope": "delete"},
    )

    plan = world.becomes(assignments=assignments[:1]).plan()

    assert told(plan.operations) == [("delete", "Team")]
    assert verdict(plan, "protected").blocked is blocked


NESTED = [
    group("g-inner", "Inner", "breakglass"),
    group("g-middle", "Middle", "g-inner", "ada"),
    group("g-outer", "Outer", "g-middle", "g-other", "ada"),
    group("g-other", "Other", "ada"),
]


@pytest.mark.parametrize(
    ("left", "blocked"),
    [
        pytest.param(["g-other", "ada"], True, id="theirs, by way of another"),
        pytest.param(["g-middle", "ada"], False, id="that of others"),
    ],
)
def test_a_group_that_the_protected_are_in_stays_in_other_groups(
    left: list[str], blocked: bool
) -> None:
    staff = group("g-staff", "Staff", "ada", "breakglass")
    assignments = [{"group": "Staff", "role": "User"}]
    assignments += [{"group": one.display_name} for one in NESTED]
    world = settled(
        person("ada"),
        person("breakglass"),
        groups=[staff, *NESTED],
        assignments=assignments,
        safety={"protected": ["breakglass"]},
    )
    outer = group("g-outer", "Outer", *left)

    plan = world.becomes(
        groups=[staff, *(one for one in NESTED if one.anchor != "g-outer"), outer]
    ).plan()

    assert told(plan.operations) == [("remove_members", "Outer")]
    assert verdict(plan, "protected").blocked is blocked


def test_a_group_that_holds_a_group_of_the_protected_cannot_be_deleted() -> None:
    staff = group("g-staff", "Staff", "ada", "breakglass")
    assignments = [{"group": "Staff", "role": "User"}]
    assignments += [{"group": one.display_name} for one in NESTED]
    world = settled(
        person("ada"),
        person("breakglass"),
        groups=[staff, *NESTED],
        assignments=assignments,
        safety={"protected": ["breakglass"]},
        lifecycle={"leaves_scope": "delete"},
    )

    plan = world.becomes(assignments=[a for a in assignments if a["group"] != "Outer"]).plan()

    assert told(plan.operations) == [("delete", "Outer")]
    assert verdict(plan, "protected").blocked is True


def test_who_is_protected_by_object_id_is_known_by_our_link_alone() -> None:
    """Nothing on the account says whose it is."""
    users = [line for line in USER_MAPPINGS if line["target"] != "externalId"]
    world = settled(
        person("ada"),
        person("breakglass"),
        safety={"protected": ["breakglass"]},
        mappings={"users": users, "groups": GROUP_MAPPINGS},
        assignments=[
            {"group": "Staff", "role": "User"},
            {"user": "breakglass", "role": "User"},
        ],
    )
    world.becomes(groups=[group("g-staff", "Staff", "ada")])

    plan = world.plan()

    assert told(plan.operations) == [("remove_members", "Staff")]
    assert verdict(plan, "protected").blocked is True


def test_leaving_removals_out_is_no_way_past_the_protected_list() -> None:
    plan = guarded("breakglass").becomes(OTHERS).plan(removals=False)

    assert (told(plan.operations), told(plan.withheld)) == (
        [],
        [("disable", "breakglass@contoso.example")],
    )
    assert verdict(plan, "protected").blocked is True
    assert verdict(plan, "accidental_deletions").count == 0


def test_the_sentence_names_who_is_protected() -> None:
    found = verdict(guarded("breakglass").becomes(OTHERS).plan(), "protected")

    assert found.sentence.endswith(": breakglass@contoso.example")


def test_who_is_protected_is_also_known_by_one_of_several_names() -> None:
    """No standard allows a list for a userName, and some service sends one."""
    world = guarded(BREAKGLASS)
    target = world.recorded.links[ResourceType.USER, "breakglass"]
    world.target.users[target]["userName"] = ["bg@contoso.example", BREAKGLASS]
    del world.target.users[target]["externalId"]

    assert verdict(world.becomes(OTHERS).plan(), "protected").blocked is True
