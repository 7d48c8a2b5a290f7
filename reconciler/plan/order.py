"""
The order in which operations run.

Four rules, in this order of importance (ruling 11):

1. Nobody loses access before everybody else has theirs: what takes away runs
   after what gives.
2. A resource exists before something refers to it.
3. A unique value is given up before somebody else takes it, across giving waves
   if need be; names that only change hands in a circle cannot be ordered.
4. The same operations always run in the same order, so that two plans can be
   compared line by line.

:mod:`reconciler.apply` asks :func:`dependencies` again for what must wait
inside a wave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Protocol

from reconciler.diff.match import UNIQUE
from reconciler.plan.drafts import Draft
from reconciler.plan.operation import Action, Change
from reconciler.scim.folding import fold
from reconciler.states import ResourceType


class Wave(IntEnum):
    """Operations of one wave may run at the same time; the next starts when it has ended."""

    LINK = 1
    CREATE_USERS = 2
    ENABLE_USERS = 3
    UPDATE_USERS = 4
    CREATE_GROUPS = 5
    UPDATE_GROUPS = 6
    REFERENCES = 7
    REMOVE_MEMBERS = 8
    REVOKE_ROLES = 9
    DISABLE_USERS = 10
    DELETE_GROUPS = 11
    DELETE_USERS = 12


FIRST_TAKING = Wave.REMOVE_MEMBERS
"""From this wave on, operations take something away."""

WAVES: Mapping[tuple[Action, ResourceType], Wave] = {
    (Action.LINK, ResourceType.USER): Wave.LINK,
    (Action.LINK, ResourceType.GROUP): Wave.LINK,
    (Action.CREATE, ResourceType.USER): Wave.CREATE_USERS,
    (Action.ENABLE, ResourceType.USER): Wave.ENABLE_USERS,
    (Action.UPDATE, ResourceType.USER): Wave.UPDATE_USERS,
    (Action.CREATE, ResourceType.GROUP): Wave.CREATE_GROUPS,
    (Action.UPDATE, ResourceType.GROUP): Wave.UPDATE_GROUPS,
    (Action.ADD_MEMBERS, ResourceType.GROUP): Wave.REFERENCES,
    (Action.REMOVE_MEMBERS, ResourceType.GROUP): Wave.REMOVE_MEMBERS,
    (Action.REVOKE, ResourceType.USER): Wave.REVOKE_ROLES,
    (Action.DISABLE, ResourceType.USER): Wave.DISABLE_USERS,
    (Action.DELETE, ResourceType.GROUP): Wave.DELETE_GROUPS,
    (Action.DELETE, ResourceType.USER): Wave.DELETE_USERS,
}
"""Every (action, type) a plan can hold, and the wave it runs in by itself."""

GROUP_NAME = frozenset({"displayname"})
"""The name of a group, in lower case: no standard says so, and many services want it unique."""


class Changing(Protocol):
    """What a draft and an operation have in common here."""

    @property
    def resource_type(self) -> ResourceType:
        """Users and groups have names of their own."""

    @property
    def changes(self) -> Sequence[Change]:
        """What is written."""


Value = tuple[ResourceType, str, str]


def unique_values(
    item: Changing, *, taken: bool, names: frozenset[str] = UNIQUE
) -> Iterable[Value]:
    """Yield the unique values that *item* takes, or gives up; *names* are in lower case."""
    for change in item.changes:
        value = change.after if taken else change.before
        if isinstance(value, str) and (name := change.path.lower()) in names:
            yield item.resource_type, name, unique_value(name, value)


def _handed_over(item: Changing, *, taken: bool) -> Iterable[Value]:
    """Yield what *item* should take after, or give up before, others: also a group's name."""
    of_group = item.resource_type is ResourceType.GROUP
    return unique_values(item, taken=taken, names=UNIQUE | GROUP_NAME if of_group else UNIQUE)


def unique_value(name: str, value: str) -> str:
    """Return how a unique value is compared: only externalId is case-exact (RFC 7643, 3.1)."""
    return value if name == "externalid" else fold(value)


def dependencies(
    items: Sequence[Changing], values: Callable[..., Iterable[Value]] = _handed_over
) -> dict[int, set[int]]:
    """Return, by index, the indexes of what must have run before: it frees a value taken here."""
    frees: dict[Value, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        for value in values(item, taken=False):
            frees[value].append(index)
    before: dict[int, set[int]] = {}
    for index, item in enumerate(items):
        needed = {i for value in values(item, taken=True) for i in frees.get(value, ())}
        needed.discard(index)
        if needed:
            before[index] = needed
    return before


def circles(drafts: Sequence[Draft]) -> set[int]:
    """Return the indexes of drafts that wait for each other in a circle, or behind one."""
    waiting = {i: set(needed) for i, needed in dependencies(drafts, unique_values).items()}
    while True:
        ready = {i for needed in waiting.values() for i in needed if i not in waiting}
        if not ready:
            return set(waiting)
        for needed in waiting.values():
            needed -= ready
        waiting = {index: needed for index, needed in waiting.items() if needed}


def in_order(drafts: Sequence[Draft]) -> list[Draft]:
    """Return *drafts* by wave, then what frees before what takes, then by type and key."""
    for draft in drafts:
        draft.wave = WAVES[draft.action, draft.resource_type]
        if draft.action is Action.UPDATE and _only_refers(draft):
            draft.wave = Wave.REFERENCES
    _bring_forward(drafts)
    ranked = sorted(drafts, key=_rank)
    return _freeing_first(ranked)


def _only_refers(draft: Draft) -> bool:
    """Say whether a user's update writes nothing but references to other users."""
    names = {change.path.lower() for change in draft.changes}
    names |= {reference.path.lower() for reference in draft.references}
    return bool(names) and all(name.endswith(("manager", "manager.value")) for name in names)


def _bring_forward(drafts: Sequence[Draft]) -> None:
    """Let what frees a value run no later than the wave of what takes it."""
    before = dependencies(drafts)
    moved = True
    while moved:
        moved = False
        for index, needed in before.items():
            for freeing in needed:
                if drafts[freeing].wave > drafts[index].wave:
                    drafts[freeing].wave = drafts[index].wave
                    moved = True


def _rank(draft: Draft) -> tuple[int, str, str, str, str]:
    """Return what drafts are sorted by: all of it is in the plan, so the order is stable."""
    return (
        draft.wave,
        draft.resource_type.value,
        draft.key,
        draft.target_id or draft.source_id or "",
        draft.action.value,
    )


def _freeing_first(ranked: list[Draft]) -> list[Draft]:
    """Move what takes a value behind what frees it, within its wave; a circle stays as it is."""
    before = dependencies(ranked)
    placed: dict[int, None] = {}
    for start in range(len(ranked)):
        path = [start]
        while path:
            index = path[-1]
            missing = [
                i for i in sorted(before.get(index, ())) if i not in placed and i not in path
            ]
            if index in placed or not missing:
                placed[index] = None
                path.pop()
            else:
                path.append(missing[0])
    return [ranked[index] for index in placed]
