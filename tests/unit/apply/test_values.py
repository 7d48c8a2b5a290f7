"""Values that are made when they are sent, and values that no message quotes."""

import json
from typing import Any

import pytest
from msgspec import structs

from reconciler.apply.means import Means
from reconciler.apply.memory import Memory
from reconciler.apply.report import Outcome, Result
from reconciler.apply.steps import Stepper
from reconciler.plan.operation import Change
from reconciler.scim.errors import (
    NotAuthorized,
    TargetBroken,
    TargetRefused,
    TargetUnreachable,
)
from reconciler.states import ResourceType
from tests.troubles import TroubledTarget, after, lost_answer, lost_request, refused
from tests.unit.apply.scenes import Scene, changing
from tests.worlds import (
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    FrozenClock,
    MemoryJournal,
    World,
    application,
    directory,
    person,
    values,
)

USER = ResourceType.USER
GUID = {"target": "nickName", "expression": "Guid()", "apply": "on_create"}


class Play:
    """A create of Ada with a value that is made at apply."""

    def __init__(self, expression: str = "Guid()", *, hides: bool = False, **cells: str) -> None:
        mappings = [*USER_MAPPINGS, {**GUID, "expression": expression}]
        self.target = TroubledTarget()
        made = application(mappings={"users": mappings, "groups": GROUP_MAPPINGS})
        world = World(made, directory([person("ada", **cells)]), self.target)
        [self.operation, *_] = world.plan().operations
        self.journal = MemoryJournal()
        self.memory = Memory()
        self.hides = hides

    def run(self) -> Outcome:
        known = self.target.capabilities
        made = values(known.schemas, hides=self.hides)
        means = Means.of(self.target, known, self.memory, FrozenClock(), self.journal, made)
        return Stepper(means).carry_out(self.operation)

    @property
    def written(self) -> Any:
        [account] = self.target.users.values()
        return account.get("nickName")


def test_the_value_is_sent_and_read_back_and_kept_nowhere() -> None:
    play = Play()

    outcome = play.run()

    assert outcome.result is Result.VERIFIED
    assert len(play.written) == 36
    assert play.written not in json.dumps(play.journal.lines) + repr(outcome)


def test_it_is_made_of_what_the_plan_holds_and_of_its_time() -> None:
    play = Play('Join("/", [mailNickname], Left(Guid(), 0), Left(Now(), 10))', mailNickname="ada")

    play.run()

    assert play.written == "ada/11/23/2026"


def test_another_value_is_made_for_every_request() -> None:
    play = Play()
    bodies: list[Any] = []
    create = play.target.create

    def watched(resource_type: ResourceType, body: Any) -> Any:
        bodies.append(body["nickName"])
        return create(resource_type, body)

    play.target.create = watched  # type: ignore[method-assign]
    play.target.order("create", lost_request)

    assert play.run().result is Result.VERIFIED
    assert len(set(bodies)) == 2
    assert play.written == bodies[1]


def test_after_a_lost_answer_any_value_is_the_one_that_was_sent() -> None:
    play = Play()
    play.target.order("create", lost_answer)

    assert play.run().result is Result.VERIFIED
    assert len(play.target.users) == 1


def test_a_run_that_goes_on_finds_that_it_was_created() -> None:
    play = Play()
    play.run()
    play.memory = Memory(in_doubt={play.operation.id})

    assert play.run().result is Result.ALREADY
    assert len(play.target.users) == 1


@pytest.mark.parametrize("value", [None, ""])
def test_an_account_without_any_value_was_not_created_by_an_earlier_run(value: str | None) -> None:
    play = Play()
    play.run()
    [account] = play.target.users.values()
    account["nickName"] = value
    play.memory = Memory(in_doubt={play.operation.id})

    outcome = play.run()

    assert (outcome.result, outcome.code) == (Result.CONFLICT, "EntryConflict")


@pytest.mark.parametrize("kept", [None, "something else"])
def test_a_target_that_does_not_keep_the_value_has_not_done_it(kept: str | None) -> None:
    play = Play()

    def altered() -> None:
        [account] = play.target.users.values()
        account["nickName"] = kept

    play.target.order("get", *[after(altered)] * 3)

    outcome = play.run()

    assert outcome.result is Result.FAILED
    assert outcome.detail == "the target accepted the change and ignored it at nickName"


def test_whoever_it_cannot_be_made_for_fails_and_nothing_is_sent() -> None:
    play = Play()
    form = {"generated": "RandomString([n], 0, 0, 0, 0)", "attributes": {"n": "many"}}
    kept = [change for change in play.operation.changes if change.path != "nickName"]
    changes = (*kept, Change("nickName", None, form))
    play.operation = structs.replace(play.operation, changes=changes)

    outcome = play.run()

    assert (outcome.result, outcome.code) == (Result.FAILED, "EntrySynchronizationSkipped")
    assert (outcome.detail or "").startswith("nickName: RandomString: argument 1")
    assert (play.target.asked, play.journal.lines) == ([], [])


def test_nothing_made_is_a_failure_too() -> None:
    play = Play()
    form = {"generated": "Left(Guid(), 0)", "attributes": {}}
    play.operation = structs.replace(play.operation, changes=(Change("nickName", None, form),))

    assert play.run().detail == "nickName: the expression yields nothing"


def quoting(error: type[TargetRefused], play: Play) -> None:
    """Let the target refuse a create, and quote what it was sent."""

    def refuse(resource_type: ResourceType, body: Any) -> Any:
        raise error(418, f"{body['nickName']} is not to our liking")

    play.target.create = refuse  # type: ignore[method-assign]


@pytest.mark.parametrize("error", [TargetRefused, NotAuthorized, TargetBroken])
def test_the_words_of_a_target_that_may_quote_the_value_are_left_out(
    error: type[TargetRefused],
) -> None:
    play = Play()
    quoting(error, play)

    outcome = play.run()

    assert outcome.detail is not None
    assert outcome.detail.startswith("the target answered 418; its words are left out")


SECRET = "ada is a spy"


@pytest.mark.parametrize("error", [TargetRefused, NotAuthorized, TargetBroken])
@pytest.mark.parametrize("hides", [True, False])
def test_where_a_plan_hides_values_the_target_is_not_quoted(
    error: type[TargetRefused], hides: bool
) -> None:
    scene = changing()
    scene.target.order("patch", refused(error(418, SECRET)))

    outcome = played(scene, hides=hides)

    assert outcome.result is Result.FAILED
    assert (SECRET in str(outcome.detail)) is not hides


def test_a_road_that_is_lost_is_not_quoted_either() -> None:
    """An error says which name did not resolve, or what a proxy said."""
    scene = changing()
    scene.target.order("patch", refused(TargetUnreachable(SECRET)))

    outcome = played(scene, hides=True)

    assert (outcome.detail or "").startswith("the target gave no answer that can be used")


@pytest.mark.parametrize("hides", [True, False])
def test_what_ends_a_run_does_not_quote_either(hides: bool) -> None:
    scene = changing()
    scene.target.order("patch", refused(NotAuthorized(401, SECRET)))

    with pytest.raises(NotAuthorized) as caught:
        played(scene, hides=hides)

    assert (SECRET in str(caught.value)) is not hides


def played(scene: Scene, *, hides: bool) -> Outcome:
    known = scene.target.capabilities
    made = values(known.schemas, hides=hides)
    means = Means.of(scene.target, known, scene.memory, FrozenClock(), scene.journal, made)
    return Stepper(means).carry_out(scene.operation)
