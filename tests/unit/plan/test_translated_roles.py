"""Ruling 13 where an expression makes something of its own of the roles: they are still roles."""

from typing import Any

import pytest

from reconciler.config.model import AppRole, AttributeMapping
from reconciler.mapping import Table
from reconciler.plan.roles import MOST, values_made
from reconciler.scim.schema import CORE
from tests.worlds import USER_MAPPINGS, World, changes_of, group, person, settled, told, verdict

ADA = "ada@contoso.example"
EVERYONE = {"group": "Staff"}
USER, ADMIN = {"user": "ada", "role": "User"}, {"user": "ada", "role": "Administrator"}
ONE = "SingleAppRoleAssignment([appRoleAssignments])"
SWITCH = f'Switch({ONE}, , "admin", "Owner", "user", "Reader")'
DEFAULT = f'Switch({ONE}, "Guest", "admin", "Owner", "user", "Reader")'
JOINED = 'Join(";", AppRoleAssignments([appRoleAssignments]))'
LICENSED = f'Switch({ONE}, "licensed", "", "none")'
TARGETS = pytest.mark.parametrize("target", ["userType", 'roles[primary eq "True"].value'])


def held(expression: str, *assignments: dict[str, str], target: str = "userType") -> World:
    """Return a settled world in which Ada has what *expression* makes of her roles."""
    users = [line for line in USER_MAPPINGS if not line["target"].startswith("roles")]
    line = {"target": target, "expression": expression}
    return settled(
        person("ada"),
        groups=[group("g-staff", "Staff", "ada")],
        mappings={"users": [*users, line]},
        default_access="include",
        assignments=[EVERYONE, *assignments],
    )


@TARGETS
@pytest.mark.parametrize(
    ("expression", "before", "after", "action", "values"),
    [
        pytest.param(SWITCH, [], [USER], "update", (None, "Reader"), id="the first"),
        pytest.param(SWITCH, [USER], [ADMIN], "update", ("Reader", "Owner"), id="a stronger one"),
        pytest.param(SWITCH, [ADMIN], [USER], "revoke", ("Owner", "Reader"), id="a weaker one"),
        pytest.param(SWITCH, [ADMIN], [], "revoke", ("Owner", None), id="none any more"),
        pytest.param(SWITCH, [USER], [], "revoke", ("Reader", None), id="not even the weakest"),
        pytest.param(DEFAULT, [], [USER], "update", ("Guest", "Reader"), id="from a default"),
        pytest.param(DEFAULT, [ADMIN], [], "revoke", ("Owner", "Guest"), id="back to a default"),
        pytest.param(JOINED, [USER], [USER, ADMIN], "update", ("user", "admin;user"), id="more"),
        pytest.param(JOINED, [USER, ADMIN], [USER], "revoke", ("admin;user", "user"), id="less"),
        pytest.param(
            JOINED, [USER, ADMIN], [ADMIN], "revoke", ("admin;user", "admin"), id="less of the weak"
        ),
        pytest.param(JOINED, [USER, ADMIN], [], "revoke", ("admin;user", None), id="nothing left"),
    ],
)
def test_ruling_13_a_value_that_is_made_of_roles_is_given_and_taken_as_they_are(
    expression: str,
    before: list[Any],
    after: list[Any],
    action: str,
    values: tuple[str, str],
    target: str,
) -> None:
    world = held(expression, *before, target=target)
    plan = world.becomes(assignments=[EVERYONE, *after]).plan()

    [operation] = plan.operations
    assert (operation.key, operation.action) == (ADA, action)
    assert changes_of(operation) == [(target, *values)]
    assert verdict(plan, "revoke_roles").count == (action == "revoke")
    world.settle()
    assert told(world.plan().operations) == []


@TARGETS
def test_ruling_13_what_no_role_makes_is_replaced_as_a_loss_and_never_cleared(target: str) -> None:
    world = held(SWITCH, USER, target=target)
    account = world.user("ada")
    local = {"userType": "local"} if target == "userType" else {"roles": [_primary("local")]}
    account.update(local)

    assert told(world.plan().operations) == [("revoke", ADA)]
    world.becomes(assignments=[EVERYONE])
    assert told(world.plan().operations) == []


def _primary(value: str) -> dict[str, Any]:
    return {"primary": True, "value": value}


@pytest.mark.parametrize(
    ("expression", "blocked"),
    [
        pytest.param(SWITCH, True, id="translated"),
        pytest.param(JOINED, True, id="joined"),
        pytest.param(LICENSED, False, id="a value that says nothing about admins"),
    ],
)
def test_ruling_13_min_admins_counts_a_privileged_role_by_what_is_made_of_it(
    expression: str, blocked: bool
) -> None:
    world = held(expression, USER, ADMIN).becomes(assignments=[EVERYONE, USER])

    assert verdict(world.plan(), "min_admins").blocked is blocked


def test_a_value_that_depends_on_more_than_roles_is_not_foreseen() -> None:
    expression = f'IIF([department] = "IT", {ONE}, "none")'

    assert made(expression, 2) == []


def test_sets_are_asked_for_the_small_ones_first_and_not_without_end() -> None:
    found = made(JOINED, 40)

    assert [value for value, _ in found[:3]] == ["r00", "r01", "r02"]
    assert len(found) == MOST - 1  # nobody without roles is written anything
    assert ("r00;r01", frozenset({0, 1})) in found


def made(expression: str, count: int) -> list[tuple[str, frozenset[int]]]:
    """Return what is foreseen of an expression over *count* roles."""
    mapping = AttributeMapping(target="userType", expression=expression)
    [line] = Table([mapping], "User", CORE).lines
    roles = [AppRole(name=f"R{number:02}", value=f"r{number:02}") for number in range(count)]
    return list(values_made(line, roles))
