"""
Members who come and go, as operations of a PATCH.

Each member is named, and nobody is removed whom the live group does not show: a
bare ``remove members`` empties the group on servers that take it, and cannot be
said here (scim.md, 3.2 and 3.4 f).

Called by :mod:`reconciler.plan.encode`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.plan.groups import MEMBERS, live_members
from reconciler.plan.operation import Operation, Reference
from reconciler.plan.requests import PatchOperation
from reconciler.scim.paths import AttributePath


@dataclass(frozen=True, slots=True)
class Movement:
    """Who has still to come into a group, and who to leave it."""

    joining: Sequence[dict[str, str]]
    """As they are sent; ``display`` is the server's to say."""
    leaving: Sequence[str]
    """Ids."""

    @classmethod
    def of(
        cls, operation: Operation, live: Mapping[str, Any], resolve: Callable[[Reference], str]
    ) -> Movement:
        """
        Return what *live* does not show yet of the members that *operation* is about.

        Raises:
            KeyError: From *resolve*, when a member does not exist.
        """
        change, present = operation.change_of(MEMBERS), live_members(live)
        joining = [_member(member) for member in (change.after or [] if change else [])]
        joining += [
            {"value": resolve(reference), "type": reference.resource_type.value}
            for reference in operation.references
            if reference.path.lower() == MEMBERS
        ]
        leaving = [member["value"] for member in (change.before or [] if change else [])]
        return cls(
            [member for member in joining if member["value"] not in present],
            [member for member in leaving if member in present],
        )


def additions(joining: Sequence[dict[str, str]], chunk: int) -> Iterator[list[PatchOperation]]:
    """Yield the operations of each PATCH that adds members."""
    for part in _chunks(joining, chunk):
        yield [{"op": "add", "path": MEMBERS, "value": part}]


def removals(leaving: Sequence[str], chunk: int) -> Iterator[list[PatchOperation]]:
    """Yield the operations of each PATCH that removes members."""
    for part in _chunks(leaving, chunk):
        yield [_removal(member) for member in part]


def _chunks(members: Sequence[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(members), size):
        yield list(members[start : start + size])


def _member(member: Mapping[str, str]) -> dict[str, str]:
    return {"value": member["value"], "type": member.get("type", "User")}


def _removal(member: str) -> PatchOperation:
    """Return the removal of one member, by name (RFC 7644, section 3.5.2.2)."""
    path = AttributePath(None, MEMBERS, (("value", member),), None)
    return {"op": "remove", "path": str(path)}
