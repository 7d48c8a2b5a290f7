"""
The wire.

With :mod:`reconciler.live.single` and :mod:`reconciler.live.deadline` the only file that
knows httpx and its engine.

One origin, no redirect, no proxy or certificate from the environment but those
of the reviewed file (:class:`Road`), TLS 1.2 at least, nothing unpacked by the
client (reliability.md S07, S08, S10). Each request in flight has a
connection of its own, and all share one TLS context: several times faster than a
shared pool (performance.md, ingredient 6). Requests are handed to the engine below
httpx as bytes (decision 39): what httpx does beside that, to tidy up, to follow, to
log and to decode, takes a third of the time of a request, and is not wanted here.

What the engine raises becomes one of two things, because only this matters later:
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
from typing import NamedTuple

import httpcore
import httpx

from reconciler.diagnostics import ReconcilerError, printable
from reconciler.live.answer import read_body
from reconciler.live.deadline import Deadline, DeadlineBackend
from reconciler.live.single import Single, pool_of_one
from reconciler.scim.errors import TargetMisbehaved, TargetUnreachable, TargetUntrusted

for _name in ("httpx", "httpcore"):  # at INFO whole URLs are logged, at DEBUG every header
    logging.getLogger(_name).setLevel(logging.WARNING)

_NOT_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.ProxyError)
_LOST = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)

_WITH_A_BODY = frozenset({"PATCH", "POST", "PUT"})
"""Methods that say how long their body is, also where there is none (RFC 9110, section 8.6)."""

_TIDY = re.compile(
    r"(?:/(?:[A-Za-z0-9\-_~]|%[0-9A-F]{2})(?:[A-Za-z0-9\-._~]|%[0-9A-F]{2})*)+"
    r"(?:\?[A-Za-z0-9\-._~&=]*(?:%[0-9A-F]{2}[A-Za-z0-9\-._~&=]*)*)?"
)
"""Paths in which httpx finds nothing to tidy up; of any other it is asked."""

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
        self._url = url = httpx.URL(origin)
        always = {"Host": url.netloc.decode("ascii"), "Connection": "keep-alive", **headers}
        self._headers = _raw(always)
        self._timeouts = timeouts
        seconds = dict.fromkeys(("read", "write", "pool"), timeouts.step)
        self._extensions = {"timeout": {"connect": timeouts.connect, **seconds}}
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._idle: list[Single] = []
        self._clients: list[Single] = []

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for client in self._clients:
                client.close()
            self._clients.clear()
            self._idle.clear()

    def will_send(self, raw_path: str) -> bool:
        """Say whether *raw_path* goes out as it is; httpx tidies ``..`` up (S11)."""
        return _tidied(self._origin, raw_path) == raw_path.encode("ascii")

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
        request = self._request(client, method, raw_path, content, headers)
        try:
            response = client.send(request)
            try:
                return _read(response, method, name, client, request)
            finally:
                response.close()
        except _NOT_SENT as exc:
            raise NotSent(self._reason(exc), tls=_is_tls(exc)) from exc
        except _LOST as exc:
            raise Lost(_loss(exc)) from exc
        finally:
            self._idle.append(client)

    def _request(
        self,
        client: Single,
        method: str,
        raw_path: str,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> httpcore.Request:
        """Return what goes over the wire."""
        url = httpcore.URL(
            scheme=self._url.raw_scheme,
            host=self._url.raw_host,
            port=self._url.port,
            target=_tidied(self._origin, raw_path),
        )
        sent = [*self._headers, *_raw(headers), *client.cookies(raw_path)]
        if content is not None or method in _WITH_A_BODY:
            sent.append((b"Content-Length", str(len(content or b"")).encode("ascii")))
        return httpcore.Request(
            method, url, headers=sent, content=content, extensions=self._extensions
        )

    def unreachable(self, error: NotSent) -> TargetUnreachable:
        """Say in one sentence why there is no connection."""
        kind = TargetUntrusted if error.tls else TargetUnreachable
        through = f" through the proxy {self._road.proxy}" if self._road.proxy else ""
        return kind(f"cannot connect to {self._origin}{through}: {error}")

    def _reason(self, error: Exception) -> str:
        """Say why a request was not sent."""
        words = _ERRNO.sub("", printable(str(error))) or "it took too long"
        return f"the proxy says {words}" if isinstance(error, httpcore.ProxyError) else words

    def _take(self) -> Single:
        """Take a client that nobody uses, the one used last first; make one if there is none."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
            deadline = Deadline(self._monotonic)
            if self._context is None:
                secure = self._origin.startswith("https:")
                self._context = _tls_context(self._road.roots, secure=secure)
            pool = pool_of_one(self._context, DeadlineBackend(deadline), self._road.proxy)
            client = Single(self._url, pool, deadline)
            self._clients.append(client)
            return client


def _read(
    response: httpcore.Response,
    method: str,
    name: str,
    client: Single,
    request: httpcore.Request,
) -> Response:
    """Read what has come; a body that is too much matters only where it is needed."""
    headers: dict[str, str] = {}
    for key, value in response.headers:
        lower, text = key.decode("latin-1").lower(), _text(value)
        headers[lower] = f"{headers[lower]}, {text}" if lower in headers else text
    if "set-cookie" in headers:
        client.keep(request, response)
    status = response.status
    try:
        body = read_body(response.iter_stream(), headers.get("content-encoding", ""), name)
    except TargetMisbehaved:
        if method == "GET" and 200 <= status < 300:
            raise
        body = b""  # the status says it all: an error, or a write that was carried out
    return Response(status, headers, body, client.deadline.sent, client.deadline.fresh)


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return *headers* as they go out."""
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def _text(value: bytes) -> str:
    """Read the value of a header, which should be ASCII and may be anything."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


@lru_cache(maxsize=64)
def _tidied(origin: str, raw_path: str) -> bytes:
    """
    Return what httpx makes of *raw_path*: nothing else, nearly always.

    It is asked twice of each path: before it is promised, and when it is sent.
    """
    if _TIDY.fullmatch(raw_path):
        return raw_path.encode("ascii")
    return httpx.URL(f"{origin}{raw_path}").raw_path


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


def _loss(error: Exception) -> str:
    """Say how an answer was lost."""
    if isinstance(error, httpcore.TimeoutException):
        return "it took too long"
    if isinstance(error, httpcore.ProtocolError):
        return "it was cut off, or is not HTTP"
    return "the connection was lost"
