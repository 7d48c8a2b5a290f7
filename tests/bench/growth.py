"""
How time and memory grow: the matrix of circumstances, and the curves of sizes.

Curves are CPU seconds, which other work on the machine changes little, and peak memory.
The exponent is the slope of a line through the logarithms, after what the smallest size
takes was taken off: starting is no growth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from math import log
from typing import Any

from tests.bench.child import RECONCILER, Spent, measured
from tests.bench.figure import Bench
from tests.bench.people import changed_of
from tests.bench.work import office

CHANGED, PAGES, DELAYS = (0, 1, 10, 100), (100, 1_000), (0, 20, 50)
STEPS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Of the people of the bench."""
NOISE = 1.05
"""Times that a size must take more than the smallest, to say anything of growth."""


@dataclass(frozen=True)
class Point:
    """One size of a curve."""

    size: int
    cpu: float
    peak: float
    """MiB."""


@dataclass(frozen=True)
class Curve:
    """What grows, and how."""

    name: str
    base: Point
    """The smallest size; what it takes is taken off the others."""
    points: Sequence[Point]

    def told(self) -> dict[str, Any]:
        """Return it as JSON values."""
        more = [each for each in self.points if each.cpu > self.base.cpu * NOISE]
        time = exponent([(each.size, each.cpu - self.base.cpu) for each in more])
        held = [each for each in self.points if each.peak > self.base.peak * NOISE]
        memory = exponent([(each.size, each.peak - self.base.peak) for each in held])
        return {**asdict(self), "time_exponent": time, "memory_exponent": memory}


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """Return the k of ``y = c * x ** k`` that fits best (least squares); None for one point."""
    logs = [(log(x), log(y)) for x, y in points]
    if len(logs) < 2:
        return None
    middle_x, middle_y = (sum(axis) / len(logs) for axis in zip(*logs, strict=True))
    above = sum((x - middle_x) * (y - middle_y) for x, y in logs)
    below = sum((x - middle_x) ** 2 for x, _ in logs)
    return above / below if below else None


def matrix(bench: Bench) -> Iterator[dict[str, Any]]:
    """Plan a tenth of the people in every circumstance."""
    people = max(bench.people // 10, 1)
    for page, delay, changed in product(PAGES, DELAYS, CHANGED):
        options = {"page": page, "delay": delay, "changed": changed}
        with office(bench, people, service=options) as busy:
            spent = busy.plan(changes=changed_of(people, changed))
        yield {
            "page": page,
            "delay": delay,
            "changed": changed,
            "seconds": spent.wall,
            "cpu": spent.cpu,
            "peak": spent.peak,
        }


def curves(bench: Bench) -> Iterator[dict[str, Any]]:
    """Plan more and more of each kind."""
    for name, plan in KINDS.items():
        sizes = sorted({max(2, int(bench.people * step * SHARES[name])) for step in STEPS})
        base = _point(1, plan(bench, 1))
        yield Curve(name, base, [_point(size, plan(bench, size)) for size in sizes]).told()


def _point(size: int, spent: Spent) -> Point:
    return Point(size, spent.cpu, spent.peak)


def _users(bench: Bench, size: int) -> Spent:
    with office(bench, size) as busy:
        return busy.plan(changes=0)


def _groups(bench: Bench, size: int) -> Spent:
    """Plan groups of ten."""
    with office(bench, bench.at_most(1_000), service={"groups": size, "members": 10}) as busy:
        return busy.plan(changes=0)


def _memberships(bench: Bench, size: int) -> Spent:
    """Plan a hundred groups, larger and larger; the people are as many for each size."""
    groups = min(size, 100)
    most = max(int(bench.people * STEPS[-1] * SHARES["memberships"]) // 100, 1)
    with office(bench, most, service={"groups": groups, "members": size // groups}) as busy:
        return busy.plan(changes=0)


def _applications(bench: Bench, size: int) -> Spent:
    """Plan applications of ten people."""
    with office(bench, bench.at_most(10), applications=size) as rented:
        return measured((*RECONCILER, "plan"), rented.folder)


KINDS: Mapping[str, Callable[[Bench, int], Spent]] = {
    "users": _users,
    "groups": _groups,
    "memberships": _memberships,
    "applications": _applications,
}
SHARES = {"users": 1.0, "groups": 0.25, "memberships": 2.0, "applications": 0.01}
"""How large the curve of each kind becomes, by that of users."""
