"""Places in flight: simulated services that bear so much and no more, on a clock of their own."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from statistics import fmean

import pytest

from reconciler.live.inflight import CALM, ROUND, START, InFlight


@dataclass
class Simulation:
    """As many clients as there are places, each of which asks again once it has its answer."""

    places: InFlight
    bears: int = 1_000
    """Requests in flight beyond which the service answers 429."""
    workers: int = 1_000
    """Requests that it works on at the same time; more of them wait in its queue."""
    seconds: Callable[[], float] = lambda: 0.02
    """How long it works on one."""
    now: float = 0.0
    refused: int = 0
    limits: list[int] = field(default_factory=list)
    """The places after each answer."""
    _under_way: list[tuple[float, int, float, int, bool]] = field(default_factory=list)

    def answer(self, requests: int) -> list[int]:
        """Let so many requests be answered; gives the places after each."""
        for number in range(requests):
            while len(self._under_way) < self.places.limit:
                self._ask(number)
            self._end()
        return self.limits[-requests:]

    def _ask(self, number: int) -> None:
        entered = self.places.enter()
        busy = len(self._under_way) + 1
        refused = busy > self.bears
        takes = 0.001 if refused else self.seconds() * max(1.0, busy / self.workers)
        key = number * 1_000 + busy
        heappush(self._under_way, (self.now + takes, key, takes, entered, refused))

    def _end(self) -> None:
        self.now, _, took, entered, refused = heappop(self._under_way)
        self.places.leave()
        if refused:
            self.refused += 1
            self.places.refused(entered)
        else:
            self.places.answered("GET /Users/*", took, entered)
        self.limits.append(self.places.limit)


@pytest.mark.parametrize("bears", [1, 2, 3, 6, 11])
def test_it_settles_at_or_below_what_the_service_bears(bears: int) -> None:
    simulation = Simulation(InFlight(32), bears=bears)
    simulation.answer(1_000)
    early, simulation.refused = simulation.refused, 0

    settled = simulation.answer(5_000)

    assert fmean(settled) <= bears * 1.02
    assert fmean(settled) >= bears * 0.6
    assert simulation.refused <= 5_000 / ROUND / CALM * 3 + 1
    assert early <= 20


@pytest.mark.parametrize("workers", [4, 8, 16])
def test_it_stops_growing_where_more_would_only_wait(workers: int) -> None:
    simulation = Simulation(InFlight(64), workers=workers)
    simulation.answer(64 * ROUND)

    settled = simulation.answer(2_000)

    assert workers <= fmean(settled) <= workers * 2


def test_it_grows_to_the_most_where_nothing_speaks_against_it() -> None:
    simulation = Simulation(InFlight(8))

    limits = simulation.answer(200)

    assert limits[0] == START
    assert limits[-1] == 8
    assert limits == sorted(limits)


def test_it_hurries_until_something_speaks_against_more() -> None:
    free, held = Simulation(InFlight(64)), Simulation(InFlight(64), bears=10)

    assert sorted(set(free.answer(400))) == [START, 6, 9, 13, 19, 28, 42, 63, 64]
    steps = [later - earlier for earlier, later in pairwise(held.answer(2_000))]
    first = next(number for number, step in enumerate(steps) if step < 0)
    assert (max(steps[:first]), max(steps[first:])) == (4, 1)


def test_it_steps_back_and_recovers_when_the_service_bears_less_for_a_while() -> None:
    simulation = Simulation(InFlight(12), bears=12)
    before = simulation.answer(1_000)[-1]

    simulation.bears = 3
    during = simulation.answer(1_000)[-1]
    simulation.bears = 12
    after = simulation.answer(ROUND * (CALM + 20))[-1]

    assert (before, after) == (12, 12)
    assert during <= 3


def test_it_halves_when_answers_take_clearly_longer_and_then_lives_with_it() -> None:
    """A service that is slow whatever we do is not asked ever less."""
    simulation = Simulation(InFlight(8))
    simulation.answer(500)

    simulation.seconds = lambda: 0.2
    slow = simulation.answer(500)
    later = simulation.answer(ROUND * (CALM + 10))

    assert min(slow) == 4
    assert later[-1] == 8


@pytest.mark.parametrize("seed", range(5))
def test_answers_that_take_now_long_and_now_short_are_no_reason_to_ask_less(seed: int) -> None:
    chance = random.Random(seed)
    simulation = Simulation(InFlight(8), seconds=lambda: chance.expovariate(50))
    simulation.answer(500)

    assert fmean(simulation.answer(5_000)) >= 4


def test_refusals_of_what_was_sent_together_are_one() -> None:
    places = InFlight(8)
    entered = [places.enter() for _ in range(START)]

    for each in entered:
        places.refused(each)

    assert places.limit == START // 2


def test_there_is_always_one_place() -> None:
    places = InFlight(8)

    for _ in range(10):
        places.refused(places.enter())
        places.leave()

    assert places.limit == 1


def test_places_that_nobody_wants_are_not_made() -> None:
    places = InFlight(8)
    for _ in range(ROUND * 10):
        places.answered("GET", 0.02, places.enter())
        places.leave()

    assert places.limit == START


def test_a_kind_that_takes_longer_is_measured_by_its_own_kind() -> None:
    places = InFlight(START)

    for number in range(ROUND * 10):
        kind, seconds = ("GET", 0.01) if number < ROUND * 5 or number % 2 else ("PATCH", 1.0)
        places.answered(kind, seconds, places.enter())
        places.leave()

    assert places.limit == START


def test_who_finds_no_place_waits_for_one() -> None:
    places, went = InFlight(1), threading.Event()
    places.enter()

    def wait() -> None:
        places.enter()
        went.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    early = went.wait(0.05)
    places.leave()
    waiting.join(5)

    assert (early, went.is_set()) == (False, True)
