"""
Servers for tests: real ones in a process of their own, and one that misbehaves on order.

``scim2_server`` starts scim2-server on a free loopback port and stops it by its
handle. ``FaultServer`` is a small read-only SCIM service with a fault built in, e.g. one
of :data:`tests.faults.FAULTS`; it keeps every request, so that a test can say
that nothing was written and nothing was sent elsewhere.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from reconciler.live.auth import BearerAuth
from reconciler.live.client import ScimTarget
from reconciler.live.transport import Transport

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


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    """Below the tenant URL."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    count: int
    """How many requests with this method and path have arrived, this one included."""


@dataclass(frozen=True)
class Reply:
    """An answer as it will be sent."""

    body: bytes = b""
    status: int = 200
    media_type: str | None = "application/scim+json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    """Send this many bytes of the body, and hang up."""
    hang_up: bool = False
    """Send nothing at all, and hang up."""
    drip: float = 0.0
    """Seconds between two bytes of the body."""
    drip_headers: float = 0.0
    """Seconds between two bytes of the head."""

    @classmethod
    def of(cls, value: Any, status: int = 200) -> Reply:
        """Answer with *value* as SCIM JSON."""
        return cls(json.dumps(value).encode(), status)

    def head(self) -> bytes:
        """Return the status line and the headers as they are sent."""
        fields = {"Content-Length": str(len(self.body)), **self.headers}
        if self.media_type:
            fields["Content-Type"] = self.media_type
        lines = [f"HTTP/1.1 {self.status} Fault", *(f"{k}: {v}" for k, v in fields.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def json(self) -> Any:
        """Return the body as the value that it was made of."""
        return json.loads(self.body)


Fault = Callable[[Seen, Reply], Reply]
"""Changes what an honest service would answer to a request for /Users."""


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
        fault: Fault | None = None,
        *,
        people: Sequence[dict[str, Any]] | None = None,
        groups: Sequence[dict[str, Any]] = (),
        config: Mapping[str, Any] | None = None,
        token: str = TOKEN,
        answer: Callable[[Seen], Reply | None] | None = None,
    ) -> None:
        """
        Make it; use it as a context manager to start and stop it.

        *answer*, if given, is asked first, for every request; None leaves it to the rest.
        """
        self.requests: list[Seen] = []
        self._fault = fault
        self._resources = {
            "Users": list(users(7) if people is None else people),
            "Groups": list(groups),
        }
        self._config = config
        self._token = token
        self._answer = answer
        self._counts: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """The tenant URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v2"

    @property
    def writes(self) -> list[Seen]:
        """Every request that would have changed something."""
        return [seen for seen in self.requests if seen.method != "GET"]

    def asked(self, path: str) -> list[Seen]:
        """Return the requests for *path*."""
        return [seen for seen in self.requests if seen.path == path]

    def __enter__(self) -> FaultServer:
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reply(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Note a request, and return what it is answered with."""
        parts = urlsplit(target)
        path = parts.path.removeprefix("/v2")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        with self._lock:
            count = self._counts[method, path] = self._counts.get((method, path), 0) + 1
            seen = Seen(method, path, query, headers, body, count)
            self.requests.append(seen)
        ordered = self._answer(seen) if self._answer else None
        if ordered is not None:
            return ordered
        honest = self._honest(seen)
        return self._fault(seen, honest) if self._fault and path == "/Users" else honest

    def _honest(self, seen: Seen) -> Reply:
        """Return what an honest service answers."""
        if seen.headers.get("authorization") != f"Bearer {self._token}":
            return Reply.of({"detail": "who are you?"}, 401)
        if seen.method != "GET":
            return Reply.of({"detail": "read only"}, 403)
        if seen.path == "/ServiceProviderConfig" and self._config is not None:
            return Reply.of(self._config)
        kind, _, resource_id = seen.path.removeprefix("/").partition("/")
        if kind not in self._resources:
            return Reply.of({"detail": "no such thing"}, 404)
        if resource_id:
            return self._one(kind, resource_id)
        return self._page(kind, seen.query)

    def _one(self, kind: str, resource_id: str) -> Reply:
        found = [each for each in self._resources[kind] if each.get("id") == resource_id]
        return Reply.of(found[0]) if found else Reply.of({"detail": "no such thing"}, 404)

    def _page(self, kind: str, query: Mapping[str, str]) -> Reply:
        rows = self._resources[kind]
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


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up early are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    """Hands each request to the FaultServer, and sends what it says, faults and all."""

    protocol_version = "HTTP/1.1"
    owner: FaultServer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        self._send(self.owner.reply(self.command, self.path, headers, body))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

    def _send(self, reply: Reply) -> None:
        self.close_connection |= reply.hang_up or reply.cut_after is not None
        if reply.hang_up:
            return
        start, body = reply.head(), reply.body[: reply.cut_after]
        if reply.drip_headers or reply.drip:
            self._write(start, reply.drip_headers)
            self._write(body, reply.drip)
        else:
            self.wfile.write(start + body)  # in one piece: two would wait for each other

    def _write(self, data: bytes, drip: float) -> None:
        for piece in [bytes([byte]) for byte in data] if drip else [data]:
            self.wfile.write(piece)
            time.sleep(drip)


def _handler_of(server: FaultServer) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"owner": server})
