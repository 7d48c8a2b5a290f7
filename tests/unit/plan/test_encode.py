from typing import Any

import pytest

from reconciler.plan.encode import Forms, Patch, encode_changes, encode_create
from reconciler.plan.operation import Action, Operation, Reference
from reconciler.states import ResourceType
from tests.plans import make_operation
from tests.worlds import ENTERPRISE

GROUP = ResourceType.GROUP
ROLE = 'roles[primary eq "True"]'
IDS = {"bob": "t-9", "g-team": "t-8"}


def resolve(reference: Reference) -> str:
    """Return the id that something created has."""
    return IDS[reference.source_id]


def patches(operation: Operation, live: Any = None) -> list[list[dict[str, Any]]]:
    """Return the requests that carry *operation* out."""
    requests = encode_changes(operation, live or {}, resolve, Forms())
    return [list(request.operations) for request in requests if isinstance(request, Patch)]


def update(*changes: tuple[str, Any, Any], references: Any = ()) -> Operation:
    """Return an update of somebody."""
    return make_operation(Action.UPDATE, changes=changes, references=references)


def members(*names: str) -> list[dict[str, str]]:
    """Return members as a plan shows them."""
    return [{"value": name, "display": name.title()} for name in names]


def test_a_create_names_the_schemas_of_what_it_writes() -> None:
    operation = make_operation(
        changes=[
            ("userName", None, "ada@contoso.example"),
            ("active", None, True),
            ("name.givenName", None, "Ada"),
            ('emails[type eq "work"].value', None, "ada@contoso.example"),
            (f"{ROLE}.value", None, "user"),
            (f"{ENTERPRISE}:department", None, "IT"),
            (f"{ENTERPRISE}:division", None, "D"),
        ]
    )

    assert encode_create(operation) == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "userName": "ada@contoso.example",
        "active": True,
        "name": {"givenName": "Ada"},
        "emails": [{"type": "work", "value": "ada@contoso.example"}],
        "roles": [{"primary": True, "value": "user"}],
        ENTERPRISE: {"department": "IT", "division": "D"},
    }


def test_a_group_is_created_without_members() -> None:
    operation = make_operation(resource_type=GROUP, changes=[("displayName", None, "Sales")])

    assert encode_create(operation) == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Sales",
    }


@pytest.mark.parametrize(
    ("change", "live", "expected"),
    [
        pytest.param(
            ("title", "a", "b"),
            {"title": "a"},
            {"op": "replace", "path": "title", "value": "b"},
            id="what is there is replaced",
        ),
        pytest.param(
            ("title", None, "b"),
            {},
            {"op": "add", "path": "title", "value": "b"},
            id="what is not there is added",
        ),
        pytest.param(
            ("active", True, False),
            {"active": True},
            {"op": "replace", "path": "active", "value": False},
            id="a boolean is a boolean",
        ),
        pytest.param(
            ("title", "a", None), {"title": "a"}, {"op": "remove", "path": "title"}, id="cleared"
        ),
        pytest.param(
            (f"{ROLE}.value", "a", "b"),
            {"roles": [{"primary": True, "value": "a"}]},
            {"op": "replace", "path": "roles[primary eq true].value", "value": "b"},
            id="a part of an element",
        ),
        pytest.param(
            (f"{ROLE}.value", None, "b"),
            {"roles": [{"value": "local"}]},
            {"op": "add", "path": "roles", "value": [{"primary": True, "value": "b"}]},
            id="a new element beside others",
        ),
        pytest.param(
            (f"{ROLE}.value", "a", None),
            {"roles": [{"primary": True, "value": "a"}]},
            {"op": "remove", "path": "roles[primary eq true]"},
            id="an element goes with its value",
        ),
        pytest.param(
            (f"{ROLE}.display", "a", None),
            {"roles": [{"primary": True, "value": "a"}]},
            {"op": "remove", "path": "roles[primary eq true].display"},
            id="a part of an element goes alone",
        ),
        pytest.param(
            ("name.givenName", "a", None),
            {"name": {"givenName": "a"}},
            {"op": "remove", "path": "name.givenName"},
            id="a part of a complex value goes alone",
        ),
        pytest.param(
            ("name.givenName", None, "b"),
            {},
            {"op": "add", "path": "name", "value": {"givenName": "b"}},
            id="the first part of a complex value",
        ),
        pytest.param(
            (f"{ENTERPRISE}:manager", "t-1", "t-2"),
            {ENTERPRISE: {"manager": {"value": "t-1"}}},
            {"op": "add", "path": f"{ENTERPRISE}:manager.value", "value": "t-2"},
            id="another manager",
        ),
        pytest.param(
            (f"{ENTERPRISE}:manager", "t-1", None),
            {ENTERPRISE: {"manager": {"value": "t-1"}}},
            {"op": "remove", "path": f"{ENTERPRISE}:manager"},
            id="no manager",
        ),
        pytest.param(
            (f"{ENTERPRISE}:manager", None, "t-2"),
            {},
            {"op": "add", "path": f"{ENTERPRISE}:manager", "value": {"value": "t-2"}},
            id="a first manager",
        ),
    ],
)
def test_a_change_is_one_operation_at_its_leaf(
    change: tuple[str, Any, Any], live: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert patches(update(change), live) == [[expected]]


def test_the_parts_of_a_new_element_are_added_together() -> None:
    operation = update(
        (f"{ROLE}.value", None, "user"),
        ("title", "a", "b"),
        (f"{ROLE}.display", None, "User"),
    )

    assert patches(operation, {"title": "a"}) == [
        [
            {"op": "replace", "path": "title", "value": "b"},
            {
                "op": "add",
                "path": "roles",
                "value": [{"primary": True, "value": "user", "display": "User"}],
            },
        ]
    ]


@pytest.mark.parametrize("parts", [("value", "display"), ("display", "value")], ids=str)
def test_the_parts_of_an_element_that_goes_are_removed_once(parts: tuple[str, str]) -> None:
    """A server answers `noTarget` to the removal of part of what is gone."""
    live = {"roles": [{"primary": True, "value": "user", "display": "User"}]}
    operation = update(*((f"{ROLE}.{part}", "x", None) for part in parts))

    assert patches(operation, live) == [[{"op": "remove", "path": "roles[primary eq true]"}]]


def test_a_reference_is_written_with_the_id_that_exists_by_now() -> None:
    manager = Reference(f"{ENTERPRISE}:manager", "bob", ResourceType.USER, "bob")

    assert patches(update(references=[manager])) == [
        [{"op": "add", "path": f"{ENTERPRISE}:manager", "value": {"value": "t-9"}}]
    ]


def test_a_reference_to_what_does_not_exist_is_refused() -> None:
    manager = Reference(f"{ENTERPRISE}:manager", "eve", ResourceType.USER, "eve")

    with pytest.raises(KeyError):
        patches(update(references=[manager]))


def test_members_are_added_by_name_and_type() -> None:
    operation = make_operation(
        Action.ADD_MEMBERS,
        resource_type=GROUP,
        changes=[
            (
                "members",
                None,
                [*members("t-1"), {"value": "t-2", "display": "Team", "type": "Group"}],
            )
        ],
        references=[
            Reference("members", "bob", ResourceType.USER, "bob"),
            Reference("members", "g-team", GROUP, "Team"),
        ],
    )

    assert patches(operation) == [
        [
            {
                "op": "add",
                "path": "members",
                "value": [
                    {"value": "t-1", "type": "User"},
                    {"value": "t-2", "type": "Group"},
                    {"value": "t-9", "type": "User"},
                    {"value": "t-8", "type": "Group"},
                ],
            }
        ]
    ]


def test_members_are_removed_by_name_and_never_as_a_list() -> None:
    operation = make_operation(
        Action.REMOVE_MEMBERS,
        resource_type=GROUP,
        changes=[("members", members('t"1', "t-2"), None)],
    )

    assert patches(operation, {"members": members("t-2", "t-3", 't"1')}) == [
        [
            {"op": "remove", "path": 'members[value eq "t\\"1"]'},
            {"op": "remove", "path": 'members[value eq "t-2"]'},
        ]
    ]


@pytest.mark.parametrize(("count", "sizes"), [(100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
@pytest.mark.parametrize("added", [True, False], ids=["added", "removed"])
def test_many_members_travel_in_chunks(count: int, sizes: list[int], added: bool) -> None:
    listed = members(*(f"t-{n}" for n in range(count)))
    change = ("members", None, listed) if added else ("members", listed, None)
    action = Action.ADD_MEMBERS if added else Action.REMOVE_MEMBERS
    operation = make_operation(action, resource_type=GROUP, changes=[change])

    requests = patches(operation, {"members": [] if added else listed})

    assert [len(request[0]["value"] if added else request) for request in requests] == sizes


def test_an_operation_without_changes_sends_nothing() -> None:
    assert patches(make_operation(Action.LINK)) == []
