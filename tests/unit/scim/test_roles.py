"""What a list of roles says, however a service writes it."""

from typing import Any

import pytest

from reconciler.scim.roles import (
    is_role_list,
    lost_roles,
    role_element,
    role_elements,
    role_values,
)


@pytest.mark.parametrize(
    ("path", "whole"),
    [
        ("roles", True),
        ("Roles", True),
        ("roles.value", False),
        ('roles[primary eq "True"].value', False),
        ("roles[primary eq true]", False),
        ("userType", False),
        ("urn:example:2.0:User:roles", False),
    ],
)
def test_the_whole_list_is_told_from_its_parts(path: str, whole: bool) -> None:
    assert is_role_list(path) is whole


@pytest.mark.parametrize("label", ["display", "displayName"])
def test_an_element_holds_its_name_where_the_function_wants_it(label: str) -> None:
    assert role_element("admin", "Administrator", label) == {
        "primary": False,
        "type": "WindowsAzureActiveDirectoryRole",
        label: "Administrator",
        "value": "admin",
    }


@pytest.mark.parametrize(
    ("roles", "values"),
    [
        pytest.param(None, set(), id="absent"),
        pytest.param([], set(), id="empty"),
        pytest.param([{"value": "a"}, {"VALUE": "b"}], {"a", "b"}, id="names have no case"),
        pytest.param([{"value": "A"}, {"value": "a"}], {"A", "a"}, id="values as they are spelt"),
        pytest.param([{"value": "a", "$ref": "x"}, {"value": "a"}], {"a"}, id="twice"),
        pytest.param({"value": "a"}, {"a"}, id="one element without a list"),
        pytest.param(["a", "b"], {"a", "b"}, id="plain texts"),
        pytest.param("a", {"a"}, id="one plain text"),
        pytest.param(({"value": "a"},), {"a"}, id="a tuple"),
        pytest.param([{"display": "a"}, {"value": None}, {"value": ""}], set(), id="no value"),
        pytest.param([7, None, True, [], {"value": 7}, {"value": {}}], set(), id="nonsense"),
        pytest.param(7, set(), id="a number"),
    ],
)
def test_the_values_of_a_list(roles: Any, values: set[str]) -> None:
    assert role_values(roles) == values


def test_the_elements_of_a_list_stay_as_they_are() -> None:
    odd = [{"value": "a", "$ref": "x"}, "b", 7]

    assert role_elements(odd) == tuple(odd)


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        pytest.param(None, [{"value": "a"}], set(), id="the first"),
        pytest.param([{"value": "a"}], [{"value": "b"}, {"value": "a"}], set(), id="one more"),
        pytest.param([{"value": "a"}], [{"value": "b"}], {"a"}, id="another"),
        pytest.param([{"value": "a"}], None, {"a"}, id="all"),
        pytest.param([{"value": "a"}], [], {"a"}, id="all, said as an empty list"),
        pytest.param(
            [{"value": "a", "display": "x"}], [{"value": "a"}], set(), id="not what it is called"
        ),
        pytest.param(None, None, set(), id="nothing"),
    ],
)
def test_what_is_lost_between_two_lists(before: Any, after: Any, lost: set[str]) -> None:
    assert lost_roles(before, after) == lost
