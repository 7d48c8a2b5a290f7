"""
The whole matrix: ``make crashes``.

Kills a real process at every point of every scenario, resumes it, and writes what came
of it to ``build/reliability/crashes.json``. Ends with 1 if anything went wrong, or if a
point of the list was never reached.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.matrix import Case
from tests.crash.points import POINTS
from tests.crash.worlds import SCENARIOS, World
from tests.measured import write_down

WORKERS = 2


@dataclass(slots=True)
class Tally:
    """What came of the rounds of one scenario."""

    scenario: str
    kills: int = 0
    resumed: int = 0
    seconds: float = 0.0
    points: Counter[str] = field(default_factory=Counter)
    """Kills at each point."""
    wrong: list[str] = field(default_factory=list)


def scenario(name: str) -> Tally:
    """Play every round of a scenario, in a world of its own."""
    began = time.monotonic()
    tally = Tally(name)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            case = Case(name, world.plan(name))
            for one in case.rounds():
                wrong = case.play(one)
                tally.kills += 1
                tally.resumed += not wrong
                tally.points[one.point] += 1
                tally.wrong += [f"{name}, {one.point}, time {one.hit}: {what}" for what in wrong]
        finally:
            world.close()
    tally.seconds = time.monotonic() - began
    return tally


def told(tally: Tally) -> Tally:
    """Say what came of a scenario, and return it."""
    came = f"{tally.kills:4} killed {tally.resumed:4} resumed {tally.seconds:6.1f} s"
    print(f"{tally.scenario:24} {came}", flush=True)
    return tally


def main() -> int:
    """Play everything, write it down, and say it."""
    began = time.monotonic()
    with ProcessPoolExecutor(WORKERS) as pool:
        # the long ones first, so that no worker is left with one at the end
        names = sorted(SCENARIOS, key=lambda name: not SCENARIOS[name].whole)
        tallies = list(map(told, pool.map(scenario, names)))
    seconds = time.monotonic() - began
    reached = sum((tally.points for tally in tallies), Counter[str]())
    missed = [point for point in POINTS if point not in reached]
    wrong = [what for tally in tallies for what in tally.wrong]
    result = write(tallies, reached, missed, seconds)
    for what in wrong:
        print(f"WRONG {what}")
    for point in missed:
        print(f"NEVER REACHED {point}")
    kills, resumed = sum(t.kills for t in tallies), sum(t.resumed for t in tallies)
    print(f"{len(POINTS)} points, {kills} kills, {resumed} resumed, {seconds:.0f} s: {result}")
    return 1 if wrong or missed else 0


def write(
    tallies: Sequence[Tally], reached: Counter[str], missed: Sequence[str], seconds: float
) -> Path:
    """Write the result where the report is made from, and return where."""
    kills, resumed = sum(t.kills for t in tallies), sum(t.resumed for t in tallies)
    figures = {
        "points": len(POINTS),
        "points reached": len(POINTS) - len(missed),
        "scenarios": len(tallies),
        "kills": kills,
        "resumed": resumed,
        "not resumed": kills - resumed,
    }
    rows = [{"point": point, "kills": reached[point]} for point in POINTS]
    title = "A process killed at every point, and resumed"
    return write_down("crashes", title, "make crashes", seconds, figures, rows)


if __name__ == "__main__":
    sys.exit(main())
