"""
Who is told: a real mail server on loopback, and a real one for webhooks.

`Mailbox` is aiosmtpd with STARTTLS, a certificate of an authority that the test made, and a
login; it keeps what arrives, and how. `Hook` keeps every request. Both end with their block.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from tests.roads import tls_context
from tests.servers import free_port

LOGIN = ("notifier@contoso.example", "mail-password-c4n4ry")
"""Name and password that a mailbox knows, unless told otherwise."""


@dataclass
class Mailbox:
    """A mail server; options are those of aiosmtpd."""

    authority: trustme.CA = field(default_factory=trustme.CA)
    names: tuple[str, ...] = ("127.0.0.1",)
    starttls: bool = True
    login: tuple[str, str] | None = LOGIN
    refuses: str | None = None
    """What is answered to every mail, if none is taken."""
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    """Sender and recipients of each."""
    secured: list[bool] = field(default_factory=list)
    """Whether each came under TLS."""
    tried: list[tuple[str, str]] = field(default_factory=list)
    """Every name and password that was given."""
    greeted_as: list[str] = field(default_factory=list)
    port: int = field(default_factory=free_port)

    @contextmanager
    def open(self) -> Iterator[Mailbox]:
        """Serve until the block ends."""
        options: dict[str, Any] = {}
        if self.starttls:
            options |= {"tls_context": tls_context(self.authority, *self.names)}
            options |= {"require_starttls": True}
        if self.login is not None:
            options |= {"authenticator": self._authenticate, "auth_required": True}
            options |= {"auth_require_tls": self.starttls}
        options |= {"server_hostname": "mail.contoso.example"}
        server = Controller(self, "127.0.0.1", self.port, **options)
        server.start()
        try:
            yield self
        finally:
            server.stop()

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        """Keep one mail."""
        if self.refuses:
            return self.refuses
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        self.envelopes.append((str(envelope.mail_from), list(envelope.rcpt_tos)))
        self.secured.append(session.ssl is not None)
        self.greeted_as.append(str(session.host_name))
        return "250 Ok"

    def _authenticate(
        self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Say whether a name and a password are known."""
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        self.tried.append(given)
        return AuthResult(success=given == self.login, handled=False)


@dataclass
class Hook:
    """A server for webhooks."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    """Headers by lower-case name, and the body, of each request."""
    url: str = ""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """Return what was posted."""
        return [json.loads(body) for _, body in self.got]

    @contextmanager
    def open(self) -> Iterator[Hook]:
        """Serve until the block ends."""
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                hook.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(hook.status)
                for name, value in {**hook.headers, "Content-Length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/notice"
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()


@contextmanager
def silence(word: bytes = b"") -> Iterator[int]:
    """Listen on a port, and say *word* ten times a second to whoever is there; gives the port."""
    over = threading.Event()

    def accept() -> None:
        accepted: list[socket.socket] = []
        listening.settimeout(0.1)
        while not over.is_set():
            with suppress(TimeoutError):
                accepted.append(listening.accept()[0])
            for one in accepted if word else ():
                with suppress(OSError):
                    one.sendall(word)
        for one in accepted:
            one.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            over.set()
            thread.join()
