"""
What sets and clears attributes, as operations of a PATCH (RFC 7644, section 3.5.2).

A PATCH says only what it means: lower-case ops, real booleans, leaf paths; a
complex attribute is never replaced whole (scim.md, 3.1 to 3.3). Whether a value
is replaced or added depends on what is live at that moment, so the live
resource comes in.

Called by :mod:`reconciler.plan.encode`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler.plan.operation import Change
from reconciler.plan.requests import PatchOperation
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.scim.resource import put, reader
from reconciler.scim.roles import (
    ROLES,
    is_role_list,
    lost_roles,
    role_elements,
    role_value,
    role_values,
)
from reconciler.states import Resource


def attribute_operations(
    changes: Sequence[Change], live: Mapping[str, Any]
) -> list[PatchOperation]:
    """
    Return what sets and clears attributes.

    What is there is replaced, what is not is added: by RFC 7644, section
    3.5.2.3, a replace would do for both, and some servers refuse it. The parts
    of a complex value or of an element that is not there yet are added together;
    those of one that goes as a whole are not removed once more.
    """
    operations: list[PatchOperation] = []
    added: dict[AttributePath, PatchOperation] = {}
    cleared = [leaf(parse_path(change.path)) for change in changes if change.after is None]
    gone = {removed(path) for path in cleared}
    for change in changes:
        path = leaf(parse_path(change.path))
        if is_role_list(change.path):
            operations.extend(_role_operations(change, reader(path)(live)))
        elif change.after is None:
            if removed(path) == element(path) or element(path) not in gone:
                operations.append({"op": "remove", "path": str(removed(path))})
        elif path.sub is not None and reader(element(path))(live) is None:
            _add_to_container(added, path, change.after)
        else:
            op = "add" if reader(path)(live) is None else "replace"
            operations.append({"op": op, "path": str(path), "value": change.after})
    return operations + list(added.values())


def _role_operations(change: Change, live: Any) -> Iterator[PatchOperation]:
    """
    Yield what brings the list of all roles up or down to the wanted one.

    The list is replaced only where a role goes, which is what counts as a
    revoke (:mod:`reconciler.plan.effects`); otherwise new ones are added to it,
    but for what an interrupted run has added to *live* already.
    The elements have the shape of the POST: never text with JSON in it, as
    Entra sends without its feature flag (decision 9).
    """
    wanted = role_elements(change.after)
    if lost_roles(change.before, wanted):
        replaced = {"op": "replace", "path": ROLES, "value": list(wanted)}
        yield replaced if wanted else {"op": "remove", "path": ROLES}
        return
    there = role_values(change.before) | role_values(live)
    new = [element for element in wanted if role_value(element) not in there]
    if new:
        yield {"op": "add", "path": ROLES, "value": new}


def _add_to_container(
    added: dict[AttributePath, PatchOperation], path: AttributePath, value: Any
) -> None:
    """Put *value* into the new complex value, or the new element, that it is part of."""
    whole = element(path)
    holder: Resource = {}
    if whole in added:
        holder = {path.attribute: added[whole]["value"]}
    put(holder, AttributePath(None, path.attribute, path.conditions, path.sub), value)
    attribute = AttributePath(path.urn, path.attribute, (), None)
    added[whole] = {"op": "add", "path": str(attribute), "value": holder[path.attribute]}


def element(path: AttributePath) -> AttributePath:
    """Return the path of the element that *path* is part of."""
    return AttributePath(path.urn, path.attribute, path.conditions, None)


def leaf(path: AttributePath) -> AttributePath:
    """Return where a value is written: a manager's id is the leaf ``manager.value``."""
    if path.attribute.lower() == "manager" and path.sub is None:
        return AttributePath(path.urn, path.attribute, (), "value")
    return path


def removed(path: AttributePath) -> AttributePath:
    """Return what is removed: the element with its value, the manager with its id."""
    whole = (path.sub or "value").lower() == "value"
    if whole and (path.conditions or path.attribute.lower() == "manager"):
        return element(path)
    return path
