"""
Jobs that wait: put in, brought forward, put back, taken over.

Procrastinate keeps the jobs; four statements of ours go to its tables, for which it has
none that are safe with several workers:

* **Bring forward.** Who asks for a job that waits for a time to come asks for it now.
* **Take over.** A job whose worker is silent waits again; or goes, where the same one
  waits already. Never one of our own: we may have been too busy to show that we live. And
  not soon after a start of the database, which made all of them silent. In one statement,
  so that of two workers one does it, and a job that another worker has just been given is
  left alone. A job that has cost several workers their lives is not given to one more.
* **Forget.** Of the jobs of an application that failed, the newest is kept.
* **List**, for `fleet status`.

A job that is put back is a new one, behind those that people and schedules ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from reconciler.fleet.database import Database
from reconciler.fleet.errors import FleetUnreachable
from reconciler.fleet.work import Work

TASK: Final = "reconciler"
"""What Procrastinate calls our jobs."""
ASKED, PUT_BACK = 0, -1
"""Priorities. What is put back for later would keep what is asked for now from running, since
jobs of one lock run in the order of their priorities, and then of their coming."""
LIVES: Final = 3
"""How many workers may die of one job before it has failed."""

BRING_FORWARD: Final = """
UPDATE procrastinate_jobs SET scheduled_at = NULL, priority = %(priority)s
WHERE status = 'todo' AND queueing_lock = %(waits_as)s
"""

TAKE_OVER: Final[LiteralString] = """
WITH silent AS (
    SELECT id, queueing_lock FROM procrastinate_jobs AS job
    WHERE status = 'doing' AND task_name = %(task)s AND NOT id = ANY(%(ours)s)
    AND pg_postmaster_start_time() < now() - make_interval(secs => %(seconds)s)
    AND NOT EXISTS (
        SELECT 1 FROM procrastinate_workers AS worker WHERE worker.id = job.worker_id
        AND worker.last_heartbeat >= now() - make_interval(secs => %(seconds)s)
    )
    FOR UPDATE SKIP LOCKED
), twice AS (
    DELETE FROM procrastinate_jobs WHERE id IN (
        SELECT silent.id FROM silent JOIN procrastinate_jobs AS waiting
        ON waiting.queueing_lock = silent.queueing_lock AND waiting.status = 'todo'
    )
    RETURNING id
)
UPDATE procrastinate_jobs SET
    status = CASE WHEN attempts + 1 < %(lives)s THEN 'todo' ELSE 'failed' END
        ::procrastinate_job_status,
    attempts = attempts + 1, worker_id = NULL, scheduled_at = NULL
WHERE id IN (SELECT id FROM silent) AND id NOT IN (SELECT id FROM twice)
RETURNING queue_name, args, status::text
"""

FORGET: Final = """
DELETE FROM procrastinate_jobs WHERE status = 'failed' AND task_name = %(task)s AND lock = %(lock)s
"""

LIST: Final = """
SELECT args->>'application' AS application,
       count(*) FILTER (WHERE status = 'todo') AS waiting,
       count(*) FILTER (WHERE status = 'doing') AS running,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       min(began.at) AS since,
       count(*) FILTER (
           WHERE status IN ('todo', 'doing') AND args->>'job' = 'apply'
       ) AS applies,
       CASE WHEN bool_or(status = 'todo' AND coalesce(scheduled_at, now()) <= now()) THEN NULL
            ELSE min(scheduled_at) FILTER (WHERE status = 'todo') END AS due
FROM procrastinate_jobs AS job LEFT JOIN LATERAL (
    SELECT max(at) AS at FROM procrastinate_events
    WHERE job_id = job.id AND type = 'started' AND job.status = 'doing'
) AS began ON true
WHERE queue_name = %(fleet)s AND task_name = %(task)s GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one application."""

    waiting: int = 0
    running: int = 0
    failed: int = 0
    due: datetime | None = None
    """When the first one that waits for a time may run; None when one may run now, or none is."""
    since: datetime | None = None
    """When the one that has been running for the longest was begun."""
    applies: int = 0
    """How many of those that wait or run also apply."""


class Queue:
    """The jobs in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, work: Work) -> bool:
        """
        Ask for *work* now; return whether it did not wait already.

        Raises:
            FleetUnreachable: The database does not answer.
        """
        if self._defer(work, ASKED, None):
            return True
        self._database.run(BRING_FORWARD, priority=ASKED, waits_as=work.waits_as)
        return False

    def put_back(self, work: Work, at: datetime | None, patience: Callable[[], bool]) -> None:
        """
        Let *work* wait until *at*, or for its turn; who waits already waits.

        Raises:
            FleetUnreachable: The database does not answer, and there is no *patience* left.
        """
        while True:
            try:
                self._defer(work, PUT_BACK, at)
            except FleetUnreachable:
                if not patience():
                    raise
                self._database.run("SELECT 1", patience)
            else:
                return

    def _defer(self, work: Work, priority: int, at: datetime | None) -> bool:
        """Make a job; return False when the same one waits already."""
        configured = self._database.app.configure_task(
            TASK,
            queue=work.fleet,
            lock=work.lock,
            queueing_lock=work.waits_as,
            priority=priority,
            schedule_at=at,
        )
        try:
            configured.defer(**work.arguments)
        except AlreadyEnqueued:
            return False
        except ConnectorException as exc:
            message = "the database of `fleet.database` does not answer: no job was queued"
            raise FleetUnreachable(message) from exc
        return True

    def forget_failed(self, work: Work, patience: Callable[[], bool]) -> None:
        """Forget the jobs of the application that failed before this one."""
        self._database.run(FORGET, patience, task=TASK, lock=work.lock)

    def jobs(self, fleet: str) -> Iterator[tuple[str, Jobs]]:
        """Yield the applications of *fleet* that have jobs, with them."""
        for row in self._database.run(LIST, fleet=fleet, task=TASK):
            yield row.pop("application"), Jobs(**row)
