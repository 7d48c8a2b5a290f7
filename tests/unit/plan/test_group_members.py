"""The guard `group_members`: what any one group may lose."""

from dataclasses import replace

import pytest

from reconciler.config.safety import Limit, Safety
from reconciler.plan.effects import DUE
from reconciler.plan.operation import Action
from tests.guards import NOBODY, ask, taking_out
from tests.plans import make_operation
from tests.worlds import group, person, settled, verdict


def crowd(size: int) -> list[str]:
    """Return the ids of so many members."""
    return [f"m{number}" for number in range(size)]


def of_sizes(**sizes: int | None) -> dict[str, frozenset[str]]:
    """Return the members of groups of so many."""
    return {name: frozenset(crowd(size)) for name, size in sizes.items() if size is not None}


@pytest.mark.parametrize(
    ("size", "lost", "limit", "blocked"),
    [
        pytest.param(1, 1, 3, False, id="the only one: empty_groups judges that"),
        pytest.param(3, 3, 3, False, id="three of three"),
        pytest.param(4, 4, 3, True, id="four of four"),
        pytest.param(19, 3, 3, False, id="the floor"),
        pytest.param(19, 4, 3, True, id="one over the floor"),
        pytest.param(20, 4, 4, False, id="the share takes over"),
        pytest.param(20, 5, 4, True, id="one over the share"),
        pytest.param(250, 50, 50, False, id="the share reaches the count"),
        pytest.param(400, 50, 50, False, id="the count stays"),
        pytest.param(400, 51, 50, True, id="one over the count"),
    ],
)
def test_each_group_is_judged_by_its_own_size(
    size: int, lost: int, limit: int, blocked: bool
) -> None:
    there = replace(NOBODY, members=of_sizes(sales=size))

    found = ask("group_members", [taking_out("sales", crowd(lost))], there)

    assert (found.count, found.population, found.limit) == (lost, size, limit)
    assert found.blocked is blocked


def test_the_group_that_is_furthest_over_is_shown_and_the_others_are_counted() -> None:
    there = replace(NOBODY, members=of_sizes(sales=10, support=10, board=10))
    operations = [
        taking_out("board", crowd(4)),
        taking_out("sales", crowd(9)),
        taking_out("support", crowd(1)),
    ]

    found = ask("group_members", operations, there)

    assert found.sentence == (
        "9 of 10 members of Sales would be removed; more than the 3 allowed; "
        "and 1 more over their limits"
    )


def test_several_operations_on_one_group_are_added_up() -> None:
    there = replace(NOBODY, members=of_sizes(sales=10))
    apart = [taking_out("sales", crowd(3)), taking_out("sales", crowd(4)[2:])]

    found = ask("group_members", apart, there)

    assert (found.count, found.blocked) == (4, True)


def test_nobody_may_be_taken_from_a_group_whose_members_are_not_known() -> None:
    found = ask("group_members", [taking_out("sales", crowd(1))])

    assert (found.limit, found.blocked) == (0, True)


def test_where_everybody_may_go_nobody_has_to_be_counted() -> None:
    found = ask(
        "group_members",
        [taking_out("sales", crowd(1))],
        safety=Safety(group_members=Limit(at_most=50, percent=100)),
    )

    assert found.blocked is False


def test_whose_delete_is_due_does_not_count() -> None:
    there = replace(NOBODY, members=of_sizes(sales=10))
    due = [
        make_operation(Action.DELETE, name, target_id=name, reason=f"{DUE} 2026-01-01")
        for name in crowd(4)
    ]

    found = ask("group_members", [taking_out("sales", crowd(4)), *due], there)

    assert (found.count, found.blocked) == (0, False)
    assert found.sentence == "no group would lose anybody"


def test_the_limit_of_the_configuration_holds() -> None:
    there = replace(NOBODY, members=of_sizes(sales=10))
    wide = Safety(group_members=Limit(at_most=50, percent=100))
    none = Safety(group_members=Limit(at_most=0, percent=100))

    assert not ask("group_members", [taking_out("sales", crowd(10))], there, wide).blocked
    assert ask("group_members", [taking_out("sales", crowd(1))], there, none).blocked


def test_a_group_that_loses_a_half_blocks_a_plan_within_all_other_limits() -> None:
    names = [f"p{number:02}" for number in range(40)]
    staff, team = group("g-staff", "Staff", *names), group("g-team", "Team", *names[:10])
    wide = {
        "remove_members": {"at_most": 200, "percent": 50},
        "group_members": {"at_most": 50, "percent": 20},
    }
    assignments = [{"group": "Staff", "role": "User"}, {"group": "Team"}]
    world = settled(
        *(person(name) for name in names),
        groups=[staff, team],
        assignments=assignments,
        safety=wide,
    )

    plan = world.becomes(groups=[staff, group("g-team", "Team", *names[:5])]).plan()

    assert [one.id for one in plan.guards if one.blocked] == ["group_members"]
    assert "5 of 10 members of Team" in verdict(plan, "group_members").sentence
