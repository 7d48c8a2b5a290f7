"""
Notices by a signed request: one POST of JSON.

The signature is the HMAC-SHA256 of the body with the shared secret (RFC 2104), so that
whoever is told can tell our notices from others; the body holds its time. The road is as
strict as the one to a target (:mod:`reconciler.live.connection`): no redirect, no proxy, no
certificate from the environment, TLS 1.2 at least.
"""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

from reconciler.live.connection import Connections, Lost, Road, Timeouts
from reconciler.live.connection import NotSent as NoConnection
from reconciler.notify.bounded import SECONDS, within
from reconciler.notify.letter import body
from reconciler.plan.notices import Notice
from reconciler.ports import NotTold

SIGNATURE = "X-Reconciler-Signature"
"""Header that holds ``sha256=`` and the signature in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Tells a program; implements :class:`reconciler.ports.Notifier`."""

    url: str
    secret: str = field(repr=False)
    seconds: float = SECONDS

    def send(self, notice: Notice) -> None:
        """
        Post the notice.

        Raises:
            NotTold: There was no answer, or another than 2xx.
        """
        within(self.seconds, lambda: self._post(body(notice)))

    def _post(self, content: bytes) -> None:
        parts = urlsplit(self.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        timeouts = Timeouts(self.seconds, self.seconds, self.seconds)
        connections = Connections(origin, {}, timeouts, time.monotonic, Road())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "scim-reconciler",
            SIGNATURE: signature(self.secret, content),
        }
        try:
            answer = connections.exchange("POST", "the notice", parts.path or "/", content, headers)
        except NoConnection as exc:
            raise NotTold(f"cannot connect to {origin}: {exc}") from exc
        except Lost as exc:
            raise NotTold(f"{origin} did not answer: {exc}") from exc
        finally:
            connections.close()
        if not 200 <= answer.status < 300:
            raise NotTold(f"{origin} answered {answer.status}")


def signature(secret: str, content: bytes) -> str:
    """Return what goes into the header of a body."""
    return f"sha256={hmac.new(secret.encode(), content, sha256).hexdigest()}"
