"""
What a fault is: a row with a name, and an act on one request.

An act gets the request and a :class:`Turn`, and returns the answer. It may
answer by itself (the real application never hears of it), hand the request on
and change the answer, change the request, or leave something behind for the
requests that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from urllib.parse import quote

from reconciler.testing.exchange import Reply, Request

DISCOVERY: Final = frozenset({"ServiceProviderConfig", "Schemas", "ResourceTypes"})
"""Endpoints that describe the service (RFC 7644, section 4)."""

Act = Callable[[Request, "Turn"], Reply]
"""Answers one request with the fault in it."""


@dataclass(frozen=True, slots=True)
class Where:
    """Requests that a fault is about; *words* say which, for the table in the documentation."""

    words: str
    test: Callable[[Request], bool]


def _resources(request: Request) -> bool:
    return bool(request.endpoint) and request.endpoint not in DISCOVERY


def _lists(request: Request) -> bool:
    return request.method == "GET" and _resources(request) and not request.resource_id


ANY: Final = Where("every request", lambda request: True)
READS: Final = Where("reads", lambda r: r.method == "GET" and _resources(r))
LISTS: Final = Where("listings", lambda r: _lists(r) and "filter" not in r.query)
FILTERS: Final = Where("filters", lambda r: _lists(r) and "filter" in r.query)
ONE: Final = Where("reads of one resource", lambda r: READS.test(r) and bool(r.resource_id))
WRITES: Final = Where("writes", lambda request: request.writes)
CREATES: Final = Where("creates", lambda r: r.writes and r.method == "POST")
CHANGES: Final = Where("changes", lambda request: request.method in {"PATCH", "PUT"})
PATCHES: Final = Where("PATCH requests", lambda request: request.method == "PATCH")
DELETES: Final = Where("deletes", lambda request: request.method == "DELETE")
GROUP_CHANGES: Final = Where(
    "changes of groups", lambda r: CHANGES.test(r) and r.endpoint == "Groups"
)
USER_CHANGES: Final = Where("changes of users", lambda r: CHANGES.test(r) and r.endpoint == "Users")
GROUP_READS: Final = Where("reads of groups", lambda r: READS.test(r) and r.endpoint == "Groups")
GROUP_LISTS: Final = Where("listings of groups", lambda r: LISTS.test(r) and r.endpoint == "Groups")
USER_READS: Final = Where("reads of users", lambda r: READS.test(r) and r.endpoint == "Users")
DESCRIPTIONS: Final = Where("discovery", lambda r: r.method == "GET" and r.endpoint in DISCOVERY)
REUSED_WRITES: Final = Where(
    "writes on a connection that was used before", lambda r: r.writes and r.reused
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a server or the network can do wrong."""

    name: str
    """Its name in a schedule."""
    matrix: str
    """The faults of the published matrix that it is an instance of: ``F36``, ``F07 F10``."""
    does: str
    """One sentence without a full stop: what a client sees."""
    where: Where
    act: Act
    on_the_wire: bool = False
    """Whether the socket takes part, so that it needs :meth:`FaultyScim.serve`."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One injection of one fault into one request: what its act may use."""

    nth: int
    """Which matching request this is, from 1."""
    random: Random
    """Seeded by the seed, the injection and *nth*."""
    memory: dict[str, Any]
    """Kept between the turns of one injection."""
    forward: Callable[[Request], Reply]
    """Hands a request on: to the next fault of the schedule, at last to the application."""
    app: Callable[[Request], Reply]
    """Asks the application as somebody else would: no fault applies, nothing is recorded."""
    afterwards: Callable[[Where, Act, int], None]
    """Lets an act answer the next so many requests of a kind, once this one is answered."""

    def look(self, request: Request, path: str, query: Mapping[str, str] | None = None) -> Reply:
        """Ask the application for *path* with the credential of *request*."""
        return self.app(Request("GET", path, query or {}, request.headers))

    def meddle(self, request: Request, path: str, *operations: Mapping[str, Any]) -> Reply:
        """Change a resource as another client would, with the credential of *request*."""
        urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
        headers = {**request.headers, "content-type": "application/scim+json"}
        headers.pop("if-match", None)
        asked = Request("PATCH", path, {}, headers)
        return self.app(asked.saying({"schemas": [urn], "Operations": list(operations)}))


def place_of(request: Request, reply: Reply) -> str:
    """Return the path of the resource that a write was about; a new one's is in the answer."""
    if request.method != "POST":
        return request.path
    made = reply.json()
    new_id = made.get("id") if isinstance(made, dict) else None
    return f"{request.path}/{quote(str(new_id), safe='')}"
