"""
Everything that a server can do wrong with its list of users, by name.

Each fault changes what an honest :class:`tests.servers.FaultServer` would answer
to a request for /Users.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.servers import Fault, Reply, Seen, listing, users


def _rows(change: Callable[[Seen, dict[str, Any]], Any]) -> Fault:
    """Make a fault that changes the ListResponse."""

    def fault(seen: Seen, honest: Reply) -> Reply:
        return Reply.of(change(seen, honest.json())) if honest.status == 200 else honest

    return fault


def _instead(reply: Reply) -> Fault:
    """Make a fault that answers with *reply*, whatever is asked."""
    return lambda seen, honest: reply


def _with_first_id(value: Any) -> Fault:
    """Make a fault that gives the first resource of each page another id."""

    def change(seen: Seen, page: dict[str, Any]) -> dict[str, Any]:
        for row in page["Resources"][:1]:
            row["id"] = value
        return page

    return _rows(change)


def _overlapping(seen: Seen, honest: dict[str, Any]) -> dict[str, Any]:
    """Begin each page one too early (wso2#9957)."""
    start = int(seen.query.get("startIndex", "1"))
    rows = users(7)[max(0, start - 2) :][: int(seen.query.get("count", "100"))]
    return listing(rows, 7)


def redirect_to(url: str, status: int = 302) -> Fault:
    """Make a fault that sends the client elsewhere."""
    return _instead(Reply(b"", status, None, {"Location": url}))


def throttled(times: int, headers: Mapping[str, str], status: int = 429) -> Fault:
    """Make a fault that refuses the first *times* requests, and is honest then."""

    def fault(seen: Seen, honest: Reply) -> Reply:
        refused = Reply(b"slow down", status, "text/plain", headers)
        return refused if seen.count <= times else honest

    return fault


HTML = Reply(b"<html><body>Please sign in, SECRET</body></html>", 200, "text/html; charset=utf-8")

FAULTS: dict[str, Fault] = {
    "html": _instead(HTML),
    "html-that-claims-to-be-json": _instead(replace(HTML, media_type="application/json")),
    "unauthorized": _instead(Reply.of({"detail": "token expired"}, 401)),
    "forbidden": _instead(Reply.of({"detail": "not yours"}, 403)),
    "not-found": _instead(replace(HTML, status=404)),
    "broken": _instead(replace(HTML, status=503)),
    "no-content": _instead(Reply(b"", 204, None)),
    "partial-content": lambda seen, honest: replace(honest, status=206),
    "empty-body": _instead(Reply(b"")),
    "empty-object": _instead(Reply.of({})),
    "null": _instead(Reply.of(None)),
    "bare-list": _rows(lambda seen, page: page["Resources"]),
    "wrong-schema": _rows(lambda seen, page: {**page, "schemas": ["urn:example:List"]}),
    "no-resources": _rows(lambda seen, page: {k: v for k, v in page.items() if k != "Resources"}),
    "plain-text": lambda seen, honest: replace(honest, media_type="text/plain"),
    "no-media-type": lambda seen, honest: replace(honest, media_type=None),
    "repeated-key": lambda seen, honest: replace(
        honest, body=honest.body.replace(b'"active": true', b'"active": true, "active": false')
    ),
    "truncated": lambda seen, honest: replace(honest, cut_after=len(honest.body) // 2),
    "cut-off-json": lambda seen, honest: replace(honest, body=honest.body[: len(honest.body) // 2]),
    "hang-up": _instead(Reply(hang_up=True)),
    "total-too-low": _rows(lambda seen, page: {**page, "totalResults": 4}),
    "total-too-high": _rows(lambda seen, page: {**page, "totalResults": 9}),
    "total-is-the-page": _rows(lambda seen, page: {**page, "totalResults": len(page["Resources"])}),
    "total-changes": _rows(lambda seen, page: {**page, "totalResults": 6 + seen.count}),
    "no-total": _rows(lambda seen, page: {k: v for k, v in page.items() if k != "totalResults"}),
    "repeating-page": _rows(lambda seen, page: listing(users(3), 7)),
    "overlapping-pages": _rows(_overlapping),
    "gap-between-pages": _rows(
        lambda seen, page: {**page, "Resources": page["Resources"][: 3 if seen.count == 1 else 1]}
    ),
    "empty-id": _with_first_id(""),
    "no-id": _with_first_id(None),
    "numeric-id": _with_first_id(7),
    "dot-dot-id": _with_first_id(".."),
    "path-id": _with_first_id("../Groups/g1"),
    "gzip-bomb": _instead(
        Reply(gzip.compress(b" " * (64 * 2**20)), headers={"Content-Encoding": "gzip"})
    ),
    "double-gzip": lambda seen, honest: replace(
        honest,
        body=gzip.compress(gzip.compress(honest.body)),
        headers={"Content-Encoding": "gzip, gzip"},
    ),
    "oversized": lambda seen, honest: replace(honest, body=honest.body + b" " * (9 * 2**20)),
    "deep": _instead(Reply(b'{"a":' * 100 + b"1" + b"}" * 100)),
    "very-deep": _instead(Reply(b"[" * 200_000)),
    "slow-body": lambda seen, honest: replace(honest, drip=0.05),
    "slow-head": lambda seen, honest: replace(honest, drip_headers=0.05),
}
"""Faults of /Users by name; `redirect_to` and `throttled` make more."""
