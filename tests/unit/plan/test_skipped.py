"""Ruling 5: skipped is not leaving. Whoever cannot be judged or written stays as they are."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.plan.document import Body
from reconciler.plan.operation import Action
from tests.worlds import (
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    application,
    codes,
    directory,
    group,
    of,
    person,
    settled,
    told,
)

OWNERSHIPS = ("recorded", "all")
FAILING = {"target": "nickName", "expression": 'IIF([department]="IT", "it", "other")'}
BY_NAME_ONLY = [{**line, "match": None} if "match" in line else line for line in USER_MAPPINGS]
BY_NAME_ONLY[0] = {**USER_MAPPINGS[0], "match": 1}


def touched(body: Body) -> set[str]:
    """Return the ids of everything that a plan does something to, or removes from a group."""
    ids = {operation.target_id for operation in body.operations}
    for operation in body.operations:
        change = operation.change_of("members")
        ids |= {member["value"] for member in (change.before or [])} if change else set()
    return {str(target) for target in ids if target}


def by_invalid_domain(world: World) -> None:
    world.becomes(
        [person("ada"), person("bob", userPrincipalName="bob@fabrikam.example")],
        [group("g-staff", "Staff", "ada", "bob"), group("g-team", "Team", "ada")],
        registered_domains=["contoso.example"],
        ownership=world.application.ownership,
        assignments=[{"group": "Staff", "role": "User"}, {"group": "Team"}],
    )


def by_failing_expression(world: World) -> None:
    world.becomes(
        [person("ada", department="IT"), person("bob")],
        [group("g-staff", "Staff", "ada", "bob"), group("g-team", "Team", "ada")],
        mappings={**world_mappings(), "users": [*USER_MAPPINGS, FAILING]},
        ownership=world.application.ownership,
        assignments=[{"group": "Staff", "role": "User"}, {"group": "Team"}],
    )


def by_failing_match(world: World) -> None:
    name = {
        "target": "userName",
        "expression": 'IIF([department]="IT", [userPrincipalName], [mail])',
        "match": 1,
    }
    world.becomes(
        [person("ada", department="IT"), person("bob")],
        [group("g-staff", "Staff", "ada", "bob"), group("g-team", "Team", "ada")],
        mappings={**world_mappings(), "users": [name, *USER_MAPPINGS[1:]]},
        ownership=world.application.ownership,
        assignments=[{"group": "Staff", "role": "User"}, {"group": "Team"}],
    )


def by_duplicate(world: World) -> None:
    world.becomes(
        [person("ada"), person("bob"), person("rob", userPrincipalName="BOB@contoso.example")],
        [group("g-staff", "Staff", "ada", "bob", "rob"), group("g-team", "Team", "ada")],
        ownership=world.application.ownership,
        assignments=[{"group": "Staff", "role": "User"}, {"group": "Team"}],
    )


def by_missing_match_value(world: World) -> None:
    world.becomes(
        [person("ada"), person("bob", userPrincipalName="")],
        [group("g-staff", "Staff", "ada", "bob"), group("g-team", "Team", "ada")],
        mappings={**world_mappings(), "users": BY_NAME_ONLY},
        ownership=world.application.ownership,
        assignments=[{"group": "Staff", "role": "User"}, {"group": "Team"}],
    )


def world_mappings() -> dict[str, Any]:
    """Return the mappings of a plain world."""
    return dict(application().model_dump(mode="json", exclude_unset=True)["mappings"])


CAUSES = [
    pytest.param(by_invalid_domain, "InvalidDomain", id="domain that is not registered"),
    pytest.param(by_failing_expression, "EntrySynchronizationSkipped", id="failing expression"),
    pytest.param(by_failing_match, "EntrySynchronizationSkipped", id="failing match"),
    pytest.param(by_duplicate, "DuplicateSourceEntries", id="duplicate at the source"),
    pytest.param(by_missing_match_value, "ImportSkipped", id="no matching value"),
]


def two_in_a_team(ownership: str) -> World:
    """Return a settled world in which Ada and Bob are in Staff and in Team."""
    return settled(
        person("ada", department="IT"),
        person("bob", department="IT"),
        groups=[group("g-staff", "Staff", "ada", "bob"), group("g-team", "Team", "ada", "bob")],
        assignments=[{"group": "Staff", "role": "User"}, {"group": "Team"}],
        ownership=ownership,
    )


@pytest.mark.parametrize("ownership", OWNERSHIPS)
@pytest.mark.parametrize(("cause", "code"), CAUSES)
def test_ruling_5_a_skipped_person_keeps_account_roles_and_memberships(
    cause: Callable[[World], None], code: str, ownership: str
) -> None:
    world = two_in_a_team(ownership)
    account = world.account_of("bob")

    cause(world)
    plan = world.plan()

    assert codes(plan)["bob"] == code
    assert account not in touched(plan)


@pytest.mark.parametrize("ownership", OWNERSHIPS)
@pytest.mark.parametrize(("cause", "code"), CAUSES)
def test_ruling_5_a_skipped_person_who_is_not_linked_keeps_a_matching_account(
    cause: Callable[[World], None], code: str, ownership: str
) -> None:
    """As after the journals were lost, or before the first apply."""
    world = two_in_a_team(ownership)
    account = world.account_of("bob")
    links = {key: target for key, target in world.recorded.links.items() if target != account}
    world.recorded = type(world.recorded)(links)

    cause(world)
    plan = world.plan()

    assert codes(plan)["bob"] == code
    assert account not in touched(plan)


@pytest.mark.parametrize("ownership", OWNERSHIPS)
def test_ruling_5_two_accounts_that_match_one_person_are_both_left_alone(ownership: str) -> None:
    world = World(application(ownership=ownership), directory([person("bob")]))
    world.target.add_user("t-1", "bob@contoso.example", active=True)
    world.target.add_user("t-2", "old@contoso.example", active=True, externalId="bob")

    plan = world.plan()

    assert codes(plan) == {"bob": "DuplicateTargetEntries"}
    assert touched(plan) == set()


def test_ruling_5_an_account_that_may_be_a_skipped_persons_is_not_taken_for_a_local_one() -> None:
    """Nobody matches it, but the one whose userName is missing would have."""
    world = World(application(ownership="all"), directory([person("bob", userPrincipalName="")]))
    world.target.add_user("t-1", "bob@contoso.example", active=True)

    plan = world.plan()

    assert codes(plan) == {"bob": "MandatoryFieldsMissing"}
    assert touched(plan) == set()


def test_ruling_5_a_leaver_without_a_matching_value_holds_nobody_back() -> None:
    """With `ownership: all`, unassigned people without a name do not stop all disables."""
    people = [person("ada"), person("eve", userPrincipalName="")]
    world = World(
        application(ownership="all"), directory(people, [group("g-staff", "Staff", "ada")])
    )
    world.target.add_user("t-1", "local@contoso.example", active=True)

    assert [op.target_id for op in of(world.plan(), Action.DISABLE)] == ["t-1"]


def test_ruling_5_a_wanted_person_does_not_get_the_account_of_a_skipped_one() -> None:
    """Both match it, each by another attribute; it may be either's."""
    mappings = {"users": [*USER_MAPPINGS, {"target": "title", "source": "badge", "match": 3}]}
    mappings["users"] = [line for line in mappings["users"] if line.get("source") != "jobTitle"]
    world = World(
        application(mappings=mappings, registered_domains=["contoso.example"]),
        directory(
            [
                person("bob", userPrincipalName="bob@fabrikam.example", badge="7"),
                person("rob", userPrincipalName="rob@contoso.example"),
            ]
        ),
    )
    world.target.add_user("t-1", "rob@contoso.example", title="7")

    plan = world.plan()

    assert codes(plan) == {"bob": "InvalidDomain", "rob": "DuplicateSourceEntries"}
    assert touched(plan) == set()


def test_ruling_5_a_duplicate_of_a_skipped_person_is_skipped_too() -> None:
    mappings = {"users": [*USER_MAPPINGS, FAILING]}
    world = World(
        application(mappings=mappings),
        directory(
            [
                person("bob"),
                person("rob", userPrincipalName="bob@contoso.example", department="IT"),
            ]
        ),
    )
    world.target.add_user("t-1", "bob@contoso.example")

    plan = world.plan()

    assert codes(plan) == {"bob": "EntrySynchronizationSkipped", "rob": "DuplicateSourceEntries"}
    assert touched(plan) == set()


def test_ruling_5_a_leaver_whose_disable_cannot_be_worked_out_is_skipped() -> None:
    active = {
        "target": "active",
        "expression": 'IIF([department]="IT", Not([IsSoftDeleted]), Not([IsSoftDeleted]))',
    }
    mappings = {"users": [*USER_MAPPINGS[:2], active]}
    world = settled(
        person("bob", department="IT"), person("ada", department="IT"), mappings=mappings
    )

    world.becomes(
        [person("bob"), person("ada", department="IT")],
        [group("g-staff", "Staff", "ada")],
        mappings=mappings,
    )
    plan = world.plan()

    assert told(plan.operations) == []
    assert codes(plan) == {"bob": "EntrySynchronizationSkipped"}


def test_ruling_5_the_unassigned_without_account_are_only_counted() -> None:
    active = {"target": "active", "expression": 'IIF([department]="IT", Not([IsSoftDeleted]), "")'}
    world = World(
        application(mappings={"users": [*USER_MAPPINGS[:2], active]}),
        directory([person("bob")], [group("g-staff", "Staff")]),
    )

    plan = world.plan()

    assert (plan.skipped, plan.inputs.unassigned) == ((), 1)


def test_ruling_5_a_skipped_group_keeps_its_members_and_its_place_in_others() -> None:
    groups = [*GROUP_MAPPINGS[:2], {"target": "members", "source": "members"}]
    groups[0] = {
        "target": "displayName",
        "expression": 'IIF([kind]="A", [displayName], "other")',
        "match": 1,
    }
    people = [person("ada"), person("bob")]
    changes: dict[str, Any] = {
        "assignments": [{"group": "Staff", "role": "User"}, {"group": "Team"}],
        "mappings": {"users": USER_MAPPINGS, "groups": groups},
    }
    world = settled(
        *people,
        groups=[
            group("g-staff", "Staff", "ada", "bob", "g-team", kind="A"),
            group("g-team", "Team", "ada", "bob", kind="A"),
        ],
        **changes,
    )

    world.becomes(
        people,
        [group("g-staff", "Staff", "ada", "bob", kind="A"), group("g-team", "Team", "ada")],
        **changes,
    )
    plan = world.plan()

    assert codes(plan) == {"g-team": "EntrySynchronizationSkipped"}
    assert told(plan.operations) == []


def test_ruling_5_a_skipped_manager_stays_the_manager() -> None:
    world = settled(person("ada"), person("bob", manager="ada"))

    world.becomes(
        [person("ada", userPrincipalName="ada@fabrikam.example"), person("bob", manager="ada")],
        registered_domains=["contoso.example"],
    )

    assert told(world.plan().operations) == []
