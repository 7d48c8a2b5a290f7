"""
An access token that is fetched when it is needed, and renewed before it is over.

Four rules:

1. The token is in memory and nowhere else: each run fetches its own.
2. It is given up a little before it is over, so that no request starts with a
   token that ends on the way; and when the target refuses it, whatever its
   endpoint said (a key was rolled, a session revoked).
3. One fetch at a time. Who needs the token meanwhile waits, and has what the
   fetch came to, its failure included: an endpoint that is down is not asked
   once per worker.
4. What fails here has sent nothing to the target. So it is an error of the road
   (sent again, for a write too) or of the credential (ends the run), and never
   leaves a write in doubt.

Called by :mod:`reconciler.live.transport`, as any :class:`reconciler.live.auth.Auth`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

from reconciler.live.hiding import hide
from reconciler.live.token_endpoint import Token
from reconciler.ports import Clock
from reconciler.scim.errors import TargetError

MARGIN: Final = 60
"""Seconds before its end at which a token is given up; half its life, if that is less."""

LONGEST: Final = 24 * 60 * 60
"""Seconds for which a token is used at most, whatever its endpoint says."""

REMEMBERED: Final = 16
"""Old tokens that are still taken out of a server's words: answers can be late."""


class _Held(NamedTuple):
    """A token at hand."""

    header: str
    until: datetime | None
    """When to give it up; None when only the target knows."""


class OAuth:
    """A credential that renews itself; safe for threads."""

    def __init__(
        self,
        fetch: Callable[[], Token],
        clock: Clock,
        secrets: Sequence[str],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        """
        Prepare; nothing is fetched yet.

        Args:
            fetch: Gets a token, or raises TargetError.
            clock: Says when a token is over.
            secrets: Spellings of the client's own secret.
            close: Called when the credential is used no more.
        """
        self._fetch = fetch
        self._clock = clock
        self._secrets = tuple(secrets)
        self._close = close
        self._given: tuple[str, ...] = ()
        self._lock = Lock()
        self._held: _Held | None = None
        self._fetches = 0
        self._failure: TargetError | None = None

    def header(self) -> str:
        """
        Return the header with a token that is still good, fetched if need be.

        Raises:
            TokenRefused: The endpoint gives this client none.
            TargetError: The endpoint gives none now, or none that can be used.
        """
        before = self._fetches
        held = self._good()
        if held is not None:
            return held
        with self._lock:
            held = self._good()
            if held is not None:
                return held
            if self._fetches != before and self._failure is not None:
                raise self._failure  # of the fetch that was waited for
            return self._fetched()

    def renew(self, refused: str) -> bool:
        """Give up the token that was *refused*, unless another has come meanwhile."""
        with self._lock:
            if self._held is not None and self._held.header == refused:
                self._held = None
        return True

    def hidden_in(self, words: str) -> str:
        """Return *words* without the client's secret, and without any token that was given out."""
        return hide(words, (*self._secrets, *self._given))

    def close(self) -> None:
        """Close the connection to the endpoint."""
        self._close()

    def _good(self) -> str | None:
        """Return the header at hand, if its token is still good."""
        held = self._held
        if held is None or (held.until is not None and self._clock.now() >= held.until):
            return None
        return held.header

    def _fetched(self) -> str:
        """Fetch a token and keep it; the lock is held."""
        asked, self._failure = self._clock.now(), None
        try:
            token = self._fetch()
        except TargetError as exc:
            self._failure = exc
            raise
        finally:
            self._fetches += 1
        self._given = (*self._given, *token.auth.secrets)[-REMEMBERED:]
        held = self._held = _Held(token.auth.header(), _until(asked, token.seconds))
        return held.header


def _until(asked: datetime, seconds: int | None) -> datetime | None:
    """Return when a token of *seconds*, fetched at *asked*, is given up."""
    if seconds is None:
        return None
    life = min(seconds, LONGEST)
    return asked + timedelta(seconds=life - min(MARGIN, life / 2))
