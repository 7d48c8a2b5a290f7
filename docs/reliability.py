"""
Write RELIABILITY.md from what the harnesses measured.

Each harness leaves one JSON object in `build/reliability/`; `make reliability` runs
them all, and then this. Nothing in the page is written by hand but its template's
sentences: a figure that no harness has measured is not in it.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ROOT / "build" / "reliability"
FOUND = ROOT / "tests" / "found.yaml"
PAGE = ROOT / "RELIABILITY.md"

ORDER = (
    "simulate",
    "crashes",
    "incidents",
    "mutants",
    "guards",
    "tamper",
    "tamper-approvals",
    "canaries",
    "hostile",
)
"""The harnesses, in the order of the page."""

HEAD = """\
# Reliability

What the harnesses of this project measured, and every defect that they found. Written by
`make reliability`, which runs them all anew; the figures are those of its last run.

"""

LIMITS = """\
## What is not promised

- A create whose answer was lost is looked for, and sent again when `concurrency.settle_seconds` of
  the profile are over. A service that carries the first one out later than that may have it twice:
  where it keeps no names apart, or where somebody has renamed it meanwhile
  ([decision 26](docs/decisions/0026-creates-in-doubt.md)).
- A request that a service carries out long after its connection was lost can undo what was written
  in between. Only a service with versions (`ETag`) is safe from that; elsewhere the next plan
  shows it.
- A service that gives the same false answer to every read cannot be seen through.
- Whoever holds a planner's key and an approver's key is both.
- What a service does besides, such as an invitation by mail when somebody is created, is not
  undone by `revert`.
"""


def main() -> None:
    """Write the page; a harness that has not run ends with a message."""
    missing = [name for name in ORDER if not (MEASURED / f"{name}.json").exists()]
    if missing:
        sys.exit(f"not measured yet: {', '.join(missing)}; run: make reliability")
    measured = [json.loads((MEASURED / f"{name}.json").read_text("utf-8")) for name in ORDER]
    found = yaml.safe_load(FOUND.read_text("utf-8"))
    PAGE.write_text("".join(page(measured, found, machine())), "utf-8")


def machine() -> str:
    """Return what the figures were measured on."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def page(
    measured: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]], where: str
) -> Iterator[str]:
    """Yield the parts of the page."""
    yield HEAD
    yield f"Measured on {where}.\n\n"
    yield "| what | command | seconds | commit | date |\n|---|---|---:|---|---|\n"
    for one in measured:
        cells = one["title"], f"`{one['command']}`", f"{one['seconds']:.0f}"
        yield table_row((*cells, f"`{one['commit'][:12]}`", one["date"][:10]))
    for one in measured:
        yield f"\n## {one['title']}\n\n| figure | value |\n|---|---:|\n"
        for label, value in one["figures"].items():
            yield table_row((label, _shown(value)))
        yield from _rows(one.get("rows", ()))
    yield "\n## Defects that were found\n\nEach has a test that fails without its repair.\n\n"
    yield "| found by | seed | broke | what it was | test |\n|---|---|---|---|---|\n"
    for defect in found:
        told = defect["by"], defect.get("seed", "-"), defect["breaks"], defect["what"]
        yield table_row((*told, f"`{defect['test']}`"))
    yield f"\n{LIMITS}"


def _rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a table of *rows*, which all have the same keys."""
    if rows:
        yield f"\n<details><summary>{len(rows)} rows</summary>\n\n"
        yield table_row(rows[0]) + table_row("---" for _ in rows[0])
        for row in rows:
            yield table_row(row.values())
        yield "\n</details>\n"


def table_row(cells: Iterable[object]) -> str:
    """Return one line of a table."""
    told = (str(cell).replace("|", "\\|").replace("\n", " ").strip() for cell in cells)
    return f"| {' | '.join(told)} |\n"


def _shown(value: object) -> str:
    """Return a figure for people."""
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main()
