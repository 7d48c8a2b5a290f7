"""Changes that travel together: each keeps its own end, its own intent and its own look."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from reconciler.apply.execute import Run
from reconciler.apply.means import Means
from reconciler.apply.memory import remembered
from reconciler.apply.report import Report
from reconciler.apply.steps import Stepper
from reconciler.apply.together import MOST, Together, gathering
from reconciler.plan.operation import Operation
from reconciler.profiles import GENERIC, Profile
from reconciler.scim.bulk import BulkOperation
from reconciler.scim.capabilities import Capabilities
from reconciler.scim.errors import (
    AmbiguousOutcome,
    Conflict,
    NotAuthorized,
    TargetError,
    TargetRefused,
    Throttled,
)
from reconciler.states import Resource
from tests.worlds import (
    USER_MAPPINGS,
    FrozenClock,
    MemoryJournal,
    MemoryTarget,
    World,
    application,
    directory,
    person,
    values,
)

NAMES = ("ada", "bob", "cleo", "dan", "eve")
Ends = Sequence[Resource | TargetError]
Send = Callable[[Sequence[BulkOperation]], Ends]


class Bulky(MemoryTarget):
    """A target that takes bulk requests, and remembers how many changes each of them had."""

    def __init__(self, *troubles: Callable[[Send, Sequence[BulkOperation]], Ends]) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.troubles = list(troubles)

    def bulk(self, operations: Sequence[BulkOperation]) -> Ends:
        self.sizes.append(len(operations))
        honest: Send = super().bulk
        return self.troubles.pop(0)(honest, operations) if self.troubles else honest(operations)


class Play:
    """A plan that creates five people, and the runs of it."""

    def __init__(self, target: Bulky, most: int = MOST, most_bytes: int | None = None) -> None:
        self.target, self.most, self.most_bytes = target, most, most_bytes
        people = directory([person(name) for name in NAMES], [])
        assignments = [{"user": name, "role": "User"} for name in NAMES]
        made = application(assignments=assignments, mappings={"users": USER_MAPPINGS})
        self.world = World(made, people, target)
        self.operations: Sequence[Operation] = self.world.plan().operations
        self.journal = MemoryJournal()
        self.stop = Event()

    def run(self) -> Report:
        memory, target = remembered(self.journal.records()), self.target
        together = Together(target, self.most, self.most_bytes, self.stop)
        means = Means.of(
            together, target.capabilities, memory, FrozenClock(), self.journal, values()
        )
        stepper = Stepper(means)
        run = Run(
            self.operations, self.journal, memory, stepper, 8, stop=self.stop, together=together
        )
        return run.execute()

    @property
    def names(self) -> list[str]:
        return sorted(user["userName"].partition("@")[0] for user in self.target.users.values())

    def kinds(self) -> list[str]:
        return [line["kind"] for line in self.journal.lines]


def refusing(error: TargetError) -> Callable[[Send, Sequence[BulkOperation]], Ends]:
    """Refuse the whole request."""

    def trouble(honest: Send, operations: Sequence[BulkOperation]) -> Ends:
        raise error

    return trouble


def lost_answer(honest: Send, operations: Sequence[BulkOperation]) -> Ends:
    honest(operations)
    raise AmbiguousOutcome("the answer did not arrive")


def lost_request(honest: Send, operations: Sequence[BulkOperation]) -> Ends:
    raise AmbiguousOutcome("the answer did not arrive")


def half_then_lost(honest: Send, operations: Sequence[BulkOperation]) -> Ends:
    honest(operations[:2])
    raise AmbiguousOutcome("the answer did not arrive")


def test_what_runs_at_the_same_time_travels_in_one_request() -> None:
    play = Play(Bulky())

    report = play.run()

    assert report.status == "done"
    assert play.target.sizes == [5]
    assert play.names == list(NAMES)
    assert [kind for kind in play.kinds() if kind != "run_end"] == ["intent"] * 5 + ["done"] * 5


@pytest.mark.parametrize(
    ("most", "most_bytes", "sizes"),
    [
        pytest.param(2, None, [2, 2], id="two at a time, and the last one alone"),
        pytest.param(100, 700, [2, 2], id="as many as the bytes allow"),
        pytest.param(100, 1, [], id="nothing fits"),
    ],
)
def test_a_request_is_as_large_as_the_service_takes(
    most: int, most_bytes: int | None, sizes: list[int]
) -> None:
    play = Play(Bulky(), most, most_bytes)

    assert play.run().status == "done"
    assert play.target.sizes == sizes
    assert play.names == list(NAMES)


@pytest.mark.parametrize(
    ("trouble", "sizes"),
    [
        pytest.param(lost_answer, [5], id="the answer is lost"),
        pytest.param(lost_request, [5, 5], id="the request is lost"),
        pytest.param(half_then_lost, [5, 3], id="cut off half-way"),
        pytest.param(refusing(TargetRefused(413)), [5, 2, 3], id="too large"),
        pytest.param(refusing(TargetRefused(501)), [5], id="not there after all"),
        pytest.param(refusing(NotAuthorized(403)), [5], id="not allowed"),
    ],
)
def test_inv_13_whatever_becomes_of_the_request_everybody_is_there_once(
    trouble: Any, sizes: list[int]
) -> None:
    play = Play(Bulky(trouble))

    assert play.run().status == "done"
    assert play.target.sizes == sizes
    assert play.names == list(NAMES)


def test_each_change_has_its_own_end() -> None:
    def one_taken(honest: Send, operations: Sequence[BulkOperation]) -> Ends:
        ends = list(honest(operations[1:]))
        return [Conflict(409, "the name is reserved"), *ends]

    play = Play(Bulky(one_taken))

    report = play.run()

    assert report.status == "partial"
    assert report.counts["failed"] == 1
    assert len(play.names) == 4


def test_what_was_asked_too_often_is_sent_alone() -> None:
    def one_throttled(honest: Send, operations: Sequence[BulkOperation]) -> Ends:
        return [Throttled(429), *honest(operations[1:])]

    play = Play(Bulky(one_throttled))

    assert play.run().status == "done"
    assert play.names == list(NAMES)


def test_a_token_that_is_refused_ends_the_run() -> None:
    play = Play(Bulky(refusing(NotAuthorized(401))))

    report = play.run()

    assert isinstance(report.stopped_by, NotAuthorized)
    assert play.names == []


def test_a_defect_leaves_nobody_waiting() -> None:
    def defect(honest: Send, operations: Sequence[BulkOperation]) -> Ends:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Play(Bulky(defect)).run()


def test_inv_19_what_waits_when_the_run_is_stopped_is_not_sent() -> None:
    """Its intents stay open, and the next run looks before it sends."""
    play = Play(Bulky())
    intended = play.journal.append

    def stopping(kind: str, **fields: Any) -> None:
        intended(kind, **fields)
        if play.kinds().count("intent") == 3:
            play.stop.set()

    play.journal.append = stopping  # type: ignore[method-assign]

    play.run()

    assert (play.target.sizes, play.names) == ([], [])
    play.journal.append = intended  # type: ignore[method-assign]
    play.stop.clear()
    assert play.run().status == "done"
    assert play.names == list(NAMES)


class Interrupted(ThreadPoolExecutor):
    """Threads of which the fourth is asked for when Ctrl-C comes, after three intents."""

    intended = Event()

    def submit(self, *call: Any, **named: Any) -> Any:
        self.asked = getattr(self, "asked", 0) + 1
        if self.asked == 4:
            assert self.intended.wait(5)
            raise KeyboardInterrupt
        return super().submit(*call, **named)


def test_inv_19_whoever_waits_for_changes_that_were_never_begun_is_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play = Play(Bulky())
    intended = play.journal.append

    def counting(kind: str, **fields: Any) -> None:
        intended(kind, **fields)
        if play.kinds().count("intent") == 3:
            Interrupted.intended.set()

    play.journal.append = counting  # type: ignore[method-assign]
    monkeypatch.setattr("reconciler.apply.execute.ThreadPoolExecutor", Interrupted)

    report = play.run()

    assert report.status == "interrupted"
    assert report.begun == play.kinds().count("intent")
    assert report.begun + report.left == len(play.operations)
    assert (play.target.sizes, play.names) == ([], [])


@pytest.mark.parametrize(
    ("declared", "bulk", "concurrency", "most"),
    [
        pytest.param({"bulk": True}, {}, 8, MOST, id="declared"),
        pytest.param({"bulk": True, "bulk_operations": 7}, {}, 8, 7, id="declared, with a limit"),
        pytest.param(
            {"bulk": True, "bulk_operations": 7}, {"max_operations": 3}, 8, 3, id="the lower limit"
        ),
        pytest.param({"bulk": True, "bulk_operations": 1}, {}, 8, None, id="one is none"),
        pytest.param({}, {}, 8, None, id="not declared"),
        pytest.param({"bulk": True}, {"use": "never"}, 8, None, id="forbidden"),
        pytest.param({"bulk": True}, {}, 1, None, id="one request at a time"),
    ],
)
def test_changes_travel_together_where_the_service_and_its_profile_say_so(
    declared: dict[str, Any], bulk: dict[str, Any], concurrency: int, most: int | None
) -> None:
    profile = Profile.model_validate({"bulk": bulk}) if bulk else GENERIC

    together = gathering(Bulky(), Capabilities(**declared), profile, concurrency, Event())

    assert (together.most if together else None) == most
