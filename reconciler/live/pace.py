"""
How fast requests go out, over all threads.

A token bucket holds the average at ``rate_limit`` and lets a few requests go at
once. A server that says how long to wait stops everybody, since whoever goes on
asking makes it worse (reliability.md F01).

Time comes in as two functions, so that tests take none.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

BURST = 5
"""Requests that may go at once after a rest."""


class Pace:
    """A token bucket with a common pause; safe for threads."""

    def __init__(
        self,
        rate_limit: float,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        burst: int = BURST,
    ) -> None:
        """
        Start full.

        Args:
            rate_limit: Requests a second; 0 means no limit.
            monotonic: Seconds that never go back.
            sleep: Waits some seconds.
            burst: Requests that may go at once after a rest.
        """
        self._burst = burst
        self._interval = 1.0 / rate_limit if rate_limit else 0.0
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = Lock()
        self._next = 0.0
        """When a request would go if all went at exactly the rate."""
        self._paused_until = 0.0

    def take(self) -> None:
        """Wait until one more request may go."""
        wait = self._reserve()
        while wait > 0:
            self._sleep(wait)
            wait = self._pause_left()

    def pause(self, seconds: float) -> None:
        """Let nobody go for *seconds*."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._monotonic() + seconds)

    def _reserve(self) -> float:
        """Take a place in the queue; return the seconds until it is due."""
        with self._lock:
            now = self._monotonic()
            ahead = max(self._next, now)
            self._next = ahead + self._interval
            due = max(ahead - (self._burst - 1) * self._interval, self._paused_until)
            return due - now

    def _pause_left(self) -> float:
        """Return the seconds that a pause, made meanwhile, still has."""
        with self._lock:
            return self._paused_until - self._monotonic()
