"""
One connection to a server, for one request at a time.

It is made with the first request, and made anew once the server has closed it or it has
been idle for too long. The engine below httpx does the rest; its pool, which looks for a
connection among many twice for each request, is only asked for new ones: it knows how
to go through a proxy.

Used by :mod:`reconciler.live.connection`.
"""

from __future__ import annotations

import ssl
from typing import Any

import httpcore
import httpx

from reconciler.live.deadline import Deadline, DeadlineBackend


class Single:
    """One connection, for one request at a time; made anew once it has come to its end."""

    def __init__(self, url: httpx.URL, pool: httpcore.ConnectionPool, deadline: Deadline) -> None:
        self.deadline = deadline
        self._url = url
        self._pool = pool
        self._origin = httpcore.Origin(url.raw_scheme, url.raw_host, _port(url))
        self._connection: httpcore.ConnectionInterface | None = None
        self._cookies = httpx.Cookies()

    def send(self, request: httpcore.Request) -> httpcore.Response:
        """Send *request*; the body of the response is still to be read, and it is to be closed."""
        held = self._connection
        if held is None or not held.is_available() or held.has_expired():
            self.close()
            held = self._connection = self._pool.create_connection(self._origin)
        return held.handle_request(request)

    def close(self) -> None:
        """Close the connection."""
        held, self._connection = self._connection, None
        if held is not None:
            held.close()

    def cookies(self, raw_path: str) -> list[tuple[bytes, bytes]]:
        """Return the header with the cookies that the server has set, if it has set any."""
        if not self._cookies.jar:
            return []
        request = httpx.Request("GET", self._url.join(raw_path))
        self._cookies.set_cookie_header(request)
        return [pair for pair in request.headers.raw if pair[0].lower() == b"cookie"]

    def keep(self, request: httpcore.Request, response: httpcore.Response) -> None:
        """Keep the cookies that *response* sets: some keep a client at one of their machines."""
        asked = httpx.Request("GET", self._url.join(request.url.target.decode("ascii")))
        told = httpx.Response(response.status, headers=response.headers, request=asked)
        self._cookies.extract_cookies(told)


def pool_of_one(
    context: ssl.SSLContext, backend: DeadlineBackend, proxy: str | None
) -> httpcore.ConnectionPool:
    """Return a pool of one connection, straight or through *proxy*."""
    settings: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": 1,
        "max_keepalive_connections": 1,
        "keepalive_expiry": 5.0,
        "network_backend": backend,
    }
    if proxy is None:
        return httpcore.ConnectionPool(**settings)
    if proxy.startswith("https:"):
        settings["proxy_ssl_context"] = context
    return httpcore.HTTPProxy(proxy, **settings)


def _port(url: httpx.URL) -> int:
    """Return the port of *url*, that of its scheme where it names none."""
    return url.port or {b"http": 80, b"https": 443}[url.raw_scheme]
