"""
Bodies: a success that is not what it says it is.

Rows F10, F12 and F13 of the matrix, and the sizes and packings that break a
client (packed bombs, bodies without end, nesting).
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, Final

from reconciler.testing.exchange import Reply, Request
from reconciler.testing.fault import CHANGES, CREATES, READS, USER_READS, WRITES, Act, Fault, Turn
from reconciler.testing.faults.statuses import refused

SIGN_IN: Final = Reply(b"<html><body>Please sign in</body></html>", 200, "text/html; charset=utf-8")
"""What a proxy answers with in place of the service."""

BOMB_BYTES: Final = 64 * 2**20
OVERSIZE_BYTES: Final = 9 * 2**20

Change = Callable[[Reply], Reply]


def changed(change: Change) -> Act:
    """Make an act that changes the answer to what succeeded."""

    def act(request: Request, turn: Turn) -> Reply:
        reply = turn.forward(request)
        return change(reply) if reply.good else reply

    return act


def _of_value(change: Callable[[Any], Any]) -> Act:
    """Make an act that changes the JSON of an answer."""
    return changed(lambda reply: reply.saying(change(reply.json())))


def _repeated_key(reply: Reply) -> Reply:
    """Say twice, and differently, whether somebody is active."""
    twice = reply.body.replace(b'"active": true', b'"active": true, "active": false')
    return replace(reply, body=twice)


def _without_resources(page: Any) -> Any:
    """Drop the rows of a listing; a resource becomes an empty object."""
    return {key: value for key, value in page.items() if key in {"schemas", "totalResults"}}


def _packed(times: int) -> Change:
    """Pack the body in gzip so many times."""

    def change(reply: Reply) -> Reply:
        body = reply.body
        for _ in range(times):
            body = gzip.compress(body)
        coding = ", ".join(["gzip"] * times)
        return replace(reply, body=body, headers={**reply.headers, "Content-Encoding": coding})

    return change


@cache
def _bomb() -> Reply:
    """Return a few bytes that unpack to very many."""
    return Reply(gzip.compress(b" " * BOMB_BYTES), headers={"Content-Encoding": "gzip"})


def _another(request: Request, turn: Turn) -> Reply:
    """Answer a read by id with the first resource that has another id."""
    if not request.resource_id:
        return turn.forward(request)
    rows = (turn.look(request, f"/{request.endpoint}").json() or {}).get("Resources") or []
    others = [row for row in rows if row.get("id") != request.resource_id]
    return Reply.of(others[0]) if others else turn.forward(request)


_READS: Final[tuple[tuple[str, str, str, Act], ...]] = (
    ("html", "F12", "200 with an HTML page", refused(SIGN_IN)),
    (
        "html-as-json",
        "F12",
        "200 with an HTML page that claims to be SCIM",
        refused(replace(SIGN_IN, media_type="application/scim+json")),
    ),
    (
        "plain-text",
        "F12",
        "the right body as text/plain",
        changed(lambda reply: replace(reply, media_type="text/plain")),
    ),
    (
        "no-media-type",
        "F12",
        "the right body without a Content-Type",
        changed(lambda reply: replace(reply, media_type=None)),
    ),
    (
        "empty-body",
        "F12",
        "200 with an empty body",
        changed(lambda reply: replace(reply, body=b"")),
    ),
    ("empty-object", "F12", "200 with {}", refused(Reply.of({}))),
    ("null", "F12", "200 with null", refused(Reply.of(None))),
    ("empty-list", "F12", "200 with []", refused(Reply.of([]))),
    (
        "wrong-schema",
        "F12",
        "200 with the URN of another message",
        _of_value(lambda said: {**said, "schemas": ["urn:example:Other"]}),
    ),
    (
        "no-resources",
        "F12",
        "200 with a listing whose Resources are missing",
        _of_value(_without_resources),
    ),
    (
        "repeated-key",
        "F12",
        "an object that says `active` twice, differently",
        changed(_repeated_key),
    ),
    (
        "cut-off-json",
        "F10",
        "half of a JSON document, with the length of that half",
        changed(lambda reply: replace(reply, body=reply.body[: len(reply.body) // 2])),
    ),
    (
        "not-utf-8",
        "F12",
        "a body that is not UTF-8",
        changed(lambda reply: replace(reply, body=reply.body + b"\xff")),
    ),
    (
        "nan",
        "F12",
        "a body with NaN, which is not JSON",
        changed(lambda reply: replace(reply, body=b'{"a": NaN}')),
    ),
    ("no-content", "F13", "204 in place of 200", refused(Reply(status=204, media_type=None))),
    (
        "partial-content",
        "F13",
        "206 in place of 200",
        changed(lambda reply: replace(reply, status=206)),
    ),
    (
        "deep",
        "F12",
        "JSON that is nested 100 deep",
        refused(Reply(b'{"a":' * 100 + b"1" + b"}" * 100)),
    ),
    ("very-deep", "F12", "JSON that is nested 200,000 deep", refused(Reply(b"[" * 200_000))),
    (
        "gzip",
        "F12",
        "a body packed once, though nobody asked for it",
        changed(_packed(1)),
    ),
    ("double-gzip", "F12", "gzip inside gzip", changed(_packed(2))),
    (
        "gzip-bomb",
        "F12",
        "a few kilobytes that unpack to 64 MiB",
        lambda request, turn: _bomb(),
    ),
    (
        "oversized",
        "F12",
        "a body with nine megabytes of blanks behind it",
        changed(lambda reply: replace(reply, body=reply.body + b" " * OVERSIZE_BYTES)),
    ),
)
"""Answers to reads: name, matrix, sentence, act."""


BODIES: Final = (
    *(Fault(name, matrix, does, READS, act) for name, matrix, does, act in _READS),
    Fault(
        "create-without-body",
        "F12",
        "201 without a body and without Location",
        CREATES,
        changed(lambda reply: Reply(status=201, media_type=None)),
    ),
    Fault(
        "create-with-html",
        "F12",
        "a create that was carried out is answered with an HTML page",
        CREATES,
        changed(lambda reply: SIGN_IN),
    ),
    Fault(
        "create-without-id",
        "F46",
        "a new resource without its id",
        CREATES,
        _of_value(lambda made: {key: value for key, value in made.items() if key != "id"}),
    ),
    Fault(
        "create-with-path-id",
        "F46",
        "a new resource whose id is ../Groups/x",
        CREATES,
        _of_value(lambda made: {**made, "id": "../Groups/x"}),
    ),
    Fault(
        "change-with-html",
        "F12",
        "a change that was carried out is answered with an HTML page",
        CHANGES,
        changed(lambda reply: SIGN_IN),
    ),
    Fault(
        "write-with-html-instead",
        "F12 F30",
        "200 with an HTML page to a write that never arrived",
        WRITES,
        refused(SIGN_IN),
    ),
    Fault(
        "another-resource",
        "F44",
        "a read of one user is answered with another user",
        USER_READS,
        _another,
    ),
)
"""The rows of this room."""
