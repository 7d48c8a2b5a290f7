"""
Turns that all workers of a fleet share, one row for each host.

A request costs the host the time that the application's limit gives it (1/25 s at 25 a
second): who takes a turn moves `next` on by that. One statement does both, by the clock
of the database, so that no two workers get the same turn and no worker's clock matters.

Without the database the application's own limit goes on to hold; nobody stops in the
middle of an apply because of it. It is asked again after a while. One that neither answers
nor refuses is hung up on: the driver itself would wait for as long as it takes.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock, Timer
from typing import Final, LiteralString

import psycopg

LONGEST: Final = 900.0
"""Seconds that one turn may be away: no request waits longer (reliability.md F01)."""
AWAY: Final = 5.0
"""Seconds for which a database that did not answer is not asked."""
CONNECT_SECONDS: Final = 3
ANSWER_SECONDS: Final = 4.0
"""For one answer; the database itself gives a statement up after three."""

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
        if time.monotonic() < self._away_until:
            return 0.0
        with self._lock:
            if time.monotonic() < self._away_until:  # whoever asked before us had no answer
                return 0.0
            try:
                connection = self._connected()
                with _answering(connection):
                    row = connection.execute(statement, {"host": host, "seconds": seconds})
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


@contextmanager
def _answering(connection: psycopg.Connection[tuple[float]]) -> Iterator[None]:
    """Hang up if there is no answer in time; the driver says then that the connection is lost."""
    timer = Timer(ANSWER_SECONDS, _hang_up, [connection.fileno()])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # the number of its socket may be another's soon


def _hang_up(number: int) -> None:
    with suppress(OSError), socket.socket(fileno=os.dup(number)) as line:
        line.shutdown(socket.SHUT_RDWR)


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
