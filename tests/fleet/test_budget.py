"""The turns of a host that several workers ask."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.fleet.budget import LONGEST, Budgets
from reconciler.fleet.database import Database
from tests.fleet.postgres import Postgres


@pytest.fixture
def tables(database: Postgres) -> Postgres:
    with Database(database.conninfo):
        return database


def test_workers_share_the_turns_of_a_host(tables: Postgres) -> None:
    workers = [Budgets(tables.conninfo) for _ in range(3)]
    turns = [worker.of("crm.example") for worker in workers] * 20

    (before,) = tables.rows("SELECT extract(epoch FROM now())::double precision")
    with ThreadPoolExecutor(6) as pool:
        waits = list(pool.map(lambda turn: turn.reserve(10.0), turns))

    (after,) = tables.rows("SELECT next FROM reconciler_budgets WHERE host = 'crm.example'")
    assert isinstance(after[0], float)
    assert isinstance(before[0], float)
    assert after[0] - before[0] >= len(turns) * 10.0
    assert min(waits) == 0.0
    for worker in workers:
        worker.close()


def test_hosts_have_turns_of_their_own(tables: Postgres) -> None:
    budgets = Budgets(tables.conninfo)
    budgets.of("crm.example").reserve(600)

    assert budgets.of("erp.example").reserve(1) == 0.0
    assert budgets.of("crm.example").reserve(1) > 500
    budgets.close()


def test_a_pause_is_everybodys_and_bounded(tables: Postgres) -> None:
    one, other = Budgets(tables.conninfo), Budgets(tables.conninfo)
    one.of("crm.example").pause(1_000_000)
    one.of("crm.example").pause(5)

    assert LONGEST - 60 < other.of("crm.example").reserve(1) <= LONGEST
    one.close()
    other.close()


def test_without_the_database_nobody_waits_and_it_is_asked_again(
    tables: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.fleet.budget.AWAY", 0.0)
    budgets = Budgets(tables.conninfo)
    turn = budgets.of("crm.example")
    turn.pause(600)
    tables.stop()
    try:
        away = [turn.reserve(1), turn.reserve(1)]
    finally:
        tables.start()

    assert away == [0.0, 0.0]
    assert turn.reserve(1) > 500
    budgets.close()


def test_a_database_that_says_nothing_is_hung_up_on(
    tables: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.fleet.budget.ANSWER_SECONDS", 0.3)
    budgets = Budgets(tables.conninfo)
    turn = budgets.of("crm.example")
    turn.pause(600)
    ((backend,),) = tables.rows(
        "SELECT pid FROM pg_stat_activity WHERE query LIKE '%reconciler_budgets%' "
        "AND pid <> pg_backend_pid()"
    )
    assert isinstance(backend, int)
    os.kill(backend, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(4) as pool:
            waits = list(pool.map(turn.reserve, [1.0] * 4, timeout=60))
    finally:
        os.kill(backend, signal.SIGCONT)

    assert waits == [0.0] * 4
    budgets.close()
