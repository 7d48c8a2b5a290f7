from itertools import pairwise
from threading import Event, Thread

import pytest

from reconciler.live.pace import BURST, PAUSES, SECOND, Pace


class Time:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_without_a_limit_nobody_waits() -> None:
    time = Time()
    pace = Pace(0, time.monotonic, time.sleep)
    for _ in range(1000):
        pace.take()

    assert time.slept == []


def test_a_burst_goes_at_once() -> None:
    time = Time()
    pace = Pace(10, time.monotonic, time.sleep)
    for _ in range(BURST):
        pace.take()

    assert time.slept == []


def gone(pace: Pace, time: Time, count: int) -> list[float]:
    """Take so many turns one after the other; gives when each came."""
    went = []
    for _ in range(count):
        pace.take()
        went.append(time.now)
    return went


@pytest.mark.parametrize("rate", [25, 100, 1_000])
def test_t7_the_rate_is_used_to_ninety_eight_per_cent_and_never_exceeded(rate: int) -> None:
    time = Time()

    went = gone(Pace(rate, time.monotonic, time.sleep), time, rate * 20 + 1)

    assert rate * 20 / (went[-1] - went[0]) >= rate * 0.98
    assert all(went[n + rate] - went[n] > 1.0 for n in range(len(went) - rate))


def test_a_burst_above_the_rate_goes_at_once_and_the_rate_holds_after_it() -> None:
    time = Time()

    went = gone(Pace(3, time.monotonic, time.sleep, burst=20), time, 50)

    assert went[19] == went[0]
    assert round(went[49] - went[0], 6) == 10.0


def test_a_long_rest_does_not_save_up_more_than_a_burst() -> None:
    time = Time()
    pace = Pace(10, time.monotonic, time.sleep)
    pace.take()
    time.now += 3600
    for _ in range(BURST + 10):
        pace.take()

    assert round(sum(time.slept), 6) == SECOND


def test_a_pause_holds_everybody_back() -> None:
    time = Time()
    pace = Pace(0, time.monotonic, time.sleep)
    pace.pause(30)
    pace.pause(10)
    pace.take()

    assert time.now == 130.0


def test_a_pause_made_while_somebody_waits_holds_them_too() -> None:
    time = Time()
    pace = Pace(1, time.monotonic, time.sleep)
    for _ in range(BURST):
        pace.take()

    def sleep_and_be_paused(seconds: float) -> None:
        if not time.slept:
            pace.pause(60)
        Time.sleep(time, seconds)

    pace._sleep = sleep_and_be_paused
    pace.take()

    assert time.now == 160.0


def test_after_a_pause_there_is_no_burst() -> None:
    time = Time()
    pace = Pace(10, time.monotonic, time.sleep)
    pace.pause(30)

    went = gone(pace, time, 4)

    assert [round(each - 130.0, 6) for each in went] == [0.0, 0.1, 0.2, 0.3]


def test_who_waited_before_a_pause_queues_again_after_it() -> None:
    """Ten turns are given out, and then nobody may go: they do not all come due together."""
    time = Time()
    pace = Pace(10, time.monotonic, time.sleep)
    gone(pace, time, BURST)
    waiting = [pace._reserve() for _ in range(10)]

    pace.pause(30)
    again = [pace._reserve()[1] for _ in waiting]

    assert [round(each, 6) for each in again] == [round(30 + n / 10, 6) for n in range(10)]


def test_f01_all_pauses_of_a_run_together_are_bounded() -> None:
    time = Time()
    pace = Pace(0, time.monotonic, time.sleep)
    allowed = 0
    while pace.pause(300):
        allowed += 1
        pace.take()

    assert allowed * 300 == PAUSES
    assert time.now == 100.0 + PAUSES
    assert pace.pause(1) is False


def test_pauses_that_overlap_count_once() -> None:
    time = Time()
    pace = Pace(0, time.monotonic, time.sleep)

    assert all(pace.pause(PAUSES) for _ in range(8))


def test_what_went_later_than_its_turn_counts_from_when_it_went() -> None:
    """The first request makes its connection first; a second later there is room for one."""
    time = Time()
    pace = Pace(2, time.monotonic, time.sleep, burst=2)
    turns = [pace.take() for _ in range(2)]

    turns[0].at += 0.3
    pace.take()

    assert round(time.now - 100.0, 6) == 0.3 + SECOND


class Shared:
    """A budget on the same clock, as several processes see it."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.next = 0.0
        self.asked = 0

    def reserve(self, seconds: float) -> float:
        self.asked += 1
        due = max(self.next, self.time.now)
        self.next = due + seconds
        return due - self.time.now

    def pause(self, seconds: float) -> None:
        self.next = max(self.next, self.time.now + seconds)


def test_two_paces_with_one_budget_keep_the_rate_together() -> None:
    time = Time()
    budget = Shared(time)
    paces = [Pace(10, time.monotonic, time.sleep, budget=budget) for _ in range(2)]

    went = []
    for _ in range(50):
        for pace in paces:
            pace.take()
            went.append(time.now)

    assert went[-1] - went[0] == pytest.approx(99 / 10)
    assert all(later - earlier > 0.099 for earlier, later in pairwise(went))


def test_a_pause_of_one_is_a_pause_of_all_who_share_the_budget() -> None:
    time = Time()
    budget = Shared(time)
    one, other = (Pace(10, time.monotonic, time.sleep, budget=budget) for _ in range(2))
    other.take()

    assert one.pause(60)
    other.take()

    assert time.now == pytest.approx(160)


def test_a_pause_that_is_too_long_for_one_run_is_nobodys() -> None:
    time = Time()
    budget = Shared(time)

    assert not Pace(10, time.monotonic, time.sleep, budget=budget).pause(PAUSES + 1)
    assert budget.next == 0


def test_without_a_limit_no_budget_is_asked() -> None:
    time = Time()
    budget = Shared(time)
    pace = Pace(0, time.monotonic, time.sleep, budget=budget)
    pace.take()
    pace.pause(5)

    assert (budget.asked, budget.next) == (0, 0)


def test_a_budget_that_takes_long_keeps_nobody_else_from_pausing() -> None:
    time = Time()
    asked, paused = Event(), Event()

    class Slow(Shared):
        def reserve(self, seconds: float) -> float:
            asked.set()
            assert paused.wait(10)
            return super().reserve(seconds)

    pace = Pace(10, time.monotonic, time.sleep, budget=Slow(time))
    taking = Thread(target=pace.take)
    taking.start()
    assert asked.wait(10)
    pausing = Thread(target=pace.pause, args=(5,))
    pausing.start()
    pausing.join(5)
    paused.set()
    taking.join(20)

    assert time.now >= 105
