"""
A loopback server that sends answers byte by byte as they say, faults of the socket included.

WSGI has no word for half a header, for silence or for a reset connection, so
the server is a small one of our own: one thread per connection, kept alive,
loopback only. Used by :meth:`FaultyScim.serve` and by tests.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from reconciler.testing.exchange import Reply, Request

Answer = Callable[[Request], Reply]
"""Says what a request is answered with."""

LOOPBACK: Final = "127.0.0.1"
_POLL: Final = 0.02
"""Seconds between two looks at whether to end."""
_HARD_CLOSE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: closing sends a reset."""


@contextmanager
def listening(answer: Answer, mount: str, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """
    Serve *answer* on a free loopback port until the block ends; gives the tenant URL.

    *mount* is the path of the tenant URL; requests elsewhere get an empty 404.
    With *tls*, it is served over TLS.
    """
    server = _Server(answer, mount)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    thread = threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
    thread.start()
    try:
        yield f"{scheme}://{LOOPBACK}:{server.server_address[1]}{mount}"
    finally:
        server.ending.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    """Listens, and knows what to answer."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Answer, mount: str) -> None:
        self.answer, self.mount = answer, mount
        self.ending = threading.Event()
        super().__init__((LOOPBACK, 0), _Handler)

    def shutdown_request(self, request: Any) -> None:
        """End a connection; a reset must not be announced by an orderly end."""
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == _HARD_CLOSE:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up early are what this server is about."""


class _Handler(BaseHTTPRequestHandler):
    """Reads requests of one connection, and sends what they are answered with."""

    protocol_version = "HTTP/1.1"
    server: _Server
    _served = 0

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        parts = urlsplit(self.path)
        path = parts.path.removeprefix(self.server.mount)
        if path == parts.path and self.server.mount:
            self._send(Reply(status=404, media_type=None))
            return
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        reused, self._served = self._served > 0, self._served + 1
        self._send(
            self.server.answer(Request(self.command, path, query, headers, body, reused=reused))
        )

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

    def _send(self, reply: Reply) -> None:
        wire, head = reply.wire, reply.head()
        if wire.silent:
            self._wait_for_the_client_to_go()
        elif wire.drip_head or wire.drip_body:
            self._drip(head, wire.drip_head)
            self._drip(reply.body, wire.drip_body)
        else:
            self.wfile.write((head + reply.body)[: wire.cut_after])
        if wire.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _HARD_CLOSE)
        self.close_connection |= wire.silent or wire.close or wire.cut_after is not None

    def _drip(self, data: bytes, seconds: float) -> None:
        """Send *data* byte by byte, or at once when there is no time between."""
        for piece in [bytes([byte]) for byte in data] if seconds else [data]:
            self.wfile.write(piece)
            if self.server.ending.wait(seconds):
                return

    def _wait_for_the_client_to_go(self) -> None:
        """Wait until the other side closes, or the server ends."""
        while not self.server.ending.is_set():
            readable, _, _ = select.select([self.connection], [], [], _POLL)
            if readable and not self.connection.recv(1024):
                return
