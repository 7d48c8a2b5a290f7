"""INV-17 and section 6: an operation runs only on what the plan saw, and nothing more."""

from typing import Any

import pytest

from reconciler.diff import Comparator
from reconciler.plan.operation import Action, Change
from reconciler.plan.precondition import applied, fingerprint, precondition, touched_members
from reconciler.scim.schema import CORE
from reconciler.states import Resource
from tests.worlds import ENTERPRISE, GROUP_MAPPINGS, USER_MAPPINGS, World, group, person, settled

USERS, GROUPS = Comparator("User", CORE), Comparator("Group", CORE)
MANAGER = f"{ENTERPRISE}:manager"


def ada(**changes: Any) -> Resource:
    """Return an account."""
    account = {"id": "t-1", "userName": "ada@contoso.example", "title": "A", "active": True}
    return {**account, **changes}


TITLE = [Change("title", "A", "B")]
BOUND = precondition(ada(), TITLE, ["userName", "active"], USERS)


def still_fits(live: Resource) -> bool:
    """Say whether the operation may run on *live*."""
    return fingerprint(live, BOUND.paths, (), USERS) == BOUND.sha256


def test_it_names_what_it_relies_on_and_what_it_touches() -> None:
    assert BOUND.paths == ("active", "title", "userName")


@pytest.mark.parametrize(
    "change",
    [
        {"id": "t-2"},
        {"userName": "eve@contoso.example"},
        {"active": False},
        {"title": "C"},
        {"title": None},
    ],
    ids=lambda change: next(iter(change.items())),
)
def test_what_it_relies_on_must_be_as_the_plan_saw_it(change: dict[str, Any]) -> None:
    assert still_fits(ada(**change)) is False


@pytest.mark.parametrize(
    "change",
    [
        {"displayName": "Somebody else"},
        {"meta": {"version": 'W/"9"'}},
        {"userName": "ADA@contoso.example"},
        {"active": None},
        {"active": "True"},
    ],
    ids=lambda change: next(iter(change.items())),
)
def test_an_unrelated_change_or_another_spelling_does_not_void_the_review(
    change: dict[str, Any],
) -> None:
    assert still_fits(ada(**change)) is True


@pytest.mark.parametrize(
    ("manager", "fits"),
    [
        ({"value": "t-9"}, True),
        ({"value": "t-9", "displayName": "X"}, True),
        ("t-9", True),
        ({"value": "t-8"}, False),
        (None, False),
    ],
)
def test_a_manager_is_known_by_id_alone(manager: object, fits: bool) -> None:
    live = ada(**{ENTERPRISE: {"manager": {"value": "t-9"}}})
    bound = precondition(live, [Change(MANAGER, "t-9", "t-7")], [], USERS)

    found = fingerprint(ada(**{ENTERPRISE: {"manager": manager}}), bound.paths, (), USERS)

    assert (found == bound.sha256) is fits


def team(*members: str) -> Resource:
    """Return a group."""
    return {"id": "g", "displayName": "T", "members": [{"value": member} for member in members]}


@pytest.mark.parametrize(
    ("members", "fits"),
    [
        pytest.param(("a", "b"), True, id="as it was"),
        pytest.param(("b", "a", "x", "y"), True, id="others joined"),
        pytest.param(("a",), True, id="somebody else left"),
        pytest.param(("b",), False, id="who is to be removed is gone"),
        pytest.param(("a", "b", "c"), False, id="who is to join is there"),
    ],
)
def test_of_members_only_those_that_come_or_go_matter(members: tuple[str, ...], fits: bool) -> None:
    changes = [
        Change("members", [{"value": "a", "display": "a"}], None),
        Change("members", None, [{"value": "c", "display": "c"}]),
    ]
    bound = precondition(team("a", "b"), changes, ["displayName"], GROUPS)

    found = fingerprint(team(*members), bound.paths, touched_members(changes), GROUPS)

    assert bound.paths == ("displayName",)
    assert (found == bound.sha256) is fits


def test_what_an_operation_leaves_behind_is_foreseen() -> None:
    live = ada(name={"givenName": "A"}, members=[{"value": "a"}, {"value": "b"}])
    applied(
        live,
        [
            Change("title", "A", None),
            Change("name.givenName", "A", "B"),
            Change("members", [{"value": "a"}], None),
            Change("members", None, [{"value": "c", "display": "c"}]),
        ],
    )

    assert "title" not in live
    assert live["name"] == {"givenName": "B"}
    assert [member["value"] for member in live["members"]] == ["b", "c"]


# several operations of one plan on one resource


def busy() -> World:
    """Return a world in which one account needs everything at once."""
    by_status = {
        "target": "active",
        "expression": 'IIF([IsSoftDeleted]="True", "False", Switch([st], "True", "off", "False"))',
    }
    users = [by_status if line["target"] == "active" else line for line in USER_MAPPINGS]
    world = settled(
        person("ada"),
        person("bob"),
        assignments=[
            {"group": "Staff", "role": "User"},
            {"user": "ada", "role": "Administrator"},
        ],
        mappings={"users": users, "groups": GROUP_MAPPINGS},
    )
    return world.becomes(
        [
            person("ada", userPrincipalName="countess@contoso.example", manager="bob", st="off"),
            person("bob"),
        ],
        assignments=[{"group": "Staff", "role": "User"}],
    )


def test_operations_on_one_resource_are_bound_to_what_those_before_leave_behind() -> None:
    world = busy()

    plan = world.plan()
    report = world.apply(plan)

    assert [operation.action for operation in plan.operations] == [
        Action.UPDATE,
        Action.UPDATE,
        Action.REVOKE,
        Action.DISABLE,
    ]
    assert len({operation.target_id for operation in plan.operations}) == 1
    assert [outcome.code for outcome in report.outcomes if not outcome.good] == []
    assert world.plan().operations == ()


def test_when_the_first_of_them_finds_something_else_none_of_them_runs() -> None:
    world = busy()
    plan = world.plan()
    world.user("ada")["userName"] = "stranger@contoso.example"
    before = dict(world.user("ada"))

    report = world.apply(plan)

    assert {outcome.code for outcome in report.outcomes} == {"EntryConflict"}
    assert world.user("ada") == before


def test_an_account_that_was_turned_off_since_the_plan_is_a_conflict() -> None:
    world = settled(person("ada")).becomes([person("ada", displayName="Countess")])
    plan = world.plan()
    world.user("ada")["active"] = False

    report = world.apply(plan)

    assert [outcome.code for outcome in report.outcomes] == ["EntryConflict"]


def test_a_manager_who_was_changed_since_the_plan_is_a_conflict() -> None:
    """Also when the new manager is only created by the plan."""
    world = settled(person("ada"), person("bob"))
    world.becomes([person("ada", manager="cyd"), person("bob"), person("cyd")])
    plan = world.plan()
    world.user("ada")[ENTERPRISE] = {"manager": {"value": world.account_of("bob")}}

    report = world.apply(plan)

    codes = {o.operation.key: o.code for o in report.outcomes if not o.good}
    assert codes == {"ada@contoso.example": "EntryConflict"}


def test_members_who_come_and_go_in_one_group_are_bound_apart() -> None:
    assignments = [{"group": "Staff", "role": "User"}, {"group": "Team"}]
    people = [person(name) for name in ("ada", "bob")]
    staff = group("g-staff", "Staff", "ada", "bob")
    world = settled(
        *people, groups=[staff, group("g-team", "Team", "ada")], assignments=assignments
    )
    world.becomes(
        people,
        [staff, group("g-team", "Crew", "bob")],
        assignments=[assignments[0], {"group": "Crew"}],
    )

    plan = world.plan()
    report = world.apply(plan)

    assert [operation.action for operation in plan.operations] == [
        Action.UPDATE,
        Action.ADD_MEMBERS,
        Action.REMOVE_MEMBERS,
    ]
    assert report.status == "done"
    assert world.names_in("g-team") == {"bob"}


def test_what_a_plan_creates_has_no_precondition() -> None:
    world = busy().becomes([person("ada"), person("bob"), person("cyd", manager="ada")])

    new = [op for op in world.plan().operations if op.source_id == "cyd"]

    assert [(op.action, op.precondition) for op in new] == [
        (Action.CREATE, None),
        (Action.UPDATE, None),
    ]
