"""Creates, one at a time: look, write down, send, look again."""

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from reconciler.apply.means import ATTEMPTS
from reconciler.apply.report import Result
from reconciler.plan.operation import Action
from reconciler.profiles import GENERIC
from reconciler.scim.errors import (
    AmbiguousOutcome,
    Conflict,
    NotAuthorized,
    TargetBroken,
    TargetRefused,
    TargetUnreachable,
    Throttled,
)
from reconciler.states import ResourceType
from reconciler.vocabulary import Category, meaning_of
from tests.troubles import (
    Trouble,
    after,
    honest,
    ignored,
    lost_answer,
    lost_request,
    refused,
)
from tests.unit.apply.scenes import ADA, Scene, changing, creation, deletion, scene

USER, GROUP = ResourceType.USER, ResourceType.GROUP

# creates


@pytest.mark.parametrize(
    ("troubles", "tries"),
    [
        pytest.param((lost_answer,), 1, id="the answer is lost"),
        pytest.param((lost_request,), 2, id="the request is lost"),
        pytest.param((lost_request, lost_request), 3, id="two requests are lost"),
        pytest.param((lost_request, lost_answer), 2, id="a request and an answer are lost"),
    ],
)
def test_a_create_whose_answer_is_lost_has_exactly_one_effect(
    troubles: tuple[Trouble, ...], tries: int
) -> None:
    play = creation()
    play.target.order("create", *troubles)

    outcome = play.play()

    assert outcome.result is Result.VERIFIED
    assert [user["userName"] for user in play.target.users.values()] == [ADA]
    assert outcome.target_id == next(iter(play.target.users))
    assert len(play.target.asked) == tries


def test_a_create_that_never_arrives_fails_after_three_attempts() -> None:
    play = creation()
    play.target.order("create", *[lost_request] * ATTEMPTS)

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.FAILED, "Timeout")
    assert play.target.users == {}
    assert len(play.target.asked) == ATTEMPTS


def broken(do: Any) -> Any:
    """Answer a write with a 503: it may have been carried out."""
    raise AmbiguousOutcome("the target answered 503", TargetBroken(503))


def test_a_create_is_not_sent_again_where_two_may_have_the_name() -> None:
    play = creation()
    operations = play.world.plan().operations
    play.operation = next(op for op in operations if op.resource_type is GROUP)
    play.target.order("create", lost_request)

    outcome = play.play()

    assert play.operation.action is Action.CREATE
    assert (outcome.result, outcome.code) == (Result.FAILED, "Timeout")
    assert "plan again later" in str(outcome.detail)
    assert len(play.target.asked) == 1


def test_a_create_that_is_answered_with_5xx_fails_by_that_name() -> None:
    play = creation()
    play.target.order("create", *[broken] * ATTEMPTS)

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.FAILED, "InternalServerError")


@pytest.mark.parametrize("make", [changing, deletion])
def test_a_write_that_is_answered_with_5xx_fails_by_that_name(make: Callable[[], Scene]) -> None:
    play = make()
    for method in ("patch", "delete"):
        play.target.order(method, *[broken] * ATTEMPTS)

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.FAILED, "InternalServerError")


@pytest.mark.parametrize(
    ("make", "method"), [(creation, "create"), (changing, "patch"), (deletion, "delete")]
)
def test_inv_12_an_intent_is_written_once_and_before_the_request(
    make: Callable[[], Scene], method: str
) -> None:
    play = make()
    seen: list[list[str]] = []
    play.target.order(method, after(lambda: seen.append(play.kinds()), lost_request))

    play.play()

    assert seen == [["intent"]]
    assert play.kinds() == ["intent"]


def test_nothing_is_intended_when_nothing_is_sent() -> None:
    play = creation()
    play.target.add_user("other", ADA)

    play.play()

    assert play.kinds() == []


def test_an_account_that_somebody_made_since_the_plan_is_a_conflict() -> None:
    play = creation()
    play.target.add_user("other", ADA)

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.CONFLICT, "EntryConflict")
    assert outcome.detail == f"{ADA} exists by now"
    assert play.target.asked == []


def test_an_account_that_somebody_makes_at_the_same_moment_is_a_conflict() -> None:
    play = creation()
    play.target.order("create", after(lambda: play.target.add_user("other", ADA)))

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.CONFLICT, "EntryConflict")
    assert "not what this plan creates" in str(outcome.detail)
    assert play.target.users["other"] == {"id": "other", "userName": ADA}


def test_a_409_although_nobody_is_there_is_a_failure() -> None:
    play = creation()
    play.target.order("create", refused(Conflict(409, "the name is reserved")))

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.FAILED, "EntryConflict")
    assert "the name is reserved" in str(outcome.detail)


def test_a_create_that_cannot_be_read_back_is_a_failure() -> None:
    play = creation()
    play.target.order("get", *[ignored] * (1 + GENERIC.concurrency.read_after_write.retries))

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.FAILED, "NotImplemented")


def test_a_create_that_shows_only_after_a_while_is_done() -> None:
    play = creation()
    play.target.order("get", *[ignored] * GENERIC.concurrency.read_after_write.retries)

    outcome = play.play()

    assert outcome.result is Result.VERIFIED
    assert len(play.target.asked) == 1


def test_a_create_of_which_a_part_was_ignored_is_a_failure() -> None:
    play = creation()

    def without_title(do: Any) -> Any:
        created = do()
        del play.target.users[created["id"]]["title"]
        return created

    play.target.order("create", without_title)

    outcome = play.play()

    assert outcome.result is Result.FAILED
    assert outcome.code == "SystemForCrossDomainIdentityManagementServiceIncompatible"
    assert str(outcome.detail).endswith("ignored it at title")


def test_a_create_in_doubt_that_arrived_is_not_sent_again() -> None:
    play = creation().in_doubt()
    play.play()
    made = dict(play.target.users)

    outcome = play.play()

    assert outcome.result is Result.ALREADY
    assert outcome.target_id == next(iter(made))
    assert play.target.users == made
    assert play.target.asked == []


def test_a_create_in_doubt_that_did_not_arrive_is_sent() -> None:
    assert creation().in_doubt().play().result is Result.VERIFIED


def test_a_create_in_doubt_is_not_taken_for_somebody_elses_account() -> None:
    play = creation().in_doubt()
    play.target.add_user("other", ADA, displayName="Another Ada")

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.CONFLICT, "EntryConflict")
    assert play.target.asked == []


def test_the_group_with_our_external_id_is_the_one_we_made() -> None:
    """Names of groups are not unique (RFC 7643, section 4.2)."""
    play = scene(Action.CREATE)
    make = next(op for op in play.world.plan().operations if op.resource_type is GROUP)
    play.operation = make
    play.in_doubt()
    play.play()
    ours = next(iter(play.target.groups))
    play.target.groups = {
        "other": {"id": "other", "displayName": "Staff"},
        ours: play.target.groups[ours],
    }

    outcome = play.play()

    assert (outcome.result, outcome.target_id) == (Result.ALREADY, ours)


def test_of_two_groups_with_our_external_id_nobody_can_say_which_we_made() -> None:
    play = creation()
    operations = play.world.plan().operations
    play.operation = next(op for op in operations if op.resource_type is GROUP)
    play.in_doubt()
    play.play()
    ours, group = next(iter(play.target.groups.items()))
    play.target.groups["twin"] = {**group, "id": "twin"}

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.CONFLICT, "DuplicateTargetEntries")
    assert set(play.target.groups) == {ours, "twin"}


def test_a_create_without_a_name_to_look_for_is_sent() -> None:
    play = creation()
    changes = tuple(c for c in play.operation.changes if c.path != "userName")
    play.operation = structs.replace(play.operation, changes=changes)

    assert play.play().result is Result.VERIFIED


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TargetRefused(400, "no such attribute"), "UnprocessableEntity"),
        (Throttled(429, "slow down"), "TooManyRequests"),
        (TargetUnreachable("nobody there"), "Timeout"),
    ],
    ids=["refused", "throttled", "unreachable"],
)
def test_what_the_target_says_is_kept(error: Exception, code: str) -> None:
    play = creation()
    play.target.order("create", refused(error))

    outcome = play.play()

    assert (outcome.result, outcome.code, outcome.detail) == (Result.FAILED, code, str(error))


class Body(dict[str, Any]):
    """An answer that can be watched."""


def test_what_was_at_hand_when_the_target_refused_is_not_kept() -> None:
    """A run of 50,000 that fail, or of twenty large groups, must not fill the memory."""
    play = creation()
    seen: list[weakref.ref[Body]] = []

    def large(do: Any) -> Any:
        body = Body(members=["..."])
        seen.append(weakref.ref(body))
        try:
            int(body["members"][0])
        except ValueError as exc:
            raise TargetRefused(400, "too large") from exc

    play.target.order("create", large)

    outcome = play.play()
    gc.collect()

    assert outcome.error is not None
    assert [one() for one in seen] == [None]


def test_a_refused_credential_is_not_an_outcome() -> None:
    play = creation()
    play.target.order("create", refused(NotAuthorized(401, "expired")))

    with pytest.raises(NotAuthorized):
        play.play()


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("sent", [lost_answer, lost_request, honest])
@pytest.mark.parametrize("make", [changing, deletion])
def test_a_look_that_is_refused_after_a_write_leaves_that_in_doubt(
    make: Callable[[], Scene], sent: Trouble, status: int
) -> None:
    """Nobody knows what became of it, so it counts as taken (`reconciler.store.takings`)."""
    play = make()
    for method in ("patch", "delete"):
        play.target.order(method, sent)
    play.target.order("get", honest, refused(NotAuthorized(status, "expired")))

    report = play.run()

    (outcome,) = report.outcomes
    assert (outcome.result, outcome.code) == (Result.FAILED, "Timeout")
    assert meaning_of("Timeout").category is Category.FAILURE
    assert "may have been carried out" in str(outcome.detail)
    assert play.kinds() == ["intent", "failed", "run_end"]
    assert isinstance(report.stopped_by, NotAuthorized) is (status == 401)


@pytest.mark.parametrize("make", [changing, deletion])
def test_a_write_that_is_refused_itself_is_not_in_doubt(make: Callable[[], Scene]) -> None:
    play = make()
    for method in ("patch", "delete"):
        play.target.order(method, refused(NotAuthorized(403, "not this one")))

    assert play.play().code == "InsufficientRights"
