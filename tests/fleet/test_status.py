"""What `fleet status` says is so: who works, what will happen, and what was."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event

from reconciler.fleet.show import NOBODY_TRIES
from tests.e2e.crash_world import TOKEN, CountingSandbox
from tests.fleet.test_jobs import APP, apply, one
from tests.fleet.world import Firm, ended

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


def test_a_retry_is_promised_only_while_a_job_waits_for_it(firm: Firm, sandbox: Make) -> None:
    """A mistake in the file ends the retries; quarantine alone would promise one still."""
    one(firm, sandbox)
    (firm.folder / "token").write_text("another-token", "utf-8")
    worker = firm.worker()
    firm.enqueue("--apply")
    found = firm.until(lambda rows: rows[APP]["jobs"]["due"] is not None)[APP]
    due = found["quarantine"]["next_attempt"]
    assert due == found["jobs"]["due"]
    assert f"our credential; tried again from {due} on\n" in firm.run("fleet", "status").out
    assert f"; tried again from {due} on\n" in worker.said

    whole = firm.file.read_text("utf-8")
    firm.enqueue("--apply")  # now, and not when it is due
    firm.file.write_text("version: 1\nsource: no", "utf-8")
    worker.until(f"{APP}/apply: exit 3")
    firm.file.write_text(whole, "utf-8")

    found = firm.status()[APP]
    assert (found["jobs"]["waiting"], found["quarantine"]["next_attempt"]) == (0, None)
    assert f"; {NOBODY_TRIES}\n" in firm.run("fleet", "status").out


def test_no_retry_is_promised_after_a_guard(firm: Firm, sandbox: Make) -> None:
    one(firm, sandbox)
    firm.people = 25
    firm.write()
    firm.worker()
    apply(firm, 0)
    firm.leavers = 20
    firm.write_source()

    found = apply(firm, 5)

    assert found["quarantine"]["next_attempt"] is None
    assert f"; {NOBODY_TRIES}\n" in firm.run("fleet", "status").out
    firm.enqueue()  # a job that only plans tries nothing
    assert f"; {NOBODY_TRIES}\n" in firm.run("fleet", "status").out


def test_guard_and_quarantine_are_told_apart(firm: Firm, sandbox: Make) -> None:
    one(firm, sandbox)
    firm.people = 25
    firm.write()
    worker = firm.worker()
    apply(firm, 0)
    (firm.folder / "token").write_text("another-token", "utf-8")
    firm.enqueue("--apply")
    firm.until(lambda rows: rows[APP]["jobs"]["due"] is not None)
    firm.enqueue("--apply")
    found = firm.until(lambda rows: rows[APP]["last_result"]["exit_code"] == 5)[APP]

    early = "the application is in quarantine"
    assert found["last_result"]["sentence"] == early
    assert f"{APP}/apply: exit 5, {early}; tried again from " in worker.said
    assert firm.run("fleet", "status").out.startswith(
        "1 application: 0 done, 1 blocked, 0 failed, 1 in quarantine, 1 waiting, 0 running\n"
    )

    (firm.folder / "token").write_text(TOKEN, "utf-8")
    firm.leavers = 20
    firm.write_source()
    firm.enqueue()
    found = firm.until(lambda rows: rows[APP]["last_result"]["job"] == "plan")[APP]
    assert found["last_result"]["sentence"] == "a guard blocks"
    worker.until(f"{APP}/plan: exit 5, a guard blocks\n")


def test_a_plan_has_the_time_that_history_gives_it(firm: Firm, sandbox: Make) -> None:
    """A plan that is made again is the one that is there, under its first time."""
    one(firm, sandbox)
    firm.worker()
    firm.enqueue()
    first = firm.until(ended)[APP]["last_plan"]
    time.sleep(1.1)  # the name of a plan has no fraction
    before = firm.status()[APP]["last_result"]["at"]
    firm.enqueue()
    again = firm.until(lambda rows: rows[APP]["last_result"]["at"] != before)[APP]["last_plan"]

    (row,) = json.loads(firm.run("history", "--format", "json").out)["plans"]
    assert first == again
    assert (row["created"], row["digest12"]) == (again["at"], again["digest"][:12])
