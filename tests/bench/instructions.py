"""
Instructions a person, counted by callgrind: the same on a busy machine as on an idle one.

Each work runs once and three times for the same people; the difference is two runs alone, and
neither starting nor making people is in it. Without valgrind there are no such figures.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any

from tests.bench.child import PYTHON, Unmeasured, measured
from tests.bench.figure import Bench
from tests.bench.work import folder_in

WORKS = {"mapping": 500, "jinja": 200, "wording": 500, "deepdiff": 20}
"""What is counted, and for how many people."""
COUNTED = re.compile(rb"Collected *: *(\d+)")


def instructions(bench: Bench) -> Iterator[dict[str, Any]]:
    """Yield each work of ``tests.bench.inside``, and its instructions a person."""
    if shutil.which("valgrind") is None:
        raise Unmeasured("valgrind is not installed")
    for what, people in WORKS.items():
        few = bench.at_most(people)
        once, thrice = (_counted(bench, what, few, runs) for runs in (1, 3))
        yield {"work": what, "people": few, "instructions": (thrice - once) / 2 / few}


def _counted(bench: Bench, what: str, people: int, runs: int) -> int:
    """Return the instructions of a process that runs the work so many times."""
    with folder_in(bench) as folder:
        tool = (
            "env",
            "PYTHONHASHSEED=0",
            "valgrind",
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
        )
        sizes = ("--people", str(people), "--runs", str(runs))
        measured((*tool, PYTHON, "-m", "tests.bench.inside", what, *sizes), folder)
        found = COUNTED.search((folder / ".err").read_bytes())
    if found is None:
        raise Unmeasured("callgrind did not say what it counted")
    return int(found[1])
