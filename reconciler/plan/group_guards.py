"""
What one group may lose.

Limits on all memberships together say nothing about a single group: five per
cent of them may be a whole department's. So each group is judged alone, and how
many groups lose everybody is judged besides.

Three may always leave a group, also a small one: in a team of three, two change
their desk in an ordinary week. Whether it may lose its last member too is what
``empty_groups`` judges.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from reconciler.plan.document import Verdict
from reconciler.plan.effects import deletes_in_time, lost_members, subjects
from reconciler.plan.limits import FLOOR, Evidence, counted, limit_of
from reconciler.plan.operation import Operation

EVERYBODY = 100
"""The share, in percent, that is no limit."""


def empty_groups(evidence: Evidence) -> Verdict:
    """Judge the groups that would lose their last member: an export that lost a column does it."""
    guard, configured = "empty_groups", evidence.safety.empty_groups
    emptied = evidence.population.emptied_by(evidence.operations)
    groups = evidence.population.counts.groups
    limit = limit_of(groups, configured.percent, configured.at_most)
    what = "would lose their last member"
    return counted(guard, what, "groups of ours", len(emptied), groups, limit)


def group_members(evidence: Evidence) -> Verdict:
    """
    Judge each group alone, and show the one that is furthest over its limit, or nearest to it.

    Of a group whose members are not known as ours to count, nobody may be taken,
    unless everybody may be taken of any.
    """
    guard, configured = "group_members", evidence.safety.group_members
    verdicts = []
    for (target, key), lost in _losses(evidence).items():
        members = evidence.population.members.get(target)
        if members is None and configured.percent == EVERYBODY:
            members = frozenset(lost)
        size = len(members or ())
        share = max(FLOOR, size * configured.percent // 100)
        limit = 0 if members is None else min(configured.at_most, share)
        whole = f"members of {key}"
        verdicts.append(counted(guard, "would be removed", whole, len(lost), size, limit))
    if not verdicts:
        return Verdict(guard, 0, 0, 0, False, "no group would lose anybody")
    worst = max(verdicts, key=lambda verdict: verdict.count - verdict.limit)
    others = sum(verdict.blocked for verdict in verdicts) - 1
    if others < 1:
        return worst
    return replace(worst, sentence=f"{worst.sentence}; and {others} more over their limits")


def _losses(evidence: Evidence) -> dict[tuple[str, str], set[str]]:
    """
    Return who is taken out of which group, by its id and the name that it is known by.

    Without those whose ``delete_after`` is over: that is part of the delete (ruling 14).
    """
    in_time = subjects(evidence.operations, deletes_in_time)
    losses: defaultdict[str, set[str]] = defaultdict(set)
    names: dict[str, str] = {}
    for operation in evidence.operations:
        if lost := set(lost_members(operation)) - in_time:
            target = _target(operation)
            names.setdefault(target, operation.key)
            losses[target] |= lost
    return {(target, names[target]): lost for target, lost in losses.items()}


def _target(operation: Operation) -> str:
    """Return the id of the group that *operation* is about, or what it is known by."""
    return operation.target_id or operation.key
