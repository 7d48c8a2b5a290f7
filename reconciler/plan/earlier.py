"""
What earlier runs took, as the guard ``rolling_window`` looks back at it.

A window ends when it is looked at, and whatever is younger than its beginning is
in it: also what a journal says happened *later*, because a plan's time is the
start of its day (ruling 4) and other plans may have run on that day. So a plan
looks back at the day before its own as well as at its own; `apply` looks at its
clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from reconciler.states import Recorded, ResourceType, Taken

DELETIONS = "accidental_deletions"
"""The guard that judges people and groups alone."""
GROUP_MEMBERS = "group_members"
"""The guard that judges each group alone."""


class Span(NamedTuple):
    """A window: its key in the configuration, its words, and how long it is."""

    key: Literal["day", "week"]
    words: str
    length: timedelta


SPANS = (Span("day", "24 hours", timedelta(hours=24)), Span("week", "7 days", timedelta(days=7)))


class Effect(NamedTuple):
    """What is counted together."""

    guard: str
    part: str | None = None
    """For guards that judge people and groups, or each group, alone: which."""

    @property
    def name(self) -> str:
        """The effect as plans name it."""
        return self.guard if self.part is None else f"{self.guard}/{self.part}"


def effect_of(guard: str, resource_type: ResourceType, target_id: str | None) -> Effect:
    """Return what an operation on *target_id* is counted with for *guard*."""
    if guard == GROUP_MEMBERS:
        return Effect(guard, target_id)
    return Effect(guard, resource_type if guard == DELETIONS else None)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What earlier runs took, and when that is looked at."""

    taken: tuple[Taken, ...] = ()
    moment: datetime | None = None
    """None: no window is known, and everything counts."""

    def since(self, span: Span) -> datetime | None:
        """Return where a window begins; None: before everything."""
        return None if self.moment is None else self.moment - span.length

    def counted(self, span: Span) -> Counter[Effect]:
        """Return how much was taken within a window, by effect."""
        begins, found = self.since(span), Counter[Effect]()
        for one in self.taken:
            if begins is None or one.at >= begins:
                for guard, count in one.counts.items():
                    found[effect_of(guard, one.resource_type, one.target_id)] += count
        return found


def looking_back(recorded: Recorded, moment: datetime, besides: str | None = None) -> Recorded:
    """
    Return what our journals say, looked back at from *moment*.

    What the plan of the digest *besides* took is left out: a run that is resumed
    judges all of its plan, what is done included.
    """
    kept: Iterable[Taken] = (one for one in recorded.taken if one.plan != besides)
    return replace(recorded, taken=tuple(kept), moment=moment)
