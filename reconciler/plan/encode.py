"""
Operation to the SCIM requests that carry it out (RFC 7644, sections 3.3 and 3.5).

What is said depends on what is live at that moment, and on the forms that the
service at hand understands. The parts: :mod:`reconciler.plan.patches` for
attributes, :mod:`reconciler.plan.memberships` for members.

Called by :mod:`reconciler.apply`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reconciler.plan.forms import Forms
from reconciler.plan.groups import MEMBERS
from reconciler.plan.memberships import Movement, additions, removals
from reconciler.plan.operation import Change, Operation, Reference
from reconciler.plan.patches import attribute_operations
from reconciler.plan.requests import Patch, Put
from reconciler.scim.paths import parse_path
from reconciler.scim.resource import put
from reconciler.scim.schema import CORE_URN

__all__ = ["Forms", "Patch", "Put", "Resolve", "encode_changes", "encode_create"]

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
    """
    attributes = attribute_operations(_attribute_changes(operation, resolve), live)
    movement = Movement.of(operation, live, resolve)
    patches = [attributes] if attributes else []
    patches += additions(movement.joining, forms.chunk)
    patches += removals(movement.leaving, forms.chunk)
    return [Patch(operations) for operations in patches]


def _attribute_changes(operation: Operation, resolve: Resolve) -> list[Change]:
    """Return the changes but for that of members, with those that references make."""
    changes = [change for change in operation.changes if change.path.lower() != MEMBERS]
    return changes + [
        Change(reference.path, None, resolve(reference))
        for reference in operation.references
        if reference.path.lower() != MEMBERS
    ]
