"""What each operation counts for each guard: together exactly what the guards count."""

from dataclasses import replace

import pytest

from reconciler.plan.effects import DUE
from reconciler.plan.operation import Action, Operation
from reconciler.plan.weights import weigh
from tests.guards import NOBODY, ask, on_users, taking_out

OFF = [("active", True, False)]
TEAM = replace(NOBODY, members={"team": frozenset({"t0", "t1"}), "sales": frozenset({"t0"})})


def counted(*operations: Operation) -> list[dict[str, int]]:
    """Return what each operation counts."""
    return [dict(counts) for _, counts in weigh(operations, TEAM)]


def test_an_account_counts_once_however_many_operations_are_about_it() -> None:
    assert counted(*on_users(Action.DISABLE, 1, OFF), *on_users(Action.DELETE, 1)) == [
        {"accidental_deletions": 1},
        {"delete_users": 1, "empty_groups": 1},
    ]


def test_memberships_are_counted_one_by_one() -> None:
    assert counted(taking_out("team", ["t0", "t0"]), taking_out("board", ["t0"])) == [
        {"remove_members": 1, "group_members": 1},
        {"remove_members": 1, "group_members": 1},
    ]


def test_a_group_is_emptied_by_the_last_that_takes_somebody_out() -> None:
    members = {"remove_members": 1, "group_members": 1}

    assert counted(taking_out("team", ["t0"]), taking_out("team", ["t1"])) == [
        members,
        {**members, "empty_groups": 1},
    ]
    assert counted(taking_out("team", ["t1"]), *on_users(Action.DELETE, 1)) == [
        members,
        {"accidental_deletions": 1, "delete_users": 1, "empty_groups": 2},
    ]


def test_who_is_deleted_in_time_counts_for_nothing() -> None:
    due = on_users(Action.DELETE, 1, reason=f"{DUE} 2026-01-01")

    assert counted(taking_out("team", ["t0"]), *due) == [{}, {}]


@pytest.mark.parametrize(
    "guard", ["accidental_deletions", "delete_users", "empty_groups", "remove_members"]
)
def test_together_they_are_what_the_guard_counts(guard: str) -> None:
    operations = [
        taking_out("team", ["t0", "t1"]),
        *on_users(Action.DISABLE, 2, OFF),
        *on_users(Action.DELETE, 1),
    ]

    total = sum(one.get(guard, 0) for one in counted(*operations))

    assert total == ask(guard, operations, TEAM).count > 0
