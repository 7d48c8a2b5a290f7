"""
What one measurement came to, beside its target and its peer; and the files and the table of it.

`docs/performance.py` writes its page from the files.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.bench.child import ROOT, Spent

FOLDER = ROOT / "build" / "bench"
FULL: Final = 100_000
"""People of a run that is judged: the targets are for so many."""
ROUNDS: Final = 5
"""Times that is measured what seconds decide, where it is judged; the one in the middle counts."""


@dataclass(frozen=True)
class Peer:
    """The same work, done otherwise, in the same run."""

    name: str
    measured: float
    peak: float | None = None
    """MiB."""
    cpu: float | None = None
    """Seconds, where the measured is seconds, too."""


@dataclass(frozen=True)
class Figure:
    """One number."""

    work: str
    measured: float | None
    """None: it could not be measured; `note` says why."""
    unit: str
    limit: float
    """The target."""
    at_least: bool = False
    """Whether the target is the least; else it is the most."""
    peer: Peer | None = None
    spent: Spent | None = None
    """What the measured process took."""
    note: str = ""
    part: float = 1.0
    """What the time takes at the pace of the targets, as a part of what it took; 1 for no time."""

    @property
    def at_pace(self) -> float | None:
        """What is held against the target: the same at the pace of the targets."""
        if self.measured is None:
            return None
        return self.measured / self.part if self.at_least else self.measured * self.part

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        if self.at_pace is None:
            return False
        return self.at_pace >= self.limit if self.at_least else self.at_pace <= self.limit

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer it is."""
        if self.peer is None or not self.measured or not self.peer.measured:
            return None
        quotient = self.peer.measured / self.measured
        return 1 / quotient if self.at_least else quotient

    def told(self) -> dict[str, Any]:
        """Return it as JSON values, with what follows from it."""
        told = {name: value for name, value in asdict(self).items() if name != "spent"}
        taken = {name: getattr(self.spent, name, None) for name in ("cpu", "peak", "pace")}
        return {**told, **taken, "at_pace": self.at_pace, "met": self.met, "ratio": self.ratio}


@dataclass
class Bench:
    """One run: how many people, where its data lies, and what was found so far."""

    people: int = FULL
    results: Path = FOLDER
    _known: dict[object, Any] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """Where data lies."""
        return self.results / "data"

    @property
    def rounds(self) -> range:
        """Once for each time that is measured what seconds decide."""
        return range(ROUNDS if self.people == FULL else 1)

    def at_most(self, number: int) -> int:
        """Return *number*, or as many as there are people."""
        return min(number, self.people)

    def once(self, key: object, make: Callable[[], Any]) -> Any:
        """Return what *make* returns, made once a run."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]


def write(folder: Path, name: str, people: int, seconds: float, content: Mapping[str, Any]) -> None:
    """Write what was measured under *name*."""
    asked = ["git", "rev-parse", "HEAD"]  # whichever git the developer has
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    told = {
        "name": name,
        "people": people,
        "commit": commit.stdout.strip() or "unknown",
        "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "seconds": round(seconds, 1),
        "load": round(os.getloadavg()[1], 1),
        **content,
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(f"{text}\n", "utf-8")


HEAD = ("", "work", "target", "measured", "pace", "so", "", "beside it", "ratio", "CPU", "memory")
WIDTHS = (4, 54, 17, 17, 5, 17, 7, 50, 10, 8, 10)


def cells(name: str, each: Mapping[str, Any], *, judged: bool) -> Sequence[str]:
    """Return the cells of one figure, as people read them."""
    unit, peer = each["unit"], each["peer"]
    limit = f"{'≥' if each['at_least'] else '≤'} {number(each['limit'])} {unit}"
    there = each["measured"] is not None
    measured = f"{number(each['measured'])} {unit}" if there else "not measured"
    timed = there and each["part"] != 1
    so = f"{number(each['at_pace'])} {unit}" if timed else ""
    pace = number(each["pace"]) if timed and each["pace"] else ""
    verdict = _verdict(each) if judged else ""
    beside = f"{peer['name']}: {number(peer['measured'])} {unit}" if peer else ""
    ratio = f"{number(each['ratio'])} : 1" if each["ratio"] else ""
    peak = f"{each['peak']:,.0f} MiB" if each["peak"] else ""
    cpu = f"{number(each['cpu'])} s" if each["cpu"] else ""
    return name, each["work"], limit, measured, pace, so, verdict, beside, ratio, cpu, peak


def _verdict(each: Mapping[str, Any]) -> str:
    """Say whether a target is met as it was measured, or at the pace of the targets only."""
    if not each["met"]:
        return "missed"
    found, limit = each["measured"], each["limit"]
    return "met" if (found >= limit if each["at_least"] else found <= limit) else "at pace"


def line(row: Sequence[str]) -> str:
    """Return one line of the table."""
    return " ".join(f"{cell:<{width}}" for cell, width in zip(row, WIDTHS, strict=True)).rstrip()


def number(value: float) -> str:
    """Return a number with three digits that count."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
