"""What a plan needs to read of each account and group, mapped or not."""

from typing import Any

import pytest

from reconciler.plan.needed import needed_of
from reconciler.states import ResourceType
from tests.worlds import ENTERPRISE, application

USER, GROUP = ResourceType.USER, ResourceType.GROUP
NAME = {"target": "userName", "source": "userPrincipalName", "match": 1}
ACTIVE = {"target": "active", "expression": "Not([IsSoftDeleted])"}
TITLE = {"target": "displayName", "source": "displayName", "match": 1}
MEMBERS = {"target": "members", "source": "members"}
BASE = {"id", "externalId", "meta", "displayName"}


def needed(
    *lines: dict[str, Any], groups: list[dict[str, Any]] | None = None, **settings: Any
) -> dict[ResourceType, frozenset[str]]:
    mappings: dict[str, Any] = {"users": [NAME, ACTIVE, *lines]}
    if groups is not None:
        mappings["groups"] = groups
    return dict(needed_of(application(mappings=mappings, **{"roles": [], **settings})))


def test_what_tells_people_apart_is_always_read() -> None:
    assert needed() == {USER: BASE | {"userName", "active"}}


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("title", "title"),
        ("name.familyName", "name"),
        ('emails[type eq "work"].value', "emails"),
        (f"{ENTERPRISE}:department", f"{ENTERPRISE}:department"),
        ("urn:ietf:params:scim:schemas:core:2.0:User:nickName", "nickName"),
    ],
)
@pytest.mark.parametrize("more", [{}, {"match": 2}, {"apply": "on_create"}], ids=str)
def test_what_is_mapped_is_read_as_a_whole(target: str, name: str, more: dict[str, Any]) -> None:
    found = needed({"target": target, "source": "jobTitle", **more})

    assert found[USER] == BASE | {"userName", "active", name}


def test_privileged_roles_are_read_wherever_they_are_mapped() -> None:
    roles = [{"name": "Administrator", "value": "admin", "privileged": True}]

    assert "roles" in needed(roles=roles)[USER]
    assert "roles" not in needed(roles=[{"name": "User", "value": "user"}])[USER]


@pytest.mark.parametrize(
    ("groups", "leaves_scope", "expected"),
    [
        ([TITLE], "disable", False),
        ([TITLE, MEMBERS], "disable", True),
        ([TITLE], "delete", True),
    ],
)
def test_members_are_read_where_they_are_mapped_or_groups_may_go(
    groups: list[dict[str, Any]], leaves_scope: str, expected: bool
) -> None:
    found = needed(groups=groups, lifecycle={"leaves_scope": leaves_scope})

    assert found[GROUP] == BASE | ({"members"} if expected else set())


def test_what_is_looked_at_besides_is_read_where_its_type_is() -> None:
    lines = {"users": [NAME, ACTIVE], "groups": [TITLE]}
    also = {USER: ["title", 'emails[type eq "work"].value'], GROUP: ["members"]}

    found = needed_of(application(mappings=lines, roles=[]), also)
    without = needed_of(application(mappings={"users": lines["users"]}, roles=[]), also)

    assert found[USER] - BASE == {"userName", "active", "title", "emails"}
    assert found[GROUP] - BASE == {"members"}
    assert GROUP not in without
