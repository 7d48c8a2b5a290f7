"""
What happens to groups and their memberships (ruling 12).

Members are added and removed by name, never as a whole list. Whoever is
skipped, kept, or disabled keeps their memberships; a member that is not ours is
never removed; a group that is linked in this plan loses nobody in it. What this
plan deletes, switched off or not, is taken out of our groups before: not every
service does that by itself, and an id that is left behind means nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.plan.drafts import Context, Draft, Side, change
from reconciler.plan.operation import Action, Change, Reference
from reconciler.plan.users import creation
from reconciler.states import Candidate, ResourceType

MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class Newcomers:
    """What this plan creates, by anchor: the only things a reference may wait for."""

    users: frozenset[str]
    groups: frozenset[str]


@dataclass(slots=True)
class MemberChange:
    """The delta of one group."""

    added: list[dict[str, str]]
    removed: list[dict[str, str]]
    references: list[Reference]
    left_out: int = 0
    """Members that are wanted, and are neither in the group nor can be put into it."""


def group_drafts(context: Context, side: Side) -> Iterator[Draft]:
    """Yield creates, links, updates and deletes of groups; memberships come after."""
    for candidate, target in side.pairing.pairs:
        if candidate.desired is None or not context.concerns(candidate.source_id):
            continue
        found = side.comparator.differences(candidate.desired.managed, side.live(target))
        changes = [change(difference) for difference in found] if context.may("update") else []
        if not side.is_theirs(candidate, target):
            given = [item for item in changes if item.after is not None]
            yield _draft(Action.LINK, candidate, target, given)
        elif changes:
            yield _draft(Action.UPDATE, candidate, target, changes)
    for candidate in side.pairing.unmatched if context.may("create") else ():
        if candidate.desired is not None and context.concerns(candidate.source_id):
            yield _draft(Action.CREATE, candidate, None, creation(candidate.desired.created))
    yield from _leaving(context, side)


def _leaving(context: Context, side: Side) -> Iterator[Draft]:
    """Yield the deletes of groups of ours that leave, if the configuration asks for them."""
    wanted = context.application.lifecycle.leaves_scope == "delete" and context.may("delete")
    for candidate, target in side.pairing.leaving if wanted else ():
        source_id = candidate.source_id if candidate else side.ownership.anchors.get(target)
        if context.concerns(source_id):
            reason = candidate.reason if candidate else "left the source"
            key = side.key_of(target)
            yield Draft(Action.DELETE, ResourceType.GROUP, key, source_id, target, reason)


def _draft(
    action: Action, candidate: Candidate, target: str | None, changes: list[Change]
) -> Draft:
    return Draft(
        action,
        ResourceType.GROUP,
        candidate.key,
        candidate.source_id,
        target,
        candidate.reason,
        changes,
    )


class Memberships:
    """Works out who joins and who leaves the groups of one plan."""

    def __init__(
        self,
        context: Context,
        side: Side,
        newcomers: Newcomers,
        deleted: frozenset[str],
        enabled: frozenset[str],
    ) -> None:
        """Take note of what this plan creates, and of the ids that it deletes and enables."""
        self._context = context
        self._side = side
        self._newcomers = newcomers
        self._deleted = deleted
        self._enabled = enabled
        self._user_ids = {target: candidate for candidate, target in context.users.pairing.pairs}
        self._group_ids = {target: candidate for candidate, target in side.pairing.pairs}

    def drafts(self, candidate: Candidate, target: str | None) -> tuple[list[Draft], int]:
        """
        Return the member operations of one group.

        Also returns how many members cannot be put into it: they have no account
        in scope, and get none in this plan.
        """
        wanted = candidate.desired.members if candidate.desired else None
        filled = target is not None and self._side.table.fills_once
        if wanted is None or filled or not self._context.may("update"):
            return [], 0
        delta = self._delta(candidate, wanted, target)
        drafts: list[Draft] = []
        if delta.added or delta.references:
            changes = [Change(MEMBERS, None, delta.added)] if delta.added else []
            draft = _draft(Action.ADD_MEMBERS, candidate, target, changes)
            draft.references = delta.references
            drafts.append(draft)
        if delta.removed:
            changes = [Change(MEMBERS, delta.removed, None)]
            drafts.append(_draft(Action.REMOVE_MEMBERS, candidate, target, changes))
        return drafts, delta.left_out

    def _staying(self, anchor: str) -> frozenset[str]:
        """Return the account, or group, of somebody who is not in scope, if it stays."""
        sides = (self._context.users, self._side)
        accounts = {side.account_of(anchor) for side in sides}
        return frozenset(account for account in accounts if account) - self._deleted

    def _delta(
        self, candidate: Candidate, wanted: tuple[str, ...], target: str | None
    ) -> MemberChange:
        """Compare the source's members with the live ones."""
        live = live_members(self._side.live(target)) if target is not None else frozenset()
        delta = MemberChange([], [], [])
        desired: set[str] = set()
        outside: set[str] = set()
        for anchor in wanted:
            found = self._account(anchor)
            if isinstance(found, Reference):
                delta.references.append(found)
            elif found is None:
                staying = self._staying(anchor)
                delta.left_out += not staying & live
                outside |= staying - live
            else:
                desired.add(found)
                if found not in live:
                    delta.added.append(self._shown(found))
        if target is not None and self._side.is_theirs(candidate, target):
            leaving = sorted(
                member
                for member in live - desired
                if self._removable(member) and not self._reaches(member, outside)
            )
            delta.removed.extend(self._shown(member) for member in leaving)
        delta.added.sort(key=lambda member: (member["display"], member["value"]))
        delta.references.sort(key=lambda reference: (reference.display, reference.source_id))
        return delta

    def _account(self, anchor: str) -> str | Reference | None:
        """Return the id, or the promise of one, of somebody who is wanted; None otherwise."""
        sides = ((self._context.users, self._newcomers.users), (self._side, self._newcomers.groups))
        for side, newcomers in sides:
            if anchor in newcomers:
                display = side.by_anchor[anchor].key
                return Reference(MEMBERS, anchor, side.resource_type, display)
            settled = side.settled.accounts.get(anchor)
            if settled is not None:
                return settled
            target = side.account_of(anchor)
            if target is not None:
                wanted = self._user_ids if side is self._context.users else self._group_ids
                return target if target in wanted or target in side.settled.targets else None
        return None

    def _removable(self, member: str) -> bool:
        """
        Say whether a live member that is not wanted may be taken out of a group of ours.

        What this plan deletes may. Everybody else must be ours, in scope and
        active by then: nothing is taken from who is skipped, kept, disabled, or
        linked in this plan. Whoever this plan enables does not come back to
        groups that they have left meanwhile.
        """
        if member in self._deleted:
            return True
        group = self._group_ids.get(member)
        if group is not None:
            return self._side.is_theirs(group, member)
        users, user = self._context.users, self._user_ids.get(member)
        if member in users.settled.targets:
            return users.active(member)
        if user is None or not users.is_theirs(user, member):
            return False
        return member in self._enabled or users.active(member)

    def _reaches(self, member: str, outside: Collection[str]) -> bool:
        """
        Say whether a live member is a group that somebody *outside* is in, directly or not.

        They are wanted in the group that it is taken out of, and cannot be put
        into it: whoever is skipped or disabled would lose what the others keep
        when groups in groups begin to be opened.
        """
        groups, seen = self._side.ownership.live, set[str]()
        waiting = [member] if outside and member not in self._deleted else []
        while waiting:
            group = waiting.pop()
            if group not in groups or group in seen:
                continue
            seen.add(group)
            members = live_members(groups[group])
            if not members.isdisjoint(outside):
                return True
            waiting.extend(members)
        return False

    def _shown(self, member: str) -> dict[str, str]:
        """Return a member as a plan shows it; `type` only where it is not a user."""
        if member in self._side.ownership.live:
            return {"value": member, "display": self._side.key_of(member), "type": "Group"}
        return {"value": member, "display": self._context.users.key_of(member)}


def live_members(group: Mapping[str, Any]) -> frozenset[str]:
    """Return the ids of a live group's members; what has another shape is none."""
    members = next((value for name, value in group.items() if name.lower() == MEMBERS), None)
    listed = members if isinstance(members, list) else ()
    found = (member.get("value") for member in listed if isinstance(member, dict))
    return frozenset(value for value in found if isinstance(value, str))
