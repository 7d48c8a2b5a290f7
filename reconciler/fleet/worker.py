"""
A worker: takes jobs, shows that it is alive, and takes over from those that are not.

Jobs run in threads, since they wait most of the time; the event loop is Procrastinate's.
A worker that is told to stop (SIGTERM, Ctrl-C) ends the applies that it is in the middle
of within the operations in flight, puts them back, and goes. One that is killed is silent,
and after a while another one takes its jobs over.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Event

import psycopg
from procrastinate import App, JobContext
from procrastinate.exceptions import ConnectorException, UniqueViolation

from reconciler.diagnostics import ReconcilerError
from reconciler.fleet.connector import PatientConnector
from reconciler.fleet.database import Database, unreachable
from reconciler.fleet.errors import FleetUnreachable
from reconciler.fleet.job import Ended, Hands, carry_out, next_attempt
from reconciler.fleet.projects import Projects
from reconciler.fleet.queue import LIVES, TAKE_OVER, TASK, Queue
from reconciler.fleet.work import Work
from reconciler.fleet.workers import SILENCE
from reconciler.plan.quarantine import TO_THE_SECOND
from reconciler.workflow.exit_codes import ExitCode, code_for, meaning_of
from reconciler.workflow.quarantine import standing_of


@dataclass(frozen=True, slots=True)
class Beats:
    """Seconds between what a worker does again and again."""

    heart: float = 10.0
    """Between two signs of life; other workers are looked after as often."""
    silence: float = SILENCE
    """After which a worker counts as dead."""
    look: float = 2.0
    """Between two looks for a job, while there is none."""


class NotDone(Exception):
    """A job came to something else than it was asked for; Procrastinate is to count it failed."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What one process does."""

    projects: Projects
    database: Database
    hands: Hands
    jobs: int
    """How many at the same time."""
    say: Callable[[str], None]
    beats: Beats = Beats()

    def run(self) -> None:
        """Work until told to stop."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        """
        Work; register anew where the others took us for dead.

        Raises:
            FleetUnreachable: The database refuses us.
        """
        loop, stop = asyncio.get_running_loop(), self.hands.stop
        loop.set_default_executor(ThreadPoolExecutor(self.jobs + 1, "job"))
        told = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _end, stop, told)
        while not stop.is_set():
            try:
                await self._work(told)
            except ConnectorException as exc:
                if not isinstance(exc.__cause__, psycopg.Error):
                    raise
                if isinstance(exc.__cause__, psycopg.errors.ForeignKeyViolation):
                    self.say("another worker took this one for dead; beginning anew")
                elif not stop.is_set():
                    raise unreachable(exc.__cause__) from None

    async def _work(self, told: asyncio.Event) -> None:
        """Work until *told* to stop, or until the database refuses."""
        connector = PatientConnector(self.database.conninfo, self.hands.stop, self.say)
        app = App(connector=connector)
        app.task(name=TASK, queue=TASK, pass_context=True)(self._job)
        async with app.open_async():
            work = asyncio.create_task(
                app.run_worker_async(
                    queues=list(self.projects.names),
                    concurrency=self.jobs,
                    fetch_job_polling_interval=self.beats.look,
                    listen_notify=False,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    update_heartbeat_interval=self.beats.heart,
                    stalled_worker_timeout=self.beats.silence,
                )
            )
            beside = [
                asyncio.create_task(told.wait()),
                asyncio.create_task(self._take_over(connector)),
                asyncio.create_task(self._give_back()),
            ]
            await asyncio.wait([work, *beside], return_when=asyncio.FIRST_COMPLETED)
            for task in (work, *beside):
                task.cancel()
            for ended in await asyncio.gather(work, *beside, return_exceptions=True):
                if isinstance(ended, Exception):  # to be cancelled is none
                    raise ended

    async def _take_over(self, connector: PatientConnector) -> None:
        """Look again and again for jobs whose workers are silent."""
        while True:
            with suppress(UniqueViolation):  # the same job was asked for at this very moment
                rows = await connector.execute_query_all_async(
                    TAKE_OVER,
                    task=TASK,
                    ours=list(connector.ours),
                    seconds=self.beats.silence,
                    lives=LIVES,
                )
                for row in rows:
                    work = Work(row["queue_name"], **row["args"])
                    if row["status"] == "failed":
                        self.say(f"{work}: {LIVES} workers have died of it; it has failed")
                        await asyncio.to_thread(self.hands.records.ended, work, ExitCode.DEFECT)
                    else:
                        self.say(f"{work}: its worker is silent; it waits for another one")
            await asyncio.sleep(self.beats.heart)

    async def _give_back(self) -> None:
        """Give claims back that the store did not take when their runs ended."""
        while True:
            await asyncio.sleep(self.beats.heart)
            await asyncio.to_thread(self.hands.wiring.give_back_claims)

    def _job(self, context: JobContext, /, **arguments: str) -> None:
        """
        Do one job, in a thread, and note what it came to.

        Raises:
            NotDone: It came to anything but 0.
            FleetUnreachable: That could not be noted; the job is done again by who takes it over.
        """
        work = Work(context.job.queue, **arguments)  # type: ignore[arg-type]
        try:
            code = self._noted(work)
        except FleetUnreachable as error:
            self.hands.complain(work, error)
            raise
        if code not in {ExitCode.DONE, ExitCode.INTERRUPTED}:
            raise NotDone(f"exit {code.value}")

    def _noted(self, work: Work) -> ExitCode:
        """Do one job; note what it came to, and let it wait for when it is tried again."""
        queue, patience = Queue(self.database), partial(_not, self.hands.stop)
        queue.forget_failed(work, patience)
        ended, again = self._done(work)
        if again is not None:
            queue.put_back(work, again, patience)
        self.hands.records.ended(work, ended.code, too_early=ended.too_early)
        when = f"; tried again from {again:{TO_THE_SECOND}} on" if again else ""
        why = meaning_of(ended.code, too_early=ended.too_early)
        self.say(f"{work}: exit {ended.code.value}, {why}{when}")
        return ended.code

    def _done(self, work: Work) -> tuple[Ended, datetime | None]:
        """Do one job; return what it came to, and when it is tried again."""
        wiring = self.hands.wiring
        began = wiring.clock.now()
        try:
            project = self.projects.project(work.fleet)
            ended = carry_out(project, work, self.hands)
            health = standing_of(project, work.application, wiring).health
            return ended, next_attempt(health, ended, began, wiring.clock.now())
        except FleetUnreachable:
            raise
        except ReconcilerError as error:  # the file is wrong, or a record of attempts
            self.hands.complain(work, error)
            return Ended(code_for(error), error), None
        except Exception:  # a defect must not take the other jobs down
            traceback.print_exc(file=sys.stderr)
            return Ended(ExitCode.DEFECT), None


def _end(stop: Event, told: asyncio.Event) -> None:
    """Let every thread end what it does, and the loop take no more jobs."""
    stop.set()
    told.set()


def _not(stop: Event) -> bool:
    return not stop.is_set()
