"""
What operations do to people, judged by effect and not by the action's name.

A disable is whatever turns ``active`` off, a rename whatever changes a
userName, a revoke whatever takes a role value (rulings 7 and 14). People are
counted once per effect, however many operations it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reconciler.diff.normalize import boolean
from reconciler.plan.operation import Action, Operation
from reconciler.states import ResourceType

DUE = "disabled by us on"
"""How the reason of a delete begins that ``delete_after`` made due."""


def disables(operation: Operation) -> bool:
    """Say whether *operation* turns an existing account off."""
    change = operation.change_of("active")
    off = change is not None and boolean(change.after) is False
    return _is_existing_user(operation) and (operation.action is Action.DISABLE or off)


def enables(operation: Operation) -> bool:
    """Say whether *operation* turns an existing account on."""
    change = operation.change_of("active")
    on = change is not None and boolean(change.after) is not False
    return _is_existing_user(operation) and (operation.action is Action.ENABLE or on)


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
    return operation.action is Action.REVOKE


def removed_members(operation: Operation) -> int:
    """Return how many memberships *operation* takes away."""
    change = operation.change_of("members")
    return len(change.before or []) if change is not None else 0


def takes(operation: Operation) -> bool:
    """Say whether *operation* takes anything away from anybody."""
    tests = (disables, deletes_user, deletes_group, revokes)
    return any(test(operation) for test in tests) or removed_members(operation) > 0


def _is_user(operation: Operation) -> bool:
    return operation.resource_type is ResourceType.USER


def _is_existing_user(operation: Operation) -> bool:
    return _is_user(operation) and operation.action is not Action.CREATE


@dataclass(frozen=True, slots=True)
class Tally:
    """What a set of operations does, in numbers."""

    disabled: int
    deleted_users: int
    removed_users: int
    """Accounts disabled or deleted, each once; those whose ``delete_after`` is over are not."""
    deleted_groups: int
    removed_memberships: int
    revoked: int
    renamed: int
    enabled: int


def tally(operations: Iterable[Operation]) -> Tally:
    """Count the effects of *operations*."""
    listed = tuple(operations)

    def subjects(test: Callable[[Operation], bool]) -> set[str]:
        return {operation.target_id or operation.key for operation in listed if test(operation)}

    disabled, deleted = subjects(disables), subjects(deletes_user)
    in_time = subjects(deletes_in_time)
    return Tally(
        disabled=len(disabled),
        deleted_users=len(deleted),
        removed_users=len(disabled | (deleted - in_time)),
        deleted_groups=len(subjects(deletes_group)),
        removed_memberships=sum(removed_members(operation) for operation in listed),
        revoked=len(subjects(revokes)),
        renamed=len(subjects(renames)),
        enabled=len(subjects(enables)),
    )
