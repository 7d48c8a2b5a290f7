"""
The sandbox on a socket.

Three rules:

1. Loopback only. The sandbox knows one token and no TLS; it is for one machine.
2. Quiet. A request leaves no line on the screen that the story is told on.
3. One thread per request, and a queue long enough that a client with many
   requests in flight is never refused.

Called by ``reconciler sandbox`` and by end-to-end tests.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from reconciler.sandbox.app import PortUnusable, SandboxError, make_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOUNT = "/v2"
"""Where scim2-server answers; the last part of the tenant URL."""


class _QuietHandler(WSGIRequestHandler):
    """Serves a request and says nothing about it."""

    def log_message(self, format: str, *args: Any) -> None:
        """Drop the line."""


class SandboxServer(ThreadingMixIn, WSGIServer):
    """The sandbox, listening; use it as a context manager and call `serve_forever`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: str, port: int, app: WSGIApplication) -> None:
        if ":" in address:
            self.address_family = socket.AF_INET6
        super().__init__((address, port), _QuietHandler)
        self.set_app(app)

    def server_bind(self) -> None:
        """Bind without the look-up of the host's own name, which may wait for a DNS server."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    @property
    def tenant_url(self) -> str:
        """The base URL of the service, with the port that was chosen."""
        name = f"[{self.server_name}]" if ":" in self.server_name else self.server_name
        return f"http://{name}:{self.server_port}{MOUNT}"


def listen(
    host: str, port: int, token: str, registered_domains: Sequence[str], delay_seconds: float = 0.0
) -> SandboxServer:
    """
    Return a fresh sandbox that listens and does not serve yet.

    Args:
        host: A loopback address, or ``localhost``.
        port: The port; 0 takes a free one.
        token: The bearer token that every request must carry.
        registered_domains: Domains a userName may have; none means any.
        delay_seconds: How long each request takes at least; half of it passes
            before the request is served, half before it is answered.

    Raises:
        SandboxError: *host* is not loopback, the port is taken, *token* is
            empty, or the extra is not installed.
    """
    address = _loopback(host)
    app = make_app(token, registered_domains)
    if delay_seconds > 0:
        app = _delayed(app, delay_seconds / 2)
    try:
        return SandboxServer(address, port, app)
    except (OSError, OverflowError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        raise PortUnusable(
            f"the sandbox cannot listen on {address}, port {port}: {reason}"
        ) from exc


def serve(
    host: str,
    port: int,
    token: str,
    registered_domains: Sequence[str],
    delay_seconds: float = 0.0,
    ready: Callable[[str], None] = lambda tenant_url: None,
) -> None:
    """
    Serve a fresh, empty sandbox until the process is interrupted.

    *ready* is called with the tenant URL as soon as requests are accepted.
    The other arguments and the errors are those of :func:`listen`.
    """
    with listen(host, port, token, registered_domains, delay_seconds) as server:
        try:
            ready(server.tenant_url)
            server.serve_forever()
        except KeyboardInterrupt:
            return


def _loopback(host: str) -> str:
    """Return the address of *host*, which must be this machine's own."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise SandboxError(
            f"the sandbox listens on loopback only, and {host} is not: use 127.0.0.1, ::1 or "
            "localhost"
        )
    return str(address)


def _delayed(app: WSGIApplication, seconds: float) -> WSGIApplication:
    """Return *app* behind a wait of *seconds* before and after each request is served."""

    def slow(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        time.sleep(seconds)
        answer = app(environ, start_response)
        time.sleep(seconds)
        return answer

    return slow
