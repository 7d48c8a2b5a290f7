"""A plan that is cut into slices, on the wire: the window ends it, at plan and at apply."""

from copy import deepcopy

import pytest

from tests.e2e.company import Company, Sandbox


def blocked(company: Company) -> list[str]:
    """Return which guards block the newest plan."""
    return [guard["id"] for guard in company.body()["guards"] if guard["blocked"]]


@pytest.fixture
def twenty(company: Company, sandbox: Sandbox) -> Company:
    """Twenty people, of whom three may leave in one run and six in a day."""
    for number in range(14):
        company.hire(f"p{number:02}")
    company.settle()
    return company


def leave(company: Company, first: int, last: int) -> None:
    """Let some of the twenty leave."""
    company.lose(*(f"p{number:02}" for number in range(first, last)))


def test_the_third_slice_of_a_day_blocks_the_plan(twenty: Company, sandbox: Sandbox) -> None:
    for first in (0, 3):
        leave(twenty, first, first + 3)
        twenty.settle()
    counts = [one["counts"] for one in twenty.journal() if one["kind"] in {"intent", "done"}]
    assert counts == [{"accidental_deletions": 1}] * 6
    leave(twenty, 6, 7)

    ended = twenty.plan(code=5)

    assert blocked(twenty) == ["rolling_window"]
    assert "users disabled or deleted: 1 by this plan, 6 by earlier runs" in ended.words


def test_a_slice_that_was_applied_since_the_plan_blocks_the_apply(
    twenty: Company, sandbox: Sandbox
) -> None:
    """Three plans of one morning; each was fine when it was made."""
    plans = []
    for anchors in ((0, 3), (3, 6), (6, 7)):
        everybody = dict(twenty.people), deepcopy(twenty.groups)
        leave(twenty, *anchors)
        twenty.plan()
        plans.append(twenty.newest())
        twenty.people, twenty.groups = everybody
    for plan in plans[:2]:
        assert twenty.run("apply", "--auto-approve", plan).code == 0
    sandbox.requests.clear()

    ended = twenty.run("apply", "--auto-approve", plans[2])

    assert ended.code == 5
    assert "rolling_window: users disabled or deleted: 1 by this plan, 6 by" in ended.err
    assert sandbox.writes == []


@pytest.mark.slow
def test_what_a_revert_gave_back_counts_still(twenty: Company, sandbox: Sandbox) -> None:
    leave(twenty, 0, 3)
    for _ in range(2):
        twenty.settle()
        assert twenty.run("revert", twenty.newest()).code == 0
        twenty.apply()
    assert all(user["active"] for user in sandbox.users().values())

    ended = twenty.plan(code=5)

    assert blocked(twenty) == ["rolling_window"]
    assert "users disabled or deleted: 3 by this plan, 6 by earlier runs" in ended.words


def test_the_same_plan_run_again_is_no_second_slice(twenty: Company, sandbox: Sandbox) -> None:
    leave(twenty, 0, 3)
    twenty.settle()
    leave(twenty, 3, 6)
    twenty.settle()

    assert twenty.apply(code=0).code == 0
