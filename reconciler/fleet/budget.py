"""
Turns that all workers of a fleet share, one row for each host.

A request costs the host the time that the application's limit gives it (1/25 s at 25 a
second): who takes a turn moves `next` on by that. One statement does both, by the clock
of the database, so that no two workers get the same turn and no worker's clock matters.

Without the database the application's own limit goes on to hold; nobody stops in the
middle of an apply because of it. It is asked again after a while.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Final, LiteralString

import psycopg

LONGEST: Final = 900.0
"""Seconds that one turn may be away: no request waits longer (reliability.md F01)."""
AWAY: Final = 5.0
"""Seconds for which a database that did not answer is not asked."""
CONNECT_SECONDS: Final = 3

_RESERVE: Final = """
INSERT INTO reconciler_budgets AS budget (host, next)
VALUES (%(host)s, extract(epoch FROM clock_timestamp()) + %(seconds)s)
ON CONFLICT (host) DO UPDATE SET
    next = greatest(budget.next, extract(epoch FROM clock_timestamp())) + %(seconds)s
RETURNING (next - %(seconds)s - extract(epoch FROM clock_timestamp()))::double precision
"""

_PAUSE: Final = """
INSERT INTO reconciler_budgets AS budget (host, next)
VALUES (%(host)s, extract(epoch FROM clock_timestamp()) + %(seconds)s)
ON CONFLICT (host) DO UPDATE SET
    next = greatest(budget.next, extract(epoch FROM clock_timestamp()) + %(seconds)s)
RETURNING 0::double precision
"""


class Budgets:
    """The turns of all hosts, over one connection; safe for threads."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: psycopg.Connection[tuple[float]] | None = None
        self._lock = Lock()
        self._away_until = 0.0

    def of(self, host: str) -> HostBudget:
        """Return the turns of one host."""
        return HostBudget(host, self)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._drop()

    def ask(self, statement: LiteralString, host: str, seconds: float) -> float:
        """Carry out one statement; return its number, or 0 when the database does not answer."""
        with self._lock:
            if time.monotonic() < self._away_until:
                return 0.0
            try:
                row = self._connected().execute(statement, {"host": host, "seconds": seconds})
                found = row.fetchone()
            except psycopg.Error:
                self._away_until = time.monotonic() + AWAY
                self._drop()
                return 0.0
            return min(max(found[0], 0.0), LONGEST) if found else 0.0

    def _connected(self) -> psycopg.Connection[tuple[float]]:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._conninfo,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                options="-c synchronous_commit=off -c statement_timeout=3000",
            )
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None


@dataclass(frozen=True, slots=True)
class HostBudget:
    """The turns of one host; a :class:`reconciler.ports.Budget`."""

    host: str
    budgets: Budgets

    def reserve(self, seconds: float) -> float:
        """Take the next turn, which lasts *seconds*; return the seconds until it comes."""
        return self.budgets.ask(_RESERVE, self.host, seconds)

    def pause(self, seconds: float) -> None:
        """Let nobody have a turn for *seconds*."""
        self.budgets.ask(_PAUSE, self.host, min(seconds, LONGEST))
