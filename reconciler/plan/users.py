"""
What happens to people's accounts: give, take, and nothing in between.

One pair can need several operations, because they run in different waves: an
update that gives must not wait for a role that is taken, and a manager must
exist before somebody reports to them (rulings 6, 7, 9, 11 and 13).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.diff import Difference
from reconciler.diff.normalize import boolean
from reconciler.plan.drafts import ACTIVE, Context, Draft, change, plain
from reconciler.plan.operation import Action, Change
from reconciler.plan.roles import RoleLoss
from reconciler.scim.roles import is_role_list
from reconciler.states import Candidate, DesiredValue, ReferenceTo, ResourceType, Standing

GONE = "left the source"
"""The reason for somebody who is absent from a source that was read completely."""


NEEDED = {"disable": "update", "delete": "delete"}
"""The target object action (Entra) that carries out what is wanted for who leaves."""


@dataclass(slots=True)
class Sorted:
    """The differences of one pair, by what they mean."""

    gives: list[Difference]
    disables: list[Difference]
    revokes: list[Difference]
    references: list[Difference]
    enables: bool


def sort_differences(found: list[Difference], loss: RoleLoss) -> Sorted:
    """Say of every difference whether it gives, disables, revokes or refers."""
    by_path = {difference.path: difference for difference in found}
    revokes = loss.revoked(by_path)
    sorted_ = Sorted([], [], list(revokes.values()), [], enables=any(map(_turns_on, found)))
    for difference in found:
        if is_role_list(difference.path):
            gain, lost = loss.parted(difference)
            sorted_.gives.extend([gain] if gain else [])
            sorted_.revokes.extend([lost] if lost else [])
            continue
        if difference.path in revokes or loss.leaves_alone(difference):
            continue
        if isinstance(difference.after, ReferenceTo) or loss.is_reference(difference.path):
            sorted_.references.append(difference)
        elif difference.path.lower() != ACTIVE or _turns_on(difference):
            sorted_.gives.append(difference)
        elif boolean(difference.after) is False:
            sorted_.disables.append(difference)
    return sorted_


def _turns_on(difference: Difference) -> bool:
    """Say whether an account that is off is turned on; one without `active` is on (ruling 7)."""
    if difference.path.lower() != ACTIVE:
        return False
    was_off, is_off = boolean(difference.before) is False, boolean(difference.after) is False
    return was_off and not is_off


def pair_drafts(context: Context, loss: RoleLoss) -> Iterator[Draft]:
    """Yield the operations of everybody in scope who has an account."""
    side, may_update = context.users, context.may("update")
    for candidate, target in side.pairing.pairs:
        if candidate.desired is None or not context.concerns(candidate.source_id):
            continue
        found = side.comparator.differences(candidate.desired.managed, side.live(target))
        if not may_update:
            found = []
        if not side.is_theirs(candidate, target):
            yield _link(candidate, target, sort_differences(found, loss))
        elif found:
            yield from _owned(candidate, target, sort_differences(found, loss))


def _owned(candidate: Candidate, target: str, found: Sorted) -> Iterator[Draft]:
    """Yield what an account of ours needs."""
    if found.gives:
        action = Action.ENABLE if found.enables else Action.UPDATE
        yield _draft(action, candidate, target, found.gives)
    if found.revokes:
        yield _draft(Action.REVOKE, candidate, target, found.revokes)
    if found.disables:
        yield _draft(Action.DISABLE, candidate, target, found.disables)


def _link(candidate: Candidate, target: str, found: Sorted) -> Draft:
    """Return the link of an account that is not ours yet: it gives and takes nothing (ruling 9)."""
    given = [difference for difference in found.gives if difference.after is not None]
    return _draft(Action.LINK, candidate, target, given)


def _draft(
    action: Action, candidate: Candidate, target: str | None, found: list[Difference]
) -> Draft:
    return Draft(
        action,
        ResourceType.USER,
        candidate.key,
        candidate.source_id,
        target,
        candidate.reason,
        [change(difference) for difference in found],
    )


def create_drafts(context: Context) -> Iterator[Draft]:
    """Yield the creates of everybody in scope who has no account."""
    if not context.may("create"):
        return
    for candidate in context.users.pairing.unmatched:
        if candidate.desired is not None and context.concerns(candidate.source_id):
            draft = _draft(Action.CREATE, candidate, None, [])
            draft.changes = creation(candidate.desired.created)
            yield draft


def creation(created: Mapping[str, DesiredValue]) -> list[Change]:
    """Return what a create writes; references follow in a wave of their own."""
    return [
        Change(path, None, plain(value))
        for path, value in created.items()
        if not isinstance(value, ReferenceTo)
    ]


def wanted_for(context: Context, candidate: Candidate | None) -> str:
    """Return what the configuration wants for somebody who leaves (ruling 6)."""
    lifecycle = context.application.lifecycle
    if candidate is None or candidate.standing is Standing.DELETED:
        return lifecycle.deleted_at_source
    return "disable" if candidate.standing is Standing.DISABLED else lifecycle.leaves_scope


def hindrance(context: Context, wanted: str) -> str | None:
    """Return why what is *wanted* for who leaves is not done; None when it is."""
    needed = NEEDED.get(wanted)
    if needed is not None and not context.may(needed):
        return f"`{needed}` is not among lifecycle.actions"
    return context.never_disables if wanted == "disable" else None


def policy_of(context: Context, candidate: Candidate | None) -> str:
    """Return what is wanted for somebody who leaves, and can be done."""
    wanted = wanted_for(context, candidate)
    return wanted if hindrance(context, wanted) is None else "keep"


def leaving_drafts(
    context: Context, disabling_the_gone: Mapping[str, DesiredValue]
) -> Iterator[Draft]:
    """Yield the disables and deletes of accounts of ours whose people leave."""
    side = context.users
    for candidate, target in side.pairing.leaving:
        source_id = candidate.source_id if candidate else side.ownership.anchors.get(target)
        if not context.concerns(source_id):
            continue
        draft = Draft(
            Action.DISABLE,
            ResourceType.USER,
            side.key_of(target),
            source_id,
            target,
            candidate.reason if candidate else GONE,
        )
        policy = policy_of(context, candidate)
        if policy == "delete":
            draft.action = Action.DELETE
            if not _is_deleted(context, target):
                yield draft
        elif policy == "disable":
            wanted = candidate.disabling if candidate else disabling_the_gone
            found = side.comparator.differences(wanted, side.live(target))
            found = [one for one in found if not _turns_on(one)]  # whoever leaves is not enabled
            draft.changes = [change(difference) for difference in found]
            if not side.active(target):
                draft.action = Action.UPDATE
            if found:
                yield draft


def _is_deleted(context: Context, target: str) -> bool:
    """
    Say whether a delete has already done to an account all that it does.

    Where deleted accounts stay, switched off, they would be deleted in each plan as
    long as they are taken for ours (``ownership: all``). One that our journals still
    say is ours was never deleted by us.
    """
    side, does = context.users, context.profile.deprovision.delete
    return does == "soft" and not side.active(target) and target not in side.ownership.anchors
