"""
When a request may go, over all threads of a target.

A request needs a place among those in flight (:mod:`reconciler.live.inflight`),
then a turn (:mod:`reconciler.live.pace`): in this order, so that it goes the
moment its turn has come. Every answer teaches something about both.

A request counts for its second from when it was written; one that made its
connection, from when it was answered, because servers take a moment to accept.
Where the server has refused a request all the same, the road is uneven, and all
count from when they are answered: none arrives later than that.

A server that asks for a wait holds everybody back. Where it asks for more than
one request, or one run, may wait, nothing more is sent at all, by no thread
(:class:`~reconciler.scim.errors.OnHold`, reliability.md F03); whoever carries a
plan out ends there, and the same command resumes.

Used by :mod:`reconciler.live.transport`; one of these serves one run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from reconciler.live.connection import Response
from reconciler.live.inflight import InFlight
from reconciler.live.pace import PAUSES, Pace, Turn
from reconciler.live.retry_after import retry_after, used_up
from reconciler.ports import Budget
from reconciler.profiles.traffic import Limits
from reconciler.scim.errors import OnHold, TargetError, TargetRefused, Throttled


class Going(NamedTuple):
    """A request that goes; its answer is told with it."""

    entered: int
    turn: Turn


class Turns:
    """Lets requests go, and learns from their answers; safe for threads."""

    def __init__(
        self,
        rate_limit: float,
        concurrency: int,
        limits: Limits,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        budget: Budget | None = None,
    ) -> None:
        """
        Prepare.

        Args:
            rate_limit: Requests a second; 0 means no limit.
            concurrency: Requests in flight at the same time at most.
            limits: What is known of the pace of this kind of service.
            monotonic: Seconds that never go back.
            sleep: Waits some seconds.
            budget: What other processes that ask the same host have a share in.
        """
        self._monotonic = monotonic
        self._in_flight = InFlight(concurrency)
        self._pace = Pace(rate_limit, monotonic, sleep, limits.burst, budget)
        self._headers = [name.lower() for name in limits.retry_after]
        self._longest = limits.max_wait_seconds
        self._refused = False
        """Whether the server has refused a request for being one too many."""
        self._ended: str | None = None
        """Why nothing more is sent."""

    @contextmanager
    def next(self) -> Iterator[Going]:
        """
        Wait until one more request may go, which it does inside.

        Raises:
            OnHold: None may go any more.
        """
        entered = self._in_flight.enter()
        try:
            turn = self._pace.take()
            if self._ended is not None:
                raise OnHold(f"nothing more was sent: {self._ended}")
            yield Going(entered, turn)
        finally:
            self._in_flight.leave()

    def asked(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Return the seconds that an answer asks to wait; None when it does not say."""
        return retry_after(headers, status, self._headers)

    def learn(self, going: Going, kind: str, response: Response) -> None:
        """
        Draw the conclusions from an answer.

        Args:
            going: The request.
            kind: Requests that take about as long have the same.
            response: The answer.
        """
        now, status, headers = self._monotonic(), response.status, response.headers
        if status == 429:
            self._refused = True
            self._in_flight.refused(going.entered)
        uneven = self._refused or response.fresh
        going.turn.at = max(going.turn.at, now if uneven else response.sent)
        if not 200 <= status < 300:
            return
        self._in_flight.answered(kind, now - response.sent, going.entered)
        rest = used_up(headers, status, self._headers)
        if rest is not None and rest <= self._longest:
            self._pace.pause(rest)  # the next request would be refused

    def heed(self, error: TargetError, wait: float, waited: float) -> None:
        """
        Let everybody wait as long as the request that was told to, or was one too many.

        Args:
            error: What became of the request; if it says nothing about waiting, nobody waits.
            wait: Seconds that the request will wait.
            waited: Seconds that it has waited before.

        Raises:
            OnHold: That is longer than it, or the run, may wait.
        """
        asked = isinstance(error, TargetRefused) and error.retry_after is not None
        if not asked and not isinstance(error, Throttled):
            return
        if waited + wait > self._longest:
            most = f"the {self._longest} s that one request may wait"
        elif not self._pace.pause(wait):
            most = f"the {PAUSES:.0f} s that one run may wait"
        else:
            return
        self._ended = f"{error}; to wait {wait:.0f} s would be more than {most}"
        raise OnHold(self._ended) from error
