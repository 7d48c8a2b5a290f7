from typing import Any

import pytest

from reconciler.scim.paths import parse_path
from reconciler.scim.schema import CORE, CORE_URN, ENTERPRISE_URN, Schemas


@pytest.mark.parametrize(
    ("resource_type", "path", "trait", "expected"),
    [
        ("User", "userName", "case_exact", False),
        ("User", "userName", "uniqueness", "server"),
        ("User", "userName", "required", True),
        ("User", "externalId", "case_exact", True),
        ("User", "id", "mutability", "readOnly"),
        ("User", "meta.created", "type", "dateTime"),
        ("User", "groups", "mutability", "readOnly"),
        ("User", "active", "type", "boolean"),
        ("User", "password", "returned", "never"),
        ("User", "password", "mutability", "writeOnly"),
        ("User", "emails", "multi_valued", True),
        ("User", 'emails[type eq "work"].value', "multi_valued", False),
        ("User", "roles[primary eq true].primary", "type", "boolean"),
        ("User", "photos.value", "case_exact", True),
        ("User", "x509Certificates.value", "type", "binary"),
        ("User", f"{ENTERPRISE_URN}:manager.displayName", "mutability", "readOnly"),
        ("Group", "displayName", "required", True),
        ("Group", "members.value", "mutability", "immutable"),
        ("Group", "members.value", "case_exact", True),
    ],
)
def test_the_standard_says(resource_type: str, path: str, trait: str, expected: object) -> None:
    definition = CORE.of(resource_type, parse_path(path))

    assert definition is not None
    assert getattr(definition, trait) == expected


def test_names_and_urns_are_found_without_case() -> None:
    definition = CORE.of("User", parse_path(f"{ENTERPRISE_URN.upper()}:DEPARTMENT"))

    assert definition is not None
    assert definition.name == "department"


@pytest.mark.parametrize(
    ("resource_type", "path"),
    [
        pytest.param("User", "shoeSize", id="attribute"),
        pytest.param("User", "name.shoeSize", id="sub-attribute"),
        pytest.param("User", "urn:example:x:shoeSize", id="schema"),
        pytest.param("User", "members", id="of another type"),
        pytest.param("Group", f"{ENTERPRISE_URN}:department", id="another type's extension"),
        pytest.param("Device", "id", id="resource type"),
    ],
)
def test_what_is_unknown_has_no_definition(resource_type: str, path: str) -> None:
    assert CORE.of(resource_type, parse_path(path)) is None


def test_the_core_schema_comes_first() -> None:
    assert CORE.urns("User") == (CORE_URN["User"], ENTERPRISE_URN)


def user_schema(**attribute: Any) -> dict[str, Any]:
    return {"id": CORE_URN["User"], "attributes": [attribute]}


def test_the_server_s_word_wins() -> None:
    schemas = Schemas.from_discovery([user_schema(name="userName", caseExact=True)], [])
    definition = schemas.of("User", parse_path("userName"))

    assert definition is not None
    assert definition.case_exact is True


def test_what_the_server_leaves_out_stays_as_in_the_standard() -> None:
    schemas = Schemas.from_discovery([user_schema(name="userName", caseExact=True)], [])
    user_name = schemas.of("User", parse_path("userName"))

    assert user_name is not None
    assert user_name.uniqueness == "server"
    assert schemas.of("User", parse_path("nickName")) == CORE.of("User", parse_path("nickName"))


def test_sub_attributes_are_laid_over_one_by_one() -> None:
    schema = user_schema(name="emails", subAttributes=[{"name": "value", "caseExact": True}])
    schemas = Schemas.from_discovery([schema], [])
    value = schemas.of("User", parse_path("emails.value"))
    primary = schemas.of("User", parse_path("emails.primary"))

    assert value is not None
    assert value.case_exact is True
    assert primary is not None
    assert primary.type == "boolean"


def test_a_type_is_read_in_any_case() -> None:
    schemas = Schemas.from_discovery([user_schema(name="hired", type="DATETIME")], [])
    definition = schemas.of("User", parse_path("hired"))

    assert definition is not None
    assert definition.type == "dateTime"


@pytest.mark.parametrize(
    "attribute",
    [
        pytest.param({"name": "userName", "type": "thing"}, id="unknown type"),
        pytest.param({"name": "userName", "caseExact": "no"}, id="a word for a boolean"),
        pytest.param({"name": "userName", "subAttributes": "none"}, id="text for a list"),
        pytest.param({"name": 7}, id="a name that is none"),
        pytest.param({}, id="nothing"),
    ],
)
def test_what_is_malformed_leaves_the_standard_in_place(attribute: dict[str, Any]) -> None:
    schemas = Schemas.from_discovery([user_schema(**attribute)], [])

    assert schemas.of("User", parse_path("userName")) == CORE.of("User", parse_path("userName"))


def test_an_extension_of_the_server_is_found_by_its_urn() -> None:
    extension = {"id": "urn:example:2.0:User", "attributes": [{"name": "badge", "type": "integer"}]}
    user = {
        "name": "User",
        "schema": CORE_URN["User"],
        "schemaExtensions": [{"schema": "urn:example:2.0:User", "required": False}],
    }
    schemas = Schemas.from_discovery([extension], [user])
    path = parse_path("urn:example:2.0:User:badge")
    definition = schemas.of("User", path)

    assert definition is not None
    assert definition.type == "integer"
    assert schemas.urns("User") == (CORE_URN["User"], "urn:example:2.0:User")
    assert schemas.of("Group", path) is None


def test_an_extension_that_nobody_lists_is_found_all_the_same() -> None:
    extension = {"id": "urn:example:2.0:User", "attributes": [{"name": "badge"}]}
    schemas = Schemas.from_discovery([extension], [])

    assert schemas.of("User", parse_path("urn:example:2.0:User:badge")) is not None


@pytest.mark.parametrize(
    "resource_type",
    [{}, {"name": "User"}, {"name": "User", "schema": 5}, {"name": 5, "schema": "urn:a:b"}],
)
def test_a_malformed_resource_type_is_passed_over(resource_type: dict[str, Any]) -> None:
    assert Schemas.from_discovery([], [resource_type]).urns("User") == CORE.urns("User")
