"""A whole run: waves, stops, and what the journal says of them."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from reconciler.apply.batches import batches
from reconciler.apply.execute import FAILURES_IN_A_ROW, Run, Stale, StoppedEarly
from reconciler.apply.means import ATTEMPTS, Means
from reconciler.apply.memory import remembered
from reconciler.apply.report import Outcome, Report, Result
from reconciler.apply.steps import Stepper
from reconciler.plan.operation import Action, Change, Operation
from reconciler.scim.errors import (
    NotAuthorized,
    OnHold,
    TargetError,
    TargetRefused,
    TargetUnreachable,
    Throttled,
)
from reconciler.states import ResourceType
from tests.troubles import TroubledTarget, after, honest, lost_request, refused
from tests.worlds import (
    USER_MAPPINGS,
    FrozenClock,
    MemoryJournal,
    World,
    application,
    directory,
    person,
    values,
)

USER, GROUP = ResourceType.USER, ResourceType.GROUP


class Play:
    """A world of people to be created, and one run of its plan."""

    def __init__(self, *names: str) -> None:
        self.target = TroubledTarget()
        people = directory([person(name) for name in names], [])
        assignments = [{"user": name, "role": "User"} for name in names]
        mapped = {"users": USER_MAPPINGS}
        self.world = World(
            application(assignments=assignments, mappings=mapped), people, self.target
        )
        self.operations = self.world.plan().operations
        self.journal = MemoryJournal()
        self.told: list[str] = []

    def run(self, concurrency: int = 1, **options: Any) -> Report:
        memory = remembered(self.journal.records())
        known = self.target.capabilities
        means = Means.of(self.target, known, memory, FrozenClock(), self.journal, values())
        stepper = Stepper(means)
        run = Run(
            self.operations, self.journal, memory, stepper, concurrency, self._tell, **options
        )
        return run.execute()

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        self.told += (outcome.operation.key for outcome in outcomes)

    def ends(self) -> list[tuple[str, str]]:
        """Return kind and operation of every record that ends an operation."""
        kinds = {"done", "conflict", "failed"}
        return [(line["kind"], line["op"]) for line in self.journal.lines if line["kind"] in kinds]

    def status(self) -> Any:
        assert self.journal.lines[-1]["kind"] == "run_end"
        return self.journal.lines[-1]["status"]


NAMES = ("ada", "bob", "cleo", "dan", "eve", "fay")


def test_a_run_that_goes_well() -> None:
    play = Play(*NAMES)

    report = play.run()

    assert report.status == play.status() == "done"
    assert report.stopped_by is None
    assert report.counts["verified"] == len(NAMES)
    assert sorted(play.told) == [f"{name}@contoso.example" for name in NAMES]
    assert len(play.target.users) == len(NAMES)


def test_every_operation_is_intended_before_it_is_sent_and_ended_after() -> None:
    play = Play("ada", "bob")

    play.run()

    kinds = [line["kind"] for line in play.journal.lines]
    assert kinds == ["intent", "done", "intent", "done", "run_end"]


def test_a_plan_without_operations_ends_at_once() -> None:
    play = Play("ada")
    play.run()
    play.operations = ()

    assert play.run().status == "done"
    assert play.status() == "done"


def test_what_an_earlier_run_did_is_not_done_again() -> None:
    play = Play(*NAMES)
    play.run()
    last = play.journal.lines[-3]["op"]
    del play.journal.lines[-2:]
    play.target.asked.clear()

    report = play.run()

    assert report.status == "done"
    assert [(one.operation.id, one.result) for one in report.outcomes] == [(last, Result.ALREADY)]
    assert play.target.asked == []


def test_one_failure_does_not_stop_the_others() -> None:
    play = Play(*NAMES)
    play.target.order("create", honest, refused(TargetRefused(400, "no")))

    report = play.run()

    assert report.status == play.status() == "partial"
    assert report.stopped_by is None
    assert report.counts["failed"] == 1
    assert len(play.target.users) == len(NAMES) - 1


def test_a_conflict_makes_a_run_partial() -> None:
    play = Play("ada", "bob")
    play.target.add_user("other", "ada@contoso.example")

    report = play.run()

    assert report.status == "partial"
    assert [kind for kind, _ in play.ends()] == ["conflict", "done"]
    assert play.journal.lines[0]["code"] == "EntryConflict"


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_refused_credential_ends_the_run(concurrency: int) -> None:
    play = Play(*NAMES)
    play.target.order("create", honest, *[refused(NotAuthorized(401, "expired"))] * 5)

    report = play.run(concurrency)

    assert isinstance(report.stopped_by, NotAuthorized)
    assert report.status == play.status() == "partial"
    assert len(play.target.users) == 1
    assert len(play.target.asked) <= 1 + concurrency


@pytest.mark.parametrize(("status", "code"), [(401, "Unauthorized"), (403, "InsufficientRights")])
def test_the_journal_says_whose_credential_was_refused(status: int, code: str) -> None:
    play = Play("ada", "bob")
    play.target.order("create", refused(NotAuthorized(status, "no more")))

    report = play.run()

    (failed,) = (line for line in play.journal.lines if line["kind"] == "failed")
    assert (failed["op"], failed["code"]) == (play.operations[0].id, code)
    assert "no more" in failed["detail"]
    assert report.counts["failed"] == 1


def test_an_operation_whose_credential_was_refused_stays_in_doubt() -> None:
    play = Play("ada", "bob")
    play.target.order("create", refused(NotAuthorized(403, "no more")))

    play.run()

    assert remembered(play.journal.records()).in_doubt == {play.operations[0].id}


UNREACHABLE = refused(TargetUnreachable("nobody there"))


def test_three_unanswered_operations_in_a_row_end_the_run() -> None:
    play = Play(*NAMES)
    play.target.order("create", honest, UNREACHABLE, UNREACHABLE, UNREACHABLE)

    report = play.run()

    assert isinstance(report.stopped_by, StoppedEarly)
    assert "in a row" in str(report.stopped_by)
    assert report.status == "partial"
    assert len(play.target.asked) == 4


def test_lost_answers_count_as_unanswered() -> None:
    play = Play(*NAMES)
    play.target.order("create", *[lost_request] * ATTEMPTS * FAILURES_IN_A_ROW)

    assert isinstance(play.run().stopped_by, StoppedEarly)


def test_an_answer_in_between_begins_the_count_anew() -> None:
    play = Play(*NAMES)
    play.target.order("create", UNREACHABLE, UNREACHABLE, honest, UNREACHABLE, UNREACHABLE)

    report = play.run()

    assert report.stopped_by is None
    assert report.counts["failed"] == 4
    assert len(play.target.users) == 2


def test_refusals_of_single_people_do_not_end_a_run() -> None:
    play = Play(*NAMES)
    play.target.order("create", *[refused(TargetRefused(400, "no"))] * len(NAMES))

    report = play.run()

    assert report.stopped_by is None
    assert report.counts["failed"] == len(NAMES)


@pytest.mark.parametrize(
    "error", [OnHold("it asks for ages"), Throttled(429, "still too often")], ids=["ages", "still"]
)
@pytest.mark.parametrize("concurrency", [1, 4])
def test_f03_a_target_that_wants_to_be_left_alone_ends_the_run_at_once(
    error: TargetError, concurrency: int
) -> None:
    play = Play(*NAMES)
    play.target.order("create", honest, *[refused(error)] * len(NAMES))

    report = play.run(concurrency)

    assert isinstance(report.stopped_by, StoppedEarly)
    assert str(error) in str(report.stopped_by)
    assert report.status == play.status() == "partial"
    assert len(play.target.asked) <= 1 + concurrency


def test_f03_the_next_run_carries_out_what_is_left() -> None:
    play = Play(*NAMES)
    play.target.order("create", honest, refused(OnHold("it asks for ages")))
    play.run()

    report = play.run()

    assert report.status == "done"
    assert len(play.target.users) == len(NAMES)
    assert len(play.target.asked) == len(NAMES) + 1


def test_on_stale_abort_ends_the_run_at_the_first_conflict() -> None:
    play = Play(*NAMES)
    play.target.add_user("other", "ada@contoso.example")

    report = play.run(stop_on_stale=True)

    assert isinstance(report.stopped_by, Stale)
    assert report.status == "partial"
    assert play.ends() == [("conflict", play.operations[0].id)]
    assert play.target.asked == []


@pytest.mark.parametrize("earlier", ["written in this run", "written in an earlier run"])
def test_a_plan_found_stale_after_a_write_was_applied_in_part(earlier: str) -> None:
    play = Play("ada", "bob", "cleo")
    if earlier == "written in an earlier run":
        play.target.order("create", honest, refused(NotAuthorized(401)))
        play.run()
    play.target.add_user("other", "bob@contoso.example")

    report = play.run(stop_on_stale=True)

    assert isinstance(report.stopped_by, StoppedEarly)
    assert str(report.stopped_by).startswith("bob@contoso.example exists")


# interruptions


class Interrupted(Play):
    """A run during which somebody presses Ctrl-C when the first operation has ended."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.stopped, self.in_flight = threading.Event(), threading.Event()
        self.target.order("create", honest, after(self._until_stopped))

    def _until_stopped(self) -> None:
        self.in_flight.set()
        self.stopped.wait(5)

    def run(self, concurrency: int = 1, **options: Any) -> Report:
        return super().run(concurrency, stop=self.stopped, **options)

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        super()._tell(outcomes)
        if len(self.told) == 1:
            self.in_flight.wait(0.2)
            raise KeyboardInterrupt


def test_an_interrupted_run_finishes_what_is_in_flight_and_begins_nothing_more() -> None:
    play = Interrupted(*NAMES)

    report = play.run()

    assert report.status == play.status() == "interrupted"
    assert len(play.target.users) == 2
    begun = {line["op"] for line in play.journal.lines if line["kind"] == "intent"}
    assert begun == {op for _, op in play.ends()}
    assert report.counts["verified"] == 2
    assert report.left == len(NAMES) - 2


def test_an_interrupted_run_is_resumed() -> None:
    play = Interrupted(*NAMES)
    play.run()
    play.stopped = threading.Event()

    report = play.run()

    assert (report.status, report.left) == ("done", 0)
    assert len(play.target.users) == len(NAMES)


def test_a_run_interrupted_after_its_last_operation_is_done() -> None:
    play = Interrupted("ada")

    assert play.run().status == "done"


def test_a_defect_lets_nothing_more_be_sent() -> None:
    play = Play(*NAMES)
    play.target.order("create", honest, refused(ZeroDivisionError()))

    with pytest.raises(ZeroDivisionError):
        play.run()

    assert len(play.target.asked) == 2


def test_a_journal_that_cannot_be_written_lets_nothing_more_be_sent() -> None:
    play = Play(*NAMES)

    class FullJournal(MemoryJournal):
        def append(self, kind: str, **fields: Any) -> None:
            if len(self.lines) == 2:
                raise OSError("no space left on device")
            super().append(kind, **fields)

    play.journal = FullJournal()

    with pytest.raises(OSError, match="no space"):
        play.run()

    assert len(play.target.asked) == 1


# what the journal says


def test_effects_are_told_by_what_an_operation_does() -> None:
    ada, bob, cleo, dan = (person(name) for name in ("ada", "bob", "cleo", "dan"))
    away = person("bob", accountEnabled="false")
    world = World(application(lifecycle={"deleted_at_source": "delete"}), directory([]))
    effects: set[tuple[str, tuple[str, ...]]] = set()
    for month in ([ada, bob, cleo, dan], [ada, away, dan], [ada, bob, dan]):
        journal = MemoryJournal()
        world.becomes(month)
        world.apply(world.plan(), journal)
        done = [line for line in journal.lines if line["kind"] == "done" and line["effects"]]
        effects |= {(line["action"], tuple(line["effects"])) for line in done}

    assert effects == {
        ("create", ("create",)),
        ("disable", ("disable",)),
        ("delete", ("delete",)),
        ("enable", ("enable",)),
    }


# batches


def operation(
    number: int,
    wave: int,
    action: Action = Action.UPDATE,
    target: str | None = None,
    changes: Sequence[Change] = (),
) -> Operation:
    return Operation(
        f"op-{number}", wave, action, USER, f"key-{number}", f"anchor-{number}",
        target or f"id-{number}", "", tuple(changes), None, (),
    )  # fmt: skip


def ids(found: Sequence[Sequence[Operation]]) -> list[list[str]]:
    return [[op.id for op in batch] for batch in found]


def test_a_wave_is_one_batch() -> None:
    operations = [operation(1, 2), operation(2, 2), operation(3, 4), operation(4, 4)]

    assert ids(list(batches(operations))) == [["op-1", "op-2"], ["op-3", "op-4"]]


def test_two_operations_on_one_resource_never_run_at_the_same_time() -> None:
    operations = [operation(1, 4), operation(2, 4, target="id-1"), operation(3, 4)]

    assert ids(list(batches(operations))) == [["op-1", "op-3"], ["op-2"]]


def test_what_frees_a_name_ends_before_what_takes_it_begins() -> None:
    taking = operation(1, 4, changes=[Change("userName", "b", "a")])
    freeing = operation(2, 4, changes=[Change("userName", "a", "c")])
    after_both = operation(3, 4, changes=[Change("userName", "d", "b")])

    found = ids(list(batches([freeing, taking, after_both])))

    assert found == [["op-2"], ["op-1"], ["op-3"]]


def test_nothing_makes_no_batch() -> None:
    assert list(batches([])) == []


def test_operations_of_one_wave_do_run_at_the_same_time() -> None:
    play = Play("ada", "bob")
    both = threading.Barrier(2, timeout=5)
    play.target.order("create", after(both.wait), after(both.wait))

    assert play.run(concurrency=2).status == "done"


class Asked(Play):
    """A run that another thread asks to end, once the first operation is done."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.asked = threading.Event()

    def run(self, concurrency: int = 1, **options: Any) -> Report:
        return super().run(concurrency, asked=self.asked, **options)

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        super()._tell(outcomes)
        self.asked.set()


def test_a_run_that_is_asked_to_end_from_another_thread_is_interrupted() -> None:
    play = Asked(*NAMES)

    report = play.run()

    assert report.status == play.status() == "interrupted"
    assert report.stopped_by is None
    assert 1 <= len(play.target.users) <= 2
    assert report.left == len(NAMES) - len(play.target.users)


def test_a_run_that_is_asked_to_end_goes_on_with_the_next_one() -> None:
    play = Asked(*NAMES)
    play.run()
    play.asked = threading.Event()

    report = super(Asked, play).run()

    assert report.status == "done"
    assert len(play.target.users) == len(NAMES)
