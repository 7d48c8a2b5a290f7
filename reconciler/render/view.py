"""
What every form of a plan shows, as words and numbers.

The forms differ in layout only: the same sections in the same order, the same
symbols, the same sentences. Everything here is told from the :class:`Plan` and
from nothing else (product.md, section 6), and every string is safe to stand in
a line (:mod:`reconciler.render.values`).

Long lists are shortened, never silently: each says how many are not shown. The
limit holds per wave, so that a thousand creates cannot push three deletes off
the page.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from reconciler.plan.document import Body, Plan, ReadProof
from reconciler.plan.operation import Action, Operation
from reconciler.render.operations import NOUNS, VERBS, OperationView, operation_view
from reconciler.render.values import shown

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a long list is shown."""

    operations: int
    """Per wave."""
    names: int
    """Per list of people, warnings or accounts."""


@dataclass(frozen=True, slots=True)
class Shortened(Generic[T]):
    """The beginning of a list, and how many more there are."""

    items: tuple[T, ...]
    hidden: int

    @property
    def total(self) -> int:
        """How many there are in all."""
        return len(self.items) + self.hidden


@dataclass(frozen=True, slots=True)
class WaveView:
    """The operations that may run at the same time."""

    number: int
    title: str
    operations: Shortened[OperationView]


@dataclass(frozen=True, slots=True)
class SkippedView:
    """The people and groups that are assigned and not written, of one code."""

    code: str
    entries: Shortened[tuple[str, str]]
    """Key and detail."""


@dataclass(frozen=True, slots=True)
class GuardView:
    """One guard's outcome."""

    id: str
    blocked: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """Everything that is shown of a plan, in the order in which it is shown."""

    application: str
    facts: tuple[tuple[str, str], ...]
    waves: tuple[WaveView, ...]
    withheld: Shortened[OperationView]
    waiting: Shortened[tuple[str, str]]
    """Key, and the day of our disable."""
    skipped: tuple[SkippedView, ...]
    unmanaged: Shortened[tuple[str, str]]
    """Key and label of accounts that are not ours."""
    warnings: Shortened[tuple[str, str]]
    """Code and message."""
    guards: tuple[GuardView, ...]
    summary: str
    cost: str
    outcome: str
    blocked: bool
    hidden: int
    """Operations that are not shown."""


def view_of(plan: Plan, limits: Limits, stored: str | None) -> PlanView:
    """
    Return what is shown of *plan*.

    Args:
        plan: The plan; redacted before, if it is to be.
        limits: How much of long lists is shown.
        stored: The path by which the plan can be applied; None when it was not stored.
    """
    body = plan.body
    waves = tuple(
        _wave(number, tuple(operations), limits)
        for number, operations in groupby(body.operations, key=lambda op: op.wave)
    )
    return PlanView(
        application=shown(body.application),
        facts=tuple(_facts(plan)),
        waves=waves,
        withheld=_shorten(body.withheld, limits.operations, operation_view),
        waiting=_shorten(
            body.waiting, limits.names, lambda one: (shown(one.key), shown(one.disabled_on))
        ),
        skipped=_skipped(body, limits),
        unmanaged=Shortened(
            (sample := _shorten(body.unmanaged.sample, limits.names, _account).items),
            body.unmanaged.count - len(sample),
        ),
        warnings=_shorten(
            body.warnings, limits.names, lambda one: (shown(one.code), shown(one.message))
        ),
        guards=tuple(GuardView(shown(g.id), g.blocked, shown(g.sentence)) for g in body.guards),
        summary=_summary(body),
        cost=_cost(body),
        outcome=_outcome(plan, stored),
        blocked=plan.blocked,
        hidden=sum(wave.operations.hidden for wave in waves),
    )
