"""Ruling 13: roles that are given, replaced and lost, and the admins who must remain."""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.plan.operation import Action
from reconciler.plan.population import Counts, Population
from reconciler.scim.schema import Schemas
from tests.plans import make_operation
from tests.worlds import (
    ENTERPRISE,
    ROLES,
    USER_MAPPINGS,
    World,
    application,
    directory,
    group,
    of,
    person,
    settled,
    told,
    told_of_users,
    verdict,
)

ADA, BOB = "ada@contoso.example", "bob@contoso.example"
STAFF = {"group": "Staff", "role": "User"}
ROLE = 'roles[primary eq "True"].value'
ADMIN_ADA = {"user": "ada", "role": "Administrator"}
GROUP = "urn:example:params:scim:schemas:crm:2.0:User"


def role(value: str, **parts: Any) -> list[dict[str, Any]]:
    """Return the roles of an account that holds one."""
    return [{"primary": True, "value": value, **parts}]


def staff(**changes: Any) -> World:
    """Return a settled world in which Ada is an admin and a user, and Bob is a user."""
    return settled(person("ada"), person("bob"), **{"assignments": [STAFF, ADMIN_ADA], **changes})


# which role


def test_ruling_13_the_strongest_granted_role_wins() -> None:
    assert staff().user("ada")["roles"] == role("admin")


@pytest.mark.parametrize(
    ("live", "action"),
    [
        pytest.param([], Action.UPDATE, id="none"),
        pytest.param(role("user"), Action.UPDATE, id="a weaker one"),
        pytest.param(role("USER"), Action.UPDATE, id="a weaker one, spelled by the server"),
        pytest.param(role("owner"), Action.REVOKE, id="one we do not know"),
        pytest.param(
            [{"primary": False, "value": "owner"}], Action.UPDATE, id="another beside ours"
        ),
    ],
)
def test_ruling_13_a_strong_role_replaces(live: list[dict[str, Any]], action: Action) -> None:
    world = staff()
    world.user("ada")["roles"] = live

    [operation] = world.plan().operations
    assert (operation.key, operation.action) == (ADA, action)
    assert operation.change_of(ROLE).after == "admin"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "live",
    [
        pytest.param("admin", id="a stronger one"),
        pytest.param("owner", id="one we do not know"),
    ],
)
def test_ruling_13_a_weak_role_that_replaces_is_a_revoke(live: str) -> None:
    world = staff()
    world.user("bob")["roles"] = role(live)

    [operation] = world.plan().operations
    assert (operation.key, operation.action) == (BOB, Action.REVOKE)
    assert verdict(world.plan(), "revoke_roles").count == 1


@pytest.mark.parametrize("value", ["user", "User", "USER"])
def test_a_role_is_the_same_in_any_case(value: str) -> None:
    world = staff()
    world.user("bob")["roles"] = role(value)

    assert told(world.plan().operations) == []


def test_ruling_13_roles_may_be_spelt_in_capitals() -> None:
    capitals = [{"name": "Administrator", "value": "ADMIN", "privileged": True}, ROLES[1]]
    world = staff(roles=capitals)
    world.user("ada")["roles"] = role("Admin")

    assert told(world.plan().operations) == []
    [operation] = weaker(world).plan().operations
    assert operation.action is Action.REVOKE
    assert verdict(world.plan(), "min_admins").blocked is True


def test_another_spelling_of_a_role_is_no_loss_where_case_counts() -> None:
    parts = [{"name": "value", "type": "string", "caseExact": True}]
    roles = {"name": "roles", "type": "complex", "multiValued": True, "subAttributes": parts}
    user = {"id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [roles]}
    world = staff(schemas=Schemas.from_discovery([user], []))
    world.user("bob")["roles"] = role("USER")

    assert told(world.plan().operations) == [("update", BOB)]


def weaker(world: World) -> World:
    """Take Ada's admin role; she stays a user."""
    return world.becomes(assignments=[STAFF])


def none_at_all(world: World) -> World:
    """Leave everybody Default Access alone, and let it count."""
    return world.becomes(assignments=[{"group": "Staff"}], default_access="include")


def test_ruling_13_a_role_that_is_replaced_by_a_weaker_one_is_a_revoke() -> None:
    [operation] = weaker(staff()).plan().operations

    assert (operation.action, operation.wave) == (Action.REVOKE, 9)
    assert [(c.path, c.before, c.after) for c in operation.changes] == [(ROLE, "admin", "user")]


def test_ruling_13_what_is_given_does_not_wait_for_what_is_taken() -> None:
    world = weaker(staff()).becomes([person("ada", displayName="Countess"), person("bob")])

    assert told(world.plan().operations) == [("update", ADA), ("revoke", ADA)]


@pytest.mark.parametrize("live", ["user", "USER"])
def test_ruling_13_a_role_function_that_yields_nothing_clears_the_role(live: str) -> None:
    world = none_at_all(staff())
    world.user("bob")["roles"] = role(live)

    [operation] = [op for op in world.plan().operations if op.key == BOB]
    assert (operation.action, operation.changes[0].after) == (Action.REVOKE, None)

    world.settle()
    assert "roles" not in world.user("bob")
    assert told(world.plan().operations) == []


@pytest.mark.parametrize("live", ["owner", "viewer"])
def test_ruling_13_a_role_that_we_did_not_write_is_not_cleared(live: str) -> None:
    world = none_at_all(staff())
    world.user("bob")["roles"] = role(live)

    assert [op for op in world.plan().operations if op.key == BOB] == []


def test_ruling_13_all_parts_of_a_role_go_together() -> None:
    parts = [
        {"target": f'roles[primary eq "True"].{part}', "expression": expression}
        for part, expression in (
            ("display", "SingleAppRoleAssignment([appRoleAssignments])"),
            ("type", "SingleAppRoleAssignment([appRoleAssignments])"),
        )
    ]
    world = staff(mappings={"users": [*USER_MAPPINGS, *parts]})
    assert world.user("ada")["roles"] == role(
        "admin", display="Administrator", type="WindowsAzureActiveDirectoryRole"
    )

    [operation] = weaker(world).plan().operations
    assert [(c.path, c.before, c.after) for c in operation.changes] == [
        (ROLE, "admin", "user"),
        ('roles[primary eq "True"].display', "Administrator", "User"),
    ]
    world.settle()
    none_at_all(world).settle()
    assert "roles" not in world.user("ada")
    assert told(world.plan().operations) == []


def test_ruling_13_a_disabled_account_keeps_its_role() -> None:
    world = staff().becomes([person("bob")])
    world.settle()

    account = world.account_of("ada")
    assert world.target.users[account]["active"] is False
    assert world.target.users[account]["roles"] == role("admin")


# min_admins


def admins(*names: str, **changes: Any) -> World:
    """Return a settled world of four in which *names* are admins."""
    people = [person(name) for name in ("ada", "bob", "cyd", "dan")]
    assignments = [STAFF, *({"user": name, "role": "Administrator"} for name in names)]
    return settled(*people, **{"assignments": assignments, **changes})


MIN_TWO = {"min_admins": 2}


@pytest.mark.parametrize(
    ("before", "after", "blocked"),
    [
        pytest.param(("ada", "bob", "cyd"), ("ada", "bob"), False, id="down to the minimum"),
        pytest.param(("ada", "bob"), ("ada",), True, id="below the minimum"),
        pytest.param(("ada",), ("ada",), False, id="below it before, and not lowered"),
        pytest.param(("ada",), ("bob",), False, id="below it before, and replaced"),
        pytest.param(("ada",), (), True, id="below it before, and lowered"),
        pytest.param(("ada", "bob"), ("ada", "cyd"), False, id="one for another"),
    ],
)
def test_ruling_13_min_admins_blocks_only_what_lowers_them_below(
    before: tuple[str, ...], after: tuple[str, ...], blocked: bool
) -> None:
    world = admins(*before, safety=MIN_TWO)
    world.becomes(assignments=[STAFF, *({"user": name, "role": "Administrator"} for name in after)])

    found = verdict(world.plan(), "min_admins")

    assert found.blocked is blocked
    assert (found.population, found.count, found.limit) == (len(before), len(after), 2)


def test_ruling_13_a_disabled_or_deleted_admin_is_one_less() -> None:
    world = admins("ada", "bob", "cyd", safety=MIN_TWO)
    world.becomes(
        [person("ada"), person("bob", accountEnabled="false"), person("dan")],
        lifecycle={"deleted_at_source": "delete"},
    )

    found = verdict(world.plan(), "min_admins")

    assert (found.population, found.count, found.blocked) == (3, 1, True)


def test_ruling_13_admins_are_counted_among_all_live_accounts() -> None:
    world = admins("ada", safety=MIN_TWO)
    world.target.add_user("root", "root@contoso.example", roles=[{"value": "Admin"}])
    world.target.add_user("old", "old@contoso.example", active=False, roles=role("admin"))
    world.target.add_user("plain", "plain@contoso.example", roles=["admin"])
    world.becomes(assignments=[STAFF])

    found = verdict(world.plan(), "min_admins")

    assert (found.population, found.count, found.blocked) == (3, 2, False)


def test_ruling_13_an_admin_who_is_enabled_counts_from_then_on() -> None:
    world = admins("ada", "bob")
    world.user("bob")["active"] = False
    world.becomes([person("ada", accountEnabled="false"), person("bob")])

    found = verdict(world.plan(), "min_admins")

    assert (found.population, found.count, found.blocked) == (1, 1, False)


def test_ruling_13_a_role_on_an_account_that_is_off_makes_no_admin() -> None:
    by_status = {
        "target": "active",
        "expression": 'IIF([IsSoftDeleted]="True", "False", Switch([st], "True", "off", "False"))',
    }
    users = [by_status if line["target"] == "active" else line for line in USER_MAPPINGS]
    world = settled(
        person("ada"),
        person("bob", st="off"),
        assignments=[STAFF, ADMIN_ADA],
        mappings={"users": users},
    )
    world.becomes(
        [person("ada"), person("bob", st="off"), person("cyd", st="off")],
        assignments=[STAFF, *({"user": n, "role": "Administrator"} for n in ("bob", "cyd"))],
    )

    found = verdict(world.plan(), "min_admins")

    assert (found.population, found.count, found.blocked) == (1, 0, True)


def test_ruling_13_admins_who_are_created_count() -> None:
    world = admins("ada").becomes(
        [*(person(name) for name in ("bob", "cyd", "dan", "eve"))],
        assignments=[STAFF, {"user": "eve", "role": "Administrator"}],
    )

    found = verdict(world.plan(), "min_admins")

    assert (found.population, found.count, found.blocked) == (1, 1, False)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"roles": [{"name": "Administrator", "value": "admin"}, ROLES[1]]}, id="no such role"
        ),
        pytest.param(
            {"mappings": {"users": [one for one in USER_MAPPINGS if one["target"] != ROLE]}},
            id="no mapping",
        ),
    ],
)
def test_ruling_13_min_admins_is_not_applicable_without_a_mapped_privileged_role(
    changes: dict[str, Any],
) -> None:
    found = verdict(admins("ada", **changes).becomes([]).plan(), "min_admins")

    assert found.blocked is False
    assert found.sentence.startswith("not applicable")


@pytest.mark.parametrize("target", ["title", f"{GROUP}:profile", f"{ENTERPRISE}:division"])
def test_ruling_13_a_role_may_be_written_to_any_attribute(target: str) -> None:
    """Many services keep the role elsewhere than in `roles`."""
    line = {"target": target, "expression": "SingleAppRoleAssignment([appRoleAssignments])"}
    users = [one for one in USER_MAPPINGS if one["target"] not in (ROLE, "title")]
    world = admins("ada", "bob", safety=MIN_TWO, mappings={"users": [*users, line]})

    plan = weaker(world).plan()

    assert told_of_users(plan) == [("revoke", ADA), ("revoke", BOB)]
    assert (verdict(plan, "min_admins").count, verdict(plan, "min_admins").blocked) == (0, True)
    assert verdict(plan, "revoke_roles").count == 2


def test_a_role_is_not_given_to_who_is_only_linked_weaker() -> None:
    world = World(
        application(mappings={"users": USER_MAPPINGS}),
        directory([person("bob")], [group("g-staff", "Staff", "bob")]),
    )
    world.target.add_user("t-1", BOB, roles=role("admin"), active=True)

    plan = world.plan()

    assert of(plan, Action.REVOKE) == []
    assert verdict(plan, "min_admins").count == 1


HOLDER = Population(
    counts=Counts(1, 1, 0, 0, 0, 1, 0),
    privileged=frozenset({"admin"}),
    role_paths=frozenset({'roles[primary eq "true"].value'}),
    holders=frozenset({"t-1"}),
    active=frozenset({"t-1"}),
    protected=frozenset(),
    their_groups=frozenset(),
    members={},
)


@pytest.mark.parametrize(
    "path",
    ["roles[primary eq true].value", 'roles[value eq "admin"].value', "roles.value", "Roles"],
)
def test_ruling_14_an_admin_is_lost_by_whatever_path_it_is_said(path: str) -> None:
    """The mapped path spells it its own way."""
    before: Any = [{"value": "Admin"}] if path == "Roles" else "Admin"
    operation = make_operation(Action.UPDATE, changes=[(path, before, "user")])

    assert HOLDER.admins_after([operation]) == set()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("title", "admin", "user"), id="no role at all"),
        pytest.param(('roles[type eq "x"].value', "guest", "user"), id="another role of theirs"),
        pytest.param(('roles[value eq "admin"].display', "admin", "user"), id="what it is called"),
    ],
)
def test_an_admin_stays_one_when_something_else_changes(change: tuple[str, Any, Any]) -> None:
    operation = make_operation(Action.UPDATE, changes=[change])

    assert HOLDER.admins_after([operation]) == {"t-1"}


def test_nobody_becomes_an_admin_by_another_attribute() -> None:
    operation = make_operation(Action.UPDATE, changes=[("title", None, "admin")])
    nobody = replace(HOLDER, holders=frozenset())

    assert nobody.admins_after([operation]) == set()
