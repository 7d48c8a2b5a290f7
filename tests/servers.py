"""
Servers for tests: real ones in a process of their own, and one that misbehaves on order.

``scim2_server`` starts scim2-server on a free loopback port and stops it by its
handle. ``FaultServer`` is a small read-only SCIM service with a fault built in, e.g. one
of :data:`reconciler.testing.FAULTS`; it keeps every request, so that a test can say
that nothing was written and nothing was sent elsewhere.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from reconciler.live.auth import BearerAuth
from reconciler.live.client import ScimTarget
from reconciler.live.transport import Transport
from reconciler.testing import Fault, FaultyScim, Inject, Reply, Request, Where
from reconciler.testing.fault import ANY
from reconciler.testing.upstream import read

TOKEN = "test-token"
LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
CURSOR_ONLY: dict[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": 50},
    "changePassword": {"supported": False},
    "sort": {"supported": False},
    "etag": {"supported": False},
    "pagination": {
        "cursor": True,
        "index": False,
        "defaultPaginationMethod": "cursor",
        "defaultPageSize": 20,
        "maxPageSize": 50,
    },
    "authenticationSchemes": [],
}
"""A ServiceProviderConfig that makes scim2-server page by cursor and by nothing else."""


class FakeClock:
    """A clock whose waits are noted, and over at once."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(seconds)

    def monotonic(self) -> float:
        with self._lock:
            return time.monotonic() + sum(self.waits)


def open_target(tenant_url: str, token: str = TOKEN, **options: Any) -> ScimTarget:
    """Return a target that waits for nothing; *options* are those of Transport."""
    clock = options.pop("clock", None) or FakeClock()
    options.setdefault("monotonic", clock.monotonic)
    options.setdefault("jitter", lambda upper: upper)
    return ScimTarget(Transport(tenant_url, BearerAuth.of(token), clock, **options))


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def scim2_server(
    folder: Path,
    config: Mapping[str, Any] | None = None,
    token: str = TOKEN,
    schemas: Sequence[Mapping[str, Any]] | None = None,
    tenants: bool = False,
) -> Iterator[str]:
    """
    Run scim2-server until the block ends; gives the tenant URL.

    *folder* takes the server's log and, with *config*, its ServiceProviderConfig;
    with *schemas*, those that it serves instead of RFC 7643's. With *tenants*, it
    gives what comes before ``/NAME/v2``, an empty service for any NAME.
    """
    port = free_port()
    command = [sys.executable, "-m", "scim2_server.testserver.cli", "--hostname", "127.0.0.1"]
    command += ["--port", str(port), "--bearer-token", token]
    if config is not None:
        file = folder / "service-provider-config.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        command += ["--service-provider-config", str(file)]
    if schemas is not None:
        file = folder / "schemas.json"
        file.write_text(json.dumps(schemas), encoding="utf-8")
        command += ["--schema", str(file)]
    if tenants:
        command.append("--dynamic-tenants")
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}" + ("" if tenants else "/v2")
        finally:
            stop(process)


def wait_for(port: int, process: subprocess.Popen[Any], seconds: float = 30) -> None:
    """Wait until *process* accepts connections on *port*; fail when it ends before that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it listened")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port} after {seconds} seconds")


def stop(process: subprocess.Popen[Any]) -> None:
    """Stop one process that a test started."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=10)


HTML = Reply(b"<html><body>Please sign in, SECRET</body></html>", 200, "text/html; charset=utf-8")
"""What a proxy answers with; its words must not be repeated to anybody."""

Lie = Callable[[Request, Reply], Reply]
"""Changes what an honest service would answer to a request for /Users."""

USERS = Where("the listing of users", lambda request: request.path == "/Users")


def users(count: int) -> list[dict[str, Any]]:
    """Return *count* users."""
    return [
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": f"u{number}",
            "userName": f"user{number}@contoso.example",
            "displayName": f"User {number}",
            "active": True,
        }
        for number in range(1, count + 1)
    ]


class FaultServer:
    """
    A read-only SCIM service on a free loopback port, with a fault in its /Users.

    It lists and filters (``attribute eq "value"``), pages by index, and refuses
    every write with 403. Discovery documents are 404 unless *config* is given.
    """

    def __init__(
        self,
        fault: Fault | Lie | None = None,
        *,
        people: Sequence[dict[str, Any]] | None = None,
        groups: Sequence[dict[str, Any]] = (),
        config: Mapping[str, Any] | None = None,
        token: str = TOKEN,
        answer: Callable[[Request], Reply | None] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """
        Make it; use it as a context manager to start and stop it.

        *answer*, if given, is asked first, for every request; None leaves it to the rest.
        With *tls*, it is served over TLS.
        """
        everybody = list(users(7) if people is None else people)
        resources = {"Users": everybody, "Groups": list(groups)}
        schedule = [] if answer is None else [_asked_first(answer)]
        if fault is not None:
            row = fault if isinstance(fault, Fault) else _told_by(fault)
            schedule.append(Inject(row, path="/Users"))
        self._faulty = FaultyScim(_ReadOnly(resources, config, token), schedule)
        self._tls = tls
        self._open = ExitStack()
        self.url = ""
        """The tenant URL, once it is started."""

    @property
    def requests(self) -> list[Request]:
        """Every request, in order."""
        return self._faulty.requests

    @property
    def writes(self) -> list[Request]:
        """Every request that would have changed something."""
        return self._faulty.writes

    def asked(self, path: str) -> list[Request]:
        """Return the requests for *path*."""
        return [request for request in self.requests if request.path == path]

    def __enter__(self) -> FaultServer:
        self.url = self._open.enter_context(self._faulty.serve(self._tls))
        return self

    def __exit__(self, *details: object) -> None:
        self._open.close()


def _asked_first(answer: Callable[[Request], Reply | None]) -> Inject:
    """Return what lets *answer* speak before anybody else."""
    row = Fault("answer", "", "", ANY, lambda asked, turn: answer(asked) or turn.forward(asked))
    return Inject(row)


def _told_by(lie: Lie) -> Fault:
    """Return the fault that a function makes of an honest answer."""
    return Fault("lie", "", "", USERS, lambda asked, turn: lie(asked, turn.forward(asked)))


@dataclass(frozen=True)
class _ReadOnly:
    """The honest service."""

    resources: Mapping[str, Sequence[dict[str, Any]]]
    config: Mapping[str, Any] | None
    token: str

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer as WSGI wants it."""
        reply = self._answer(read(environ, "/v2"))
        start_response(f"{reply.status} Answer", list(reply.fields().items()))
        return [reply.body]

    def _answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Reply.of({"detail": "who are you?"}, 401)
        if request.method != "GET":
            return Reply.of({"detail": "read only"}, 403)
        if request.path == "/ServiceProviderConfig" and self.config is not None:
            return Reply.of(self.config)
        if request.endpoint not in self.resources:
            return Reply.of({"detail": "no such thing"}, 404)
        rows = self.resources[request.endpoint]
        if request.resource_id:
            return _one(rows, unquote(request.resource_id))
        return _page(rows, request.query)


def _one(rows: Sequence[dict[str, Any]], resource_id: str) -> Reply:
    found = [each for each in rows if each.get("id") == resource_id]
    return Reply.of(found[0]) if found else Reply.of({"detail": "no such thing"}, 404)


def _page(rows: Sequence[dict[str, Any]], query: Mapping[str, str]) -> Reply:
    wanted = re.fullmatch(r'(\w+) eq (".*")', query.get("filter", ""))
    if wanted:
        name, value = wanted[1], json.loads(wanted[2]).lower()
        rows = [row for row in rows if str(row.get(name, "")).lower() == value]
    start = max(1, int(query.get("startIndex", "1")))
    page = rows[start - 1 :][: int(query.get("count", "100"))]
    return Reply.of(listing(page, len(rows)))


def listing(rows: Sequence[Any], total: int | None, **more: Any) -> dict[str, Any]:
    """Return a ListResponse."""
    stated = {} if total is None else {"totalResults": total}
    return {"schemas": [LIST_URN], **stated, "Resources": list(rows), **more}
