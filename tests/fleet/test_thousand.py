"""
A thousand applications of twenty configurations: two workers, of which one is killed in the
middle, and a database that is restarted.

For `make reliability`: it takes minutes, and prints what it has measured. Everybody is
created once, by the journals, and nothing waits in the end.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.e2e.crash_world import TOKEN
from tests.fleet.postgres import Postgres
from tests.fleet.world import Firm, Worker, journals
from tests.fleet.world import ended as nothing_left
from tests.servers import scim2_server

FILES, EACH = 20, 50
SERVERS = 2
SECONDS = 3_000


@contextmanager
def firms(database: Postgres, folder: Path) -> Iterator[list[Firm]]:
    """Make the configurations, and the services."""
    with ExitStack() as stack:
        services = []
        for number in range(SERVERS):
            logs = folder / f"server-{number}"
            logs.mkdir()
            services.append(stack.enter_context(scim2_server(logs, token=TOKEN, tenants=True)))
        made = [Firm(folder / f"firm-{n:02}", database, f"firm-{n:02}") for n in range(FILES)]
        for number, firm in enumerate(made):
            stack.callback(firm.close)
            for each in range(EACH):
                tenant = f"{services[each % SERVERS]}/f{number:02}a{each:02}/v2"
                firm.add(f"app-{each:02}", tenant)
            firm.write()
        yield made


def start(firms: list[Firm]) -> Worker:
    """Start a worker for all configurations, and wait until it works."""
    files = [str(firm.file) for firm in firms]
    made = firms[0].worker("--jobs", "4", *files, program="reconciler")
    made.until("working for")
    return made


def until(count: int, firms: list[Firm]) -> None:
    """Wait until so many applications have a result."""
    end = time.monotonic() + SECONDS
    counted = "SELECT count(*) FROM reconciler_applications WHERE code IS NOT NULL"
    while int(str(firms[0].database.rows(counted)[0][0])) < count:
        said = "\n".join(worker.said[-2_000:] for worker in firms[0].workers)
        assert time.monotonic() < end, said
        time.sleep(0.5)


def created(firm: Firm, name: str) -> Counter[str]:
    """Return whom the journals of an application say we created, and how often."""
    records = [record for journal in journals(firm, name) for record in journal]
    done = [r for r in records if r["kind"] == "done" and r["action"] == "create"]
    return Counter(record["key"] for record in done)


@pytest.mark.measured
def test_a_thousand_applications_outlast_a_worker_and_the_database(
    database: Postgres, tmp_path: Path
) -> None:
    with firms(database, tmp_path) as all_firms:
        first, second = start(all_firms), start(all_firms)
        began = time.monotonic()
        for firm in all_firms:
            firm.enqueue("--apply")
        queued = time.monotonic()

        until(FILES * EACH // 4, all_firms)
        first.kill()
        third = start(all_firms)
        until(FILES * EACH // 2, all_firms)
        database.stop()
        time.sleep(5)
        database.start()
        until(FILES * EACH, all_firms)

        ended = time.monotonic()
        rows = [row for firm in all_firms for row in firm.until(nothing_left).values()]
        figures = {
            "applications": len(rows),
            "exit_codes": Counter(row["last_result"]["exit_code"] for row in rows),
            "taken_over": (second.said + third.said).count("its worker is silent"),
            "queued_in_seconds": round(queued - began, 1),
            "applied_in_seconds": round(ended - queued, 1),
        }
        print(json.dumps(figures))
        assert figures["exit_codes"] == {0: FILES * EACH}
        assert figures["taken_over"]
        everybody = Counter({f"p{n:03}@contoso.example": 1 for n in range(3)} | {"Staff": 1})
        for firm in all_firms:
            for name in firm.applications:
                assert created(firm, name) == everybody, (firm.name, name)
        assert [second.stop(), third.stop()] == [0, 0]
