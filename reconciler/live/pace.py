"""
How fast requests go out, over all threads, and when nobody may go.

* **A schedule** holds the average at ``rate_limit`` and lets ``burst`` requests
  go at once after a rest.
* **No second holds more than a second's worth**, or than the burst where that is
  more, since services count by seconds and refuse what is over. What counts is
  when a request went, which whoever sends it writes into its turn. The second is
  taken a little long, because requests do not all travel equally fast; so of a
  rate above the burst, 99 % are used.
* **A pause** stops everybody: whoever goes on asking a service that wants to be
  left alone makes it worse (reliability.md F01). Whoever was waiting for a turn
  queues again, so that a pause does not end in a burst. All pauses of a run
  together are bounded (INV-20); which is why one Pace serves one run.
* **A budget**, where there is one, holds all processes that ask the same host to the
  rate together, and makes them pause together. It only ever adds to a wait.

Time comes in as two functions, so that tests take none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

from reconciler.ports import Budget

BURST: Final = 5
"""Requests that may go at once after a rest."""
SECOND: Final = 1.01
"""A second, with some room for what is faster on its way than the one before."""
PAUSES: Final = 1800.0
"""Seconds of pauses in one run (reliability.md F01)."""


@dataclass(slots=True)
class Turn:
    """One request's turn."""

    at: float
    """When it comes; once the request has gone, when that was."""
    pauses: int
    """How many pauses were taken into account."""


class Pace:
    """The turns of all requests of a run; safe for threads."""

    def __init__(
        self,
        rate_limit: float,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        burst: int = BURST,
        budget: Budget | None = None,
    ) -> None:
        """
        Start after a rest.

        Args:
            rate_limit: Requests a second; 0 means no limit.
            monotonic: Seconds that never go back.
            sleep: Waits some seconds.
            burst: Requests that may go at once after a rest.
            budget: What other processes have a share in; of use with a limit only.
        """
        self._budget = budget if rate_limit else None
        self._interval = 1.0 / rate_limit if rate_limit else 0.0
        self._ahead = (burst - 1) * self._interval
        """How far requests may be ahead of the schedule."""
        self._latest: deque[Turn] = deque(maxlen=max(int(rate_limit), burst) if rate_limit else 0)
        """As many as one second may hold."""
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = Lock()
        self._next = 0.0
        """When a request would go if all went at exactly the rate."""
        self._paused_until = 0.0
        self._pauses = 0
        self._paused = 0.0
        """Seconds of all pauses so far."""

    def take(self) -> Turn:
        """Wait until one more request may go; whoever knows when it went may say so in the turn."""
        turn, wait = self._reserve()
        while wait > 0:
            self._sleep(wait)
            if turn.pauses == self._pauses:
                break
            turn, wait = self._reserve()
        return turn

    def pause(self, seconds: float) -> bool:
        """Let nobody go for *seconds*; False when a run may not be paused for so long."""
        with self._lock:
            now = self._monotonic()
            before = max(now, self._paused_until)
            more = now + seconds - before
            if self._paused + more > PAUSES:
                return False
            if more > 0:
                self._paused += more
                self._paused_until = before + more
                self._pauses += 1
                self._begin_anew(now)
        if self._budget is not None:
            self._budget.pause(seconds)
        return True

    def _begin_anew(self, now: float) -> None:
        """Take every turn back that is not used yet; after the pause there is no burst."""
        self._next = self._paused_until + self._ahead
        while self._latest and self._latest[-1].at > now:
            self._latest.pop()

    def _reserve(self) -> tuple[Turn, float]:
        """Give out the next turn; return it, and the seconds until then."""
        with self._lock:
            now = self._monotonic()
            scheduled = max(self._next, now)
            self._next = scheduled + self._interval
            due = max(now, scheduled - self._ahead, self._paused_until)
            if self._latest and len(self._latest) == self._latest.maxlen:
                due = max(due, self._latest[0].at + SECOND)
            turn = Turn(due, self._pauses)
            self._latest.append(turn)
        if self._budget is not None:  # may take a moment, in which nobody else has to wait
            wait = self._budget.reserve(self._interval)
            now = self._monotonic()
            turn.at = max(due, now + wait)
        return turn, turn.at - now
