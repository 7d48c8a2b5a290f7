"""
When a fault happens: a list of injections and a seed, and nothing else.

The same seed, schedule and sequence of requests give the same faults, on any
machine: each draw is made from the seed, the injection and the count of
matching requests, never from a shared source that another thread advances.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from reconciler.testing.exchange import Request
from reconciler.testing.fault import Fault
from reconciler.testing.faults import FAULTS


class UnknownFault(LookupError):
    """There is no fault of this name."""


@dataclass(frozen=True, slots=True)
class Inject:
    """One line of a schedule: which fault, and into which of the requests it is about."""

    fault: str | Fault
    """A name of :data:`FAULTS`, or a fault of your own."""
    nth: int | range | None = None
    """Which matching requests, counted from 1; None is all of them."""
    probability: float = 1.0
    """How likely each of these is hit."""
    method: str | None = None
    """Only requests with this method match."""
    path: str | None = None
    """Only requests match whose path below the tenant URL is this, or lies below it."""

    def row(self) -> Fault:
        """
        Return the fault.

        Raises:
            UnknownFault: No fault has this name.
        """
        if isinstance(self.fault, Fault):
            return self.fault
        if self.fault not in FAULTS:
            raise UnknownFault(f"no fault is called {self.fault!r}; FAULTS has them all")
        return FAULTS[self.fault]

    def matches(self, request: Request) -> bool:
        """Say whether *request* is one that the fault is about, and this line too."""
        below = self.path is None or f"{request.path}/".startswith(f"{self.path}/")
        return below and self.method in {None, request.method} and self.row().where.test(request)

    def hits(self, nth: int, draw: Random) -> bool:
        """Say whether the *nth* matching request gets the fault."""
        chosen = self.nth is None or nth == self.nth
        if isinstance(self.nth, range):
            chosen = nth in self.nth
        return chosen and draw.random() < self.probability


Line = str | Fault | Inject
"""What a schedule may be written with; a name, or a fault, is meant for every matching request."""


def lines(schedule: Iterable[Line]) -> Sequence[Inject]:
    """
    Return *schedule* in its long form.

    Raises:
        UnknownFault: A name is not one of a fault.
    """
    made = [line if isinstance(line, Inject) else Inject(line) for line in schedule]
    for line in made:
        line.row()
    return made


def draw_for(seed: int, line: int, nth: int) -> Random:
    """Return the source of chance for the *nth* matching request of one line."""
    return Random(f"{seed}:{line}:{nth}")  # noqa: S311 - it must be foreseeable
