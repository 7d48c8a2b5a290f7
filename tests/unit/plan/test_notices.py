"""Whom to tell what, and never the same twice."""

from datetime import datetime, timedelta

import pytest

from reconciler.plan.notices import Event, ToldLast, due, notice
from reconciler.plan.quarantine import Attempt, Cause, Ending, judge
from tests.unit.plan.test_quarantine import CONFIG, HOUR, START, history


def told_after(*steps: str) -> list[str]:
    """Let a history grow by *steps*; return what one channel is told after each, if anything."""
    last: ToldLast | None = None
    found = []
    for number in range(1, len(steps) + 1):
        attempts = history("".join(steps[:number]))
        tried = [one for one in attempts if one.ending is not Ending.CLEARED]
        health, newest = judge(attempts), tried[-1]
        clean = max((one.at for one in tried if one.clean), default=None)
        event = due(health, newest, clean, last)
        found.append(event.value if event else "")
        if event:
            said = notice(event, "app", health, newest)
            last = ToldLast(newest.at + timedelta(seconds=1), event, said.about, said.since)
    return found


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("c", ["entered"]),
        ("cc", ["entered", ""]),
        ("cu", ["entered", "changed"]),
        ("cuuc", ["entered", "changed", "", "changed"]),
        ("c+", ["entered", "left"]),
        ("c++", ["entered", "left", ""]),
        ("c+c", ["entered", "left", "entered"]),
        ("uuu", ["failed", "", "entered"]),
        ("ui", ["failed", "failed"]),
        ("u+u", ["failed", "", "failed"]),
        ("+", [""]),
    ],
)
def test_each_change_is_told_once(steps: str, told: list[str]) -> None:
    assert told_after(*steps) == told


def test_a_quarantine_that_was_cleared_and_entered_again_is_another() -> None:
    last = ToldLast(START, Event.ENTERED, "credential", START)
    health = judge(history("c!c"))

    assert due(health, health.last, None, last) is Event.ENTERED


def partly(hours: int, **failed: int) -> Attempt:
    return Attempt(START + hours * HOUR, Ending.THROUGH, None, CONFIG, failed=failed)


@pytest.mark.parametrize(
    ("newest", "clean", "again"),
    [
        pytest.param(partly(2, EntryConflict=1), None, False, id="the same"),
        pytest.param(partly(2, EntryConflict=2), None, True, id="one more"),
        pytest.param(partly(2, Timeout=1), None, True, id="another code"),
        pytest.param(partly(2, EntryConflict=1), START + HOUR, True, id="all was well between"),
        pytest.param(partly(2, EntryConflict=1), START - HOUR, False, id="all was well before"),
    ],
)
def test_people_whom_the_service_never_takes_are_told_of_once(
    newest: Attempt, clean: datetime | None, again: bool
) -> None:
    last = ToldLast(START, Event.FAILED, partly(0, EntryConflict=1).about, None)

    assert (due(judge([newest]), newest, clean, last) is Event.FAILED) is again


@pytest.mark.parametrize(
    ("cause", "first"),
    [
        (Cause.CREDENTIAL, "reconciler probe app"),
        (Cause.BUDGET, "reconciler history app"),
    ],
)
def test_the_first_command_is_the_most_useful(cause: Cause, first: str) -> None:
    attempt = Attempt(START, Ending.FAILED, cause, CONFIG)

    said = notice(Event.ENTERED, "app", judge([attempt]), attempt)

    assert said.commands[0] == first
    assert said.commands[-1] == "reconciler quarantine clear app --reason TEXT"
