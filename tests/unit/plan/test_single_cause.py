"""The guard `single_cause`: the rule by which most people lose something."""

import pytest
from msgspec import structs

from reconciler.config.safety import Safety, SingleCause
from reconciler.plan.effects import DUE
from reconciler.plan.guards import run_guards
from reconciler.plan.operation import Action, Operation
from reconciler.profiles.model import Profile
from tests.guards import NOBODY, ask, on_users
from tests.worlds import person, settled, verdict

OFF = [("active", True, False)]
GUARD = "single_cause"


def leavers(count: int, reason: str, first: int = 0) -> list[Operation]:
    """Return so many disables by one rule."""
    made = on_users(Action.DISABLE, count, OFF, reason=reason)
    return [structs.replace(one, target_id=f"t{first + n}") for n, one in enumerate(made)]


@pytest.mark.parametrize(
    ("people", "leaving", "blocked"),
    [
        pytest.param(1000, 15, False, id="a contract with fifteen people ends"),
        pytest.param(1000, 200, False, id="exactly the share"),
        pytest.param(1000, 201, True, id="one more"),
        pytest.param(12, 10, False, id="ten may always go"),
        pytest.param(12, 11, True, id="eleven are more than the share"),
    ],
)
def test_one_rule_may_take_its_share(people: int, leaving: int, blocked: bool) -> None:
    found = ask(GUARD, leavers(leaving, "not assigned"), active_users=people)

    assert found.blocked is blocked


def test_many_rules_may_take_together_what_one_may_not() -> None:
    rules = [leavers(20, f"assignment by group G{n} expired", 20 * n) for n in range(3)]

    assert ask(GUARD, [one for rule in rules for one in rule], active_users=100).blocked is False
    assert ask(GUARD, leavers(60, "not assigned"), active_users=100).blocked is True


def test_the_rule_is_named_also_where_nothing_is_blocked() -> None:
    some = [*leavers(5, "left the source"), *leavers(7, "outside scoping filter Staff", 5)]

    found = ask(GUARD, some, active_users=100)

    assert (found.count, found.population, found.limit) == (7, 100, 20)
    assert found.sentence == (
        "7 of the 12 who would lose an account or a role do so by one rule, "
        '"outside scoping filter Staff"; 20 allowed of 100 active users of ours'
    )


def test_a_person_is_counted_once_by_a_rule_and_a_lost_role_counts() -> None:
    revokes = on_users(Action.REVOKE, 4, reason="not assigned")

    found = ask(GUARD, [*revokes, *leavers(6, "not assigned")], active_users=100)

    assert found.count == 6


def test_who_is_deleted_in_time_is_not_counted() -> None:
    due = on_users(Action.DELETE, 30, reason=f"{DUE} 2026-01-01, 30 days ago or more")

    assert ask(GUARD, due, active_users=100).sentence == "nobody would lose an account or a role"


def test_a_service_that_deletes_whoever_is_off_does_not_hide_the_rule() -> None:
    profile = Profile.model_validate({"deprovision": {"active_false": "deletes"}})

    verdicts = run_guards(leavers(3, "not assigned"), NOBODY, Safety(), profile=profile)

    [found] = [one for one in verdicts if one.id == GUARD]
    assert (found.count, '"not assigned"' in found.sentence) == (3, True)


def test_the_share_is_in_the_configuration() -> None:
    safety = Safety(single_cause=SingleCause(percent=100))

    assert ask(GUARD, leavers(60, "not assigned"), safety=safety, active_users=60).blocked is False


def test_the_reason_of_a_real_plan_is_the_rule() -> None:
    world = settled(*(person(f"p{n}") for n in range(8)))

    plan = world.becomes([person(f"p{n}") for n in range(6)]).plan()

    assert (
        '2 of the 2 who would lose an account or a role do so by one rule, "left the source"'
        in (verdict(plan, GUARD).sentence)
    )
