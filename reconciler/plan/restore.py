"""
Back to how it was: what undoes each part of what a plan did, or why it stays.

Undone is what is done, and still as we left it. Three rules:

1. What somebody has changed since is theirs: it is left, and named.
2. Nobody loses access in doubt. Only what is ours is touched; a created account goes as
   the configuration lets people go (``lifecycle.leaves_scope``), and is deleted only if
   nothing on it was changed.
3. What cannot be brought back is named, one by one: what was deleted, what is not there
   any more, values that no output shows.

The list of all roles, and members, are restored one by one, so that what others gave
or took meanwhile stays.

Called by :mod:`reconciler.plan.revert`; memberships are in
:mod:`reconciler.plan.restore_members`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reconciler.diff import Difference
from reconciler.diff.normalize import boolean, reference_id
from reconciler.plan.drafts import ACTIVE, Context, Draft, Side, change
from reconciler.plan.effects import holds_role
from reconciler.plan.generated import is_generated
from reconciler.plan.groups import live_members
from reconciler.plan.images import Image
from reconciler.plan.operation import Action, Change
from reconciler.plan.roles import RoleLoss
from reconciler.plan.shown import is_reference, shows, shows_change
from reconciler.plan.unsent import why_never_off
from reconciler.plan.users import hindrance
from reconciler.scim.roles import ROLES, is_role_list, role_elements, role_value, role_values
from reconciler.states import DesiredValue, ResourceType

GONE, CHANGED = "InvalidAnchor", "EntryConflict"
NOBODY, LEFT = "UnableToResolveReferenceAttributeValue", "EntrySynchronizationSkipped"
"""Entra's codes, in which is said why something is not undone (entra.md, section 8)."""

DELETED = (
    "deleted by the plan: SCIM brings back neither its id nor what was not mapped; if its person "
    "is in scope, the next plan makes a new one"
)


KEPT_OFF = "deleted by the plan: the service keeps it, switched off, and it is not ours any more"


class Left(NamedTuple):
    """Something that is not undone, and why."""

    image: Image
    code: str
    detail: str


@dataclass(slots=True)
class Restoring:
    """What undoes a plan, as far as it has been worked out."""

    context: Context
    plan: str
    """The first 12 digits of its digest."""
    hidden: Mapping[ResourceType, frozenset[str]]
    """Paths, in lower case, whose values no output shows."""
    drafts: list[Draft] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def side(self, kind: ResourceType) -> Side | None:
        """Return one type's half of the plan; None when groups are not provisioned."""
        return self.context.users if kind is ResourceType.USER else self.context.groups

    def leave(self, image: Image, code: str, detail: str) -> None:
        """Note that something of *image* is not undone."""
        self.left.append(Left(image, code, detail))

    def reason(self, actions: Iterable[Action], because: str = "") -> str:
        """Return why something is done, for a reader."""
        named = " and ".join(action.value for action in actions)
        return f"undoes {named} of plan {self.plan}{because}"

    def within_reach(self, image: Image) -> Side | None:
        """Return the side of what can be changed; what cannot is noted once, by ``restored``."""
        side = self.side(image.resource_type)
        return None if side is None or _out_of_reach(image, side) else side


def restored(images: Iterable[Image], restoring: Restoring) -> None:
    """Add to *restoring* what undoes the values, creates and deletes of *images*."""
    users = restoring.context.users
    loss = RoleLoss(users.table, restoring.context.application.roles, users.comparator)
    for image in images:
        side = restoring.side(image.resource_type)
        why = None if side is None else _out_of_reach(image, side)
        if side is None:
            restoring.leave(image, LEFT, "groups are not provisioned any more")
        elif why is not None:
            restoring.leave(image, *why)
        elif image.created:
            _undo_create(image, side, restoring)
        else:
            _undo_changes(image, side, restoring, loss)


def _out_of_reach(image: Image, side: Side) -> tuple[str, str] | None:
    """Return why nothing of *image* can be undone; None when something can."""
    there = image.target_id in side.ownership.live
    if image.deleted:
        return GONE, KEPT_OFF if there else DELETED
    if not there:
        return GONE, "not there any more: it was deleted since"
    if image.target_id not in side.ownership.ours:
        return CHANGED, "by our journals it is not ours any more"
    return None


def _undo_create(image: Image, side: Side, restoring: Restoring) -> None:
    """Let a created account or group go, as the configuration lets those go who leave scope."""
    context, wanted = restoring.context, restoring.context.application.lifecycle.leaves_scope
    because = f"; lifecycle.leaves_scope is {wanted}"
    draft = Draft(
        Action.DISABLE,
        image.resource_type,
        side.key_of(image.target_id),
        image.source_id,
        image.target_id,
        restoring.reason((Action.CREATE,), because),
    )
    if image.resource_type is ResourceType.GROUP and wanted != "delete":
        restoring.leave(image, LEFT, f"created by the plan, and stays{because}")
    elif why := hindrance(context, wanted):
        restoring.leave(image, LEFT, f"created by the plan, and stays, because {why}")
    elif wanted == "keep":
        restoring.leave(image, LEFT, f"created by the plan, and stays{because}")
    elif _deletes(context, wanted) and (altered := _altered(image, side)):
        detail = f"created by the plan, and changed since, so not deleted: {', '.join(altered)}"
        restoring.leave(image, CHANGED, detail)
    elif wanted == "delete":
        draft.action = Action.DELETE
        restoring.drafts.append(draft)
    else:
        _disable(draft, image, side, restoring)


def _deletes(context: Context, wanted: str) -> bool:
    """Say whether what is *wanted* for who leaves deletes them on this service."""
    by_disable = context.profile.deprovision.active_false == "deletes"
    return wanted == "delete" or (wanted == "disable" and by_disable)


def _disable(draft: Draft, image: Image, side: Side, restoring: Restoring) -> None:
    """Write what a disable writes for somebody of whom nothing more is known."""
    wanted = side.table.disabling_the_gone()
    live = side.live(image.target_id)
    off = [one for one in side.comparator.differences(wanted, live) if not _turns_on(one)]
    draft.changes = [change(one) for one in off]
    if not wanted:
        restoring.leave(image, LEFT, "created by the plan, and no mapping disables it unseen")
    elif off and side.active(image.target_id):
        restoring.drafts.append(draft)


def _turns_on(difference: Difference) -> bool:
    return difference.path.lower() == ACTIVE and boolean(difference.after) is not False


def _altered(image: Image, side: Side) -> list[str]:
    """Return what of a created resource is not as we wrote it, members by others included."""
    live = side.live(image.target_id)
    found = [
        one.path for one in image.changes.values() if not shows_change(side.comparator, live, one)
    ]
    ours = {member for member, there in image.members.items() if there}
    return found + (["members"] if live_members(live) - ours else [])


def _undo_changes(image: Image, side: Side, restoring: Restoring, loss: RoleLoss) -> None:
    """Restore the values of an account or group that was there before the plan."""
    wanted = [*_restorable(image, side, restoring)]
    if image.resource_type is ResourceType.GROUP:
        _draft(Action.UPDATE, image, side, restoring, wanted)
        return
    references = [one for one in wanted if is_reference(one.path)]
    rest = [one for one in wanted if not is_reference(one.path)]
    gives, revokes, disables = _sorted(rest, side, loss)
    enables = any(one.path.lower() == ACTIVE for one in gives)
    _draft(Action.ENABLE if enables else Action.UPDATE, image, side, restoring, gives)
    _draft(Action.UPDATE, image, side, restoring, references)
    _draft(Action.REVOKE, image, side, restoring, revokes)
    _draft(Action.DISABLE, image, side, restoring, disables)


def _draft(
    action: Action,
    image: Image,
    side: Side,
    restoring: Restoring,
    wanted: Sequence[Difference],
) -> None:
    """Add the draft that writes what is *wanted*, if anything is."""
    if wanted:
        draft = Draft(
            action,
            image.resource_type,
            side.key_of(image.target_id),
            image.source_id,
            image.target_id,
            restoring.reason(image.took_part(one.path for one in wanted)),
            [change(one) for one in wanted],
        )
        restoring.drafts.append(draft)


def _sorted(
    wanted: Sequence[Difference], side: Side, loss: RoleLoss
) -> tuple[list[Difference], list[Difference], list[Difference]]:
    """Return what gives, what takes a role, and what disables, as in every plan."""
    revoked = loss.revoked({one.path: one for one in wanted})
    gives: list[Difference] = []
    revokes: list[Difference] = []
    disables: list[Difference] = []
    for one in wanted:
        known = one.path in side.table.role_targets
        if is_role_list(one.path):
            gain, lost = loss.parted(one)
            gives.extend([gain] if gain else [])
            revokes.extend([lost] if lost else [])
        elif one.path in revoked or (holds_role(one.path) and (one.after is None or not known)):
            revokes.append(one)
        elif one.path.lower() == ACTIVE and boolean(one.after) is False:
            disables.append(one)
        else:
            gives.append(one)
    return gives, revokes, disables


def _restorable(image: Image, side: Side, restoring: Restoring) -> Iterator[Difference]:
    """Yield the values that are to be as before, and note those that stay."""
    found: list[Difference] = []
    changed: list[str] = []
    live, hidden = side.live(image.target_id), restoring.hidden[image.resource_type]
    for path, written in image.changes.items():
        if path in image.unrecorded:
            detail = f"{written.path}: whom it referred to before the plan is not recorded"
            restoring.leave(image, NOBODY, detail)
        elif path in hidden or is_generated(written.before):
            detail = f"{written.path}: its value is shown nowhere, and not restored"
            restoring.leave(image, LEFT, detail)
        elif is_role_list(path):
            found.extend(_roles_back(written, side.comparator.attribute(path).read(live)))
        elif shows(side.comparator, live, written.path, written.before):
            continue
        elif not shows_change(side.comparator, live, written):
            changed.append(written.path)
        else:
            found.append(_back(written, side, live))
    whole_role = any(map(_of_role, changed))  # a role's name must not be without its value
    changed += [one.path for one in found if whole_role and _of_role(one.path)]
    if changed:
        restoring.leave(image, CHANGED, f"changed since the plan: {', '.join(changed)}")
    yield from (
        one for one in found if one.path not in changed and _possible(one, image, restoring)
    )


def _of_role(path: str) -> bool:
    return path.lower().startswith(f"{ROLES}[") or path.lower().startswith(f"{ROLES}.")


def _back(written: Change, side: Side, live: Mapping[str, Any]) -> Difference:
    """Return the way from what is there to what was there before."""
    there = side.comparator.attribute(written.path).read(live)
    if is_reference(written.path):
        return Difference(written.path, reference_id(there), written.before)
    if written.path.lower() == ACTIVE:  # who had no `active` was active (ruling 7)
        return Difference(written.path, there, boolean(written.before) is not False)
    return Difference(written.path, there, _plain(written.before))


def _roles_back(written: Change, there: Any) -> Iterator[Difference]:
    """Yield the list of all roles without those that we added, and with those that we took."""
    before, after = role_values(written.before), role_values(written.after)
    kept = [one for one in role_elements(there) if role_value(one) not in after - before]
    have = role_values(there)
    taken = [
        one
        for one in role_elements(written.before)
        if role_value(one) in before - after and role_value(one) not in have
    ]
    wanted = (*kept, *taken)
    if role_values(wanted) != have:
        yield Difference(written.path, there, wanted or None)


def _plain(value: Any) -> DesiredValue:
    """Return a stored value as comparisons know it: lists as tuples."""
    return tuple(value) if isinstance(value, list) else value


def _why_on(context: Context) -> str | None:
    """Return why nobody is switched off who was off before; None when they are."""
    if _deletes(context, "disable"):
        return "by its profile the service deletes whoever is disabled"
    return why_never_off(context.application, context.profile)


def _possible(wanted: Difference, image: Image, restoring: Restoring) -> bool:
    """Say whether a value can be written, and note why if it cannot."""
    live = restoring.context.users.ownership.live
    off = wanted.path.lower() == ACTIVE and boolean(wanted.after) is False
    why = _why_on(restoring.context) if off else None
    if why is not None:
        restoring.leave(image, LEFT, f"enabled by the plan, and stays, because {why}")
    elif is_reference(wanted.path) and wanted.after is not None and wanted.after not in live:
        why = f"{wanted.path}: the account that it referred to before is not there any more"
        restoring.leave(image, NOBODY, why)
    return why is None
