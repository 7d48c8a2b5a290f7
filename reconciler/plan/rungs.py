"""
Who is on which rung of leaving: people whom we disabled, and whose account is still off.

From there an account goes one of three ways. Its person returns, and it is
enabled. Or nothing ever happens to it. Or the person is deleted at, or gone
from, the source, and ``delete_after`` deletes it when its days are over,
counted from our own disable (ruling 6), oldest first and never more than the
limit of one plan allows (ruling 14).

Whom somebody else disabled is not ours to delete, and who was switched on by
hand is on no rung. Used by :mod:`reconciler.plan.build`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reconciler.plan.document import Leaver, Leaving, Rung, Waiting
from reconciler.plan.drafts import ACTIVE, Context, Draft, Side
from reconciler.plan.effects import DUE
from reconciler.plan.operation import Action
from reconciler.plan.users import GONE
from reconciler.states import Candidate, DesiredValue, ResourceType, Standing

SAMPLE = 20
"""How many leavers are named, who is deleted first before others; years of them would bury it."""

UNTOLD = "left as it is: it may be that of somebody who is skipped"
"""The reason for an account that nobody, and perhaps somebody who is skipped, explains."""


@dataclass(frozen=True, slots=True)
class Resting:
    """One account that we disabled, and that is still off."""

    key: str
    target_id: str
    source_id: str | None
    since: date
    """The day of our disable."""
    delete_on: date | None
    """The first day on which ``delete_after`` may delete it; None when it never will."""
    reason: str

    def is_due(self, as_of: date) -> bool:
        """Say whether it may be deleted by now."""
        return self.delete_on is not None and self.delete_on <= as_of


def resting(
    context: Context, disabling_the_gone: Mapping[str, DesiredValue]
) -> tuple[Resting, ...]:
    """Return everybody on a rung: who is deleted first stands first."""
    found = list(_resting(context, disabling_the_gone))
    found.sort(key=lambda one: (one.delete_on or date.max, one.since, one.key, one.target_id))
    return tuple(found)


def _resting(context: Context, disabling_the_gone: Mapping[str, DesiredValue]) -> Iterator[Resting]:
    side = context.users
    wanted = {target for _, target in side.pairing.pairs}
    leaving = {target: candidate for candidate, target in side.pairing.leaving}
    for target, since in context.recorded.disabled_on.items():
        if target not in side.ownership.ours or target in wanted:
            continue
        anchor = side.ownership.anchors.get(target)
        candidate = leaving.get(target) or side.by_anchor.get(anchor or "")
        source_id = candidate.source_id if candidate else anchor
        disabling = candidate.disabling if candidate else {}
        if context.concerns(source_id) and _is_off(side, target, disabling or disabling_the_gone):
            gone = target in leaving and _is_gone(candidate)
            reason = candidate.reason if candidate else GONE if target in leaving else UNTOLD
            delete_on = _delete_on(context, since) if gone else None
            yield Resting(side.key_of(target), target, source_id, since, delete_on, reason)


def _is_gone(candidate: Candidate | None) -> bool:
    """Say whether a person who leaves is deleted at the source, or not in it any more."""
    return candidate is None or candidate.standing is Standing.DELETED


def _delete_on(context: Context, since: date) -> date | None:
    """Return the day from which ``delete_after`` may delete an account that is off *since*."""
    lifecycle = context.application.lifecycle
    days = lifecycle.delete_after_days
    if days is None or lifecycle.deleted_at_source != "disable" or not context.may("delete"):
        return None
    return since + timedelta(days=days)


def _is_off(side: Side, target: str, disabling: Mapping[str, DesiredValue]) -> bool:
    """
    Say whether an account is off.

    Where `active` is not what a disable writes, an account is off that shows
    everything a disable writes.
    """
    if not side.active(target) or not disabling:
        return not side.active(target)
    if any(path.lower() == ACTIVE for path in disabling):
        return False
    return not side.comparator.differences(disabling, side.live(target))


def deletes_in_time(
    context: Context, rungs: Sequence[Resting], room: int
) -> tuple[list[Draft], tuple[Waiting, ...]]:
    """Return the deletes that are due, at most *room* of them, and those that have to wait."""
    due = [one for one in rungs if one.is_due(context.as_of)]
    days = context.application.lifecycle.delete_after_days
    drafts = [
        Draft(
            Action.DELETE,
            ResourceType.USER,
            one.key,
            one.source_id,
            one.target_id,
            f"{DUE} {one.since}, {days} days ago or more",
        )
        for one in due[:room]
    ]
    waiting = [Waiting(one.key, one.target_id, one.since.isoformat()) for one in due[room:]]
    return drafts, tuple(waiting)


def leaving_of(
    rungs: Sequence[Resting], deleted: Collection[str], waiting: Sequence[Waiting]
) -> Leaving:
    """Return how many stand on each rung, and a sample of them; *deleted* are this plan's ids."""
    waits = {one.target_id for one in waiting}

    def rung(one: Resting) -> Rung:
        if one.target_id in deleted:
            return "due"
        if one.target_id in waits:
            return "waiting"
        return "disabled" if one.delete_on is None else "scheduled"

    standing = [rung(one) for one in rungs]
    sample = tuple(
        Leaver(
            key=one.key,
            target_id=one.target_id,
            source_id=one.source_id,
            rung=where,
            disabled_on=one.since.isoformat(),
            delete_on=one.delete_on.isoformat() if one.delete_on else None,
            reason=one.reason,
        )
        for one, where in list(zip(rungs, standing, strict=True))[:SAMPLE]
    )
    return Leaving(
        disabled=standing.count("disabled"),
        scheduled=standing.count("scheduled"),
        waiting=standing.count("waiting"),
        due=standing.count("due"),
        sample=sample,
    )
