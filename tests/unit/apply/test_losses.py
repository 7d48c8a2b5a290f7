"""What a write took that nobody asked it to take; and what only reads differently."""

from copy import deepcopy
from typing import Any

import pytest

from reconciler.apply.losses import losses
from reconciler.plan.operation import Action
from reconciler.scim.paths import parse_path
from reconciler.scim.resource import drop, put
from reconciler.scim.schema import CORE
from reconciler.states import Resource, ResourceType
from tests.plans import make_operation

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ADA: Resource = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
    "id": "1",
    "meta": {"version": "one"},
    "userName": "ada@contoso.example",
    "active": True,
    "title": "Clerk",
    "nickName": "",
    "name": {"givenName": "Ada", "familyName": "Lovelace", "formatted": "Ada Lovelace"},
    "emails": [
        {"type": "work", "value": "ada@contoso.example", "primary": True},
        {"type": "home", "value": "ada@home.example"},
    ],
    "groups": [{"value": "g-1"}],
    "roles": [{"value": "user"}],
    ENTERPRISE: {"department": "Sales", "manager": {"value": "2", "displayName": "Bob"}},
}
STAFF: Resource = {
    "id": "9",
    "displayName": "Staff",
    "members": [{"value": str(number), "display": "x"} for number in range(5)],
}
TITLE = ("title", "Clerk", "Director")


def lost(changes: list[tuple[str, Any, Any]], after: Resource, before: Resource = ADA) -> list[str]:
    kind = ResourceType.GROUP if "members" in before else ResourceType.USER
    operation = make_operation(Action.UPDATE, resource_type=kind, changes=changes)
    return losses(operation, before, after, CORE)


def without(*paths: str, of: Resource = ADA, **values: Any) -> Resource:
    after = deepcopy(of)
    for path in paths:
        drop(after, parse_path(path))
    for path, value in values.items():
        put(after, parse_path(path), value)
    return after


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        pytest.param(["nickName"], [], id="what was empty"),
        pytest.param(["displayName"], [], id="what was not there"),
        pytest.param(["userName"], ["userName"], id="a name"),
        pytest.param(["name.givenName"], ["name.givenName"], id="a part"),
        pytest.param(["name"], ["name.givenName", "name.familyName"], id="a complex value"),
        pytest.param(["name.formatted"], [], id="what is made of other parts"),
        pytest.param(['emails[type eq "home"]'], ["emails (1 of 2)"], id="an element"),
        pytest.param(["emails"], ["emails (2 of 2)"], id="a list"),
        pytest.param(["roles"], ["roles"], id="a role"),
        pytest.param(["groups"], [], id="what the service writes"),
        pytest.param([f"{ENTERPRISE}:department"], [f"{ENTERPRISE}:department"], id="an extension"),
        pytest.param([f"{ENTERPRISE}:manager.displayName"], [], id="a manager's name"),
        pytest.param([f"{ENTERPRISE}:manager"], [f"{ENTERPRISE}:manager.value"], id="a manager"),
        pytest.param(["meta"], [], id="meta"),
        pytest.param(["title"], [], id="what the operation writes"),
    ],
)
def test_what_is_no_longer_there_is_lost(gone: list[str], said: list[str]) -> None:
    assert lost([TITLE], without(*gone)) == said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param({"active": False}, ["active"], id="switched off"),
        pytest.param({"active": "False"}, ["active"], id="switched off, as text"),
        pytest.param({"active": "True"}, [], id="spelt differently"),
        pytest.param({"userName": "ADA@contoso.example"}, [], id="another case"),
        pytest.param({"nickName": "Countess"}, [], id="somebody gave a value"),
        pytest.param({"name.familyName": "King"}, [], id="somebody changed a value"),
        pytest.param({"title": "Lord"}, [], id="what the operation writes"),
    ],
)
def test_what_reads_differently_is_not(values: dict[str, Any], said: list[str]) -> None:
    assert lost([TITLE], without(**values)) == said


def test_an_account_without_active_counts_as_active() -> None:
    assert lost([TITLE], without("active")) == []


def test_an_element_whose_value_is_changed_is_known_by_its_type() -> None:
    change = ('emails[type eq "work"].value', "ada@contoso.example", "countess@contoso.example")
    after = without()
    put(after, parse_path(change[0]), change[2])

    assert lost([change], after) == []
    assert lost([change], {**after, "emails": after["emails"][:1]}) == ["emails"]


def test_a_value_that_the_service_makes_of_another_is_no_loss() -> None:
    """It renames the work mail along with the account; the other one stays."""
    after = without()
    after["emails"] = [{"type": "work", "value": "ada.l@contoso.example"}, ADA["emails"][1]]

    assert lost([("userName", "ada@contoso.example", "ada.l@contoso.example")], after) == []


def test_one_member_is_never_another() -> None:
    before = {**STAFF, "members": [{"value": "1", "type": "User"}]}
    after = {**STAFF, "members": [{"value": "2", "type": "User"}]}

    assert lost([("displayName", "Staff", "Crew")], after, before) == ["members"]


@pytest.mark.parametrize(
    ("there", "said"),
    [
        pytest.param("01234", [], id="nobody is lost"),
        pytest.param("0123456", [], id="somebody came"),
        pytest.param("43210", [], id="another order"),
        pytest.param("1234", [], id="who was to go is gone"),
        pytest.param("023", ["members (2 of 4)"], id="two more are gone"),
        pytest.param("", ["members (4 of 4)"], id="everybody is gone"),
    ],
)
def test_inv_14_every_member_who_was_not_to_go_is_still_there(there: str, said: list[str]) -> None:
    leaving = ("members", [{"value": "0"}], None)
    after = {**STAFF, "members": [{"value": member} for member in there]}

    assert lost([leaving], after, STAFF) == said


def test_roles_that_are_only_added_to_are_all_kept() -> None:
    added = ("roles", [{"value": "user"}], [{"value": "user"}, {"value": "admin"}])

    assert lost([added], without(roles=[{"value": "admin"}])) == ["roles"]


def test_roles_that_are_replaced_are_looked_at_elsewhere() -> None:
    replaced = ("roles", [{"value": "user"}], [{"value": "admin"}])

    assert lost([replaced], without(roles=[{"value": "admin"}])) == []
