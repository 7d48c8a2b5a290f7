"""
Looking at a live resource before and after an operation.

2xx is no proof (INV-14): an operation is done when a read shows what it wanted.
The same look decides, before anything is sent, whether the resource is still
what the plan saw, and after a lost answer, whether the request arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from reconciler.diff import Comparator
from reconciler.plan.encode import Resolve
from reconciler.plan.groups import MEMBERS, live_members
from reconciler.plan.operation import Change, Operation
from reconciler.plan.precondition import fingerprint, touched_members
from reconciler.plan.shown import is_reference, shows, shows_change
from reconciler.scim.roles import is_role_list
from reconciler.scim.schema import Schemas
from reconciler.states import Resource, ResourceType


class Observer:
    """Compares live resources with what operations expect and want."""

    def __init__(self, schemas: Schemas) -> None:
        self._comparators: Mapping[ResourceType, Comparator] = {
            kind: Comparator(kind.value, schemas) for kind in ResourceType
        }

    def as_planned(self, operation: Operation, live: Resource) -> bool:
        """
        Say whether *live* still is what the plan was made on (INV-17).

        Also that each value is there which the plan says it changes: guards and
        reviewers have judged what is taken by it.
        """
        comparator = self._comparators[operation.resource_type]
        if not all(shows(comparator, live, c.path, c.before) for c in _attributes(operation)):
            return False
        bound = operation.precondition
        members = touched_members(operation.changes)
        return bound is None or fingerprint(live, bound.paths, members, comparator) == bound.sha256

    def halfway(self, operation: Operation, live: Resource) -> bool:
        """
        Say whether *live* is somewhere between before and after.

        True for what an interrupted run of this very operation can have left:
        every attribute shows one of its two values, and the list of all roles
        what it has in both, and nothing that it has in neither.
        """
        comparator = self._comparators[operation.resource_type]
        return all(_between(comparator, live, change) for change in _attributes(operation))

    def missing(self, operation: Operation, live: Resource, resolve: Resolve) -> list[str]:
        """Return the paths at which *live* does not show what *operation* wants."""
        comparator = self._comparators[operation.resource_type]
        wanted = {change.path: change.after for change in operation.changes}
        paths = _special(tuple(wanted))
        lacking = [
            change.path
            for change in _doubtful(comparator, operation, wanted, paths.references, live)
            if not shows_change(comparator, live, change)
        ]
        if not (operation.references or paths.members):
            return lacking
        lacking += [
            reference.path
            for reference in operation.references
            if reference.path.lower() != MEMBERS
            and not shows(comparator, live, reference.path, resolve(reference))
        ]
        gained, lost = wanted_members(operation, resolve)
        present = live_members(live)
        if not gained <= present or lost & present:
            lacking.append(MEMBERS)
        return lacking


def _attributes(operation: Operation) -> Iterator[Change]:
    """Yield the changes of *operation*, but for that of members."""
    return (change for change in operation.changes if change.path.lower() != MEMBERS)


def _doubtful(
    comparator: Comparator,
    operation: Operation,
    wanted: Mapping[str, Any],
    references: frozenset[str],
    live: Resource,
) -> Iterable[Change]:
    """Return the changes of *operation* that *live* may not show; the others show at once."""
    odd = comparator.at_first_sight(wanted, live)
    if odd is None or len(wanted) < len(operation.changes):
        return _attributes(operation)
    doubtful = references.union(path for _, path, _ in odd)
    if not doubtful:
        return ()
    return (change for change in _attributes(operation) if change.path in doubtful)


class _Special(NamedTuple):
    """What is special about some paths."""

    references: frozenset[str]
    """Those that hold the id of somebody else: an empty text there is nobody."""
    members: bool
    """Whether the members of a group are among them."""


@lru_cache(maxsize=1_024)
def _special(paths: tuple[str, ...]) -> _Special:
    members = any(path.lower() == MEMBERS for path in paths)
    return _Special(frozenset(filter(is_reference, paths)), members)


def wanted_members(operation: Operation, resolve: Resolve) -> tuple[set[str], set[str]]:
    """Return the ids of the members that must be there, and of those that must not."""
    change = operation.change_of(MEMBERS) or Change(MEMBERS, None, None)
    gained = {member["value"] for member in change.after or []}
    gained |= {resolve(r) for r in operation.references if r.path.lower() == MEMBERS}
    return gained, {member["value"] for member in change.before or []}


def _between(comparator: Comparator, live: Resource, change: Change) -> bool:
    """Say whether *live* shows a state on the way from before *change* to after it."""
    if not is_role_list(change.path):
        sides = (change.before, change.after)
        return any(shows(comparator, live, change.path, side) for side in sides)
    there, before, after = (
        frozenset(comparator.attribute(change.path).canonical(roles) or ())
        for roles in (_read(comparator, live, change), change.before, change.after)
    )
    return before & after <= there <= before | after


def _read(comparator: Comparator, live: Resource, change: Change) -> Any:
    return comparator.attribute(change.path).read(live)
