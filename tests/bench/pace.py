"""
How fast the processor is, beside the one that the targets were set on.

A target is seconds of one machine, and shared cores are as fast as their neighbours let
them: from one second to the next it may be half. So work that was measured there, too, is
done again and again between what is measured here: DeepDiff, of one account and what it
should be. What the work took here, by what it took there, is the pace: 1 is that machine,
2 takes twice as long (docs/decisions/0044).

The yardstick waits in a process of its own: what this one holds is in every child's peak.
"""

from __future__ import annotations

import atexit
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Final

from tests.bench.inside import deepdiff

THERE: Final = 915.0
"""CPU microseconds that DeepDiff took for one person where the targets were set."""
PEOPLE: Final = 25
TURNS: Final = 3
FRESH: Final = 0.5
"""Seconds for which a reading holds: what was read after one command is so before the next."""

_read: list[tuple[float, float]] = []
"""When the last reading was taken, and what it was."""


def pace() -> float:
    """Return how many times as long work takes now."""
    if not _read or time.monotonic() - _read[-1][0] > FRESH:
        process = _yardstick()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        took = float(process.stdout.readline())
        _read[:] = [(time.monotonic(), took / THERE)]
    return _read[-1][1]


@cache
def _yardstick() -> subprocess.Popen[str]:
    """Start what takes a reading for each line that it is sent; it ends when we do."""
    command = (sys.executable, "-m", "tests.bench.pace")
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdin=pipe, stdout=pipe, text=True
    )
    atexit.register(process.communicate)
    return process


def main() -> None:
    """Print the CPU microseconds a person, for each line of the input."""
    work = deepdiff(PEOPLE)
    for _ in sys.stdin:
        start = time.process_time()
        for _ in range(TURNS):
            work()
        print((time.process_time() - start) / (PEOPLE * TURNS) * 1e6, flush=True)


if __name__ == "__main__":
    main()
