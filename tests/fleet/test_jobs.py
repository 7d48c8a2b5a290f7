"""A job is what the commands are: quarantine, guards, approvals and signatures hold in it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reconciler.fleet.database import Database
from reconciler.fleet.queue import Queue
from reconciler.fleet.records import Records
from reconciler.fleet.work import Work
from tests.e2e.crash_world import TOKEN, CountingSandbox
from tests.fleet.world import FLEET, Firm, ended, journals
from tests.signing import public_pem, write_key

Make = Callable[[], CountingSandbox]
APP = "app"


def one(firm: Firm, sandbox: Make, **changes: Any) -> CountingSandbox:
    """Write a firm of one application."""
    service = sandbox()
    firm.add(APP, service.server.tenant_url, **changes)
    firm.write()
    return service


def apply(firm: Firm, code: int) -> dict[str, Any]:
    """Ask for an apply, and wait for its end."""
    before = firm.status()[APP]["last_result"]
    firm.enqueue("--apply", APP)
    found: dict[str, Any] = firm.until(
        lambda rows: ended(rows) and rows[APP]["last_result"] != before
    )[APP]
    assert found["last_result"]["exit_code"] == code, firm.workers[-1].said
    return found


def attempts(firm: Firm) -> list[dict[str, Any]]:
    """Return what is written beside the journals."""
    file = firm.folder / "plans" / APP / "attempts.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_quarantine_says_when_a_job_is_tried_again(firm: Firm, sandbox: Make) -> None:
    service = one(firm, sandbox)
    (firm.folder / "token").write_text("another-token", "utf-8")
    worker = firm.worker()
    firm.enqueue("--apply")
    found = firm.until(lambda rows: rows[APP]["jobs"]["due"] is not None)[APP]

    assert found["last_result"]["exit_code"] == 4
    assert found["jobs"]["waiting"] == 1
    assert found["quarantine"]["cause"] == "credential"
    assert found["jobs"]["due"] == found["quarantine"]["next_attempt"]
    blocked = attempts(firm)
    assert [record["kind"] for record in blocked] == ["blocked"] * 3  # the first two wait 0 hours
    assert {record["plan_digest"] for record in blocked} == {None}

    assert firm.enqueue("--apply") == "0 of 1 queued; 1 waited already"
    found = firm.until(lambda rows: rows[APP]["last_result"]["exit_code"] == 5)[APP]
    assert attempts(firm)[-1]["kind"] == "too_early"
    found = firm.until(lambda rows: rows[APP]["jobs"]["due"] is not None)[APP]
    assert found["quarantine"]["next_attempt"] == found["jobs"]["due"]
    assert "too_early" not in worker.said
    assert service.writes == 0

    (firm.folder / "token").write_text(TOKEN, "utf-8")
    assert firm.run("quarantine", "clear", APP, "--reason", "token renewed, HR-1").code == 0
    firm.enqueue("--apply")
    found = firm.until(ended)[APP]
    assert (found["last_result"]["exit_code"], found["quarantine"]) == (0, None)
    assert firm.run("audit", "verify").code == 0
    assert firm.run("history", APP).code == 0


def test_a_guard_blocks_until_somebody_approves(firm: Firm, sandbox: Make) -> None:
    service = one(firm, sandbox)
    firm.people = 25
    firm.write()
    worker = firm.worker()
    apply(firm, 0)
    firm.leavers = 20
    firm.write_source()
    wrote = service.writes

    found = apply(firm, 5)

    assert found["quarantine"]["cause"] == "guard"
    assert (found["jobs"]["waiting"], found["jobs"]["failed"]) == (0, 1)
    assert service.writes == wrote
    plan = max((firm.folder / "plans" / APP).glob("*.plan.json"), key=lambda p: p.stat().st_mtime)
    for guard in json.loads(plan.read_text("utf-8"))["body"]["guards"]:
        if guard["blocked"]:
            approved = ("--guard", guard["id"], "--count", str(guard["count"]))
            done = firm.run("approve", str(plan), *approved, "--reason", "Berlin closed, HR-4711")
            assert done.code in {0, 5}, done.err
    found = apply(firm, 0)
    assert found["jobs"]["failed"] == 0
    assert service.writes > wrote
    assert worker.stop() == 0


def test_an_application_that_is_switched_off_is_planned_and_not_applied(
    firm: Firm, sandbox: Make
) -> None:
    service = one(firm, sandbox, enabled=False)
    firm.worker()

    assert firm.enqueue("--apply") == "0 of 0 queued; 0 waited already"
    firm.enqueue()
    found = firm.until(ended)[APP]
    assert (found["last_result"]["job"], found["last_result"]["exit_code"]) == ("plan", 0)
    apply(firm, 3)
    assert service.writes == 0


def test_a_plan_is_signed_where_it_has_to_be(firm: Firm, sandbox: Make, tmp_path: Path) -> None:
    service = one(firm, sandbox)
    key = {"public_key": public_pem("pipeline"), "roles": ["planner"]}
    firm.top["trust"] = {"keys": {"pipeline": key}, "signed_plans": "required"}
    firm.write()
    unsigning = firm.worker()
    apply(firm, 6)
    assert service.writes == 0
    assert unsigning.stop() == 0
    for plan in (firm.folder / "plans" / APP).glob("*.plan.json"):
        plan.unlink()  # made before and not signed: it is not signed afterwards

    firm.worker("--key", str(write_key(tmp_path, "pipeline")))
    apply(firm, 0)
    assert service.writes > 0


def test_a_plan_that_cannot_be_resumed_gives_way_to_a_new_one(firm: Firm, sandbox: Make) -> None:
    one(firm, sandbox)
    work = Work(FLEET, APP, "apply")
    with Database(firm.database.conninfo) as database:
        Records(database).applying(work, "0" * 64)

        worker = firm.worker()
        apply(firm, 0)

        assert "0000" in worker.said
        assert Records(database).begun(work) is None
    assert len(journals(firm, APP)) == 1


def test_a_changed_file_is_read_again(firm: Firm, sandbox: Make) -> None:
    one(firm, sandbox)
    worker = firm.worker()
    apply(firm, 0)
    firm.add("second", sandbox().server.tenant_url)
    firm.write()

    firm.enqueue("--apply", "second")
    found = firm.until(ended)
    assert found["second"]["last_result"]["exit_code"] == 0

    below = firm.folder / "applications" / "second.yaml"
    below.write_text("applications: {second: 1}", "utf-8")
    with Database(firm.database.conninfo) as database:
        Queue(database).put(Work(FLEET, APP, "apply"))
    worker.until("second.yaml:1:24: error")


def test_nobody_is_told_the_connection_string(firm: Firm, sandbox: Make) -> None:
    one(firm, sandbox)
    worker = firm.worker()
    apply(firm, 0)
    said = worker.said + firm.run("fleet", "status").text + firm.run("fleet", "enqueue").text

    assert firm.database.conninfo.split("@")[0].rpartition(":")[2] not in said
    assert str(firm.database.port) not in said


def test_times_are_told_in_utc(firm: Firm, sandbox: Make) -> None:
    one(firm, sandbox)
    worker = firm.worker()
    found = apply(firm, 0)
    for line in worker.said.splitlines():
        logged = datetime.fromisoformat(line.partition(" ")[0])
        assert abs(datetime.now(UTC) - logged) < timedelta(minutes=10)

    at = datetime.fromisoformat(found["last_result"]["at"])
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=10)
    assert found["last_plan"]["digest"] in "".join(
        json.loads(path.read_text("utf-8"))["digest"]
        for path in (firm.folder / "plans" / APP).glob("*.plan.json")
    )
    shown = firm.run("fleet", "status").out
    sums = "1 done, 0 blocked, 0 failed, 0 in quarantine, 0 waiting, 0 running"
    assert shown.startswith(f"1 application: {sums}\n")
    assert f"app: apply: exit 0, done ({found['last_result']['at']}); plan " in shown
