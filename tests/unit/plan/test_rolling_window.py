"""The guard `rolling_window`: what several runs take together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.config.safety import AccidentalDeletions, Limit, RollingWindow, Safety
from reconciler.plan.document import PlanAltered, Verdict
from reconciler.plan.earlier import Earlier, looking_back
from reconciler.plan.operation import Action, Operation
from reconciler.plan.plan_file import parse_plan
from reconciler.signing.admission import Presented, admitted
from reconciler.signing.approval import ApprovalUnfit, By, Wanted, approve, read_approval
from reconciler.states import Recorded, ResourceType, Taken
from reconciler.store.plans import encode_plan
from tests.guards import NOBODY, ask, on_users, taking_out
from tests.plans import make_plan
from tests.signing import trusting

OFF = [("active", True, False)]
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
USER, GROUP = ResourceType.USER, ResourceType.GROUP
DELETIONS = "accidental_deletions"


def took(hours: float, kind: ResourceType = USER, target: str = "t-1", **counts: int) -> Taken:
    """Return what a run took so many hours before noon."""
    return Taken(NOON - timedelta(hours=hours), "a" * 64, kind, target, counts)


def judged(
    operations: list[Operation], *taken: Taken, safety: Safety | None = None, people: int = 60
) -> Verdict:
    """Return the verdict of a company of so many *people*, at noon."""
    population = replace(NOBODY, earlier=Earlier(taken, NOON))
    return ask("rolling_window", operations, population, safety or Safety(), active_users=people)


def disables(count: int) -> list[Operation]:
    """Return so many disables."""
    return on_users(Action.DISABLE, count, OFF)


def test_a_first_plan_passes_and_says_so() -> None:
    found = judged(disables(3))

    assert (found.blocked, found.limit) == (False, 0)
    assert (
        found.sentence
        == "by our journals, earlier runs took nothing that was not approved in the last 7 days"
    )


@pytest.mark.parametrize(
    ("now", "before", "hours", "blocked"),
    [
        pytest.param(3, 3, 1, False, id="exactly twice the limit in a day"),
        pytest.param(3, 4, 1, True, id="one more in a day"),
        pytest.param(1, 6, 1, True, id="a single one more"),
        pytest.param(0, 60, 1, False, id="nothing more"),
        pytest.param(1, 6, 24, True, id="as old as the day is long"),
        pytest.param(1, 6, 24.01, False, id="just older than the day"),
        pytest.param(3, 9, 100, False, id="exactly four times the limit in a week"),
        pytest.param(3, 10, 100, True, id="one more in a week"),
        pytest.param(3, 10, 168, True, id="as old as the week is long"),
        pytest.param(3, 10, 168.01, False, id="just older than the week"),
        pytest.param(1, 6, -20, True, id="later than the plan says that it is"),
    ],
)
def test_the_window_of_a_company_of_sixty(
    now: int, before: int, hours: float, blocked: bool
) -> None:
    found = judged(disables(now), took(hours, accidental_deletions=before))

    assert found.blocked is blocked


def test_the_verdict_has_the_arithmetic() -> None:
    found = judged(disables(3), took(2, accidental_deletions=4), took(3, accidental_deletions=1))

    assert (found.count, found.population, found.limit, found.blocked) == (3, 5, 1, True)
    assert found.sentence == (
        "users disabled or deleted: 3 by this plan, 5 by earlier runs since 2026-11-22 12:00 UTC; "
        "more than the 6 allowed in 24 hours (2 times the 3 of one run)"
    )


def test_what_one_run_may_not_take_is_the_affair_of_its_own_guard() -> None:
    """So that nobody has to approve the same people twice."""
    assert judged(disables(40), took(1, accidental_deletions=3)).blocked is False
    assert judged(disables(40), took(1, accidental_deletions=4)).blocked is True


@pytest.mark.parametrize(
    ("operations", "taken"),
    [
        pytest.param(on_users(Action.DELETE, 1), took(1, delete_users=9), id="deletes of users"),
        pytest.param(
            on_users(Action.DELETE, 1, resource_type=GROUP),
            took(1, GROUP, delete_groups=9),
            id="deletes of groups",
        ),
        pytest.param(
            on_users(Action.DELETE, 1, resource_type=GROUP),
            took(1, GROUP, accidental_deletions=9),
            id="groups, as Entra counts them",
        ),
        pytest.param(on_users(Action.REVOKE, 1), took(1, revoke_roles=9), id="roles"),
        pytest.param(
            on_users(Action.UPDATE, 1, [("userName", "a", "b")]),
            took(1, rename_users=9),
            id="renames",
        ),
        pytest.param(
            on_users(Action.ENABLE, 1, [("active", False, True)]),
            took(1, enable_users=9),
            id="enables",
        ),
        pytest.param([taking_out("g", ["m"])], took(1, remove_members=101), id="memberships"),
        pytest.param([taking_out("g", ["m"])], took(1, empty_groups=9), id="emptied groups"),
    ],
)
def test_each_effect_has_its_window(operations: list[Operation], taken: Taken) -> None:
    population = replace(NOBODY, members={"g": frozenset({"m"})}, earlier=Earlier((taken,), NOON))
    safety = Safety(remove_members=Limit(at_most=50, percent=5))

    found = ask(
        "rolling_window", operations, population, safety, groups=4, users=60, active_users=60
    )

    assert found.blocked is True
    assert ask("rolling_window", [], population, safety).blocked is False


def test_what_else_is_too_much_is_counted() -> None:
    both = [*disables(3), *on_users(Action.REVOKE, 2)]

    found = judged(both, took(1, accidental_deletions=9, revoke_roles=8))

    assert found.sentence.startswith("users disabled or deleted: 3 by this plan, 9 by earlier runs")
    assert found.sentence.endswith("; and 1 more over their windows, 5 in all")
    assert (found.count, found.population, found.limit) == (5, 17, 0)


def test_the_count_is_the_same_whichever_is_furthest_over() -> None:
    """Else an approval of the count would be refused once the window has moved on."""
    both = [*disables(3), *on_users(Action.REVOKE, 2)]

    one = judged(both, took(1, accidental_deletions=9, revoke_roles=8))
    other = judged(both, took(1, accidental_deletions=8, revoke_roles=20))

    assert other.sentence.startswith("users who lose a role: 2 by this plan")
    assert one.count == other.count == 5


def test_the_verdict_lists_what_it_blocks_for() -> None:
    """Also each group by its id, since names change."""
    several = [*disables(3), *on_users(Action.REVOKE, 2), taking_out("g-1", ["a", "b"])]
    members = took(1, GROUP, "g-1", group_members=99)

    found = judged(several, took(1, accidental_deletions=9, revoke_roles=8), members)

    assert found.effects == ("accidental_deletions/User", "group_members/g-1", "revoke_roles")
    assert judged(several, took(1, accidental_deletions=1)).effects == ()


def test_what_a_verdict_blocks_for_is_in_the_plan_in_one_form() -> None:
    verdict = judged(disables(3), took(1, accidental_deletions=9))
    plan = make_plan(guards=[verdict, replace(verdict, id="other", effects=())])
    data = encode_plan(plan)

    assert parse_plan(data) == plan
    assert data.count(b'"effects"') == 1
    with pytest.raises(PlanAltered):
        parse_plan(data.replace(b'"id":"other"', b'"effects":[],"id":"other"'))


def test_of_what_was_approved_another_effect_does_not_take_the_place() -> None:
    """The disables of the morning have left the window, and another run took roles meanwhile."""
    both = [*disables(3), *on_users(Action.REVOKE, 2)]
    planned = judged(both, took(1, accidental_deletions=9))
    fresh = judged(both, took(30, accidental_deletions=9), took(1, revoke_roles=8))
    plan = make_plan(both, guards=[planned])
    wanted = Wanted("rolling_window", planned.count, "Berlin closed, HR-4711")
    given = approve(plan, None, wanted, trusting(), By("grace", None, NOON, bytes(16)))
    approval = read_approval(given, "it", trusting())

    assert admitted([planned], plan, Presented((approval,))) == {"rolling_window": approval}
    assert (planned.blocked, fresh.blocked) == (True, True)
    assert fresh.count <= planned.count
    with pytest.raises(ApprovalUnfit, match="not when the plan was made: revoke_roles; plan"):
        admitted([fresh], plan, Presented((approval,)))


def test_an_effect_in_two_windows_is_counted_once() -> None:
    found = judged(disables(3), took(1, accidental_deletions=9), took(50, accidental_deletions=9))

    assert (found.count, found.population) == (3, 9)
    assert "more over" not in found.sentence


def test_users_and_groups_are_counted_apart() -> None:
    assert judged(disables(1), took(1, GROUP, accidental_deletions=9)).blocked is False


def test_each_group_is_counted_alone() -> None:
    safety = Safety(group_members=Limit(at_most=50, percent=20))
    population = replace(
        NOBODY,
        members={name: frozenset(map(str, range(20))) for name in ("sales", "team")},
        earlier=Earlier((took(1, GROUP, "sales", group_members=7),), NOON),
    )

    same = ask("rolling_window", [taking_out("sales", ["1", "2"])], population, safety)
    other = ask("rolling_window", [taking_out("team", ["1", "2"])], population, safety)

    assert (same.blocked, other.blocked) == (True, False)
    assert same.sentence.startswith("members taken out of Sales: 2 by this plan, 7 by earlier runs")


def test_with_a_share_of_all_only_the_count_is_multiplied() -> None:
    """Else the second half could not go after the first, although one run may take everybody."""
    safety = Safety(accidental_deletions=AccidentalDeletions(at_most=40, percent=100))

    assert judged(disables(20), took(1, accidental_deletions=40), safety=safety).blocked is False
    assert judged(disables(21), took(1, accidental_deletions=60), safety=safety).blocked is True


def test_what_is_switched_off_has_no_window() -> None:
    safety = Safety(accidental_deletions=AccidentalDeletions(enabled=False))

    assert judged(disables(3), took(1, accidental_deletions=60), safety=safety).blocked is False


def test_the_windows_are_in_the_configuration() -> None:
    safety = Safety(rolling_window=RollingWindow(day=1, week=1))

    assert judged(disables(3), safety=safety).blocked is False
    assert judged(disables(3), took(1, accidental_deletions=1), safety=safety).blocked is True


def test_what_a_later_version_counts_is_not_judged() -> None:
    assert judged(disables(1), took(1, protected=9), took(1, something=9)).blocked is False


def test_a_resumed_plan_is_not_counted_twice() -> None:
    mine, other = took(1, accidental_deletions=2), took(2, accidental_deletions=1)
    recorded = Recorded(taken=(replace(mine, plan="b" * 64), other))

    found = looking_back(recorded, NOON, besides="b" * 64)

    assert (found.taken, found.moment) == ((other,), NOON)


def test_without_a_moment_everything_counts() -> None:
    """Nobody said when it is looked back: nothing is too old."""
    population = replace(NOBODY, earlier=Earlier((took(9_999, accidental_deletions=9),)))

    found = ask("rolling_window", disables(1), population, Safety(), active_users=60)

    assert found.blocked is True
    assert "at any time" in found.sentence
