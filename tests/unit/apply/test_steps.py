"""One operation against a target that fails in every way: exactly one effect, or none."""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.apply.memory import Memory
from reconciler.apply.observe import Observer
from reconciler.apply.report import Outcome, Result
from reconciler.apply.steps import ATTEMPTS, Stepper
from reconciler.plan.operation import Action, Change, Operation, Precondition, Reference
from reconciler.scim.errors import (
    Conflict,
    NotAuthorized,
    TargetRefused,
    TargetUnreachable,
    Throttled,
)
from reconciler.states import ResourceType
from tests.troubles import (
    Trouble,
    TroubledTarget,
    after,
    honest,
    ignored,
    lost_answer,
    lost_request,
    refused,
)
from tests.worlds import FrozenClock, MemoryJournal, World, application, directory, group, person

USER, GROUP = ResourceType.USER, ResourceType.GROUP
ADA = "ada@contoso.example"


class Scene:
    """A world with one operation to carry out, and everything that is needed for it."""

    def __init__(self, world: World, target: TroubledTarget, operation: Operation) -> None:
        self.world = world
        self.target = target
        self.operation = operation
        self.journal = MemoryJournal()
        self.memory = Memory()

    def in_doubt(self) -> "Scene":
        """Let an earlier run have begun the operation, and died."""
        self.memory.in_doubt.add(self.operation.id)
        return self

    def play(self) -> Outcome:
        observer = Observer(self.target.capabilities.schemas)
        self.target.asked.clear()
        stepper = Stepper(self.target, observer, self.memory, FrozenClock(), self.journal)
        return stepper.carry_out(self.operation)

    def kinds(self) -> list[str]:
        return [line["kind"] for line in self.journal.lines]


def scene(action: Action, *, before: World | None = None, **cells: str) -> Scene:
    """Return the first operation with *action* that a world of one person needs."""
    target = TroubledTarget()
    world = before or World(application(), directory([person("ada", **cells)]))
    world.target = target
    return Scene(world, target, next(op for op in world.plan().operations if op.action is action))


def creation() -> Scene:
    return scene(Action.CREATE, jobTitle="Engineer")


def changing(target: TroubledTarget | None = None, **cells: str) -> Scene:
    """Return an update of Ada, whose title and display name change unless *cells* say otherwise."""
    target = target or TroubledTarget()
    world = World(application(), directory([person("ada", jobTitle="Engineer")]), target)
    world.settle()
    wanted = cells or {"jobTitle": "Director", "displayName": "Ada L"}
    world.directory = directory([person("ada", **wanted)])
    update = next(op for op in world.plan().operations if op.action is Action.UPDATE)
    return Scene(world, target, update)


def deletion() -> Scene:
    target = TroubledTarget()
    lifecycle = {"deleted_at_source": "delete"}
    people = [person(name) for name in ("ada", "bob", "cleo")]
    world = World(application(lifecycle=lifecycle), directory(people), target)
    world.settle()
    world.directory = directory(people[1:])
    delete = next(op for op in world.plan().operations if op.action is Action.DELETE)
    return Scene(world, target, delete)


def membership(*, joining: int = 0, leaving: int = 0) -> Scene:
    """Return the operation by which many people join, or leave, a group."""
    target = TroubledTarget()
    people = [person(f"p{number:03}") for number in range(joining + leaving + 1)]
    anchors = [subject.anchor for subject in people]
    staff = group("g-staff", "Staff", *anchors)
    there, wanted = anchors[: leaving + 1], [anchors[0], *anchors[leaving + 1 :]]
    assignments = [{"group": "Staff", "role": "User"}, {"group": "Club"}]
    world = World(
        application(assignments=assignments),
        directory(people, [staff, group("g-club", "Club", *there)]),
        target,
    )
    world.settle()
    world.directory = directory(people, [staff, group("g-club", "Club", *wanted)])
    operations = world.plan().operations
    return Scene(world, target, operations[0])


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


def test_an_intent_is_written_once_and_before_the_request() -> None:
    play = creation()
    seen: list[list[str]] = []
    play.target.order("create", after(lambda: seen.append(play.kinds()), lost_request))

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
    play.target.order("get", ignored)

    outcome = play.play()

    assert (outcome.result, outcome.code) == (Result.FAILED, "NotImplemented")


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


def test_a_create_without_a_name_to_look_for_is_sent() -> None:
    play = creation()
    changes = tuple(c for c in play.operation.changes if c.path != "userName")
    play.operation = replace(play.operation, changes=changes)

    assert play.play().result is Result.VERIFIED


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TargetRefused(400, "no such attribute"), "UnprocessableEntity"),
        (Throttled(429, "slow down"), "UnprocessableEntity"),
        (TargetUnreachable("nobody there"), "Timeout"),
    ],
    ids=["refused", "throttled", "unreachable"],
)
def test_what_the_target_says_is_kept(error: Exception, code: str) -> None:
    play = creation()
    play.target.order("create", refused(error))

    outcome = play.play()

    assert (outcome.result, outcome.code, outcome.detail) == (Result.FAILED, code, str(error))


def test_a_refused_credential_is_not_an_outcome() -> None:
    play = creation()
    play.target.order("create", refused(NotAuthorized(401, "expired")))

    with pytest.raises(NotAuthorized):
        play.play()


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
    play.target.order("patch", ignored)

    outcome = play.play()

    assert outcome.result is Result.FAILED
    assert outcome.code == "SystemForCrossDomainIdentityManagementServiceIncompatible"
    assert "title" in str(outcome.detail)
    assert len(play.target.asked) == 1


def test_of_a_change_that_arrived_in_part_only_the_rest_is_sent_again() -> None:
    play = changing()
    patches: list[Any] = []

    def half(do: Any) -> Any:
        play.world.user("ada")["displayName"] = "Ada L"
        return lost_request(do)

    def keep(do: Any) -> Any:
        patches.append(play.world.user("ada")["displayName"])
        return do()

    play.target.order("patch", half, keep)

    outcome = play.play()

    assert outcome.result is Result.VERIFIED
    assert patches == ["Ada L"]
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
    play.operation = replace(play.operation, references=(lost,))
    club = play.world.account_of("g-club", GROUP)

    first, again = play.play(), play.in_doubt().play()

    assert len(play.target.members(club)) == 3
    for outcome in (first, again):
        assert outcome.result is Result.CONFLICT
        assert outcome.code == "UnableToResolveReferenceAttributeValue"
        assert str(outcome.detail).endswith(": lost@contoso.example")
    assert play.target.asked == []


def test_a_reference_is_resolved_by_what_this_run_created() -> None:
    play = changing()
    play.operation = replace(reference("bob"), target_id=play.world.account_of("ada"))
    play.memory.remember(USER, "bob", "id-of-bob")

    outcome = play.play()

    assert outcome.result is Result.VERIFIED
    urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    assert play.world.user("ada")[urn]["manager"]["value"] == "id-of-bob"


def test_a_change_to_what_was_not_created_is_a_conflict() -> None:
    play = changing()
    play.operation = replace(play.operation, target_id=None, precondition=None)

    outcome = play.play()

    assert outcome.code == "UnableToResolveReferenceAttributeValue"
    assert "was not created" in str(outcome.detail)


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
    play.target.order("patch", ignored)

    outcome = play.play()

    assert outcome.result is Result.FAILED
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
    play.operation = replace(
        play.operation, precondition=bound, changes=(Change("title", "Engineer", "Director"),)
    )

    assert play.play().result is Result.CONFLICT
