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

from reconciler.plan.leaves import attribute, element, leaf, new_roles, removed
from reconciler.plan.operation import Change
from reconciler.plan.requests import PatchOperation
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.scim.resource import put, reader
from reconciler.scim.roles import ROLES, is_role_list, lost_roles, role_elements
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
            op = "replace" if _replaceable(path, live) else "add"
            operations.append({"op": op, "path": str(path), "value": change.after})
    return operations + list(added.values())


def list_operations(
    changes: Sequence[Change], live: Mapping[str, Any], revised: Mapping[str, Any]
) -> Iterator[PatchOperation]:
    """
    Yield what brings each list, of which *changes* change elements, to what *revised* shows.

    For services that know no path with a filter in it.
    """
    for path in dict.fromkeys(attribute(parse_path(change.path)) for change in changes):
        there, wanted = reader(path)(live), reader(path)(revised)
        if wanted is not None:
            op = "add" if there is None else "replace"
            yield {"op": op, "path": str(path), "value": wanted}
        elif there is not None:
            yield {"op": "remove", "path": str(path)}


def _replaceable(path: AttributePath, live: Mapping[str, Any]) -> bool:
    """
    Say whether *path* is there to be replaced.

    A part of a complex value of an extension is added in any case, which
    replaces what is there (RFC 7644, section 3.5.2.1): a server that carries
    out a replace as a removal and an addition cannot find the emptied manager.
    """
    part_of_complex = path.urn is not None and isinstance(reader(element(path))(live), Mapping)
    return reader(path)(live) is not None and not (part_of_complex and path.sub)


def _role_operations(change: Change, live: Any) -> Iterator[PatchOperation]:
    """
    Yield what brings the list of all roles up or down to the wanted one.

    The list is replaced only where a role goes, which is what counts as a
    revoke (:mod:`reconciler.plan.effects`); otherwise new ones are added to it.
    The elements have the shape of the POST: never text with JSON in it, as
    Entra sends without its feature flag (decision 9).
    """
    wanted = role_elements(change.after)
    if lost_roles(change.before, wanted):
        replaced = {"op": "replace", "path": ROLES, "value": list(wanted)}
        yield replaced if wanted else {"op": "remove", "path": ROLES}
    elif new := new_roles(change, live):
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
    value = holder[path.attribute]
    added[whole] = {"op": "add", "path": str(attribute(path)), "value": value}
