"""
How many requests are in flight at once, over all threads: as many as help.

Nobody knows how many requests a service takes at the same time, so it is found
out, between one and ``concurrency``. Reading pages ahead and the workers of an
apply share one such count, because the service does not tell them apart.

* It begins with :data:`START`. A *round* is :data:`ROUND` answers, or as many
  as are in flight, if that is more.
* **More** after a round in which all places were taken, and answers took
  little longer than usual: half as many again until something first speaks against
  it, and then one more each time. Where they take half as long again, another request
  would only wait in a longer queue: the count stays.
* **Half as many**, never less than one, when the service says that it is asked
  too often (429; reliability.md F01, F49), or when a round took clearly longer
  than usual. What was sent before a cut says nothing about the count after it,
  so that eight refusals at once are one cut.
* The count at which the service complained is tried again only after
  :data:`CALM` rounds without a complaint: looking for the edge again and again
  would be a refusal each time, and a wait for everybody.

What is *usual* is known by kind of request, since a page of a thousand users
takes longer than one user: what the first round after a cut took, or the quicker
ones since then. So a service that has become slow, whatever we do, is not asked
ever less. Where slowness has held the count for :data:`CALM` rounds, it is
halved once to measure anew, since what was usual may have been luck.

Used by :mod:`reconciler.live.turns`, which is told how long answers took: no
clock is needed here.
"""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean
from threading import Condition
from typing import Final

START: Final = 4
"""Requests in flight before anything is known (performance.md, ingredient 7)."""
ROUND: Final = 16
"""Answers that are judged together; fewer say more about chance than about the service."""
CALM: Final = 30
"""Rounds after which what was learned is doubted."""

RISING: Final = 1.5
"""Times the usual from which one more does not help."""
RISEN: Final = 2.5
"""Times the usual that is clearly too much."""

QUICKER: Final = 0.25
"""How much of the difference a quicker round moves what is usual; one may be luck."""


class InFlight:
    """The places for requests in flight; safe for threads."""

    def __init__(self, most: int) -> None:
        """Begin with a few places; there will never be more than *most*."""
        self._most = most
        self._limit = min(START, most)
        self._taken = 0
        self._cuts = 0
        self._refused_at = most + 1
        """The count at which the service complained last."""
        self._calm = 0
        """Rounds since then."""
        self._held = 0
        """Rounds since the count last changed in which answers took too long for one more."""
        self._usual: dict[str, float] = {}
        """Seconds that an answer takes, by kind of request."""
        self._in_haste = True
        """Whether nothing has spoken against more yet."""
        self._change = Condition()
        self._begin_round()

    @property
    def limit(self) -> int:
        """Requests that may be in flight at the moment."""
        return self._limit

    def enter(self) -> int:
        """Wait for a place; gives what :meth:`answered` and :meth:`refused` are told."""
        with self._change:
            self._change.wait_for(lambda: self._taken < self._limit)
            self._taken += 1
            self._full |= self._taken == self._limit
            return self._cuts

    def leave(self) -> None:
        """Give the place back."""
        with self._change:
            self._taken -= 1
            self._change.notify()

    def answered(self, kind: str, seconds: float, entered: int) -> None:
        """Note that a request of *kind* was answered in *seconds*."""
        with self._change:
            if entered != self._cuts:
                return
            self._took[kind].append(seconds)
            self._answers += 1
            if self._answers >= max(ROUND, self._limit):
                self._judge()

    def refused(self, entered: int) -> None:
        """Note that the service wants to be asked less."""
        with self._change:
            if entered == self._cuts:
                self._refused_at = self._limit
                self._halve()

    def _begin_round(self) -> None:
        self._took: defaultdict[str, list[float]] = defaultdict(list)
        self._answers = 0
        self._full = False

    def _judge(self) -> None:
        """Draw the conclusion from a round."""
        rise, full = self._rise(), self._full
        self._begin_round()
        self._calm += 1
        if rise > RISEN:
            self._refused_at = self._limit
            self._halve()
        elif rise > RISING:
            self._in_haste = False
            self._held += 1
            if self._held >= CALM:
                self._halve()
        elif full and self._limit < self._most:
            self._grow()

    def _rise(self) -> float:
        """Return how many times longer than usual the round took; what is usual follows."""
        rise = 0.0
        for kind, seconds in self._took.items():
            mean = fmean(seconds)
            usual = self._usual.setdefault(kind, mean)
            rise += len(seconds) * (mean / usual if usual else 1.0)
            self._usual[kind] = usual + QUICKER * min(0.0, mean - usual)
        return rise / self._answers

    def _grow(self) -> None:
        """Make more places, unless that was too much not long ago."""
        if self._limit + 1 >= self._refused_at:
            if self._calm < CALM:
                return
            self._refused_at = self._most + 1
        more = max(1, self._limit // 2) if self._in_haste else 1
        self._limit = min(self._limit + more, self._most)
        self._held = 0
        self._change.notify(more)

    def _halve(self) -> None:
        """Take half of the places away, and learn anew what is usual."""
        self._limit = max(1, self._limit // 2)
        self._in_haste = False
        self._cuts += 1
        self._calm = self._held = 0
        self._usual.clear()
        self._begin_round()
