"""
Time in a simulation: no two readings are alike, and nothing happens out of turn.

Whoever looks at the clock moves it a microsecond on, so that the times in the
journal and in the server's log put everything that happened into one order.
Whoever waits moves it from event to event: what is due in between happens then,
and not all at once at the end of the wait (reliability.md, 3.4).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 23, tzinfo=UTC)
MICROSECOND = 1


class Clock:
    """The one time of a run, in microseconds since :data:`START`."""

    def __init__(self) -> None:
        self.micros = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0

    def tick(self) -> int:
        """Move on by the least, and return the time."""
        self._pass_to(self.micros + MICROSECOND)
        return self.micros

    def now(self) -> datetime:
        return START + timedelta(microseconds=self.tick())

    def monotonic(self) -> float:
        return self.tick() / 1e6

    def sleep(self, seconds: float) -> None:
        self._pass_to(self.micros + max(MICROSECOND, round(seconds * 1e6)))

    def at(self, seconds: float, happens: Callable[[], None]) -> None:
        """Let something happen in so many seconds."""
        self._number += 1
        heapq.heappush(self._due, (self.micros + round(seconds * 1e6), self._number, happens))

    def _pass_to(self, moment: int) -> None:
        while self._due and self._due[0][0] <= moment:
            due, _, happens = heapq.heappop(self._due)
            self.micros = max(self.micros, due)
            happens()
        self.micros = max(self.micros, moment)
