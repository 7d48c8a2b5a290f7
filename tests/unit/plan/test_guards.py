"""Ruling 14: how much a plan may take away, judged by effect."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconciler.config.safety import AccidentalDeletions, Limit, Safety, Shrink
from reconciler.plan.document import Verdict
from reconciler.plan.guards import GUARDS, run_guards
from reconciler.plan.limits import limit_of
from reconciler.plan.operation import Action, Operation
from reconciler.plan.population import Counts
from reconciler.states import ResourceType
from tests.guards import COUNTS, NOBODY, on_users
from tests.worlds import (
    AS_OF,
    person,
    settled,
    told,
    verdict,
)

OFF, ON = [("active", True, False)], [("active", False, True)]


def judged(
    operations: Sequence[Operation], guard: str, safety: Safety | None = None, **counts: int | None
) -> Verdict:
    """Return what one guard says of *operations*."""
    population = replace(NOBODY, counts=replace(COUNTS, **counts))  # type: ignore[arg-type]
    verdicts = run_guards(operations, population, safety or Safety())
    return next(found for found in verdicts if found.id == guard)


def groups(action: Action, count: int, changes: Any = ()) -> list[Operation]:
    """Return operations of one kind on so many groups."""
    return on_users(action, count, changes, resource_type=ResourceType.GROUP)


# the formula


@pytest.mark.parametrize(
    ("population", "limit"),
    [
        pytest.param(0, 0, id="nobody"),
        pytest.param(1, 0, id="one"),
        pytest.param(2, 1, id="two"),
        pytest.param(3, 1, id="three"),
        pytest.param(5, 2, id="five"),
        pytest.param(6, 3, id="the floor is reached"),
        pytest.param(7, 3, id="the floor stays"),
        pytest.param(60, 3, id="the share reaches the floor"),
        pytest.param(79, 3, id="one below the next share"),
        pytest.param(80, 4, id="the share takes over"),
        pytest.param(1000, 50, id="the share reaches the count"),
        pytest.param(1_000_000, 50, id="the count stays"),
    ],
)
def test_ruling_14_the_limit_of_five_per_cent_and_fifty(population: int, limit: int) -> None:
    assert limit_of(population, 5, 50) == limit


@pytest.mark.parametrize(
    ("percent", "at_most", "limit"),
    [
        pytest.param(5, 0, 0, id="a count of nothing beats the floor"),
        pytest.param(5, 2, 2, id="a count below the floor beats it"),
        pytest.param(0, 50, 3, id="no share leaves the floor"),
        pytest.param(100, 2**31 - 1, 1000, id="everybody"),
        pytest.param(10, None, 100, id="no count"),
    ],
)
def test_ruling_14_the_smaller_of_count_and_share(
    percent: int, at_most: int | None, limit: int
) -> None:
    assert limit_of(1000, percent, at_most) == limit


# one guard per effect


EFFECTS = [
    pytest.param("accidental_deletions", on_users(Action.DISABLE, 9, OFF), 5, id="disables"),
    pytest.param("accidental_deletions", on_users(Action.DELETE, 9), 5, id="deletes of users"),
    pytest.param("delete_users", on_users(Action.DELETE, 9), 3, id="delete_users"),
    pytest.param("delete_groups", groups(Action.DELETE, 9), 3, id="delete_groups"),
    pytest.param(
        "revoke_roles", on_users(Action.REVOKE, 9, [("roles", "a", "b")]), 5, id="revokes"
    ),
    pytest.param(
        "rename_users", on_users(Action.UPDATE, 9, [("userName", "a", "b")]), 4, id="renames"
    ),
    pytest.param("enable_users", on_users(Action.ENABLE, 9, ON), 4, id="enables"),
]


@pytest.mark.parametrize(("guard", "operations", "limit"), EFFECTS)
def test_ruling_14_exactly_the_limit_passes_and_one_more_blocks(
    guard: str, operations: list[Operation], limit: int
) -> None:
    fine, over = judged(operations[:limit], guard), judged(operations[: limit + 1], guard)

    assert (fine.count, fine.limit, fine.blocked) == (limit, limit, False)
    assert (over.count, over.limit, over.blocked) == (limit + 1, limit, True)
    assert f"{limit + 1} of " in over.sentence
    assert f"more than the {limit} allowed" in over.sentence


@pytest.mark.parametrize(("guard", "operations", "limit"), EFFECTS)
def test_an_effect_is_judged_by_its_own_guards_only(
    guard: str, operations: list[Operation], limit: int
) -> None:
    also = {"delete_users", "delete_groups"} if operations[0].action is Action.DELETE else set()
    verdicts = run_guards(operations, NOBODY, Safety())

    touched = {found.id for found in verdicts if found.count and found.id != "source_shrinks"}
    assert touched - {"accidental_deletions", "half_gone", "single_cause"} <= {guard, *also}


def test_ruling_14_memberships_are_counted_one_by_one() -> None:
    members = [{"value": f"m{n}", "display": f"m{n}"} for n in range(26)]
    two = groups(Action.REMOVE_MEMBERS, 2, [("members", members[:25], None)])
    more = groups(Action.REMOVE_MEMBERS, 2, [("members", members, None)])

    assert (judged(two, "remove_members").count, judged(two, "remove_members").limit) == (50, 50)
    assert judged(two, "remove_members").blocked is False
    assert judged(more, "remove_members").blocked is True


@pytest.mark.parametrize(
    ("guard", "operations", "populations"),
    [
        ("accidental_deletions", on_users(Action.DISABLE, 1, OFF), {"active_users": 7}),
        ("accidental_deletions", groups(Action.DELETE, 4), {"groups": 7}),
        ("delete_users", [], {"users": 7}),
        ("delete_groups", [], {"groups": 7}),
        ("remove_members", [], {"memberships": 7}),
        ("revoke_roles", [], {"active_users": 7}),
        ("rename_users", [], {"users": 4, "links": 3}),
        ("enable_users", [], {"users": 4, "links": 3}),
    ],
)
def test_ruling_14_each_share_is_taken_of_its_own_whole(
    guard: str, operations: list[Operation], populations: dict[str, int]
) -> None:
    found = judged(operations, guard, None, **populations)

    assert (found.population, found.limit) == (7, 3)


# judged by effect


@pytest.mark.parametrize("action", [Action.UPDATE, Action.LINK, Action.REVOKE])
@pytest.mark.parametrize("value", [False, "False", "false", 0, 1, "", "no", [], {}])
def test_ruling_14_whatever_turns_active_off_is_a_disable(action: Action, value: object) -> None:
    operations = on_users(action, 6, [("active", True, value)])

    assert judged(operations, "accidental_deletions").count == 6
    assert judged(operations, "enable_users").count == 0


@pytest.mark.parametrize("action", [Action.UPDATE, Action.LINK, Action.REVOKE])
@pytest.mark.parametrize("value", [True, "True", None])
def test_ruling_14_whatever_turns_active_on_is_an_enable(action: Action, value: object) -> None:
    operations = on_users(action, 5, [("Active", False, value)])

    assert judged(operations, "enable_users").count == 5
    assert judged(operations, "accidental_deletions").count == 0


@pytest.mark.parametrize("active", [True, False])
def test_ruling_14_a_create_neither_disables_nor_enables_nor_renames(active: bool) -> None:
    changes = [("userName", None, "a"), ("active", None, active)]
    operations = on_users(Action.CREATE, 9, changes)

    for guard in ("accidental_deletions", "enable_users", "rename_users"):
        assert judged(operations, guard).count == 0


@pytest.mark.parametrize("action", [Action.UPDATE, Action.LINK, Action.ENABLE, Action.DISABLE])
def test_ruling_14_whatever_changes_a_user_name_is_a_rename(action: Action) -> None:
    operations = on_users(action, 5, [("UserName", "a", "b")])

    assert judged(operations, "rename_users").count == 5


def test_ruling_14_people_are_counted_once_per_effect() -> None:
    """Disabled and then deleted in one plan, each by two operations, is one person less."""
    twice = [
        *on_users(Action.DISABLE, 1, OFF),
        *on_users(Action.UPDATE, 1, OFF),
        *on_users(Action.DELETE, 1),
        *on_users(Action.DELETE, 1),
    ]

    assert judged(twice, "accidental_deletions").count == 1
    assert judged(twice, "delete_users").count == 1


# accidental_deletions


def test_ruling_14_users_and_groups_are_each_judged_alone() -> None:
    """Five users and three groups are both within their limits, together or not."""
    fine = [*on_users(Action.DISABLE, 5, OFF), *groups(Action.DELETE, 3)]
    over = [*on_users(Action.DISABLE, 1, OFF), *groups(Action.DELETE, 4)]

    assert judged(fine, "accidental_deletions").blocked is False
    found = judged(over, "accidental_deletions")
    assert (found.blocked, found.count, found.population, found.limit) == (True, 4, 50, 3)
    assert "1 of 100 active users" in found.sentence


def test_ruling_14_users_come_first_when_both_are_over() -> None:
    found = judged(
        [*on_users(Action.DISABLE, 6, OFF), *groups(Action.DELETE, 4)], "accidental_deletions"
    )

    assert (found.count, found.population) == (6, 100)
    assert "4 of 50 groups" in found.sentence


def test_ruling_14_accidental_deletions_can_be_switched_off_and_says_so() -> None:
    safety = Safety(accidental_deletions=AccidentalDeletions(enabled=False))
    found = judged(on_users(Action.DISABLE, 99, OFF), "accidental_deletions", safety)

    assert (found.blocked, found.count) == (False, 99)
    assert found.sentence.startswith("switched off; ")


def test_switched_off_it_still_leaves_the_limit_on_deletes() -> None:
    safety = Safety(accidental_deletions=AccidentalDeletions(enabled=False))

    assert judged(on_users(Action.DELETE, 99), "delete_users", safety).blocked is True


def test_ruling_14_due_deletes_count_for_delete_users_only_and_never_block() -> None:
    """Twenty active people, 380 who left long ago: three may be disabled, three may be deleted."""
    staying = [f"p{number:02}" for number in range(20)]
    leaving = [f"q{number:02}" for number in range(40)]
    world = settled(*(person(name) for name in (*staying, *leaving)))
    world.becomes([person(name) for name in staying])
    world.apply(world.plan())
    world.disabled_on(**{name: AS_OF - timedelta(days=60) for name in leaving})
    world.becomes([person(name) for name in staying[:-3]], lifecycle={"delete_after": "30d"})

    plan = world.plan()

    by_id = {found.id: found for found in plan.guards}
    assert (by_id["accidental_deletions"].count, by_id["delete_users"].count) == (3, 3)
    assert len(plan.waiting) == 37
    assert [found.id for found in plan.guards if found.blocked] == []


def test_ruling_14_deletes_that_were_asked_for_count_as_deletions() -> None:
    world = settled(*(person(f"p{number}") for number in range(10)))
    world.becomes(
        [person(f"p{number}") for number in range(8)], lifecycle={"deleted_at_source": "delete"}
    )

    found = verdict(world.plan(), "accidental_deletions")

    assert (found.count, found.population) == (2, 10)


# source_shrinks


@pytest.mark.parametrize(
    ("counts", "blocked", "count"),
    [
        pytest.param({"source_users": 180}, False, 20, id="exactly a tenth of the people"),
        pytest.param({"source_users": 179}, True, 21, id="one more"),
        pytest.param({"source_groups": 45}, False, 0, id="exactly a tenth of the groups"),
        pytest.param({"source_groups": 44}, True, 6, id="one group more"),
        pytest.param({"source_users": 900, "source_groups": 90}, False, 0, id="it grew"),
        pytest.param({"applied_groups": 0, "source_groups": 0}, False, 0, id="never had groups"),
        pytest.param({"applied_groups": None, "source_groups": 3}, False, 0, id="first groups"),
        pytest.param({"applied_users": 4, "source_users": 2}, False, 2, id="half of a small one"),
        pytest.param({"applied_users": 4, "source_users": 1}, True, 3, id="more than half of it"),
        pytest.param({"source_users": 0}, True, 200, id="empty"),
    ],
)
def test_ruling_14_a_source_that_shrank_too_much_blocks(
    counts: dict[str, int], blocked: bool, count: int
) -> None:
    found = judged([], "source_shrinks", None, **counts)

    assert (found.blocked, found.count) == (blocked, count)


def test_ruling_14_the_first_plan_has_nothing_to_compare_with_and_says_so() -> None:
    found = judged([], "source_shrinks", applied_users=None, applied_groups=None, source_users=0)

    assert found.blocked is False
    assert "no plan was applied before" in found.sentence


def test_ruling_14_the_share_of_the_source_is_the_configured_one() -> None:
    safety = Safety(source_shrinks=Shrink(percent=50))

    assert judged([], "source_shrinks", safety, source_users=100).blocked is False
    assert judged([], "source_shrinks", safety, source_users=99).blocked is True


def test_ruling_14_the_source_is_compared_with_that_of_the_last_plan_applied() -> None:
    world = settled(*(person(f"p{number:02}") for number in range(20)))
    world.becomes([person(f"p{number:02}") for number in range(16)])

    found = verdict(world.plan(), "source_shrinks")

    assert (found.count, found.population, found.limit, found.blocked) == (4, 20, 3, True)


def test_ruling_14_an_account_of_ours_that_is_linked_anew_is_counted_once() -> None:
    world = settled(person("ada"), person("bob")).becomes(
        [person("ada"), person("bob-2", userPrincipalName="bob@contoso.example")]
    )
    world.target.add_user("t-9", "cyd@contoso.example")
    world.becomes([*world.directory.subjects.values(), person("cyd")])

    plan = world.plan()

    assert told(plan.operations)[:2] == [
        ("link", "bob@contoso.example"),
        ("link", "cyd@contoso.example"),
    ]
    assert verdict(plan, "enable_users").population == 3


# all of them


def test_every_guard_is_reported_once_also_those_that_pass() -> None:
    expected = [*Safety.model_fields]
    expected.insert(expected.index("protected") + 1, "self")

    assert [found.id for found in run_guards([], NOBODY, Safety())] == expected
    assert [guard.id for guard in GUARDS] == expected


def test_an_empty_plan_passes_every_guard_even_in_an_empty_world() -> None:
    empty = Counts(0, 0, 0, 0, 0, 0, 0, None, None)
    verdicts = run_guards([], replace(NOBODY, counts=empty), Safety())

    assert [found for found in verdicts if found.blocked] == []


@pytest.mark.parametrize("guard", ["delete_users", "delete_groups", "revoke_roles"])
def test_the_limits_of_the_configuration_hold(guard: str) -> None:
    safety = Safety.model_validate({guard: Limit(at_most=1, percent=100)})
    kinds = {
        "delete_users": on_users(Action.DELETE, 2),
        "delete_groups": groups(Action.DELETE, 2),
        "revoke_roles": on_users(Action.REVOKE, 2),
    }

    assert judged(kinds[guard][:1], guard, safety).blocked is False
    assert judged(kinds[guard], guard, safety).blocked is True


def test_with_nobody_protected_the_guard_passes() -> None:
    assert judged(on_users(Action.DELETE, 9), "protected").blocked is False
