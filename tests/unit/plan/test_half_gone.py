"""The guard `half_gone`: more than half of anything is a fault of ours, whatever the limits say."""

import pytest

from reconciler.config.safety import HalfGone, Safety
from reconciler.plan.operation import Action, Operation
from tests.guards import NOBODY, ask, on_users
from tests.worlds import person, settled, verdict

OFF = [("active", True, False)]
WIDE = {"enabled": True, "at_most": 1000, "percent": 100}


@pytest.mark.parametrize(
    ("there", "gone", "blocked"),
    [
        pytest.param(3, 3, False, id="three of three: too few to judge"),
        pytest.param(4, 2, False, id="exactly the half"),
        pytest.param(4, 3, True, id="one more"),
        pytest.param(5, 2, False, id="less than the half"),
        pytest.param(5, 3, True, id="more than the half of an odd number"),
        pytest.param(400, 200, False, id="exactly the half of many"),
        pytest.param(400, 201, True, id="one more of many"),
    ],
)
def test_more_than_half_of_the_accounts_blocks(there: int, gone: int, blocked: bool) -> None:
    found = ask("half_gone", on_users(Action.DISABLE, gone, OFF), active_users=there)

    assert found.blocked is blocked


@pytest.mark.parametrize(
    ("operations", "counts", "words"),
    [
        (on_users(Action.DELETE, 6), {"active_users": 10}, "6 of 10 active users"),
        (
            on_users(Action.REVOKE, 6),
            {"active_users": 10},
            "6 of 10 active users of ours would lose a role",
        ),
        (
            on_users(Action.DELETE, 6, resource_type="Group"),
            {"groups": 10},
            "6 of 10 groups of ours would be deleted",
        ),
        (
            on_users(
                Action.REMOVE_MEMBERS,
                6,
                [("members", [{"value": "a"}], None)],
                resource_type="Group",
            ),
            {"memberships": 10},
            "6 of 10 memberships",
        ),
    ],
)
def test_every_kind_of_loss_is_judged_alone(
    operations: list[Operation], counts: dict[str, int], words: str
) -> None:
    found = ask("half_gone", operations, NOBODY, None, **counts)

    assert found.blocked is True
    assert words in found.sentence


def test_where_there_are_few_of_everything_it_does_not_apply_and_says_so() -> None:
    few = {"active_users": 3, "groups": 3, "memberships": 3}

    found = ask("half_gone", on_users(Action.DISABLE, 3, OFF), NOBODY, None, **few)

    assert (found.blocked, found.sentence) == (False, "not applicable: fewer than 4 of anything")


def test_the_share_is_the_configured_one_and_all_of_it_switches_it_off() -> None:
    everybody = on_users(Action.DELETE, 12)
    strict = Safety(half_gone=HalfGone(percent=25))

    assert not ask(
        "half_gone", everybody, NOBODY, Safety(half_gone=HalfGone(percent=100)), active_users=10
    ).blocked
    assert not ask("half_gone", everybody[:2], NOBODY, strict, active_users=8).blocked
    assert ask("half_gone", everybody[:3], NOBODY, strict, active_users=8).blocked


@pytest.mark.parametrize("size", range(4, 30))
def test_under_the_limits_of_ruling_14_it_never_decides(size: int) -> None:
    by_ruling_14 = Safety(half_gone=HalfGone(percent=50))
    for gone in range(size + 1):
        operations = on_users(Action.DISABLE, gone, OFF)
        if ask("half_gone", operations, NOBODY, by_ruling_14, active_users=size).blocked:
            limit = ask("accidental_deletions", operations, NOBODY, by_ruling_14, active_users=size)
            assert limit.blocked


def test_a_limit_that_was_raised_does_not_raise_it() -> None:
    names = [f"p{number}" for number in range(10)]
    limits = {"accidental_deletions": WIDE, "half_gone": {"percent": 50}}
    world = settled(*(person(name) for name in names), safety=limits)
    unassigned = [person(name, accountEnabled="false") for name in names[:6]]
    world.becomes([*unassigned, *(person(name) for name in names[6:])])

    plan = world.plan()

    assert [one.id for one in plan.guards if one.blocked] == ["half_gone"]
    assert verdict(plan, "half_gone").sentence == (
        "6 of 10 active users of ours would be disabled or deleted; more than the 5 allowed"
    )
