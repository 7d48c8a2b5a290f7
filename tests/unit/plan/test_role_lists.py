"""Ruling 13 where all roles are mapped: added to the list, or instead of it."""

from typing import Any

import pytest

from reconciler.plan.digest import canonical_json
from reconciler.plan.document import Header
from reconciler.plan.operation import Action
from reconciler.plan.plan_file import as_json, parse_plan, seal
from reconciler.scim.schema import Schemas
from tests.worlds import (
    ROLES,
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
    verdict,
)

ADA, BOB = "ada@contoso.example", "bob@contoso.example"
STAFF = {"group": "Staff", "role": "User"}
ADMIN_ADA = {"user": "ada", "role": "Administrator"}
ADMIN_BOB = {"user": "bob", "role": "Administrator"}
NOBODY_ELSE = {"group": "Staff"}
SINGLE = "SingleAppRoleAssignment"
COMPLEX, ASSERTIVE = "AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex"
LABEL = {COMPLEX: "displayName", ASSERTIVE: "display"}
NAMES = {role["value"]: role["name"] for role in ROLES}
FUNCTIONS = pytest.mark.parametrize("function", [SINGLE, COMPLEX, ASSERTIVE])
LOCAL = {"value": "local"}


def mapped(function: str) -> dict[str, Any]:
    """Return the settings of an application whose roles come from *function*."""
    target = 'roles[primary eq "True"].value' if function == SINGLE else "roles"
    line = {"target": target, "expression": f"{function}([appRoleAssignments])"}
    users = [one for one in USER_MAPPINGS if not one["target"].startswith("roles")]
    return {"mappings": {"users": [*users, line]}}


def staff(function: str, *assignments: dict[str, Any], **changes: Any) -> World:
    """Return a settled world of Ada and Bob; both are users unless *assignments* differ."""
    given = list(assignments) or [STAFF]
    settings = {**mapped(function), "default_access": "include", "assignments": given, **changes}
    return settled(person("ada"), person("bob"), **settings)


def element(function: str, value: str) -> dict[str, Any]:
    """Return a role as it stands in a plan."""
    kind = "WindowsAzureActiveDirectoryRole"
    return {"primary": False, "type": kind, LABEL[function]: NAMES[value], "value": value}


def values(world: World, name: str) -> list[str]:
    """Return the values of the roles that somebody's account shows."""
    return sorted(role["value"] for role in world.user(name).get("roles", ()))


# what is given and what is taken


@pytest.mark.parametrize("function", [COMPLEX, ASSERTIVE])
def test_ruling_13_the_strongest_role_stands_first(function: str) -> None:
    world = staff(function, STAFF, ADMIN_ADA)

    assert world.user("ada")["roles"] == [element(function, "admin"), element(function, "user")]


@pytest.mark.parametrize("function", [COMPLEX, ASSERTIVE])
def test_ruling_11_a_new_role_is_an_update_that_shows_the_old_ones_too(function: str) -> None:
    world = staff(function).becomes(assignments=[STAFF, ADMIN_ADA])

    [operation] = world.plan().operations
    assert (operation.action, operation.key) == (Action.UPDATE, ADA)
    old, new = element(function, "user"), element(function, "admin")
    assert changes_of(operation) == [("roles", [old], [old, new])]


def test_ruling_13_assertive_a_role_that_is_lost_is_a_revoke_down_to_what_is_wanted() -> None:
    world = staff(ASSERTIVE, STAFF, ADMIN_ADA).becomes(assignments=[STAFF])

    [operation] = world.plan().operations
    admin, user = element(ASSERTIVE, "admin"), element(ASSERTIVE, "user")
    assert (operation.action, operation.wave) == (Action.REVOKE, 9)
    assert changes_of(operation) == [("roles", [admin, user], [user])]


def test_ruling_11_assertive_gives_before_it_takes() -> None:
    world = staff(ASSERTIVE).becomes(assignments=[NOBODY_ELSE, ADMIN_ADA, {**STAFF, "group": "X"}])
    world.becomes(groups=[group("g-staff", "Staff", "ada", "bob"), group("g-x", "X", "bob")])

    update, revoke = world.plan().operations
    user, admin = element(ASSERTIVE, "user"), element(ASSERTIVE, "admin")
    assert (update.action, changes_of(update)) == (
        Action.UPDATE,
        [("roles", [user], [user, admin])],
    )
    assert (revoke.action, changes_of(revoke)) == (
        Action.REVOKE,
        [("roles", [user, admin], [admin])],
    )


def test_both_halves_of_an_exchange_are_applied_though_one_changes_what_the_other_finds() -> None:
    world = staff(ASSERTIVE).becomes(assignments=[NOBODY_ELSE, ADMIN_ADA, ADMIN_BOB])

    assert world.apply(world.plan()).status == "done"
    assert (values(world, "ada"), values(world, "bob")) == (["admin"], ["admin"])
    assert told(world.plan().operations) == []


def test_ruling_13_assertive_takes_what_was_granted_in_the_application() -> None:
    world = staff(ASSERTIVE)
    world.user("bob")["roles"].append(LOCAL)

    assert told(world.plan().operations) == [("revoke", BOB)]
    world.settle()
    assert values(world, "bob") == ["user"]


@pytest.mark.parametrize("live", [[LOCAL], [], [{"value": "user"}, {"value": "admin"}]])
def test_ruling_13_complex_never_takes_a_role_not_even_its_own(live: list[Any]) -> None:
    world = staff(COMPLEX, STAFF, ADMIN_ADA)
    world.user("ada")["roles"] += live
    before = values(world, "ada")
    world.becomes(assignments=[NOBODY_ELSE])

    assert told(world.plan().operations) == []
    assert values(world, "ada") == before


@pytest.mark.parametrize(
    ("function", "expected"),
    [(SINGLE, ["revoke"]), (COMPLEX, []), (ASSERTIVE, ["revoke"])],
)
def test_ruling_13_a_role_function_that_yields_nothing(function: str, expected: list[str]) -> None:
    world = staff(function, {"user": "ada"}, {"user": "bob", "role": "User"})
    world.becomes(assignments=[NOBODY_ELSE])

    assert told(world.plan().operations) == [(action, BOB) for action in expected]
    world.settle()
    assert values(world, "bob") == ([] if expected else ["user"])
    assert told(world.plan().operations) == []


def test_ruling_13_assertive_clears_also_roles_that_we_did_not_write() -> None:
    world = staff(ASSERTIVE, NOBODY_ELSE)
    world.user("bob")["roles"] = [LOCAL]

    [operation] = world.plan().operations
    assert changes_of(operation) == [("roles", [LOCAL], None)]
    assert verdict(world.plan(), "revoke_roles").count == 1


@FUNCTIONS
def test_ruling_12_who_leaves_keeps_the_roles(function: str) -> None:
    world = staff(function).becomes([person("ada")])

    assert told(world.plan().operations) == [("disable", BOB)]
    world.settle()
    assert values(world, "bob") == ["user"]


@FUNCTIONS
def test_ruling_5_who_is_skipped_keeps_the_roles(function: str) -> None:
    world = staff(function, STAFF, ADMIN_ADA)
    world.becomes(assignments=[STAFF], registered_domains=["fabrikam.example"])

    assert told(world.plan().operations) == []


@FUNCTIONS
def test_ruling_9_a_link_gives_roles_and_takes_none(function: str) -> None:
    settings = {**mapped(function), "assignments": [STAFF]}
    world = World(application(**settings), directory([person("bob")]), settings=settings)
    world.target.add_user("t-1", BOB, active=True, roles=[LOCAL])

    assert of(world.plan(), Action.REVOKE) == []
    world.apply(world.plan())
    assert values(world, "bob") == ["local", "user"]


@FUNCTIONS
def test_who_comes_back_gets_the_roles_with_the_enable(function: str) -> None:
    world = staff(function).becomes([person("ada"), person("bob", accountEnabled="false")])
    world.settle()
    world.becomes([person("ada"), person("bob")], assignments=[STAFF, ADMIN_BOB])

    assert told(world.plan().operations) == [("enable", BOB)]
    world.settle()
    assert "admin" in values(world, "bob")


@pytest.mark.parametrize(
    "live",
    [
        pytest.param([{"value": "USER"}], id="another case"),
        pytest.param([{"value": "user", "display": "Users", "$ref": "r/1"}], id="more parts"),
        pytest.param([{"value": "user"}, {"value": "user", "type": "x"}], id="twice"),
        pytest.param({"value": "user"}, id="one element without a list"),
        pytest.param(["user"], id="plain text"),
        pytest.param([{"value": "user"}, {"display": "nameless"}, 7, None], id="beside nonsense"),
    ],
)
@pytest.mark.parametrize("function", [COMPLEX, ASSERTIVE])
def test_roles_are_told_apart_by_their_value_alone(function: str, live: Any) -> None:
    world = staff(function)
    world.user("bob")["roles"] = live

    assert told(world.plan().operations) == []


def test_where_case_counts_another_spelling_is_another_role() -> None:
    parts = [{"name": "value", "type": "string", "caseExact": True}]
    roles = {"name": "roles", "type": "complex", "multiValued": True, "subAttributes": parts}
    user = {"id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [roles]}
    world = staff(ASSERTIVE, schemas=Schemas.from_discovery([user], []))
    world.user("bob")["roles"] = [{"value": "USER"}]

    assert told(world.plan().operations) == [("update", BOB), ("revoke", BOB)]


def test_without_update_among_the_actions_no_role_comes_or_goes() -> None:
    world = staff(ASSERTIVE, STAFF, ADMIN_ADA)
    world.becomes(assignments=[STAFF, ADMIN_BOB], lifecycle={"actions": ["create"]})

    assert told(world.plan().operations) == []


# where roles come from


def test_a_role_lost_with_a_group_is_a_revoke() -> None:
    groups = [group("g-staff", "Staff", "ada", "bob"), group("g-root", "Root", "ada")]
    by_group = [STAFF, {"group": "Root", "role": "Administrator"}]
    world = settled(
        person("ada"),
        person("bob"),
        groups=groups,
        **{**mapped(ASSERTIVE), "assignments": by_group},
    )
    assert values(world, "ada") == ["admin", "user"]

    world.becomes(groups=[groups[0], group("g-root", "Root")])

    assert told(world.plan().operations) == [("revoke", ADA)]


@FUNCTIONS
def test_a_role_that_comes_twice_is_held_once(function: str) -> None:
    groups = [group("g-staff", "Staff", "ada"), group("g-root", "Root", "ada")]
    twice = [
        {"group": "Root", "role": "Administrator"},
        {"group": "Staff", "role": "Administrator"},
        ADMIN_ADA,
    ]
    world = settled(person("ada"), groups=groups, **{**mapped(function), "assignments": twice})

    assert values(world, "ada") == ["admin"]


@pytest.mark.parametrize(
    ("function", "actions", "left"),
    [
        (SINGLE, ["revoke"], ["user"]),
        (COMPLEX, [], ["admin", "user"]),
        (ASSERTIVE, ["revoke"], ["user"]),
    ],
)
def test_a_role_whose_assignment_expires_is_lost(
    function: str, actions: list[str], left: list[str]
) -> None:
    world = staff(function, STAFF, {**ADMIN_ADA, "expires": "2026-11-23"})
    world.becomes(assignments=[STAFF, {**ADMIN_ADA, "expires": "2026-11-22"}])

    assert told(world.plan().operations) == [(action, ADA) for action in actions]
    world.settle()
    assert values(world, "ada") == left


@pytest.mark.parametrize("access", ["exclude", "include"])
@pytest.mark.parametrize(
    ("function", "included"), [(SINGLE, []), (COMPLEX, ["user"]), (ASSERTIVE, [])]
)
def test_default_access_alone(function: str, included: list[str], access: str) -> None:
    """Excluded, one leaves and keeps everything; included, one holds no role any more."""
    world = staff(function, default_access=access)
    world.becomes(assignments=[NOBODY_ELSE, {"user": "ada", "role": "User"}])

    taken = [] if function == COMPLEX else [("revoke", BOB)]
    expected = {"exclude": [("disable", BOB)], "include": taken}[access]
    assert told(world.plan().operations) == expected
    world.settle()
    assert values(world, "bob") == {"exclude": ["user"], "include": included}[access]


@pytest.mark.parametrize("access", ["exclude", "include"])
@FUNCTIONS
def test_default_access_beside_a_role_changes_nothing(function: str, access: str) -> None:
    world = staff(function, default_access=access)
    world.becomes(assignments=[NOBODY_ELSE, STAFF])

    assert told(world.plan().operations) == []


@pytest.mark.parametrize("access", ["exclude", "include"])
@pytest.mark.parametrize(("function", "left"), [(SINGLE, []), (COMPLEX, ["user"]), (ASSERTIVE, [])])
def test_scope_all_gives_the_roles_of_assignments_to_whom_they_name(
    function: str, left: list[str], access: str
) -> None:
    """Entra forbids the three functions beside Sync all; here assignments still give roles."""
    world = staff(function, scope="all", default_access=access)
    assert values(world, "bob") == ["user"]

    world.becomes(assignments=[{"user": "ada", "role": "User"}]).settle()

    assert (values(world, "ada"), values(world, "bob")) == (["user"], left)


# guards


def test_ruling_14_who_loses_several_roles_is_counted_once() -> None:
    world = staff(ASSERTIVE, STAFF, ADMIN_ADA)
    world.user("ada")["roles"].append(LOCAL)
    world.becomes(assignments=[NOBODY_ELSE])

    assert verdict(world.plan(), "revoke_roles").count == 2
    assert len(of(world.plan(), Action.REVOKE)) == 2


@pytest.mark.parametrize(
    ("function", "after", "count", "blocked"),
    [
        pytest.param(ASSERTIVE, [STAFF], 0, True, id="lost"),
        pytest.param(ASSERTIVE, [STAFF, ADMIN_BOB], 1, False, id="for another"),
        pytest.param(ASSERTIVE, [STAFF, ADMIN_ADA, ADMIN_BOB], 2, False, id="one more"),
        pytest.param(COMPLEX, [STAFF], 1, False, id="never taken"),
        pytest.param(COMPLEX, [STAFF, ADMIN_BOB], 2, False, id="never taken, and one more"),
    ],
)
def test_ruling_13_min_admins_looks_through_the_whole_list(
    function: str, after: list[Any], count: int, blocked: bool
) -> None:
    world = staff(function, STAFF, ADMIN_ADA).becomes(assignments=after)

    found = verdict(world.plan(), "min_admins")

    assert (found.population, found.count, found.blocked) == (1, count, blocked)


def test_ruling_13_an_exchange_for_a_privileged_role_makes_a_holder() -> None:
    world = staff(ASSERTIVE).becomes(assignments=[NOBODY_ELSE, ADMIN_BOB])

    found = verdict(world.plan(), "min_admins")

    assert (found.population, found.count, found.blocked) == (0, 1, False)


def test_ruling_13_the_loss_of_another_role_leaves_an_admin_an_admin() -> None:
    world = staff(ASSERTIVE, STAFF, ADMIN_ADA).becomes(assignments=[NOBODY_ELSE, ADMIN_ADA])

    found = verdict(world.plan(), "min_admins")

    assert (found.population, found.count, found.blocked) == (1, 1, False)


def test_without_removals_what_is_given_is_given_and_what_is_taken_is_withheld() -> None:
    world = staff(ASSERTIVE).becomes(assignments=[NOBODY_ELSE, ADMIN_ADA])

    plan = world.plan(removals=False)

    assert told(plan.operations) == [("update", ADA)]
    assert told(plan.withheld) == [("revoke", ADA), ("revoke", BOB)]


def test_a_plan_with_lists_of_roles_survives_its_file() -> None:
    world = staff(ASSERTIVE).becomes(
        [person("ada"), person("cyd")], assignments=[NOBODY_ELSE, ADMIN_ADA]
    )
    body = world.plan()

    sealed = seal(body, Header("2026-11-23T00:00:00Z", "0", None, None))

    assert parse_plan(canonical_json(as_json(sealed))).body == body


def test_a_role_function_may_feed_one_attribute_while_another_holds_them_all() -> None:
    single = {"target": "userType", "expression": "SingleAppRoleAssignment([appRoleAssignments])"}
    settings = mapped(ASSERTIVE)
    settings["mappings"]["users"].append(single)
    world = settled(person("ada"), **{**settings, "assignments": [STAFF, ADMIN_ADA]})
    assert world.user("ada")["userType"] == "admin"

    [operation] = world.becomes(assignments=[STAFF]).plan().operations
    assert operation.action is Action.REVOKE
    assert [path for path, _, _ in changes_of(operation)] == ["userType", "roles"]
