"""
How the checker reads resources and plans: a small SCIM of its own.

Nothing here, and nothing in :mod:`tests.simulate.check`, comes from the program: a
mistake in the one must not hide itself in the other. A test holds that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

Resource = dict[str, Any]
Ids = Mapping[tuple[str, str], str]
"""Target id by type and anchor, as the journals say."""

_PATH = re.compile(
    r"^(?:(?P<urn>urn:[^ \[]+):)?(?P<name>\w+)(?:\[(?P<by>\w+) eq (?P<value>[^\]]+)\])?"
    r"(?:\.(?P<sub>\w+))?$"
)
_CORE = re.compile(r":core:2\.0:(User|Group)$", re.IGNORECASE)
MEMBERS = "members"


def plain(value: Any) -> Any:
    """Return a value as it is compared: text without case, a reference by its id."""
    if isinstance(value, dict) and set(value) <= {"value", "$ref", "displayName", "display"}:
        value = value.get("value")
    if value is None or value in ("", [], {}):
        return None
    return str(value).lower() if isinstance(value, str | bool | int) else value


def leaves(resource: Resource | None) -> dict[str, Any]:
    """Return everything that a resource holds, by place; a list is one value, without order."""
    found: dict[str, Any] = {}
    for name, value in (resource or {}).items():
        if name.lower() in {"schemas", "meta", "id"}:
            continue
        _add(found, name.lower(), value)
    return found


def _add(found: dict[str, Any], place: str, value: Any) -> None:
    if isinstance(value, list):
        elements = sorted(json.dumps(_element(one), sort_keys=True) for one in value)
        kept = [one for one in elements if one != "{}"]
        if kept:
            found[place] = kept
    elif isinstance(value, dict) and plain(value) is value:
        for part, held in value.items():
            _add(found, f"{place}.{part.lower()}", held)
    elif plain(value) is not None:
        found[place] = plain(value)


def _element(value: Any) -> Any:
    """Return one element of a list; one without a value says nothing."""
    if not isinstance(value, dict):
        return plain(value)
    parts = {part.lower(): plain(held) for part, held in value.items() if part not in _MADE}
    return parts if parts.get("value") is not None else {}


_MADE = {"display", "$ref", "type"}
"""Parts of an element that a service may make itself; of no weight here."""


def members(resource: Resource | None) -> set[str]:
    return {str(one["value"]) for one in (resource or {}).get(MEMBERS) or ()}


def value_at(resource: Resource | None, path: str) -> Any:
    """Return what is at a path of a plan, as it is compared."""
    holder, name, by, sub = _steps(resource or {}, path, make=False)
    value = holder.get(name)
    if by is not None:
        elements = [one for one in value or () if plain(one.get(by[0])) == by[1]]
        value = elements[0].get(sub or "value") if elements else None
    elif sub is not None:
        value = value.get(sub) if isinstance(value, dict) else None
    return plain(value)


def put_at(resource: Resource, path: str, value: Any) -> None:
    """Let a value be at a path of a plan, in place; None takes it away."""
    holder, name, by, sub = _steps(resource, path, make=True)
    if by is not None:
        kept = [one for one in holder.get(name) or () if plain(one.get(by[0])) != by[1]]
        if value is not None:
            found = [one for one in holder.get(name) or () if one not in kept]
            one = found[0] if found else {by[0]: by[1]}
            kept.append({**one, sub or "value": value})
        holder[name] = kept
    elif sub is not None:
        inner = holder.setdefault(name, {})
        inner[sub] = value
    else:
        holder[name] = value


def _steps(
    resource: Resource, path: str, *, make: bool
) -> tuple[Resource, str, tuple[str, Any] | None, str | None]:
    found = _PATH.match(path)
    if found is None:
        raise ValueError(path)
    holder, urn = resource, found["urn"]
    if urn and not _CORE.search(urn):
        holder = resource.setdefault(urn, {}) if make else resource.get(urn) or {}
    name = next((key for key in holder if key.lower() == found["name"].lower()), found["name"])
    by = (found["by"], plain(json.loads(found["value"]))) if found["by"] else None
    return holder, name, by, found["sub"]


def gained(operation: Resource, ids: Ids) -> set[str]:
    """Return the members that an operation adds; of those it refers to, who is known."""
    named = {
        str(one["value"])
        for change in operation["changes"]
        if change["path"].lower() == MEMBERS
        for one in change["after"] or ()
    }
    referred = (ids.get(_key(one)) for one in _referred(operation, MEMBERS))
    return named | {one for one in referred if one is not None}


def lost(operation: Resource) -> set[str]:
    """Return the members that an operation takes out."""
    return {
        str(one["value"])
        for change in operation["changes"]
        if change["path"].lower() == MEMBERS
        for one in change["before"] or ()
    }


def _referred(operation: Resource, path: str) -> Iterable[Resource]:
    return (one for one in operation["references"] if one["path"].lower() == path)


def _key(reference: Resource) -> tuple[str, str]:
    return reference["resource_type"], reference["source_id"]


def wanted(operation: Resource, ids: Ids) -> dict[str, Any]:
    """Return every value that an operation sets, by path, members left out; null takes away."""
    found = {
        change["path"]: change["after"]
        for change in operation["changes"]
        if change["path"].lower() != MEMBERS
    }
    for one in operation["references"]:
        if one["path"].lower() != MEMBERS and _key(one) in ids:
            found[one["path"]] = ids[_key(one)]
    return found


def carried_out(operation: Resource, resource: Resource, ids: Ids) -> Resource:
    """Return what an operation makes of a resource."""
    after = deepcopy(resource)
    for path, value in wanted(operation, ids).items():
        put_at(after, path, value)
    there = (members(resource) - lost(operation)) | gained(operation, ids)
    if there or MEMBERS in after:
        after[MEMBERS] = [{"value": one} for one in sorted(there)]
    return after


def shows(operation: Resource, resource: Resource | None, ids: Ids) -> bool:
    """Say whether a resource shows all that an operation wants; nobody does after a delete."""
    if operation["action"] == "delete":
        return resource is None
    if resource is None:
        return False
    there = members(resource)
    return (
        all(value_at(resource, p) == plain(v) for p, v in wanted(operation, ids).items())
        and gained(operation, ids) <= there
        and not lost(operation) & there
    )


def between(found: Resource, after: Resource, meant: Resource | None) -> list[str]:
    """Return where *meant* is neither as it was *found* nor as it is to be *after*."""
    one, other, is_now = leaves(found), leaves(after), leaves(meant)
    places = {*one, *other, *is_now} - {MEMBERS}
    wrong = [p for p in places if is_now.get(p) not in (one.get(p), other.get(p))]
    was, will, now = members(found), members(after), members(meant)
    if not (was & will) <= now <= (was | will):
        wrong.append(MEMBERS)
    return sorted(wrong)


def added_beside(
    place: str, seen: Resource, wanted: Resource, found: Resource, meant: Resource | None
) -> bool:
    """Say whether a list that is *found* gains what it was to gain when *seen*, and no more."""
    lists = [leaves(one).get(place, []) for one in (seen, wanted, found, meant)]
    if not all(isinstance(one, list) for one in lists):
        return False
    was, will, there, now = map(set, lists)
    return was <= will and now == there | (will - was)
