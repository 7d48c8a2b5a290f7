"""
Operation to the SCIM requests that carry it out (RFC 7644, sections 3.3 and 3.5).

What is said depends on what is live at that moment, and on the forms that the
service at hand understands. The parts: :mod:`reconciler.plan.patches` for
attributes, :mod:`reconciler.plan.memberships` for members, and
:mod:`reconciler.plan.replacement` for what is sent whole, which
:mod:`reconciler.plan.unseen` may refuse.

Called by :mod:`reconciler.apply`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reconciler.plan.forms import Forms
from reconciler.plan.groups import MEMBERS
from reconciler.plan.leaves import attribute
from reconciler.plan.memberships import Movement, member_patches
from reconciler.plan.moulds import body_of, mould
from reconciler.plan.operation import Change, Operation, Reference
from reconciler.plan.patches import attribute_operations, list_operations
from reconciler.plan.replacement import revised, writable
from reconciler.plan.requests import Patch, PatchOperation, Put
from reconciler.plan.unseen import WouldBeLost, require_kept
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.scim.resource import put, reader
from reconciler.states import Resource, ResourceType

__all__ = ["Forms", "Patch", "Put", "Resolve", "WouldBeLost", "encode_changes", "encode_create"]

Resolve = Callable[[Reference], str]
"""Returns the id that an earlier operation of the plan has produced."""


def encode_create(operation: Operation) -> dict[str, Any]:
    """Return the body of the POST that creates what *operation* describes."""
    kind, paths = operation.resource_type, [change.path for change in operation.changes]
    values = [change.after for change in operation.changes]
    filled = mould(kind, tuple(paths))
    if filled is None:
        return body_of(kind, map(parse_path, paths), values)
    body: dict[str, Any] = filled(values)
    return body


def encode_changes(
    operation: Operation, live: Mapping[str, Any], resolve: Resolve, forms: Forms
) -> Sequence[Patch | Put]:
    """
    Return the requests that carry *operation* out, in their order.

    Args:
        operation: With the attributes that *live* does not show yet; of members,
            those that it shows already are left out here.
        live: The resource as it was just read.
        resolve: Finds what a reference means.
        forms: What the service understands.

    Raises:
        KeyError: From *resolve*, when what is referred to does not exist.
        WouldBeLost: What a read does not show would be lost.
    """
    kind, changes = operation.resource_type, _attribute_changes(operation, resolve)
    movement = Movement.of(operation, live, resolve)
    if not changes and not movement:
        return []
    if forms.puts(kind, leaving=bool(movement.leaving)):
        return [Put(_whole(kind, live, changes, movement, forms))]
    operations = _attributes(kind, live, changes, forms)
    patches = [operations] if operations else []
    patches += member_patches(movement, _named(kind, live, movement, forms), forms)
    if not forms.atomic:
        patches = [[operation] for operations in patches for operation in operations]
    return [Patch(operations) for operations in patches]


def _whole(
    kind: ResourceType,
    live: Mapping[str, Any],
    changes: Sequence[Change],
    movement: Movement,
    forms: Forms,
) -> Resource:
    """
    Return everything that *live* shows, with the changes made in it.

    A group that nobody is left in says so with an empty list: what is left out
    need not be taken for cleared (RFC 7644, section 3.5.1).
    """
    if kind is ResourceType.GROUP and not forms.members_readable:
        raise WouldBeLost(
            "the target does not show the members of a group, who would be lost if the rest was "
            "sent back; a profile with `group_update: patch` sends changes alone"
        )
    require_kept(live, kind, forms.schemas)
    body = revised(live, changes, kind, forms.schemas)
    if movement:
        put(body, AttributePath(None, MEMBERS), [*_staying(body, movement), *movement.joining])
    return body


def _attributes(
    kind: ResourceType, live: Mapping[str, Any], changes: Sequence[Change], forms: Forms
) -> list[PatchOperation]:
    """Return what sets and clears attributes; elements of lists with the whole list, if need be."""
    if forms.patch_filter_path:
        return attribute_operations(changes, live)
    filtered = [change for change in changes if _is_filtered(change)]
    operations = attribute_operations([c for c in changes if not _is_filtered(c)], live)
    if filtered:
        lists = [attribute(parse_path(change.path)) for change in filtered]
        require_kept(live, kind, forms.schemas, lists)
        operations += list_operations(filtered, live, revised(live, filtered, kind, forms.schemas))
    return operations


def _is_filtered(change: Change) -> bool:
    """Say whether the path of a change names one element of a list."""
    return bool(parse_path(change.path).conditions)


def _named(
    kind: ResourceType, live: Mapping[str, Any], movement: Movement, forms: Forms
) -> list[Any]:
    """Return the members who stay, if they have to be named for others to leave."""
    if not movement.leaving or forms.member_removal != "replace":
        return []
    require_kept(live, kind, forms.schemas, [AttributePath(None, MEMBERS)])
    return _staying(writable(live, kind, forms.schemas), movement)


def _staying(resource: Mapping[str, Any], movement: Movement) -> list[Any]:
    """Return the members of a group, as they are there, but for those who leave."""
    leaving = frozenset(movement.leaving)
    found = reader(AttributePath(None, MEMBERS))(resource)
    members = found if isinstance(found, list) else []
    return [each for each in members if not (isinstance(each, dict) and _is_any_of(each, leaving))]


def _is_any_of(member: Mapping[str, Any], ids: frozenset[str]) -> bool:
    """Say whether *member*, of which a service may give any shape, is one of *ids*."""
    value = member.get("value")
    return isinstance(value, str) and value in ids


def _attribute_changes(operation: Operation, resolve: Resolve) -> list[Change]:
    """Return the changes but for that of members, with those that references make."""
    changes = [change for change in operation.changes if change.path.lower() != MEMBERS]
    return changes + [
        Change(reference.path, None, resolve(reference))
        for reference in operation.references
        if reference.path.lower() != MEMBERS
    ]
