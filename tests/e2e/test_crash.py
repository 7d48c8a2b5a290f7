"""
SIGKILL at seeded moments between the first and the last write.

Whenever the process dies, the same command ends in the same live state, and
nobody exists twice (INV-13, INV-15). Half of the kills come while a write has
been served and its answer is still on the way: between request and read-back. Deaths
at named points are in `tests/crash`.
"""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.crash_world import CountingSandbox, build, copy, finish, newest_plan, reconciler

ALONE = [("never", seed) for seed in range(2)]
TOGETHER = [("auto", seed) for seed in range(10, 11)]
"""Kills of runs whose changes travel one by one, and together."""
MORE = [
    pytest.param(bulk, seed, marks=pytest.mark.slow)
    for bulk, seeds in (("never", range(2, 10)), ("auto", range(11, 14)))
    for seed in seeds
]


class Prepared:
    """A planned change, the state before it, and the state that it leads to."""

    def __init__(self, folder: Path, bulk: str) -> None:
        self.sandbox = CountingSandbox()
        self.folder = folder / "world"
        self.folder.mkdir(parents=True)
        build(self.folder, self.sandbox, bulk)
        self.before = self.sandbox.snapshot()
        undisturbed = copy(self.folder, folder / "undisturbed")
        self.sandbox.restore(self.before)
        code, output = apply(undisturbed)
        assert code == 0, output
        self.writes = self.sandbox.writes
        self.after = self.sandbox.state()


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Prepared]]:
    made = {bulk: Prepared(tmp_path_factory.mktemp(bulk), bulk) for bulk in ("never", "auto")}
    yield made
    for world in made.values():
        world.sandbox.close()


def apply(folder: Path) -> tuple[int, str]:
    return finish(reconciler(folder, "apply", "--auto-approve", newest_plan(folder)))


def kill_at(world: Prepared, folder: Path, write: int, wait: float) -> int:
    """Apply, and kill the process *wait* seconds after it has made so many writes."""
    reached = threading.Event()

    def watch(count: int) -> None:
        if count == write:
            reached.set()

    world.sandbox.on_write = watch
    process = reconciler(folder, "apply", "--auto-approve", newest_plan(folder))
    assert reached.wait(60), "the run ended before the moment of the kill"
    threading.Event().wait(wait)
    os.kill(process.pid, signal.SIGKILL)
    return finish(process)[0]


@pytest.mark.parametrize(("bulk", "seed"), [*ALONE, *TOGETHER, *MORE])
def test_a_killed_run_resumes_to_the_same_state(
    bulk: str, seed: int, worlds: dict[str, Prepared], tmp_path: Path
) -> None:
    prepared = worlds[bulk]
    chance = random.Random(seed)
    write = chance.randint(1, prepared.writes - 1)
    wait = 0.0 if seed % 2 else chance.uniform(0.0, 0.1)
    print(f"seed {seed}: killed {wait * 1000:.0f} ms after write {write} of {prepared.writes}")
    folder = copy(prepared.folder, tmp_path / "run")
    prepared.sandbox.restore(prepared.before)

    killed = kill_at(prepared, folder, write, wait)
    served = prepared.sandbox.writes
    code, output = apply(folder)

    assert killed == -signal.SIGKILL
    assert code == 0, output
    assert "Resumed" in output
    assert prepared.sandbox.state() == prepared.after
    assert served < prepared.writes
    assert twins(prepared.sandbox.snapshot()) == []


@pytest.mark.parametrize(("bulk", "seed", "most"), [("never", 100, 4), ("auto", 101, 1)])
def test_a_run_that_is_killed_again_and_again_gets_there(
    bulk: str, seed: int, most: int, worlds: dict[str, Prepared], tmp_path: Path
) -> None:
    prepared = worlds[bulk]
    chance = random.Random(seed)
    folder = copy(prepared.folder, tmp_path / "run")
    prepared.sandbox.restore(prepared.before)
    for _ in range(3):
        kill_at(prepared, folder, prepared.sandbox.writes + chance.randint(1, most), 0.0)

    code, output = apply(folder)

    assert code == 0, output
    assert prepared.sandbox.state() == prepared.after
    assert twins(prepared.sandbox.snapshot()) == []


def test_a_finished_plan_applied_again_sends_nothing(
    worlds: dict[str, Prepared], tmp_path: Path
) -> None:
    prepared = worlds["never"]
    folder = copy(prepared.folder, tmp_path / "run")
    prepared.sandbox.restore(prepared.before)
    assert apply(folder)[0] == 0
    written = prepared.sandbox.writes

    code, output = apply(folder)

    assert code == 0
    assert "applied before" in output
    assert prepared.sandbox.writes == written


def twins(resources: list[Any]) -> list[str]:
    """Return the names that more than one user, or more than one group, has."""
    names = Counter(
        (r.meta.resource_type, getattr(r, "user_name", None) or r.display_name) for r in resources
    )
    return [str(name) for name, count in names.items() if count > 1]
