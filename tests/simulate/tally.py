"""What many companies came to, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

FIGURES = ("lost", "duplicate", "unplanned", "falsely done")
INVARIANTS = {
    "7": "nothing is sent that is not in the plan",
    "10": "nothing else is touched",
    "12": "an intent is on the disk before anything is sent",
    "13": "each operation has one effect at most",
    "14": "what is called done was there",
    "15": "a run that died is taken up and ends as it would have",
    "16": "every prefix is safe",
    "17": "what is changed was looked at, and was as planned",
    "21": "a second plan has nothing to do",
    "22": "without faults, everything comes to rest",
    "25": "no plan is carried out twice",
    "27": "every change in the service's log is in the journal",
    "traceback": "no error is a defect of the program",
}
"""What is checked, by the number of its invariant (reliability.md, section 2)."""


@dataclass(frozen=True)
class Failure:
    """A violation, and the company in which it was found."""

    seed: int
    invariant: str
    what: str
    figure: str | None = None


@dataclass
class Tally:
    """Many companies, added up."""

    seeds: list[int] = field(default_factory=list)
    plans: int = 0
    applies: int = 0
    """Runs: one apply of one plan each."""
    mutations: int = 0
    """Changes that the service has carried out for us."""
    requests: int = 0
    crashes: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    """Companies by pair of class values."""
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in what other companies came to."""
        self.seeds += other.seeds
        self.plans += other.plans
        self.applies += other.applies
        self.mutations += other.mutations
        self.requests += other.requests
        self.crashes += other.crashes
        self.faults += other.faults
        self.classes += other.classes
        self.failures += other.failures

    def figures(self) -> dict[str, int]:
        """Return how many violations count for each of the four figures."""
        found = Counter(failure.figure for failure in self.failures)
        return {name: found[name] for name in FIGURES}

    def by_invariant(self) -> dict[str, int]:
        """Return how many violations there are of each invariant."""
        found = Counter(failure.invariant for failure in self.failures)
        return {name: found[name] for name in INVARIANTS}

    def failing(self) -> list[int]:
        """Return the seeds of the companies in which something was found."""
        return sorted({failure.seed for failure in self.failures})


def total(tallies: Iterable[Tally]) -> Tally:
    """Return several tallies as one."""
    whole = Tally()
    for one in tallies:
        whole.add(one)
    return whole
