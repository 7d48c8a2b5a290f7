"""
How much of a declared cap is used, and how often it is exceeded (performance.md, T7).

A service on loopback refuses, with 429 and ``Retry-After: 1``, whatever comes
when the last second has been used up. Eight threads want as much as they can get:
once with the cap declared as `rate_limit`, and once, to compare, without.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from reconciler.live.auth import BearerAuth
from reconciler.live.client import ScimTarget
from reconciler.live.transport import Transport
from reconciler.states import ResourceType
from reconciler.testing import Reply, Request
from reconciler.workflow.wiring import SystemClock
from tests.servers import TOKEN, FaultServer

CAPS = (25, 100)
THREADS = 8
SECONDS = 6
"""Of each run, about."""


@dataclass
class Cap:
    """Lets so many requests through in any one second."""

    cap: int
    refused: int = 0
    _let: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request) -> Reply | None:
        with self._lock:
            now = time.monotonic()
            while self._let and now - self._let[0] >= 1.0:
                self._let.popleft()
            if len(self._let) < self.cap:
                self._let.append(now)
                return None
            self.refused += 1
            return Reply(b"", 429, None, {"Retry-After": "1"})


def main() -> None:
    """Print the table."""
    print(f"{'requests under a cap':<34}{'a second':>14}{'of the cap':>20}{'refused':>10}")
    for words, speed, cap, refused in measured():
        print(f"{words:<34}{speed:>14.1f}{speed / cap:>20.1%}{refused:>10}")


def measured() -> Iterator[tuple[str, float, int, int]]:
    """Yield for each run: what it was, requests a second, the cap, and how many were refused."""
    for cap in CAPS:
        for declared in (cap, 0):
            limit, requests = Cap(cap), cap * SECONDS + 1
            with FaultServer(answer=limit) as server:
                took = seconds_for(requests, server.url, declared)
            words = f"{cap} a second, {'declared' if declared else 'not declared'}"
            yield words, (requests - 1) / took, cap, limit.refused


def seconds_for(requests: int, url: str, rate_limit: int) -> float:
    """Return how long it takes until so many requests have been answered."""
    transport = Transport(
        url, BearerAuth.of(TOKEN), SystemClock(), rate_limit=rate_limit, concurrency=THREADS
    )
    with ScimTarget(transport) as target, ThreadPoolExecutor(THREADS) as pool:
        began = time.perf_counter()
        list(pool.map(lambda n: target.get(ResourceType.USER, f"u{n % 7 + 1}"), range(requests)))
        return time.perf_counter() - began
