"""
Everybody looks gone: a fault of ours, not of the world.

The limits of each effect can be raised, and are, for a morning or for good. A
plan that takes more than half of anything is hardly ever meant, so this guard
has a key of its own, which stays where it is when a limit is raised. Under the
limits of ruling 14 it never decides: their floor ends at one half.

Whom somebody has switched off since the plan was made is still counted among those whom
the plan disables, and so among those who are there: what others have done makes no half
of less. More than half of those who are active is more than half with them as well.
"""

from __future__ import annotations

from collections.abc import Callable

from reconciler.plan.document import Verdict
from reconciler.plan.limits import Evidence, counted

FEWEST = 4
"""Of fewer than this, one or two are soon more than a half."""

_CLASSES: tuple[
    tuple[str, str, Callable[[Evidence], int], Callable[[Evidence], int]],
    ...,
] = (
    (
        "active users of ours",
        "would be disabled or deleted",
        lambda e: e.population.counts.active_users + e.population.counts.off_already,
        lambda e: e.tally.removed_users,
    ),
    (
        "groups of ours",
        "would be deleted",
        lambda e: e.population.counts.groups,
        lambda e: e.tally.deleted_groups,
    ),
    (
        "groups of ours",
        "would lose their last member",
        lambda e: e.population.counts.groups,
        lambda e: len(e.population.emptied_by(e.operations)),
    ),
    (
        "memberships of our groups",
        "would be removed",
        lambda e: e.population.counts.memberships,
        lambda e: e.tally.removed_memberships,
    ),
    (
        "active users of ours",
        "would lose a role",
        lambda e: e.population.counts.active_users,
        lambda e: e.tally.revoked,
    ),
)
"""Of what, what becomes of it, how many there are, and how many it becomes of."""


def half_gone(evidence: Evidence) -> Verdict:
    """Judge every class alone, and show the one that is furthest over, or nearest to it."""
    guard, percent = "half_gone", evidence.safety.half_gone.percent
    verdicts = []
    for whole, what, there, taken in _CLASSES:
        of = there(evidence)
        if of >= FEWEST:
            count = min(taken(evidence), of)
            verdicts.append(counted(guard, what, whole, count, of, of * percent // 100))
    if not verdicts:
        return Verdict(guard, 0, 0, 0, False, f"not applicable: fewer than {FEWEST} of anything")
    return max(verdicts, key=_share)


def _share(verdict: Verdict) -> tuple[bool, int]:
    """Return what verdicts are compared by: which blocks, then how much of the whole goes."""
    return verdict.blocked, verdict.count * 100 // verdict.population
