"""
One operation as it is shown: a symbol, a name, a reason, what changes.

A create has no before, so its attributes stand side by side; everything else
shows before and after, one line each. Members are counted and a few named,
never listed; what an earlier operation creates is "known after apply".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.plan.operation import Action, Change, Operation
from reconciler.render.values import REDACTED, difference, shown, value
from reconciler.scim.roles import is_role_list
from reconciler.states import ResourceType

MEMBERS = "members"
"""The path whose changes are additions and removals (:class:`reconciler.plan.operation.Change`)."""

NAMED = 5
"""Members that are named; the rest is counted."""

SYMBOLS: Mapping[Action, str] = {
    Action.LINK: ">",
    Action.CREATE: "+",
    Action.ENABLE: "^",
    Action.UPDATE: "~",
    Action.ADD_MEMBERS: "~",
    Action.REMOVE_MEMBERS: "-",
    Action.REVOKE: "-",
    Action.DISABLE: "-",
    Action.DELETE: "x",
}
"""What stands before an operation."""

TAKING = frozenset("-x")
"""The symbols of what takes something away."""

VERBS: Mapping[Action, str] = {
    Action.LINK: "link",
    Action.CREATE: "create",
    Action.ENABLE: "enable",
    Action.UPDATE: "update",
    Action.ADD_MEMBERS: "add members to",
    Action.REMOVE_MEMBERS: "remove members from",
    Action.REVOKE: "revoke roles of",
    Action.DISABLE: "disable",
    Action.DELETE: "delete",
}
"""What an operation does, before a noun; in the order of the summary."""

NOUNS: Mapping[ResourceType, str] = {ResourceType.USER: "users", ResourceType.GROUP: "groups"}


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation, in words."""

    symbol: str
    name: str
    """Type and key; with the key left out, the id instead."""
    reason: str
    creates: bool
    changes: tuple[tuple[str, str], ...]
    """Pairs of a path, and what becomes of it."""


def operation_view(operation: Operation) -> OperationView:
    """Return what is shown of *operation*."""
    identity = operation.source_id or operation.target_id
    return OperationView(
        symbol=SYMBOLS[operation.action],
        name=f"{operation.resource_type.value} {known_as(operation.key, identity)}",
        reason=shown(operation.reason),
        creates=operation.action is Action.CREATE,
        changes=tuple(_changes(operation)),
    )


def known_as(key: str, identity: str | None) -> str:
    """Return what a person or a group is shown as: the key, or an id when the key is left out."""
    if key == REDACTED and identity:
        return f"{REDACTED} {shown(identity)}"
    return shown(key)


def _changes(operation: Operation) -> Iterator[tuple[str, str]]:
    """Yield what changes, in the order of the plan; references and members last."""
    creates = operation.action is Action.CREATE
    added: list[str] = []
    removed: list[str] = []
    awaited = 0
    for change in operation.changes:
        if change.path.lower() == MEMBERS:
            added.extend(_names(change.after))
            removed.extend(_names(change.before))
        else:
            yield from _attribute(change, creates=creates)
    for reference in operation.references:
        if reference.path.lower() == MEMBERS:
            added.append(shown(reference.display))
            awaited += 1
        else:
            yield shown(reference.path), f"known after apply: {shown(reference.display)}"
    if added or removed:
        after = f", {awaited} known after apply" if awaited else ""
        yield MEMBERS, f"{_members(added, removed)}{after}"


def _attribute(change: Change, *, creates: bool) -> Iterator[tuple[str, str]]:
    """Yield what becomes of one attribute; roles one by one, as a line has no room for several."""
    before, after = change.before, change.after
    if is_role_list(change.path) and isinstance(before or after, list):
        before, after = before or [], after or []
        if creates:
            yield from ((f"{shown(change.path)}[{n}]", value(role)) for n, role in enumerate(after))
            return
    if creates:
        yield shown(change.path), value(after)
    else:
        yield from difference(change.path, before, after)


def _names(entries: Any) -> list[str]:
    """Return the names of members; an entry of a strange shape is shown as it is."""
    listed: Sequence[Any] = entries if isinstance(entries, list) else [entries]
    return [_name(entry) for entry in listed if entry is not None]


def _name(entry: Any) -> str:
    """Return what a member is known by."""
    if not isinstance(entry, dict):
        return value(entry)
    display = entry.get("display") or entry.get("value")
    return shown(display) if isinstance(display, str) else value(display)


def _members(added: Sequence[str], removed: Sequence[str]) -> str:
    """Return how many members come and go, and a few names."""
    return " ".join(
        f"{sign}{len(names)}{_some(names)}"
        for sign, names in (("+", added), ("-", removed))
        if names
    )


def _some(names: Sequence[str]) -> str:
    """Return a few of *names* in brackets, and how many more there are."""
    named = [name for name in names if not name.startswith(REDACTED)]
    if not named:
        return ""
    more = [f"and {len(named) - NAMED} more"] if len(named) > NAMED else []
    return f" ({', '.join([*named[:NAMED], *more])})"
