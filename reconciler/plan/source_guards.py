"""
Whether the source looks whole.

A source that was read completely may still not say everything: an export that
was cut short, or that lost a column, is a well-formed file. What it held when
the last plan was applied is in our journals.
"""

from __future__ import annotations

from reconciler.plan.document import Verdict
from reconciler.plan.limits import Evidence, counted, limit_of


def source_shrinks(evidence: Evidence) -> Verdict:
    """Compare the rows of the source with those of the last plan applied."""
    guard, population = "source_shrinks", evidence.population.counts
    percent = evidence.safety.source_shrinks.percent
    if population.applied_users is None:
        return Verdict(guard, 0, 0, 0, False, "no plan was applied before: nothing to compare with")
    verdicts = []
    pairs = (
        ("people", population.applied_users, population.source_users),
        ("groups", population.applied_groups or 0, population.source_groups),
    )
    for noun, before, now in pairs:
        lost = max(0, before - now)
        limit = limit_of(before, percent)
        what = "are missing from the source since the last apply"
        verdicts.append(counted(guard, what, noun, lost, before, limit))
    return next((verdict for verdict in verdicts if verdict.blocked), verdicts[0])
