"""All app roles of a person as the whole of `roles` (entra.md, section 1.10)."""

from typing import Any

import pytest

from reconciler.config.model import AttributeMapping
from reconciler.expr import RoleGrant
from reconciler.mapping import Projection, Table
from reconciler.scim.schema import CORE
from reconciler.states import RoleList

COMPLEX, ASSERTIVE = "AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex"
ADMIN, USER = RoleGrant("admin", "Administrator"), RoleGrant("user", "User")
TYPE = "WindowsAzureActiveDirectoryRole"


def line(function: str, **keys: Any) -> dict[str, Any]:
    return {"target": "roles", "expression": f"{function}([appRoleAssignments])", **keys}


def projected(mapping: dict[str, Any], *grants: RoleGrant) -> Projection:
    table = Table([AttributeMapping(**mapping)], "User", CORE)
    return table.project({"appRoleAssignments": grants} if grants else {})


@pytest.mark.parametrize(
    ("function", "label", "replaces"),
    [(COMPLEX, "displayName", False), (ASSERTIVE, "display", True)],
)
@pytest.mark.parametrize(
    "target", ["roles", "ROLES", "urn:ietf:params:scim:schemas:core:2.0:User:roles"]
)
def test_ruling_13_every_role_is_an_element_strongest_first(
    function: str, label: str, replaces: bool, target: str
) -> None:
    found = projected({**line(function), "target": target}, ADMIN, USER)

    elements = (
        {"primary": False, "type": TYPE, label: "Administrator", "value": "admin"},
        {"primary": False, "type": TYPE, label: "User", "value": "user"},
    )
    [written] = found.created.values()
    assert written == RoleList(elements, replaces)
    assert found.managed == found.created


@pytest.mark.parametrize(
    ("function", "managed"),
    [
        pytest.param(COMPLEX, {}, id="add only writes nothing"),
        pytest.param(ASSERTIVE, {"roles": None}, id="replacing clears"),
    ],
)
def test_ruling_13_without_any_role(function: str, managed: dict[str, Any]) -> None:
    assert projected(line(function)) == Projection({}, managed)


@pytest.mark.parametrize("function", [COMPLEX, ASSERTIVE])
def test_ruling_2_on_create_only(function: str) -> None:
    found = projected(line(function, apply="on_create"), USER)

    assert (list(found.created), found.managed) == (["roles"], {})


def test_a_list_of_roles_names_their_values() -> None:
    [written] = projected(line(ASSERTIVE), ADMIN, USER).created.values()

    assert str(written) == "admin, user"


@pytest.mark.parametrize("function", [COMPLEX, ASSERTIVE, "AppRoleAssignments"])
def test_what_a_role_function_writes_carries_a_role(function: str) -> None:
    target = "userType" if function == "AppRoleAssignments" else "roles"
    mapping = AttributeMapping(target=target, expression=f"{function}([appRoleAssignments])")

    assert Table([mapping], "User", CORE).role_targets == (target,)
