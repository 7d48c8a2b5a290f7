"""Changes that travel together: each keeps its own end, its own intent and its own look."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Event
from typing import Any, Generic, TypeVar

import pytest

from reconciler.apply.crowd import Crowd
from reconciler.apply.execute import Run
from reconciler.apply.means import Means
from reconciler.apply.meeting import Line, Meeting
from reconciler.apply.memory import remembered
from reconciler.apply.report import Report
from reconciler.apply.steps import Stepper
from reconciler.apply.together import GROUPS, MOST, Together, gathering
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
from reconciler.scim.paths import CORE_URN
from reconciler.scim.schema import Schemas
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

NAMES = ("ada", "bob", "cleo", "dan", "eve")
Ends = Sequence[Resource | TargetError]
Rows = Sequence[Resource]
Send = Callable[[Sequence[BulkOperation]], Ends]


@pytest.fixture(params=[False, True], ids=["each on its thread", "crowded"], autouse=True)
def crowded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run every play both ways: they come to the same."""
    monkeypatch.setattr(Play, "crowded", request.param)
    return bool(request.param)


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


Target = TypeVar("Target", bound=Bulky)


class Play(Generic[Target]):
    """A plan that creates five people, and the runs of it."""

    crowded = False
    """Whether one thread carries out many creates."""

    def __init__(
        self, target: Target, most: int = MOST, most_bytes: int | None = None, groups: int = 1
    ) -> None:
        self.target, self.most, self.most_bytes = target, most, most_bytes
        self.groups = groups
        people = directory([person(name) for name in NAMES], [])
        assignments = [{"user": name, "role": "User"} for name in NAMES]
        made = application(assignments=assignments, mappings={"users": USER_MAPPINGS})
        self.world = World(made, people, target)
        self.operations: Sequence[Operation] = self.world.plan().operations
        self.journal = MemoryJournal()
        self.stop = Event()

    def run(self) -> Report:
        memory, target = remembered(self.journal.records()), self.target
        together = Together(target, self.most, self.most_bytes, self.stop, self.groups)
        known = target.capabilities, memory, FrozenClock(), self.journal, values()
        means = Means.of(together, *known, GENERIC, together.glance)
        stepper = Stepper(means)
        crowd = Crowd(means, together, stepper.creator) if self.crowded else None
        run = Run(
            self.operations,
            self.journal,
            memory,
            stepper,
            8,
            stop=self.stop,
            together=together,
            crowd=crowd,
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
    """Threads of which the fourth is asked for when Ctrl-C comes: three wait for the others."""

    waiting: Event

    def submit(self, *call: Any, **named: Any) -> Any:
        self.asked = getattr(self, "asked", 0) + 1
        if self.asked == 4:
            assert self.waiting.wait(5)
            raise KeyboardInterrupt
        return super().submit(*call, **named)


@pytest.mark.parametrize("where", ["_send", "_look"])
@pytest.mark.parametrize("crowded", [False], indirect=True)  # in a crowd nobody waits for others
def test_inv_19_whoever_waits_for_changes_that_were_never_begun_is_let_go(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    play, waiting, joined = Play(Bulky()), Event(), list[str]()
    join = Meeting.join

    def joining(self: Meeting, line: Line[Any, Any], item: Any) -> Any:
        if where == "_send" and line.serve.__name__ == "_look":
            return None
        joined.append(line.serve.__name__)
        if joined.count(where) == 3:
            waiting.set()
        return join(self, line, item)

    monkeypatch.setattr(Meeting, "join", joining)
    monkeypatch.setattr(Interrupted, "waiting", waiting, raising=False)
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

    assert (together.threads if together else None) == (most and most * GROUPS)


class Seeing(Bulky):
    """A target that counts its looks, and of which names can be asked together, or cannot."""

    def __init__(self, sees: Callable[[Sequence[Rows]], Sequence[Rows | None]] = list) -> None:
        super().__init__()
        self.sees = sees
        self.looks: list[str] = []

    def search_many(
        self, resource_type: ResourceType, path: str, values: Sequence[str]
    ) -> Sequence[Rows | None]:
        self.looks.append(f"{len(values)} names")
        return self.sees([MemoryTarget.search(self, resource_type, path, each) for each in values])

    def search(self, resource_type: ResourceType, path: str, value: str) -> Rows:
        self.looks.append("name")
        return super().search(resource_type, path, value)

    def get(self, resource_type: ResourceType, resource_id: str) -> Resource | None:
        self.looks.append("read")
        return super().get(resource_type, resource_id)

    def _refuse_taken(
        self, resource_type: ResourceType, body: Mapping[str, Any], own: str | None
    ) -> None:
        looks, self.looks = self.looks, []
        super()._refuse_taken(resource_type, body, own)
        self.looks = looks


def test_who_is_there_is_asked_together_before_and_after() -> None:
    play = Play(Seeing())

    assert play.run().status == "done"
    assert play.target.looks == ["5 names", "5 names"]


def failing(seen: Sequence[Rows]) -> Sequence[Rows | None]:
    raise TargetRefused(403, "no such filter for you")


@pytest.mark.parametrize(
    "sees", [lambda seen: [None] * len(seen), failing], ids=["not to be asked so", "refused"]
)
def test_who_cannot_be_asked_for_together_is_asked_for_alone(sees: Any, crowded: bool) -> None:
    play = Play(Seeing(sees))

    assert play.run().status == "done"
    assert Counter(play.target.looks) == {"5 names": 2 + crowded, "name": 5, "read": 5}
    assert play.names == list(NAMES)


def test_inv_14_whoever_is_not_seen_as_they_were_sent_is_read_alone() -> None:
    def late(seen: Sequence[Rows]) -> Sequence[Rows | None]:
        """Nobody knows of the first yet, and the second is shown as it will not stay."""
        if not any(seen):
            return seen
        return [[], [{**seen[1][0], "displayName": "Somebody"}], *seen[2:]]

    play = Play(Seeing(late))

    assert play.run().status == "done"
    assert Counter(play.target.looks) == {"5 names": 2, "read": 2}


def test_inv_14_what_no_read_shows_is_not_done() -> None:
    class Keeping(Seeing):
        def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
            return super().create(resource_type, {**body, "displayName": "Somebody"})

    play = Play(Keeping())

    report = play.run()

    assert report.counts["failed"] == 5
    assert "done" not in play.kinds()


def test_inv_13_whoever_is_overlooked_is_refused_by_the_service() -> None:
    play = Play(Seeing(lambda seen: [()] * len(seen)))
    play.target.add_user("other", "BOB@contoso.example")

    report = play.run()

    assert report.counts["conflict"] == 1
    assert len(play.target.users) == len(NAMES)


def repeating() -> Schemas:
    """Return schemas by which two users may have the same name."""
    attributes = [{"name": "userName", "uniqueness": "none"}]
    return Schemas.from_discovery([{"id": CORE_URN["User"], "attributes": attributes}], [])


def test_inv_13_where_names_are_not_unique_each_is_looked_for_alone() -> None:
    play = Play(Seeing(lambda seen: [()] * len(seen)))
    play.target.capabilities = replace(play.target.capabilities, schemas=repeating())

    assert play.run().status == "done"
    assert Counter(play.target.looks)["name"] == 5


def test_whoever_is_there_by_then_is_a_conflict() -> None:
    play = Play(Seeing())
    play.target.add_user("other", "BOB@contoso.example")

    report = play.run()

    assert report.counts["conflict"] == 1
    assert "bob@contoso.example" not in [u["userName"] for u in play.target.users.values()]
    assert Counter(play.target.looks) == {"5 names": 1, "name": 1, "4 names": 1}


def test_a_defect_in_a_look_leaves_nobody_waiting() -> None:
    def defect(seen: Sequence[Rows]) -> Sequence[Rows | None]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Play(Seeing(defect)).run()


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_however_threads_meet_nobody_waits_for_ever(groups: int) -> None:
    play = Play(Bulky(), most=2, groups=groups)

    assert play.run().status == "done"
    assert play.names == list(NAMES)
    assert max(play.target.sizes) == 2


@pytest.mark.parametrize("crowded", [False], indirect=True)  # the first crowd goes ahead alone
def test_two_requests_are_on_their_way_at_the_same_time() -> None:
    both = Barrier(2)

    def meeting(honest: Send, operations: Sequence[BulkOperation]) -> Ends:
        both.wait(5)
        return honest(operations)

    play = Play(Bulky(meeting, meeting), most=2, groups=2)

    assert play.run().status == "done"
    assert play.target.sizes == [2, 2]
