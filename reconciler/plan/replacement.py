"""
A resource as it was just read, with changes made in it: what a PUT sends.

Nothing else may change, so everything is sent back but what is the service's
alone to say: read-only attributes, which it may ignore (RFC 7644, section
3.5.1) and some refuse; ``id`` stays. What is write-only and shown all the same
is left out, too: such a password may be a hash, or asterisks.

Called by :mod:`reconciler.plan.encode`, also for the one list that a PATCH
without filters replaces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

from reconciler.plan.leaves import attribute, element, leaf, new_roles, removed
from reconciler.plan.operation import Change
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.scim.resource import drop, put, reader
from reconciler.scim.roles import is_role_list, lost_roles, role_elements
from reconciler.scim.schema import CORE_URN, AttributeDefinition, Schemas
from reconciler.states import Resource, ResourceType

_SENT = frozenset({"id", "schemas"})
_NOT_OURS = frozenset({"readonly", "writeonly"})
_PRIMARY = reader(AttributePath(None, "primary"))


def revised(
    live: Mapping[str, Any],
    changes: Sequence[Change],
    resource_type: ResourceType,
    schemas: Schemas,
) -> Resource:
    """Return what can be written of *live*, with *changes* made in it."""
    resource = writable(live, resource_type, schemas)
    named = [CORE_URN[resource_type.value]]
    for change in changes:
        _make(resource, change)
        urn = parse_path(change.path).urn
        named += [urn] if urn is not None and change.after is not None else []
    _name_schemas(resource, named)
    return resource


def writable(live: Mapping[str, Any], resource_type: ResourceType, schemas: Schemas) -> Resource:
    """Return a copy of *live* without what is the service's alone to say."""

    def known(urn: str | None, name: str) -> AttributeDefinition | None:
        if urn is None and name.lower() in _SENT:
            return None
        return schemas.of(resource_type.value, AttributePath(urn, name))

    resource = _kept(live, partial(known, None))
    for name, value in live.items():
        if name.lower().startswith("urn:") and isinstance(value, Mapping):
            resource[name] = _kept(value, partial(known, name))
    return {name: value for name, value in resource.items() if value != {}}


def _kept(
    values: Mapping[str, Any], known: Callable[[str], AttributeDefinition | None]
) -> dict[str, Any]:
    """Return a copy of *values* without those, and parts of those, that are the service's."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        definition = known(name)
        if definition is None:
            kept[name] = deepcopy(value)
        elif definition.mutability.lower() not in _NOT_OURS:
            kept[name] = _parts_kept(value, definition)
    return kept


def _parts_kept(value: Any, definition: AttributeDefinition) -> Any:
    """Return a copy of a value, of each element of a list, without parts that are the service's."""
    if isinstance(value, list):
        return [_parts_kept(each, definition) for each in value]
    if not isinstance(value, Mapping):
        return value
    return _kept(value, lambda name: definition.sub_attributes.get(name.lower()))


def _make(resource: Resource, change: Change) -> None:
    """Change *resource* in place."""
    path = leaf(parse_path(change.path))
    if is_role_list(change.path):
        _make_roles(resource, path, change)
    elif change.after is None:
        drop(resource, removed(path))
    else:
        new = reader(element(path))(resource) is None
        put(resource, path, change.after)
        if (path.sub or "value").lower() == "value":
            drop(resource, AttributePath(path.urn, path.attribute, path.conditions, "$ref"))
        if new or (path.sub or "").lower() == "primary":
            _leave_one_primary(resource, path)


def _make_roles(resource: Resource, path: AttributePath, change: Change) -> None:
    """Replace the list of all roles where one goes, else add to it, as a PATCH does."""
    there = role_elements(reader(path)(resource))
    lost = lost_roles(change.before, change.after)
    wanted = role_elements(change.after) if lost else (*there, *new_roles(change, there))
    put(resource, path, [deepcopy(each) for each in wanted])


def _leave_one_primary(resource: Resource, path: AttributePath) -> None:
    """Let the others be primary no longer, as a PATCH does (RFC 7644, section 3.5.2)."""
    elements, chosen = reader(attribute(path))(resource), reader(element(path))(resource)
    if not isinstance(elements, list) or not _is_primary(chosen):
        return
    for each in elements:
        if each is not chosen and _is_primary(each):
            each.update({name: False for name in each if name.lower() == "primary"})


def _is_primary(value: Any) -> bool:
    return isinstance(value, dict) and _PRIMARY(value) is True


def _name_schemas(resource: Resource, urns: Sequence[str]) -> None:
    """Name the schemas of what a resource holds, those that it names already as it does."""
    path = AttributePath(None, "schemas")
    named = list(reader(path)(resource) or ())
    there = {str(urn).lower() for urn in named}
    put(resource, path, named + [urn for urn in dict.fromkeys(urns) if urn.lower() not in there])
