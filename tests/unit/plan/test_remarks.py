"""What a plan says beside its operations (section 6; rulings 3, 5 and 8)."""

from dataclasses import replace

import pytest

from reconciler.directory import Subject
from reconciler.plan.document import Unmanaged
from tests.worlds import (
    USER_MAPPINGS,
    World,
    application,
    codes,
    directory,
    group,
    person,
    settled,
    told,
)

NO_GROUPS = {"users": USER_MAPPINGS}


def others(*, ownership: str = "recorded") -> World:
    """Return a world of Ada, who is ours, with two accounts that are not."""
    world = settled(person("ada"), mappings=NO_GROUPS)
    world.target.add_user("t-9", "local@contoso.example")
    world.target.add_user("t-8", "bob@contoso.example")
    return world.becomes(
        [person("ada"), person("bob")], [group("g-staff", "Staff", "ada")], ownership=ownership
    )


def test_ruling_8_what_is_not_ours_is_counted_and_labelled_and_left_alone() -> None:
    plan = others().plan()

    found = [(account.key, account.label) for account in plan.unmanaged.sample]
    assert (plan.unmanaged.count, found) == (
        2,
        [("bob@contoso.example", "unassigned"), ("local@contoso.example", "local")],
    )
    assert told(plan.operations) == []


def test_ruling_8_with_ownership_all_everything_is_ours() -> None:
    plan = others(ownership="all").plan()

    assert plan.unmanaged == Unmanaged(0, ())
    assert told(plan.operations) == [
        ("disable", "bob@contoso.example"),
        ("disable", "local@contoso.example"),
    ]


def test_ruling_8_what_is_linked_in_this_plan_is_not_unmanaged() -> None:
    world = others().becomes([person("ada"), person("bob")])

    assert [account.key for account in world.plan().unmanaged.sample] == ["local@contoso.example"]


def test_ruling_8_long_lists_are_sampled() -> None:
    world = settled(person("ada"), mappings=NO_GROUPS)
    for number in range(25):
        world.target.add_user(f"t-{number}", f"local{number:02}@contoso.example")

    plan = world.plan()

    assert (plan.unmanaged.count, len(plan.unmanaged.sample)) == (25, 10)
    assert plan.unmanaged.sample[0].key == "local00@contoso.example"


def test_an_account_without_a_name_is_known_by_its_id() -> None:
    world = settled(person("ada"), mappings=NO_GROUPS)
    world.target.users["t-9"] = {"id": "t-9", "displayName": "A display name is no user name"}

    assert [account.key for account in world.plan().unmanaged.sample] == ["t-9"]


@pytest.mark.parametrize(
    ("bob", "assigned", "skipped"),
    [
        pytest.param(person("bob"), False, {}, id="not assigned"),
        pytest.param(
            person("bob", accountEnabled="false"),
            True,
            {"bob": "NotEffectivelyEntitled"},
            id="disabled",
        ),
        pytest.param(
            person("bob", isDeleted="true"), True, {"bob": "NotEffectivelyEntitled"}, id="deleted"
        ),
        pytest.param(
            person("bob", accountEnabled="false"), False, {}, id="disabled and not assigned"
        ),
    ],
)
def test_the_skipped_are_assigned_and_not_written(
    bob: Subject, assigned: bool, skipped: dict[str, str]
) -> None:
    members = ("ada", "bob") if assigned else ("ada",)
    world = World(
        application(mappings=NO_GROUPS),
        directory([person("ada"), bob], [group("g-staff", "Staff", *members)]),
    )

    plan = world.plan()

    assert codes(plan) == skipped
    assert plan.inputs.unassigned == (0 if assigned else 1)


def test_who_is_disabled_by_the_plan_is_not_also_skipped() -> None:
    world = settled(person("ada"), person("bob"))
    world.becomes([person("ada"), person("bob", accountEnabled="false")])

    plan = world.plan()

    assert (codes(plan), told(plan.operations)) == ({}, [("disable", "bob@contoso.example")])


def test_the_skipped_stand_in_one_order() -> None:
    people = [person(name, userPrincipalName=f"{name}@x.example") for name in ("c", "a", "b")]
    world = World(
        application(mappings=NO_GROUPS, registered_domains=["contoso.example"]),
        directory([*people, person("d", accountEnabled="false")]),
    )

    assert [(s.code, s.source_id) for s in world.plan().skipped] == [
        ("InvalidDomain", "a"),
        ("InvalidDomain", "b"),
        ("InvalidDomain", "c"),
        ("NotEffectivelyEntitled", "d"),
    ]


def test_only_the_skipped_whom_the_plan_is_about_are_listed() -> None:
    people = [person(name, userPrincipalName=f"{name}@x.example") for name in "ab"]
    world = World(
        application(registered_domains=["contoso.example"], lifecycle={"actions": ["update"]}),
        directory([*people, person("c"), person("d", accountEnabled="false")]),
    )

    assert set(codes(world.plan(selected=frozenset({"a", "c"})))) == {"a", "c"}


def test_ruling_3_ignored_memberships_and_unknown_users_are_warned_of() -> None:
    world = World(
        application(
            assignments=[
                {"group": "Staff", "role": "User"},
                {"user": "nobody@contoso.example", "role": "User"},
            ]
        ),
        replace(directory([person("ada")]), ignored_members=3),
    )

    warnings = {warning.code: warning.message for warning in world.plan().warnings}

    assert set(warnings) == {"unknown-user", "ignored-members"}
    assert "3" in warnings["ignored-members"]
