"""Lists of roles as requests: added to, replaced, or removed (decision 9; entra.md, 1.10)."""

import json
from typing import Any

import pytest

from reconciler.plan.effects import revokes
from reconciler.plan.encode import Forms, Patch, encode_changes, encode_create
from reconciler.plan.operation import Action, Operation
from tests.plans import make_operation

USER = {
    "primary": False,
    "type": "WindowsAzureActiveDirectoryRole",
    "display": "User",
    "value": "u",
}
ADMIN = {**USER, "display": "Admin", "value": "a"}
OWN = {"value": "local", "display": "Given here", "$ref": "https://crm.example/roles/1"}


def encoded(operation: Operation, live: Any) -> list[dict[str, Any]]:
    """Return the operations of the one PATCH that carries *operation* out, if it needs any."""
    requests = encode_changes(operation, live, lambda reference: reference.source_id, Forms())
    assert [type(request) for request in requests] in ([], [Patch])
    return [
        each for request in requests if isinstance(request, Patch) for each in request.operations
    ]


def sent(before: Any, after: Any, *others: tuple[str, Any, Any]) -> list[dict[str, Any]]:
    """Return the operations of the one PATCH that carries a change of roles out."""
    operation = make_operation(Action.UPDATE, changes=[("roles", before, after), *others])
    live = {"roles": before} if before else {}
    return encoded(operation, live)


def test_a_create_posts_the_elements_as_they_are() -> None:
    body = encode_create(make_operation(changes=[("roles", None, [ADMIN, USER])]))

    assert body["roles"] == [ADMIN, USER]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            None, [USER], {"op": "add", "path": "roles", "value": [USER]}, id="the first role"
        ),
        pytest.param(
            [USER], [USER, ADMIN], {"op": "add", "path": "roles", "value": [ADMIN]}, id="one more"
        ),
        pytest.param(
            [OWN], [OWN, USER], {"op": "add", "path": "roles", "value": [USER]}, id="beside another"
        ),
        pytest.param(
            [ADMIN, USER, OWN],
            [USER],
            {"op": "replace", "path": "roles", "value": [USER]},
            id="down to one",
        ),
        pytest.param(
            [OWN],
            [ADMIN, USER],
            {"op": "replace", "path": "roles", "value": [ADMIN, USER]},
            id="for others",
        ),
        pytest.param([USER, OWN], None, {"op": "remove", "path": "roles"}, id="none"),
        pytest.param([USER], [], {"op": "remove", "path": "roles"}, id="none, as an empty list"),
    ],
)
def test_ruling_13_a_change_of_the_list_is_one_operation(
    before: Any, after: Any, expected: dict[str, Any]
) -> None:
    assert sent(before, after) == [expected]


def test_inv_13_what_an_interrupted_run_has_added_is_not_added_again() -> None:
    operation = make_operation(Action.UPDATE, changes=[("roles", [OWN], [OWN, USER, ADMIN])])
    [patch] = encoded(operation, {"roles": [OWN, USER]})

    assert patch == {"op": "add", "path": "roles", "value": [ADMIN]}


def test_the_list_stands_beside_other_changes() -> None:
    found = sent([USER], [USER, ADMIN], ("title", None, "Boss"), ("nickName", "x", None))

    assert [(one["op"], one["path"]) for one in found] == [
        ("add", "roles"),
        ("add", "title"),
        ("remove", "nickName"),
    ]


@pytest.mark.parametrize("after", [[USER], [USER, ADMIN], [ADMIN], None])
def test_no_request_has_json_inside_of_text(after: Any) -> None:
    """Entra sends so without its feature flag, and servers stumble over it (entra.md, 9.6)."""
    values = [role["value"] for one in sent([USER, OWN], after) for role in one.get("value", [])]

    assert all(not value.startswith("{") for value in values)


LISTS = [None, [], [USER], [ADMIN], [USER, ADMIN], [OWN], [USER, OWN], [{"value": "U"}]]


@pytest.mark.parametrize("before", LISTS, ids=json.dumps)
@pytest.mark.parametrize("after", LISTS, ids=json.dumps)
def test_ruling_14_what_replaces_or_removes_the_list_counts_as_a_revoke(
    before: Any, after: Any
) -> None:
    operation = make_operation(Action.UPDATE, changes=[("roles", before, after)])
    patch = encoded(operation, {"roles": before or []})

    assert revokes(operation) is any(one["op"] != "add" for one in patch)
