"""
Lets hostile inputs in, one after the other, and tells what became of each.

``python -m tests.hostile.run [--every N] [--category NAME]``: in a process of its own,
with 256 MiB of memory beyond what it has when it is warm, and five seconds of
computing for each input (INV-32). A line of JSON for each that got through, crashed or
took too long, and a last one with the figures.
"""

from __future__ import annotations

import argparse
import json
import resource
import signal
import sys
import time
import traceback
from types import FrameType
from typing import Any

from tests.hostile.corpus import COUNTS, Hostile, corpus
from tests.hostile.doors import DOORS, hurry

SECONDS = 5.0
"""Of computing, for one input."""
MEMORY = 256 * 2**20
"""Bytes beyond those of a warm process."""


class TooSlow(BaseException):
    """An input took more than its seconds."""


def main() -> int:
    """Let in what was asked for."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--every", type=int, default=1)
    asked.add_argument("--category", choices=sorted(COUNTS))
    arguments = asked.parse_args()
    hurry()
    names = [arguments.category] if arguments.category else list(COUNTS)
    _warm()
    limit = _size() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.signal(signal.SIGPROF, _too_slow)
    before = _peak()
    figures: dict[str, Any] = {"inputs": 0, "bad": 0, "slowest": 0.0, "slowest_is": ""}
    for name in names:
        counts = dict.fromkeys(("inputs", "taken", "refused", "bad"), 0)
        for number, hostile in enumerate(corpus(name)):
            if number % arguments.every:
                continue
            outcome, seconds = let_in(hostile)
            counts["inputs"] += 1
            counts[outcome if outcome in counts else "bad"] += 1
            if seconds > figures["slowest"]:
                figures["slowest"], figures["slowest_is"] = round(seconds, 2), hostile.name
            if outcome not in counts:
                told = {"category": name, "number": number, "name": hostile.name}
                _say({**told, "door": hostile.door, "outcome": outcome})
        figures[name] = counts
        figures["inputs"] += counts["inputs"]
        figures["bad"] += counts["bad"]
    figures["MiB"] = (_peak() - before) // 1024
    _say({"figures": figures})
    return 1 if figures["bad"] else 0


def let_in(hostile: Hostile) -> tuple[str, float]:
    """Return what became of one input, and the seconds of computing that it took."""
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        outcome = DOORS[hostile.door](hostile.payload)
    except TooSlow:
        outcome = "too slow"
    except MemoryError:
        outcome = "too much memory"
    except Exception as exc:
        place = traceback.extract_tb(exc.__traceback__)[-1]
        outcome = f"{type(exc).__name__}: {str(exc)[:200]!a} at {place.filename}:{place.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return outcome, time.process_time() - begun


def _warm() -> None:
    """Go through one input of each door, so that everything is loaded."""
    seen: set[str] = set()
    for name in COUNTS:
        for hostile in corpus(name):
            if hostile.door not in seen and "bomb" not in hostile.name:
                seen.add(hostile.door)
                let_in(hostile)


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def _size() -> int:
    """Return the bytes of this process's address space."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _peak() -> int:
    """Return the most memory that was used, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
