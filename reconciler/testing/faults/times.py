"""
Time: what is read is older, or newer, than what was written.

Rows F22, F23, F33 to F35 and F50 of the matrix. Time is counted in requests, so
that a test takes none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from reconciler.testing.exchange import HANG_UP, Reply, Request
from reconciler.testing.fault import (
    ANY,
    CHANGES,
    CREATES,
    DESCRIPTIONS,
    READS,
    WRITES,
    Act,
    Fault,
    Turn,
    Where,
    place_of,
)
from reconciler.testing.faults.bodies import changed

LAG: Final = 2
"""Reads that still show the state before."""
FOR_EVER: Final = 10**9


def _reads_of(path: str) -> Where:
    """Return the reads that would show the resource at *path*."""
    listing, _, resource_id = path.removeprefix("/").partition("/")

    def test(request: Request) -> bool:
        shown = request.resource_id in {"", resource_id}
        return READS.test(request) and request.endpoint == listing and shown

    return Where(f"reads that show {path}", test)


def _as_before(path: str, before: dict[str, Any] | None) -> Act:
    """Make an act that shows the resource at *path* as it was; None is not at all."""
    resource_id = path.rpartition("/")[2]

    def rows(page: dict[str, Any]) -> dict[str, Any]:
        shown = [before if row["id"] == resource_id else row for row in page.get("Resources", [])]
        there = [row for row in shown if row is not None]
        lost = len(shown) - len(there)
        return {**page, "Resources": there, "totalResults": page["totalResults"] - lost}

    def act(request: Request, turn: Turn) -> Reply:
        reply = turn.forward(request)
        if not reply.good:
            return reply
        if not request.resource_id:
            return reply.saying(rows(reply.json()))
        return Reply.error(404, "not there yet") if before is None else reply.saying(before)

    return act


def _lagging(reads: int, skipped: int = 0) -> Act:
    """Make an act after which so many reads show the state before, once *skipped* have not."""

    def act(request: Request, turn: Turn) -> Reply:
        before = turn.look(request, request.path)
        reply = turn.forward(request)
        if not reply.good:
            return reply
        path = place_of(request, reply)
        known = before.json() if request.method != "POST" and before.good else None
        old, where = _as_before(path, known), _reads_of(path)
        if not skipped:
            turn.afterwards(where, old, reads)
            return reply

        def fresh(following: Request, later: Turn) -> Reply:
            later.afterwards(where, old, reads)
            return later.forward(following)

        turn.afterwards(where, fresh, skipped)
        return reply

    return act


def _zombie(request: Request, turn: Turn) -> Reply:
    """Lose a write, and carry it out after the next request has been answered."""

    def late(following: Request, later: Turn) -> Reply:
        answer = later.forward(following)
        turn.forward(request)
        return answer

    turn.afterwards(ANY, late, 1)
    return Reply(wire=HANG_UP)


def _tagged(tag: Callable[[Turn, str | None], str | None]) -> Act:
    """Make an act that changes versions: the header, and `meta.version` of one resource."""

    def act(request: Request, turn: Turn) -> Reply:
        reply = turn.forward(request)
        said = reply.json() if reply.good else None
        if not isinstance(said, dict):
            return reply
        version = tag(turn, reply.headers.get("Etag"))
        headers = {name: value for name, value in reply.headers.items() if name != "Etag"}
        if version is not None:
            headers["Etag"] = version
        meta = {key: value for key, value in said.get("meta", {}).items() if key != "version"}
        if "id" in said:
            said = {**said, "meta": meta if version is None else {**meta, "version": version}}
        return replace(reply.saying(said), headers=headers)

    return act


def _blind(request: Request, turn: Turn) -> Reply:
    """Carry a write out whatever its If-Match says."""
    return turn.forward(request.without("if-match"))


def _always_stale(request: Request, turn: Turn) -> Reply:
    """Refuse whatever has an If-Match."""
    if "if-match" in request.headers:
        return Reply.error(412, "another version", "invalidVers")
    return turn.forward(request)


def _with_etags(reply: Reply) -> Reply:
    """Say that versions are supported."""
    said = reply.json()
    if not isinstance(said, dict) or "etag" not in said:
        return reply
    return reply.saying({**said, "etag": {"supported": True}})


def _without_patch(request: Request, turn: Turn) -> Reply:
    """Describe another service from the second time on."""
    reply = turn.forward(request)
    said = reply.json()
    if (
        request.endpoint != "ServiceProviderConfig"
        or turn.memory.setdefault("first", turn.nth) == turn.nth
    ):
        return reply
    return reply.saying({**said, "patch": {"supported": False}})


TIMES: Final = (
    Fault(
        "create-lag", "F33", f"a new resource is not shown for {LAG} reads", CREATES, _lagging(LAG)
    ),
    Fault(
        "create-never-shown", "F33", "a new resource is never shown", CREATES, _lagging(FOR_EVER)
    ),
    Fault(
        "change-lag", "F33 F34", f"a change is not shown for {LAG} reads", CHANGES, _lagging(LAG)
    ),
    Fault(
        "stale-replica",
        "F34",
        "a change is shown once, and the state before after that",
        CHANGES,
        _lagging(1, skipped=1),
    ),
    Fault(
        "late-commit",
        "F35",
        "no answer; carried out one request later",
        WRITES,
        _zombie,
        on_the_wire=True,
    ),
    Fault("no-etag", "F23", "no version, in no form", READS, _tagged(lambda turn, tag: None)),
    Fault(
        "weak-etag",
        "F23",
        "a weak version",
        READS,
        _tagged(
            lambda turn, tag: f'W/"{turn.nth}"' if tag is None else "W/" + tag.removeprefix("W/")
        ),
    ),
    Fault(
        "constant-etag",
        "F23",
        "the same version for everything",
        READS,
        _tagged(lambda turn, tag: 'W/"1"'),
    ),
    Fault(
        "restless-etag",
        "F23",
        "another version on each read",
        READS,
        _tagged(lambda turn, tag: f'W/"read-{turn.nth}"'),
    ),
    Fault("if-match-ignored", "F23", "If-Match is not looked at", WRITES, _blind),
    Fault("if-match-refused", "F22", "412 to whatever has an If-Match", WRITES, _always_stale),
    Fault(
        "etags-promised",
        "F23",
        "versions are said to be supported",
        DESCRIPTIONS,
        changed(_with_etags),
    ),
    Fault(
        "another-service",
        "F50",
        "the description of the service changes after the first look",
        DESCRIPTIONS,
        _without_patch,
    ),
)
"""The rows of this room."""
