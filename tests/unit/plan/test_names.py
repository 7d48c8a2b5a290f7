"""Rulings 10 and 11: unique values that change hands, or cannot."""

from typing import Any

import pytest

from reconciler.plan.operation import Action
from tests.worlds import (
    USER_MAPPINGS,
    World,
    application,
    codes,
    directory,
    group,
    of,
    person,
    settled,
    told,
)

BY_ID = {
    "users": [
        {**USER_MAPPINGS[0], "match": None},
        {**USER_MAPPINGS[1], "match": 1},
        *USER_MAPPINGS[2:],
    ]
}
ONLY_USERS = {"users": USER_MAPPINGS}


def named(**names: str) -> list[Any]:
    """Return people by anchor, with their user names."""
    return [
        person(anchor, userPrincipalName=f"{name}@contoso.example", displayName=anchor)
        for anchor, name in names.items()
    ]


def world_of(mappings: dict[str, Any] = ONLY_USERS, **names: str) -> World:
    """Return a settled world of people with user names."""
    return settled(*named(**names), mappings=mappings)


MATCHINGS = pytest.mark.parametrize(
    "mappings", [ONLY_USERS, BY_ID], ids=["matched by name", "matched by id"]
)


@MATCHINGS
def test_ruling_11_a_chain_of_renames_starts_at_its_free_end(mappings: dict[str, Any]) -> None:
    world = world_of(mappings, p1="a", p2="b", p3="c").becomes(named(p1="b", p2="c", p3="d"))

    plan = world.plan()
    report = world.apply(plan)

    assert [operation.key.partition("@")[0] for operation in plan.operations] == ["d", "c", "b"]
    assert report.status == "done"
    assert told(world.plan().operations) == []


@MATCHINGS
def test_ruling_11_a_create_takes_a_name_after_the_rename_that_frees_it(
    mappings: dict[str, Any],
) -> None:
    """The rename, an update, comes forward into the wave of the creates."""
    world = world_of(mappings, p1="a").becomes(named(p1="z", p2="a"))

    plan = world.plan()
    report = world.apply(plan)

    assert told(plan.operations) == [
        ("update", "z@contoso.example"),
        ("create", "a@contoso.example"),
    ]
    assert [operation.wave for operation in plan.operations] == [2, 2]
    assert report.status == "done"
    assert told(world.plan().operations) == []


@MATCHINGS
def test_ruling_11_a_chain_comes_forward_as_a_whole(mappings: dict[str, Any]) -> None:
    world = world_of(mappings, p1="a", p2="b").becomes(named(p1="b", p2="z", p3="a"))

    plan = world.plan()

    assert told(plan.operations) == [
        ("update", "z@contoso.example"),
        ("update", "b@contoso.example"),
        ("create", "a@contoso.example"),
    ]
    assert world.apply(plan).status == "done"


def test_ruling_11_a_link_takes_a_name_after_the_rename_that_frees_it() -> None:
    world = world_of(p1="a")
    world.target.add_user("t-9", "other@contoso.example", externalId="p2", active=True)
    world.becomes(named(p1="z", p2="a"))

    plan = world.plan()

    assert told(plan.operations) == [("update", "z@contoso.example"), ("link", "a@contoso.example")]
    assert [operation.wave for operation in plan.operations] == [1, 1]
    assert world.apply(plan).status == "done"
    assert told(world.plan().operations) == []


def test_ruling_11_who_is_enabled_gives_up_their_old_name_in_time() -> None:
    world = world_of(p1="a")
    world.user("p1")["active"] = False
    world.becomes(named(p1="z", p2="a"))

    plan = world.plan()

    assert told(plan.operations) == [
        ("enable", "z@contoso.example"),
        ("create", "a@contoso.example"),
    ]
    assert world.apply(plan).status == "done"


@MATCHINGS
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"p1": "a", "p2": "b"}, {"p1": "b", "p2": "a"}, id="a swap"),
        pytest.param(
            {"p1": "a", "p2": "b", "p3": "c"}, {"p1": "b", "p2": "c", "p3": "a"}, id="a ring"
        ),
    ],
)
def test_ruling_11_names_that_change_hands_in_a_circle_are_skipped(
    mappings: dict[str, Any], before: dict[str, str], after: dict[str, str]
) -> None:
    world = world_of(mappings, **before).becomes(named(**after))

    plan = world.plan()

    assert codes(plan) == dict.fromkeys(before, "EntryConflict")
    assert told(plan.operations) == []


def test_ruling_11_whoever_waits_behind_a_circle_is_skipped_too() -> None:
    world = world_of(p1="a", p2="b", p3="c", p4="d")
    world.becomes(named(p1="b", p2="a", p3="b", p4="c"))

    codes_ = codes(world.plan())

    assert codes_["p1"] == codes_["p3"] == "DuplicateSourceEntries"


def test_ruling_11_a_newcomer_behind_a_circle_is_skipped_too() -> None:
    world = world_of(BY_ID, p1="a", p2="b").becomes(named(p1="b", p2="a", p3="A"))

    plan = world.plan()

    assert set(codes(plan)) == {"p1", "p2", "p3"}
    assert told(plan.operations) == []


def test_ruling_11_of_two_who_want_one_name_nobody_gets_it() -> None:
    """Matched by objectId alone, so that only the name itself is in the way."""
    world = world_of(BY_ID, p1="a").becomes(named(p1="z", p2="Z"))

    plan = world.plan()

    assert codes(plan) == dict.fromkeys(("p1", "p2"), "DuplicateSourceEntries")
    assert told(plan.operations) == []


def test_ruling_10_a_name_that_a_leaver_holds_is_a_conflict() -> None:
    world = world_of(p1="a", p2="b")
    world.becomes(named(p1="a", p2="b", p3="a"), [group("g-staff", "Staff", "p2", "p3")])

    plan = world.plan()

    assert codes(plan) == {"p3": "EntryConflict"}
    assert told(plan.operations) == [("disable", "a@contoso.example")]


def test_ruling_10_a_name_that_a_deleted_account_holds_is_free_only_in_the_next_plan() -> None:
    world = world_of(p1="a").becomes(
        named(p1="a", p2="a"),
        [group("g-staff", "Staff", "p2")],
        lifecycle={"leaves_scope": "delete"},
    )

    plan = world.plan()
    world.apply(plan)

    assert codes(plan) == {"p2": "EntryConflict"}
    assert told(plan.operations) == [("delete", "a@contoso.example")]
    assert told(world.plan().operations) == [("create", "a@contoso.example")]


def test_ruling_10_a_name_that_a_local_account_holds_is_a_conflict() -> None:
    world = World(application(mappings=BY_ID), directory(named(p1="a")))
    world.target.add_user("t-1", "A@Contoso.example")

    plan = world.plan()

    assert codes(plan) == {"p1": "EntryConflict"}
    assert "is held by A@Contoso.example" in plan.skipped[0].detail


def test_ruling_10_a_rename_to_a_held_name_leaves_everything_else_too() -> None:
    """Role, manager, memberships: nothing of theirs is written."""
    world = world_of(BY_ID, p1="a", p2="b")
    world.target.add_user("t-1", "z@contoso.example")
    world.becomes(
        [person("p1", userPrincipalName="z@contoso.example", manager="p2"), *named(p2="b")],
        assignments=[
            {"group": "Staff", "role": "User"},
            {"user": "p1", "role": "Administrator"},
        ],
    )

    plan = world.plan()

    assert (told(plan.operations), codes(plan)) == ([], {"p1": "EntryConflict"})


def test_a_rename_that_is_not_in_this_plan_frees_nothing() -> None:
    world = world_of(p1="a").becomes(named(p1="z", p2="a"))

    plan = world.plan(selected=frozenset({"p2"}))

    assert (told(plan.operations), codes(plan)) == ([], {"p2": "EntryConflict"})


def test_without_update_a_rename_frees_nothing() -> None:
    world = world_of(p1="a").becomes(named(p1="z", p2="a"), lifecycle={"actions": ["create"]})

    plan = world.plan()

    assert (told(plan.operations), codes(plan)) == ([], {"p2": "EntryConflict"})


def test_another_spelling_of_ones_own_name_is_no_change_and_no_conflict() -> None:
    world = world_of(p1="a").becomes(named(p1="A"))

    assert told(world.plan().operations) == []


def test_an_external_id_is_unique_to_the_letter() -> None:
    world = world_of(p1="a")
    world.target.add_user("t-1", "local@contoso.example", externalId="P2")
    world.becomes(named(p1="a", p2="b"))

    assert told(world.plan().operations) == [("create", "b@contoso.example")]


def test_an_external_id_that_another_account_keeps_is_a_conflict() -> None:
    by_name = [*USER_MAPPINGS[:1], {**USER_MAPPINGS[1], "match": None, "source": "badge"}]
    world = settled(person("p1", badge="1"), person("p2", badge="2"), mappings={"users": by_name})
    world.target.add_user("t-1", "local@contoso.example", externalId="3")
    world.becomes([person("p1", badge="1"), person("p2", badge="3")])

    assert codes(world.plan()) == {"p2": "EntryConflict"}


@pytest.mark.parametrize("name", ["", None])
def test_nobody_is_created_without_a_user_name(name: str | None) -> None:
    mappings = {"users": [*BY_ID["users"]]}
    world = World(
        application(mappings=mappings), directory([person("p1", userPrincipalName=name or "")])
    )

    plan = world.plan()

    assert codes(plan) == {"p1": "MandatoryFieldsMissing"}
    assert of(plan, Action.CREATE) == []
