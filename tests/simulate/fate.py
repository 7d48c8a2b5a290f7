"""
What befalls a run: when it dies, which requests fail, and what the disk does.

Everything that can go wrong is decided here, by one seeded :class:`random.Random`, and
counted by its name. A run that has died stays dead: whatever it still tries on its way
out reaches neither the network nor the disk.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random


class Died(BaseException):
    """The process is gone, in the middle of whatever it did."""


@dataclass
class Fate:
    """The dice of one company, and what they have shown so far."""

    chance: Random
    trouble: float = 0.0
    """How often a change fails, or does something else."""
    reading: float = 0.0
    """How often a read fails."""
    disk: float = 0.0
    """How often the disk does."""
    busy: float = 0.0
    """How often an administrator is quicker than a request."""
    met: Counter[str] = field(default_factory=Counter)
    """Faults by name."""
    steps_to_live: int | None = None
    """Requests, writes and syncs until the process dies; None is never."""
    dead: bool = False

    def calm_down(self) -> None:
        """Let nothing fail any more."""
        self.trouble = self.reading = self.disk = self.busy = 0.0
        self.steps_to_live, self.dead = None, False

    def meets(self, probability: float) -> bool:
        return probability > 0 and self.chance.random() < probability

    def step(self, where: str) -> None:
        """Come to a point at which a process can die."""
        if self.dead:
            raise Died
        if self.steps_to_live is None:
            return
        self.steps_to_live -= 1
        if self.steps_to_live < 0:
            self.dead = True
            self.met[f"crash {where}"] += 1
            raise Died
