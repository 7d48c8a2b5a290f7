"""
What stands between us and a service: a gate that asks for credentials, TLS, a proxy.

`Gate` is a layer of WSGI in front of the sandbox, which is scim2-server. It
checks Basic credentials or access tokens, and gives the tokens out itself.
`TlsServer` speaks TLS with a certificate of an authority that the test made.
`ConnectProxy` tunnels, and knows what it was asked for. All are on loopback and
end with their block.
"""

from __future__ import annotations

import json
import secrets
import select
import socket
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import trustme

from reconciler.sandbox import make_app
from reconciler.sandbox.server import SandboxServer
from tests.servers import TOKEN, FaultServer

CLIENT = ("reconciler", "client-secret")
"""Id and secret of the client that a gate knows, unless told otherwise."""

Given = tuple[int, dict[str, Any], dict[str, str]]
"""Status, JSON and headers of an answer of the token endpoint."""


@dataclass
class Gate:
    """Lets through who has the credential it knows; a client may fetch tokens at ``/token``."""

    password: tuple[str, str] | None = None
    """Name and password for Basic; None: access tokens."""
    client: tuple[str, str] = CLIENT
    good_for: int | None = None
    """Requests for which a token is good; None: until it is revoked."""
    expires_in: object = 3600
    answer: Callable[[int], Given | None] = lambda count: None
    """Asked first, with the number of the request for a token; None leaves it to the rest."""
    make: Callable[[], str] = field(default=lambda: f"access-{secrets.token_urlsafe(12)}")
    asked: list[dict[str, str]] = field(default_factory=list)
    """The form of each request for a token, and under `by` how the client told who it is."""
    tokens: list[str] = field(default_factory=list)
    passed: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of each request that was let through."""
    stopped: list[tuple[str, str]] = field(default_factory=list)
    """The same of each that was not."""
    _left: dict[str, int | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    app: Any = None

    @contextmanager
    def open(self) -> Iterator[str]:
        """Serve until the block ends; gives the tenant URL."""
        self.app = make_app(TOKEN)
        with SandboxServer("127.0.0.1", 0, self) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield server.tenant_url
            finally:
                server.shutdown()
                thread.join()

    def revoke(self) -> None:
        """Accept none of the tokens given out so far."""
        with self._lock:
            self._left.clear()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/token":
            return self._give(environ, start_response)
        asked = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/v2")
        said = environ.get("HTTP_AUTHORIZATION", "")
        if not self._knows(said):
            self.stopped.append(asked)
            return _json(start_response, 401, {"detail": f"who is {said}?"}, {})
        self.passed.append(asked)
        answer: Iterable[bytes] = self.app(
            {**environ, "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, start_response
        )
        return answer

    def _knows(self, said: str) -> bool:
        """Say whether *said* is a credential that counts, and count it."""
        kind, _, text = said.partition(" ")
        if self.password is not None:
            return kind == "Basic" and b64decode(text).decode() == ":".join(self.password)
        with self._lock:
            if kind != "Bearer" or text not in self._left or self._left[text] == 0:
                return False
            left = self._left[text]
            self._left[text] = None if left is None else left - 1
            return True

    def _give(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer a request for a token."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        form = dict(parse_qsl(environ["wsgi.input"].read(length).decode()))
        kind, _, text = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind == "Basic":
            told = tuple(map(unquote_plus, b64decode(text).decode().split(":", 1)))
        else:
            told = (form.pop("client_id", ""), form.pop("client_secret", ""))
        with self._lock:
            self.asked.append({**form, "by": kind or "body"})
            ordered = self.answer(len(self.asked))
        if ordered is not None:
            return _json(start_response, *ordered)
        if told != self.client:
            words = f"nobody is {told[0]} with {told[1]}"
            refused = {"error": "invalid_client", "error_description": words}
            return _json(start_response, 401, refused, {})
        return _json(start_response, 200, self._made(), {})

    def _made(self) -> dict[str, Any]:
        """Make a token."""
        token = self.make()
        with self._lock:
            self.tokens.append(token)
            self._left[token] = self.good_for
        found = {"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in}
        return {key: value for key, value in found.items() if value is not None}


def _json(
    start_response: Any, status: int, value: dict[str, Any], headers: dict[str, str]
) -> list[bytes]:
    """Answer with *value*."""
    sent = {"Content-Type": "application/json", "Cache-Control": "no-store", **headers}
    start_response(f"{status} Answer", list(sent.items()))
    return [json.dumps(value).encode()]


class TlsServer(FaultServer):
    """A FaultServer behind TLS, with a certificate for *names* from *authority*."""

    def __init__(
        self,
        authority: trustme.CA,
        *names: str,
        tune: Callable[[ssl.SSLContext], None] = lambda context: None,
        **options: Any,
    ) -> None:
        super().__init__(tls=tls_context(authority, *names or ("127.0.0.1",), tune=tune), **options)


def tls_context(
    authority: trustme.CA,
    *names: str,
    tune: Callable[[ssl.SSLContext], None] = lambda context: None,
) -> ssl.SSLContext:
    """Return TLS under which whoever connects is shown a certificate for *names*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    tune(context)
    return context


def pem_of(*authorities: trustme.CA) -> str:
    """Return the certificates of *authorities*, as a file of them has them."""
    return "".join(authority.cert_pem.bytes().decode() for authority in authorities)


class _Proxy(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    owner: ConnectProxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are what some tests are about."""


class _Tunnel(StreamRequestHandler):
    """Answers one CONNECT, and carries bytes both ways until one side ends."""

    server: _Proxy

    def handle(self) -> None:
        lines = []
        while (line := self.rfile.readline(8192)) not in (b"\r\n", b""):
            lines.append(line.decode("latin-1").strip())
        if not lines:
            return
        proxy = self.server.owner
        proxy.asked.append(lines)
        if proxy.refusal is not None:
            self.wfile.write(f"HTTP/1.1 {proxy.refusal}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        host, _, port = lines[0].split(" ")[1].rpartition(":")
        with socket.create_connection((host, int(port)), 10) as further:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._carry(further, proxy)

    def _carry(self, further: socket.socket, proxy: ConnectProxy) -> None:
        """Carry bytes until one side ends; what came from us is kept."""
        sides = {self.connection: further, further: self.connection}
        while True:
            for side in select.select(list(sides), [], [])[0]:
                data = side.recv(65536)
                while isinstance(side, ssl.SSLSocket) and side.pending():
                    data += side.recv(65536)
                if not data:
                    return
                if side is self.connection:
                    proxy.carried += data
                sides[side].sendall(data)


class ConnectProxy:
    """An HTTP proxy on a free loopback port that knows CONNECT and nothing else."""

    def __init__(self, refusal: str | None = None, authority: trustme.CA | None = None) -> None:
        """
        Make it.

        Args:
            refusal: The status that every CONNECT is answered with instead.
            authority: Whose certificate it shows; None: it speaks plain http.
        """
        self.refusal = refusal
        self.asked: list[list[str]] = []
        """The lines of each request."""
        self.carried = b""
        """Every byte that went through it from us."""
        self._server = _Proxy(("127.0.0.1", 0), _Tunnel)
        self._server.owner = self
        self._scheme = "http"
        if authority is not None:
            self._scheme = "https"
            context = tls_context(authority, "127.0.0.1")
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """What goes into `target.proxy`."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ConnectProxy:
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
