"""A revoke is known by what it takes out of `roles`, under whatever name (ruling 14)."""

from typing import Any

import pytest

from reconciler.plan.effects import revokes, takes, tally
from reconciler.plan.operation import Action
from reconciler.states import ResourceType
from tests.plans import make_operation

USER, ADMIN = {"value": "user"}, {"value": "admin"}
ONE = 'roles[primary eq "True"].value'
EXISTING = [Action.LINK, Action.ENABLE, Action.UPDATE, Action.DISABLE, Action.REVOKE]


@pytest.mark.parametrize("action", EXISTING)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("roles", [ADMIN, USER], [USER]), id="one of the list"),
        pytest.param(("Roles", [ADMIN], [USER]), id="one for another"),
        pytest.param(("roles", [USER], None), id="the whole list"),
        pytest.param(("roles", [USER], []), id="the whole list, said otherwise"),
        pytest.param((ONE, "admin", None), id="the value of one"),
        pytest.param(("roles[primary eq true]", USER, None), id="one as a whole"),
        pytest.param(('roles[value eq "admin"].value', None, None), id="one that nobody mentions"),
        pytest.param(("roles.value", "admin", None), id="the values of all"),
        pytest.param((ONE, "admin", ""), id="a value that names none"),
        pytest.param(("roles[primary eq true]", USER, {"display": "U"}), id="one without a value"),
    ],
)
def test_a_role_that_goes_is_a_revoke_whatever_it_is_called(
    action: Action, change: tuple[str, Any, Any]
) -> None:
    operation = make_operation(action, changes=[change])

    assert revokes(operation) is True
    assert takes(operation) is True


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("roles", None, [USER]), id="a first role"),
        pytest.param(("roles", [USER], [USER, ADMIN]), id="one more"),
        pytest.param(("roles", [USER], [{**USER, "display": "Users"}]), id="another display"),
        pytest.param((ONE, None, "user"), id="a first value"),
        pytest.param((ONE, "user", "admin"), id="a stronger value, for all that can be seen"),
        pytest.param(('roles[primary eq "True"].display', "User", None), id="a display cleared"),
        pytest.param(("urn:example:2.0:User:roles", [ADMIN], None), id="another schema's roles"),
        pytest.param(("userType", "admin", None), id="any other attribute"),
    ],
)
def test_what_gives_or_only_renames_is_none(change: tuple[str, Any, Any]) -> None:
    operation = make_operation(Action.UPDATE, changes=[change])

    assert revokes(operation) is False


def test_a_create_and_a_group_take_no_role() -> None:
    changes = [("roles", [USER], None)]
    made = make_operation(Action.CREATE, changes=changes)
    group = make_operation(Action.UPDATE, resource_type=ResourceType.GROUP, changes=changes)

    assert (revokes(made), revokes(group)) == (False, False)


def test_ruling_14_whoever_loses_roles_twice_is_counted_once() -> None:
    first = make_operation(Action.UPDATE, changes=[("roles", [USER, ADMIN], [USER])])
    second = make_operation(Action.REVOKE, changes=[("roles", [USER], None)])
    other = make_operation(Action.REVOKE, target_id="t-2", changes=[("roles", [USER], None)])

    assert tally([first, second, other]).revoked == 2
