"""
Two applies at the same time, where the locks of the operating system lock nothing (INV-18, F65).

Changes take a while here, so that the two overlap. What two processes have done is told
by the service: what one undisturbed run asks for, and nothing more.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from reconciler.store.audit import audit
from reconciler.workflow.apply_plan import TIMES_BEGUN
from tests.crash.conftest import Cases
from tests.crash.matrix import Case, unannounced
from tests.crash.parents import Ended
from tests.crash.points import wait_for
from tests.crash.service import Write
from tests.crash.worlds import Source, anchor, update_users

RACES = 20
PAUSE = 0.03
"""Seconds that each change takes longer."""


def slow(write: Write) -> None:
    sleep(PAUSE)


def race(case: Case, seed: int | None, *orders: dict[str, Any]) -> list[Ended]:
    """
    Run two at the same time, each blind for the locks of the other; they start side by side.

    With a *seed* each pauses at every point, mostly for less than a moment.
    """
    case.world.service.before_write = slow
    here = [case.world.folder / f"at the start {number}" for number in range(len(orders))]
    for place in here:
        place.unlink(missing_ok=True)
    meetings = [
        {"comes": str(one), "awaits": str(other)}
        for one, other in zip(here, here[::-1], strict=True)
    ]
    blind = [
        {"surroundings": ["unlocked"], "point": "lock.before", "meets": meeting, **order}
        for order, meeting in zip(orders, meetings, strict=True)
    ]
    if seed is not None:
        blind = [{**order, "seed": f"{seed} {number}"} for number, order in enumerate(blind)]
    return case.world.parent.run_all(blind)


def of_one_plan(case: Case, seed: int | None) -> None:
    """Two processes, one plan: one of them carries it out, the other sends nothing."""
    one, other = race(case, seed, case.order(), case.order())

    assert sorted((one.code, other.code)) == [0, 8], one.output + other.output
    loser = one if one.code == 8 else other
    assert "another apply" in loser.output
    assert len(case.world.service.writes) == case.undisturbed.writes
    assert sum(record["kind"] == "run_begin" for record in case.journal()) == 1
    assert list(case.wrong(case.apply())) == []


def of_two_plans(case: Case, seed: int | None) -> None:
    """Two processes, two plans of one application: two journals, and still one goes on."""
    first = case.order()
    second = {**first, "arguments": ["apply", "--auto-approve", another_plan(case)]}
    case.world.service.writes.clear()

    ended = race(case, seed, first, second)

    assert sorted(one.code for one in ended) == [0, 8], ended[0].output + ended[1].output
    journals = list((case.folder / "plans" / "app").glob("*.journal.jsonl"))
    assert len(journals) == 3, "the two of the years before, and the winner's"
    for order in (first, second):
        assert case.world.parent.run_all([order])[0].code == 0
    assert case.world.service.twins() == []
    assert audit(case.folder / "plans").problems == []


def only(*numbers: int) -> Iterator[str]:
    """Yield the options that make a plan of a few people."""
    for number in numbers:
        yield from ("--user", anchor(number))


def another_plan(case: Case) -> str:
    """Return a plan of a few people that can be carried out before and after the first one."""
    folder = case.world.folder / "another"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(case.folder, folder)

    def change(source: Source) -> None:
        case.scenario.change(source)
        update_users(source)

    case.world.write_source(folder, change)
    known = set((folder / "plans" / "app").glob("*.plan.json"))
    case.world.succeed(folder, "plan", "app", *only(1, 2, 3))
    (made,) = set((folder / "plans" / "app").glob("*.plan.json")) - known
    return str(shutil.copy(made, case.folder / "another.plan.json"))


def of_two_machines(case: Case, seed: int | None) -> None:
    """Nobody sees whether the other one lives: one may be taken over, and then it stops."""
    machines = [
        {**case.order(), "surroundings": ["unlocked", "elsewhere"], "machine": name}
        for name in ("east", "west")
    ]

    ended = race(case, seed, *machines)

    codes = Counter(one.code for one in ended)
    assert codes == {0: 1, 8: 1}, ended[0].output + ended[1].output
    assert case.world.service.twins() == []
    assert list(unannounced(case.journal(), case.world.service.writes)) == []
    assert list(case.wrong(case.apply())) == []


Kind = Callable[[Case, int | None], None]

KINDS: tuple[Kind, ...] = (of_one_plan, of_two_plans, of_two_machines)


@pytest.mark.parametrize("kind", KINDS)
def test_inv_18_one_of_two_runs_goes_on(kind: Kind, case: Cases) -> None:
    kind(case("create User"), None)


@pytest.mark.measured
@pytest.mark.parametrize("kind", KINDS)
def test_inv_18_one_of_two_runs_goes_on_each_time(kind: Kind, case: Cases) -> None:
    for seed in range(RACES):
        kind(case("create User"), seed)


@pytest.mark.parametrize("point", ["run_begin.before", "intent.before"])
def test_what_the_one_taken_over_still_writes_is_read_by_the_other(
    point: str, alone: Cases, tmp_path: Path
) -> None:
    """It is about to write a record when the other one has read the journal, and ends then."""
    case = alone("create User")
    east, west = tmp_path / "east", tmp_path / "west"
    meetings = {
        "east": {"point": point, "meets": {"comes": str(east), "awaits": str(west)}},
        "west": {"point": "lock.before", "meets": {"awaits": str(east)}},
    }

    def let_write(asked: str) -> None:
        """West asks for something: its journal is open, and it has not begun."""
        if east.exists() and not west.exists():
            before = case.journal_path.stat().st_size
            west.touch()
            wait_for(lambda: case.journal_path.stat().st_size > before)

    case.world.service.on_request = let_write
    blind = {**case.order(), "surroundings": ["unlocked", "elsewhere"]}
    orders = [{**blind, "machine": name, **meeting} for name, meeting in meetings.items()]
    stopped, other = case.world.parent.run_all(orders)

    assert west.exists()
    assert (stopped.code, other.code) == (8, 0), stopped.output + other.output
    assert other.hits["discover.before"] == 2
    assert list(case.wrong(case.apply())) == []


def test_where_a_journal_is_written_to_again_and_again_nothing_is_sent(alone: Cases) -> None:
    """Whoever does that knows no claims."""
    case = alone("create User")

    def write_on(asked: str) -> None:
        with case.journal_path.open("ab") as journal:
            journal.write(b"x")

    case.world.service.on_request = write_on
    ended = case.apply()

    assert ended.code == 8, ended.output
    assert "another process writes to the journal of this plan of app" in ended.output
    assert ended.hits["discover.before"] == TIMES_BEGUN
    assert case.world.service.writes == []
    case.world.service.on_request = lambda asked: None
    assert list(case.wrong(case.apply())) == []


@pytest.mark.slow
def test_whoever_was_taken_over_ends_before_its_next_request(alone: Cases, tmp_path: Path) -> None:
    """Another machine begins while the first one is in the middle of its second change."""
    case = alone("create User")
    service = case.world.service
    seen: list[Ended] = []

    def take_over(write: Write) -> None:
        if len(service.writes) == 2 and not seen:
            seen.append(Ended(0, "", {}))
            order = {**case.order(), "surroundings": ["unlocked", "elsewhere"], "machine": "west"}
            seen[0] = other.run_all([order])[0]

    with case.world.another_parent(tmp_path) as other:
        service.on_write = take_over
        order = {**case.order(), "surroundings": ["unlocked", "elsewhere"], "machine": "east"}
        (stopped,) = case.world.parent.run_all([order])

    assert seen[0].code == 0, seen[0].output
    assert stopped.code == 8, stopped.output
    assert "another apply of app has taken over" in stopped.output
    assert len(service.writes) == case.undisturbed.writes
    assert list(case.wrong(case.apply())) == []
