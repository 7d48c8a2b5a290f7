"""What an apply makes of what is known of the service: each flag of a profile, one scene."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from reconciler.apply.memory import Memory
from reconciler.apply.report import Outcome, Result
from reconciler.plan.operation import Action, Change
from reconciler.profiles import Profile
from reconciler.scim.errors import Conflict, NotFound, TargetRefused
from reconciler.scim.schema import Schemas
from reconciler.states import ResourceType
from tests.troubles import TroubledTarget, after, honest, ignored, lost_request, refused
from tests.unit.apply.scenes import Scene, changing, creation, deletion, membership
from tests.worlds import World, application, directory, group, person


def known(scene: Scene, **sections: dict[str, Any]) -> Scene:
    """Let something be known of the service."""
    scene.profile = Profile.model_validate(sections)
    return scene


def disabling() -> Scene:
    """Return the disable of Ada, who is off at the source."""
    target = TroubledTarget()
    world = World(application(), directory([person("ada"), person("bob")]), target)
    world.settle()
    world.directory = directory([person("ada", accountEnabled="false"), person("bob")])
    disable = next(op for op in world.plan().operations if op.action is Action.DISABLE)
    return Scene(world, target, disable)


def ended(outcome: Outcome) -> tuple[Result, str | None]:
    return outcome.result, outcome.code


def switch_off(scene: Scene) -> None:
    scene.world.user("ada")["active"] = False


def take_away(scene: Scene) -> None:
    del scene.target.users[scene.world.account_of("ada")]


# deprovision.delete


def test_a_soft_delete_is_done_when_the_account_is_off() -> None:
    play = known(deletion(), deprovision={"delete": "soft"})
    play.target.order("delete", after(lambda: switch_off(play), ignored))

    assert play.play().result is Result.VERIFIED
    assert len(play.target.asked) == 1


def test_a_soft_delete_that_leaves_the_account_on_is_not_done() -> None:
    play = known(deletion(), deprovision={"delete": "soft"})
    play.target.order("delete", *[ignored] * 3)

    assert ended(play.play()) == (Result.FAILED, "NotImplemented")


def test_a_soft_delete_in_doubt_that_has_switched_the_account_off_is_done() -> None:
    play = known(deletion(), deprovision={"delete": "soft"})
    switch_off(play)

    assert ended(play.play()) == (Result.CONFLICT, "EntryConflict")
    assert play.in_doubt().play().result is Result.ALREADY
    assert play.target.asked == []


def test_a_soft_delete_in_doubt_of_who_was_off_before_is_sent() -> None:
    """That the account is off says nothing about whether the delete has arrived."""
    play = known(deletion(off=True), deprovision={"delete": "soft"}).in_doubt()

    assert play.play().result is Result.VERIFIED
    assert len(play.target.asked) == 1


def test_where_nobody_is_deleted_no_delete_is_sent() -> None:
    play = known(deletion(), deprovision={"delete": "forbidden"})

    outcome = play.play()

    assert ended(outcome) == (Result.FAILED, "NotImplemented")
    assert "deprovision.delete" in str(outcome.detail)
    assert (play.target.asked, play.kinds()) == ([], [])


def test_f18_who_is_gone_when_the_delete_arrives_was_gone_already() -> None:
    play = deletion()
    play.target.order("delete", after(lambda: take_away(play), refused(NotFound(404))))

    assert play.play().result is Result.ALREADY


def test_f18_who_is_gone_when_a_delete_is_sent_again_was_deleted_by_us() -> None:
    play = deletion()
    play.target.order(
        "delete", lost_request, after(lambda: take_away(play), refused(NotFound(404)))
    )

    assert play.play().result is Result.VERIFIED


@pytest.mark.parametrize("status", [409, 412])
@pytest.mark.parametrize(("kind", "gone"), [("hard", take_away), ("soft", switch_off)])
def test_f22_a_delete_that_is_refused_when_it_has_been_carried_out_is_done(
    kind: str, gone: Callable[[Scene], None], status: int
) -> None:
    """A proxy sends it twice, and the second one finds no such version any more."""
    play = known(deletion(), deprovision={"delete": kind})
    play.target.order("delete", after(lambda: gone(play), refused(Conflict(status))))

    assert play.play().result is Result.ALREADY
    assert len(play.target.asked) == 1


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        pytest.param("hard", {"userName": "eve@contoso.example"}, id="renamed"),
        pytest.param("hard", {"active": True}, id="on again"),
        pytest.param("soft", {"active": True}, id="on again, where deletes switch off"),
    ],
)
def test_inv_17_a_delete_that_is_refused_because_somebody_changed_the_account_is_not_sent_again(
    kind: str, change: dict[str, Any]
) -> None:
    play = known(deletion(off=True), deprovision={"delete": kind})
    by_hand = after(lambda: play.world.user("ada").update(change), refused(Conflict(412)))
    play.target.order("delete", by_hand)

    assert ended(play.play()) == (Result.CONFLICT, "EntryConflict")
    assert len(play.target.asked) == 1


def test_inv_17_a_delete_without_an_answer_is_not_sent_again_to_who_was_renamed_meanwhile() -> None:
    play = deletion()

    def renamed_and_lost(do: Any) -> Any:
        play.world.user("ada")["userName"] = "eve@contoso.example"
        return lost_request(do)

    play.target.order("delete", renamed_and_lost)

    outcome = play.play()

    assert outcome.result is Result.FAILED
    assert str(outcome.detail).endswith("was changed after the delete was sent, and is there still")
    assert len(play.target.asked) == 1


# deprovision.active_false


def test_where_a_disable_deletes_it_is_done_when_nobody_is_there() -> None:
    play = known(disabling(), deprovision={"active_false": "deletes"})
    play.target.order("patch", after(lambda: take_away(play), ignored))

    assert play.play().result is Result.VERIFIED
    assert play.in_doubt().play().result is Result.ALREADY


@pytest.mark.parametrize(
    ("active_false", "effects"), [("deletes", ["disable", "delete"]), ("suspends", ["disable"])]
)
def test_the_journal_says_what_a_disable_was(active_false: str, effects: list[str]) -> None:
    """Or the account would be one of ours for good, and never be found again."""
    play = known(disabling(), deprovision={"active_false": active_false})

    play.run()

    [done] = [line for line in play.journal.lines if line["kind"] == "done"]
    assert done["effects"] == effects


@pytest.mark.parametrize(
    ("flag", "end"),
    [
        pytest.param("deletes", (Result.VERIFIED, None), id="as known"),
        pytest.param("suspends", (Result.CONFLICT, "InvalidAnchor"), id="and nobody knew"),
    ],
)
def test_a_disable_in_several_requests_of_which_the_first_deletes(
    flag: str, end: tuple[Result, str | None]
) -> None:
    play = known(disabling(), deprovision={"active_false": flag}, write={"atomic": False})
    more = Change("nickName", None, "gone")
    play.operation = structs.replace(play.operation, changes=(*play.operation.changes, more))
    off = after(lambda: take_away(play), ignored)
    play.target.order("patch", off, refused(NotFound(404)))

    assert ended(play.play()) == end
    assert len(play.target.asked) == 2


def test_elsewhere_who_is_gone_after_a_disable_is_a_conflict() -> None:
    play = disabling()
    play.target.order("patch", after(lambda: take_away(play), ignored))

    assert ended(play.play()) == (Result.CONFLICT, "InvalidAnchor")


def test_where_nobody_is_disabled_no_disable_is_sent() -> None:
    play = known(disabling(), deprovision={"active_false": "unsupported"})

    outcome = play.play()

    assert ended(outcome) == (Result.FAILED, "NotImplemented")
    assert "deprovision.active_false" in str(outcome.detail)
    assert play.target.asked == []


def test_what_a_service_takes_from_whoever_is_disabled_is_its_own_affair() -> None:
    play = disabling()

    def stripped(do: Any) -> Any:
        do()
        del play.world.user("ada")["displayName"]

    play.target.order("patch", stripped)

    assert play.play().result is Result.VERIFIED


# members


@pytest.mark.parametrize(
    ("most", "joining", "leaving", "result"),
    [
        pytest.param(3, 2, 0, Result.VERIFIED, id="just full"),
        pytest.param(2, 2, 0, Result.FAILED, id="one too many"),
        pytest.param(3, 0, 2, Result.FAILED, id="full before: nobody knows who else is in it"),
        pytest.param(4, 0, 2, Result.VERIFIED, id="not full before"),
    ],
)
def test_a_group_that_is_too_large_for_the_service_is_not_written_to(
    most: int, joining: int, leaving: int, result: Result
) -> None:
    play = known(membership(joining=joining, leaving=leaving), members={"max": most})

    assert play.play().result is result


@pytest.mark.parametrize("status", [400, 413])
@pytest.mark.parametrize(("joining", "requests"), [(8, 2 + 4), (1, 1)])
def test_f24_members_that_are_too_many_for_one_request_come_in_smaller_ones(
    status: int, joining: int, requests: int
) -> None:
    """Eight are refused, four are refused, and two and two and two and two are taken."""
    play = membership(joining=joining)
    if joining > 1:
        play.target.order("patch", *[refused(TargetRefused(status))] * 2)

    assert play.play().result is Result.VERIFIED
    assert len(play.target.asked) == requests


def test_f24_what_is_refused_for_one_member_fails() -> None:
    play = membership(joining=2)
    play.target.order("patch", *[refused(TargetRefused(413))] * 9)

    assert ended(play.play()) == (Result.FAILED, "UnprocessableEntity")
    assert len(play.target.asked) == 2


@pytest.mark.parametrize("form", ["replace", "put"])
@pytest.mark.parametrize("status", [400, 413])
def test_f24_a_refused_list_of_those_who_stay_cannot_be_made_smaller(
    form: str, status: int
) -> None:
    play = known(membership(leaving=8), members={"remove": form})
    method = "put" if form == "put" else "patch"
    play.target.order(method, *[refused(TargetRefused(status))] * 9)

    assert ended(play.play()) == (Result.FAILED, "UnprocessableEntity")
    assert play.target.asked == [(method, play.operation.target_id)]


# write.user_update, write.group_update


@pytest.mark.parametrize(
    "flags",
    [
        {"write": {"group_update": "put"}},
        {"members": {"remove": "replace"}},
        {"members": {"remove": "put"}},
        {"members": {"remove": "filter"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("old_reads", [1, 6], ids=["for a moment", "for long"])
@pytest.mark.parametrize("resumed", [False, True], ids=["one run", "two runs"])
def test_f33_what_an_old_read_does_not_show_is_not_taken_back(
    flags: dict[str, Any], old_reads: int, resumed: bool
) -> None:
    """Two operations on a group: the second one is answered by a machine that is behind."""
    play = known(membership(joining=1, leaving=1), **flags)
    adding, removing = play.world.plan().operations
    old = deepcopy(play.world.group("g-club"))
    play.play()
    if resumed:
        play.memory = Memory(done={adding.id})
        play.memory.recall([adding, removing])
    play.operation = removing
    play.target.order("get", *[lambda do: deepcopy(old)] * old_reads)

    outcome = play.play()

    joined, left = adding.changes[0].after[0]["value"], removing.changes[0].before[0]["value"]
    there = {member["value"] for member in play.world.group("g-club")["members"]}
    taken = old_reads == 1 or flags.get("members") == {"remove": "filter"}
    assert joined in there
    assert (left in there) is not taken
    assert outcome.result is (Result.VERIFIED if taken else Result.CONFLICT)


def test_f33_an_old_read_after_a_refusal_is_not_sent_back_either() -> None:
    play = known(membership(joining=1, leaving=1), write={"group_update": "put"})
    adding, removing = play.world.plan().operations
    old = deepcopy(play.world.group("g-club"))
    play.play()
    play.operation = removing
    play.target.order("put", refused(Conflict(412)))
    play.target.order("get", honest, lambda do: deepcopy(old))

    assert play.play().result is Result.VERIFIED
    assert adding.changes[0].after[0]["value"] in play.target.members(str(adding.target_id))


def test_a_put_that_was_lost_is_sent_again_after_a_look() -> None:
    play = known(changing(), write={"user_update": "put"})
    play.target.order("put", lost_request)

    assert play.play().result is Result.VERIFIED
    assert [method for method, _ in play.target.asked] == ["put", "put"]
    assert play.world.user("ada")["title"] == "Director"


def test_what_a_read_does_not_show_is_not_put() -> None:
    """Nobody would notice what a PUT has cleared."""
    hidden = {"name": "nickName", "returned": "request"}
    urn = "urn:ietf:params:scim:schemas:core:2.0:User"
    play = known(changing(), write={"user_update": "put"})
    schemas = Schemas.from_discovery([{"id": urn, "attributes": [hidden]}], [])
    play.target.capabilities = replace(play.target.capabilities, schemas=schemas)

    outcome = play.play()

    assert ended(outcome) == (
        Result.FAILED,
        "SystemForCrossDomainIdentityManagementServiceIncompatible",
    )
    assert "does not show nickName of a User" in str(outcome.detail)
    assert play.target.asked == []


# creates


@pytest.mark.parametrize(
    ("statuses", "result"), [((409,), Result.FAILED), ((409, 400), Result.CONFLICT)]
)
def test_by_what_status_a_name_is_taken_is_for_the_profile_to_say(
    statuses: tuple[int, ...], result: Result
) -> None:
    play = known(creation(), errors={"duplicate": statuses})
    someone = {"userName": "ada@contoso.example"}

    def taken(do: Any) -> Any:
        play.target.users["other"] = {"id": "other", **someone}
        raise TargetRefused(400)

    play.target.order("create", taken)

    assert play.play().result is result


def test_inv_13_a_group_is_not_created_twice_where_names_are_not_unique() -> None:
    """A lost create may arrive later; a second group of the same name would stay."""
    target = TroubledTarget()
    assignments = [{"group": "Staff", "role": "User"}]
    staff = group("g-staff", "Staff", "ada")
    world = World(application(assignments=assignments), directory([person("ada")], [staff]), target)
    create = next(op for op in world.plan().operations if op.resource_type is ResourceType.GROUP)
    play = Scene(world, target, create)
    play.target.order("create", lost_request)

    outcome = play.play()

    assert ended(outcome) == (Result.FAILED, "Timeout")
    assert "nobody can say" in str(outcome.detail)
    assert len(play.target.asked) == 1
    assert play.in_doubt().play().result is Result.VERIFIED


# changes


@pytest.mark.parametrize(("retries", "sent"), [(1, 2), (2, 1), (3, 1)])
def test_f33_a_change_is_looked_for_as_long_as_the_profile_says(retries: int, sent: int) -> None:
    """Two reads show the state before; whoever does not wait for the third sends again."""
    lag = {"retries": retries, "delay_seconds": 1}
    play = known(changing(), concurrency={"read_after_write": lag})
    before = dict(play.world.user("ada"))
    play.target.order("get", honest, *[lambda do: dict(before)] * 2)

    assert play.play().result is Result.VERIFIED
    assert len(play.target.asked) == sent


@pytest.mark.parametrize("status", [409, 412])
def test_f21_f22_a_change_that_is_refused_once_is_sent_once_more(status: int) -> None:
    play = changing()
    play.target.order("patch", refused(Conflict(status)))

    assert play.play().result is Result.VERIFIED

    play = changing()
    play.target.order("patch", *[refused(Conflict(status))] * 3)

    assert ended(play.play()) == (Result.CONFLICT, "EntryConflict")
    assert len(play.target.asked) == 2


def test_f31_a_service_that_takes_more_ends_the_run() -> None:
    play = changing()

    def greedy(do: Any) -> Any:
        do()
        del play.world.user("ada")["externalId"]

    play.target.order("patch", greedy)

    outcome = play.play()

    assert outcome.ends_run
    assert ended(outcome) == (
        Result.FAILED,
        "SystemForCrossDomainIdentityManagementServiceIncompatible",
    )
    assert str(outcome.detail).endswith("ada@contoso.example lost externalId")


@pytest.mark.parametrize("cut_short", [True, False], ids=["and it was cut short", "and whole"])
def test_f31_what_a_service_took_counts_although_the_account_is_deleted_before_the_last_look(
    cut_short: bool,
) -> None:
    play = known(changing(), concurrency={"read_after_write": {"retries": 2, "delay_seconds": 1}})

    def greedy(do: Any) -> Any:
        do()
        if cut_short:
            del play.world.user("ada")["externalId"]

    def behind(do: Any) -> Any:
        return {**do(), "title": "Engineer"}

    play.target.order("patch", greedy)
    play.target.order("get", honest, behind, after(play.target.users.clear, honest))

    outcome = play.play()

    assert outcome.ends_run is cut_short
    assert str(outcome.detail).endswith("ada@contoso.example lost externalId") is cut_short
    assert outcome.result is (Result.FAILED if cut_short else Result.CONFLICT)


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(Conflict(409), id="as a conflict"),
        pytest.param(TargetRefused(422), id="for another reason"),
        pytest.param(TargetRefused(413), id="as too many"),
    ],
)
def test_f31_what_a_first_request_took_is_noticed_when_the_next_one_is_refused(
    refusal: TargetRefused,
) -> None:
    """150 come in two requests; the first one throws the others out."""
    play = membership(joining=150)

    def greedy(do: Any) -> Any:
        do()
        del play.world.group("g-club")["members"][0]

    play.target.order("patch", greedy, refused(refusal))

    outcome = play.play()

    assert outcome.ends_run
    assert str(outcome.detail).endswith("Club lost members")
    assert len(play.target.asked) == 2


def test_inv_17_a_removal_that_is_refused_because_a_member_has_left_is_not_sent_again() -> None:
    """What is left of it was judged by nobody; the next plan shows it."""
    play = membership(leaving=2)
    [group_id] = [play.operation.target_id]
    members = play.target.groups[str(group_id)]["members"]
    gone = str(play.operation.changes[0].before[0]["value"])

    def leaves() -> None:
        members[:] = [member for member in members if member["value"] != gone]

    play.target.order("patch", after(leaves, refused(Conflict(412))))

    assert ended(play.play()) == (Result.CONFLICT, "EntryConflict")
    assert len(play.target.asked) == 1


def test_f22_a_change_that_is_there_although_it_was_refused_is_done() -> None:
    play = changing()
    play.target.order("patch", carried_out_and_refused)

    assert play.play().result is Result.VERIFIED


def carried_out_and_refused(do: Any) -> Any:
    do()
    raise Conflict(412)
