"""Ruling 6: who leaves, and what happens to their account."""

from datetime import timedelta
from typing import Any

import pytest

from reconciler.directory import Subject
from reconciler.plan.document import Body
from reconciler.plan.operation import Action
from tests.worlds import (
    AS_OF,
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    application,
    changes_of,
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

    assert changes_of(operation) == OFF
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
    assert changes_of(operation) == [*OFF, ("userType", "in", "out")]


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
    assert changes_of(operation) == OFF


def test_ruling_6_whoever_leaves_is_never_switched_on_whatever_the_mapping_says() -> None:
    active = {"target": "active", "expression": 'IIF([IsSoftDeleted]="True", [kind], "True")'}
    mappings = {"users": [*USER_MAPPINGS[:2], active], "groups": GROUP_MAPPINGS}
    world = settled(person("ada"), person("bob", kind="True"), mappings=mappings)
    world.becomes([person("ada"), person("bob", kind="False", accountEnabled="false")])
    world.apply(world.plan())
    assert world.user("bob")["active"] is False

    world.becomes([person("ada"), person("bob", kind="True", accountEnabled="false")])

    assert world.plan().operations == ()


def test_ruling_6_the_gone_are_disabled_though_another_mapping_needs_their_attributes() -> None:
    kind = {
        "target": "userType",
        "expression": 'IIF([IsSoftDeleted]="True", IIF([kind]="A", "a", "b"), "in")',
    }
    mappings = {"users": [*USER_MAPPINGS, kind], "groups": GROUP_MAPPINGS}
    world = settled(person("ada", kind="A"), person("bob", kind="A"), mappings=mappings)
    world.becomes([person("ada", kind="A")], mappings=mappings)

    [operation] = world.plan().operations
    assert (operation.key, changes_of(operation)) == (BOB, OFF)


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


# ruling 6: lifecycle.actions


@pytest.mark.parametrize("way", LEFT)
def test_ruling_6_without_update_nobody_is_disabled(way: str) -> None:
    world = left(way)
    unchanged = ("scoping_filters", "assignments")
    world.becomes(
        **{key: value for key, value in LEFT[way].items() if key in unchanged},
        lifecycle={"actions": ["create", "delete"]},
    )

    plan = world.plan()

    assert told_of_users(plan) == []
    [warning] = [one for one in plan.warnings if one.code == "not-disabled"]
    assert "1 people leave and are not disabled, because `update`" in warning.message


def test_only_who_should_be_disabled_and_is_not_is_told_of() -> None:
    people = [person(name) for name in ("ada", "bob", "cyd", "dan", "eve")]
    world = settled(*people)
    world.user("cyd")["active"] = False
    world.becomes(
        [person("ada"), person("dan")],
        [group("g-staff", "Staff", "ada")],
        lifecycle={"actions": ["create"], "leaves_scope": "keep"},
    )

    def staying(plan: Body) -> list[str]:
        found = [one.message for one in plan.warnings if one.code == "not-disabled"]
        return [message.rpartition(": ")[2] for message in found]

    assert staying(world.plan()) == ["bob@contoso.example, eve@contoso.example"]
    assert staying(world.plan(selected=frozenset({"eve", "cyd"}))) == ["eve@contoso.example"]
    assert staying(world.plan(selected=frozenset({"cyd", "dan"}))) == []


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
