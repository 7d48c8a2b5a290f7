"""
Whether the source looks whole.

A source that was read completely may still not say everything: an export that
was cut short, or that lost a column, is a well-formed file. What it held when
the last plan was applied is in our journals.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.plan.document import Verdict
from reconciler.plan.limits import Evidence, counted, limit_of


def source_shrinks(evidence: Evidence) -> Verdict:
    """Compare the rows of the source, and its columns, with those of the last plan applied."""
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
    verdicts += _columns(evidence)
    return next((verdict for verdict in verdicts if verdict.blocked), verdicts[0])


def _columns(evidence: Evidence) -> Iterator[Verdict]:
    """
    Judge each column that was counted both times, the one that lost most first.

    A column lost as much as there are fewer values in it, and more people without
    one: who leaves takes their values along, and who comes may have none.
    """
    population = evidence.population
    before, now = population.counts.applied_users or 0, population.counts.source_users
    limit = limit_of(now, evidence.safety.source_shrinks.column_percent)
    emptied = {
        name: max(0, filled - max(population.filled[name], population.filled[name] + before - now))
        for name, filled in population.applied_filled.items()
        if name in population.filled
    }
    for name, lost in sorted(emptied.items(), key=lambda pair: (-pair[1], pair[0])):
        what = f'have no "{name}" any more since the last apply'
        yield counted("source_shrinks", what, "people", lost, now, limit)
