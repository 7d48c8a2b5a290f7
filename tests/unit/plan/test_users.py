"""Rulings 6, 7 and 9: who leaves, what active means, and accounts that become ours."""

from datetime import timedelta
from typing import Any

import pytest

from reconciler.directory import Subject
from reconciler.plan.operation import Action, Operation
from reconciler.scim.schema import Schemas
from tests.worlds import (
    AS_OF,
    ENTERPRISE,
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
    told_of_users,
)

ADA, BOB = "ada@contoso.example", "bob@contoso.example"
OFF = [("active", True, False)]
STAFF = {"group": "Staff", "role": "User"}
FILTERS = {
    "users": [
        {
            "title": "Employees",
            "clauses": [{"attribute": "kind", "operator": "NOT EQUALS", "value": "guest"}],
        }
    ]
}


def changes(operation: Operation) -> list[tuple[str, Any, Any]]:
    """Return what an operation changes."""
    return [(change.path, change.before, change.after) for change in operation.changes]


def ada_and(bob: Subject | None = None) -> list[Subject]:
    """Return Ada, and Bob as he is now."""
    return [person("ada", kind="staff"), *([bob] if bob else [])]


# ruling 6: who leaves, and what happens then

LEFT: dict[str, dict[str, Any]] = {
    "unassigned": {"groups": [group("g-staff", "Staff", "ada")]},
    "filtered out": {
        "people": ada_and(person("bob", kind="guest")),
        "scoping_filters": FILTERS,
    },
    "Default Access only": {
        "groups": [group("g-staff", "Staff", "ada")],
        "assignments": [STAFF, {"user": "bob"}],
    },
    "expired": {
        "groups": [group("g-staff", "Staff", "ada")],
        "assignments": [
            STAFF,
            {"user": "bob", "role": "User", "expires": str(AS_OF - timedelta(days=1))},
        ],
    },
    "disabled": {"people": ada_and(person("bob", kind="staff", accountEnabled="false"))},
    "soft-deleted": {"people": ada_and(person("bob", kind="staff", isDeleted="true"))},
    "gone": {"people": ada_and()},
}
OUT_OF_SCOPE = ("unassigned", "filtered out", "Default Access only", "expired")
DELETED = ("soft-deleted", "gone")


def left(way: str, **lifecycle: str) -> World:
    """Return a world of Ada and Bob in which Bob has left, one way or another."""
    world = settled(*ada_and(person("bob", kind="staff")))
    return world.becomes(
        **{"people": ada_and(person("bob", kind="staff")), **LEFT[way]}, lifecycle=lifecycle
    )


EXPECTED = [
    *[(way, "leaves_scope", "deleted_at_source") for way in OUT_OF_SCOPE],
    *[(way, "deleted_at_source", "leaves_scope") for way in DELETED],
]


@pytest.mark.parametrize(("way", "decides", "other"), EXPECTED)
@pytest.mark.parametrize(
    ("policy", "wanted"),
    [("disable", [("disable", BOB)]), ("delete", [("delete", BOB)]), ("keep", [])],
)
def test_ruling_6_one_key_decides_about_each_way_to_leave(
    way: str, decides: str, other: str, policy: str, wanted: list[tuple[str, str]]
) -> None:
    opposite = {"disable": "delete", "delete": "keep", "keep": "delete"}[policy]
    world = left(way, **{decides: policy, other: opposite})

    assert told_of_users(world.plan()) == wanted


@pytest.mark.parametrize("way", LEFT)
def test_ruling_6_a_disable_writes_active_false_and_says_why(way: str) -> None:
    [operation] = of(left(way).plan(), Action.DISABLE)

    assert changes(operation) == OFF
    assert operation.reason


@pytest.mark.parametrize("way", LEFT)
def test_ruling_6_whoever_left_is_left_once(way: str) -> None:
    """After the disable there is nothing more to do, and nothing is taken for a return."""
    world = left(way)
    world.settle()

    assert told(world.plan().operations) == []


@pytest.mark.parametrize("policy", ["keep", "delete"])
def test_ruling_6_who_is_disabled_at_the_source_is_disabled_whatever_leaves_scope_says(
    policy: str,
) -> None:
    world = left("disabled", leaves_scope=policy, deleted_at_source=policy)

    assert told(world.plan().operations) == [("disable", BOB)]


@pytest.mark.parametrize(
    ("cells", "leaves_scope", "deleted_at_source", "wanted"),
    [
        pytest.param(
            {"isDeleted": "true"}, "keep", "delete", "delete", id="soft-deleted and assigned"
        ),
        pytest.param(
            {"isDeleted": "true", "accountEnabled": "false"},
            "keep",
            "delete",
            "delete",
            id="soft-deleted and disabled",
        ),
    ],
)
def test_ruling_6_deleted_at_the_source_outweighs_everything(
    cells: dict[str, str], leaves_scope: str, deleted_at_source: str, wanted: str
) -> None:
    world = settled(person("ada"), person("bob"))
    world.becomes(
        [person("ada"), person("bob", **cells)],
        lifecycle={"leaves_scope": leaves_scope, "deleted_at_source": deleted_at_source},
    )

    assert told_of_users(world.plan()) == [(wanted, BOB)]


def test_ruling_6_soft_deleted_and_unassigned_counts_as_deleted() -> None:
    world = settled(person("ada"), person("bob"))
    world.becomes(
        [person("ada"), person("bob", isDeleted="true")],
        [group("g-staff", "Staff", "ada")],
        lifecycle={"leaves_scope": "keep", "deleted_at_source": "delete"},
    )

    assert told_of_users(world.plan()) == [("delete", BOB)]


def test_ruling_6_keep_means_no_operation_of_any_kind() -> None:
    """Neither the account nor its memberships, its manager, nor its attributes."""
    assignments = [STAFF, {"group": "Team"}]
    world = settled(
        person("ada"),
        person("bob", manager="ada"),
        groups=[group("g-staff", "Staff", "ada", "bob"), group("g-team", "Team", "ada", "bob")],
        assignments=assignments,
    )
    world.becomes(
        [person("ada"), person("bob", displayName="Robert")],
        [group("g-staff", "Staff", "ada"), group("g-team", "Team", "ada")],
        assignments=assignments,
        lifecycle={"leaves_scope": "keep"},
    )

    assert told(world.plan().operations) == []


def test_ruling_6_a_disable_writes_every_mapping_that_reads_soft_deleted_and_no_other() -> None:
    status = {"target": "userType", "expression": 'Switch([IsSoftDeleted], "in", "True", "out")'}
    mappings = {"users": [*USER_MAPPINGS, status], "groups": GROUP_MAPPINGS}
    world = settled(person("ada"), person("bob"), mappings=mappings)
    world.becomes(
        [person("ada"), person("bob", displayName="Robert", accountEnabled="false")],
        mappings=mappings,
    )

    [operation] = world.plan().operations
    assert changes(operation) == [*OFF, ("userType", "in", "out")]


def test_ruling_6_what_is_written_on_create_only_disables_nobody() -> None:
    status = {
        "target": "userType",
        "expression": 'Switch([IsSoftDeleted], "in", "True", "out")',
        "apply": "on_create",
    }
    mappings = {"users": [*USER_MAPPINGS, status], "groups": GROUP_MAPPINGS}
    world = settled(person("ada"), person("bob"), mappings=mappings)
    world.becomes([person("ada"), person("bob", accountEnabled="false")], mappings=mappings)

    [operation] = world.plan().operations
    assert changes(operation) == OFF


def test_ruling_6_the_gone_are_disabled_though_another_mapping_needs_their_attributes() -> None:
    kind = {
        "target": "userType",
        "expression": 'IIF([IsSoftDeleted]="True", IIF([kind]="A", "a", "b"), "in")',
    }
    mappings = {"users": [*USER_MAPPINGS, kind], "groups": GROUP_MAPPINGS}
    world = settled(person("ada", kind="A"), person("bob", kind="A"), mappings=mappings)
    world.becomes([person("ada", kind="A")], mappings=mappings)

    [operation] = world.plan().operations
    assert (operation.key, changes(operation)) == (BOB, OFF)


def test_ruling_6_the_gone_whom_no_mapping_can_disable_are_warned_of() -> None:
    active = {"target": "active", "expression": 'IIF([kind]="A", Not([IsSoftDeleted]), "True")'}
    mappings = {"users": [*USER_MAPPINGS[:2], active], "groups": GROUP_MAPPINGS}
    world = settled(person("ada", kind="A"), person("bob", kind="A"), mappings=mappings)
    world.becomes([person("ada", kind="A")], mappings=mappings)

    plan = world.plan()

    assert told(plan.operations) == []
    [warning] = plan.warnings
    assert warning.code == "not-disabled"
    assert BOB in warning.message


def test_ruling_6_a_person_who_is_disabled_at_the_source_is_never_created() -> None:
    people = [person("ada"), person("bob", accountEnabled="false")]
    world = World(application(), directory(people))

    plan = world.plan()

    assert [operation.key for operation in of(plan, Action.CREATE)] == [ADA, "Staff"]
    assert codes(plan) == {"bob": "NotEffectivelyEntitled"}


# ruling 6: delete_after

THIRTY = {"delete_after": "30d"}


def gone_since(**days: int) -> World:
    """Return a world whose people we disabled so many days ago, and who are gone."""
    world = settled(person("ada"), *(person(name) for name in days))
    world.becomes([person("ada")])
    world.settle()
    world.disabled_on(**{name: AS_OF - timedelta(days=age) for name, age in days.items()})
    return world.becomes(lifecycle=THIRTY)


@pytest.mark.parametrize(
    ("age", "wanted"),
    [
        pytest.param(29, [], id="a day too early"),
        pytest.param(30, [("delete", BOB)], id="on the day"),
        pytest.param(300, [("delete", BOB)], id="long after"),
    ],
)
def test_ruling_6_delete_after_counts_from_our_own_disable(
    age: int, wanted: list[tuple[str, str]]
) -> None:
    assert told(gone_since(bob=age).plan().operations) == wanted


def test_ruling_6_delete_after_is_for_the_soft_deleted_too() -> None:
    world = gone_since(bob=40)
    world.becomes([person("ada"), person("bob", isDeleted="true")], lifecycle=THIRTY)

    assert told_of_users(world.plan()) == [("delete", BOB)]


@pytest.mark.parametrize(
    ("people", "groups"),
    [
        pytest.param(
            [person("ada"), person("bob")], [group("g-staff", "Staff", "ada")], id="unassigned"
        ),
        pytest.param([person("ada"), person("bob", accountEnabled="false")], None, id="disabled"),
    ],
)
def test_ruling_6_delete_after_is_only_for_the_deleted_and_the_gone(
    people: list[Subject], groups: Any
) -> None:
    world = gone_since(bob=400)
    world.becomes(people, groups, lifecycle=THIRTY)

    assert told(world.plan().operations) == []


def test_ruling_6_what_somebody_else_disabled_is_never_deleted_in_time() -> None:
    world = gone_since(bob=40)
    world.recorded = type(world.recorded)(world.recorded.links, {})

    assert told(world.plan().operations) == []


def test_ruling_6_an_account_that_is_active_again_is_disabled_and_not_deleted() -> None:
    world = gone_since(bob=40)
    world.user("bob")["active"] = True

    assert told(world.plan().operations) == [("disable", BOB)]


@pytest.mark.parametrize("policy", ["keep", "delete"])
def test_ruling_6_delete_after_waits_only_where_deleted_at_source_disables(policy: str) -> None:
    world = gone_since(bob=40)
    world.becomes(lifecycle={**THIRTY, "deleted_at_source": policy})

    plan = world.plan()

    assert plan.waiting == ()
    assert told_of_users(plan) == ([("delete", BOB)] if policy == "delete" else [])


def test_ruling_14_due_deletes_are_the_oldest_and_the_rest_waits() -> None:
    world = gone_since(dan=31, bob=33, eve=30, cyd=32, fay=33)

    plan = world.plan()

    assert [operation.key for operation in plan.operations] == [
        "bob@contoso.example",
        "cyd@contoso.example",
        "fay@contoso.example",
    ]
    assert [(waiting.key, waiting.disabled_on) for waiting in plan.waiting] == [
        ("dan@contoso.example", str(AS_OF - timedelta(days=31))),
        ("eve@contoso.example", str(AS_OF - timedelta(days=30))),
    ]
    assert not any(verdict.blocked for verdict in plan.guards)


def test_ruling_14_deletes_that_were_asked_for_leave_less_room_for_due_ones() -> None:
    world = gone_since(bob=33, cyd=32, dan=31).becomes([person("ada"), person("kim")], lifecycle={})
    world.settle()
    world.becomes(
        groups=[group("g-staff", "Staff", "ada")],
        lifecycle={**THIRTY, "leaves_scope": "delete"},
    )

    plan = world.plan()

    assert sorted(told(of(plan, Action.DELETE))) == [
        ("delete", "bob@contoso.example"),
        ("delete", "kim@contoso.example"),
    ]
    assert len(plan.waiting) == 2


def test_what_is_not_asked_for_is_neither_deleted_nor_waiting() -> None:
    plan = gone_since(bob=40).plan(selected=frozenset({"ada"}))

    assert (plan.operations, plan.waiting) == ((), ())


# ruling 6: lifecycle.actions


@pytest.mark.parametrize("way", LEFT)
def test_ruling_6_without_update_nobody_is_disabled(way: str) -> None:
    world = left(way)
    unchanged = ("scoping_filters", "assignments")
    world.becomes(
        **{key: value for key, value in LEFT[way].items() if key in unchanged},
        lifecycle={"actions": ["create", "delete"]},
    )

    assert told_of_users(world.plan()) == []


def test_without_update_nothing_that_exists_is_changed() -> None:
    world = settled(person("ada", manager="bob"), person("bob"))
    world.becomes(
        [person("ada", displayName="Countess"), person("bob"), person("cyd", manager="bob")],
        lifecycle={"actions": ["create"]},
    )

    assert told(world.plan().operations) == [("create", "cyd@contoso.example")]


def test_without_create_nobody_is_created_and_they_are_skipped() -> None:
    world = World(
        application(lifecycle={"actions": ["update", "delete"]}), directory([person("ada")])
    )

    plan = world.plan()

    assert told(plan.operations) == []
    assert codes(plan) == dict.fromkeys(("ada", "g-staff"), "EntrySynchronizationSkipped")


@pytest.mark.parametrize("way", ["unassigned", "gone"])
def test_without_delete_nothing_is_deleted(way: str) -> None:
    lifecycle = {
        "leaves_scope": "delete",
        "deleted_at_source": "delete",
        "delete_after": "1d",
        "actions": ["create", "update"],
    }
    world = left(way)
    world.becomes(lifecycle=lifecycle)

    assert told(world.plan().operations) == []


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
    assert (operation.action, changes(operation)) == (Action.ENABLE, [("active", value, True)])


@pytest.mark.parametrize("value", [False, "False", "false"], ids=repr)
def test_ruling_7_an_account_that_is_off_needs_no_disable(value: object) -> None:
    world = left("gone")
    world.user("bob")["active"] = value

    assert told(world.plan().operations) == []


@pytest.mark.parametrize("value", [True, "True", None], ids=repr)
def test_ruling_7_an_account_that_is_on_is_disabled(value: object) -> None:
    world = left("gone")
    world.user("bob")["active"] = value

    [operation] = world.plan().operations
    assert (operation.action, changes(operation)) == (Action.DISABLE, [("active", value, False)])


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

    assert (operation.action, changes(operation)) == (
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

    assert (operation.action, changes(operation)) == (
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
    assert changes(operation) == [
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
    assert changes(operation)[:2] == [
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
    assert ("active", False, True) in changes(operation)
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


# on-demand provisioning


def test_only_who_was_named_is_in_the_plan() -> None:
    world = settled(person("ada"), person("bob"), person("cyd"))
    world.becomes(
        [person("ada", displayName="A"), person("bob", displayName="B"), person("dan")],
        [group("g-staff", "Staff", "ada", "bob", "dan")],
    )

    plan = world.plan(selected=frozenset({"ada"}), only=(ADA,))

    assert told(plan.operations) == [("update", ADA)]
    assert plan.inputs.only == (ADA,)


def test_a_group_that_was_named_comes_with_the_members_that_have_accounts() -> None:
    world = World(application(), directory([person("ada"), person("bob")]))
    world.apply(world.plan(selected=frozenset({"ada"})))

    plan = world.plan(selected=frozenset({"g-staff"}))

    assert told(plan.operations) == [("create", "Staff"), ("add_members", "Staff")]
    [operation] = of(plan, Action.ADD_MEMBERS)
    members = [{"value": world.account_of("ada"), "display": ADA}]
    assert (changes(operation), operation.references) == ([("members", None, members)], ())


# --no-removals


def test_without_removals_what_takes_away_is_listed_and_not_done() -> None:
    assignments = [STAFF, {"user": "cyd", "role": "Administrator"}]
    world = settled(
        *(person(name) for name in ("ada", "bob", "cyd", "dan")), assignments=assignments
    )
    world.becomes(
        [person("ada", displayName="A"), person("bob"), person("cyd")],
        [group("g-staff", "Staff", "ada", "cyd")],
        assignments=[STAFF, {"user": "bob", "role": "User"}],
    )

    plan = world.plan(removals=False)

    assert told(plan.operations) == [("update", ADA)]
    assert told(plan.withheld) == [
        ("remove_members", "Staff"),
        ("revoke", "cyd@contoso.example"),
        ("disable", "dan@contoso.example"),
    ]
    assert told(world.plan().operations) == [*told(plan.operations), *told(plan.withheld)]


def test_without_removals_a_source_that_shrank_still_blocks() -> None:
    world = settled(*(person(f"p{number}") for number in range(20)))
    world.becomes([person(f"p{number}") for number in range(10)])

    plan = world.plan(removals=False)

    assert [verdict.id for verdict in plan.guards if verdict.blocked] == ["source_shrinks"]
