"""
Members who come and go, as operations of a PATCH.

Each member is named, and nobody is removed whom the live group does not show: a
bare ``remove members`` empties the group, and cannot be said here. No form of
removal is understood everywhere (scim.md, 3.2), so the profile chooses; some
services take the list of the leaving and ignore it, which is why what is left
is compared afterwards.

Called by :mod:`reconciler.plan.encode`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.plan.forms import Forms
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

    def __bool__(self) -> bool:
        return bool(self.joining or self.leaving)

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


def member_patches(
    movement: Movement, staying: Sequence[Any], forms: Forms
) -> Iterator[list[PatchOperation]]:
    """
    Yield the operations of each PATCH by which members come and go.

    *staying* are the live elements of those who stay, for the form that names them.
    """
    if movement.leaving and forms.member_removal == "replace":
        yield [{"op": "replace", "path": MEMBERS, "value": [*staying, *movement.joining]}]
        return
    for part in _chunks(movement.joining, forms.chunk):
        yield [{"op": "add", "path": MEMBERS, "value": part}]
    for part in _chunks(movement.leaving, forms.chunk):
        yield _listed(part) if forms.member_removal == "value_list" else _named(part)


def _chunks(members: Sequence[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(members), size):
        yield list(members[start : start + size])


def _member(member: Mapping[str, str]) -> dict[str, str]:
    return {"value": member["value"], "type": member.get("type", "User")}


def _named(members: Sequence[str]) -> list[PatchOperation]:
    """Return the removal of each member by a filter (RFC 7644, section 3.5.2.2)."""
    paths = [AttributePath(None, MEMBERS, (("value", member),)) for member in members]
    return [{"op": "remove", "path": str(path)} for path in paths]


def _listed(members: Sequence[str]) -> list[PatchOperation]:
    """Return the removal of all members together, as Entra sends it; the RFC does not know it."""
    value = [{"value": member} for member in members]
    return [{"op": "remove", "path": MEMBERS, "value": value}]
