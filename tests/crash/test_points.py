"""
SIGKILL at named points, and the same command again (INV-13, INV-15, F60, F61).

Every point of every scenario is `make crashes`; here is a sample of them.
"""

import random

import pytest

from tests.crash.conftest import Cases
from tests.crash.matrix import Round
from tests.crash.points import POINTS
from tests.crash.worlds import SCENARIOS

EVERY_DAY = (
    Round("create User", "claim.written", 2),
    Round("create User", "run_begin.torn", 1),
    Round("create User", "folder.before", 2),
    Round("create User", "intent.torn", 3),
    Round("create User", "intent.synced", 2),
    Round("create User", "create.served", 1),
    Round("create User", "create.after", 2),
    Round("create User", "get.before", 3),
    Round("create User", "done.torn", 1),
    Round("create User", "run_end.written", 1),
    Round("everything, in bulk", "search_many.after", 1),
    Round("everything, in bulk", "bulk.served", 2),
    Round("everything, in bulk", "bulk.after", 1),
    Round("everything, in bulk", "search_many.before", 2),
    Round("everything, in bulk", "intents.torn", 1),
    Round("everything, in bulk", "intents.synced", 1),
    Round("everything, in bulk", "ends.torn", 1),
    Round("everything, in bulk", "ends.synced", 1),
    Round("everything, in bulk", "done.synced", 12),
)
SOMETIMES = 4
"""Rounds of each scenario in `make reliability`."""


@pytest.mark.parametrize("one", EVERY_DAY, ids=lambda r: f"{r.scenario}, {r.point} {r.hit}")
def test_a_run_that_was_killed_there_is_resumed(one: Round, case: Cases) -> None:
    assert case(one.scenario).play(one) == []


@pytest.mark.measured
@pytest.mark.parametrize("name", SCENARIOS)
def test_f60_a_run_that_was_killed_anywhere_is_resumed(name: str, case: Cases) -> None:
    scenario = case(name)
    rounds = random.Random(name).sample(list(scenario.rounds()), SOMETIMES)

    assert {one: wrong for one in rounds if (wrong := scenario.play(one))} == {}


@pytest.mark.measured
def test_every_point_is_reached_by_some_scenario(case: Cases) -> None:
    reached = {one.point for name in SCENARIOS for one in case(name).rounds()}

    assert reached == set(POINTS)
