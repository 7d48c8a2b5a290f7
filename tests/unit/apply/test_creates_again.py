"""What a run makes of a create that an earlier run has begun (INV-13)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from reconciler.apply.memory import remembered
from reconciler.apply.report import Result
from reconciler.profiles import Profile
from reconciler.states import ResourceType
from tests.troubles import TroubledTarget, after, lost_request
from tests.unit.apply import scenes
from tests.unit.apply.scenes import Scene, creation
from tests.worlds import MIDNIGHT, FrozenClock, World, application, directory, group, person


def rename(play: Scene) -> None:
    """Let an administrator rename the only account."""
    (account,) = play.target.users.values()
    account["userName"] = "renamed@contoso.example"


def test_inv_13_what_was_answered_with_a_success_is_sent_by_no_later_run() -> None:
    play = creation()
    play.target.order("get", after(lambda: rename(play)))

    first = play.run().outcomes[0]
    play.memory = remembered(play.journal.records())
    second = play.play()

    assert (first.result, first.target_id) == (Result.FAILED, "id-1")
    assert second.result is Result.CONFLICT
    assert play.target.asked == []
    assert len(play.target.users) == 1


def test_inv_13_what_was_created_and_is_gone_is_not_created_again() -> None:
    play = creation()
    play.memory.created[play.operation.id] = "id-1"

    outcome = play.in_doubt().play()

    assert (outcome.result, outcome.code) == (Result.CONFLICT, "InvalidAnchor")
    assert play.target.asked == []


def test_f07_a_create_in_doubt_is_looked_for_by_our_mark_too() -> None:
    """Somebody has renamed what a lost request created; a second one would stay."""
    play = creation()
    play.play()
    rename(play)

    outcome = play.in_doubt().play()

    assert outcome.result is Result.CONFLICT
    assert play.target.asked == []


class Waits(FrozenClock):
    """Stands still, and says how long it was waited for."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest.mark.parametrize(
    ("since", "waited"),
    [
        pytest.param(12, [30], id="just now: it may have gone much later than it was meant"),
        pytest.param(1829, [30], id="after every pause that a run may make"),
        pytest.param(1830, [], id="before that"),
    ],
)
def test_f35_a_create_in_doubt_is_not_sent_before_a_late_one_must_have_arrived(
    since: int, waited: list[float], monkeypatch: Any
) -> None:
    """Names of groups are not unique: the request of the run that died may still arrive."""
    target, clock = TroubledTarget(), Waits()
    staff = group("g-staff", "Staff", "ada")
    assignments = [{"group": "Staff", "role": "User"}]
    world = World(application(assignments=assignments), directory([person("ada")], [staff]), target)
    create = next(op for op in world.plan().operations if op.resource_type is ResourceType.GROUP)
    play = Scene(world, target, create)
    play.profile = Profile.model_validate(
        {"concurrency": {"settle_seconds": 30, "read_after_write": {"retries": 0}}}
    )
    play.memory.intended[create.id] = MIDNIGHT - timedelta(seconds=since)
    monkeypatch.setattr(scenes, "FrozenClock", lambda: clock)

    assert play.in_doubt().play().result is Result.VERIFIED
    assert clock.waited == waited


def test_f35_a_create_without_an_answer_is_not_sent_again_while_it_may_still_arrive(
    monkeypatch: Any,
) -> None:
    """A unique name does not keep a late one out, once somebody has renamed the first."""
    play = creation()
    play.profile = Profile.model_validate(
        {"concurrency": {"settle_seconds": 30, "read_after_write": {"retries": 0}}}
    )
    late: list[Callable[[], object]] = []

    class Arriving(Waits):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            while seconds >= 30 and late:
                late.pop()()

    def later(do: Callable[[], object]) -> Any:
        late.append(do)
        return lost_request(do)

    monkeypatch.setattr(scenes, "FrozenClock", Arriving)
    play.target.order("create", later)
    outcome = play.play()

    assert (outcome.result, outcome.target_id) == (Result.VERIFIED, "id-1")
    assert len(play.target.users) == 1
    assert [method for method, *_ in play.target.asked if method == "create"] == ["create"]
