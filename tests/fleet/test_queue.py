"""What waits, in which order, and what is taken over: on a real database."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from threading import Event
from typing import Any

import psycopg
import pytest
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

from reconciler.fleet.connector import PatientConnector
from reconciler.fleet.database import Database
from reconciler.fleet.queue import LIVES, TAKE_OVER, TASK, Jobs, Queue
from reconciler.fleet.records import Record, Records
from reconciler.fleet.work import Work
from reconciler.workflow.exit_codes import ExitCode
from tests.fleet.postgres import Postgres

PLAN, APPLY = Work("firm", "crm", "plan"), Work("firm", "crm", "apply")
OTHER = Work("firm", "erp", "plan")
LATER = datetime(2100, 1, 1, tzinfo=UTC)
MADE = datetime(2026, 11, 30, 8, tzinfo=UTC)


def never() -> bool:
    return False


@pytest.fixture
def opened(database: Postgres) -> Iterator[Database]:
    with Database(database.conninfo) as opened:
        yield opened


@pytest.fixture
def queue(opened: Database) -> Queue:
    return Queue(opened)


def with_app(database: Postgres, do: Callable[[App], Awaitable[Any]]) -> Any:
    """Do something as a worker does."""

    async def doing() -> Any:
        app = App(connector=PatientConnector(database.conninfo, Event(), print))
        async with app.open_async():
            return await do(app)

    return asyncio.run(doing())


def fetched(database: Postgres, count: int = 1) -> list[Work | None]:
    """Take jobs, as one worker; return them in their order."""

    async def fetch(app: App) -> list[Job | None]:
        worker = await app.job_manager.register_worker()
        return [await app.job_manager.fetch_job(["firm"], worker) for _ in range(count)]

    jobs = with_app(database, fetch)
    return [job and Work(job.queue, **job.task_kwargs) for job in jobs]


def taken_over(
    database: Postgres, seconds: float = 30, ours: Sequence[int] = ()
) -> list[dict[str, Any]]:
    """Take over what is silent, as if the database had been started long ago."""
    statement = TAKE_OVER.replace("pg_postmaster_start_time()", "timestamptz '2000-01-01'")

    async def take(app: App) -> list[dict[str, Any]]:
        connector = app.connector
        return await connector.execute_query_all_async(
            statement, task=TASK, seconds=seconds, lives=LIVES, ours=list(ours)
        )

    found: list[dict[str, Any]] = with_app(database, take)
    return found


def silence(database: Postgres) -> None:
    """Let all workers have been silent for long."""
    database.rows("UPDATE procrastinate_workers SET last_heartbeat = '2000-01-01' RETURNING 1")


def test_the_same_job_waits_once(queue: Queue) -> None:
    assert [queue.put(PLAN), queue.put(PLAN), queue.put(APPLY)] == [True, False, True]
    assert dict(queue.jobs("firm")) == {"crm": Jobs(waiting=2, applies=1)}
    assert dict(queue.jobs("another")) == {}


def test_two_jobs_of_an_application_never_run_at_once(queue: Queue, database: Postgres) -> None:
    for work in (PLAN, APPLY, OTHER):
        queue.put(work)

    assert fetched(database, 3) == [PLAN, OTHER, None]


def test_what_is_put_back_keeps_nobody_waiting(queue: Queue, database: Postgres) -> None:
    queue.put_back(APPLY, LATER, never)
    queue.put(PLAN)

    assert dict(queue.jobs("firm"))["crm"] == Jobs(waiting=2, applies=1)
    assert fetched(database, 2) == [PLAN, None]


def test_who_asks_for_what_waits_for_a_time_has_it_now(queue: Queue, database: Postgres) -> None:
    queue.put_back(APPLY, LATER, never)
    assert dict(queue.jobs("firm"))["crm"] == Jobs(waiting=1, due=LATER, applies=1)
    assert fetched(database) == [None]

    assert queue.put(APPLY) is False
    assert fetched(database) == [APPLY]


def test_a_job_of_a_silent_worker_waits_again(queue: Queue, database: Postgres) -> None:
    queue.put(APPLY)
    fetched(database)
    assert taken_over(database) == []
    silence(database)

    assert [row["status"] for row in taken_over(database)] == ["todo"]
    assert fetched(database) == [APPLY]


def test_nobody_takes_over_from_itself(queue: Queue, database: Postgres) -> None:
    queue.put(APPLY)
    fetched(database)
    silence(database)
    ((number,),) = database.rows("SELECT id FROM procrastinate_jobs")
    assert isinstance(number, int)

    assert taken_over(database, ours=[number]) == []
    assert len(taken_over(database)) == 1


def test_a_job_whose_worker_is_not_registered_any_more_waits_again(
    queue: Queue, database: Postgres
) -> None:
    queue.put(APPLY)
    fetched(database)
    database.rows("DELETE FROM procrastinate_workers RETURNING 1")

    assert len(taken_over(database)) == 1


def test_what_waits_already_is_not_taken_over_as_well(queue: Queue, database: Postgres) -> None:
    queue.put(APPLY)
    fetched(database)
    queue.put(APPLY)
    silence(database)

    assert taken_over(database) == []
    assert dict(queue.jobs("firm"))["crm"] == Jobs(waiting=1, applies=1)


def test_after_a_start_of_the_database_the_silent_have_a_while(
    queue: Queue, database: Postgres
) -> None:
    queue.put(APPLY)
    fetched(database)
    silence(database)

    async def take(app: App) -> list[dict[str, Any]]:
        values = {"task": TASK, "seconds": 86_400, "lives": LIVES, "ours": []}
        return await app.connector.execute_query_all_async(TAKE_OVER, **values)

    assert with_app(database, take) == []


def test_a_job_that_costs_every_worker_its_life_ends(queue: Queue, database: Postgres) -> None:
    queue.put(APPLY)
    told = []
    for _ in range(LIVES):
        assert fetched(database) == [APPLY]
        silence(database)
        told += [row["status"] for row in taken_over(database)]

    assert told == ["todo", "todo", "failed"]
    assert dict(queue.jobs("firm"))["crm"] == Jobs(failed=1)
    queue.forget_failed(PLAN, never)
    assert dict(queue.jobs("firm")) == {}


def test_records_of_an_application(opened: Database) -> None:
    records = Records(opened)
    assert records.begun(APPLY) is None
    records.applying(APPLY, "d" * 64)
    records.planned(APPLY, "e" * 64, MADE)
    records.ended(APPLY, ExitCode.PARTIAL)

    assert records.begun(APPLY) == "d" * 64
    records.applying(APPLY, None)
    assert records.begun(APPLY) is None
    ((name, found),) = records.all("firm")
    assert (name, found.plan, found.job, found.code) == ("crm", "e" * 64, "apply", 7)
    assert (found.planned_at, found.too_early) == (MADE, False)
    assert dict(records.all("another")) == {}
    assert Record() == Record(None, None, None, None, None)


class Losing(PatientConnector):
    """Its database carries the first statement of a kind out, and the answer is lost."""

    lost: str | None

    async def _patiently(self, once: Any, again: Any) -> Any:
        async def losing() -> Any:
            answer = await once()
            if self.lost is not None and self.query_of(answer) == self.lost:
                self.lost = None
                raise ConnectorException from psycopg.OperationalError("the answer is lost")
            return answer

        return await super()._patiently(losing, again)

    def query_of(self, answer: Any) -> str:
        return "fetch" if isinstance(answer, dict) and "task_name" in answer else "finish"


def losing(database: Postgres, lost: str) -> tuple[App, Losing]:
    connector = Losing(database.conninfo, Event(), lambda text: None)
    connector.lost = None
    return App(connector=connector), connector


def test_a_job_that_was_given_and_not_heard_of_is_run(queue: Queue, database: Postgres) -> None:
    queue.put(PLAN)
    queue.put(OTHER)

    async def fetch() -> list[Any]:
        app, connector = losing(database, "fetch")
        async with app.open_async():
            worker = await app.job_manager.register_worker()
            connector.lost = "fetch"
            return [await app.job_manager.fetch_job(["firm"], worker) for _ in range(3)]

    found = [job and job.task_kwargs["application"] for job in asyncio.run(fetch())]
    assert found == ["crm", "erp", None]


def test_a_job_whose_end_was_written_unheard_has_ended(queue: Queue, database: Postgres) -> None:
    queue.put(PLAN)

    async def finish() -> None:
        app, connector = losing(database, "finish")
        async with app.open_async():
            manager = app.job_manager
            job = await manager.fetch_job(["firm"], await manager.register_worker())
            assert job is not None
            connector.lost = "finish"
            await manager.finish_job(job, Status.SUCCEEDED, delete_job=True)

    asyncio.run(finish())
    assert dict(queue.jobs("firm")) == {}


def test_who_was_taken_for_dead_does_not_end_the_job_of_another(
    queue: Queue, database: Postgres
) -> None:
    queue.put(PLAN)

    async def both() -> list[dict[str, Jobs]]:
        first, second = (
            App(connector=PatientConnector(database.conninfo, Event(), print)) for _ in range(2)
        )
        async with first.open_async(), second.open_async():
            mine, theirs = first.job_manager, second.job_manager
            before = await mine.fetch_job(["firm"], await mine.register_worker())
            await asyncio.to_thread(silence, database)
            await asyncio.to_thread(taken_over, database)
            after = await theirs.fetch_job(["firm"], await theirs.register_worker())
            assert before is not None
            assert after is not None
            assert before.id == after.id
            seen = []
            for manager, job in ((mine, before), (theirs, after)):
                await manager.finish_job(job, Status.SUCCEEDED, delete_job=True)
                seen.append(dict(await asyncio.to_thread(lambda: list(queue.jobs("firm")))))
            return seen

    late, ended = asyncio.run(both())
    assert (late["crm"].running, ended) == (1, {})


def test_procrastinate_alone_would_forget_such_a_job(queue: Queue, database: Postgres) -> None:
    """The oracle of the two above: if this fails, they may go."""
    assert issubclass(PatientConnector, PsycopgConnector)
    queue.put(PLAN)
    fetched(database)

    assert taken_over(database) == []  # its worker lives, and does not know of it
