"""
Memberships back to how they were: one member at a time.

Who was put in is taken out, and who was taken out is put in again; whoever came or went
by somebody else is left as they are. What this plan deletes is taken out of our groups
before, as in every plan: not every service does that by itself.

Called by :mod:`reconciler.plan.revert`, when it is known what is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.config.kept import shows_members
from reconciler.plan.drafts import Draft, Side
from reconciler.plan.groups import MEMBERS, live_members
from reconciler.plan.images import Image, Place
from reconciler.plan.operation import Action, Change
from reconciler.plan.restore import CHANGED, LEFT, NOBODY, Restoring
from reconciler.states import ResourceType


@dataclass(slots=True)
class _Delta:
    """Who leaves one group, and who comes back, by what undoes which action."""

    source_id: str | None
    out: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    because: Action = Action.ADD_MEMBERS


def memberships_restored(
    images: Mapping[Place, Image], restoring: Restoring, deleted: frozenset[str]
) -> None:
    """Add to *restoring* what undoes the memberships of *images*; *deleted* are ids that go."""
    side = restoring.context.groups
    if side is None:
        return
    deltas: dict[str, _Delta] = {}
    for image in images.values():
        if image.members and restoring.within_reach(image) and image.target_id not in deleted:
            if shows_members(restoring.context.profile):
                deltas[image.target_id] = _delta(image, side, restoring)
            else:
                restoring.leave(image, LEFT, "members: by its profile the service shows none")
    for target in sorted(side.ownership.ours - deleted if deleted else ()):
        known = deltas.get(target) or _Delta(side.ownership.anchors.get(target))
        gone = live_members(side.live(target)) & deleted - set(known.out)
        if gone:
            known.because = known.because if known.out else Action.CREATE
            known.out += sorted(gone)
            deltas[target] = known
    for target, delta in deltas.items():
        _add_drafts(target, delta, side, restoring)


def _delta(image: Image, side: Side, restoring: Restoring) -> _Delta:
    """Compare who was put in and taken out with who is there now."""
    both = (restoring.context.users.ownership, side.ownership)
    present = live_members(side.live(image.target_id))
    put = {one for one, added in image.members.items() if added} & present
    taken = {one for one, added in image.members.items() if not added} - present
    gone = {one for one in taken if not any(one in owned.live for owned in both)}
    _leave(image, NOBODY, "not there any more, so not put back", gone, restoring)
    foreign = {one for one in put if any(one in x.live and one not in x.ours for x in both)}
    _leave(image, CHANGED, "not ours any more, so not taken out", foreign, restoring)
    return _Delta(image.source_id, sorted(put - foreign), sorted(taken - gone))


def _leave(image: Image, code: str, why: str, members: Iterable[str], restoring: Restoring) -> None:
    """Note the members that stay as they are, by what a reader may know them by."""
    sides = (restoring.context.users, restoring.context.groups)
    shown = {} if any(side and side.table.hides_name for side in sides) else image.displays
    named = sorted(shown.get(one, one) for one in members)
    if named:
        restoring.leave(image, code, f"members {why}: {', '.join(named)}")


def _add_drafts(target: str, delta: _Delta, side: Side, restoring: Restoring) -> None:
    """Add the drafts that take out, and put back."""
    for action, undone, members in (
        (Action.ADD_MEMBERS, Action.REMOVE_MEMBERS, delta.back),
        (Action.REMOVE_MEMBERS, delta.because, delta.out),
    ):
        if not members:
            continue
        shown = [_shown(one, side, restoring) for one in members]
        shown.sort(key=lambda member: (member["display"], member["value"]))
        came = action is Action.ADD_MEMBERS
        change = Change(MEMBERS, None, shown) if came else Change(MEMBERS, shown, None)
        restoring.drafts.append(
            Draft(
                action,
                ResourceType.GROUP,
                side.key_of(target),
                delta.source_id,
                target,
                restoring.reason((undone,)),
                [change],
            )
        )


def _shown(member: str, side: Side, restoring: Restoring) -> dict[str, str]:
    """Return a member as a plan shows it; `type` only where it is not a user."""
    if member in side.ownership.live:
        return {"value": member, "display": side.key_of(member), "type": "Group"}
    users = restoring.context.users
    known = member in users.ownership.live
    return {"value": member, "display": users.key_of(member) if known else member}
