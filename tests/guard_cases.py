"""
Random cases for the guards, and each of them as the engine gets it.

Used with :mod:`tests.guard_oracle`, which knows nothing of operations.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from reconciler.config.safety import (
    AccidentalDeletions,
    HalfGone,
    Limit,
    RollingWindow,
    Safety,
    Shrink,
    SingleCause,
)
from reconciler.plan.document import Verdict
from reconciler.plan.earlier import Earlier
from reconciler.plan.effects import DUE
from reconciler.plan.guards import run_guards
from reconciler.plan.operation import Action, Operation
from reconciler.plan.population import Population
from reconciler.states import ResourceType, Taken
from tests.guard_oracle import COUNTED, GROUPS, PEOPLE, STRAY, Case, Fact, Past
from tests.guards import COUNTS, NOBODY
from tests.journals import START
from tests.plans import make_operation

ROLE = 'roles[primary eq "true"].value'
RULES = ("not assigned", "outside scoping filter Staff", "assignment by group Temps expired")
USER, GROUP = ResourceType.USER, ResourceType.GROUP

TAKING = ("off", "drop", "revoke", "rename", "on", "out", "close")
"""What a guard counts against a plan."""
KINDS = (*TAKING, "swap", "give", "create", "in", "due")


def random_case(random: Random) -> Case:
    """Return a case in which most guards are near their limits."""
    ours = some(random, PEOPLE, 0.9)
    members = {group: some(random, PEOPLE, random.choice((0.1, 0.4))) for group in GROUPS}
    rows = random.randint(0, 30)
    case = Case(
        ours=ours,
        active=some(random, PEOPLE, 0.8),
        admins=some(random, PEOPLE, 0.2),
        members=members,
        protected=some(random, PEOPLE, 0.04),
        me=random.choice((None, "u03")),
        unseen=some(random, PEOPLE, 0.5),
        known=random.choice((0, 10, 16)),
        limits={
            guard: (random.choice((0, 1, 3, 8, 50)), random.choice((0, 5, 20, 50, 100)))
            for guard in (*COUNTED, "group_members", "create_users")
        },
        prevention=random.random() < 0.9,
        half=random.choice((20, 50, 100)),
        cause=random.choice((0, 20, 70, 100)),
        needed=random.randint(0, 3),
        windows=(random.randint(1, 3), random.randint(1, 5)),
        source=(
            rows,
            random.choice((None, rows, rows, rows + 2, rows + 9)),
            random.choice((0, 10, 50)),
        ),
        columns={"mail": (random.randint(0, 9), random.randint(0, rows)), "tel": (rows, rows)},
        column_share=random.choice((0, 20, 60)),
        facts=[],
        withheld=random_facts(random, 2) if random.random() < 0.2 else [],
        past=[random_past(random) for _ in range(random.choice((0, 0, 2, 6)))],
        links=random.choice((0, 0, 3)),
    )
    case.facts = random_facts(random, random.choice((1, 3, 8, 25, 60)))
    return case


def some(random: Random, people: Iterable[str], share: float) -> set[str]:
    """Return about *share* of *people*."""
    return {one for one in people if random.random() < share}


def random_fact(random: Random, kinds: Iterable[str] = KINDS, rules: Iterable[str] = RULES) -> Fact:
    """Return something that happens."""
    what = random.choice(tuple(kinds))
    who = random.choice(GROUPS if what == "close" else PEOPLE)
    groups = (*GROUPS, STRAY) if what == "out" else GROUPS
    return Fact(what, who, random.choice(groups), random.choice(tuple(rules)))


def random_facts(random: Random, size: int) -> list[Fact]:
    """Return what a plan may hold: each thing once, and so few of a wave that all orders fit."""
    kinds = random.sample(KINDS, k=random.choice((1, 2, 4, len(KINDS))))
    rules = random.sample(RULES, k=random.randint(1, len(RULES)))
    found: dict[tuple[str, str, str], Fact] = {}
    for _ in range(size):
        fact = random_fact(random, kinds, rules)
        group = fact.group if fact.what in {"in", "out"} else ""
        many = fact.what in {"give", "swap"} and sum(one == fact.what for one, _, _ in found) >= 3
        if not many:
            found.setdefault((fact.what, fact.who, group), fact)
    gone = {fact.who for fact in found.values() if fact.what == "drop"}
    return [fact for fact in found.values() if fact.what != "due" or fact.who not in gone]


def random_past(random: Random) -> Past:
    """Return something that an earlier run took."""
    guard = random.choice((*COUNTED, "group_members"))
    parts = {"accidental_deletions": ("User", "Group"), "group_members": (*GROUPS, STRAY)}
    hours = random.choice((-9, 0, 1, 23, 24, 25, 100, 168, 169, 400))
    return Past(hours, guard, random.choice(parts.get(guard, ("",))), random.randint(1, 9))


# the case as the engine gets it


def verdicts_of(case: Case) -> tuple[Verdict, ...]:
    """Return what the engine says."""
    withheld = [said(fact) for fact in case.withheld]
    return run_guards(operations_of(case), population_of(case), safety_of(case), withheld)


def blocked(case: Case) -> set[str]:
    """Return which guards block, by the engine."""
    return {verdict.id for verdict in verdicts_of(case) if verdict.blocked}


def operations_of(case: Case) -> list[Operation]:
    """Return the facts as operations, in the order of their waves."""
    return sorted(map(said, case.facts), key=lambda operation: operation.wave)


SAID: dict[str, tuple[Action, str, Any, Any]] = {
    "off": (Action.DISABLE, "active", True, False),
    "drop": (Action.DELETE, "", None, None),
    "due": (Action.DELETE, "", None, None),
    "on": (Action.ENABLE, "active", False, True),
    "rename": (Action.UPDATE, "userName", "old", "new"),
    "revoke": (Action.REVOKE, ROLE, "admin", "user"),
    "swap": (Action.REVOKE, ROLE, "owner", "admin"),
    "give": (Action.UPDATE, ROLE, "user", "admin"),
    "create": (Action.CREATE, "displayName", None, "somebody"),
}


def said(fact: Fact) -> Operation:
    """Return the operation that says *fact*."""
    if fact.what in {"in", "out", "close"}:
        return _of_group(fact)
    action, path, before, after = SAID[fact.what]
    created = fact.what == "create"
    return make_operation(
        action,
        fact.who,
        changes=[(path, before, after)] if path else [],
        reason=f"{DUE} 2026-01-01" if fact.what == "due" else fact.why,
        source_id=fact.who,
        target_id=None if created else fact.who,
    )


def _of_group(fact: Fact) -> Operation:
    """Return an operation on a group."""
    member = [{"value": fact.who, "display": fact.who}]
    said_as: dict[str, tuple[Action, list[tuple[str, Any, Any]]]] = {
        "in": (Action.ADD_MEMBERS, [("members", None, member)]),
        "out": (Action.REMOVE_MEMBERS, [("members", member, None)]),
        "close": (Action.DELETE, []),
    }
    action, changes = said_as[fact.what]
    group = fact.who if fact.what == "close" else fact.group
    return make_operation(
        action, group, resource_type=GROUP, changes=changes, target_id=group, reason=fact.why
    )


def population_of(case: Case) -> Population:
    """Return the firm as the engine counts it."""
    now, before, _ = case.source
    counts = replace(
        COUNTS,
        active_users=len(case.active & case.ours),
        users=len(case.ours),
        groups=len(case.members),
        memberships=sum(map(len, case.members.values())),
        links=case.links,
        source_users=now,
        applied_users=before,
        source_groups=0,
        applied_groups=None if before is None else 0,
    )
    return replace(
        NOBODY,
        counts=counts,
        privileged=frozenset({"admin"}),
        role_paths=frozenset({ROLE}),
        holders=frozenset(case.admins),
        active=frozenset(case.active),
        protected=frozenset(case.protected),
        their_groups=_groups_of(case, case.protected),
        me=case.me,
        my_groups=_groups_of(case, {case.me}),
        members={group: frozenset(inside) for group, inside in case.members.items()},
        known=case.known,
        unseen=frozenset(case.unseen),
        filled={name: now for name, (_, now) in case.columns.items()},
        applied_filled={name: before for name, (before, _) in case.columns.items()},
        earlier=Earlier(tuple(map(_taken, case.past)), START),
    )


def _groups_of(case: Case, people: set[str | None] | set[str]) -> frozenset[str]:
    """Return the groups that somebody of *people* is in."""
    return frozenset(group for group, inside in case.members.items() if inside & people)


def _taken(past: Past) -> Taken:
    """Return what a journal says of *past*."""
    at = START - timedelta(hours=past.hours)
    kind = GROUP if past.part == "Group" or past.guard == "group_members" else USER
    return Taken(at, "e" * 64, kind, past.part or "t-1", {past.guard: past.size})


def safety_of(case: Case) -> Safety:
    """Return the limits as the engine knows them."""
    limits: dict[str, Any] = {
        guard: Limit(at_most=at_most, percent=percent)
        for guard, (at_most, percent) in case.limits.items()
    }
    deletions = limits.pop("accidental_deletions")
    return Safety(
        accidental_deletions=AccidentalDeletions(
            enabled=case.prevention, at_most=deletions.at_most, percent=deletions.percent
        ),
        half_gone=HalfGone(percent=case.half),
        single_cause=SingleCause(percent=case.cause),
        rolling_window=RollingWindow(day=case.windows[0], week=case.windows[1]),
        source_shrinks=Shrink(percent=case.source[2], column_percent=case.column_share),
        min_admins=case.needed,
        **limits,
    )
