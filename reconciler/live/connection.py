"""
The wire: the only file that knows httpx.

One origin, no redirect, no proxy or certificate from the environment but those
of the reviewed file (:class:`Road`), TLS 1.2 at least, nothing unpacked by the
client (reliability.md S07, S08, S10). Each request in flight has a
client of its own with a single connection, and all share one TLS context:
several times faster than a shared pool (performance.md, ingredient 6).

What httpx raises becomes one of two things, because only this matters later:
the request was certainly not sent, or its answer was lost.
"""

from __future__ import annotations

import logging
import re
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import httpcore
import httpx

from reconciler.diagnostics import ReconcilerError, printable
from reconciler.live.answer import read_body
from reconciler.live.deadline import Deadline, DeadlineBackend
from reconciler.scim.errors import TargetMisbehaved, TargetUnreachable, TargetUntrusted

for _name in ("httpx", "httpcore"):  # at INFO whole URLs are logged, at DEBUG every header
    logging.getLogger(_name).setLevel(logging.WARNING)

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
"""A number before the words of the operating system, which says nothing to a reader."""


class NotSent(ReconcilerError):
    """There was no connection, so the request was not sent."""

    def __init__(self, reason: str, *, tls: bool) -> None:
        self.tls = tls
        """Whether the certificate, or TLS as such, is to blame."""
        super().__init__(reason)


class Lost(ReconcilerError):
    """The request may have been sent; its answer did not arrive whole."""


@dataclass(frozen=True, slots=True)
class Road:
    """How a target is reached."""

    proxy: str | None = None
    """URL of the proxy through which every connection is made, by CONNECT."""
    roots: str | None = None
    """PEM of the authorities to trust; None for those that everybody trusts."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds that one attempt may take."""

    connect: float = 10.0
    step: float = 30.0
    """Between two bytes."""
    total: float = 60.0
    """From connecting to the last byte."""


class Response(NamedTuple):
    """What came over the wire; *body* is empty where it cannot be read and is not needed."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    sent: float
    """When the request had been written."""
    fresh: bool
    """Whether a connection was made for it, which the server may have been slow to accept."""


class Connections:
    """Connections to one origin, as many as there are requests in flight."""

    def __init__(
        self,
        origin: str,
        headers: Mapping[str, str],
        timeouts: Timeouts,
        monotonic: Callable[[], float],
        road: Road,
    ) -> None:
        """Prepare; *headers* go with every request. Nothing is connected yet."""
        self._origin = origin
        self._road = road
        self._headers = dict(headers)
        self._timeouts = timeouts
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._idle: list[_Client] = []
        self._clients: list[_Client] = []

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for client in self._clients:
                client.http.close()
            self._clients.clear()
            self._idle.clear()

    def will_send(self, raw_path: str) -> bool:
        """Say whether *raw_path* goes out as it is; httpx tidies ``..`` up (S11)."""
        return _url(self._origin, raw_path).raw_path == raw_path.encode("ascii")

    def exchange(
        self,
        method: str,
        name: str,
        raw_path: str,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> Response:
        """
        Send one request and read its answer, within the deadline.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            name: What is asked, for messages.
            raw_path: Path and query, quoted.
            content: The body.
            headers: What goes with this request alone.

        Raises:
            NotSent: There was no connection.
            Lost: The answer did not arrive whole.
            TargetMisbehaved: What a GET was answered cannot be unpacked, or is too large.
        """
        client = self._take()
        client.deadline.start(self._timeouts.total)
        url = _url(self._origin, raw_path)
        try:
            with client.http.stream(
                method, url, content=content, headers=dict(headers)
            ) as response:
                return _read(response, method, name, client.deadline)
        except _NOT_SENT as exc:
            raise NotSent(self._reason(exc), tls=_is_tls(exc)) from exc
        except httpx.TransportError as exc:
            raise Lost(_loss(exc)) from exc
        finally:
            self._idle.append(client)

    def unreachable(self, error: NotSent) -> TargetUnreachable:
        """Say in one sentence why there is no connection."""
        kind = TargetUntrusted if error.tls else TargetUnreachable
        through = f" through the proxy {self._road.proxy}" if self._road.proxy else ""
        return kind(f"cannot connect to {self._origin}{through}: {error}")

    def _reason(self, error: httpx.TransportError) -> str:
        """Say why a request was not sent."""
        words = _ERRNO.sub("", printable(str(error))) or "it took too long"
        return f"the proxy says {words}" if isinstance(error, httpx.ProxyError) else words

    def _take(self) -> _Client:
        """Take a client that nobody uses, the one used last first; make one if there is none."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
            deadline = Deadline(self._monotonic)
            if self._context is None:
                secure = self._origin.startswith("https:")
                self._context = _tls_context(self._road.roots, secure=secure)
            made = httpx.Client(
                transport=_SingleConnection(self._context, deadline, self._road.proxy),
                headers=self._headers,
                timeout=httpx.Timeout(self._timeouts.step, connect=self._timeouts.connect),
                follow_redirects=False,
                trust_env=False,
            )
            made._cookies = _Cookies()
            client = _Client(made, deadline)
            self._clients.append(client)
            return client


class _Client(NamedTuple):
    """A client with one connection, for one request at a time."""

    http: httpx.Client
    deadline: Deadline


class _Cookies(httpx.Cookies):
    """httpx's own, which else makes a request and a response of urllib's for every answer."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep the cookies that *response* sets, if it sets any."""
        if "set-cookie" in response.headers:
            super().extract_cookies(response)


class _SingleConnection(httpx.HTTPTransport):
    """httpx's own transport over one connection whose socket observes a deadline."""

    def __init__(self, context: ssl.SSLContext, deadline: Deadline, proxy: str | None) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = _pool(context, DeadlineBackend(deadline), proxy)


def _pool(
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


def _read(response: httpx.Response, method: str, name: str, deadline: Deadline) -> Response:
    """Read what has come; a body that is too much matters only where it is needed."""
    headers = {key.lower(): value for key, value in response.headers.items()}
    status = response.status_code
    try:
        body = read_body(response.iter_raw(), headers.get("content-encoding", ""), name)
    except TargetMisbehaved:
        if method == "GET" and 200 <= status < 300:
            raise
        body = b""  # the status says it all: an error, or a write that was carried out
    return Response(status, headers, body, deadline.sent, deadline.fresh)


@lru_cache(maxsize=256)
def _url(origin: str, raw_path: str) -> httpx.URL:
    """Return what is asked as httpx tidies it up; it is wanted twice for every request."""
    return httpx.URL(f"{origin}{raw_path}")


@lru_cache(maxsize=8)
def _tls_context(roots: str | None, *, secure: bool) -> ssl.SSLContext:
    """
    Return what TLS connections share; without TLS, one that trusts nobody.

    To read the authorities that everybody trusts takes longer than to plan for a hundred
    people, and a context holds nothing of a connection: targets share it, too.
    """
    if not secure:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if roots is None:
        context = httpx.create_ssl_context(trust_env=False)
    else:
        context = ssl.create_default_context(cadata=roots)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_tls(error: BaseException) -> bool:
    """Say whether a connection failed because of TLS."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _loss(error: httpx.TransportError) -> str:
    """Say how an answer was lost."""
    if isinstance(error, httpx.TimeoutException):
        return "it took too long"
    if isinstance(error, httpx.ProtocolError):
        return "it was cut off, or is not HTTP"
    return "the connection was lost"
