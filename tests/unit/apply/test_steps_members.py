"""Memberships and deletes, one operation at a time."""

import pytest
from msgspec import structs

from reconciler.apply.means import ATTEMPTS
from reconciler.apply.report import Result
from reconciler.plan.operation import Change, Precondition
from reconciler.states import ResourceType
from tests.troubles import (
    Trouble,
    honest,
    ignored,
    lost_answer,
    lost_request,
)
from tests.unit.apply.scenes import changing, creation, deletion, membership

USER, GROUP = ResourceType.USER, ResourceType.GROUP

# memberships


@pytest.mark.parametrize("method", ["joining", "leaving"])
@pytest.mark.parametrize("trouble", [lost_answer, lost_request], ids=lambda t: t.__name__)
@pytest.mark.parametrize("first", [True, False], ids=["in the first", "in the second"])
def test_of_many_memberships_only_the_missing_ones_are_sent_again(
    method: str, trouble: Trouble, first: bool
) -> None:
    """150 go in two requests; a server may refuse to remove who is not there any more."""
    play = membership(**{method: 150})
    club = play.world.account_of("g-club", GROUP)
    play.target.order("patch", *([trouble] if first else [honest, trouble]))

    outcome = play.play()

    assert outcome.result is Result.VERIFIED
    assert len(play.target.members(club)) == (151 if method == "joining" else 1)
    assert len(play.target.groups[club]["members"]) == len(play.target.members(club))
    assert len(play.target.asked) == (2 if trouble is lost_answer else 3)


def test_who_is_in_the_group_by_now_is_not_added_twice() -> None:
    play = membership(joining=3).in_doubt()
    club = play.world.account_of("g-club", GROUP)
    first = play.operation.changes[0].after[0]["value"]
    play.target.groups[club]["members"].append({"value": first})

    outcome = play.play()

    assert outcome.result is Result.VERIFIED
    assert len(play.target.groups[club]["members"]) == 4


def test_a_member_who_came_since_the_plan_stays() -> None:
    play = membership(leaving=1)
    club = play.world.account_of("g-club", GROUP)
    play.target.groups[club]["members"].append({"value": "by-hand"})

    assert play.play().result is Result.VERIFIED
    assert "by-hand" in play.target.members(club)


def test_a_removal_that_is_ignored_is_a_failure() -> None:
    play = membership(leaving=1)
    play.target.order("patch", ignored, ignored)

    outcome = play.play()

    assert outcome.result is Result.FAILED
    assert outcome.ends_run
    assert str(outcome.detail).endswith("at members")


# deletes


@pytest.mark.parametrize(
    ("troubles", "tries"),
    [
        pytest.param((), 1, id="no trouble"),
        pytest.param((lost_answer,), 1, id="the answer is lost"),
        pytest.param((lost_request,), 2, id="the request is lost"),
        pytest.param((ignored, ignored), 3, id="ignored twice"),
    ],
)
def test_a_delete_is_done_when_nothing_is_there(troubles: tuple[Trouble, ...], tries: int) -> None:
    play = deletion()
    play.target.order("delete", *troubles)

    outcome = play.play()

    assert outcome.result is Result.VERIFIED
    assert len(play.target.users) == 2
    assert len(play.target.asked) == tries


def test_a_delete_that_is_ignored_is_a_failure() -> None:
    play = deletion()
    play.target.order("delete", *[ignored] * ATTEMPTS)

    outcome = play.play()

    assert outcome.result is Result.FAILED
    assert "still shows it" in str(outcome.detail)


def test_an_account_that_is_gone_already_is_not_deleted() -> None:
    play = deletion()
    del play.target.users[str(play.operation.target_id)]

    outcome = play.play()

    assert outcome.result is Result.ALREADY
    assert play.target.asked == []
    assert play.kinds() == []


def test_an_account_that_was_switched_off_since_the_plan_is_not_deleted() -> None:
    play = deletion()
    play.target.users[str(play.operation.target_id)]["active"] = False

    outcome = play.play()

    assert outcome.result is Result.CONFLICT
    assert play.target.asked == []


def test_what_was_done_is_remembered_for_those_who_refer_to_it() -> None:
    play = creation()

    outcome = play.play()

    assert play.memory.ids == {("User", "ada"): outcome.target_id}


def test_an_update_needs_what_it_was_bound_to() -> None:
    """A precondition is compared by value: a plan for another account fits nothing here."""
    play = changing()
    bound = Precondition("0" * 64, ("userName",))
    play.operation = structs.replace(
        play.operation, precondition=bound, changes=(Change("title", "Engineer", "Director"),)
    )

    assert play.play().result is Result.CONFLICT
