"""All roles of an account, compared by value with all that are wanted."""

from typing import Any

import pytest

from reconciler.diff import Comparator, Difference
from reconciler.scim.schema import CORE, Schemas
from reconciler.states import RoleList

COMPARATOR = Comparator("User", CORE)
A, B = ({"primary": False, "display": name.upper(), "value": name} for name in "ab")
OWN = {"value": "own", "$ref": "r/1"}


def differing(wanted: RoleList | None, roles: Any) -> list[Difference]:
    return COMPARATOR.differences({"roles": wanted}, {"roles": roles})


def added(*elements: dict[str, Any]) -> RoleList:
    return RoleList(elements, replaces=False)


def asserted(*elements: dict[str, Any]) -> RoleList:
    return RoleList(elements, replaces=True)


@pytest.mark.parametrize(
    ("wanted", "live"),
    [
        pytest.param(added(A), [A], id="added, equal"),
        pytest.param(added(A), [OWN, {"value": "A"}], id="added, beside others"),
        pytest.param(asserted(A, B), [B, A], id="replaced, in another order"),
        pytest.param(asserted(A), [{"value": "A", "$ref": "x"}], id="replaced, spelled otherwise"),
        pytest.param(asserted(A), {"value": "a"}, id="replaced, one element without a list"),
        pytest.param(None, [], id="nothing wanted, nothing there"),
        pytest.param(None, None, id="nothing wanted, null there"),
    ],
)
def test_the_same_roles_are_no_difference(wanted: RoleList | None, live: Any) -> None:
    assert differing(wanted, live) == []


@pytest.mark.parametrize(
    ("wanted", "live", "after"),
    [
        pytest.param(added(A), None, (A,), id="added to none"),
        pytest.param(added(A, B), [OWN, A], (OWN, A, B), id="added to others, which stay"),
        pytest.param(asserted(A), None, (A,), id="replacing none"),
        pytest.param(asserted(A, B), [OWN, A], (A, B), id="replacing others"),
        pytest.param(None, [OWN], None, id="cleared"),
    ],
)
def test_the_list_is_shown_as_it_was_and_as_it_should_be(
    wanted: RoleList | None, live: Any, after: Any
) -> None:
    assert differing(wanted, live) == [Difference("roles", live, after)]


def test_the_servers_word_on_case_is_taken() -> None:
    parts = [{"name": "value", "type": "string", "caseExact": True}]
    roles = {"name": "roles", "type": "complex", "multiValued": True, "subAttributes": parts}
    user = {"id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [roles]}
    exact = Comparator("User", Schemas.from_discovery([user], []))

    assert COMPARATOR.missing_roles([{"value": "A"}], [A, B]) == (B,)
    assert exact.missing_roles([{"value": "A"}], [A, B]) == (A, B)


def test_elements_without_a_value_are_neither_there_nor_missing() -> None:
    assert COMPARATOR.missing_roles([A], [{"display": "x"}, 7, None, A]) == ()
