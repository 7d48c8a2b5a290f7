"""
The role functions against a real server: the very bodies that it gets (entra.md, section 1.10).

A proxy in front of scim2-server keeps every request. The server's `roles` has
`displayName` beside what RFC 7643 gives it, because that is what
AppRoleAssignmentsComplex writes; without, it refuses the element.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest
from scim2_server.utils import load_default_schemas

from reconciler.apply.report import Report
from reconciler.expr import parse
from reconciler.expr.functions.roles import ROLE_FAMILY
from reconciler.live.client import ScimTarget
from reconciler.live.read import read_live
from reconciler.mapping import ROLE_FUNCTIONS
from reconciler.plan.document import Body
from reconciler.plan.operation import Action
from reconciler.scim.capabilities import Capabilities
from reconciler.states import LiveState, Resource, ResourceType
from tests.proxy import recorded
from tests.servers import FaultServer, open_target, scim2_server
from tests.worlds import MemoryTarget, World, application, directory, group, person, told

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
TYPE = "WindowsAzureActiveDirectoryRole"
ONE = 'roles[primary eq "True"]'
SINGLE, COMPLEX, ASSERTIVE = (
    f"{name}([appRoleAssignments])"
    for name in (
        "SingleAppRoleAssignment",
        "AppRoleAssignmentsComplex",
        "AssertiveAppRoleAssignmentsComplex",
    )
)
VALUES = 'Join(";", AppRoleAssignments([appRoleAssignments]))'
ROLES: list[dict[str, Any]] = [
    {"name": "Admin", "value": "a", "privileged": True},
    {"name": "User", "value": "u"},
]
NAMES = {role["value"]: role["name"] for role in ROLES}
TARGETS = {
    SINGLE: (f"{ONE}.value", f"{ONE}.type"),
    COMPLEX: ("roles",),
    ASSERTIVE: ("roles",),
    VALUES: ("userType",),
}
Bodies = list[tuple[str, Any]]

numbers = count(1)


@dataclass
class Wire:
    """A ScimTarget, asked as a world asks its target."""

    target: ScimTarget
    capabilities: Capabilities

    def live(self) -> LiveState:
        return read_live(self.target, {ResourceType.USER: None})

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultServer]:
    """scim2-server behind something that keeps what it is sent."""
    folder = tmp_path_factory.mktemp("roles")
    with scim2_server(folder, schemas=with_display_name()) as url, recorded(url) as server:
        yield server


def with_display_name() -> list[dict[str, Any]]:
    """Return the schemas of RFC 7643, with `displayName` as part of a role."""
    schemas = [schema.model_dump() for schema in load_default_schemas().values()]
    for schema in schemas:
        for attribute in schema["attributes"]:
            if attribute["name"] == "roles":
                parts = attribute["subAttributes"]
                display = next(part for part in parts if part["name"] == "display")
                parts.append({**deepcopy(display), "name": "displayName"})
    return schemas


class Company:
    """One person, one application, and the requests that reach the server for them."""

    def __init__(self, proxy: FaultServer, target: ScimTarget, function: str) -> None:
        self._proxy = proxy
        self.name = f"p{next(numbers)}"
        self.target = target
        rows = [{"target": path, "expression": function} for path in TARGETS[function]]
        mappings: list[dict[str, Any]] = [
            {"target": "userName", "source": "userPrincipalName", "match": 1},
            {"target": "externalId", "source": "objectId"},
            {"target": "active", "expression": "Not([IsSoftDeleted])"},
            *rows,
        ]
        self.settings = {
            "roles": ROLES,
            "mappings": {"users": mappings},
            "default_access": "include",
        }
        wire = Wire(target, target.discover())
        self.world = World(
            application(**self.settings),
            directory([]),
            cast("MemoryTarget", wire),
            settings=self.settings,
        )

    def wants(self, roles: str | None, **cells: str) -> "Company":
        """Let the person hold *roles*, a letter each; None is unassigned, "" Default Access."""
        one = person(self.name, **cells)
        given = [{"user": self.name, "role": NAMES[letter]} for letter in roles or ""]
        everyone = {"group": "Others" if roles is None else "Everyone"}
        self.world.becomes(
            [one],
            [group("g-1", "Everyone", self.name), group("g-2", "Others")],
            assignments=[everyone, *given],
        )
        return self

    def settles(self) -> "Company":
        """Apply one plan, as something that was before the test."""
        assert self.apply(self.world.plan()).status == "done"
        return self

    def has(self, **attributes: Any) -> "Company":
        """Let somebody else make the account."""
        body = {"schemas": [USER], "userName": f"{self.name}@contoso.example", **attributes}
        self.target.create(ResourceType.USER, body)
        return self

    def apply(self, body: Body) -> Report:
        return self.world.apply(body)

    def sends(self) -> Bodies:
        """Apply one plan; return method and body of each write that reached the server."""
        before = len(self._proxy.writes)
        report = self.apply(self.world.plan())
        assert [outcome.detail for outcome in report.outcomes if not outcome.good] == []
        return [(seen.method, seen.json()) for seen in self._proxy.writes[before:]]

    def live(self) -> Resource:
        """Return the account as the server shows it."""
        found = self.target.get(ResourceType.USER, self.world.account_of(self.name))
        assert found is not None
        return found

    def values(self) -> list[str]:
        """Return the values of the roles that the server shows."""
        return sorted(role["value"] for role in self.live().get("roles") or ())


Make = Callable[[str], Company]


@pytest.fixture
def company(proxy: FaultServer) -> Iterator[Make]:
    with open_target(proxy.url) as target:
        yield lambda function: Company(proxy, target, function)


def single(value: str) -> dict[str, Any]:
    return {"primary": True, "type": TYPE, "value": value}


def added(value: str) -> dict[str, Any]:
    return {"primary": False, "type": TYPE, "displayName": NAMES[value], "value": value}


def asserted(value: str) -> dict[str, Any]:
    return {"primary": False, "type": TYPE, "display": NAMES[value], "value": value}


def patch(*operations: dict[str, Any]) -> tuple[str, Any]:
    return "PATCH", {"schemas": [PATCH_OP], "Operations": list(operations)}


def add(*roles: dict[str, Any]) -> dict[str, Any]:
    return {"op": "add", "path": "roles", "value": list(roles)}


def put(*roles: dict[str, Any]) -> dict[str, Any]:
    return {"op": "replace", "path": "roles", "value": list(roles)}


def turn(active: bool) -> dict[str, Any]:
    return {"op": "replace", "path": "active", "value": active}


def turned_into(value: str) -> dict[str, Any]:
    return {"op": "replace", "path": "roles[primary eq true].value", "value": value}


NO_ROLES = {"op": "remove", "path": "roles"}
NO_SINGLE = {"op": "remove", "path": "roles[primary eq true]"}

SHAPES = {SINGLE: single, COMPLEX: added, ASSERTIVE: asserted}
FUNCTIONS = pytest.mark.parametrize(
    "function", [SINGLE, COMPLEX, ASSERTIVE], ids=["Single", "Complex", "Assertive"]
)


@pytest.mark.parametrize(
    ("function", "roles"),
    [
        pytest.param(SINGLE, [single("a")], id="Single"),
        pytest.param(COMPLEX, [added("a"), added("u")], id="Complex"),
        pytest.param(ASSERTIVE, [asserted("a"), asserted("u")], id="Assertive"),
    ],
)
def test_ruling_13_a_create_posts_the_roles_in_their_shape(
    company: Make, function: str, roles: list[dict[str, Any]]
) -> None:
    subject = company(function).wants("ua")

    [(method, body)] = subject.sends()

    assert (method, body["roles"]) == ("POST", roles)
    assert told(subject.world.plan().operations) == []


@FUNCTIONS
def test_a_create_without_roles_posts_none(company: Make, function: str) -> None:
    subject = company(function).wants("")

    [(method, body)] = subject.sends()

    assert (method, "roles" in body) == ("POST", False)
    assert told(subject.world.plan().operations) == []


@pytest.mark.parametrize(
    ("function", "before", "after", "sent", "values"),
    [
        pytest.param(SINGLE, "u", "au", [patch(turned_into("a"))], "a", id="gain-Single"),
        pytest.param(COMPLEX, "u", "au", [patch(add(added("a")))], "au", id="gain-Complex"),
        pytest.param(ASSERTIVE, "u", "au", [patch(add(asserted("a")))], "au", id="gain-Assertive"),
        pytest.param(SINGLE, "", "u", [patch(add(single("u")))], "u", id="first-Single"),
        pytest.param(COMPLEX, "", "u", [patch(add(added("u")))], "u", id="first-Complex"),
        pytest.param(ASSERTIVE, "", "u", [patch(add(asserted("u")))], "u", id="first-Assertive"),
        pytest.param(SINGLE, "au", "u", [patch(turned_into("u"))], "u", id="loss-Single"),
        pytest.param(COMPLEX, "au", "u", [], "au", id="loss-Complex"),
        pytest.param(ASSERTIVE, "au", "u", [patch(put(asserted("u")))], "u", id="loss-Assertive"),
        pytest.param(SINGLE, "u", "a", [patch(turned_into("a"))], "a", id="both-Single"),
        pytest.param(COMPLEX, "u", "a", [patch(add(added("a")))], "au", id="both-Complex"),
        pytest.param(
            ASSERTIVE,
            "u",
            "a",
            [patch(add(asserted("a"))), patch(put(asserted("a")))],
            "a",
            id="both-Assertive",
        ),
        pytest.param(SINGLE, "a", "", [patch(NO_SINGLE)], "", id="nothing-Single"),
        pytest.param(COMPLEX, "a", "", [], "a", id="nothing-Complex"),
        pytest.param(ASSERTIVE, "au", "", [patch(NO_ROLES)], "", id="nothing-Assertive"),
        pytest.param(SINGLE, "au", "ua", [], "a", id="same-Single"),
        pytest.param(COMPLEX, "au", "ua", [], "au", id="same-Complex"),
        pytest.param(ASSERTIVE, "au", "ua", [], "au", id="same-Assertive"),
    ],
)
def test_ruling_13_a_change_of_roles_patches_in_the_same_shape(
    company: Make, function: str, before: str, after: str, sent: Bodies, values: str
) -> None:
    subject = company(function).wants(before).settles()

    assert subject.wants(after).sends() == sent

    assert "".join(subject.values()) == values
    assert told(subject.world.plan().operations) == []


def test_ruling_13_values_of_roles_are_posted_as_the_text_that_is_made_of_them(
    company: Make,
) -> None:
    subject = company(VALUES).wants("ua")

    [(method, body)] = subject.sends()

    assert (method, body["userType"]) == ("POST", "a;u")
    assert told(subject.world.plan().operations) == []


@pytest.mark.parametrize(
    ("before", "after", "operation", "value"),
    [
        pytest.param("", "u", {"op": "add", "value": "u"}, "u", id="first"),
        pytest.param("u", "au", {"op": "replace", "value": "a;u"}, "a;u", id="gain"),
        pytest.param("au", "u", {"op": "replace", "value": "u"}, "u", id="loss"),
        pytest.param("u", "a", {"op": "replace", "value": "a"}, "a", id="both"),
        pytest.param("au", "", {"op": "remove"}, None, id="nothing"),
        pytest.param("au", "ua", None, "a;u", id="same"),
    ],
)
def test_ruling_13_values_of_roles_are_patched_as_the_text_that_is_made_of_them(
    company: Make, before: str, after: str, operation: dict[str, Any] | None, value: str | None
) -> None:
    subject = company(VALUES).wants(before).settles()

    sent = subject.wants(after).sends()

    assert sent == ([] if operation is None else [patch({**operation, "path": "userType"})])
    assert subject.live().get("userType") == value
    assert told(subject.world.plan().operations) == []


def test_every_role_function_has_its_rows_for_post_and_patch() -> None:
    tested = {name for expression in TARGETS for name in parse(expression).functions}

    assert tested - {"Join"} == ROLE_FUNCTIONS == {function.name for function in ROLE_FAMILY}


@FUNCTIONS
def test_ruling_9_a_link_gives_roles_and_takes_none(company: Make, function: str) -> None:
    external = {"op": "add", "path": "externalId"}
    subject = company(function).has(active=True, roles=[{"value": "local"}]).wants("u")

    sent = subject.sends()

    given = add(SHAPES[function]("u"))
    assert sent == [patch({**external, "value": subject.name}, given)]
    assert subject.values() == ["local", "u"]


@pytest.mark.parametrize(
    ("function", "sent", "values"),
    [
        pytest.param(SINGLE, [], ["local", "u"], id="Single"),
        pytest.param(COMPLEX, [], ["local", "u"], id="Complex"),
        pytest.param(ASSERTIVE, [patch(put(asserted("u")))], ["u"], id="Assertive"),
    ],
)
def test_what_was_granted_in_the_application_goes_after_the_link_if_at_all(
    company: Make, function: str, sent: Bodies, values: list[str]
) -> None:
    subject = company(function).has(active=True, roles=[{"value": "local"}]).wants("u").settles()

    assert subject.sends() == sent
    assert subject.values() == values
    assert told(subject.world.plan().operations) == []


@FUNCTIONS
def test_an_enable_gives_roles_in_its_own_request(company: Make, function: str) -> None:
    subject = company(function).wants("").settles()
    subject.wants("", accountEnabled="false").settles()

    sent = subject.wants("u").sends()

    assert sent == [patch(turn(True), add(SHAPES[function]("u")))]
    assert told(subject.world.plan().operations) == []


@FUNCTIONS
def test_ruling_12_who_leaves_keeps_the_roles(company: Make, function: str) -> None:
    subject = company(function).wants("u").settles()

    sent = subject.wants(None).sends()

    assert sent == [patch(turn(False))]
    assert subject.values() == ["u"]
    assert told(subject.world.plan().operations) == []


def test_a_service_without_displayname_refuses_the_add_only_function(
    tmp_path: Path, proxy: FaultServer
) -> None:
    """RFC 7643 has no such part of a role; Entra writes it all the same."""
    with scim2_server(tmp_path) as url, open_target(url) as target:
        subject = Company(proxy, target, COMPLEX).wants("u")

        [outcome] = subject.apply(subject.world.plan()).outcomes

    assert outcome.good is False
    assert "displayName" in str(outcome.detail)


@FUNCTIONS
def test_a_role_in_the_services_own_spelling_is_the_same(company: Make, function: str) -> None:
    subject = company(function).wants("u").settles()
    own = {"value": "U", "display": "A user", "type": TYPE, "primary": function == SINGLE}
    account = subject.world.account_of(subject.name)
    subject.target.patch(ResourceType.USER, account, [put(own)])

    assert told(subject.world.plan().operations) == []


def test_a_role_that_somebody_grants_between_plan_and_apply_stops_the_revoke(
    company: Make,
) -> None:
    subject = company(ASSERTIVE).wants("au").settles()
    plan = subject.wants("u").world.plan()
    account = subject.world.account_of(subject.name)
    subject.target.patch(ResourceType.USER, account, [add({"value": "local"})])

    [outcome] = subject.apply(plan).outcomes

    assert (outcome.code, subject.values()) == ("EntryConflict", ["a", "local", "u"])


def test_another_display_of_the_same_role_voids_no_plan(company: Make) -> None:
    subject = company(ASSERTIVE).wants("u").settles()
    plan = subject.wants("a").world.plan()
    account = subject.world.account_of(subject.name)
    subject.target.patch(ResourceType.USER, account, [put({"value": "u", "display": "Renamed"})])

    report = subject.apply(plan)

    assert [operation.action for operation in plan.operations] == [Action.UPDATE, Action.REVOKE]
    assert (report.status, subject.values()) == ("done", ["a"])
