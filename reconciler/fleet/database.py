"""
The database of a fleet: how it is reached, and what is in it.

Procrastinate's tables hold the jobs. Two are ours: what became of each application last,
and the turns of the hosts that all workers ask (`UNLOGGED`: after a crash of the database
the turns begin anew). Both are made by whoever comes first.

A statement is tried again while the database does not answer, for as long as the caller
has patience, because databases are restarted; so every statement may be carried out twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, LiteralString

import psycopg
from procrastinate import App, SyncPsycopgConnector
from procrastinate.schema import SchemaManager
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from reconciler.fleet.errors import FleetUnreachable

CONNECT_SECONDS: Final = 10
"""How long one attempt to connect may take."""
SILENT: Final[dict[str, Any]] = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""Of a connection: a host that is gone without a word is known to be after 25 seconds."""
WAIT: Final = 3.0
"""Seconds for which a statement waits for a connection."""
GIVE_UP: Final = 1.0
"""Seconds after which a pool gives up an attempt, so that the next statement begins another: its
own waits grow, and would let a worker be silent long after a database is back."""
PAUSE: Final = 0.5
"""Seconds between two attempts."""

_THERE: Final = """
SELECT to_regclass('procrastinate_jobs') IS NOT NULL AS jobs,
       to_regclass('reconciler_applications') IS NOT NULL
       AND to_regclass('reconciler_budgets') IS NOT NULL AS ours
"""

_OURS: Final = """
CREATE TABLE IF NOT EXISTS reconciler_applications (
    fleet text NOT NULL,
    application text NOT NULL,
    plan text,               -- digest of the newest plan
    planned_at timestamptz,
    applying text,           -- digest of the plan that is to be applied to its end
    job text,                -- plan, apply: the newest job that ended
    code integer,            -- its exit code
    too_early boolean,       -- whether quarantine was the reason for it
    ended_at timestamptz,
    PRIMARY KEY (fleet, application)
);
CREATE UNLOGGED TABLE IF NOT EXISTS reconciler_budgets (
    host text PRIMARY KEY,
    next double precision NOT NULL  -- when the next turn comes, in seconds since 1970
);
"""

_ONE_AT_A_TIME: Final = 7_246_325
"""Number of the advisory lock that whoever makes the tables holds."""


class Database:
    """A PostgreSQL server; safe for threads."""

    def __init__(self, conninfo: str, *, size: int = 2) -> None:
        """Prepare; nothing is connected yet. *size* are connections at the same time."""
        self.conninfo = conninfo
        self._pool: ConnectionPool[psycopg.Connection[DictRow]] = ConnectionPool(
            conninfo,
            connection_class=psycopg.Connection[DictRow],
            kwargs={"row_factory": dict_row, "connect_timeout": CONNECT_SECONDS, **SILENT},
            min_size=0,
            max_size=size,
            timeout=WAIT,
            reconnect_timeout=GIVE_UP,
            check=ConnectionPool.check_connection,
            open=False,
        )
        self.app = App(connector=SyncPsycopgConnector())
        """Puts jobs into the queue; it does not wait for a database that is away."""

    def __enter__(self) -> Database:
        """
        Connect, and make the tables that are missing.

        Raises:
            FleetUnreachable: It cannot be reached, or refuses us.
        """
        for name in ("procrastinate", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # we say what there is to say
        try:
            with psycopg.connect(
                self.conninfo,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                row_factory=dict_row,
                **SILENT,
            ) as connection:
                _prepare(connection)
        except psycopg.Error as exc:
            raise unreachable(exc) from None
        self._pool.open()
        self.app.open(self._pool)
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection."""
        self._pool.close()

    def run(
        self,
        statement: LiteralString,
        patience: Callable[[], bool] = lambda: False,
        **values: Any,
    ) -> list[DictRow]:
        """
        Carry out one statement, in a transaction of its own; return its rows.

        Args:
            statement: SQL; it may be carried out twice.
            patience: Says whether to go on trying while the database does not answer.
            values: By the names in *statement*.

        Raises:
            FleetUnreachable: It does not answer, or refuses.
        """
        while True:
            try:
                with self._pool.connection() as connection:
                    found = connection.execute(statement, values)
                    return list(found.fetchall()) if found.description else []
            except psycopg.Error as exc:
                if not (isinstance(exc, psycopg.OperationalError) and patience()):
                    raise unreachable(exc) from None
            time.sleep(PAUSE)


def _prepare(connection: psycopg.Connection[DictRow]) -> None:
    """Make the tables that are missing; whoever comes second finds them."""
    if all((connection.execute(_THERE).fetchone() or {}).values()):
        return
    connection.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
    there = connection.execute(_THERE).fetchone() or {}
    if not there["jobs"]:
        connection.execute(SchemaManager.get_schema().encode())
    connection.execute(_OURS)


def unreachable(error: psycopg.Error) -> FleetUnreachable:
    """Say what is wrong, without the driver's words: some of them quote the connection string."""
    what = "cannot be reached"
    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        what = "is not named by a connection string of PostgreSQL"
    elif error.sqlstate is not None:
        name = type(error).__name__
        with suppress(LookupError):
            name = psycopg.errors.lookup(error.sqlstate).__name__
        what = f"refuses us ({error.sqlstate} {name})"
    return FleetUnreachable(f"the database of `fleet.database` {what}")
