"""
How many there are: what the shares of the guards are taken of (ruling 14).

Counted from the live state, at plan time and again by ``apply``; never from the
plan alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.config.model import Application
from reconciler.diff import Comparator
from reconciler.diff.normalize import fold
from reconciler.diff.ownership import Ownership, split_live
from reconciler.plan.effects import deletes_user, disables
from reconciler.plan.groups import live_members
from reconciler.plan.operation import Action, Operation
from reconciler.states import LiveState, Recorded, Resource, ResourceType


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
    """Accounts that this plan links."""
    source_users: int
    source_groups: int
    applied_users: int | None = None
    """People in the source of the last plan applied; None before the first."""
    applied_groups: int | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """What is there before the plan."""

    counts: Counts
    privileged: frozenset[str] | None
    """Values of privileged roles; None when none is mapped."""
    admins: frozenset[str]
    """Ids of active accounts, ours or not, that hold a privileged role."""
    protected: frozenset[str]
    """Ids of the accounts on the protected list, ours or not."""

    def admins_after(self, operations: Iterable[Operation]) -> set[str]:
        """Return who holds a privileged role and is active once *operations* have run."""
        admins = set(self.admins)
        for operation in operations:
            who = operation.target_id or f"new:{operation.key}"
            if disables(operation) or deletes_user(operation):
                admins.discard(who)
                continue
            for change in operation.changes:
                if _is_role(change.path):
                    self._weigh(admins, who, change.before, change.after)
        return admins

    def _weigh(self, admins: set[str], who: str, before: Any, after: Any) -> None:
        """Let a changed role value make *who* an admin, or no longer one."""
        privileged = self.privileged or frozenset()
        if after in privileged:
            admins.add(who)
        elif before in privileged:
            admins.discard(who)


def _is_role(path: str) -> bool:
    """Say whether *path* holds a role value."""
    return path.lower().startswith("roles") and not path.lower().endswith((".type", ".display"))


def count_population(
    application: Application,
    live: LiveState,
    recorded: Recorded,
    operations: Sequence[Operation],
    source: tuple[int, int],
) -> Population:
    """Count what is there; *source* is the number of people and groups in the source."""
    users = split_live(live.users.resources, recorded, application.ownership, ResourceType.USER)
    comparator = Comparator("User", live.capabilities.schemas)
    active = {i for i, r in users.live.items() if comparator.live_value(r, "active") is not False}
    groups = live.groups.resources if live.groups is not None else ()
    ours = split_live(groups, recorded, application.ownership, ResourceType.GROUP)
    privileged = _privileged(application)
    links = sum(
        operation.action is Action.LINK and operation.resource_type is ResourceType.USER
        for operation in operations
    )
    counts = Counts(
        active_users=len(active & users.ours),
        users=len(users.ours),
        groups=len(ours.ours),
        memberships=sum(len(live_members(ours.live[group])) for group in ours.ours),
        links=links,
        source_users=source[0],
        source_groups=source[1],
        applied_users=recorded.applied_users,
        applied_groups=recorded.applied_groups,
    )
    return Population(
        counts=counts,
        privileged=privileged,
        admins=frozenset(i for i in active if privileged and _holds(users.live[i], privileged)),
        protected=_protected(application, users, comparator),
    )


def _privileged(application: Application) -> frozenset[str] | None:
    """Return the values of privileged roles, or None when no role is mapped."""
    values = frozenset(role.value for role in application.roles if role.privileged)
    mapped = any(line.target.lower().startswith("roles") for line in application.mappings.users)
    return values if values and mapped else None


def _holds(resource: Resource, privileged: frozenset[str]) -> bool:
    """Say whether any role of an account is privileged."""
    roles = next((value for name, value in resource.items() if name.lower() == "roles"), None)
    return any(role.get("value") in privileged for role in roles or () if isinstance(role, dict))


def _protected(
    application: Application, users: Ownership, comparator: Comparator
) -> frozenset[str]:
    """Return the ids of accounts that the protected list names, by userName or objectId."""
    listed = {fold(name) for name in application.safety.protected}
    if not listed:
        return frozenset()

    def named(target: str, resource: Resource) -> bool:
        shown = [comparator.live_value(resource, name) for name in ("userName", "externalId")]
        names = {fold(name) for name in (*shown, users.anchors.get(target)) if name}
        return bool(names & listed)

    return frozenset(target for target, resource in users.live.items() if named(target, resource))
