"""
A guard that cannot be evaluated blocks; and each is asked at plan, and again at apply.

Where nothing is known, the guards know no limit that could let something pass.
Five pass, because there is nothing that they could compare with, and say so.
"""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.apply.memory import Memory
from reconciler.apply.verify import GuardsBlock, PlanRefused, populations, verify_live
from reconciler.config.safety import Safety
from reconciler.plan.document import Header, Plan
from reconciler.plan.guards import GUARDS, run_guards
from reconciler.plan.operation import Action, Operation
from reconciler.plan.plan_file import seal
from reconciler.plan.population import Counts, Population
from reconciler.states import ResourceType
from tests.guards import NOBODY, ask, on_users, taking_out
from tests.plans import make_operation
from tests.worlds import World, person, settled

OFF = [("active", True, False)]
GROUP = ResourceType.GROUP

NOTHING = replace(
    NOBODY,
    counts=Counts(
        active_users=0, users=0, groups=0, memberships=0, links=0, source_users=0, source_groups=0
    ),
)
"""What is known where nothing could be counted."""

UNKNOWN: tuple[tuple[str, list[Operation], Population], ...] = (
    ("accidental_deletions", on_users(Action.DISABLE, 1, OFF), NOTHING),
    ("delete_users", on_users(Action.DELETE, 1), NOTHING),
    ("delete_groups", on_users(Action.DELETE, 1, resource_type=GROUP), NOTHING),
    (
        "empty_groups",
        [taking_out("team", ["t0"])],
        replace(NOTHING, members={"team": frozenset({"t0"})}),
    ),
    ("remove_members", [taking_out("team", ["t0"])], NOTHING),
    ("group_members", [taking_out("team", ["t0"])], NOTHING),
    ("revoke_roles", on_users(Action.REVOKE, 1), NOTHING),
    ("rename_users", on_users(Action.UPDATE, 1, [("userName", "a", "b")]), NOTHING),
    ("enable_users", on_users(Action.ENABLE, 1, [("active", False, True)]), NOTHING),
    (
        "source_shrinks",
        [],
        replace(NOTHING, counts=replace(NOTHING.counts, applied_users=9, applied_groups=0)),
    ),
)
SAYS_SO = {
    "create_users": "no journal says that an account is there",
    "source_shrinks": "no plan was applied before",
    "rolling_window": "earlier runs took nothing",
    "min_admins": "not applicable: no privileged role is mapped",
    "self": "not known",
    "half_gone": "not applicable: fewer than 4 of anything",
}


@pytest.mark.parametrize(("guard", "operations", "population"), UNKNOWN)
def test_where_nothing_is_known_nothing_passes(
    guard: str, operations: list[Operation], population: Population
) -> None:
    assert ask(guard, operations, population).blocked is True


@pytest.mark.parametrize(("guard", "words"), SAYS_SO.items())
def test_what_has_nothing_to_compare_with_says_so(guard: str, words: str) -> None:
    found = ask(guard, [], NOTHING)

    assert found.blocked is False
    assert words in found.sentence


def test_every_guard_has_a_sentence_of_its_own() -> None:
    everything = [
        *on_users(Action.DISABLE, 1, OFF),
        make_operation(Action.REMOVE_MEMBERS, resource_type=GROUP, target_id="team"),
    ]

    for operations in ([], everything):
        found = run_guards(operations, NOBODY, Safety())
        assert [one.id for one in found] == [guard.id for guard in GUARDS]
        assert all(one.sentence for one in found)


# at plan, and again at apply


def leaving_world(**settings: Any) -> World:
    """Return a company of eight of which one is to leave."""
    world = settled(*(person(f"p{n}") for n in range(8)), **settings)
    return world.becomes([person(f"p{n}") for n in range(7)])


def sealed(world: World) -> Plan:
    """Return the plan of a world."""
    return seal(world.plan(), Header("2026-11-23T10:00:00Z", "0.1.0", None, None))


@pytest.mark.parametrize("guard", [guard.id for guard in GUARDS])
def test_each_guard_is_asked_at_plan_and_at_apply(
    guard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is made to block; a plan that was made before is stopped by it at apply."""
    world = leaving_world()
    before = sealed(world)
    place = [one.id for one in GUARDS].index(guard)
    row = GUARDS[place]
    blocking = replace(row, judge=lambda evidence: replace(row.judge(evidence), blocked=True))
    table = (*GUARDS[:place], blocking, *GUARDS[place + 1 :])
    monkeypatch.setattr("reconciler.plan.guards.GUARDS", table)

    assert not before.blocked
    assert [one.id for one in world.plan().guards if one.blocked] == [guard]
    with pytest.raises(GuardsBlock, match=f"^{guard}: "):
        verify_live(before, world.application, world.target.live(), world.recorded, Memory())


def test_a_journal_that_does_not_say_what_was_counted_stops_the_rest_of_its_plan() -> None:
    world = leaving_world()
    plan = sealed(world)
    state, known = world.target.live(), world.recorded
    fresh = verify_live(plan, world.application, state, known, Memory())
    counted = populations(fresh.population)
    for missing in ("active_users", "memberships"):
        some = {name: count for name, count in counted.items() if name != missing}

        with pytest.raises(PlanRefused, match="plan again"):
            verify_live(plan, world.application, state, known, Memory(begun=True, populations=some))
