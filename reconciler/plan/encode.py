"""
Operation to the SCIM requests that carry it out (RFC 7644, sections 3.3 and 3.5.2).

A PATCH says only what it means: lower-case ops, real booleans, leaf paths. A
complex attribute is never replaced whole, members are never replaced or removed
without being named (scim.md, 3.1 to 3.4). Whether a filtered element is
replaced or added depends on what is live at that moment, so the live resource
comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.plan.cost import MEMBER_CHUNK
from reconciler.plan.groups import MEMBERS
from reconciler.plan.operation import Change, Operation, Reference
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
from reconciler.scim.schema import CORE_URN
from reconciler.states import Resource

PatchOperation = dict[str, Any]
Resolve = Callable[[Reference], str]
"""Returns the id that an earlier operation of the plan has produced."""


def encode_create(operation: Operation) -> dict[str, Any]:
    """Return the body of the POST that creates what *operation* describes."""
    urns = [CORE_URN[operation.resource_type.value]]
    body: dict[str, Any] = {"schemas": urns}
    for change in operation.changes:
        path = parse_path(change.path)
        put(body, path, change.after)
        if path.urn and path.urn not in urns:
            urns.append(path.urn)
    return body


def encode_patches(
    operation: Operation, live: Mapping[str, Any], resolve: Resolve
) -> list[list[PatchOperation]]:
    """
    Return the PATCH requests of *operation*, each as its list of operations.

    Raises:
        KeyError: From *resolve*, when what is referred to does not exist.
    """
    attributes = [change for change in operation.changes if change.path.lower() != MEMBERS]
    attributes += [
        Change(reference.path, None, resolve(reference))
        for reference in operation.references
        if reference.path.lower() != MEMBERS
    ]
    patches = [_attribute_operations(attributes, live)] if attributes else []
    return patches + _member_patches(operation, resolve)


def _attribute_operations(
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
    cleared = [_leaf(parse_path(change.path)) for change in changes if change.after is None]
    gone = {_removed(path) for path in cleared}
    for change in changes:
        path = _leaf(parse_path(change.path))
        if is_role_list(change.path):
            operations.extend(_role_operations(change, reader(path)(live)))
        elif change.after is None:
            if _removed(path) == _element(path) or _element(path) not in gone:
                operations.append({"op": "remove", "path": str(_removed(path))})
        elif path.sub is not None and reader(_element(path))(live) is None:
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
    element = _element(path)
    holder: Resource = {}
    if element in added:
        holder = {path.attribute: added[element]["value"]}
    put(holder, AttributePath(None, path.attribute, path.conditions, path.sub), value)
    attribute = AttributePath(path.urn, path.attribute, (), None)
    added[element] = {"op": "add", "path": str(attribute), "value": holder[path.attribute]}


def _element(path: AttributePath) -> AttributePath:
    """Return the path of the element that *path* is part of."""
    return AttributePath(path.urn, path.attribute, path.conditions, None)


def _leaf(path: AttributePath) -> AttributePath:
    """Return where a value is written: a manager's id is the leaf ``manager.value``."""
    if path.attribute.lower() == "manager" and path.sub is None:
        return AttributePath(path.urn, path.attribute, (), "value")
    return path


def _removed(path: AttributePath) -> AttributePath:
    """Return what is removed: the element with its value, the manager with its id."""
    whole = (path.sub or "value").lower() == "value"
    if whole and (path.conditions or path.attribute.lower() == "manager"):
        return _element(path)
    return path


def _member_patches(operation: Operation, resolve: Resolve) -> list[list[PatchOperation]]:
    """Return member adds and removes, in chunks; each member is named."""
    change = operation.change_of(MEMBERS)
    added = [_member(member) for member in (change.after or [] if change else [])]
    added += [
        {"value": resolve(reference), "type": reference.resource_type.value}
        for reference in operation.references
        if reference.path.lower() == MEMBERS
    ]
    patches = [
        [{"op": "add", "path": MEMBERS, "value": added[start : start + MEMBER_CHUNK]}]
        for start in range(0, len(added), MEMBER_CHUNK)
    ]
    removed = [member["value"] for member in (change.before or [] if change else [])]
    for start in range(0, len(removed), MEMBER_CHUNK):
        patches.append([_removal(member) for member in removed[start : start + MEMBER_CHUNK]])
    return patches


def _member(member: Mapping[str, str]) -> dict[str, str]:
    """Return a member as it is sent; `display` is the server's to say."""
    return {"value": member["value"], "type": member.get("type", "User")}


def _removal(member: str) -> PatchOperation:
    """Return the removal of one member, by name (RFC 7644, section 3.5.2.2)."""
    path = AttributePath(None, MEMBERS, (("value", member),), None)
    return {"op": "remove", "path": str(path)}
