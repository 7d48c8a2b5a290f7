"""
The wire: what the network does to an answer, before and after the effect.

Rows F06 to F10 and F27 of the matrix. All need :meth:`FaultyScim.serve`, since
WSGI has no word for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from reconciler.testing.exchange import HANG_UP, RESET, Reply, Request, Wire
from reconciler.testing.fault import ANY, READS, REUSED_WRITES, WRITES, Act, Fault, Turn
from reconciler.testing.faults.bodies import changed
from reconciler.testing.faults.statuses import refused

DRIP: Final = 0.05
"""Seconds between two bytes."""
HEAD_BYTES: Final = 25
"""Bytes of half a head: the status line, and a piece of a header."""


def _sent(wire: Wire) -> Act:
    """Make an act that sends the right answer in a wrong way."""
    return changed(lambda reply: replace(reply, wire=wire))


def _half(reply: Reply) -> Reply:
    """Close after half of the body."""
    return replace(reply, wire=Wire(cut_after=len(reply.head()) + len(reply.body) // 2))


def _lying_length(by: int) -> Callable[[Reply], Reply]:
    """State a length that is wrong by so many bytes, and close."""

    def change(reply: Reply) -> Reply:
        headers = {**reply.headers, "Content-Length": str(len(reply.body) + by)}
        return replace(reply, headers=headers, wire=Wire(close=True))

    return change


def _bad_chunk(reply: Reply) -> Reply:
    """Send the body in chunks, and a length of the second one that is no number."""
    half = len(reply.body) // 2
    body = b"%x\r\n%s\r\nzz\r\n%s" % (half, reply.body[:half], reply.body[half:])
    headers = {**reply.headers, "Transfer-Encoding": "chunked"}
    return replace(reply, body=body, headers=headers, wire=Wire(close=True))


def _after(wire: Wire) -> Act:
    """Make an act that carries a request out, and then fails the answer."""

    def act(request: Request, turn: Turn) -> Reply:
        return replace(turn.forward(request), wire=wire)

    return act


_ANYTHING: Final[tuple[tuple[str, str, str, Act], ...]] = (
    (
        "hang-up",
        "F06",
        "closed without an answer; nothing was done",
        refused(Reply(wire=HANG_UP)),
    ),
    ("reset", "F06", "reset without an answer; nothing was done", refused(Reply(wire=RESET))),
    (
        "silent",
        "F08",
        "no answer, ever; nothing was done",
        refused(Reply(wire=Wire(silent=True))),
    ),
)

_READS: Final[tuple[tuple[str, str, str, Act], ...]] = (
    ("slow-head", "F09", "the head, byte by byte", _sent(Wire(drip_head=DRIP))),
    ("slow-body", "F09", "the body, byte by byte", _sent(Wire(drip_body=DRIP))),
    ("half-head", "F10", "half a head, then closed", _sent(Wire(cut_after=HEAD_BYTES))),
    ("half-body", "F10", "half a body, then closed", changed(_half)),
    (
        "length-too-high",
        "F10",
        "a Content-Length larger than the body",
        changed(_lying_length(9)),
    ),
    (
        "length-too-low",
        "F10",
        "a Content-Length smaller than the body",
        changed(_lying_length(-9)),
    ),
    ("bad-chunk", "F10", "a chunk whose length is no number", changed(_bad_chunk)),
)

_WRITES: Final[tuple[tuple[str, str, str, Act], ...]] = (
    ("lost-answer", "F07", "carried out, then closed without an answer", _after(HANG_UP)),
    ("reset-after-commit", "F07", "carried out, then reset without an answer", _after(RESET)),
    (
        "silent-after-commit",
        "F08",
        "carried out, and no answer, ever",
        _after(Wire(silent=True)),
    ),
    (
        "half-head-after-commit",
        "F07 F10",
        "carried out; half a head, then closed",
        _after(Wire(cut_after=HEAD_BYTES)),
    ),
)

WIRES: Final = (
    *(
        Fault(name, matrix, does, ANY, act, on_the_wire=True)
        for name, matrix, does, act in _ANYTHING
    ),
    *(
        Fault(name, matrix, does, READS, act, on_the_wire=True)
        for name, matrix, does, act in _READS
    ),
    *(
        Fault(name, matrix, does, WRITES, act, on_the_wire=True)
        for name, matrix, does, act in _WRITES
    ),
    Fault(
        "stale-connection",
        "F27",
        "a kept connection dies when the next write comes over it; nothing was done",
        REUSED_WRITES,
        refused(Reply(wire=HANG_UP)),
        on_the_wire=True,
    ),
    Fault(
        "stale-connection-after-commit",
        "F27",
        "a kept connection dies once the write that came over it is carried out",
        REUSED_WRITES,
        _after(HANG_UP),
        on_the_wire=True,
    ),
)
"""The rows of this room."""
