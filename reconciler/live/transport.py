"""
One request to the target, sent again where that is safe.

What is sent again (reliability.md F01 to F08, F27):

* any request that was certainly not carried out: no connection, 429, or no
  token to be had for it;
* once, any request that was refused as unauthorized (401), if a fresh token can
  be had: such a request has not been carried out (RFC 9110, section 15.5.2);
* a GET also when its answer was lost or a 5xx;
* never a write that may have been carried out. That raises
  :class:`AmbiguousOutcome`, a 503 with ``Retry-After`` included, since the
  proxy that says so does not know either; whoever asked looks first.

Waits grow exponentially with full jitter; attempts and waits are bounded. When
the server says how long to wait, or that it was asked too often, everybody waits
(:mod:`reconciler.live.turns`). A path is sent as it was built: where the HTTP
client would tidy it up, nothing is sent (S11). One Transport serves one run.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from reconciler.diagnostics import printable
from reconciler.live.answer import MEDIA_TYPES, Answer
from reconciler.live.auth import Auth
from reconciler.live.connection import Connections, Lost, NotSent, Response, Road, Timeouts
from reconciler.live.quoting import quoted
from reconciler.live.turns import Going, Turns
from reconciler.ports import Budget, Clock
from reconciler.profiles.traffic import Limits
from reconciler.scim.errors import (
    AmbiguousOutcome,
    NotAuthorized,
    OnHold,
    Redirected,
    TargetBroken,
    TargetError,
    TargetMisbehaved,
    TargetRefused,
    TargetUnreachable,
    TargetUntrusted,
    Throttled,
    refusal,
)

_RETRIED = (TargetUnreachable, Throttled, TargetBroken)
_HEADERS: Final = {
    "Accept": "application/scim+json, application/json;q=0.9",
    "Accept-Encoding": "identity",
    "User-Agent": "scim-reconciler",
}
_VERSION: Final = re.compile(r"(?!\*$)[\x21-\x7e]{1,512}")
"""What is sent as a version: an entity tag, or what a service says in place of one; never ``*``."""


ATTEMPTS: Final = 5
"""How often a request is sent."""
FIRST_WAIT: Final = 0.5
"""Seconds before the second attempt, at most; doubled each time."""
LONGEST_WAIT: Final = 30.0
"""Seconds between two attempts, of our own accord; a server may ask for more."""


def full_jitter(upper: float) -> float:
    """Return a random wait below *upper*, so that many clients do not come back as one."""
    return random.SystemRandom().uniform(0, upper)


class _Request(NamedTuple):
    """A request as it is sent."""

    method: str
    name: str
    """What is asked, for messages: ``GET /Users``; without the query, which holds names."""
    raw_path: str
    content: bytes | None
    version: str | None
    """Of the resource that is meant, if any other must be left alone."""
    kind: str
    """What takes about as long: ``GET /Users/*``, and by which parameters."""


@dataclass(slots=True)
class _Tries:
    """What has become of one request so far."""

    made: int = 0
    """Attempts that failed."""
    waited: float = 0.0
    renewed: bool = False
    """Whether a fresh token was had for it."""


class _Unauthorized(Exception):
    """A request was refused for its credential, and not carried out."""

    def __init__(self, header: str, refusal: NotAuthorized) -> None:
        self.header = header
        self.refusal = refusal
        super().__init__("not authorized")


class Transport:
    """Sends requests to one SCIM service; safe for threads."""

    def __init__(
        self,
        tenant_url: str,
        auth: Auth,
        clock: Clock,
        *,
        rate_limit: float = 0,
        concurrency: int = 1,
        limits: Limits | None = None,
        road: Road | None = None,
        budget: Budget | None = None,
        timeouts: Timeouts | None = None,
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
            concurrency: Requests in flight at the same time at most, over all threads.
            limits: What is known of the pace of this kind of service.
            road: Whom to trust, and what to go through.
            budget: What other processes that ask the same host have a share in.
            timeouts: Bounds of one attempt.
            jitter: Returns a wait between nothing and its argument.
            monotonic: Seconds that never go back.
        """
        parts = urlsplit(tenant_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._prefix = parts.path.rstrip("/")
        self._auth = auth
        bounds, way = timeouts or Timeouts(), road or Road()
        self._connections = Connections(self._origin, _HEADERS, bounds, monotonic, way)
        self._jitter = jitter
        self._clock = clock
        known = limits or Limits()
        self._longest = known.max_wait_seconds
        self._turns = Turns(rate_limit, concurrency, known, monotonic, clock.sleep, budget)

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()
        self._auth.close()

    def hide(self, words: str) -> str:
        """Return a server's *words* without our secrets."""
        return self._auth.hidden_in(words)

    def send(
        self,
        method: str,
        segments: Sequence[str],
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        version: str | None = None,
    ) -> Answer:
        """
        Send one request, again where that is safe, and return the answer if it is a success.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            segments: Parts of the path below the tenant URL, not quoted.
            query: Query parameters, not quoted.
            body: Sent as JSON.
            version: Sent as `If-Match` (RFC 7644, section 3.14).

        Raises:
            TargetError: Of the class that says what happened.
        """
        request = self._request(method, segments, query or {}, body, version)
        tries = _Tries()
        while True:
            with self._turns.next() as going:
                found = self._try(request, going, tries)
            if isinstance(found, Answer):
                return found
            if found:
                self._clock.sleep(found)

    def _try(self, request: _Request, going: Going, tries: _Tries) -> Answer | float:
        """
        Send once; return the answer, or how long to wait before the request is sent again.

        What the target asks for is heeded here, while nobody else has this place.
        """
        try:
            return self._attempt(request, going)
        except _Unauthorized as exc:
            if tries.renewed or not self._auth.renew(exc.header):
                raise exc.refusal from None
            tries.renewed = True
            return 0.0
        except AmbiguousOutcome as exc:
            if exc.answer is not None:
                with suppress(OnHold):  # said by the next request; this one is in doubt
                    self._turns.heed(exc.answer, exc.answer.retry_after or 0.0, tries.waited)
            raise
        except _RETRIED as exc:
            wait = self._wait(tries.made, exc)
            self._turns.heed(exc, wait, tries.waited)
            tries.made, tries.waited = tries.made + 1, tries.waited + wait
            hopeless = tries.made >= ATTEMPTS or isinstance(exc, TargetUntrusted)
            if hopeless or tries.waited > self._longest:
                raise
            return wait

    def _wait(self, tried: int, error: TargetError) -> float:
        """Return how long to wait after a failed attempt: what is asked for, or our own pace."""
        upper = min(LONGEST_WAIT, FIRST_WAIT * 2**tried)
        asked = error.retry_after if isinstance(error, TargetRefused) else None
        return max(asked or 0.0, self._jitter(upper))

    def _request(
        self,
        method: str,
        segments: Sequence[str],
        query: Mapping[str, str],
        body: Mapping[str, Any] | None,
        version: str | None,
    ) -> _Request:
        """
        Quote and encode.

        Raises:
            TargetMisbehaved: A part of the path would change what is asked for (S11),
                or the version is none that a header can hold.
        """
        path = "".join(f"/{quoted(segment)}" for segment in segments)
        told = (f"{quoted(name)}={quoted(value)}" for name, value in query.items())
        asked = f"?{'&'.join(told)}" if query else ""
        raw_path = f"{self._prefix}{path}{asked}"
        if not all(segments) or not self._connections.will_send(raw_path):
            raise TargetMisbehaved("the target gave out an id that cannot be part of a path")
        if version is not None and not _VERSION.fullmatch(version):
            raise TargetMisbehaved(
                "the target gave a resource a version that cannot be sent as `If-Match`; "
                "`concurrency: {etag: never}` in its profile does without"
            )
        content = None if body is None else json.dumps(body, allow_nan=False).encode("ascii")
        name = f"{method} {printable(path)}"
        kind = " ".join([method, segments[0], "*" * (len(segments) - 1), *sorted(query)])
        return _Request(method, name, raw_path, content, version, kind)

    def _attempt(self, request: _Request, going: Going) -> Answer:
        """Send once; for a write, what leaves its outcome open is AmbiguousOutcome."""
        authorization = self._auth.header()  # what goes wrong here leaves nothing open
        try:
            return self._once(request, authorization, going)
        except NotAuthorized as exc:
            if exc.status == 401:
                raise _Unauthorized(authorization, exc) from None
            raise

    def _once(self, request: _Request, authorization: str, going: Going) -> Answer:
        """Send with this ``Authorization`` header, and judge the answer."""
        unsure = TargetUnreachable if request.method == "GET" else AmbiguousOutcome
        try:
            return self._judge(request, self._exchange(request, authorization, going))
        except NotSent as exc:
            raise self._connections.unreachable(exc) from exc
        except Lost as exc:
            raise unsure(
                f"the answer of {self._origin} to {request.name} did not arrive: {exc}"
            ) from exc
        except TargetBroken as exc:
            if request.method == "GET":
                raise
            raise AmbiguousOutcome(f"nobody knows whether it was carried out: {exc}", exc) from exc

    def _exchange(self, request: _Request, authorization: str, going: Going) -> Response:
        """Send, and learn from the answer how much the target bears."""
        headers = {"Authorization": authorization}
        if request.content is not None:
            headers["Content-Type"] = "application/scim+json"
        if request.version is not None:
            headers["If-Match"] = request.version
        sent = request.method, request.name, request.raw_path, request.content
        response = self._connections.exchange(*sent, headers)
        self._turns.learn(going, request.kind, response)
        return response

    def _judge(self, request: _Request, response: Response) -> Answer:
        """
        Return the answer if it is a success.

        Raises:
            Redirected: It is a redirect.
            TargetRefused: It is an error.
        """
        status, headers = response.status, response.headers
        if 300 <= status < 400:
            raise Redirected(
                f"the target answered {request.name} with a redirect ({status}), "
                "which is never followed: check `tenant_url`"
            )
        if not 200 <= status < 300:
            wait, hide = self._turns.asked(status, headers), self._auth.hidden_in
            raise refusal(status, response.body, wait, request.name, hide)
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in MEDIA_TYPES:  # it may come to be quoted; these hold no secret
            media_type = self._auth.hidden_in(media_type)
        return Answer(request.name, status, media_type, response.body)
