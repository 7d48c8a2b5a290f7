"""
What operations do to people, judged by effect and not by the action's name.

A disable is whatever turns ``active`` off, a rename whatever changes a
userName, a revoke whatever takes a role value (rulings 7 and 14). People are
counted once per effect, however many operations it takes. What an effect is the
service decides too: where it deletes whoever is disabled, a disable is a delete.

One thing cannot be seen in an operation: whether a single role value that is
replaced by another gets stronger or weaker. That is decided by the ranks when
the plan is made, and said by the action; what leaves the list of all roles, and
what is cleared, counts under any name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from msgspec import structs

from reconciler.diff.normalize import boolean
from reconciler.plan.many import each
from reconciler.plan.operation import Action, Change, Operation
from reconciler.profiles.model import GENERIC, Profile
from reconciler.scim.paths import parse_path
from reconciler.scim.roles import ROLES, is_role_list, lost_roles, role_values
from reconciler.states import ResourceType

DUE = "disabled by us on"
"""How the reason of a delete begins that ``delete_after`` made due."""

DELETES_WHOEVER_IS_OFF = "the service deletes whoever is disabled"
"""What the reason of a disable says where it is a delete."""


def disables(operation: Operation) -> bool:
    """Say whether *operation* turns an existing account off."""
    if not _is_existing_user(operation):
        return False
    return operation.action is Action.DISABLE or turns_off(operation.changes)


def turns_off(changes: Iterable[Change]) -> bool:
    """Say whether one of *changes* turns `active` off."""
    return any(one.path.lower() == "active" and not _is_on(one.after) for one in changes)


def enables(operation: Operation) -> bool:
    """Say whether *operation* turns an existing account on."""
    if not _is_existing_user(operation):
        return False
    change = operation.change_of("active")
    return operation.action is Action.ENABLE or (change is not None and _is_on(change.after))


def arrives_active(operation: Operation) -> bool:
    """Say whether *operation* creates an account that is active."""
    change = operation.change_of("active")
    on = change is None or _is_on(change.after)
    return _is_user(operation) and operation.action is Action.CREATE and on


def _is_on(active: Any) -> bool:
    """Say whether *active* turns an account on (ruling 7); what nobody can be sure of does not."""
    return active is None or boolean(active) is True


def renames(operation: Operation) -> bool:
    """Say whether *operation* changes the userName of an existing account."""
    return _is_existing_user(operation) and operation.change_of("userName") is not None


def deletes_user(operation: Operation) -> bool:
    """Say whether *operation* deletes an account."""
    return _is_user(operation) and operation.action is Action.DELETE


def deletes_in_time(operation: Operation) -> bool:
    """Say whether *operation* deletes an account because its ``delete_after`` is over."""
    return deletes_user(operation) and operation.reason.startswith(DUE)


def deletes_group(operation: Operation) -> bool:
    """Say whether *operation* deletes a group."""
    return not _is_user(operation) and operation.action is Action.DELETE


def revokes(operation: Operation) -> bool:
    """Say whether *operation* takes a role, or replaces it with a weaker one."""
    return operation.action is Action.REVOKE or (
        _is_existing_user(operation) and any(map(_takes_role, operation.changes))
    )


def _takes_role(change: Change) -> bool:
    """Say whether *change* takes a role out of `roles`, whatever the operation is called."""
    if is_role_list(change.path):
        return bool(lost_roles(change.before, change.after))
    return holds_role(change.path) and not role_values(change.after)


@lru_cache(maxsize=1_024)
def holds_role(text: str) -> bool:
    """Say whether the path *text* holds the value, or values, of some of `roles`."""
    path = parse_path(text)
    return (
        path.attribute.lower() == ROLES
        and path.urn is None
        and (path.sub or "value").lower() == "value"
    )


def lost_members(operation: Operation) -> list[str]:
    """Return the ids of those whom *operation* takes out of a group."""
    change = operation.change_of("members")
    return [member["value"] for member in change.before or []] if change is not None else []


def subjects(operations: Iterable[Operation], test: Callable[[Operation], bool]) -> set[str]:
    """Return whom the *operations* that pass *test* are about, each once: by id, or by key."""
    return {operation.target_id or operation.key for operation in operations if test(operation)}


def takes(operation: Operation) -> bool:
    """Say whether *operation* takes anything away from anybody."""
    tests = (disables, deletes_user, deletes_group, revokes)
    return any(test(operation) for test in tests) or bool(lost_members(operation))


def _is_user(operation: Operation) -> bool:
    return operation.resource_type is ResourceType.USER


def _is_existing_user(operation: Operation) -> bool:
    return _is_user(operation) and operation.action is not Action.CREATE


def as_carried_out(
    operations: Sequence[Operation], profile: Profile = GENERIC
) -> Sequence[Operation]:
    """Return *operations* as the service carries them out: some disables are deletes there."""
    if profile.deprovision.active_false != "deletes":
        return operations
    return each(operations, _as_a_delete)


def _as_a_delete(operation: Operation) -> Operation:
    """Return *operation* as a service carries it out that deletes whoever is disabled."""
    if _is_existing_user(operation) and turns_off(operation.changes):
        reason = _not_due(operation.reason)
        return structs.replace(operation, action=Action.DELETE, reason=reason)
    return operation


def _not_due(reason: str) -> str:
    """Return *reason*, unless it is that of a delete whose time has come."""
    return DELETES_WHOEVER_IS_OFF if reason.startswith(DUE) else reason


@dataclass(frozen=True, slots=True)
class Tally:
    """What a set of operations does, in numbers."""

    disabled: int
    deleted_users: int
    removed_users: int
    """Accounts disabled or deleted, each once; those whose ``delete_after`` is over are not."""
    deleted_groups: int
    removed_memberships: int
    """
    Without what an account leaves because its ``delete_after`` is over: that is part of the
    delete, which counts for ``delete_users`` only (ruling 14).
    """
    revoked: int
    renamed: int
    enabled: int


def tally(operations: Sequence[Operation]) -> Tally:
    """Count the effects of *operations*."""
    disabled, deleted = subjects(operations, disables), subjects(operations, deletes_user)
    in_time = subjects(operations, deletes_in_time)
    return Tally(
        disabled=len(disabled),
        deleted_users=len(deleted),
        removed_users=len(disabled | (deleted - in_time)),
        deleted_groups=len(subjects(operations, deletes_group)),
        removed_memberships=sum(len(set(lost_members(op)) - in_time) for op in operations),
        revoked=len(subjects(operations, revokes)),
        renamed=len(subjects(operations, renames)),
        enabled=len(subjects(operations, enables)),
    )
