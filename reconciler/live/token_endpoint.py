"""
One request for an access token: OAuth 2.0, client credentials (RFC 6749, section 4.4).

The endpoint is judged as strictly as the target: no redirect, JSON in one sense
only, a token of the type that we know how to use, within the same bounds of
time and size. It is asked once; sending again is the business of
:mod:`reconciler.live.transport`, which may do so whatever the token is for,
because a request for a token changes nothing.

Called by :mod:`reconciler.live.oauth`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus, urlencode, urlsplit

from reconciler.config.authentication import Authentication
from reconciler.diagnostics import ConfigError, printable
from reconciler.live import strict_json
from reconciler.live.auth import BearerAuth, basic_credentials, plain_secret
from reconciler.live.connection import Connections, Lost, NotSent, Response, Road, Timeouts
from reconciler.live.hiding import hide
from reconciler.live.retry_after import retry_after
from reconciler.scim.errors import (
    DETAIL_LIMIT,
    NotAuthorized,
    Redirected,
    TargetBroken,
    TargetMisbehaved,
    TargetUnreachable,
    Throttled,
)

_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "scim-reconciler",
}
_NAME: Final = "the request for a token"
_SECONDS: Final = re.compile(r"[0-9]{1,15}")


class TokenRefused(NotAuthorized):
    """The token endpoint gives this client no token."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(401, words)  # to the journal it is a lack of rights, whatever the number
        self.args = (f"the token endpoint answered {status}: {words}",)


class Token(NamedTuple):
    """What the endpoint gave out."""

    auth: BearerAuth
    seconds: int | None
    """How long it is good for; None when the endpoint does not say."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Everything that is sent for a token."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    """Every spelling of the client's secret that an answer could repeat."""

    @classmethod
    def of(cls, auth: Authentication, secret: str) -> TokenRequest:
        """
        Put the request together.

        In the header, id and secret are form-encoded before they become Basic
        credentials (RFC 6749, section 2.3.1); some endpoints read the body only.

        Args:
            auth: Of ``kind: oauth``, with all that it needs.
            secret: The client's; a single line break at its end is dropped.

        Raises:
            ConfigError: Code ``bad-secret``.
        """
        name, bare = auth.client_id or "", plain_secret(secret, "a client secret")
        pair = basic_credentials(quote_plus(name), quote_plus(bare))
        form = {"grant_type": "client_credentials", "scope": auth.scope, "audience": auth.audience}
        headers = dict(_HEADERS)
        if auth.credentials_in == "header":
            headers["Authorization"] = f"Basic {pair}"
        else:
            form |= {"client_id": name, "client_secret": bare}
        content = urlencode({key: text for key, text in form.items() if text is not None})
        secrets = (bare, quote_plus(bare), pair)
        return cls(auth.token_url or "", headers, content.encode("ascii"), secrets)


class TokenEndpoint:
    """Gives out tokens; safe for threads."""

    def __init__(
        self,
        request: TokenRequest,
        timeouts: Timeouts,
        monotonic: Callable[[], float],
        road: Road,
    ) -> None:
        """Prepare; nothing is sent yet."""
        parts = urlsplit(request.url)
        self._request = request
        self._path = parts.path or "/"
        origin = f"{parts.scheme}://{parts.netloc}"
        self._connections = Connections(origin, {}, timeouts, monotonic, road)

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()

    def fetch(self) -> Token:
        """
        Ask once for a token.

        Raises:
            TokenRefused: The endpoint does not know this client, or does not want it here.
            TargetUnreachable, Throttled, TargetBroken: It may be had another time.
            TargetMisbehaved: The answer is none.
        """
        request = self._request
        try:
            response = self._connections.exchange(
                "POST", _NAME, self._path, request.content, request.headers
            )
        except NotSent as exc:
            raise self._connections.unreachable(exc) from exc
        except Lost as exc:
            raise TargetUnreachable(f"the answer to {_NAME} did not arrive: {exc}") from exc
        if response.status != 200:
            raise self._refusal(response)
        return _token(response.body)

    def _refusal(self, response: Response) -> Exception:
        """Choose the error for an answer that holds no token."""
        status = response.status
        if 300 <= status < 400:
            return Redirected(
                f"the token endpoint answered with a redirect ({status}), which is never "
                "followed: check `token_url`"
            )
        words = self._words(response.body)
        if status == 429:
            return Throttled(status, words, retry_after(response.headers, status), None, _NAME)
        if status >= 500:
            return TargetBroken(status, words, retry_after(response.headers, status), None, _NAME)
        if status >= 400:
            return TokenRefused(status, words)
        return TargetMisbehaved(f"the token endpoint answered {status}, where 200 was expected")

    def _words(self, body: bytes) -> str:
        """Return what the endpoint says of an error (RFC 6749, section 5.2), cut, and no secret."""
        try:
            said = strict_json.parse(body)
        except strict_json.StrictJsonError:
            said = None
        found = said if isinstance(said, dict) else {}
        texts = [found.get(key) for key in ("error", "error_description")]
        words = ": ".join(text for text in texts if isinstance(text, str) and text.strip())
        shown = " ".join(hide(words, self._request.secrets).split())[:DETAIL_LIMIT]
        return printable(shown) or "no reason given"


def _token(body: bytes) -> Token:
    """
    Read a successful answer (RFC 6749, section 5.1).

    Raises:
        TargetMisbehaved: It is something else; the message holds nothing of it.
    """
    try:
        said = strict_json.parse(body)
    except strict_json.StrictJsonError as exc:
        raise _unusable(str(exc)) from exc
    if not isinstance(said, dict):
        raise _unusable("it is no JSON object")
    kind, text = said.get("token_type"), said.get("access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise _unusable("its `token_type` is not Bearer")
    if not isinstance(text, str):
        raise _unusable("it has no `access_token`")
    try:
        return Token(BearerAuth.of(text), _seconds(said.get("expires_in")))
    except ConfigError as exc:
        raise _unusable("its `access_token` cannot be one") from exc


def _seconds(stated: Any) -> int | None:
    """
    Return ``expires_in``; some endpoints write the number as text.

    Raises:
        TargetMisbehaved: It is no number, or not above zero.
    """
    if stated is None:
        return None
    text = "" if isinstance(stated, bool) else str(stated)
    if not _SECONDS.fullmatch(text) or int(text) == 0:
        raise _unusable("its `expires_in` is no number of seconds")
    return int(text)


def _unusable(why: str) -> TargetMisbehaved:
    """Say that an answer is not one."""
    return TargetMisbehaved(f"the answer to {_NAME} cannot be used: {why}; check `token_url`")
