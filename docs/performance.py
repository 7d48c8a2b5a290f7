"""
Write docs/performance.md, and its drawing, from what `make bench` measured.

Each measurement leaves one JSON object in `build/bench/`; `make performance` takes them
all, and then runs this. A figure that was not measured is not in the page.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from docs.plot import drawing
from docs.reliability import table_row
from tests.bench.figure import FULL, cells, number

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ROOT / "build" / "bench"
PAGE = Path(__file__).with_name("performance.md")
DRAWING = Path(__file__).with_name("growth.svg")

TARGETS = tuple(f"T{each}" for each in range(1, 13))

HEAD = """\
# Performance

How long planning and applying take, and how much memory, beside other ways to do the same.
Written by `make performance`; the figures are those of its last run. `make bench` measures
the table alone, and `make bench ONLY="T1 T7" PEOPLE=10000` a part of it, for fewer people.

"""

DATA = """\
A figure is the time of the installed command from its start to its end, in a process of its
own, with real files and real HTTP to a service on loopback in another process; T5 and T6 are the
CPU time of one function. CPU is that of the command, and memory the most that was resident.

The targets are seconds of one machine, and shared cores are as fast as their neighbours let them.
So DeepDiff, which took 915 us for one person there, is measured before and after each command:
what it took here by what it took there is the **pace**, and **so** is what was measured with the
command's CPU time divided by it, and its waiting as it was. What is **met** is met as it was
measured; **at pace**, only so (decision 44). T1, T2, T8, T9 and T11 are measured several
times, T5 and T6 in turn with their peers, and what is in the middle counts.

Every plan is checked to have as many operations as its data has changes, and after creates the
next plan is checked to be empty. A ratio above one says how many times better this is than what
stands beside it; without a verdict, fewer people were measured than the target is for. What would
take a peer minutes is measured for 1,000 people (octoDNS: 100,000 records) and given for all. A
person is 1,072 bytes of JSON with 22 mapped attributes, twelve of them by expressions; everything
in the service is ours (`ownership: all`), so no journal is read. T10 counts pages: a listing that
is one page, or whose last page is full, takes one request more (decision 40).

"""


MISSES: Mapping[str, str] = {
    "T1": """\
Of the first plan, proving and noting the accounts takes two fifths (decoding them 10 %,
proving that no key came twice 5, where each begins 4, columns and what is noted of them 13), what
people should have an eighth, reading their rows as much, finding both sides together a tenth, and
a seventh is starting. The second plan decodes and judges only who is changed: 30 % is starting, a
quarter finding both sides together, a fifth what comes over the wire, is hashed and laid aside.""",
    "T2": """\
As T1, and ten times as many requests of 0.4 ms each: they are one thread's work, since one
interpreter runs at a time.""",
    "T3": """\
As T1, without requests; with ten times as many people, what is looked up has left the
processor's cache. With two processors, the second process takes the accounts; reading the source
before, and finding both sides together after, is work of one.""",
    "T8": """\
Three requests a change, of 0.3 ms each, in one interpreter.""",
    "T9": """\
220 requests, 0.1 ms for each create in one interpreter, and the service's own time.""",
    "T10": """\
A listing that is one page, or whose last page is full, takes a request more: the page past the
end is the proof that nobody is left out (decision 40).""",
}
"""What the profile shows of a target, for the page of a run that misses it."""


def main() -> None:
    """Write the page and its drawing; what has not been measured ends with a message."""
    missing = [name for name in TARGETS if not _path(name).exists()]
    if missing:
        sys.exit(f"not measured yet: {', '.join(missing)}; run: make performance")
    targets = [_read(name) for name in TARGETS]
    others = {name: _read(name) for name in SECTIONS if _path(name).exists()}
    if "curves" in others:
        DRAWING.write_text(drawing(others["curves"]["rows"]), "utf-8")
    PAGE.write_text("".join(page(targets, others, machine())), "utf-8")


def _path(name: str) -> Path:
    return MEASURED / f"{name}.json"


def _read(name: str) -> Any:
    return json.loads(_path(name).read_text("utf-8"))


def machine() -> str:
    """Return what the figures were measured on."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def page(
    targets: Sequence[Mapping[str, Any]], others: Mapping[str, Mapping[str, Any]], where: str
) -> Iterator[str]:
    """Yield the parts of the page: the table of *targets*, and those of *others*, by name."""
    yield HEAD
    commits = sorted({f"`{each['commit'][:12]}`" for each in targets})
    load = max(each["load"] for each in targets)
    yield f"Measured on {where}, at {', '.join(commits)}; load average up to {load}.\n\n"
    yield "| | work | target | measured | pace | so | | beside it | ratio | CPU | memory |\n"
    yield "|---|---|---:|---:|---:|---:|---|---|---:|---:|---:|\n"
    for target in targets:
        yield from _rows(target)
    yield f"\n{DATA}"
    yield from _missed(targets)
    for name, section in SECTIONS.items():
        if name in others:
            yield from section(others[name])


def _missed(targets: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is missed, by how much, and what the profile shows."""
    names = [
        each["name"]
        for each in targets
        if each["people"] == FULL and not all(one["met"] for one in each["figures"])
    ]
    if names:
        yield "## What is missed, and why\n\n"
        yield from (f"**{name}.** {MISSES.get(name, 'Not looked into yet.')}\n\n" for name in names)


def _rows(target: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rows of one target."""
    name = target["name"]
    for each in target["figures"]:
        yield table_row(cells(name, each, judged=target["people"] == FULL))
        name = ""


def _matrix(matrix: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table of circumstances."""
    people = matrix["people"] // 10
    yield f"## Changes, pages and delays\n\nOne plan for {people:,} people.\n\n"
    yield "| page | delay | changed | seconds | CPU | memory |\n|---:|---:|---:|---:|---:|---:|\n"
    for row in matrix["rows"]:
        spent = number(row["seconds"]), number(row["cpu"]), f"{row['peak']:.0f} MiB"
        yield table_row((row["page"], f"{row['delay']} ms", f"{row['changed']} %", *spent))
    yield "\n"


def _curves(curves: Mapping[str, Any]) -> Iterator[str]:
    """Yield the curves and their drawing."""
    yield "## Growth\n\nOne plan without changes. Groups are of ten; memberships are those of a\n"
    yield "hundred groups; applications have ten people each. The exponents are fitted to what\n"
    yield "a size takes beyond the smallest.\n\n![Time and memory as sizes grow](growth.svg)\n\n"
    yield "| what grows | size | CPU | memory | time grows by | memory grows by |\n"
    yield "|---|---:|---:|---:|---:|---:|\n"
    for curve in curves["rows"]:
        last = curve["points"][-1]
        size, spent = f"{last['size']:,}", (f"{number(last['cpu'])} s", f"{last['peak']:.0f} MiB")
        powers = (_power(curve[key]) for key in ("time_exponent", "memory_exponent"))
        yield table_row((curve["name"], size, *spent, *powers))
    yield "\n"


def _power(exponent: float | None) -> str:
    return "-" if exponent is None else f"n^{exponent:.2f}"


def _large(large: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table of what is large."""
    yield "## Large groups and plans\n\nOf a group only what changes is sent; for more operations\n"
    yield "an apply should need no more memory.\n\n"
    yield "| work | requests | bytes sent | seconds | CPU | memory |\n"
    yield "|---|---:|---:|---:|---:|---:|\n"
    for row in large["rows"]:
        counts = f"{row['requests']:,}", f"{row['sent']:,}"
        spent = number(row["seconds"]), number(row["cpu"]), f"{row['peak']:.0f} MiB"
        yield table_row((row["work"], *counts, *spent))
    yield "\n"


def _counted(counted: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table of instructions."""
    yield "## Instructions\n\nOf one person, counted by callgrind; no other work changes them.\n\n"
    yield "| work | instructions |\n|---|---:|\n"
    for row in counted["rows"]:
        yield table_row((row["work"], f"{row['instructions']:,.0f}"))
    yield "\n"


SECTIONS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "matrix": _matrix,
    "curves": _curves,
    "large": _large,
    "instructions": _counted,
}
"""What is in the page when it was measured; without valgrind, nothing counts instructions."""


if __name__ == "__main__":
    main()
