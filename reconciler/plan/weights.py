"""
What each operation counts for each guard.

The guards judge a plan as a whole; the journal keeps what every single operation
counted, so that later plans can look back (:mod:`reconciler.plan.rolling_window`).
What is counted once in a plan counts with the first of its operations. A group is
emptied by the last that takes somebody out of it.

Deletes that ``delete_after`` made due count for nothing here: they never block a
plan (ruling 14), and their disables counted when they were done.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from reconciler.plan.effects import (
    deletes_group,
    deletes_in_time,
    deletes_user,
    disables,
    enables,
    lost_members,
    renames,
    revokes,
    subjects,
)
from reconciler.plan.operation import Operation
from reconciler.plan.population import Population
from reconciler.states import ResourceType

Weights = Iterator[tuple[Operation, Counter[str]]]
"""Each operation, and what it counts by id of the guard."""

_ONCE: tuple[tuple[str, Callable[[Operation], bool]], ...] = (
    ("accidental_deletions", lambda o: disables(o) or deletes_user(o) or deletes_group(o)),
    ("delete_users", deletes_user),
    ("delete_groups", deletes_group),
    ("revoke_roles", revokes),
    ("rename_users", renames),
    ("enable_users", enables),
)
"""Guards that count an account or a group once, however many operations are about it."""


def weigh(operations: Sequence[Operation], population: Population) -> Weights:
    """Return what each of *operations*, as the service carries them out, counts."""
    in_time = subjects(operations, deletes_in_time)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    seen = set[tuple[str, ResourceType, str]]()
    for place, operation in enumerate(operations):
        kind, who = operation.resource_type, operation.target_id or operation.key
        due = who in in_time and deletes_user(operation)
        for guard, test in () if due else _ONCE:
            if test(operation) and (guard, kind, who) not in seen:
                seen.add((guard, kind, who))
                found[place][guard] = 1
        if lost := set(lost_members(operation)) - in_time:
            found[place]["remove_members"] = found[place]["group_members"] = len(lost)
    for place in _emptying(operations, population):
        found[place]["empty_groups"] += 1
    return ((one, found.get(place, Counter())) for place, one in enumerate(operations))


def _emptying(operations: Sequence[Operation], population: Population) -> list[int]:
    """Return for each group that *operations* empty the place of the one that does it."""
    takers = [i for i, one in enumerate(operations) if lost_members(one) or deletes_user(one)]
    emptied = population.emptied_by(operations) if takers else set[str]()
    last = dict.fromkeys(emptied, len(operations) - 1)
    left = defaultdict[str, list[str]](list)
    for group in emptied:
        for member in population.members[group]:
            left[member].append(group)
    for index in takers:
        operation = operations[index]
        target = operation.target_id or ""
        if target in last:
            last[target] = index
        for group in left.get(target, ()) if deletes_user(operation) else ():
            last[group] = index
    return list(last.values())
