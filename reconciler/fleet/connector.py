"""
A worker's way to the database, which lasts through a restart of it.

Procrastinate ends a worker whose database does not answer. This connector waits until it
does, and asks again. Three questions need care, since what did not answer may have done
what it was asked for:

* **The next job.** It may have been given to us, and would be run by nobody, ever: we are
  alive. So we ask first whether there is one of ours that we do not know of.
* **The end of a job** may be written already; then it cannot be written again, and need not be.
  And a job may not be ours any more, if we were taken for dead: whoever has it by now ends it.
* Everything else (heartbeats, taking over) may be done twice.

Who is asked to stop does not wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event
from typing import Any, Final, LiteralString, TypeVar

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.sql import queries

from reconciler.fleet.database import CONNECT_SECONDS, GIVE_UP, PAUSE, SILENT, WAIT

_FETCH: Final = queries["fetch_job"]
_FINISH: Final = queries["finish_job"]

Answer = TypeVar("Answer")

_FINISH_OURS: Final = """
WITH ours AS (
    SELECT id FROM procrastinate_jobs
    WHERE id = %(job_id)s AND status = 'doing' AND worker_id = %(worker_id)s FOR UPDATE
)
SELECT procrastinate_finish_job_v1(ours.id, %(status)s, %(delete_job)s) FROM ours
"""

_GIVEN: Final = """
SELECT id, status, task_name, priority, lock, queueing_lock, args, scheduled_at, queue_name,
       attempts, worker_id
FROM procrastinate_jobs
WHERE status = 'doing' AND worker_id = %(worker_id)s AND NOT id = ANY(%(known)s) LIMIT 1
"""


class PatientConnector(PsycopgConnector):
    """Asks again when the database is back."""

    def __init__(self, conninfo: str, stop: Event, say: Callable[[str], None]) -> None:
        super().__init__(
            conninfo=conninfo,
            kwargs={"connect_timeout": CONNECT_SECONDS, **SILENT},
            min_size=1,
            max_size=4,
            timeout=WAIT,
            reconnect_timeout=GIVE_UP,
        )
        self._stop = stop
        self._say = say
        self.ours: set[int] = set()
        """Numbers of the jobs that were given to us and have not ended."""
        self._worker: int | None = None
        """The number under which they were given to us; a connector serves one worker."""

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        """Carry out a statement without rows."""

        async def once() -> None:
            if query == _FINISH:
                values = {**arguments, "worker_id": self._worker}
                await PsycopgConnector.execute_query_async(self, _FINISH_OURS, **values)
            else:
                await PsycopgConnector.execute_query_async(self, query, **arguments)

        await self._patiently(once, once)
        if query == _FINISH:
            self.ours.discard(arguments["job_id"])

    async def execute_query_one_async(
        self, query: LiteralString, **arguments: Any
    ) -> dict[str, Any]:
        """Return the row of a statement that has one."""

        async def once() -> dict[str, Any]:
            row: dict[str, Any] = await PsycopgConnector.execute_query_one_async(
                self, query, **arguments
            )
            return row

        async def again() -> dict[str, Any]:
            given = await self._given(arguments["worker_id"]) if query == _FETCH else None
            return given or await once()

        row = await self._patiently(once, again)
        if query == _FETCH and row["id"] is not None:
            self._worker = arguments["worker_id"]
            self.ours.add(row["id"])
        return row

    async def execute_query_all_async(
        self, query: LiteralString, **arguments: Any
    ) -> list[dict[str, Any]]:
        """Return the rows of a statement."""

        async def once() -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = await PsycopgConnector.execute_query_all_async(
                self, query, **arguments
            )
            return rows

        return await self._patiently(once, once)

    async def _given(self, worker: int) -> dict[str, Any] | None:
        """Return a job that is ours, and that we have never heard of."""
        rows = await super().execute_query_all_async(
            _GIVEN, worker_id=worker, known=list(self.ours)
        )
        return rows[0] if rows else None

    async def _patiently(
        self, once: Callable[[], Awaitable[Answer]], again: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Ask *once*, and then *again* until the database answers."""
        ask, told = once, False
        while True:
            try:
                answer = await ask()
            except ConnectorException as exc:
                if self._stop.is_set() or not isinstance(exc.__cause__, psycopg.OperationalError):
                    raise
                if not told:
                    self._say("the database does not answer; waiting for it")
                    told = True
            else:
                if told:
                    self._say("the database answers again")
                return answer
            await asyncio.sleep(PAUSE)
            ask = again
