"""Ruling 4: one time for everything that a plan says; `Now()` is that time, to the second."""

import json

import pytest

from tests.e2e.company import USER_MAPPINGS, Company, Sandbox

MIDNIGHT = " 12:00:00 AM"


@pytest.fixture
def clock(company: Company) -> Company:
    """Everybody's nick name is the time, their title the time at which they are created."""
    mappings = [
        *(line for line in USER_MAPPINGS if line["target"] != "title"),
        {"target": "nickName", "expression": "Now()"},
        {
            "target": "title",
            "expression": 'Join(" ", Now(), RandomString(4, 4, 0, 0, 0))',
            "apply": "on_create",
        },
    ]
    company.application = {"mappings": {"users": mappings}}
    return company


def nick_names(company: Company) -> set[str]:
    """Return what the newest plan writes."""
    changes = [change for op in company.body()["operations"] for change in op["changes"]]
    return {change["after"] for change in changes if change["path"] == "nickName"}


@pytest.mark.parametrize(
    ("as_of", "now"),
    [
        ("2026-11-23", "11/23/2026 12:00:00 AM"),
        ("2026-11-23T10:11:12", "11/23/2026 10:11:12 AM"),
        ("2026-11-23T22:11:12.987+02:00", "11/23/2026 8:11:12 PM"),
        ("2026-11-23T01:30:00+02:00", "11/22/2026 11:30:00 PM"),
    ],
)
def test_ruling_4_now_is_what_as_of_says(clock: Company, as_of: str, now: str) -> None:
    clock.plan("--as-of", as_of)

    assert nick_names(clock) == {now}


def test_ruling_4_a_plan_is_the_same_twice_although_it_asks_for_now_and_chance(
    clock: Company,
) -> None:
    plans = [clock.plan("--no-store", "--format", "json").out for _ in range(2)]

    first, second = (json.loads(text)["body"] for text in plans)
    assert first == second


def test_ruling_4_explain_test_and_plan_agree_on_the_time(clock: Company) -> None:
    clock.plan()
    [now] = nick_names(clock)
    attributes = {"nickName": now, "title": "generated at apply"}
    clock.application["tests"] = [{"user": "ada", "expect": {"attributes": attributes}}]
    clock.write()

    explained = clock.run("explain", "--offline", "ada")

    assert now.endswith(MIDNIGHT)
    assert f'nickName <- Now() = "{now}"' in explained.out
    assert clock.run("test").code == 0


def test_ruling_4_what_is_made_at_apply_says_the_time_of_the_plan(
    clock: Company, sandbox: Sandbox
) -> None:
    clock.plan("--as-of", "2026-11-23T10:11:12")
    clock.apply()

    titles = {user["title"][:-5] for user in sandbox.users().values()}
    assert titles == {"11/23/2026 10:11:12 AM"}
    assert clock.plan("--as-of", "2026-11-23T10:11:12", "--detailed-exitcode").code == 0
