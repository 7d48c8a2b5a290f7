"""
What every guard is made with: what it may look at, the formula, and the words.

The formula and its reasons are in :mod:`reconciler.plan.guards`, whose table has
every guard; those that need more than a count live beside it, each in a module
of its kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.config.safety import Safety
from reconciler.plan.document import Verdict
from reconciler.plan.effects import Tally
from reconciler.plan.operation import Operation
from reconciler.plan.population import Population

FLOOR = 3
"""So many may always leave, unless that is more than half (ruling 14)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a guard may look at."""

    operations: Sequence[Operation]
    tally: Tally
    population: Population
    safety: Safety
    withheld: Sequence[Operation] = ()
    """What ``--no-removals`` left out: no way past the protected list."""


def limit_of(population: int, percent: int, at_most: int | None = None) -> int:
    """Return how many of *population* a plan may take (ruling 14)."""
    share = max(min(FLOOR, population // 2), population * percent // 100)
    return share if at_most is None else min(at_most, share)


def counted(guard: str, what: str, whole: str, count: int, population: int, limit: int) -> Verdict:
    """Return the verdict on a count, with its arithmetic."""
    blocked = count > limit
    comparison = f"more than the {limit} allowed" if blocked else f"{limit} allowed"
    sentence = f"{count} of {population} {whole} {what}; {comparison}"
    return Verdict(guard, count, population, limit, blocked, sentence)
