"""Rulings 6 and 14: accounts that we disabled ourselves, deleted when their time is over."""

from datetime import timedelta
from typing import Any

import pytest

from reconciler.directory import Subject
from reconciler.plan.operation import Action
from tests.worlds import (
    AS_OF,
    World,
    group,
    of,
    person,
    settled,
    told,
    told_of_users,
)

BOB = "bob@contoso.example"

THIRTY = {"delete_after": "30d"}


def gone_since(**days: int) -> World:
    """Return a world whose people we disabled so many days ago, and who are gone."""
    world = settled(person("ada"), *(person(name) for name in days))
    world.becomes([person("ada")])
    world.settle()
    world.disabled_on(**{name: AS_OF - timedelta(days=age) for name, age in days.items()})
    return world.becomes(lifecycle=THIRTY)


@pytest.mark.parametrize(
    ("age", "wanted"),
    [
        pytest.param(29, [], id="a day too early"),
        pytest.param(30, [("delete", BOB)], id="on the day"),
        pytest.param(300, [("delete", BOB)], id="long after"),
    ],
)
def test_ruling_6_delete_after_counts_from_our_own_disable(
    age: int, wanted: list[tuple[str, str]]
) -> None:
    assert told_of_users(gone_since(bob=age).plan()) == wanted


def test_ruling_6_delete_after_is_for_the_soft_deleted_too() -> None:
    world = gone_since(bob=40)
    world.becomes([person("ada"), person("bob", isDeleted="true")], lifecycle=THIRTY)

    assert told_of_users(world.plan()) == [("delete", BOB)]


@pytest.mark.parametrize(
    ("people", "groups"),
    [
        pytest.param(
            [person("ada"), person("bob")], [group("g-staff", "Staff", "ada")], id="unassigned"
        ),
        pytest.param([person("ada"), person("bob", accountEnabled="false")], None, id="disabled"),
    ],
)
def test_ruling_6_delete_after_is_only_for_the_deleted_and_the_gone(
    people: list[Subject], groups: Any
) -> None:
    world = gone_since(bob=400)
    world.becomes(people, groups, lifecycle=THIRTY)

    assert told(world.plan().operations) == []


def test_ruling_6_what_somebody_else_disabled_is_never_deleted_in_time() -> None:
    world = gone_since(bob=40)
    world.recorded = type(world.recorded)(world.recorded.links, {})

    assert told(world.plan().operations) == []


def test_ruling_6_an_account_that_is_active_again_is_disabled_and_not_deleted() -> None:
    world = gone_since(bob=40)
    world.user("bob")["active"] = True

    assert told(world.plan().operations) == [("disable", BOB)]


@pytest.mark.parametrize("policy", ["keep", "delete"])
def test_ruling_6_delete_after_waits_only_where_deleted_at_source_disables(policy: str) -> None:
    world = gone_since(bob=40)
    world.becomes(lifecycle={**THIRTY, "deleted_at_source": policy})

    plan = world.plan()

    assert plan.waiting == ()
    assert told_of_users(plan) == ([("delete", BOB)] if policy == "delete" else [])


def test_ruling_14_due_deletes_are_the_oldest_and_the_rest_waits() -> None:
    world = gone_since(dan=31, bob=33, eve=30, cyd=32, fay=33)

    plan = world.plan()

    assert told_of_users(plan) == [
        ("delete", "bob@contoso.example"),
        ("delete", "cyd@contoso.example"),
        ("delete", "fay@contoso.example"),
    ]
    assert [(waiting.key, waiting.disabled_on) for waiting in plan.waiting] == [
        ("dan@contoso.example", str(AS_OF - timedelta(days=31))),
        ("eve@contoso.example", str(AS_OF - timedelta(days=30))),
    ]
    assert not any(verdict.blocked for verdict in plan.guards)


def test_ruling_14_deletes_that_were_asked_for_leave_less_room_for_due_ones() -> None:
    world = gone_since(bob=33, cyd=32, dan=31).becomes([person("ada"), person("kim")], lifecycle={})
    world.settle()
    world.becomes(
        groups=[group("g-staff", "Staff", "ada")],
        lifecycle={**THIRTY, "leaves_scope": "delete"},
    )

    plan = world.plan()

    assert sorted(told(of(plan, Action.DELETE))) == [
        ("delete", "bob@contoso.example"),
        ("delete", "kim@contoso.example"),
    ]
    assert len(plan.waiting) == 2


def test_what_is_not_asked_for_is_neither_deleted_nor_waiting() -> None:
    plan = gone_since(bob=40).plan(selected=frozenset({"ada"}))

    assert (plan.operations, plan.waiting) == ((), ())
