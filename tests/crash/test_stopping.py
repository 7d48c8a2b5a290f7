"""
SIGTERM and Ctrl-C in the middle of a run (INV-19, F72).

The signal is sent by the service while it serves a change: that one is on its way, and no
other may follow. One operation runs at a time here.
"""

import os
import random
import signal
import time
from collections.abc import Mapping
from threading import Timer

import pytest

from tests.crash.conftest import Cases
from tests.crash.matrix import Case
from tests.crash.parents import Ended
from tests.crash.service import Write

TRIALS = 20
NUMBERS = (signal.SIGTERM, signal.SIGINT)
PROMPT = 10.0
"""Seconds in which a run ends on a busy machine; what it waits for would be minutes."""


class Signal:
    """Sends a process a signal when it has sent so many changes, or soon after."""

    def __init__(self, case: Case, number: signal.Signals, after: int, delay: float = 0) -> None:
        self._service = case.world.service
        self._number, self._after, self._delay = number, after, delay
        self._child = 0
        self.sent: list[int] = []
        """How many changes had been served when it was sent."""

    def born(self, children: Mapping[int, int]) -> None:
        self._child = children[0]

    def served(self, write: Write) -> None:
        if len(self._service.writes) == self._after:
            if self._delay:
                Timer(self._delay, self._send).start()
            else:
                self._send()

    def _send(self) -> None:
        self.sent.append(len(self._service.writes))
        os.kill(self._child, self._number)


def interrupted(case: Case, sender: Signal) -> Ended:
    case.world.service.on_write = sender.served
    return case.world.parent.run_all([case.order()], sender.born)[0]


def check(case: Case, sender: Signal, ended: Ended) -> None:
    assert ended.code == 130, ended.output
    assert "the journal is whole" in ended.output
    assert len(case.world.service.writes) <= sender.sent[0] + 1
    assert case.journal()[-1]["kind"] == "run_end"
    case.world.service.on_write = lambda write: None
    resumed = case.apply()
    assert "operations were carried out before" in resumed.output
    assert list(case.wrong(resumed)) == []


@pytest.mark.parametrize("number", NUMBERS)
def test_inv_19_at_most_what_is_on_its_way_is_sent(number: signal.Signals, alone: Cases) -> None:
    case = alone("create User")
    sender = Signal(case, number, 2)

    check(case, sender, interrupted(case, sender))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(TRIALS))
def test_inv_19_at_most_what_is_on_its_way_is_sent_whenever(seed: int, alone: Cases) -> None:
    case, chance = alone("everything"), random.Random(seed)
    case.world.service.before_write = lambda write: time.sleep(0.01)
    after = chance.randint(1, case.undisturbed.writes - 6)
    sender = Signal(case, chance.choice(NUMBERS), after, chance.uniform(0.001, 0.03))

    check(case, sender, interrupted(case, sender))


def test_inv_19_whoever_waits_as_long_as_the_target_asks_is_woken(case: Cases) -> None:
    """The service wants to be left alone for two minutes, and three operations wait for it."""
    waiting = case("create User")
    service = waiting.world.service
    service.throttles = True
    began: list[float] = []

    def born(children: Mapping[int, int]) -> None:
        while not service.refused:
            time.sleep(0.01)
        time.sleep(0.2)
        began.append(time.monotonic())
        os.kill(children[0], signal.SIGTERM)

    (ended,) = waiting.world.parent.run_all([waiting.order()], born)

    assert ended.code == 130, ended.output
    assert time.monotonic() - began[0] < PROMPT
    assert service.writes == []
    service.throttles = False
    assert list(waiting.wrong(waiting.apply())) == []
