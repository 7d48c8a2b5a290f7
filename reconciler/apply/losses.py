"""
What a write took that nobody asked it to take (reliability.md F31).

A service may answer a small change with success and lose more: every other
member of the group, the title, the account itself. So what was there just
before a write and is not there after it is compared, the whole resource: each
attribute, each part of a complex one, each element of a list.

What only reads differently is no loss: other spellings, values that the service
makes itself (`meta`, `display`, whatever its schema calls readOnly), and values
that somebody else has changed meanwhile. What is new is none either.

Used by :mod:`reconciler.apply.sending`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.diff.normalize import boolean
from reconciler.plan.groups import MEMBERS
from reconciler.plan.operation import Operation
from reconciler.scim.folding import fold
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.scim.resource import copied, drop, reader
from reconciler.scim.roles import is_role_list, lost_roles
from reconciler.scim.schema import Schemas
from reconciler.states import Resource

DERIVED: Final = frozenset({"$ref", "display", "displayname", "formatted"})
"""Parts, in lower case, that a service makes of others: they come and go with them."""

BY_VALUE_ALONE: Final = frozenset({"members", "roles", "entitlements"})
"""Lists, in lower case, whose elements' type says nothing about which one it is."""

NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})
"""Values that say that there is none (RFC 7643, section 2.5)."""

NOT_COMPARED: Final = frozenset({"schemas", "meta", "id"})


def losses(operation: Operation, before: Resource, after: Resource, schemas: Schemas) -> list[str]:
    """
    Return what is no longer there and was not to go, as attribute paths.

    Args:
        operation: What was carried out; what it names is looked at elsewhere.
        before: The resource as it was read just before.
        after: The resource as it was read after it.
        schemas: Say what the service writes itself.
    """
    kept = _to_stay(operation, before)
    kind = operation.resource_type.value
    found: list[str] = []
    for path, value in _leaves(kept):
        definition = schemas.of(kind, path)
        if definition is None or definition.mutability != "readOnly":
            found.extend(_lost(path, value, reader(path)(after)))
    return found


def _to_stay(operation: Operation, before: Resource) -> Resource:
    """Return what of *before* is still to be there: all but what *operation* writes."""
    kept: dict[str, Any] = copied(before)
    for change in operation.changes:
        if change.path.lower() == MEMBERS:
            gone = {member["value"] for member in change.before or []}
            members = kept.get(MEMBERS) or []
            kept[MEMBERS] = [member for member in members if member.get("value") not in gone]
        elif not is_role_list(change.path) or lost_roles(change.before, change.after):
            drop(kept, parse_path(change.path))
    for reference in operation.references:
        if reference.path.lower() != MEMBERS:
            drop(kept, parse_path(reference.path))
    return kept


def _leaves(resource: Mapping[str, Any]) -> Iterator[tuple[AttributePath, Any]]:
    """Yield path and value of all that *resource* holds; a list is one value."""
    for name, value in resource.items():
        if ":" in name and isinstance(value, dict):
            for attribute, held in value.items():
                yield from _parts(AttributePath(name, attribute, (), None), held)
        elif name.lower() not in NOT_COMPARED:
            yield from _parts(AttributePath(None, name, (), None), value)


def _parts(path: AttributePath, value: Any) -> Iterator[tuple[AttributePath, Any]]:
    """Yield an attribute, or the parts of a complex one that are not made of others."""
    if not isinstance(value, dict):
        yield path, value
        return
    for part, held in value.items():
        if part.lower() not in DERIVED:
            yield AttributePath(path.urn, path.attribute, (), part), held


def _lost(path: AttributePath, value: Any, now: Any) -> Iterator[str]:
    """Yield what of one *value* is not there *now*."""
    if value in NOTHING:
        return
    if path.attribute.lower() == "active":
        if boolean(value) is True and boolean(now) is False:
            yield "active"
    elif isinstance(value, list):
        gone = _gone(path, value, now if isinstance(now, list) else [])
        if gone:
            yield f"{path} ({gone} of {len(value)})" if len(value) > 1 else str(path)
    elif now in NOTHING:
        yield str(path)


def _gone(path: AttributePath, elements: list[Any], now: list[Any]) -> int:
    """
    Count the *elements* of a list that are not there *now*.

    An element is known by its value. The only one of its type is known by that
    as well, as the work mail is that a service makes of a new name; but one
    member, or one role, is never another.
    """
    values = {_mark(element, "value") for element in now}
    types = Counter(_mark(element, "type") for element in now)
    before = Counter(_mark(element, "type") for element in elements)
    if path.attribute.lower() in BY_VALUE_ALONE:
        types.clear()
    return sum(
        _mark(element, "value") not in values and not types[kind] == before[kind] == 1
        for element in elements
        if (kind := _mark(element, "type")) is not None or _mark(element, "value") is not None
    )


def _mark(element: Any, part: str) -> str | None:
    """Return a part of an element that it is known by; plain text is its own value."""
    said = element.get(part) if isinstance(element, dict) else element if part == "value" else None
    return None if said is None else fold(str(said))
