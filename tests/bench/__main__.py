"""
``make bench``: every target of docs/performance.md, measured beside its peer.

What is measured is the installed command, in a process of its own, with real files and
real HTTP to a service in another process; only mapping and wording are measured inside
one. Figures, never assertions: but a plan that has not as many operations as its data
has changes is no figure. Quote ratios: seconds differ from machine to machine.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.bench import applying, figure, growth, large, planning, small
from tests.bench.child import Unmeasured
from tests.bench.figure import FOLDER, FULL, HEAD, Bench, Figure, cells, line, number
from tests.bench.instructions import instructions

Target = Callable[[Bench], Iterable[Figure]]

TARGETS: Mapping[str, Target] = {
    "T1": planning.one_page_of_1000,
    "T2": planning.one_page_of_100,
    "T3": planning.ten_times_as_many,
    "T4": planning.memory,
    "T5": small.mapping,
    "T6": small.wording,
    "T7": applying.capped,
    "T8": applying.uncapped,
    "T9": applying.bulk,
    "T10": planning.requests,
    "T11": small.starting,
    "T12": planning.many_applications,
}
OTHERS: Mapping[str, Callable[[Bench], Iterable[dict[str, Any]]]] = {
    "matrix": growth.matrix,
    "curves": growth.curves,
    "large": large.large,
    "instructions": instructions,
}
"""What has no target, and is measured only when it is asked for."""


def main() -> None:
    """Measure what is asked for, and print the table as it grows."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--people", type=int, default=FULL, help="T3 takes ten times as many")
    parser.add_argument("--results", type=Path, default=FOLDER)
    parser.add_argument("names", nargs="*", metavar="ONLY", help=" ".join([*TARGETS, *OTHERS]))
    asked = parser.parse_args()
    unknown = set(asked.names) - {*TARGETS, *OTHERS}
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    bench = Bench(asked.people, asked.results)
    bench.results.mkdir(parents=True, exist_ok=True)
    print(line(HEAD))
    names = asked.names or list(TARGETS)
    for name in names:
        measure = _target if name in TARGETS else _other
        start = time.perf_counter()
        try:
            found = measure(bench, name)
        except Unmeasured as exc:
            sys.exit(f"{name} could not be measured: {exc}")
        took = time.perf_counter() - start
        figure.write(bench.results, name, bench.people, took, found)


def _target(bench: Bench, name: str) -> dict[str, Any]:
    """Measure one target; print its figures as they come, and return them."""
    told: list[dict[str, Any]] = []
    for each in TARGETS[name](bench):
        told.append(each.told())
        shown = name if len(told) == 1 else ""
        print(line(cells(shown, told[-1], judged=bench.people == FULL)), flush=True)
    return {"figures": told}


def _other(bench: Bench, name: str) -> dict[str, Any]:
    """Measure what has no target; print its rows as they come, and return them."""
    rows: list[dict[str, Any]] = []
    for row in OTHERS[name](bench):
        rows.append(row)
        print(name, *(f"{key} {_short(value)}" for key, value in row.items()), flush=True)
    return {"rows": rows}


def _short(value: object) -> object:
    """Return a value of a row as it is printed."""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        value = [value]
    if isinstance(value, list):
        return ", ".join(f"{each['size']:,}: {each['cpu']:.2f} s" for each in value)
    return value


if __name__ == "__main__":
    main()
