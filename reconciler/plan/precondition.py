"""
What a live resource must still look like for an operation to run.

The fingerprint covers what the operation relies on and what it touches: the id,
the matching attributes, ``active``, the changed attributes, and of members only
those that come or go. An unrelated change elsewhere does not void a review
(product.md, section 6).

A plan binds each operation to the state that the operations before it leave
behind; ``apply`` computes the same fingerprint over what it reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reconciler.diff import Comparator
from reconciler.diff.normalize import reference_id
from reconciler.plan.digest import digest
from reconciler.plan.groups import MEMBERS, live_members
from reconciler.plan.operation import Change, Precondition
from reconciler.scim.paths import parse_path
from reconciler.scim.resource import drop, put
from reconciler.states import Resource


def touched_members(changes: Iterable[Change]) -> tuple[str, ...]:
    """Return the ids of members that come or go, in a stable order."""
    ids: set[str] = set()
    for change in changes:
        if change.path.lower() == MEMBERS:
            for member in (change.before or []) + (change.after or []):
                ids.add(member["value"])
    return tuple(sorted(ids))


def fingerprint(
    resource: Resource, paths: Iterable[str], members: Iterable[str], comparator: Comparator
) -> str:
    """Return the digest of what *resource* holds at *paths*, and which of *members* it has."""
    present = live_members(resource)
    values: dict[str, Any] = {}
    for path in paths:
        value = comparator.live_value(resource, path)
        refers = path.lower().endswith("manager")
        values[path] = reference_id(comparator.attribute(path).read(resource)) if refers else value
    if values.get("active", True) is None:
        values["active"] = True
    there = {member: member in present for member in members}
    return digest([resource.get("id"), values, there])


def precondition(
    resource: Resource,
    changes: Iterable[Change],
    relied_on: Iterable[str],
    comparator: Comparator,
) -> Precondition:
    """Bind *changes* to the present state of *resource*, and to what is at *relied_on*."""
    changes = tuple(changes)
    touched = {change.path for change in changes}
    paths = sorted(path for path in {*relied_on, *touched} if path.lower() != MEMBERS)
    sha256 = fingerprint(resource, paths, touched_members(changes), comparator)
    return Precondition(sha256, tuple(paths))


def applied(resource: Resource, changes: Iterable[Change]) -> None:
    """Change *resource* in place as the operation will, to foresee what comes after it."""
    for change in changes:
        if change.path.lower() == MEMBERS:
            _apply_members(resource, change)
        elif change.after is None:
            drop(resource, parse_path(change.path))
        else:
            put(resource, parse_path(change.path), change.after)


def _apply_members(resource: Resource, change: Change) -> None:
    """Add or remove the members that *change* names."""
    gone = {member["value"] for member in change.before or []}
    listed = resource.get(MEMBERS)
    members = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    kept = [one for one in members if not _is_any_of(one.get("value"), gone)]
    resource[MEMBERS] = kept + [dict(member) for member in change.after or []]


def _is_any_of(value: Any, ids: set[str]) -> bool:
    """Say whether *value*, which a service may give any shape, is one of *ids*."""
    return isinstance(value, str) and value in ids
