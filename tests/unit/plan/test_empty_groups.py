"""The guard `empty_groups`: groups that would lose their last member (ruling 14)."""

from typing import Any

import pytest

from reconciler.config.safety import Safety
from reconciler.plan.effects import DUE
from reconciler.plan.guards import run_guards
from reconciler.plan.operation import Action, Operation, Reference
from reconciler.plan.population import Counts, Population
from reconciler.states import ResourceType
from tests.plans import make_operation
from tests.worlds import group, person, settled, verdict

TEAMS = Population(
    counts=Counts(2, 2, 50, 2, 0, 2, 50),
    privileged=None,
    role_paths=frozenset(),
    holders=frozenset(),
    active=frozenset(),
    protected=frozenset(),
    their_groups=frozenset(),
    members={"g-1": frozenset({"ada", "bob"}), "g-2": frozenset()},
)
ADA, BOB = {"value": "ada"}, {"value": "bob"}


def on_group(action: Action, changes: Any, references: Any = ()) -> Operation:
    """Return an operation on the group g-1."""
    return make_operation(
        action,
        "Team",
        resource_type=ResourceType.GROUP,
        target_id="g-1",
        changes=changes,
        references=references,
    )


REMOVED = on_group(Action.REMOVE_MEMBERS, [("members", [ADA, BOB], None)])
NEWCOMER = Reference("members", "p-9", ResourceType.USER, "eve@contoso.example")
DUE_ADA = make_operation(Action.DELETE, "ada", target_id="ada", reason=f"{DUE} 2026-01-01")


@pytest.mark.parametrize(
    ("operations", "emptied"),
    [
        pytest.param([], set(), id="nothing"),
        pytest.param([REMOVED], {"g-1"}, id="everybody is removed"),
        pytest.param(
            [on_group(Action.REMOVE_MEMBERS, [("members", [ADA], None)])], set(), id="one stays"
        ),
        pytest.param(
            [on_group(Action.ADD_MEMBERS, [("members", None, [{"value": "cyd"}])]), REMOVED],
            set(),
            id="somebody joins",
        ),
        pytest.param(
            [on_group(Action.ADD_MEMBERS, [], [NEWCOMER]), REMOVED], set(), id="a newcomer joins"
        ),
        pytest.param(
            [on_group(Action.UPDATE, [("Members", [ADA, BOB], None)])], {"g-1"}, id="by effect"
        ),
        pytest.param(
            [make_operation(Action.DELETE, name, target_id=name) for name in ("ada", "bob")],
            {"g-1"},
            id="every account is deleted",
        ),
        pytest.param(
            [
                on_group(Action.REMOVE_MEMBERS, [("members", [BOB], None)]),
                make_operation(Action.DELETE, "ada", target_id="ada"),
            ],
            {"g-1"},
            id="one removed and one deleted",
        ),
        pytest.param([DUE_ADA, REMOVED], set(), id="whose time is over does not count"),
        pytest.param([make_operation(Action.DISABLE, target_id="ada")], set(), id="disabled"),
        pytest.param([on_group(Action.DELETE, [])], set(), id="the group itself is deleted"),
    ],
)
def test_empty_groups_counts_groups_that_lose_their_last_member(
    operations: list[Operation], emptied: set[str]
) -> None:
    assert TEAMS.emptied_by(operations) == emptied
    found = next(v for v in run_guards(operations, TEAMS, Safety()) if v.id == "empty_groups")
    assert (found.count, found.population, found.blocked) == (len(emptied), 50, False)


@pytest.mark.parametrize(("teams", "blocked"), [(3, False), (4, True)])
def test_ruling_14_an_export_without_members_is_stopped_by_empty_groups(
    teams: int, blocked: bool
) -> None:
    names = [f"t{number}" for number in range(6)]
    staff = group("g-staff", "Staff", "ada", "bob")
    full = [staff, *(group(name, name, "ada", "bob") for name in names)]
    lost = [staff, *(group(n, n, *(() if n in names[:teams] else ("ada", "bob"))) for n in names)]
    assignments = [{"group": "Staff", "role": "User"}, *({"group": name} for name in names)]
    wide = {"remove_members": {"at_most": 100, "percent": 100}, "half_gone": {"percent": 100}}
    world = settled(person("ada"), person("bob"), groups=full, assignments=assignments, safety=wide)

    plan = world.becomes(groups=lost).plan()

    found = verdict(plan, "empty_groups")
    assert (found.count, found.population, found.limit, found.blocked) == (teams, 7, 3, blocked)
    assert "groups of ours would lose their last member" in found.sentence
    assert [one.id for one in plan.guards if one.blocked] == ["empty_groups"] * blocked
