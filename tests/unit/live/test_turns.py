"""What an answer teaches about the next turn; what goes over the wire is in tests/contract."""

import pytest

from reconciler.live.connection import Response
from reconciler.live.pace import SECOND
from reconciler.live.turns import Turns
from reconciler.profiles.traffic import Limits


class Time:
    """Time that passes only while somebody sleeps, or is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(
    ("statuses", "fresh", "after"),
    [
        pytest.param([200, 200], False, 0.1, id="from when it was written"),
        pytest.param([200, 200], True, 0.4, id="from its answer, with a connection of its own"),
        pytest.param([429, 200], False, 0.4, id="from its answer, once one was refused"),
    ],
)
def test_a_second_is_counted(statuses: list[int], fresh: bool, after: float) -> None:
    """Each request is written a tenth of a second after its turn, and answered 0.3 later."""
    time = Time()
    turns = Turns(1, 8, Limits(burst=1), time.monotonic, time.sleep)
    came = 0.0
    for status in statuses:
        with turns.next() as going:
            came, time.now = time.now, time.now + 0.4
            turns.learn(going, "GET", Response(status, {}, b"", came + 0.1, fresh))

    with turns.next():
        assert round(time.now - came, 6) == round(after + SECOND, 6)


def test_a_refusal_halves_the_places() -> None:
    time = Time()
    turns = Turns(0, 8, Limits(), time.monotonic, time.sleep)
    before = turns._in_flight.limit

    with turns.next() as going:
        turns.learn(going, "GET", Response(429, {}, b"", time.now, False))

    assert turns._in_flight.limit == before // 2


@pytest.mark.parametrize(
    ("reset", "waits"), [("9", 9.0), ("301", 0.0)], ids=["a moment", "longer than one may wait"]
)
def test_the_end_of_a_window_is_waited_for_within_reason(reset: str, waits: float) -> None:
    time = Time()
    turns = Turns(0, 8, Limits(), time.monotonic, time.sleep)
    said = {"ratelimit-remaining": "0", "ratelimit-reset": reset}
    with turns.next() as going:
        turns.learn(going, "GET", Response(200, said, b"", time.now, False))

    with turns.next():
        assert time.now - 100.0 == waits
