"""
Between plan and apply the world goes on: guards are judged again on fresh counts (ruling 17).

A plan that passed is blocked when what its shares are taken of has shrunk; a
run that was cut off is not blocked by what it has done itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest

from reconciler.states import ResourceType
from tests.e2e.company import Company, Sandbox

USER = ResourceType.USER


@pytest.fixture
def planned(company: Company, sandbox: Sandbox) -> Company:
    """Eight people in place, of whom three are to be disabled; that is exactly the limit."""
    company.hire("gil")
    company.hire("hal")
    company.target = {"concurrency": 1}
    company.settle()
    company.lose("ada", "bob", "cleo")
    company.plan()
    sandbox.requests.clear()
    return company


def test_a_plan_within_its_limits_is_applied(planned: Company, sandbox: Sandbox) -> None:
    planned.apply()

    assert sum(not user["active"] for user in sandbox.users().values()) == 3


def test_accounts_that_vanished_since_the_plan_block_it(planned: Company, sandbox: Sandbox) -> None:
    with sandbox.by_hand() as target:
        for name in ("eve", "fay", "hal"):
            target.delete(USER, sandbox.users()[f"{name}@contoso.example"]["id"])

    ended = planned.apply(code=5)

    assert "3 of 5 active users of ours would be disabled or deleted" in ended.err
    assert sandbox.writes == []


def test_accounts_that_were_switched_off_since_the_plan_block_it(
    planned: Company, sandbox: Sandbox
) -> None:
    with sandbox.by_hand() as target:
        for name in ("eve", "fay", "hal"):
            off = [{"op": "replace", "path": "active", "value": False}]
            target.patch(USER, sandbox.users()[f"{name}@contoso.example"]["id"], off)

    planned.apply(code=5)

    assert sandbox.writes == []


def test_a_journal_that_is_lost_since_the_plan_ends_it(planned: Company, sandbox: Sandbox) -> None:
    """It said whose the accounts are: nobody of them would be ours."""
    for path in planned.store.glob("*.journal.jsonl"):
        path.unlink()

    ended = planned.apply(code=6)

    assert "a journal is missing" in ended.err
    assert sandbox.writes == []


def test_a_limit_that_became_stricter_since_the_plan_holds(
    planned: Company, sandbox: Sandbox
) -> None:
    strict = {"accidental_deletions": {"enabled": True, "at_most": 2, "percent": 5}}
    planned.application = {"safety": strict}
    planned.write()

    ended = planned.apply(code=5)

    assert "more than the 2 allowed" in ended.err
    assert sandbox.writes == []


def test_somebody_who_became_protected_since_the_plan_is(
    planned: Company, sandbox: Sandbox
) -> None:
    planned.application = {"safety": {"protected": ["bob@contoso.example"]}}
    planned.write()

    ended = planned.apply(code=5)

    assert "protected" in ended.err
    assert sandbox.writes == []


def test_the_last_administrators_are_counted_again(company: Company, sandbox: Sandbox) -> None:
    administrators = [{"user": name, "role": "Administrator"} for name in ("ada", "bob", "cleo")]
    staff = {"group": "Staff", "role": "User"}
    company.application = {"assignments": [*administrators, staff]}
    company.settle()
    company.application = {"assignments": [*administrators[:2], staff]}
    company.plan()
    with sandbox.by_hand() as target:
        for name in ("ada", "bob"):
            target.delete(USER, sandbox.users()[f"{name}@contoso.example"]["id"])
    sandbox.requests.clear()

    ended = company.apply(code=5)

    assert "min_admins" in ended.err
    assert sandbox.writes == []


@contextmanager
def cut_off(sandbox: Sandbox, after: int) -> Iterator[None]:
    """Let no answer come any more once so many writes have been served."""

    def hang_up(method: str, path: str) -> None:
        if len(sandbox.writes) > after:
            raise ConnectionError

    sandbox.before = hang_up
    yield
    sandbox.before = lambda method, path: None


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("after", [1, 2])
def test_a_run_is_not_blocked_by_what_it_has_done_itself(
    after: int, planned: Company, sandbox: Sandbox
) -> None:
    with cut_off(sandbox, after):
        planned.apply(code=7)
    disabled = sum(not user["active"] for user in sandbox.users().values())

    ended = planned.apply()

    assert disabled == after
    assert "Resumed" in ended.out
    assert sum(not user["active"] for user in sandbox.users().values()) == 3


@pytest.mark.usefixtures("hurried")
def test_a_resumed_run_still_obeys_a_stricter_limit(planned: Company, sandbox: Sandbox) -> None:
    with cut_off(sandbox, 1):
        planned.apply(code=7)
    planned.application = {
        "safety": {"accidental_deletions": {"enabled": True, "at_most": 2, "percent": 5}}
    }
    planned.write()
    sandbox.requests.clear()

    planned.apply(code=5)

    assert sandbox.writes == []


@pytest.mark.usefixtures("hurried")
def test_a_run_that_swaps_administrators_is_not_blocked_half_way(
    company: Company, sandbox: Sandbox
) -> None:
    """One gives the role to Bob, then takes it from Ada; in between there are two."""
    company.target = {"concurrency": 1}
    company.application = {"safety": {"min_admins": 2}}
    staff = {"group": "Staff", "role": "User"}
    administrator: dict[str, Any] = {"user": "ada", "role": "Administrator"}
    company.application["assignments"] = [administrator, staff]
    company.settle()
    company.application["assignments"] = [{**administrator, "user": "bob"}, staff]
    company.plan()
    sandbox.requests.clear()
    with cut_off(sandbox, 1):
        company.apply(code=7)

    company.apply()

    roles = {name: user["roles"][0]["value"] for name, user in sandbox.users().items()}
    assert roles["ada@contoso.example"] == "user"
    assert roles["bob@contoso.example"] == "admin"


def test_a_plan_made_before_another_apply_is_judged_by_what_is_there_now(
    company: Company, sandbox: Sandbox
) -> None:
    """Two plans of one day, each within the limit: the second finds its counts changed."""
    for name in ("gil", "hal"):
        company.hire(name)
    company.settle()
    people, groups = deepcopy(company.people), deepcopy(company.groups)
    company.lose("ada", "bob", "cleo")
    company.plan()
    first = company.newest()
    company.people, company.groups = people, groups
    company.lose("dan", "eve", "fay")
    company.plan()
    second = company.newest()

    assert company.run("apply", "--auto-approve", first).code == 0
    ended = company.run("apply", "--auto-approve", second)

    assert ended.code == 5
    assert sum(not user["active"] for user in sandbox.users().values()) == 3
