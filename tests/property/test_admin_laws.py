"""Who is left to administrate during a run, held against counting everybody anew each time."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.apply.admins import Admins
from reconciler.plan.operation import Action, Operation
from reconciler.plan.population import Population
from reconciler.states import ResourceType
from tests.guards import COUNTS
from tests.plans import make_operation

ROLE = 'roles[primary eq "true"].value'
IDS = ("t0", "t1", "t2", "t3", "t4", "t5")

changes = st.lists(
    st.sampled_from(
        [
            (ROLE, "admin", "user"),
            (ROLE, "user", "admin"),
            (ROLE, "admin", "owner"),
            ("active", True, False),
            ("active", False, True),
            ("title", "a", "b"),
        ]
    ),
    max_size=2,
)
operations = st.lists(
    st.builds(
        lambda action, kind, target, written: make_operation(
            action,
            f"k{target}",
            resource_type=kind,
            target_id=None if action is Action.CREATE else target,
            changes=written,
        ),
        st.sampled_from([Action.CREATE, Action.UPDATE, Action.DISABLE, Action.ENABLE])
        | st.sampled_from([Action.DELETE, Action.REVOKE]),
        st.sampled_from([ResourceType.USER, ResourceType.USER, ResourceType.GROUP]),
        st.sampled_from(IDS),
        changes,
    ),
    max_size=12,
)
populations = st.builds(
    lambda holders, active: Population(
        counts=COUNTS,
        privileged=frozenset({"admin", "owner"}),
        role_paths=frozenset({ROLE}),
        holders=holders,
        active=active,
        protected=frozenset(),
        their_groups=frozenset(),
        members={},
    ),
    st.frozensets(st.sampled_from(IDS)),
    st.frozensets(st.sampled_from(IDS)),
)


class Plain:
    """Counts everybody anew for each operation."""

    def __init__(self, population: Population, planned: Sequence[Operation], needed: int) -> None:
        self.population, self.run = population, list[Operation]()
        after, fewest = population.admins_after(planned), population.fewest_admins(planned)
        self.fewest = min(needed, len(population.admins), len(after), fewest)

    def refuses(self, operation: Operation) -> int | None:
        """Return how many would be left, if that is refused; else let it count."""
        if operation.target_id not in self.population.admins:
            return None
        left = self.population.admins_after([*self.run, operation])
        if operation.target_id in left:
            return None
        if len(left) >= self.fewest:
            self.run.append(operation)
            return None
        return len(left)

    def carried_out(self, operation: Operation) -> None:
        """Let what gives count."""
        is_user = operation.resource_type is ResourceType.USER
        if is_user and operation.target_id not in self.population.admins:
            self.run.append(operation)


@settings(max_examples=600, deadline=None)
@given(populations, operations, st.integers(0, 3), st.data())
def test_inv_16_who_is_left_is_known_at_every_moment(
    population: Population, planned: list[Operation], needed: int, data: st.DataObject
) -> None:
    plain = Plain(population, planned, needed)
    quick = Admins(population, planned, needed, len(population.admins))

    for operation in data.draw(st.permutations(planned)):
        left, refused = plain.refuses(operation), quick.refusal(operation)
        assert (left is None) == (refused is None)
        if refused is not None:
            assert f"privileged roles: {left} after this" in (refused.detail or "")
        elif data.draw(st.booleans(), label="succeeds"):
            plain.carried_out(operation)
            quick.carried_out(operation)
