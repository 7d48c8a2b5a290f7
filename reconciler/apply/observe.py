"""
Looking at a live resource before and after an operation.

2xx is no proof (INV-14): an operation is done when a read shows what it wanted.
The same look decides, before anything is sent, whether the resource is still
what the plan saw, and after a lost answer, whether the request arrived.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.diff import Comparator
from reconciler.diff.normalize import reference_id
from reconciler.plan.encode import Resolve
from reconciler.plan.groups import MEMBERS, live_members
from reconciler.plan.operation import Change, Operation
from reconciler.plan.precondition import fingerprint, touched_members
from reconciler.scim.schema import Schemas
from reconciler.states import Resource, ResourceType


class Observer:
    """Compares live resources with what operations expect and want."""

    def __init__(self, schemas: Schemas) -> None:
        self._comparators: Mapping[ResourceType, Comparator] = {
            kind: Comparator(kind.value, schemas) for kind in ResourceType
        }

    def as_planned(self, operation: Operation, live: Resource) -> bool:
        """Say whether *live* still is what the plan was made on (INV-17)."""
        bound = operation.precondition
        if bound is None:
            return True
        comparator = self._comparators[operation.resource_type]
        members = touched_members(operation.changes)
        return fingerprint(live, bound.paths, members, comparator) == bound.sha256

    def halfway(self, operation: Operation, live: Resource) -> bool:
        """
        Say whether *live* is somewhere between before and after.

        True for what an interrupted run of this very operation can have left:
        every attribute shows one of its two values.
        """
        comparator = self._comparators[operation.resource_type]
        return all(
            _shows(comparator, live, change.path, change.before)
            or _shows(comparator, live, change.path, change.after)
            for change in operation.changes
            if change.path.lower() != MEMBERS
        )

    def missing(self, operation: Operation, live: Resource, resolve: Resolve) -> list[str]:
        """Return the paths at which *live* does not show what *operation* wants."""
        comparator = self._comparators[operation.resource_type]
        lacking = [
            change.path
            for change in operation.changes
            if change.path.lower() != MEMBERS
            and not _shows(comparator, live, change.path, change.after)
        ]
        lacking += [
            reference.path
            for reference in operation.references
            if reference.path.lower() != MEMBERS
            and not _shows(comparator, live, reference.path, resolve(reference))
        ]
        gained, lost = wanted_members(operation, resolve)
        present = live_members(live)
        if not gained <= present or lost & present:
            lacking.append(MEMBERS)
        return lacking


def wanted_members(operation: Operation, resolve: Resolve) -> tuple[set[str], set[str]]:
    """Return the ids of the members that must be there, and of those that must not."""
    change = operation.change_of(MEMBERS) or Change(MEMBERS, None, None)
    gained = {member["value"] for member in change.after or []}
    gained |= {resolve(r) for r in operation.references if r.path.lower() == MEMBERS}
    return gained, {member["value"] for member in change.before or []}


def _shows(comparator: Comparator, live: Resource, path: str, wanted: object) -> bool:
    """Say whether *live* holds *wanted* at *path*, by schema; a reference by its id."""
    if path.lower().endswith(("manager", "manager.value")):
        return reference_id(comparator.attribute(path).read(live)) == wanted
    if path.lower() == "active" and wanted is True:
        return comparator.live_value(live, path) is not False
    return comparator.same(path, comparator.attribute(path).read(live), wanted)
