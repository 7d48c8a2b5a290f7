"""Who is on which rung of leaving: disabled by us, scheduled, waiting, due (rulings 6, 14)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconciler.plan.document import Body, Leaver
from reconciler.plan.operation import Action
from reconciler.plan.rungs import SAMPLE
from tests.worlds import (
    AS_OF,
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    group,
    of,
    person,
    settled,
    told_of_users,
)

BOB = "bob@contoso.example"
EMPLOYED = {"target": "userType", "expression": "Not([IsSoftDeleted])"}
OTHERS = [line for line in USER_MAPPINGS if line["target"] != "active"]
BY_ATTRIBUTE = {"users": [*OTHERS, EMPLOYED], "groups": GROUP_MAPPINGS}
BY_BOTH = {"users": [*USER_MAPPINGS, EMPLOYED], "groups": GROUP_MAPPINGS}


def day(ago: int) -> str:
    return str(AS_OF - timedelta(days=ago))


def gone_since(lifecycle: Any = None, *, changes: Any = None, **days: int) -> World:
    """Return a world whose people we disabled so many days ago, and who are gone."""
    world = settled(person("ada"), *(person(name) for name in days), **(changes or {}))
    world.becomes([person("ada")])
    world.settle()
    world.disabled_on(**{name: AS_OF - timedelta(days=age) for name, age in days.items()})
    return world.becomes(lifecycle=lifecycle or {"delete_after": "30d"})


def rungs(plan: Body) -> list[tuple[str, str, str | None]]:
    """Return who stands where, and when they are deleted."""
    return [(one.key.partition("@")[0], one.rung, one.delete_on) for one in plan.leaving.sample]


def test_everybody_whom_we_disabled_stands_on_a_rung() -> None:
    world = gone_since(bob=40, cyd=29, dan=39, eve=1)

    plan = world.plan()

    assert rungs(plan) == [
        ("bob", "due", day(10)),
        ("dan", "due", day(9)),
        ("cyd", "scheduled", day(-1)),
        ("eve", "scheduled", day(-29)),
    ]
    leaving = plan.leaving
    assert (leaving.due, leaving.waiting, leaving.scheduled, leaving.disabled) == (2, 0, 2, 0)


def test_a_leaver_is_named_with_everything_that_is_known() -> None:
    world = settled(person("ada"), person("bob"))
    world.becomes(groups=[group("g-staff", "Staff", "ada")])
    world.settle()

    assert world.plan().leaving.sample == (
        Leaver(
            key=BOB,
            target_id=world.account_of("bob"),
            source_id="bob",
            rung="disabled",
            disabled_on=day(0),
            delete_on=None,
            reason="not assigned",
        ),
    )


def test_ruling_14_who_is_due_and_has_no_room_waits_on_a_rung_of_their_own() -> None:
    plan = gone_since(dan=31, bob=33, eve=30, cyd=32, fay=33).plan()

    assert rungs(plan) == [
        ("bob", "due", day(3)),
        ("fay", "due", day(3)),
        ("cyd", "due", day(2)),
        ("dan", "waiting", day(1)),
        ("eve", "waiting", day(0)),
    ]
    assert plan.leaving.count == 5
    assert [one.target_id for one in plan.waiting] == [
        one.target_id for one in plan.leaving.sample if one.rung == "waiting"
    ]


@pytest.mark.parametrize(
    "lifecycle",
    [
        pytest.param({"delete_after": "never"}, id="never"),
        pytest.param({"delete_after": "30d", "deleted_at_source": "keep"}, id="kept"),
        pytest.param({"delete_after": "30d", "actions": ["create", "update"]}, id="no deletes"),
    ],
)
def test_where_delete_after_does_not_apply_nobody_has_a_day(lifecycle: dict[str, Any]) -> None:
    assert rungs(gone_since(lifecycle, bob=400).plan()) == [("bob", "disabled", None)]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        pytest.param({"accountEnabled": "false"}, "disabled at the source", id="disabled"),
        pytest.param({"kind": "guest"}, "not assigned", id="unassigned"),
    ],
)
def test_ruling_6_who_is_still_in_the_source_is_never_due(
    cells: dict[str, str], reason: str
) -> None:
    world = gone_since(bob=400)
    staff = ["ada"] if "kind" in cells else ["ada", "bob"]
    world.becomes([person("ada"), person("bob", **cells)], [group("g-staff", "Staff", *staff)])

    [bob] = world.plan().leaving.sample
    assert (bob.rung, bob.delete_on, bob.reason) == ("disabled", None, reason)


def test_who_is_deleted_by_the_policy_is_due_and_was_never_scheduled() -> None:
    world = gone_since({"deleted_at_source": "delete"}, bob=3)

    assert rungs(world.plan()) == [("bob", "due", None)]


def test_who_comes_back_is_on_no_rung() -> None:
    world = gone_since(bob=400).becomes([person("ada"), person("bob")])

    assert told_of_users(world.plan()) == [("enable", BOB)]
    assert rungs(world.plan()) == []


def test_ruling_5_who_comes_back_and_is_skipped_stays_on_the_rung_and_is_not_due() -> None:
    foreign = person("bob", userPrincipalName="bob@fabrikam.example")
    world = gone_since(bob=400).becomes([person("ada"), foreign])
    world.becomes(registered_domains=["contoso.example"])

    [bob] = world.plan().leaving.sample
    assert (bob.rung, bob.source_id) == ("disabled", "bob")
    assert "fabrikam.example" in bob.reason


def test_ruling_6_who_was_back_in_between_is_counted_from_the_second_disable() -> None:
    world = gone_since(bob=400).becomes([person("ada"), person("bob")])
    world.settle()
    world.becomes([person("ada")])
    world.settle()

    assert rungs(world.plan()) == [("bob", "scheduled", day(-30))]


def test_ruling_6_whom_somebody_else_disabled_is_on_no_rung() -> None:
    world = gone_since(bob=400)
    world.recorded = replace(world.recorded, disabled_on={})

    assert rungs(world.plan()) == []


def test_ruling_6_who_was_switched_on_by_hand_is_disabled_again_and_on_no_rung() -> None:
    world = gone_since(bob=400)
    world.user("bob")["active"] = True

    assert told_of_users(world.plan()) == [("disable", BOB)]
    assert rungs(world.plan()) == []


def test_an_account_that_is_not_there_any_more_is_on_no_rung() -> None:
    world = gone_since(bob=400)
    world.target.users.pop(world.account_of("bob"))

    assert rungs(world.plan()) == []


# what [IsSoftDeleted] is mapped to


@pytest.mark.parametrize("mappings", [BY_ATTRIBUTE, BY_BOTH], ids=["alone", "and active"])
def test_ruling_6_delete_after_holds_whatever_attribute_says_who_is_off(
    mappings: dict[str, Any],
) -> None:
    world = gone_since(changes={"mappings": mappings}, bob=40, cyd=29)

    assert rungs(world.plan()) == [("bob", "due", day(10)), ("cyd", "scheduled", day(-1))]
    assert ("delete", BOB) in told_of_users(world.plan())


def test_ruling_6_who_was_switched_on_by_hand_in_that_attribute_is_disabled_again() -> None:
    world = gone_since(changes={"mappings": BY_ATTRIBUTE}, bob=40)
    world.user("bob")["userType"] = "True"

    assert told_of_users(world.plan()) == [("disable", BOB)]
    assert rungs(world.plan()) == []


def test_ruling_7_who_is_off_is_due_though_another_mark_differs_and_is_only_deleted() -> None:
    world = gone_since(changes={"mappings": BY_BOTH}, bob=40)
    world.user("bob")["userType"] = "True"

    assert told_of_users(world.plan()) == [("delete", BOB)]


@pytest.mark.parametrize(
    ("mappings", "attribute", "value"),
    [(BY_ATTRIBUTE, "userType", "True"), (BY_BOTH, "active", True)],
)
def test_inv_17_who_is_switched_on_between_plan_and_apply_is_not_deleted(
    mappings: dict[str, Any], attribute: str, value: object
) -> None:
    world = gone_since(changes={"mappings": mappings}, bob=40)
    plan = world.plan()
    world.user("bob")[attribute] = value

    report = world.apply(plan)

    assert [o.code for o in report.outcomes if o.operation.action is Action.DELETE] == [
        "EntryConflict"
    ]
    assert world.user("bob")["userName"] == BOB


# memberships


def test_ruling_14_memberships_that_go_with_a_due_delete_block_nothing() -> None:
    world = gone_since(bob=40)
    world.becomes(safety={"remove_members": {"at_most": 0, "percent": 0}})

    plan = world.plan()

    assert [op.key for op in of(plan, Action.REMOVE_MEMBERS)] == ["Staff"]
    assert not any(verdict.blocked for verdict in plan.guards)


# how many are told


def test_the_first_of_many_are_named_and_all_are_counted() -> None:
    days = {f"p{number:03}": 1 + number for number in range(SAMPLE + 5)}
    world = gone_since({"delete_after": "never"}, **days)

    leaving = world.plan().leaving

    assert (leaving.count, leaving.disabled, len(leaving.sample)) == (
        SAMPLE + 5,
        SAMPLE + 5,
        SAMPLE,
    )
    assert leaving.sample[0].disabled_on == day(SAMPLE + 5)


def test_a_plan_for_a_few_tells_of_those_few() -> None:
    world = gone_since(bob=40, cyd=40)

    assert rungs(world.plan(selected=frozenset({"cyd"}))) == [("cyd", "due", day(10))]


def test_who_is_due_stays_due_while_removals_are_withheld() -> None:
    world = gone_since(bob=40)

    plan = world.plan(removals=False)

    assert rungs(plan) == [("bob", "due", day(10))]
    assert [operation.action for operation in plan.operations] == []
    assert {operation.action for operation in plan.withheld} == {
        Action.REMOVE_MEMBERS,
        Action.DELETE,
    }


def test_ruling_5_an_account_that_may_be_somebodys_is_told_of_and_never_deleted() -> None:
    """We disabled it, nobody explains it, and Cyd cannot be looked for."""
    world = settled(person("ada"), ownership="all", lifecycle={"delete_after": "30d"})
    world.target.add_user("t-9", "zoe@contoso.example", active=False)
    world.recorded = replace(world.recorded, disabled_on={"t-9": AS_OF - timedelta(days=40)})
    everybody = [person("ada"), person("cyd", userPrincipalName="")]

    assert rungs(world.plan()) == [("zoe", "due", day(10))]
    [told] = world.becomes(everybody).plan().leaving.sample
    assert (told.rung, told.delete_on) == ("disabled", None)
    assert "of somebody who is skipped" in told.reason
