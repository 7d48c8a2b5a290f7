"""
How many there are: what the shares of the guards are taken of (ruling 14).

Counted from the live state, at plan time and again by ``apply``; never from the
plan alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from reconciler.config.kept import shows_members
from reconciler.config.model import Application
from reconciler.diff import Comparator
from reconciler.diff.normalize import boolean
from reconciler.diff.ownership import split_live
from reconciler.plan.earlier import Earlier
from reconciler.plan.effects import (
    arrives_active,
    deletes_in_time,
    deletes_user,
    disables,
    enables,
    holds_role,
    lost_members,
    subjects,
)
from reconciler.plan.groups import MEMBERS, live_members
from reconciler.plan.operation import Action, Change, Operation
from reconciler.plan.roles import folded_roles
from reconciler.plan.settled import NOBODY, Settled
from reconciler.plan.watched import Watched
from reconciler.profiles.model import GENERIC, Profile
from reconciler.states import Listing, LiveState, Recorded, Resource, ResourceType


class _Accounts(NamedTuple):
    """Ids of the accounts, and what the guards ask of them; no account is held for that."""

    ours: frozenset[str]
    linked: frozenset[str]
    """Anchors of the people that our journals link to one of them."""
    active: frozenset[str]
    """Those that are active (ruling 7), ours or not, as below."""
    holders: frozenset[str]
    """Those that hold a privileged role."""
    protected: frozenset[str]
    """Those that the protected list names."""


class SourceRows(NamedTuple):
    """How much the source held when the plan was made."""

    users: int
    groups: int
    filled: Mapping[str, int]
    """People who have a value, by column that the application reads."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers; the journal keeps them, so that a resumed run is judged on the same."""

    active_users: int
    """Accounts of ours that are active."""
    users: int
    """Accounts of ours."""
    groups: int
    """Groups of ours."""
    memberships: int
    """Memberships of our groups."""
    links: int
    """Accounts that are not ours and that this plan links."""
    source_users: int
    source_groups: int
    applied_users: int | None = None
    """People in the source of the last plan applied; None before the first."""
    applied_groups: int | None = None
    off_already: int = 0
    """Accounts of ours that this plan disables, and that are not active (by now)."""


@dataclass(frozen=True, slots=True)
class Population:
    """What is there before the plan."""

    counts: Counts
    privileged: frozenset[str] | None
    """Values of privileged roles, in the form in which they are compared; None: not mapped."""
    role_paths: frozenset[str]
    """Where roles are written, in lower case."""
    holders: frozenset[str]
    """Ids of the accounts, ours or not, that hold a privileged role."""
    active: frozenset[str]
    """Ids of the accounts, ours or not, that are active."""
    protected: frozenset[str]
    """Ids of the accounts on the protected list, ours or not."""
    their_groups: frozenset[str]
    """Ids of the groups that one of them is a member of, also by way of other groups."""
    members: Mapping[str, frozenset[str]]
    """Ids of the live members of our groups, by the id of the group."""
    known: int = 0
    """How many people have an account by our journals."""
    unseen: frozenset[str] = frozenset()
    """Anchors of those of them whose account the service does not show."""
    filled: Mapping[str, int] = field(default_factory=dict)
    """People of the source who have a value, by column."""
    applied_filled: Mapping[str, int] = field(default_factory=dict)
    """The same of the last plan applied; a column that was not counted then is not there."""
    earlier: Earlier = field(default_factory=Earlier)
    """What earlier runs took."""
    me: str | None = None
    """Id of the account that our token belongs to; None: it is not known."""
    my_groups: frozenset[str] = frozenset()
    """Ids of the groups that it is shown in, also by way of other groups."""

    @property
    def admins(self) -> frozenset[str]:
        """Ids of active accounts, ours or not, that hold a privileged role."""
        return self.holders & self.active

    @property
    def _without_admins(self) -> bool:
        """Whether nobody holds a privileged role, and no operation can give one: none is named."""
        return not self.holders and not self.privileged

    def admins_after(self, operations: Iterable[Operation]) -> set[str]:
        """Return who holds a privileged role and is active once *operations* have run."""
        if self._without_admins:
            return set()
        holders, active = set(self.holders), set(self.active)
        for operation in operations:
            self.let_run(operation, holders, active)
        return holders & active

    def fewest_admins(self, operations: Iterable[Operation]) -> int:
        """
        Return how few hold a privileged role and are active while *operations* run.

        Those of a wave run at the same time, so whoever loses may be first, and
        whoever gains last. A run that is cut off stays at any of these points.
        """
        if self._without_admins:
            return 0
        holders, active = set(self.holders), set(self.active)
        fewest = len(self.admins)
        for _, wave in groupby(operations, key=attrgetter("wave")):
            before, lost = holders & active, set[str]()
            for operation in wave:
                who = self.let_run(operation, holders, active)
                if who in before and not (who in holders and who in active):
                    lost.add(who)
            fewest = min(fewest, len(before - lost))
        return fewest

    def let_run(self, operation: Operation, holders: set[str], active: set[str]) -> str | None:
        """
        Let *operation* change who holds a privileged role and who is active.

        Return whom it is about; nobody else is changed by it. None: it is about no user.
        """
        if operation.resource_type is not ResourceType.USER:
            return None
        who = concerned(operation)
        if disables(operation) or deletes_user(operation):
            active.discard(who)
        elif enables(operation) or arrives_active(operation):
            active.add(who)
        for change in operation.changes:
            if change.path.lower() in self.role_paths or holds_role(change.path):
                self._weigh(holders, who, change)
        return who

    def emptied_by(self, operations: Sequence[Operation]) -> set[str]:
        """
        Return the ids of the groups that have members now, and none once *operations* have run.

        A member whose account is deleted is a member no more, whatever the
        service does with the entry; those whose ``delete_after`` is over never
        count against a plan (ruling 14).
        """
        in_time = subjects(operations, deletes_in_time)
        gone = subjects(operations, deletes_user) - in_time
        left = {group: set(members - gone) for group, members in self.members.items() if members}
        for operation in operations:
            if operation.target_id in left:
                left[operation.target_id] |= set(_gained(operation))
                left[operation.target_id] -= set(lost_members(operation)) - in_time
        return {target for target, members in left.items() if not members}

    def _weigh(self, holders: set[str], who: str, change: Change) -> None:
        """Let a changed role value make *who* a holder of a privileged role, or no longer one."""
        privileged = self.privileged or frozenset()
        if folded_roles(change.after) & privileged:
            holders.add(who)
        elif folded_roles(change.before) & privileged:
            holders.discard(who)


def concerned(operation: Operation) -> str:
    """Return what *operation* is about: an id, or a name of its own for who has none yet."""
    return operation.target_id or f"new:{operation.key}"


def _gained(operation: Operation) -> Iterator[str]:
    """Yield who joins a group by *operation*: an id, or the anchor of who has none yet."""
    change = operation.change_of(MEMBERS)
    yield from (member["value"] for member in (change.after or [] if change else []))
    yield from (one.source_id for one in operation.references if one.path.lower() == MEMBERS)


def count_population(
    application: Application,
    live: LiveState,
    recorded: Recorded,
    operations: Sequence[Operation],
    source: SourceRows,
    profile: Profile = GENERIC,
    settled: Settled = NOBODY,
) -> Population:
    """
    Count what is there; *source* is what the plan was made of.

    Of the *settled*, whom *live* does not show, no guard asks more than how many they are.

    Of members that the service does not show, by its *profile*, nothing is concluded:
    whoever is protected may be in any group.
    """
    schemas, me = live.capabilities.schemas, live.capabilities.me
    watched = Watched.of(application, schemas, me, Comparator("User", schemas))
    people = {a: i for (kind, a), i in recorded.links.items() if kind is ResourceType.USER}
    users = _looked_at(live.users.resources, people, application, watched)
    ours = split_live(_rows(live.groups), recorded, application.ownership, ResourceType.GROUP)
    shown = shows_members(profile)
    members = {group: live_members(ours.live[group]) for group in ours.ours} if shown else {}
    counts = Counts(
        **_counted(users, operations, settled),
        groups=len(ours.ours),
        memberships=sum(map(len, members.values())),
        source_users=source.users,
        source_groups=source.groups,
        applied_users=recorded.applied_users,
        applied_groups=recorded.applied_groups,
    )
    return Population(
        counts=counts,
        privileged=watched.privileged,
        role_paths=watched.role_paths,
        holders=users.holders,
        active=users.active,
        protected=users.protected,
        their_groups=_groups_of(users.protected, ours.live, shown=shown),
        members=members,
        me=me,
        my_groups=_groups_of(frozenset([me] if me else ()), ours.live, shown=True),
        known=len(people),
        unseen=frozenset(people.keys() - users.linked - settled.accounts.keys()),
        filled=source.filled,
        applied_filled=recorded.applied_filled,
        earlier=Earlier(recorded.taken, recorded.moment),
    )


def _looked_at(
    resources: Iterable[Resource],
    people: Mapping[str, str],
    application: Application,
    watched: Watched,
) -> _Accounts:
    """
    Look at every account once; they may be made anew each time that they are asked for.

    Args:
        resources: The accounts, ours or not.
        people: Ids by the anchor that our journals link them to, of all who are known.
        application: Says which accounts are ours.
        watched: Says what the guards look for.
    """
    anchors = {target: anchor for anchor, target in people.items()}
    read = watched.comparator.attribute("active").read
    ids, active, holders, protected = set[str](), set[str](), set[str](), set[str]()
    for resource in resources:
        target, value = resource["id"], read(resource)
        ids.add(target)
        if value is True or boolean(value) is not False:
            active.add(target)
        if watched.is_privileged(resource):
            holders.add(target)
        if watched.is_protected(resource, anchors.get(target)):
            protected.add(target)
    linked = {anchor: target for anchor, target in people.items() if target in ids}
    ours = ids if application.ownership == "all" else linked.values()
    return _Accounts(*map(frozenset, (ours, linked, active, holders, protected)))


def _counted(users: _Accounts, operations: Sequence[Operation], settled: Settled) -> dict[str, int]:
    """Return how many accounts there are, by their names in :class:`Counts`."""
    return {
        "active_users": len(users.active & users.ours) + settled.active,
        "users": len(users.ours) + len(settled),
        "links": len(_linked(operations) - users.ours),
        "off_already": len(subjects(operations, disables) & users.ours - users.active),
    }


def _rows(listing: Listing | None) -> Sequence[Resource]:
    """Return what was listed; nothing, where groups are not provisioned."""
    return () if listing is None else listing.resources


def _linked(operations: Iterable[Operation]) -> set[str]:
    """Return the ids of the accounts that *operations* link."""
    return {
        operation.target_id
        for operation in operations
        if operation.action is Action.LINK
        and operation.resource_type is ResourceType.USER
        and operation.target_id is not None
    }


def _groups_of(
    people: frozenset[str], groups: Mapping[str, Resource], *, shown: bool
) -> frozenset[str]:
    """
    Return the ids of the *groups* that somebody of *people* is in, directly or not.

    All of them, unless members are *shown*.
    """
    if not people or not shown:
        return frozenset(groups if people else ())
    members = {group: live_members(resource) for group, resource in groups.items()}
    found: set[str] = set()
    reached: set[str] = set(people)
    while reached:
        reached = {group for group, inside in members.items() if inside & reached} - found
        found |= reached
    return frozenset(found)
