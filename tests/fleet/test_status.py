"""What `fleet status` says is so: who works, what will happen, and what was."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event

from tests.e2e.crash_world import CountingSandbox
from tests.fleet.test_jobs import APP, apply, one
from tests.fleet.world import Firm

Make = Callable[[], CountingSandbox]


def second_line(firm: Firm) -> str:
    """Return what is said of the workers."""
    return firm.run("fleet", "status").out.splitlines()[1]


def test_it_says_when_jobs_wait_and_no_worker_lives(firm: Firm, sandbox: Make) -> None:
    one(firm, sandbox)
    assert second_line(firm) == "no worker is alive"
    firm.enqueue("--apply")
    start = "start one with `reconciler fleet worker`"
    assert second_line(firm) == f"no worker is alive, and 1 job waits: {start}"

    worker = firm.worker()
    worker.until("working for")
    apply(firm, 0)

    whole = json.loads(firm.run("fleet", "status", "--json").out)["workers"]
    seen = datetime.fromisoformat(whole["last_heartbeat"])
    assert whole["alive"] == 1
    assert abs(datetime.now(UTC) - seen) < timedelta(minutes=1)
    assert second_line(firm).startswith("1 worker alive; the last sign of life was at 20")
    assert worker.stop() == 0
    assert second_line(firm) == "no worker is alive"


def test_a_worker_that_is_silent_is_not_alive(firm: Firm, sandbox: Make) -> None:
    one(firm, sandbox)
    firm.enqueue("--apply")
    firm.database.rows(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES ('2026-01-02 03:04:05+00') "
        "RETURNING id"
    )

    said = second_line(firm)

    assert said.startswith("no worker is alive, and 1 job waits: ")
    assert said.endswith("; the last sign of life was at 2026-01-02T03:04:05Z")


def test_a_job_that_runs_says_since_when(firm: Firm, sandbox: Make) -> None:
    service = one(firm, sandbox)
    reached, go_on = Event(), Event()

    def wait(count: int) -> None:
        reached.set()
        go_on.wait(60)

    service.on_write = wait
    firm.worker()
    firm.enqueue("--apply")
    assert reached.wait(60)
    said = firm.run("fleet", "status").out
    go_on.set()

    assert f"\n{APP}: no job has ended yet; plan " in said
    assert "; 1 running since 20" in said
