from typing import Any

import pytest

from reconciler.diff import Comparator, Difference
from reconciler.scim.schema import CORE, Schemas
from reconciler.states import DesiredValue, ReferenceTo
from tests.worlds import ENTERPRISE

COMPARATOR = Comparator("User", CORE)
ROLE = 'roles[primary eq "True"].value'
MANAGER = f"{ENTERPRISE}:manager"


def differing(managed: dict[str, DesiredValue], live: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Return before and after of every difference."""
    return [(found.before, found.after) for found in COMPARATOR.differences(managed, live)]


@pytest.mark.parametrize(
    ("managed", "live"),
    [
        pytest.param({"title": "a"}, {"title": "a"}, id="equal"),
        pytest.param({"title": "a"}, {"Title": "A"}, id="equal by schema, in name and value"),
        pytest.param({"title": None}, {}, id="nothing wanted and nothing there"),
        pytest.param({"title": None}, {"title": None}, id="nothing wanted and null there"),
        pytest.param({"active": True}, {"active": "True"}, id="a boolean as a word"),
        pytest.param({ROLE: "user"}, {"roles": [{"primary": "true", "value": "USER"}]}, id="role"),
        pytest.param({}, {"title": "a"}, id="not managed"),
    ],
)
def test_what_is_the_same_is_no_difference(
    managed: dict[str, DesiredValue], live: dict[str, Any]
) -> None:
    assert differing(managed, live) == []


@pytest.mark.parametrize(
    ("managed", "live", "expected"),
    [
        pytest.param({"title": "b"}, {"title": "a"}, ("a", "b"), id="another value"),
        pytest.param({"title": "b"}, {}, (None, "b"), id="absent"),
        pytest.param({"title": None}, {"title": "a"}, ("a", None), id="to be cleared"),
        pytest.param({"externalId": "a"}, {"externalId": "A"}, ("A", "a"), id="exact case"),
        pytest.param({"active": False}, {}, (None, False), id="active to be turned off"),
        pytest.param(
            {ROLE: "user"}, {"roles": [{"value": "user"}]}, (None, "user"), id="another element"
        ),
    ],
)
def test_what_differs_is_shown_with_both_sides(
    managed: dict[str, DesiredValue], live: dict[str, Any], expected: tuple[Any, Any]
) -> None:
    assert differing(managed, live) == [expected]


def test_differences_stand_in_the_order_of_the_mappings() -> None:
    found = COMPARATOR.differences({"title": "b", "displayName": "c"}, {})

    assert found == [Difference("title", None, "b"), Difference("displayName", None, "c")]


@pytest.mark.parametrize("live", [{ENTERPRISE: {"manager": {"value": "t-1"}}}, {}])
def test_a_reference_is_left_to_who_knows_the_ids(live: dict[str, Any]) -> None:
    [found] = COMPARATOR.differences({MANAGER: ReferenceTo("ada")}, live)

    assert (found.before, found.after) == ("t-1" if live else None, ReferenceTo("ada"))


def test_the_servers_word_on_case_is_taken() -> None:
    advertised = {
        "id": "urn:ietf:params:scim:schemas:core:2.0:User",
        "attributes": [{"name": "userName", "type": "string", "caseExact": True}],
    }
    exact = Comparator("User", Schemas.from_discovery([advertised], []))

    assert COMPARATOR.same("userName", "Ada", "ada") is True
    assert exact.same("userName", "Ada", "ada") is False


@pytest.mark.parametrize(
    ("live", "active"),
    [
        ({}, True),
        ({"active": None}, True),
        ({"active": "yes"}, True),
        ({"ACTIVE": "false"}, False),
        ({"active": False}, False),
    ],
)
def test_ruling_7_an_account_is_active_unless_it_says_it_is_not(
    live: dict[str, Any], active: bool
) -> None:
    assert COMPARATOR.active(live) is active
