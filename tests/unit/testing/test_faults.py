"""Every row of the table, around a real application: it does what its flags say, and no more."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from reconciler.sandbox import make_app
from reconciler.testing import FAULTS, FaultyScim, Reply, Request, Wire

HEADERS = {"authorization": "Bearer token", "content-type": "application/scim+json"}
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
CORE = "urn:ietf:params:scim:schemas:core:2.0"


def ask(method: str, path: str, body: Any = None, **query: str) -> Request:
    """Return a request of a client of ours, on a connection that was used before."""
    content = b"" if body is None else json.dumps(body).encode()
    return Request(method, path, query, HEADERS, content, reused=True)


def patch(path: str, *operations: dict[str, Any]) -> Request:
    """Return a PATCH."""
    return ask("PATCH", path, {"schemas": [PATCH_OP], "Operations": list(operations)})


@dataclass
class Tenant:
    """A service with three people in one group."""

    service: FaultyScim
    people: list[str]
    group: str

    def day(self) -> Iterator[Request]:
        """Yield requests of every kind."""
        return day(self.people, self.group)


@pytest.fixture(scope="module")
def settled() -> tuple[Any, Tenant, list[Any]]:
    """Make the service once; it takes a while."""
    app: Any = make_app("token")
    service = FaultyScim(app)
    people = []
    for name in ("ada", "bob", "cleo"):
        body: dict[str, Any] = {"schemas": [f"{CORE}:User"], "userName": name, "active": True}
        made = service.answer(ask("POST", "/Users", {**body, "title": "Clerk"}))
        people.append(made.json()["id"])
    body = {"schemas": [f"{CORE}:Group"], "displayName": "Staff"}
    members = [{"value": each} for each in people]
    group = service.answer(ask("POST", "/Groups", {**body, "members": members})).json()["id"]
    return app, Tenant(service, people, group), deepcopy(list(app.storage.resources))


@pytest.fixture
def tenant(settled: tuple[Any, Tenant, list[Any]]) -> Tenant:
    """The same service for one test, untouched."""
    app, made, resources = settled
    app.storage.resources = deepcopy(resources)
    made.service.arm()
    return made


def day(people: list[str], group: str) -> Iterator[Request]:
    """Yield requests of every kind."""
    yield ask("GET", "/ServiceProviderConfig")
    yield ask("GET", "/Users", startIndex="1", count="2")
    yield ask("GET", "/Users", startIndex="3", count="2")
    yield ask("GET", "/Users", filter='userName eq "ada"')
    yield ask("GET", f"/Users/{people[0]}")
    yield ask("GET", "/Groups")
    yield ask("GET", f"/Groups/{group}")
    yield ask("POST", "/Users", {"schemas": [f"{CORE}:User"], "userName": "dan"})
    yield patch(f"/Users/{people[1]}", {"op": "replace", "path": "title", "value": "Director"})
    removed = f'members[value eq "{people[2]}"]'
    yield patch(f"/Groups/{group}", {"op": "remove", "path": removed})
    yield ask("DELETE", f"/Users/{people[2]}")


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_leaves_requests_alone_that_it_is_not_about(name: str, tenant: Tenant) -> None:
    """Before the first request that it is about, everything is as it is without it."""
    service = tenant.service
    fault = FAULTS[name]
    requests = list(tenant.day())
    spared = [request for request in requests if not fault.where.test(request)]
    spared = [request for request in spared if not request.writes]
    plain = [service.answer(request) for request in spared]

    service.arm(name)

    assert [service.answer(request) for request in spared] == plain
    assert service.injected == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_answers_and_says_whether_the_socket_takes_part(name: str, tenant: Tenant) -> None:
    service = tenant.service
    service.arm(name)

    replies = [service.answer(request) for request in tenant.day()]

    assert service.injected
    assert all(isinstance(reply, Reply) for reply in replies)
    assert any(reply.wire != Wire() for reply in replies) is FAULTS[name].on_the_wire


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_a_name_a_row_and_a_sentence(name: str) -> None:
    fault = FAULTS[name]

    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert re.fullmatch(r"F\d\d( F\d\d)*", fault.matrix)
    assert fault.does
    assert not fault.does.endswith(".")
    assert "|" not in fault.does


def answered(service: FaultyScim, request: Request) -> list[Request]:
    """Answer a request, and return it as it was counted."""
    service.answer(request)
    return service.requests[-1:]


REFUSING = [
    name
    for name in FAULTS
    if name.startswith(("throttled", "status-", "redirect-", "hang", "reset", "silent"))
    and not name.endswith("-commit")
]


@pytest.mark.parametrize("name", REFUSING)
def test_what_is_refused_does_not_reach_the_application(name: str, tenant: Tenant) -> None:
    service = tenant.service
    service.arm(name)
    refused = {
        each.number
        for request in tenant.day()
        for each in answered(service, request)
        if FAULTS[name].where.test(request)
    }

    assert refused
    assert refused.isdisjoint(each.request.number for each in service.reached)


AFTER = [name for name in FAULTS if name.endswith("-after-commit")]


@pytest.mark.parametrize("name", AFTER)
def test_what_is_lost_after_the_effect_has_had_it(name: str, tenant: Tenant) -> None:
    service = tenant.service
    service.arm(name)
    for request in tenant.day():
        service.answer(request)

    assert len(service.effects) == len(service.writes) == 4
