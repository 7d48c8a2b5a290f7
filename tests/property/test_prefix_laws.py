"""
Laws of every moment of a run (INV-16): who may not lose anything loses nothing, and
there are administrators, whatever is carried out first in a wave, and whatever fails.

What is counted here is counted anew, from what the service holds after each change.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reconciler.apply.admins import admins_of
from reconciler.apply.batches import batches
from reconciler.apply.execute import Run
from reconciler.apply.means import Means
from reconciler.apply.memory import remembered
from reconciler.apply.report import Report
from reconciler.apply.steps import Stepper
from reconciler.directory import Subject
from reconciler.plan.document import Body
from reconciler.plan.operation import Operation
from reconciler.plan.population import SourceRows, count_population
from reconciler.scim.errors import TargetRefused
from reconciler.states import Resource, ResourceType
from tests.worlds import (
    FrozenClock,
    MemoryJournal,
    MemoryTarget,
    World,
    application,
    directory,
    person,
    settled,
    values,
)

MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


class Witness(MemoryTarget):
    """A service that refuses some changes, and looks at everybody after each of the others."""

    def __init__(self, target: MemoryTarget, protected: Sequence[str], chance: Random) -> None:
        super().__init__()
        self.users, self.groups, self._next = target.users, target.groups, target._next
        self.protected = [id for id in self.users if self.name_of(id) in protected and self.on(id)]
        self.fewest = self.admins()
        self.harmed: list[str] = []
        self._chance = chance

    def name_of(self, user_id: str) -> str:
        return str(self.users[user_id].get("userName", "")).partition("@")[0]

    def on(self, user_id: str) -> bool:
        user = self.users.get(user_id)
        return user is not None and str(user.get("active", True)).lower() != "false"

    def admins(self) -> int:
        return sum(
            self.on(user_id) and any(is_admin(role) for role in user.get("roles") or ())
            for user_id, user in self.users.items()
        )

    def _meet(self) -> None:
        if self._chance.random() < 0.25:
            raise TargetRefused(422)

    def _look(self) -> None:
        self.fewest = min(self.fewest, self.admins())
        self.harmed += [user_id for user_id in self.protected if not self.on(user_id)]

    def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        self._meet()
        made = super().create(resource_type, body)
        self._look()
        return made

    def patch(
        self,
        resource_type: ResourceType,
        resource_id: str,
        operations: Sequence[Mapping[str, Any]],
        version: str | None = None,
    ) -> None:
        self._meet()
        super().patch(resource_type, resource_id, operations)
        self._look()

    def delete(
        self, resource_type: ResourceType, resource_id: str, version: str | None = None
    ) -> None:
        self._meet()
        super().delete(resource_type, resource_id)
        self._look()


def is_admin(role: Mapping[str, Any]) -> bool:
    return str(role.get("value")).lower() == "admin"


def shuffled(operations: Sequence[Operation], chance: Random) -> list[Operation]:
    """Return the plan in one of the orders in which threads may carry it out."""
    return [
        operation for batch in batches(operations) for operation in chance.sample(batch, len(batch))
    ]


def run(
    world: World,
    body: Body,
    witness: Witness,
    journal: MemoryJournal,
    operations: Sequence[Operation],
) -> Report:
    """Run the plan, its operations in this order, as `apply` does."""
    memory = remembered(journal.records())
    rows = SourceRows(body.inputs.users, body.inputs.groups, {})
    chosen, live, recorded = world.application, witness.live(), world.recorded
    population = count_population(chosen, live, recorded, body.operations, rows)
    journal.append("run_begin", populations={"admins": len(population.admins)})
    able, clock = witness.capabilities, FrozenClock()
    means = Means.of(witness, able, memory, clock, journal, values(), world.profile)
    admins = admins_of(body.operations, population, chosen.safety, memory)
    return Run(operations, journal, memory, Stepper(means), 1, admins=admins).execute()


PEOPLE = ("a", "b", "c", "d")
STANDINGS = ("Administrator", "Administrator", "User", None)
standings = st.lists(st.sampled_from(STANDINGS), min_size=len(PEOPLE), max_size=len(PEOPLE))


def company(standing: Sequence[str | None], safety: Mapping[str, Any]) -> dict[str, Any]:
    """Return who is assigned as what; None is not there."""
    assigned = [
        {"user": name, "role": role} for name, role in zip(PEOPLE, standing, strict=True) if role
    ]
    return {
        "assignments": assigned,
        "safety": safety,
        "lifecycle": {"deleted_at_source": "delete"},
    }


def there(standing: Sequence[str | None]) -> list[Subject]:
    return [person(name) for name, role in zip(PEOPLE, standing, strict=True) if role]


@MANY
@given(
    before=standings.filter(any),
    after=standings.filter(any),
    needed=st.integers(1, 3),
    protected=st.lists(st.sampled_from(PEOPLE), unique=True, max_size=1),
    seed=st.integers(0, 2**32),
)
def test_inv_16_every_moment_of_a_run_is_safe(
    before: list[str | None],
    after: list[str | None],
    needed: int,
    protected: list[str],
    seed: int,
) -> None:
    kept = [f"{name}@contoso.example" for name in protected]
    world = settled(*there(before), **company(before, {"min_admins": 0}))
    world.becomes(there(after), **company(after, {"min_admins": needed, "protected": kept}))
    body = world.plan()
    blocked = {verdict.id for verdict in body.guards if verdict.blocked}
    assume(not blocked & {"min_admins", "protected"})
    witness = Witness(world.target, protected, Random(seed))
    admins = witness.admins()

    journal, chance = MemoryJournal(), Random(seed + 1)
    for _ in range(2):  # what fails is tried again
        run(world, body, witness, journal, shuffled(body.operations, chance))

    assert witness.harmed == []
    assert witness.fewest >= min(needed, admins)


class Refuses(Random):
    """Refuses the first change, which is the create."""

    tries = 0

    def random(self) -> float:
        self.tries += 1
        return 0.0 if self.tries == 1 else 1.0


def test_inv_16_who_is_to_follow_comes_first_or_nobody_goes() -> None:
    world = settled(
        person("ada"),
        person("eve"),
        assignments=[
            {"user": "ada", "role": "Administrator"},
            {"user": "eve", "role": "User"},
        ],
    )
    world.directory = directory([person("eve"), person("new")])
    world.application = application(
        assignments=[
            {"user": "new", "role": "Administrator"},
            {"user": "eve", "role": "User"},
        ],
        safety={"min_admins": 1},
    )
    body = world.plan()
    assert not any(verdict.blocked for verdict in body.guards if verdict.id == "min_admins")

    witness = Witness(world.target, [], Refuses())
    report = run(world, body, witness, MemoryJournal(), body.operations)

    assert witness.fewest == 1
    (left_out,) = [one for one in report.outcomes if one.code == "EntrySynchronizationSkipped"]
    assert left_out.operation.key == "ada@contoso.example"
    assert "at least 1 needed" in str(left_out.detail)
