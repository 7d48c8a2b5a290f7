"""All roles of a person, through the command and against the sandbox."""

from typing import Any

import pytest

from tests.e2e.company import USER_MAPPINGS, Company, Sandbox


def mapped(function: str) -> list[dict[str, Any]]:
    others = [line for line in USER_MAPPINGS if not line["target"].startswith("roles")]
    return [*others, {"target": "roles", "expression": f"{function}([appRoleAssignments])"}]


@pytest.mark.parametrize(
    ("function", "name", "left"),
    [
        ("AppRoleAssignmentsComplex", "displayName", ["admin", "user"]),
        ("AssertiveAppRoleAssignmentsComplex", "display", ["user"]),
    ],
)
def test_roles_come_and_go(
    function: str, name: str, left: list[str], company: Company, sandbox: Sandbox
) -> None:
    company.application["mappings"] = {"users": mapped(function)}
    company.application["assignments"] = [
        {"group": "Staff", "role": "User"},
        {"user": "ada", "role": "Administrator"},
    ]
    company.settle()
    roles = sandbox.users()["ada@contoso.example"]["roles"]
    assert [(role[name], role["value"]) for role in roles] == [
        ("Administrator", "admin"),
        ("User", "user"),
    ]
    company.plan("--detailed-exitcode")

    company.application["assignments"] = [{"group": "Staff", "role": "User"}]
    company.application["safety"] = {"min_admins": 0}
    company.settle()

    roles = sandbox.users()["ada@contoso.example"]["roles"]
    assert sorted(role["value"] for role in roles) == left
    company.plan("--detailed-exitcode")
