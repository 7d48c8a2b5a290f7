import copy
from typing import Any

import pytest

from reconciler.scim.paths import parse_path
from reconciler.scim.resource import drop, put, reader

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

ADA: dict[str, Any] = {
    "userName": "ada",
    "title": "",
    "nickName": None,
    "ims": [],
    "active": False,
    "name": {"givenName": "Ada", "familyName": None},
    "emails": [
        {"type": "home", "value": "ada@home.example"},
        {"type": "Work", "value": "ada@work.example", "primary": True},
    ],
    "roles": [{"value": "admin", "primary": "True"}],
    ENTERPRISE: {"department": "Engines", "manager": {"value": "42"}},
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("userName", "ada", id="exact name"),
        pytest.param("USERNAME", "ada", id="name in another case"),
        pytest.param("title", "", id="empty text is a value"),
        pytest.param("active", False, id="false is a value"),
        pytest.param("nickName", None, id="null"),
        pytest.param("ims", None, id="empty list"),
        pytest.param("displayName", None, id="absent"),
        pytest.param("name.givenName", "Ada", id="sub-attribute"),
        pytest.param("NAME.GIVENNAME", "Ada", id="sub-attribute in another case"),
        pytest.param("name.familyName", None, id="null sub-attribute"),
        pytest.param("userName.value", "ada", id="value of plain text"),
        pytest.param("userName.display", None, id="display of plain text"),
        pytest.param(
            "emails.value", ["ada@home.example", "ada@work.example"], id="a list's values"
        ),
        pytest.param('emails[type eq "work"].value', "ada@work.example", id="type without case"),
        pytest.param('emails[type eq "other"].value', None, id="no such element"),
        pytest.param("emails[primary eq false].type", "home", id="silence is not primary"),
        pytest.param('roles[primary eq "True"].value', "admin", id="the word True is a boolean"),
        pytest.param('emails[value eq "ADA@work.example"]', None, id="value to the letter"),
        pytest.param('emails[type eq "work"].display', None, id="absent in the element"),
        pytest.param('name[givenName eq "ada"].givenName', "Ada", id="single complex value"),
        pytest.param(f"{ENTERPRISE}:department", "Engines", id="extension"),
        pytest.param(f"{ENTERPRISE.upper()}:manager.value", "42", id="URN in another case"),
        pytest.param("urn:a:b:department", None, id="absent extension"),
    ],
)
def test_reading(path: str, expected: object) -> None:
    assert reader(parse_path(path))(ADA) == expected


def test_reading_an_element_whole() -> None:
    read = reader(parse_path('emails[type eq "home"]'))

    assert read(ADA) == {"type": "home", "value": "ada@home.example"}


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"emails": "ada@work.example"}, id="text"),
        pytest.param({"emails": ["ada@work.example", None, 7]}, id="a list of scalars"),
        pytest.param({"emails": {"type": ["work"]}}, id="a list in an element"),
        pytest.param({ENTERPRISE: ["department"]}, id="a list for an extension"),
    ],
)
@pytest.mark.parametrize("path", ['emails[type eq "work"].value', f"{ENTERPRISE}:department"])
def test_a_mistyped_attribute_reads_as_absent(path: str, odd: dict[str, Any]) -> None:
    assert reader(parse_path(path))(odd) is None


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        pytest.param({}, "title", {"title": "new"}, id="a new attribute"),
        pytest.param({"TITLE": "old"}, "title", {"TITLE": "new"}, id="keeps the spelling"),
        pytest.param({}, "name.givenName", {"name": {"givenName": "new"}}, id="a new container"),
        pytest.param(
            {"name": None}, "name.givenName", {"name": {"givenName": "new"}}, id="null container"
        ),
        pytest.param(
            {"name": {"familyName": "x"}},
            "name.givenName",
            {"name": {"familyName": "x", "givenName": "new"}},
            id="keeps the rest of the container",
        ),
        pytest.param(
            {"emails": [{"value": "old"}]},
            "emails.value",
            {"emails": [{"value": "new"}]},
            id="a list without conditions: the first element",
        ),
        pytest.param(
            {},
            'emails[type eq "work"].value',
            {"emails": [{"type": "work", "value": "new"}]},
            id="a new element has the conditions",
        ),
        pytest.param(
            {"emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "old"}]},
            'emails[type eq "work"].value',
            {"emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "new"}]},
            id="an element that meets the conditions is updated",
        ),
        pytest.param(
            {"emails": [{"type": "home", "value": "h"}]},
            'emails[type eq "work"].value',
            {"emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "new"}]},
            id="others are kept",
        ),
        pytest.param(
            {},
            'roles[primary eq "True"].value',
            {"roles": [{"primary": True, "value": "new"}]},
            id="a boolean condition",
        ),
        pytest.param(
            {},
            f"{ENTERPRISE}:department",
            {ENTERPRISE: {"department": "new"}},
            id="a new extension",
        ),
        pytest.param(
            {ENTERPRISE.lower(): {"division": "d"}},
            f"{ENTERPRISE}:department",
            {ENTERPRISE.lower(): {"division": "d", "department": "new"}},
            id="an extension in another case",
        ),
    ],
)
def test_putting(before: dict[str, Any], path: str, after: dict[str, Any]) -> None:
    put(before, parse_path(path), "new")

    assert before == after


def test_putting_a_complex_value_into_an_element() -> None:
    resource: dict[str, Any] = {}

    put(resource, parse_path('emails[type eq "work"]'), {"value": "a@b.example", "display": "A"})

    assert resource == {"emails": [{"type": "work", "value": "a@b.example", "display": "A"}]}


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        pytest.param("userName", "userName", id="an attribute"),
        pytest.param("USERNAME", "userName", id="in another case"),
        pytest.param('roles[primary eq "True"].value', "roles", id="the last element"),
        pytest.param('roles[primary eq "True"]', "roles", id="an element whole"),
    ],
)
def test_dropping_leaves_no_empty_shell(path: str, gone: str) -> None:
    resource = copy.deepcopy(ADA)
    expected = {key: value for key, value in ADA.items() if key != gone}

    drop(resource, parse_path(path))

    assert resource == expected


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        pytest.param({"name": {"givenName": "a"}}, "name.givenName", {}, id="last sub-attribute"),
        pytest.param(
            {"name": {"givenName": "a", "familyName": "b"}},
            "name.givenName",
            {"name": {"familyName": "b"}},
            id="keeps its siblings",
        ),
        pytest.param(
            {"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "b"}]},
            'emails[type eq "work"].value',
            {"emails": [{"type": "home", "value": "b"}]},
            id="without its value an element goes",
        ),
        pytest.param(
            {"emails": [{"type": "work", "value": "a", "display": "A"}, {"type": "home"}]},
            'emails[type eq "work"].display',
            {"emails": [{"type": "work", "value": "a"}, {"type": "home"}]},
            id="another sub-attribute only",
        ),
        pytest.param({ENTERPRISE: {"department": "d"}}, f"{ENTERPRISE}:department", {}, id="URN"),
        pytest.param({}, f"{ENTERPRISE}:department", {}, id="what is not there"),
        pytest.param({"name": "Ada"}, "name.givenName", {"name": "Ada"}, id="not a container"),
    ],
)
def test_dropping(before: dict[str, Any], path: str, after: dict[str, Any]) -> None:
    drop(before, parse_path(path))

    assert before == after
