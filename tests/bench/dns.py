"""
octoDNS, the tool nearest to this one: it plans files against files, here tiny records.

It is installed by `make bench` alone; without it, there is one peer less.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.bench.child import Spent, measured
from tests.bench.figure import Bench
from tests.bench.people import is_changed
from tests.bench.work import folder_in

MOST: Final = 100_000
"""Records; it takes about a minute for so many."""
SYNC: Final = Path(sys.executable).with_name("octodns-sync")

CONFIGURATION = """\
providers:
  wanted: {class: octodns.provider.yaml.YamlProvider, directory: wanted, enforce_order: false}
  there: {class: octodns.provider.yaml.YamlProvider, directory: there, enforce_order: false}
zones:
  bench.example.: {sources: [wanted], targets: [there]}
"""


def planned(bench: Bench, records: int, percent: int) -> Spent | None:
    """Let octoDNS plan so many records, of which some changed; None when it is not installed."""
    if not SYNC.exists():
        return None
    with folder_in(bench) as folder:
        (folder / "config.yaml").write_text(CONFIGURATION, "utf-8")
        for side, changed in (("wanted", 0), ("there", percent)):
            (folder / side).mkdir()
            path = folder / side / "bench.example.yaml"
            path.write_text("".join(_zone(records, changed)), "utf-8")
        return measured((str(SYNC), "--config-file", "config.yaml"), folder)


def start(bench: Bench) -> Spent | None:
    """Ask octoDNS for its help; None when it is not installed."""
    if not SYNC.exists():
        return None
    with folder_in(bench) as folder:
        return measured((str(SYNC), "--help"), folder)


def _zone(records: int, percent: int) -> Iterator[str]:
    """Yield the records of a zone."""
    yield "---\n"
    for n in range(records):
        last = 250 if is_changed(n, percent) else n % 250
        address = f"10.{n // 62_500 % 250}.{n // 250 % 250}.{last}"
        yield f"p{n:07}: {{type: A, value: {address}, ttl: 300}}\n"
