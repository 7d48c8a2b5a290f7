"""
Creates by the hundred: one thread, one line of intents, one line of ends.

That they come to the same as one by one is in `test_together.py`, whose tests run both ways,
and in `property/test_crowd_laws.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from threading import Barrier, Event, Lock
from time import monotonic, sleep
from typing import Any

import pytest

from reconciler.apply.crowd import Crowd
from reconciler.apply.execute import Run
from reconciler.apply.means import Means
from reconciler.apply.memory import remembered
from reconciler.apply.report import Report
from reconciler.apply.steps import Stepper
from reconciler.apply.together import Together
from reconciler.profiles import GENERIC
from reconciler.scim.bulk import BulkOperation
from reconciler.scim.errors import AmbiguousOutcome, Conflict, TargetError
from reconciler.states import Resource, ResourceType
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

Ends = Sequence[Resource | TargetError]


class Lines(MemoryJournal):
    """A journal that remembers how many records each write had."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[tuple[str, int]] = []

    def append(self, kind: str, **fields: Any) -> None:
        super().append(kind, **fields)
        self.written.append((kind, 1))

    def append_all(self, records: Sequence[Mapping[str, Any]]) -> None:
        before = len(self.written)
        super().append_all(records)
        del self.written[before:]
        self.written.append((records[0]["kind"] if records else "", len(records)))


class Bulky(MemoryTarget):
    """A target that tells what was asked of it, and on which of its bulk requests it fails."""

    def __init__(self, failing: frozenset[int] = frozenset()) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.looks: list[int] = []
        """How many names each look had."""
        self.failing = failing
        self.lock = Lock()

    def search_many(
        self, resource_type: ResourceType, path: str, wanted: Sequence[str]
    ) -> Sequence[Sequence[Resource] | None]:
        self.looks.append(len(wanted))
        return super().search_many(resource_type, path, wanted)

    def bulk(self, operations: Sequence[BulkOperation]) -> Ends:
        with self.lock:
            number = len(self.sizes)
            self.sizes.append(len(operations))
        if number in self.failing:
            return [Conflict(409, "the name is reserved")] * len(operations)
        return super().bulk(operations)


class Play:
    """A plan that creates many people in crowds of two."""

    def __init__(self, target: Bulky, people: int, most: int = 2, concurrency: int = 8) -> None:
        names = [f"p{number:02}" for number in range(people)]
        assignments = [{"user": name, "role": "User"} for name in names]
        made = application(assignments=assignments, mappings={"users": USER_MAPPINGS})
        everybody = directory([person(name) for name in names], [])
        self.operations = World(made, everybody, target).plan().operations
        self.target, self.most, self.concurrency = target, most, concurrency
        self.journal, self.stop = Lines(), Event()
        self.clock = FrozenClock()

    def run(self) -> Report:
        memory, target = remembered(self.journal.records()), self.target
        together = Together(target, self.most, None, self.stop, 2)
        known = target.capabilities, memory, self.clock, self.journal, values()
        means = Means.of(together, *known, GENERIC, together.glance)
        stepper = Stepper(means)
        crowd = Crowd(means, together, stepper.creator)
        journal, many = self.journal, self.concurrency
        return Run(
            self.operations,
            journal,
            memory,
            stepper,
            many,
            stop=self.stop,
            together=together,
            crowd=crowd,
        ).execute()


def test_inv_12_a_crowd_has_one_line_of_intents_and_one_of_ends() -> None:
    play = Play(Bulky(), 4)

    assert play.run().status == "done"
    assert counted(play.journal.written) == {("intent", 2): 2, ("done", 2): 2, ("run_end", 1): 1}
    assert play.target.sizes == [2, 2]


def counted(written: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
    return {each: written.count(each) for each in written}


def test_inv_12_a_line_of_intents_that_cannot_be_written_lets_nothing_be_sent() -> None:
    play = Play(Bulky(), 4)

    def full(records: Sequence[Mapping[str, Any]]) -> None:
        raise OSError("no space left on device")

    play.journal.append_all = full  # type: ignore[method-assign]

    with pytest.raises(OSError, match="no space"):
        play.run()
    assert (play.target.sizes, play.target.users) == ([], {})


def test_the_first_crowd_goes_ahead_alone_and_then_four_go() -> None:
    four = Barrier(4)

    class Meeting(Bulky):
        def bulk(self, operations: Sequence[BulkOperation]) -> Ends:
            if self.sizes:
                self.sizes.append(len(operations))
                four.wait(5)
                return MemoryTarget.bulk(self, operations)
            return super().bulk(operations)

    play = Play(Meeting(), 10)

    assert play.run().status == "done"
    assert play.target.sizes == [2] * 5


def test_every_crowd_but_the_first_is_what_two_requests_take() -> None:
    """It is looked for, written down and looked at once."""
    play = Play(Bulky(), 6)

    assert play.run().status == "done"
    assert play.target.sizes == [2, 2, 2]
    assert play.target.looks == [2, 2, 4, 4]
    assert counted(play.journal.written) == {
        ("intent", 2): 1,
        ("done", 2): 1,
        ("intent", 4): 1,
        ("done", 4): 1,
        ("run_end", 1): 1,
    }


def test_the_next_ones_are_looked_for_while_others_are_on_their_way() -> None:
    class Waiting(Bulky):
        ahead = 0

        def bulk(self, operations: Sequence[BulkOperation]) -> Ends:
            deadline = monotonic() + 5
            while self.sizes and self.looks.count(4) < 2 and monotonic() < deadline:
                sleep(0.001)
            self.ahead = self.ahead or self.looks.count(4)
            return super().bulk(operations)

    target = Waiting()

    assert Play(target, 10, concurrency=2).run().status == "done"
    assert target.ahead == 2  # that of the crowd that is sent, and of the one behind it


def test_a_look_that_was_long_ago_is_made_again() -> None:
    class Slow(FrozenClock):
        hours = 0

        def now(self) -> datetime:
            self.hours += 1
            return super().now() + timedelta(hours=self.hours)

    play = Play(Bulky(), 2)
    play.clock = Slow()

    assert play.run().status == "done"
    assert play.target.looks == [2, 2, 2]  # before, once more, and after


def test_nothing_is_sent_of_whom_only_the_look_ahead_saw() -> None:
    """The run is asked to end while the next crowd has been looked for."""

    class Ending(Bulky):
        def bulk(self, operations: Sequence[BulkOperation]) -> Ends:
            if len(self.sizes) == 1:
                play.stop.set()
            return super().bulk(operations)

    play = Play(Ending(), 30)

    report = play.run()

    intended = sum(many for kind, many in play.journal.written if kind == "intent")
    assert report.counts["verified"] == len(play.target.users)
    assert report.left == 30 - intended > 0


def test_no_more_crowds_go_than_requests_may() -> None:
    going: list[int] = []
    most: list[int] = []

    class Watching(Bulky):
        def bulk(self, operations: Sequence[BulkOperation]) -> Ends:
            going.append(1)
            most.append(len(going))
            try:
                return super().bulk(operations)
            finally:
                going.pop()

    assert Play(Watching(), 20, concurrency=2).run().status == "done"
    assert max(most) <= 2


def test_inv_23_no_crowd_begins_before_those_who_are_left_have_ended() -> None:
    """All are refused, and a run puts up with two in five."""
    play = Play(Bulky(frozenset(range(99))), 100, concurrency=2)
    kinds: list[tuple[str, int]] = play.journal.written

    report = play.run()

    assert report.status == "partial"
    assert report.counts["failed"] < 50
    assert report.left > 0
    begun = [index for index, (kind, _) in enumerate(kinds) if kind == "intent"]
    failed = [index for index, (kind, _) in enumerate(kinds) if kind == "failed"]
    assert failed[0] < begun[1]  # of the first crowd, before the second begins


def test_inv_19_what_was_sent_when_the_run_is_stopped_is_still_looked_at() -> None:
    class Stopping(Bulky):
        def bulk(self, operations: Sequence[BulkOperation]) -> Ends:
            super().bulk(operations)
            play.stop.set()
            return [AmbiguousOutcome("the answer did not arrive")] * len(operations)

    play = Play(Stopping(), 6)

    report = play.run()

    assert play.target.sizes == [2]
    assert report.counts["verified"] == 2
    assert (report.begun, report.left) == (0, 4)


def test_who_was_begun_by_an_earlier_run_joins_no_crowd() -> None:
    play = Play(Bulky(), 4)
    play.journal.append("run_begin", populations={})
    play.journal.append("intent", op=play.operations[0].id, action="create")

    assert play.run().status == "done"
    assert play.target.sizes == [2]
    assert len(play.target.users) == 4


def test_inv_23_while_somebody_is_left_no_crowd_begins_beside_those_on_their_way() -> None:
    """Of four crowds everybody is refused, but for whom one slow request holds."""

    class Slow(Bulky):
        began = 0

        def bulk(self, operations: Sequence[BulkOperation]) -> Ends:
            ends = super().bulk(operations)
            refused = ends and isinstance(ends[0], Conflict)
            if not (refused or self.began) and len(self.sizes) > 1:
                sleep(0.5)
                self.began = len(self.sizes)
            return ends

    target = Slow(frozenset(range(1, 8)))

    assert Play(target, 34).run().status == "partial"
    assert target.began == 9
