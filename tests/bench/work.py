"""
A folder to work in, and the commands that run there.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.child import PYTHON, RECONCILER, Served, Spent, Unmeasured, measured, served
from tests.bench.figure import Bench
from tests.bench.people import write_configuration, write_groups, write_people

APPLICATION = "bench"
CHANGES = 2
"""What ``plan --detailed-exitcode`` ends with when there are changes."""


@dataclass(frozen=True)
class Office:
    """Source, configuration and plans, and the service they are about."""

    folder: Path
    service: Served | None = None

    def plan(self, *more: str, changes: int, cores: tuple[int, ...] | None = None) -> Spent:
        """
        Plan, in a child that is measured.

        Raises:
            Unmeasured: It failed, or the plan has not as many *changes* as the data has.
        """
        command = (*RECONCILER, "plan", APPLICATION, "--detailed-exitcode", *more)
        spent = measured(command, self.folder, cores=cores, codes=(0, CHANGES))
        found = operations_of(self.newest())
        if found != changes:
            raise Unmeasured(f"the plan has {found:,} operations, and should have {changes:,}")
        return spent

    def apply(self) -> Spent:
        """Apply the newest plan, in a child that is measured."""
        command = (*RECONCILER, "apply", "--auto-approve", str(self.newest()))
        return measured(command, self.folder)

    def forget(self) -> None:
        """Leave nothing of earlier plans, nor of what they have worked out."""
        for name in ("plans", ".cache"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def peer(self, program: str, *arguments: object) -> tuple[dict[str, Any], Spent]:
        """Run one of the peers; return what it says, and what it took."""
        told = map(str, arguments)
        spent = measured((PYTHON, "-m", "tests.bench.peers", program, *told), self.folder)
        said: dict[str, Any] = json.loads(spent.out)
        return said, spent

    def newest(self) -> Path:
        """Return the newest stored plan of the application."""
        plans = (self.folder / "plans" / APPLICATION).glob("*.plan.json")
        return max(plans, key=lambda path: path.stat().st_mtime_ns)


def operations_of(plan: Path) -> int:
    """Count the operations of a plan in another process: our own size is in every child's peak."""
    counting = "import json, sys; print(len(json.load(sys.stdin)['body']['operations']))"
    with plan.open("rb") as file:
        asked = (PYTHON, "-c", counting)
        counted = subprocess.run(asked, stdin=file, capture_output=True, text=True, check=True)
    return int(counted.stdout)


@contextmanager
def office(
    bench: Bench,
    people: int,
    *,
    target: Mapping[str, Any] | None = None,
    source: int | None = None,
    applications: int = 1,
    service: Mapping[str, float | bool] | None = None,
) -> Iterator[Office]:
    """
    Set an office up with a service of its own, and clear it away afterwards.

    Args:
        bench: Where.
        people: Accounts that the service has.
        target: More keys of the configuration's `target`.
        source: People in the source; as many as accounts, when left out.
        applications: How many the configuration has; they share the service.
        service: Options of the service.
    """
    options = service or {}
    with folder_in(bench) as folder, served(people=people, **options) as running:
        wanted = people if source is None else source
        write_people(folder / "people.csv", range(wanted))
        groups = int(options.get("groups", 0))
        if groups:
            size = int(options.get("members", 10))
            write_groups(folder / "groups.jsonl", groups, size, wanted)
        urls = {APPLICATION: f"{running.url}/v2"}
        if applications > 1:
            urls = {f"app{n:04}": f"{running.url}/app{n:04}" for n in range(applications)}
        write_configuration(folder, urls, target or {}, groups=groups > 0)
        running.forget()
        yield Office(folder, running)


@contextmanager
def folder_in(bench: Bench) -> Iterator[Path]:
    """Make an empty folder below the bench's data, and clear it away afterwards."""
    bench.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=bench.data) as name:
        yield Path(name).resolve()


def inside(bench: Bench, what: str, people: int, runs: int) -> tuple[float, Spent]:
    """Return microseconds a person of one of the works in ``tests.bench.inside``."""
    sizes = ("--people", str(people), "--runs", str(runs))
    with folder_in(bench) as folder:
        spent = measured((PYTHON, "-m", "tests.bench.inside", what, *sizes), folder)
    return float(spent.out), spent
