"""Rulings 7, 8 and 9: what active means, and accounts that become ours."""

from typing import Any

import pytest

from reconciler.plan.operation import Action
from reconciler.scim.schema import Schemas
from tests.worlds import (
    ENTERPRISE,
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    application,
    changes_of,
    directory,
    group,
    of,
    person,
    settled,
    told,
)

BOB = "bob@contoso.example"
STAFF = {"group": "Staff", "role": "User"}


def gone() -> World:
    """Return a world in which Bob has left the source."""
    return settled(person("ada"), person("bob")).becomes([person("ada")])


# ruling 7: active


@pytest.mark.parametrize("value", [True, "True", "true", "TRUE", None], ids=repr)
def test_ruling_7_an_account_counts_as_active(value: object) -> None:
    world = settled(person("ada"))
    world.user("ada")["active"] = value

    assert told(world.plan().operations) == []


def test_ruling_7_an_account_without_active_counts_as_active() -> None:
    world = settled(person("ada"))
    del world.user("ada")["active"]

    assert told(world.plan().operations) == []


@pytest.mark.parametrize("value", [False, "False", "false"], ids=repr)
def test_ruling_7_an_account_that_is_off_is_enabled(value: object) -> None:
    world = settled(person("ada"))
    world.user("ada")["active"] = value

    [operation] = world.plan().operations
    assert (operation.action, changes_of(operation)) == (Action.ENABLE, [("active", value, True)])


@pytest.mark.parametrize("value", [False, "False", "false"], ids=repr)
def test_ruling_7_an_account_that_is_off_needs_no_disable(value: object) -> None:
    world = gone()
    world.user("bob")["active"] = value

    assert told(world.plan().operations) == []


@pytest.mark.parametrize("value", [True, "True", None], ids=repr)
def test_ruling_7_an_account_that_is_on_is_disabled(value: object) -> None:
    world = gone()
    world.user("bob")["active"] = value

    [operation] = world.plan().operations
    assert (operation.action, changes_of(operation)) == (Action.DISABLE, [("active", value, False)])


BY_STATUS = {
    "target": "active",
    "expression": 'IIF([IsSoftDeleted]="True", "False", Switch([status], "True", "off", "False"))',
}
STATUS_MAPPINGS = {
    "users": [BY_STATUS if line["target"] == "active" else line for line in USER_MAPPINGS],
    "groups": GROUP_MAPPINGS,
}


def test_ruling_7_an_expression_that_turns_active_off_is_a_disable() -> None:
    world = settled(person("ada"), person("bob"), mappings=STATUS_MAPPINGS)
    world.becomes(
        [person("ada"), person("bob", status="off", displayName="Robert")],
        mappings=STATUS_MAPPINGS,
    )

    assert told(world.plan().operations) == [("update", BOB), ("disable", BOB)]


def test_ruling_7_an_account_that_is_created_inactive_is_not_a_disable() -> None:
    people = [person(name, status="off") for name in ("ada", "bob", "cyd", "dan", "eve")]
    world = World(application(mappings=STATUS_MAPPINGS), directory(people))

    plan = world.plan(removals=False)

    assert len(of(plan, Action.CREATE)) == 6
    assert (plan.withheld, [v.id for v in plan.guards if v.blocked]) == ((), [])


def test_ruling_7_active_is_known_by_any_spelling_of_its_path() -> None:
    urn = "urn:ietf:params:scim:schemas:core:2.0:User"
    users = [
        {**line, "target": f"{urn}:Active"} if line["target"] == "active" else line
        for line in USER_MAPPINGS
    ]
    world = settled(person("ada"), person("bob"), mappings={"users": users})
    world.becomes([person("ada")], mappings={"users": users})

    [operation] = world.plan().operations
    assert (operation.action, operation.change_of("active") is not None) == (Action.DISABLE, True)


def test_ruling_7_a_service_that_calls_active_a_string_is_understood() -> None:
    advertised = {
        "id": "urn:ietf:params:scim:schemas:core:2.0:User",
        "attributes": [{"name": "active", "type": "string", "caseExact": True}],
    }
    schemas = Schemas.from_discovery([advertised], [])
    world = settled(person("ada"), person("bob"), schemas=schemas)
    assert world.user("bob")["active"] == "True"
    world.becomes([person("ada")])

    [operation] = world.plan().operations

    assert (operation.action, changes_of(operation)) == (
        Action.DISABLE,
        [("active", "True", "False")],
    )
    world.settle()
    assert told(world.plan().operations) == []


def test_an_inactive_leaver_whose_other_marks_differ_is_updated_and_not_disabled_again() -> None:
    status = {"target": "userType", "expression": 'Switch([IsSoftDeleted], "in", "True", "out")'}
    mappings = {"users": [*USER_MAPPINGS, status], "groups": GROUP_MAPPINGS}
    world = settled(person("ada"), person("bob"), mappings=mappings)
    world.becomes([person("ada")], mappings=mappings)
    world.user("bob")["active"] = False

    [operation] = world.plan().operations

    assert (operation.action, changes_of(operation)) == (
        Action.UPDATE,
        [("userType", "in", "out")],
    )


# ruling 9: link


def met(**attributes: Any) -> World:
    """Return a world in which Bob has an account that is not ours."""
    world = World(application(mappings={"users": USER_MAPPINGS}), directory([person("bob")]))
    world.target.add_user("t-1", BOB, **attributes)
    return world


def test_ruling_9_an_account_that_is_matched_is_linked_with_its_updates() -> None:
    world = met(displayName="Bobby", active=True)

    [operation] = world.plan().operations

    assert (operation.action, operation.target_id, operation.source_id) == (
        Action.LINK,
        "t-1",
        "bob",
    )
    assert changes_of(operation) == [
        ("externalId", None, "bob"),
        ("displayName", "Bobby", "Bob"),
        ('roles[primary eq "True"].value', None, "user"),
    ]


def test_ruling_9_a_link_without_differences_is_a_record_alone() -> None:
    roles = [{"primary": True, "value": "user"}]
    world = met(displayName="Bob", active=True, externalId="bob", roles=roles)

    [operation] = world.plan().operations
    report = world.apply(world.plan())

    assert (operation.action, operation.changes) == (Action.LINK, ())
    assert report.status == "done"
    assert world.target.writes == []
    assert world.account_of("bob") == "t-1"
    assert told(world.plan().operations) == []


CLEARING = [
    *(line for line in USER_MAPPINGS if line["target"] not in ("title", f"{ENTERPRISE}:manager")),
    {"target": "title", "source": "jobTitle", "clear": True},
    {"target": f"{ENTERPRISE}:manager", "source": "manager", "clear": True},
]


@pytest.mark.parametrize(
    ("live", "mappings", "next_time"),
    [
        pytest.param(
            {"roles": [{"primary": True, "value": "admin"}]},
            USER_MAPPINGS,
            [("revoke", BOB)],
            id="a stronger role",
        ),
        pytest.param(
            {"roles": [{"primary": True, "value": "owner"}]},
            USER_MAPPINGS,
            [("revoke", BOB)],
            id="a role we do not know",
        ),
        pytest.param({"title": "Boss"}, CLEARING, [("update", BOB)], id="an attribute to clear"),
        pytest.param(
            {ENTERPRISE: {"manager": {"value": "t-9"}}},
            CLEARING,
            [("update", BOB)],
            id="a manager to clear",
        ),
    ],
)
def test_ruling_9_nothing_is_taken_from_an_account_while_it_is_linked(
    live: dict[str, Any], mappings: list[dict[str, Any]], next_time: list[tuple[str, str]]
) -> None:
    world = met(displayName="Bob", active=True, externalId="bob", **live)
    world.becomes(mappings={"users": mappings})
    if "roles" not in live:
        world.target.users["t-1"]["roles"] = [{"primary": True, "value": "user"}]

    [operation] = world.plan().operations
    world.apply(world.plan())

    assert (operation.action, operation.changes) == (Action.LINK, ())
    assert told(world.plan().operations) == next_time


def test_ruling_9_a_link_never_turns_an_account_off() -> None:
    world = met(displayName="Bob", active=True)
    world.becomes([person("bob", status="off")], mappings={"users": STATUS_MAPPINGS["users"]})

    [operation] = world.plan().operations
    world.apply(world.plan())

    assert (operation.action, operation.change_of("active")) == (Action.LINK, None)
    assert told(world.plan().operations) == [("disable", BOB)]


def test_ruling_9_a_link_may_turn_an_account_on_and_rename_it() -> None:
    world = World(application(mappings={"users": USER_MAPPINGS}), directory([person("bob")]))
    world.target.add_user("t-1", "old@contoso.example", externalId="bob", active=False)

    [operation] = world.plan().operations

    assert operation.action is Action.LINK
    assert changes_of(operation)[:2] == [
        ("userName", "old@contoso.example", BOB),
        ("active", False, True),
    ]
    by_id = {verdict.id: verdict.count for verdict in world.plan().guards}
    assert (by_id["enable_users"], by_id["rename_users"]) == (1, 1)


def test_ruling_9_without_update_a_link_carries_nothing() -> None:
    world = met(displayName="Bobby", active=True)
    world.becomes(mappings={"users": USER_MAPPINGS}, lifecycle={"actions": ["create", "delete"]})

    [operation] = world.plan().operations
    assert (operation.action, operation.changes) == (Action.LINK, ())


def test_ruling_9_somebody_who_comes_back_with_a_new_id_gets_their_account_again() -> None:
    """Gone and disabled by us; rehired with another objectId and the same userName."""
    world = settled(person("ada"), person("bob"), mappings={"users": USER_MAPPINGS})
    account = world.account_of("bob")
    world.becomes([person("ada")])
    world.settle()
    assert world.target.users[account]["active"] is False
    world.becomes([person("ada"), person("bob-2", userPrincipalName=BOB, displayName="Bob")])

    [operation] = world.plan().operations
    world.settle()

    assert (operation.action, operation.target_id) == (Action.LINK, account)
    assert ("active", False, True) in changes_of(operation)
    assert world.account_of("bob-2") == account
    assert world.recorded.disabled_on == {}
    assert told(world.plan().operations) == []


def test_ruling_9_nothing_is_taken_from_who_comes_back_while_they_are_linked() -> None:
    """Their account is ours, and stood for another object of the source: it counts as linked."""
    assignments = [STAFF, {"user": "bob", "role": "Administrator"}, {"group": "Team"}]
    mappings = {"users": CLEARING, "groups": GROUP_MAPPINGS}
    world = settled(
        person("ada"),
        person("bob", manager="ada"),
        groups=[group("g-staff", "Staff", "ada", "bob"), group("g-team", "Team", "bob")],
        assignments=assignments,
        mappings=mappings,
    )
    world.becomes(
        [person("ada"), person("bob-2", userPrincipalName=BOB, displayName="Bob")],
        [group("g-staff", "Staff", "ada", "bob-2"), group("g-team", "Team")],
        assignments=assignments,
        mappings=mappings,
    )

    plan = world.plan()
    world.apply(plan)

    assert told(plan.operations) == [("link", BOB)]
    assert sorted(told(world.plan().operations)) == [
        ("remove_members", "Team"),
        ("revoke", BOB),
        ("update", BOB),
    ]


def test_ruling_8_with_ownership_all_a_match_is_ours_already() -> None:
    world = met(displayName="Bobby", active=True)
    world.becomes(mappings={"users": USER_MAPPINGS}, ownership="all")

    assert told(world.plan().operations) == [("update", BOB)]
