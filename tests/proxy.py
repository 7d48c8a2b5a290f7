"""A service behind something that keeps every request: who wrote what, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from reconciler.testing import Reply, Request
from tests.servers import FaultServer

PASSED_ON = ("accept", "authorization", "content-type", "if-match", "if-none-match")


@contextmanager
def recorded(url: str) -> Iterator[FaultServer]:
    """Put a proxy in front of the service at *url*; its `requests` are what came through."""
    with httpx.Client(timeout=60) as client, FaultServer(answer=forwarding(client, url)) as server:
        yield server


def forwarding(client: httpx.Client, url: str) -> Callable[[Request], Reply]:
    """Return what hands a request on, and its answer back."""

    def answer(seen: Request) -> Reply:
        found = client.request(
            seen.method,
            url + seen.path,
            params=dict(seen.query),
            content=seen.body,
            headers={name: seen.headers[name] for name in PASSED_ON if name in seen.headers},
        )
        media_type = found.headers.get("Content-Type")
        kept = {name: found.headers[name] for name in ("ETag", "Location") if name in found.headers}
        return Reply(found.content, found.status_code, media_type, kept)

    return answer
