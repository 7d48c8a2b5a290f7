"""
What several runs take together.

Every limit is one of a single plan, so a plan that is cut into ten takes ten
times as much (INV-9). This guard looks back: what was taken in 24 hours and what
this plan takes must not be more than twice what one run may take, and in 7 days
not more than four times.

*One run's limit* is the limit of this run, on what is there now. Whoever was
taken before is not there any more, so it shrinks as slices are taken; it is not
the smallest of the earlier runs' limits, because a company that began with a
pilot of three people would be held to what three people allow for a week.

Of this plan no more counts than one run's limit. What goes beyond it is blocked
by the guard of the effect itself, and carried out only if an approval lets it
pass; and what was approved does not count. So a single plan never needs two
approvals for the same thing.

The verdict's count is that of all effects that are over their windows, and not of the
one that its sentence names, and it lists them all. At apply, where the window ends later
and other runs may have come between, one of them may be over no more, and another one
instead: that one was not approved, however small its part of the sum is.

Where a share of 100 % says that everybody may go, only the count is a limit, and
the count alone is what the window multiplies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from reconciler.plan.document import Verdict
from reconciler.plan.earlier import DELETIONS, GROUP_MEMBERS, SPANS, Effect, Span, effect_of
from reconciler.plan.group_guards import EVERYBODY
from reconciler.plan.limits import FLOOR, Evidence, limit_of
from reconciler.plan.population import Counts
from reconciler.plan.weights import weigh
from reconciler.states import ResourceType

GUARD = "rolling_window"


class _Row(NamedTuple):
    """An effect that is looked back at, in words, and the whole that its limit is taken of."""

    what: str
    whole: Callable[[Counts], int]


_PEOPLE, _GROUPS = ResourceType.USER.value, ResourceType.GROUP.value
_ROWS: dict[Effect, _Row] = {
    Effect(DELETIONS, _PEOPLE): _Row("users disabled or deleted", lambda c: c.active_users),
    Effect(DELETIONS, _GROUPS): _Row("groups deleted", lambda c: c.groups),
    Effect("delete_users"): _Row("users deleted", lambda c: c.users),
    Effect("delete_groups"): _Row("groups deleted", lambda c: c.groups),
    Effect("empty_groups"): _Row("groups emptied", lambda c: c.groups),
    Effect("remove_members"): _Row("memberships taken away", lambda c: c.memberships),
    Effect("revoke_roles"): _Row("users who lose a role", lambda c: c.active_users),
    Effect("rename_users"): _Row("users renamed", lambda c: c.users + c.links),
    Effect("enable_users"): _Row("users enabled", lambda c: c.users + c.links),
}


class _Slice(NamedTuple):
    """One effect in one window."""

    effect: Effect
    what: str
    span: Span
    since: str
    times: int
    now: int
    """What this plan takes."""
    before: int
    """What earlier runs took within the window."""
    limit: int
    """What one run may take."""

    @property
    def blocked(self) -> bool:
        """Whether it is too much together, and this plan has a part in it."""
        return self.now > 0 and min(self.now, self.limit) + self.before > self.times * self.limit

    @property
    def urgency(self) -> tuple[bool, int, int]:
        """What slices are compared by: which blocks, then how full the window is."""
        full = (self.now + self.before) * 100 // max(1, self.times * self.limit)
        return self.blocked, full, self.before

    @property
    def left(self) -> int:
        """What the window leaves."""
        return max(0, self.times * self.limit - self.before)

    @property
    def sentence(self) -> str:
        """What is said of this effect."""
        return (
            f"{self.what}: {self.now} by this plan, {self.before} by earlier runs {self.since}; "
            f"{'more than the ' if self.blocked else ''}{self.times * self.limit} allowed in "
            f"{self.span.words} ({self.times} times the {self.limit} of one run)"
        )


def rolling_window(evidence: Evidence) -> Verdict:
    """
    Judge every effect in every window.

    The count is what this plan takes, the population what was taken before, and the limit
    what the windows leave: of all effects that are over, else of the one that is nearest.
    The sentence is about the one that is furthest over, or nearest.
    """
    now = _now(evidence) if evidence.population.earlier.taken else Counter[Effect]()
    found = [one for span in SPANS for one in _slices(evidence, span, now)]
    if not found:
        sentence = (
            "by our journals, earlier runs took nothing that was not approved in the last 7 days"
        )
        return Verdict(GUARD, 0, 0, 0, False, sentence)
    found.sort(key=lambda one: one.urgency)
    worst = found[-1]
    over = list({one.effect: one for one in found if one.blocked}.values()) or [worst]
    count = sum(one.now for one in over)
    others = len(over) - 1
    more = f"; and {others} more over their windows, {count} in all" if others else ""
    return Verdict(
        GUARD,
        count,
        sum(one.before for one in over),
        sum(one.left for one in over),
        worst.blocked,
        f"{worst.sentence}{more}",
        tuple(sorted(one.effect.name for one in over)) if worst.blocked else (),
    )


def _now(evidence: Evidence) -> Counter[Effect]:
    """Return what this plan takes, by effect."""
    now = Counter[Effect]()
    for operation, counts in weigh(evidence.operations, evidence.population):
        for guard, count in counts.items():
            now[effect_of(guard, operation.resource_type, operation.target_id)] += count
    return now


def _slices(evidence: Evidence, span: Span, now: Counter[Effect]) -> Iterator[_Slice]:
    """Yield each effect of which earlier runs took something within *span*."""
    earlier = evidence.population.earlier
    begins = earlier.since(span)
    since = "at any time" if begins is None else f"since {begins:%Y-%m-%d %H:%M} UTC"
    times = getattr(evidence.safety.rolling_window, span.key)
    names = {one.target_id: one.key for one in evidence.operations}
    taken = earlier.counted(span)
    for effect in sorted(taken, key=lambda one: (one.guard, one.part or "")):
        limit = _one_run(evidence, effect)
        if limit is not None:
            row = _ROWS.get(effect)
            what = row.what if row else f"members taken out of {names.get(effect.part, 'a group')}"
            yield _Slice(effect, what, span, since, times, now[effect], taken[effect], limit)


def _one_run(evidence: Evidence, effect: Effect) -> int | None:
    """Return how much of *effect* one run may take; None for what is not looked back at."""
    row, population = _ROWS.get(effect), evidence.population
    if row is None and effect.guard != GROUP_MEMBERS:
        return None
    configured = getattr(evidence.safety, effect.guard)
    if not getattr(configured, "enabled", True):
        return None
    if configured.percent == EVERYBODY:
        return int(configured.at_most)
    if row is not None:
        return limit_of(row.whole(population.counts), configured.percent, configured.at_most)
    size = len(population.members.get(effect.part or "", ()))
    return int(min(configured.at_most, max(FLOOR, size * configured.percent // EVERYBODY)))
