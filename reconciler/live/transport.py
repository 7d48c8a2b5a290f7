"""
One request to one origin, within bounds: the only file that knows httpx.

What every request gets (reliability.md, section 6, S07 to S13):

* a deadline for the whole of it, beside the timeouts of its parts;
* no redirect, no proxy or certificate from the environment, no cookie;
* a path that is sent as it was built: where httpx would tidy it up, it is refused;
* at most so many at once, and so many a second, over all threads.

What is sent again (F01 to F08, F27):

* any request that was certainly not carried out: no connection, or 429;
* a GET also when its answer was lost or a 5xx;
* never a write that may have been carried out. That raises
  :class:`AmbiguousOutcome`, a 503 with ``Retry-After`` included, since the
  proxy that says so does not know either; whoever asked looks first.

Waits grow exponentially with full jitter. Each thread has a client of its own
with a single connection, which is several times faster than a shared pool
(performance.md, ingredient 6).
"""

from __future__ import annotations

import json
import logging
import random
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import httpcore
import httpx

from reconciler.diagnostics import printable
from reconciler.live.answer import Answer, read_body
from reconciler.live.auth import BearerAuth
from reconciler.live.deadline import Deadline, DeadlineBackend
from reconciler.live.pace import Pace
from reconciler.live.retry_after import retry_after
from reconciler.ports import Clock
from reconciler.scim.errors import (
    AmbiguousOutcome,
    TargetBroken,
    TargetError,
    TargetMisbehaved,
    TargetRefused,
    TargetUnreachable,
    TargetUntrusted,
    Throttled,
    refusal,
)

logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it writes whole URLs

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_RETRIED = (TargetUnreachable, Throttled, TargetBroken)
_HEADERS: Final = {
    "Accept": "application/scim+json, application/json;q=0.9",
    "Accept-Encoding": "identity",
    "Content-Type": "application/scim+json",
    "User-Agent": "scim-reconciler",
}


def full_jitter(upper: float) -> float:
    """Return a random wait below *upper*, so that many clients do not come back as one."""
    return random.SystemRandom().uniform(0, upper)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and numbers that bound a request."""

    connect_seconds: float = 10.0
    step_seconds: float = 30.0
    """Between two bytes of an answer."""
    total_seconds: float = 60.0
    """One attempt, from connecting to the last byte."""
    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 30.0
    """Of our own accord; a server may ask for more."""
    waiting_seconds: float = 300.0
    """All waits of one request together; a server that asks for more is not waited for."""


class _Request(NamedTuple):
    """A request as it is sent."""

    method: str
    name: str
    """What is asked, for messages: ``GET /Users``; without the query, which holds names."""
    raw_path: str
    content: bytes | None

    @property
    def reads(self) -> bool:
        return self.method == "GET"


class Transport:
    """Sends requests to one SCIM service; safe for threads."""

    def __init__(
        self,
        tenant_url: str,
        auth: BearerAuth,
        clock: Clock,
        *,
        rate_limit: float = 0,
        concurrency: int = 1,
        limits: Limits | None = None,
        jitter: Callable[[float], float] = full_jitter,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Prepare; nothing is sent yet.

        Args:
            tenant_url: Base URL, as :func:`reconciler.config.urls.tenant_url` returns it.
            auth: The credential.
            clock: Waits between attempts.
            rate_limit: Requests a second over all threads; 0 means no limit.
            concurrency: Requests in flight at the same time, over all threads.
            limits: Bounds of a request.
            jitter: Returns a wait between nothing and its argument.
            monotonic: Seconds that never go back.
        """
        self._base = httpx.URL(tenant_url)
        self._origin = str(self._base.copy_with(raw_path=b"/")).rstrip("/")
        self._prefix = self._base.raw_path.decode("ascii").rstrip("/")
        self._headers = {**_HEADERS, "Authorization": auth.header}
        self._limits = limits or Limits()
        self._jitter = jitter
        self._clock = clock
        self._monotonic = monotonic
        self._pace = Pace(rate_limit, monotonic, clock.sleep)
        self._slots = threading.BoundedSemaphore(concurrency)
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._own = threading.local()
        self._clients: list[httpx.Client] = []

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for client in self._clients:
                client.close()
            self._clients.clear()
            self._own = threading.local()

    def send(
        self,
        method: str,
        segments: Sequence[str],
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """
        Send one request, again where that is safe, and return the answer if it is a success.

        Args:
            method: GET, POST, PATCH or DELETE.
            segments: Parts of the path below the tenant URL, not quoted.
            query: Query parameters, not quoted.
            body: Sent as JSON.

        Raises:
            TargetError: Of the class that says what happened.
        """
        request = self._request(method, segments, query or {}, body)
        attempt, waited = 1, 0.0
        while True:
            self._pace.take()
            try:
                with self._slots:
                    return self._attempt(request)
            except _RETRIED as exc:
                wait = self._wait(attempt, exc)
                given_up = attempt >= self._limits.attempts or isinstance(exc, TargetUntrusted)
                if given_up or waited + wait > self._limits.waiting_seconds:
                    raise
            attempt, waited = attempt + 1, waited + wait
            self._clock.sleep(wait)

    def _wait(self, attempt: int, error: TargetError) -> float:
        """Return how long to wait after a failed attempt: what is asked for, or our own pace."""
        upper = min(self._limits.longest_wait, self._limits.first_wait * 2 ** (attempt - 1))
        asked = error.retry_after if isinstance(error, TargetRefused) else None
        return max(asked or 0.0, self._jitter(upper))

    def _request(
        self,
        method: str,
        segments: Sequence[str],
        query: Mapping[str, str],
        body: Mapping[str, Any] | None,
    ) -> _Request:
        """
        Quote and encode.

        Raises:
            TargetMisbehaved: A part of the path would change what is asked for (S11).
        """
        path = "".join(f"/{quote(segment, safe='')}" for segment in segments)
        asked = f"?{urlencode(query, quote_via=quote, safe='')}" if query else ""
        raw_path = f"{self._prefix}{path}{asked}"
        sent = httpx.URL(f"{self._origin}{raw_path}").raw_path
        if not all(segments) or sent != raw_path.encode("ascii"):
            raise TargetMisbehaved("the target gave out an id that cannot be part of a path")
        content = None if body is None else _encode(body)
        return _Request(method, f"{method} {printable(path)}", raw_path, content)

    def _attempt(self, request: _Request) -> Answer:
        """Send once; for a write, turn what leaves its outcome open into AmbiguousOutcome."""
        try:
            return self._exchange(request)
        except _NOT_SENT as exc:
            kind = TargetUntrusted if _is_tls(exc) else TargetUnreachable
            reason = printable(str(exc)) or "it took too long"
            raise kind(f"cannot connect to {self._origin}: {reason}") from exc
        except httpx.TransportError as exc:
            kind_of_loss = TargetUnreachable if request.reads else AmbiguousOutcome
            raise kind_of_loss(
                f"the answer of {self._origin} to {request.name} did not arrive: {_loss(exc)}"
            ) from exc
        except Throttled as exc:
            self._pause(exc)
            raise
        except TargetBroken as exc:
            self._pause(exc)
            if request.reads:
                raise
            raise AmbiguousOutcome(
                f"it is not known whether {request.name} was carried out: {exc}"
            ) from exc

    def _pause(self, error: TargetRefused) -> None:
        """Hold everybody back for as long as the server asks, within reason."""
        if error.retry_after is not None and error.retry_after <= self._limits.waiting_seconds:
            self._pace.pause(error.retry_after)

    def _exchange(self, request: _Request) -> Answer:
        """
        Send once and read the answer, within the deadline.

        Raises:
            httpx.TransportError: The connection failed.
            TargetRefused: The answer is an error.
            TargetMisbehaved: A redirect, or a body that cannot be read.
        """
        client, deadline = self._client()
        deadline.start(self._limits.total_seconds)
        url = f"{self._origin}{request.raw_path}"
        with client.stream(request.method, url, content=request.content) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            status, coding = response.status_code, headers.get("content-encoding", "")
            if 300 <= status < 400:
                raise TargetMisbehaved(
                    f"the target answered {request.name} with a redirect ({status}), "
                    "which is never followed: check `tenant_url`"
                )
            try:
                body = read_body(response.iter_raw(), coding, request.name)
            except TargetMisbehaved:
                if 200 <= status < 300 and request.reads:
                    raise
                body = b""  # the status says it all: an error, or a write that was carried out
        if not 200 <= status < 300:
            raise refusal(status, body, retry_after(headers), request.name)
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(request.name, status, media_type, body)

    def _client(self) -> tuple[httpx.Client, Deadline]:
        """Return this thread's client and its deadline; made on first use."""
        found: tuple[httpx.Client, Deadline] | None = getattr(self._own, "client", None)
        if found is None:
            deadline = Deadline(self._monotonic)
            found = self._own.client = (self._new_client(deadline), deadline)
        return found

    def _new_client(self, deadline: Deadline) -> httpx.Client:
        """Make a client with one connection that observes *deadline*."""
        with self._lock:
            if self._context is None:
                self._context = _tls_context(secure=self._base.scheme == "https")
            timeout = httpx.Timeout(self._limits.step_seconds, connect=self._limits.connect_seconds)
            client = httpx.Client(
                transport=_SingleConnection(self._context, deadline),
                headers=self._headers,
                timeout=timeout,
                follow_redirects=False,
                trust_env=False,
            )
            self._clients.append(client)
        return client


class _SingleConnection(httpx.HTTPTransport):
    """httpx's own transport over one connection whose socket observes a deadline."""

    def __init__(self, context: ssl.SSLContext, deadline: Deadline) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=1,
            max_keepalive_connections=1,
            keepalive_expiry=5.0,
            network_backend=DeadlineBackend(deadline),
        )


def _tls_context(*, secure: bool) -> ssl.SSLContext:
    """Return what TLS connections share; without TLS, one that trusts nobody and costs nothing."""
    if not secure:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _encode(body: Mapping[str, Any]) -> bytes:
    """Return *body* as JSON."""
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8")


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
