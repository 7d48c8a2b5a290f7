"""Changes of one resource: bound to the plan, sent once, read back."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from reconciler.apply.means import ATTEMPTS
from reconciler.apply.report import Result
from reconciler.plan.operation import Action, Operation, Reference
from reconciler.states import ResourceType
from tests.troubles import (
    Trouble,
    TroubledTarget,
    after,
    ignored,
    lost_answer,
    lost_request,
)
from tests.unit.apply.scenes import ADA, Scene, changing, membership
from tests.worlds import World, application, directory, person

USER, GROUP = ResourceType.USER, ResourceType.GROUP

# changes


@pytest.mark.parametrize(
    ("troubles", "tries"),
    [
        pytest.param((lost_answer,), 1, id="the answer is lost"),
        pytest.param((lost_request,), 2, id="the request is lost"),
        pytest.param((lost_request, lost_answer), 2, id="a request and an answer are lost"),
    ],
)
def test_a_change_whose_answer_is_lost_has_exactly_one_effect(
    troubles: tuple[Trouble, ...], tries: int
) -> None:
    play = changing()
    play.target.order("patch", *troubles)
    play.target.writes.clear()

    outcome = play.play()

    assert outcome.result is Result.VERIFIED
    assert play.world.user("ada")["title"] == "Director"
    assert len(play.target.writes) == 1
    assert len(play.target.asked) == tries


def test_a_change_that_never_arrives_fails_after_three_attempts() -> None:
    play = changing()
    play.target.order("patch", *[lost_request] * ATTEMPTS)

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.FAILED, "Timeout")
    assert len(play.target.asked) == ATTEMPTS


def test_a_change_that_is_ignored_is_a_failure() -> None:
    play = changing()
    play.target.order("patch", ignored, ignored)

    outcome = play.play()

    assert outcome.result is Result.FAILED
    assert outcome.code == "SystemForCrossDomainIdentityManagementServiceIncompatible"
    assert outcome.ends_run
    assert "title" in str(outcome.detail)
    assert len(play.target.asked) == 2


def test_a_change_that_is_ignored_once_is_sent_again() -> None:
    play = changing()
    play.target.order("patch", ignored)

    assert play.play().result is Result.VERIFIED
    assert len(play.target.asked) == 2


def test_of_a_change_that_arrived_in_part_only_the_rest_is_sent_again() -> None:
    play = changing()

    def half(do: Any) -> Any:
        play.world.user("ada")["displayName"] = "Ada L"
        return lost_request(do)

    play.target.order("patch", half)
    play.target.patches.clear()

    outcome = play.play()

    assert outcome.result is Result.VERIFIED
    assert play.target.patches == [["displayName", "title"], ["title"]]
    assert play.world.user("ada")["title"] == "Director"


def test_a_value_that_somebody_writes_while_the_answer_is_lost_is_not_written_over() -> None:
    play = changing()

    def meddle() -> None:
        play.world.user("ada")["title"] = "Queen"

    play.target.order("patch", after(meddle, lost_request))

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.FAILED, "Timeout")
    assert play.world.user("ada")["title"] == "Queen"
    assert len(play.target.asked) == 1


def test_an_account_that_was_changed_since_the_plan_is_a_conflict() -> None:
    play = changing()
    play.world.user("ada")["title"] = "Queen"

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.CONFLICT, "EntryConflict")
    assert "changed since the plan" in str(outcome.detail)
    assert play.target.asked == []
    assert play.kinds() == []


def test_a_change_elsewhere_on_the_account_voids_nothing() -> None:
    play = changing()
    play.world.user("ada")["nickName"] = "Countess"

    assert play.play().result is Result.VERIFIED


def test_an_account_that_is_gone_is_an_invalid_anchor() -> None:
    play = changing()
    play.target.users.clear()

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.CONFLICT, "InvalidAnchor")
    assert play.target.asked == []


def test_an_account_that_goes_while_the_answer_is_lost_is_an_invalid_anchor() -> None:
    play = changing()
    play.target.order("patch", after(play.target.users.clear, lost_request))

    assert play.play().code == "InvalidAnchor"


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        pytest.param({"title": "Director", "displayName": "Ada L"}, Result.ALREADY, id="arrived"),
        pytest.param({"title": "Director"}, Result.VERIFIED, id="arrived in part"),
        pytest.param({}, Result.VERIFIED, id="did not arrive"),
        pytest.param({"title": "Queen"}, Result.CONFLICT, id="changed by somebody else"),
    ],
)
def test_a_change_in_doubt_is_looked_at_first(present: dict[str, str], expected: Result) -> None:
    play = changing().in_doubt()
    play.world.user("ada").update(present)

    assert play.play().result is expected


def test_a_change_in_part_that_we_did_not_begin_is_a_conflict() -> None:
    play = changing()
    play.world.user("ada").update({"title": "Director"})

    assert play.play().result is Result.CONFLICT


def test_a_link_without_changes_is_a_record_alone() -> None:
    target = TroubledTarget()
    world = World(application(), directory([person("ada")]), target)
    world.settle()
    stranger = replace(world, recorded=replace(world.recorded, links={}))
    link = next(op for op in stranger.plan().operations if op.resource_type is USER)
    play = Scene(stranger, target, link)

    outcome = play.play()

    assert link.action is Action.LINK
    assert outcome.result is Result.RECORDED
    assert target.asked == []
    assert play.kinds() == []


def reference(source_id: str) -> Operation:
    """Return an update that makes *source_id* the manager of the account id-1."""
    path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"
    return Operation(
        "op-1", 7, Action.UPDATE, USER, ADA, "ada", "id-1", "", (), None,
        (Reference(path, source_id, USER, "bob"),),
    )  # fmt: skip


def test_a_reference_to_what_was_not_created_is_a_conflict() -> None:
    play = changing()
    play.operation = reference("bob")

    outcome = play.play()

    assert outcome.code == "UnableToResolveReferenceAttributeValue"
    assert outcome.result is Result.CONFLICT
    assert play.target.asked == []


def test_one_member_who_was_not_created_keeps_nobody_else_out() -> None:
    """Somebody whom the target refuses month after month must not hold up a whole group."""
    play = membership(joining=2)
    lost = Reference("members", "lost", USER, "lost@contoso.example")
    play.operation = structs.replace(play.operation, references=(lost,))
    club = play.world.account_of("g-club", GROUP)

    first, again = play.play(), play.in_doubt().play()

    assert len(play.target.members(club)) == 3
    for outcome in (first, again):
        assert outcome.result is Result.CONFLICT
        assert outcome.code == "UnableToResolveReferenceAttributeValue"
        assert str(outcome.detail).endswith(": lost@contoso.example")
    assert play.target.asked == []


def test_new_members_of_a_large_group_are_not_compared_each_with_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fifty thousand people of a first run who come into one group took minutes."""
    play = membership(joining=1)
    names = [f"new-{number}" for number in range(500)]
    for name in names:
        play.memory.remember(USER, name, f"id-of-{name}")
    references = tuple(Reference("members", name, USER, name) for name in names)
    play.operation = structs.replace(play.operation, references=references)
    compared: list[Reference] = []

    def counted(one: Reference, other: object) -> bool:
        compared.append(one)
        return one is other

    monkeypatch.setattr(Reference, "__eq__", counted)

    assert play.play().result is Result.VERIFIED
    assert len(compared) < len(names)


def test_a_reference_is_resolved_by_what_this_run_created() -> None:
    play = changing()
    play.operation = structs.replace(reference("bob"), target_id=play.world.account_of("ada"))
    play.memory.remember(USER, "bob", "id-of-bob")

    outcome = play.play()

    assert outcome.result is Result.VERIFIED
    urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    assert play.world.user("ada")[urn]["manager"]["value"] == "id-of-bob"


def test_a_change_to_what_was_not_created_is_a_conflict() -> None:
    play = changing()
    play.operation = structs.replace(play.operation, target_id=None, precondition=None)

    outcome = play.play()

    assert outcome.code == "UnableToResolveReferenceAttributeValue"
    assert "was not created" in str(outcome.detail)
