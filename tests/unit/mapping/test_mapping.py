"""Ruling 2: one value per target, from a source, a constant or an expression."""

import json
from typing import Any

import pytest

from reconciler.config.model import AttributeMapping
from reconciler.expr import RoleGrant, Value
from reconciler.mapping import Table, attributes_of
from reconciler.scim.schema import CORE, Schemas
from reconciler.shapes import MappingError
from reconciler.states import ReferenceTo
from tests.worlds import ENTERPRISE

ROLE = 'roles[primary eq "True"]'
SINGLE = "SingleAppRoleAssignment([appRoleAssignments])"
SERVICE = "urn:example:params:scim:schemas:crm:2.0:User"


def table(*lines: dict[str, Any], kind: str = "User", schemas: Schemas = CORE) -> Table:
    """Return a compiled mapping table."""
    mappings = [AttributeMapping.model_validate_json(json.dumps(line)) for line in lines]
    return Table(mappings, kind, schemas)


def both(line: dict[str, Any], **cells: Value) -> tuple[Any, Any]:
    """Return what a create and what an update write for one mapping; "-" is nothing."""
    projection = table(line).project(cells)
    written = [[*projection.created.values()], [*projection.managed.values()]]
    created, managed = (values[0] if values else "-" for values in written)
    return created, managed


# the three kinds of values


@pytest.mark.parametrize(
    ("line", "cells", "value"),
    [
        pytest.param({"source": "jobTitle"}, {"jobTitle": "Boss"}, "Boss", id="source"),
        pytest.param({"constant": "Boss"}, {}, "Boss", id="constant"),
        pytest.param({"constant": 7}, {}, "7", id="a number as text"),
        pytest.param(
            {"expression": 'Join(" ", [a], [b])'}, {"a": "x", "b": "y"}, "x y", id="expression"
        ),
        pytest.param({"source": "list"}, {"list": ("only",)}, "only", id="a list of one"),
    ],
)
def test_ruling_2_a_value_is_written_on_create_and_on_update(
    line: dict[str, Any], cells: dict[str, Value], value: object
) -> None:
    assert both({"target": "title", **line}, **cells) == (value, value)


@pytest.mark.parametrize(
    "cells",
    [{}, {"jobTitle": None}, {"jobTitle": ""}, {"jobTitle": ()}],
    ids=["absent", "null", "empty text", "empty list"],
)
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, ("-", "-"), id="not written"),
        pytest.param({"default": "E"}, ("E", "-"), id="default on create only"),
        pytest.param({"clear": True}, ("-", None), id="cleared on update"),
        pytest.param({"clear": True, "default": "E"}, ("E", None), id="default, then cleared"),
        pytest.param({"apply": "on_create"}, ("-", "-"), id="on create only"),
        pytest.param({"apply": "on_create", "default": "E"}, ("E", "-"), id="both on create"),
        pytest.param({"apply": "on_create", "clear": True}, ("-", "-"), id="nothing to clear"),
    ],
)
def test_ruling_2_a_null_source(
    more: dict[str, Any], expected: tuple[object, object], cells: dict[str, Value]
) -> None:
    assert both({"target": "title", "source": "jobTitle", **more}, **cells) == expected


def test_ruling_2_on_create_is_not_managed() -> None:
    line = {"target": "title", "source": "jobTitle", "apply": "on_create"}

    assert both(line, jobTitle="Boss") == ("Boss", "-")


# types of targets


@pytest.mark.parametrize(
    ("text", "value"), [("True", True), ("true", True), ("False", False), ("false", False)]
)
def test_ruling_7_a_boolean_target_is_written_as_a_boolean(text: str, value: bool) -> None:
    assert both({"target": "active", "source": "on"}, on=text) == (value, value)


@pytest.mark.parametrize("constant", [True, "True", "true"])
def test_ruling_7_a_constant_may_be_either(constant: object) -> None:
    assert both({"target": "active", "constant": constant}) == (True, True)


@pytest.mark.parametrize("text", ["yes", "1", "TRUE", " True"])
def test_ruling_7_any_other_word_is_a_failure_and_not_false(text: str) -> None:
    with pytest.raises(MappingError, match="active: the target is a boolean"):
        both({"target": "active", "source": "on"}, on=text)


NUMBER = Schemas.from_discovery(
    [{"id": SERVICE, "attributes": [{"name": "level", "type": "integer"}]}], []
)


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("-7", -7), ("007", 7)])
def test_an_integer_target_is_written_as_an_integer(text: str, value: int) -> None:
    found = table({"target": f"{SERVICE}:level", "source": "n"}, schemas=NUMBER)

    assert found.project({"n": text}).created == {f"{SERVICE}:level": value}


@pytest.mark.parametrize("text", ["seven", "7.5", "9" * 5000])
def test_an_integer_target_takes_nothing_else(text: str) -> None:
    found = table({"target": f"{SERVICE}:level", "source": "n"}, schemas=NUMBER)

    with pytest.raises(MappingError, match="is an integer"):
        found.project({"n": text})


def test_a_list_is_not_one_value() -> None:
    with pytest.raises(MappingError, match=r"title: .*list of 2"):
        both({"target": "title", "source": "all"}, all=("a", "b"))


def test_a_default_takes_the_type_of_its_target() -> None:
    assert both({"target": "active", "source": "on", "default": "True"}) == (True, "-")


def test_a_default_that_the_service_cannot_take_is_named() -> None:
    with pytest.raises(MappingError, match=f"{SERVICE}:level: its default"):
        table({"target": f"{SERVICE}:level", "source": "n", "default": "high"}, schemas=NUMBER)


def test_a_failing_expression_is_named_by_its_target() -> None:
    with pytest.raises(MappingError, match="title: "):
        both({"target": "title", "expression": 'IIF([x]="1", "a", "b")'})


def test_an_attribute_that_no_schema_describes_takes_text() -> None:
    assert both({"target": f"{SERVICE}:flag", "constant": True}) == ("True", "True")


# references


def test_a_manager_is_the_anchor_of_somebody() -> None:
    line = {"target": f"{ENTERPRISE}:manager", "source": "manager"}

    assert both(line, manager="ada") == (ReferenceTo("ada"), ReferenceTo("ada"))
    assert table(line).lines[0].reference is True


@pytest.mark.parametrize(
    ("target", "reference"),
    [
        (f"{ENTERPRISE}:manager.value", True),
        (f"{ENTERPRISE}:manager.displayName", False),
        ("title", False),
    ],
)
def test_only_the_id_of_a_manager_is_a_reference(target: str, reference: bool) -> None:
    assert table({"target": target, "source": "x"}).lines[0].reference is reference


def test_several_managers_are_a_failure() -> None:
    with pytest.raises(MappingError, match=r"manager: .*list of 2"):
        both({"target": f"{ENTERPRISE}:manager", "source": "m"}, m=("a", "b"))


def test_members_are_no_attribute() -> None:
    found = table({"target": "members", "source": "members"}, kind="Group")

    assert found.maps_members is True
    assert found.project({"members": "x"}).created == {}


# roles

GRANTS = (RoleGrant("admin", "Administrator"), RoleGrant("user", "User"))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("value", "admin"),
        ("display", "Administrator"),
        ("type", "WindowsAzureActiveDirectoryRole"),
    ],
)
def test_ruling_13_each_part_of_the_strongest_role(part: str, value: str) -> None:
    line = {"target": f"{ROLE}.{part}", "expression": SINGLE}

    assert both(line, appRoleAssignments=GRANTS) == (value, value)


def test_ruling_13_a_role_function_that_yields_nothing_clears() -> None:
    assert both({"target": f"{ROLE}.value", "expression": SINGLE}) == ("-", None)


def test_ruling_13_a_role_that_no_function_gives_is_not_cleared() -> None:
    assert both({"target": f"{ROLE}.value", "source": "role"}) == ("-", "-")


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ({"target": f"{ROLE}.value", "expression": SINGLE}, True),
        ({"target": f"{ROLE}.value", "source": "role"}, True),
        ({"target": "title", "expression": SINGLE}, True),
        ({"target": "title", "source": "role"}, False),
    ],
)
def test_what_carries_a_role_is_known(line: dict[str, str], role: bool) -> None:
    assert table(line).role_targets == ((line["target"],) if role else ())


def test_a_list_of_values_is_written_where_the_target_holds_several() -> None:
    found = table({"target": "roles", "source": "all"})

    assert found.project({"all": ("a", "b")}).created == {"roles": ("a", "b")}


# matching


def test_matching_values_stand_in_their_precedence() -> None:
    found = table(
        {"target": "title", "source": "c"},
        {"target": "externalId", "source": "b", "match": 2},
        {"target": "userName", "source": "a", "match": 1},
    )

    known = found.recognised(found.tried({"a": "x"}), "p1", "somebody")

    assert (known.matching, known.sound) == ((("userName", "x"), ("externalId", None)), True)


def test_a_matching_value_that_cannot_be_worked_out_is_missing_and_said_so() -> None:
    found = table({"target": "userName", "expression": 'IIF([x]="1", "a", "b")', "match": 1})

    known = found.recognised(found.tried({}), "p1", "somebody")

    assert (known.matching, known.sound) == ((("userName", None),), False)


@pytest.mark.parametrize(
    ("spelt", "shown"),
    [
        ("urn:ietf:params:scim:schemas:core:2.0:User:active", "active"),
        ("URN:ietf:params:scim:schemas:core:2.0:user:userName", "userName"),
        (" title ", "title"),
        (f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager"),
        (f"{ROLE}.value", f"{ROLE}.value"),
    ],
)
def test_a_target_has_one_spelling(spelt: str, shown: str) -> None:
    assert table({"target": spelt, "constant": "True"}).lines[0].target == shown


def test_a_mapping_is_found_by_its_target_in_any_case() -> None:
    found = table({"target": "USERNAME", "source": "a"})

    assert found.target_of("userName") is found.lines[0]
    assert found.target_of("title") is None


# what a disable writes

LEAVING = (
    {
        "target": "active",
        "expression": 'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
    },
    {"target": "title", "expression": 'IIF([IsSoftDeleted]="True", "left", [jobTitle])'},
    {"target": "userType", "source": "IsSoftDeleted", "apply": "on_create"},
    {"target": "nickName", "expression": 'IIF([IsSoftDeleted]="True", "", "here")'},
    {"target": "locale", "constant": "en"},
)


def test_ruling_6_a_disable_writes_what_reads_soft_deleted_with_it_true() -> None:
    attributes = attributes_of({"jobTitle": "Boss"}, (), soft_deleted=False)

    assert table(*LEAVING).disabling(attributes) == {"active": False, "title": "left"}


def test_ruling_6_the_gone_have_no_attributes() -> None:
    needy = {
        "target": "profileUrl",
        "expression": 'IIF([IsSoftDeleted]="True", IIF([x]="1", "a", "b"), "c")',
    }

    found = table(*LEAVING, needy)

    assert found.disabling_the_gone() == {"active": False, "title": "left"}
    with pytest.raises(MappingError, match="profileUrl"):
        found.disabling({})


# what expressions see


@pytest.mark.parametrize(("flag", "text"), [(True, "True"), (False, "False")])
def test_is_soft_deleted_is_computed_whatever_the_source_says(flag: bool, text: str) -> None:
    seen = attributes_of({"IsSoftDeleted": "maybe", "a": "x"}, (), soft_deleted=flag)

    assert seen == {"IsSoftDeleted": text, "a": "x"}


def test_app_roles_are_computed_whatever_the_source_says() -> None:
    cells = {"appRoleAssignments": "admin"}

    assert "appRoleAssignments" not in attributes_of(cells, (), soft_deleted=False)
    seen = attributes_of(cells, GRANTS, soft_deleted=False)
    assert seen["appRoleAssignments"] == GRANTS
