"""Changes said in the other forms: without paths to elements, one at a time, whole."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reconciler.plan.encode import Forms, Patch, Put, WouldBeLost, encode_changes
from reconciler.plan.operation import Action, Operation, Reference
from reconciler.profiles.model import Profile
from reconciler.scim.schema import CORE, Schemas
from reconciler.states import ResourceType
from tests.plans import make_operation
from tests.worlds import ENTERPRISE

GROUP = ResourceType.GROUP
GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"
USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
PLAIN = Forms(patch_filter_path=False)
PUT = Forms(user_update="put", group_update="put")
WORK = 'emails[type eq "work"]'
ADA: dict[str, Any] = {
    "schemas": [USER_URN],
    "id": "u1",
    "meta": {"version": 'W/"1"'},
    "userName": "ada@contoso.example",
    "groups": [{"value": "g1"}],
    "emails": [{"type": "work", "value": "a@x.example", "display": "A"}, {"type": "home"}],
    "hobby": {"name": "maths"},
}
TEAM: dict[str, Any] = {
    "schemas": [GROUP_URN],
    "id": "g1",
    "displayName": "Team",
    "members": [{"value": f"u{n}", "type": "User", "$ref": f"/Users/u{n}"} for n in range(5)],
}


def sent(operation: Operation, live: Mapping[str, Any], forms: Forms) -> list[Any]:
    """Return the requests: the operations of a PATCH as a list, the body of a PUT as a mapping."""
    requests = encode_changes(operation, live, lambda reference: reference.source_id, forms)
    return [each.body if isinstance(each, Put) else list(each.operations) for each in requests]


def update(*changes: tuple[str, Any, Any], references: Any = ()) -> Operation:
    """Return an update of Ada."""
    return make_operation(Action.UPDATE, changes=changes, references=references)


def moving(joining: tuple[str, ...] = (), leaving: tuple[str, ...] = ()) -> Operation:
    """Return an operation by which members come and go."""
    after, before = ([{"value": each, "display": each} for each in s] for s in (joining, leaving))
    change = ("members", before or None, after or None)
    return make_operation(Action.UPDATE, resource_type=GROUP, changes=[change])


def body_of(operation: Operation, live: Mapping[str, Any], forms: Forms = PUT) -> dict[str, Any]:
    """Return the one body that is put."""
    [body] = sent(operation, live, forms)
    assert isinstance(body, dict)
    return body


def schemas(urn: str, *attributes: dict[str, Any]) -> Schemas:
    """Return the schemas of a service that says more of some attributes."""
    return Schemas.from_discovery([{"id": urn, "attributes": list(attributes)}], [])


def test_forms_are_what_the_profile_says() -> None:
    said = {
        "write": {"user_update": "put", "patch_filter_path": False, "atomic": False},
        "members": {"remove": "value_list", "chunk": 7, "readable": False},
    }

    assert Forms.of(Profile.model_validate(said), CORE) == Forms(
        "put", "patch", False, False, "value_list", 7, False
    )
    assert Forms.of(Profile(), CORE) == Forms()


# paths without filters


@pytest.mark.parametrize(
    ("changes", "live", "expected"),
    [
        pytest.param(
            [(f"{WORK}.value", "a@x.example", "b@x.example")],
            ADA,
            {
                "op": "replace",
                "path": "emails",
                "value": [
                    {"type": "work", "value": "b@x.example", "display": "A"},
                    {"type": "home"},
                ],
            },
            id="the list, as it was read, with the change",
        ),
        pytest.param(
            [(f"{WORK}.value", None, "b@x.example"), (f"{WORK}.display", None, "B")],
            {},
            {
                "op": "add",
                "path": "emails",
                "value": [{"type": "work", "value": "b@x.example", "display": "B"}],
            },
            id="a first element",
        ),
        pytest.param(
            [(f"{WORK}.value", "a@x.example", None)],
            ADA,
            {"op": "replace", "path": "emails", "value": [{"type": "home"}]},
            id="an element less",
        ),
        pytest.param(
            [(f"{WORK}.value", "a", None)],
            {"emails": [{"type": "work", "value": "a"}]},
            {"op": "remove", "path": "emails"},
            id="the last element",
        ),
        pytest.param(
            [('emails[type eq "home"].primary', False, True)],
            {"emails": [{"type": "work", "primary": True}, {"type": "home"}]},
            {
                "op": "replace",
                "path": "emails",
                "value": [
                    {"type": "work", "primary": False},
                    {"type": "home", "primary": True},
                ],
            },
            id="another primary",
        ),
        pytest.param(
            [("title", "a", "b")],
            {"title": "a"},
            {"op": "replace", "path": "title", "value": "b"},
            id="no element at all",
        ),
    ],
)
def test_without_filters_the_list_is_sent(
    changes: list[tuple[str, Any, Any]], live: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert sent(update(*changes), live, PLAIN) == [[expected]]


def test_changes_of_one_list_are_one_operation_beside_those_of_others() -> None:
    operation = update(
        (f"{WORK}.value", "a@x.example", "b@x.example"),
        ("title", None, "Head"),
        ('emails[type eq "home"].value', None, "h@x.example"),
        ('roles[primary eq "True"].value', None, "user"),
    )

    [[title, emails, roles]] = sent(operation, ADA, PLAIN)

    assert title == {"op": "add", "path": "title", "value": "Head"}
    assert [each["value"] for each in emails["value"]] == ["b@x.example", "h@x.example"]
    assert roles == {"op": "add", "path": "roles", "value": [{"primary": True, "value": "user"}]}


# one at a time


def test_what_is_not_atomic_is_sent_one_by_one() -> None:
    operation = update(("title", "a", "b"), ("nickName", "a", None))

    assert sent(operation, {"title": "a", "nickName": "a"}, Forms(atomic=False)) == [
        [{"op": "replace", "path": "title", "value": "b"}],
        [{"op": "remove", "path": "nickName"}],
    ]


def test_members_who_are_removed_by_a_filter_go_one_by_one() -> None:
    requests = sent(moving(("x", "y"), ("u1", "u2")), TEAM, Forms(atomic=False))

    assert [len(request) for request in requests] == [1, 1, 1]
    assert [member["value"] for member in requests[0][0]["value"]] == ["x", "y"]


# members


def test_a_list_of_values_names_the_leaving_in_chunks() -> None:
    forms = Forms(member_removal="value_list", chunk=2)

    assert sent(moving(leaving=("u0", "u1", "u3")), TEAM, forms) == [
        [{"op": "remove", "path": "members", "value": [{"value": "u0"}, {"value": "u1"}]}],
        [{"op": "remove", "path": "members", "value": [{"value": "u3"}]}],
    ]


def test_a_replacement_names_those_who_stay_and_who_come() -> None:
    [[operation]] = sent(moving(("x",), ("u0", "u4")), TEAM, Forms(member_removal="replace"))

    assert (operation["op"], operation["path"]) == ("replace", "members")
    assert operation["value"] == [*TEAM["members"][1:4], {"value": "x", "type": "User"}]


def test_members_who_only_come_are_added_in_any_form_but_put() -> None:
    for removal in ("filter", "value_list", "replace", "put"):
        [[operation]] = sent(moving(("x",)), TEAM, Forms(member_removal=removal))

        assert operation["op"] == "add"


def test_a_put_for_who_leaves_takes_everything_along() -> None:
    operation = make_operation(
        Action.UPDATE,
        resource_type=GROUP,
        changes=[("displayName", "Team", "Crew"), ("members", [{"value": "u0"}], [{"value": "x"}])],
    )

    body = body_of(operation, TEAM, Forms(member_removal="put"))

    members = [*TEAM["members"][1:], {"value": "x", "type": "User"}]
    assert body == {**TEAM, "displayName": "Crew", "members": members}


@pytest.mark.parametrize("removal", ["filter", "value_list", "replace", "put"])
@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_inv_13_nobody_leaves_by_a_bare_removal(removal: Any, chunk: int) -> None:
    everybody = tuple(member["value"] for member in TEAM["members"])

    requests = sent(moving(leaving=everybody), TEAM, Forms(member_removal=removal, chunk=chunk))

    assert {"op": "remove", "path": "members"} not in [
        operation for request in requests if isinstance(request, list) for operation in request
    ]
    if removal in ("replace", "put"):
        [request] = requests
        assert (request[0]["value"] if removal == "replace" else request["members"]) == []


@pytest.mark.parametrize("removal", ["filter", "value_list", "replace", "put"])
def test_who_is_gone_or_there_already_is_left_out(removal: Any) -> None:
    operation = moving(joining=("u1", "u2"), leaving=("u7", "u8"))

    assert sent(operation, TEAM, Forms(member_removal=removal)) == []
    assert sent(operation, TEAM, replace(PUT, member_removal=removal)) == []


# whole


def test_a_put_is_everything_that_was_read_with_the_changes_made() -> None:
    operation = update(
        ("title", None, "Head"),
        (f"{WORK}.value", "a@x.example", "b@x.example"),
        (f"{ENTERPRISE}:department", None, "IT"),
    )

    assert body_of(operation, ADA) == {
        "schemas": [USER_URN, ENTERPRISE],
        "id": "u1",
        "userName": "ada@contoso.example",
        "emails": [{"type": "work", "value": "b@x.example", "display": "A"}, {"type": "home"}],
        "hobby": {"name": "maths"},
        "title": "Head",
        ENTERPRISE: {"department": "IT"},
    }
    assert ADA["emails"][0]["value"] == "a@x.example"


def test_what_only_the_service_says_is_not_put() -> None:
    said = schemas(
        USER_URN,
        {"name": "score", "mutability": "readonly"},
        {"name": "emails", "subAttributes": [{"name": "checked", "mutability": "readOnly"}]},
    )
    live = {
        **ADA,
        "Score": 7,
        "password": "****",
        "emails": [{"type": "work", "checked": True}],
        ENTERPRISE: {"manager": {"value": "u2", "displayName": "Bob", "$ref": "/Users/u2"}},
    }

    body = body_of(update(("title", None, "x")), live, replace(PUT, schemas=said))

    assert {*body} == {"schemas", "id", "userName", "emails", "hobby", "title", ENTERPRISE}
    assert body["emails"] == [{"type": "work"}]
    assert body[ENTERPRISE] == {"manager": {"value": "u2", "$ref": "/Users/u2"}}


def test_another_manager_does_not_keep_the_address_of_the_first() -> None:
    live = {**ADA, ENTERPRISE: {"manager": {"value": "u2", "$ref": "/Users/u2"}}}
    bob = Reference(f"{ENTERPRISE}:manager", "u3", ResourceType.USER, "bob")

    assert body_of(update(references=[bob]), live)[ENTERPRISE] == {"manager": {"value": "u3"}}


def test_roles_are_added_to_what_is_there_and_replaced_where_one_goes() -> None:
    own, user, admin = ({"value": value} for value in ("local", "user", "admin"))
    live = {**ADA, "roles": [own, user]}

    added = body_of(update(("roles", [user], [user, admin])), live)
    lost = body_of(update(("roles", [own, user], [admin])), live)
    none = body_of(update(("roles", [own, user], None)), live)

    assert added["roles"] == [own, user, admin]
    assert lost["roles"] == [admin]
    assert none["roles"] == []


def test_nothing_is_put_where_nothing_changes() -> None:
    assert sent(make_operation(Action.LINK), ADA, PUT) == []


# what a read does not show

SECRET = {"name": "badge", "returned": "never"}
ASKED = {"name": "photos", "returned": "request", "mutability": "immutable"}


@pytest.mark.parametrize(
    ("attribute", "live", "named"),
    [
        pytest.param(SECRET, ADA, "badge", id="never returned"),
        pytest.param(ASKED, ADA, "photos", id="returned when asked for"),
        pytest.param(
            {"name": "emails", "subAttributes": [SECRET]}, ADA, "emails.badge", id="part of a list"
        ),
        pytest.param(ASKED, {**ADA, "photos": [{"value": "p"}]}, None, id="shown all the same"),
        pytest.param(
            {"name": "ims", "subAttributes": [SECRET]}, ADA, None, id="part of what is not there"
        ),
        pytest.param({**SECRET, "mutability": "readOnly"}, ADA, None, id="read-only"),
        pytest.param({**SECRET, "mutability": "writeOnly"}, ADA, None, id="write-only"),
        pytest.param(
            {"name": "password", "mutability": "readWrite", "returned": "never"},
            ADA,
            None,
            id="a password",
        ),
    ],
)
def test_what_would_be_lost_is_not_put(
    attribute: dict[str, Any], live: dict[str, Any], named: str | None
) -> None:
    forms = replace(PUT, schemas=schemas(USER_URN, attribute))
    operation = update(("title", None, "x"))
    if named is None:
        assert body_of(operation, live, forms)["title"] == "x"
        return

    with pytest.raises(WouldBeLost, match=rf"does not show {named} of a User.*user_update: patch"):
        sent(operation, live, forms)


def test_a_list_is_not_replaced_that_is_not_shown_whole() -> None:
    said = schemas(USER_URN, {"name": "emails", "subAttributes": [SECRET]}, ASKED)
    forms = replace(PLAIN, schemas=said)

    with pytest.raises(WouldBeLost, match=r"emails\.badge of a User"):
        sent(update((f"{WORK}.value", "a@x.example", "b@x.example")), ADA, forms)
    assert sent(update(("title", None, "x")), ADA, forms) != []


@pytest.mark.parametrize("form", ["replace", "put"])
def test_members_are_not_sent_back_that_are_not_shown_whole(form: Any) -> None:
    attribute = {"name": "members", "subAttributes": [SECRET]}
    forms = Forms(member_removal=form, schemas=schemas(GROUP_URN, attribute))

    with pytest.raises(WouldBeLost, match=r"members\.badge of a Group"):
        sent(moving(leaving=("u1",)), TEAM, forms)


def test_a_group_whose_members_cannot_be_read_is_not_put() -> None:
    renamed = make_operation(
        Action.UPDATE, resource_type=GROUP, changes=[("displayName", "Team", "Crew")]
    )

    with pytest.raises(WouldBeLost, match=r"members of a group.*group_update: patch"):
        sent(renamed, TEAM, replace(PUT, members_readable=False))
    assert isinstance(
        encode_changes(renamed, TEAM, lambda _: "", Forms(members_readable=False))[0], Patch
    )
