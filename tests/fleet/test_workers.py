"""Two workers, thirty applications; one dies, the database is restarted, somebody says stop."""

import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.crash_world import TOKEN, CountingSandbox
from tests.fleet.world import Firm, Worker, ended, journals
from tests.servers import scim2_server

Make = Callable[[], CountingSandbox]
SLOW = "slow"
PEOPLE = 25
OF_A_GROUP = 2
"""Operations of the only group: it is created, and gets its members."""


def names_of(sandbox: CountingSandbox) -> Counter[str]:
    """Return who is there, and how often."""
    plain = [resource.model_dump() for resource in sandbox.snapshot()]
    return Counter(str(one["userName"]) for one in plain if one.get("userName"))


def code_of(found: dict[str, Any], name: str) -> Any:
    return found[name]["last_result"]["exit_code"]


def slow(firm: Firm, sandbox: CountingSandbox) -> None:
    """Write a firm of one application, whose service takes its time."""
    firm.people = PEOPLE
    firm.add(SLOW, sandbox.server.tenant_url, target={"concurrency": 2})
    firm.write()


def reach(sandbox: CountingSandbox, write: int) -> threading.Event:
    """Return what is set once so many writes have been served."""
    reached = threading.Event()

    def watch(count: int) -> None:
        if count == write:
            reached.set()

    sandbox.on_write = watch
    return reached


def in_mid_apply(firm: Firm, sandbox: Make) -> tuple[CountingSandbox, Worker]:
    """Return a slow service, and the worker that has sent some of its changes."""
    service = sandbox()
    slow(firm, service)
    reached = reach(service, 9)
    worker = firm.worker()
    firm.enqueue("--apply")
    assert reached.wait(60)
    return service, worker


def test_two_workers_apply_thirty_applications(firm: Firm, tmp_path: Path) -> None:
    with scim2_server(tmp_path, token=TOKEN, tenants=True) as services:
        for number in range(30):
            firm.add(f"app-{number:02}", f"{services}/t{number:02}/v2")
        firm.write()
        workers = [firm.worker(), firm.worker()]

        assert firm.enqueue("--apply") == "30 of 30 queued; 0 waited already"
        found = firm.until(ended)

        assert {code_of(found, name) for name in found} == {0}
        assert {row["last_plan"] is None for row in found.values()} == {False}
        assert [worker.stop() for worker in workers] == [0, 0]
        did = [worker.said.count("/apply: exit 0") for worker in workers]
        assert sum(did) == 30
        assert min(did) > 0
        for name in found:
            (records,) = journals(firm, name)
            assert Counter(record["kind"] for record in records)["done"] == firm.people + OF_A_GROUP
        firm.worker()
        firm.enqueue()
        firm.until(lambda rows: all(row["last_result"]["job"] == "plan" for row in rows.values()))


def test_a_worker_that_dies_in_mid_apply_is_taken_over(firm: Firm, sandbox: Make) -> None:
    service, first = in_mid_apply(firm, sandbox)

    first.kill()
    served = service.writes
    second = firm.worker()
    found = firm.until(ended)

    assert served < PEOPLE
    assert code_of(found, SLOW) == 0
    assert "its worker is silent" in second.said
    assert names_of(service) == {f"p{n:03}@contoso.example": 1 for n in range(PEOPLE)}
    (records,) = journals(firm, SLOW)
    begun = [record for record in records if record["kind"] == "run_begin"]
    assert [record["resumed"] for record in begun] == [False, True]
    assert (
        len({record["op"] for record in records if record["kind"] == "done"}) == PEOPLE + OF_A_GROUP
    )


def test_a_worker_that_is_told_to_stop_puts_its_job_back(firm: Firm, sandbox: Make) -> None:
    service, first = in_mid_apply(firm, sandbox)

    assert first.stop() == 0
    served = service.writes
    between = firm.status()[SLOW]
    firm.worker()
    found = firm.until(ended)

    assert served < PEOPLE
    assert between["last_result"]["exit_code"] == 130
    assert between["jobs"]["waiting"] == 1
    assert code_of(found, SLOW) == 0
    assert names_of(service) == {f"p{n:03}@contoso.example": 1 for n in range(PEOPLE)}
    (records,) = journals(firm, SLOW)
    ends = [record["status"] for record in records if record["kind"] == "run_end"]
    assert ends == ["interrupted", "done"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["shut down", "cut off"])
def test_a_database_that_is_restarted_loses_no_job(
    how: signal.Signals, firm: Firm, sandbox: Make
) -> None:
    services = [sandbox() for _ in range(3)]
    firm.people = PEOPLE
    for number, service in enumerate(services):
        firm.add(f"app-{number}", service.server.tenant_url, target={"rate_limit": 100})
    firm.write()
    reached = reach(services[0], 5)
    worker = firm.worker("--jobs", "2")
    firm.enqueue("--apply")
    assert reached.wait(60)

    firm.database.stop(how)
    began = [service.writes for service in services]
    worker.until("the database does not answer")
    firm.database.start()
    found = firm.until(ended)

    assert {code_of(found, name) for name in found} == {0}
    assert sum(began) < len(services) * PEOPLE
    assert "the database answers again" in worker.said
    assert "Traceback" not in worker.said
    for number, service in enumerate(services):
        assert names_of(service) == {f"p{n:03}@contoso.example": 1 for n in range(PEOPLE)}
        assert len(journals(firm, f"app-{number}")) == 1
    assert worker.stop() == 0
