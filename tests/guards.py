"""Guards asked one by one, on a population that a test writes down."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from reconciler.config.safety import Safety
from reconciler.plan.document import Verdict
from reconciler.plan.guards import run_guards
from reconciler.plan.operation import Action, Operation
from reconciler.plan.population import Counts, Population
from reconciler.states import ResourceType
from tests.plans import make_operation

COUNTS = Counts(
    active_users=100,
    users=200,
    groups=50,
    memberships=1000,
    links=0,
    source_users=200,
    source_groups=50,
    applied_users=200,
    applied_groups=50,
)
NOBODY = Population(
    counts=COUNTS,
    privileged=None,
    role_paths=frozenset(),
    holders=frozenset(),
    active=frozenset(),
    protected=frozenset(),
    their_groups=frozenset(),
    members={},
)


def ask(
    guard: str,
    operations: Iterable[Operation] = (),
    population: Population = NOBODY,
    safety: Safety | None = None,
    **counts: int | None,
) -> Verdict:
    """Return what one guard says of *operations*."""
    fresh = replace(population, counts=replace(population.counts, **counts))  # type: ignore[arg-type]
    verdicts = run_guards(tuple(operations), fresh, safety or Safety())
    return next(found for found in verdicts if found.id == guard)


def on_users(action: Action, count: int, changes: Any = (), **fields: Any) -> list[Operation]:
    """Return operations of one kind on so many accounts."""
    return [
        make_operation(
            action, f"p{n}@contoso.example", changes=changes, target_id=f"t{n}", **fields
        )
        for n in range(count)
    ]


def taking_out(group: str, members: Sequence[str]) -> Operation:
    """Return the operation that takes *members* out of *group*."""
    return make_operation(
        Action.REMOVE_MEMBERS,
        group.title(),
        resource_type=ResourceType.GROUP,
        target_id=group,
        changes=[("members", [{"value": one} for one in members], None)],
    )
