"""
The guards beyond one count, against an oracle that shares nothing with them (INV-9).

The oracle knows facts, such as "Ada is taken out of Sales", and counts on its
fingers; the engine gets the operations that say the same. Administrators are
counted in every order in which a wave may run.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config.safety import HalfGone, Limit, Safety, Shrink
from reconciler.plan.guards import run_guards
from reconciler.plan.operation import Action, Operation
from reconciler.plan.population import Population
from tests.guards import COUNTS, NOBODY, ask, taking_out
from tests.plans import make_operation

ROLE = 'roles[primary eq "true"].value'
PEOPLE = tuple(f"u{number}" for number in range(12))
GROUPS = ("board", "sales", "support", "team", "void")
JUDGED = ("group_members", "half_gone", "create_users", "min_admins")

Fact = tuple[str, str, str]
"""What happens, to whom, and out of which group."""


@dataclass(frozen=True)
class Firm:
    """Who is there, and what may be taken."""

    active: frozenset[str]
    admins: frozenset[str]
    members: dict[str, frozenset[str]]
    unseen: frozenset[str]
    one_group: tuple[int, int]
    again: tuple[int, int]
    half: int
    needed: int

    def population(self) -> Population:
        """Return the firm as the engine knows it."""
        counts = replace(
            COUNTS,
            active_users=len(self.active),
            groups=len(self.members),
            memberships=sum(map(len, self.members.values())),
        )
        return replace(
            NOBODY,
            counts=counts,
            privileged=frozenset({"admin"}),
            role_paths=frozenset({ROLE}),
            holders=self.admins,
            active=self.active,
            members=self.members,
            known=len(PEOPLE),
            unseen=self.unseen,
        )

    def safety(self) -> Safety:
        """Return the limits as the engine knows them."""
        return Safety(
            group_members=Limit(at_most=self.one_group[0], percent=self.one_group[1]),
            create_users=Limit(at_most=self.again[0], percent=self.again[1]),
            half_gone=HalfGone(percent=self.half),
            min_admins=self.needed,
        )


some = st.frozensets(st.sampled_from(PEOPLE))
limits = st.tuples(st.integers(0, 8), st.integers(0, 100))
firms = st.builds(
    Firm,
    some,
    some,
    st.fixed_dictionaries(dict.fromkeys(GROUPS, some)),
    some,
    limits,
    limits,
    st.integers(0, 100),
    st.integers(0, 4),
)
losses = st.tuples(
    st.sampled_from(("out", "off", "revoke")), st.sampled_from(PEOPLE), st.sampled_from(GROUPS)
)
gains = st.tuples(
    st.sampled_from(("give", "swap", "create")), st.sampled_from(PEOPLE), st.sampled_from(GROUPS)
)
plans = st.lists(losses | gains, max_size=14, unique_by=lambda fact: fact[:2])


def said(fact: Fact) -> Operation:
    """Return the operation that says *fact*."""
    what, who, group = fact
    if what == "out":
        return taking_out(group, [who])
    action, path, before, after = {
        "off": (Action.DISABLE, "active", True, False),
        "revoke": (Action.REVOKE, ROLE, "admin", "user"),
        "give": (Action.UPDATE, ROLE, "user", "admin"),
        "swap": (Action.REVOKE, ROLE, "owner", "admin"),
        "create": (Action.CREATE, "displayName", None, who),
    }[what]
    known = {"target_id": None, "source_id": who} if what == "create" else {"target_id": who}
    return make_operation(action, f"{what} {who}", changes=[(path, before, after)], **known)


def ordered(facts: Iterable[Fact]) -> list[Operation]:
    """Return the operations in the order of their waves."""
    return sorted(map(said, facts), key=lambda operation: operation.wave)


def blocked(firm: Firm, facts: Sequence[Fact]) -> set[str]:
    """Return which of the guards block, by the engine."""
    verdicts = run_guards(ordered(facts), firm.population(), firm.safety())
    return {one.id for one in verdicts if one.blocked and one.id in JUDGED}


# the oracle


def too_many(count: int, whole: int, limit: tuple[int, int]) -> bool:
    """Say whether *count* of *whole* is over a limit that lets three go in any case."""
    return count > limit[0] or (count > 3 and 100 * count > limit[1] * whole)


def forbidden(firm: Firm, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield which guards have to block, by the oracle."""
    out = {(group, who) for what, who, group in facts if what == "out"}
    lost = {group: {who for one, who in out if one == group} for group in GROUPS}
    if any(too_many(len(lost[g]), len(firm.members[g]), firm.one_group) for g in GROUPS):
        yield "group_members"
    created = {who for what, who, _ in facts if what == "create"}
    if too_many(len(created & firm.unseen), len(PEOPLE), firm.again):
        yield "create_users"
    emptied = [g for g in GROUPS if firm.members[g] and not firm.members[g] - lost[g]]
    roles = {who for what, who, _ in facts if what in {"revoke", "swap"}}
    off = {who for what, who, _ in facts if what == "off"}
    there = sum(len(members) for members in firm.members.values())
    shares = [
        (len(off), len(firm.active)),
        (len(roles), len(firm.active)),
        (len(emptied), len(GROUPS)),
        (len(out), there),
    ]
    if any(whole >= 4 and 100 * min(count, whole) > firm.half * whole for count, whole in shares):
        yield "half_gone"
    now = len(firm.admins & firm.active)
    if fewest(firm, facts) < min(firm.needed, now):
        yield "min_admins"


def fewest(firm: Firm, facts: Sequence[Fact]) -> int:
    """
    Return the smallest number of administrators, in whichever order each wave runs.

    Two operations on one account never run at the same time: they keep their order.
    """
    waves = (("give",), ("revoke", "swap"), ("off",))
    steps = [[fact for fact in facts if fact[0] in wave] for wave in waves]
    found = len(firm.admins & firm.active)
    for way in product(*(filter(in_turn(step), permutations(step)) for step in steps)):
        holders, active = set(firm.admins), set(firm.active)
        for what, who, _ in (fact for step in way for fact in step):
            if what == "off":
                active.discard(who)
            elif what == "revoke":
                holders.discard(who)
            else:
                holders.add(who)
            found = min(found, len(holders & active))
    return found


def in_turn(step: Sequence[Fact]) -> Callable[[Sequence[Fact]], bool]:
    """Return a test of whether an order of *step* keeps that of each person."""

    def by_person(facts: Sequence[Fact]) -> list[Fact]:
        return sorted(facts, key=lambda fact: fact[1])

    return lambda order: by_person(order) == by_person(step)


def few_of_each(facts: Sequence[Fact]) -> list[Fact]:
    """Return *facts* with so few of a wave that every order can be tried."""
    kept: list[Fact] = []
    for fact in facts:
        wave = "revoke swap" if fact[0] in {"revoke", "swap"} else fact[0]
        among = sum(one[0] in wave for one in kept)
        if fact[0] in {"out", "create"} or among < 4:
            kept.append(fact)
    return kept


@given(firms, plans)
@settings(max_examples=400, deadline=None)
def test_the_guards_say_what_can_be_counted_on_fingers(firm: Firm, plan: list[Fact]) -> None:
    facts = few_of_each(plan)

    assert blocked(firm, facts) == set(forbidden(firm, facts))


@given(firms, plans, losses)
@settings(max_examples=400, deadline=None)
def test_taking_one_more_never_turns_a_block_into_a_pass(
    firm: Firm, facts: list[Fact], one_more: Fact
) -> None:
    assert blocked(firm, facts) <= blocked(firm, [*facts, one_more])


rows = st.dictionaries(st.sampled_from([f"p{number}" for number in range(15)]), st.booleans())


@given(rows, rows, st.integers(0, 100))
@settings(max_examples=400, deadline=None)
def test_a_column_goes_empty_by_values_and_by_people(
    before: dict[str, bool], now: dict[str, bool], percent: int
) -> None:
    """Each person has a value or not; both counts must say that some went."""
    population = replace(
        NOBODY,
        counts=replace(
            COUNTS,
            source_users=len(now),
            applied_users=len(before),
            source_groups=0,
            applied_groups=0,
        ),
        filled={"mail": sum(now.values())},
        applied_filled={"mail": sum(before.values())},
    )
    fewer = sum(before.values()) - sum(now.values())
    without = sum(not one for one in now.values()) - sum(not one for one in before.values())
    lost = min(fewer, without)
    few = lost <= 3 and 2 * lost <= len(now)

    found = ask(
        "source_shrinks",
        [],
        population,
        Safety(source_shrinks=Shrink(percent=100, column_percent=percent)),
    )

    assert found.blocked is (lost > 0 and not few and 100 * lost > percent * len(now))
