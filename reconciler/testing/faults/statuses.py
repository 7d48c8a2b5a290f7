"""
Statuses: the server says no, or says something else than yes.

Rows F01 to F05 and F11 to F25 of the matrix, as far as they are a status. A
*refused* request never reaches the application; where the status comes after
the effect, the sentence says so.
"""

from __future__ import annotations

from typing import Any, Final

from reconciler.testing.exchange import Reply, Request
from reconciler.testing.fault import (
    ANY,
    CHANGES,
    CREATES,
    DELETES,
    FILTERS,
    PATCHES,
    READS,
    WRITES,
    Act,
    Fault,
    Turn,
    Where,
)

PLAIN: Final = "text/plain; charset=utf-8"
LOGIN_PAGE: Final = "https://login.example/sign-in"
SERVER_TIME: Final = "Thu, 01 Jan 2026 00:00:00 GMT"
"""The server's clock in answers with a date; far from the client's on purpose."""
MEMBERS_AT_MOST: Final = 2
"""Members that a server with a small limit takes in one request."""


def refused(reply: Reply) -> Act:
    """Make an act that answers with *reply*, whatever is asked; nothing gets through."""
    return lambda request, turn: reply


def after_commit(reply: Reply) -> Act:
    """Make an act that carries the request out, and answers with *reply* all the same."""

    def act(request: Request, turn: Turn) -> Reply:
        turn.forward(request)
        return reply

    return act


def redirect(status: int, location: str = LOGIN_PAGE) -> Fault:
    """Make a fault that sends the client to *location*."""
    page = Reply(b"<html>Please sign in</html>", status, "text/html", {"Location": location})
    return Fault(
        f"redirect-{status}",
        "F11",
        f"{status} to a page to sign in, on another host",
        ANY,
        refused(page),
    )


def throttled(name: str, matrix: str, does: str, **headers: str) -> Fault:
    """Make a fault that answers 429 with *headers*, whose names have ``_`` for ``-``."""
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    return Fault(name, matrix, f"429, {does}", ANY, refused(Reply(b"slow down", 429, PLAIN, named)))


def status(code: int, matrix: str, where: Where, does: str, scim_type: str | None = None) -> Fault:
    """Make a fault ``status-CODE`` that refuses with a SCIM error."""
    reply = Reply.error(code, f"refused with {code}", scim_type)
    return Fault(f"status-{code}", matrix, f"{code}: {does}", where, refused(reply))


def members_in(request: Request) -> int:
    """Return how many members a request names."""
    said = request.json() if request.endpoint == "Groups" else None
    if not isinstance(said, dict):
        return 0
    if "Operations" not in said:
        return len(said.get("members") or [])
    operations = said["Operations"]
    return sum(_named(each) for each in operations if "members" in str(each.get("path")).lower())


def _named(operation: dict[str, Any]) -> int:
    value = operation.get("value")
    return len(value) if isinstance(value, list) else 1


def _too_many_members(code: int, detail: str) -> Act:
    """Make an act that refuses requests with more members than :data:`MEMBERS_AT_MOST`."""

    def act(request: Request, turn: Turn) -> Reply:
        if members_in(request) > MEMBERS_AT_MOST:
            return Reply.error(code, detail)
        return turn.forward(request)

    return act


def _accepted_later(request: Request, turn: Turn) -> Reply:
    """Answer 202, and carry the request out after the next answer."""

    def late(following: Request, later: Turn) -> Reply:
        answer = later.forward(following)
        turn.forward(request)
        return answer

    turn.afterwards(ANY, late, 1)
    return Reply(status=202, media_type=None)


def _deleted_meanwhile(request: Request, turn: Turn) -> Reply:
    """Let another client delete the resource just before the request."""
    headers = {name: value for name, value in request.headers.items() if name == "authorization"}
    turn.app(Request("DELETE", request.path, {}, headers))
    return turn.forward(request)


def _taken(request: Request, turn: Turn) -> Reply:
    """Let another client create a resource of the same name just before the request."""
    wanted = request.json() or {}
    kept = {key: wanted[key] for key in ("schemas", "userName", "displayName") if key in wanted}
    headers = {**request.headers, "content-type": "application/scim+json"}
    turn.app(Request("POST", request.path, {}, headers).saying(kept))
    return turn.forward(request)


def _with_body(request: Request, turn: Turn) -> Reply:
    """Answer a delete with what was deleted."""
    before = turn.look(request, request.path)
    answer = turn.forward(request)
    return before if answer.good else answer


STATUSES: Final = (
    throttled("throttled", "F01", "with Retry-After: 1", Retry_After="1"),
    throttled("throttled-x", "F01", "with X-Retry-After: 1", X_Retry_After="1"),
    throttled("throttled-reset", "F01", "with X-RateLimit-Reset: 1 alone", X_RateLimit_Reset="1"),
    *(
        throttled(
            name,
            "F02",
            f"with a Retry-After {does} the server's own Date",
            Retry_After=date,
            Date=SERVER_TIME,
        )
        for name, date, does in (
            ("throttled-date", "Thu, 01 Jan 2026 00:00:01 GMT", "a second after"),
            ("throttled-past-date", "Wed, 31 Dec 2025 00:00:00 GMT", "a day before"),
        )
    ),
    throttled("throttled-bare", "F03", "without Retry-After"),
    throttled("throttled-nonsense", "F03", "with Retry-After: soon", Retry_After="soon"),
    throttled("throttled-negative", "F03", "with Retry-After: -5", Retry_After="-5"),
    throttled(
        "throttled-for-ages", "F03", "with a Retry-After of 30 years", Retry_After="1000000000"
    ),
    *(status(code, "F04", ANY, "broken before anything was done") for code in (500, 502, 503, 504)),
    Fault(
        "unavailable",
        "F04",
        "503 with Retry-After: 1, before anything was done",
        ANY,
        refused(Reply(b"<html>503</html>", 503, "text/html", {"Retry-After": "1"})),
    ),
    Fault(
        "broken-after-commit",
        "F05",
        "500 to a write that was carried out",
        WRITES,
        after_commit(Reply.error(500, "broken")),
    ),
    Fault(
        "gateway-timeout-after-commit",
        "F05",
        "504 with an HTML page to a write that was carried out",
        WRITES,
        after_commit(Reply(b"<html>504</html>", 504, "text/html")),
    ),
    *(redirect(code) for code in (301, 302, 303, 307, 308)),
    status(401, "F14 F15", ANY, "the credential is not accepted, or not any more"),
    status(403, "F16", ANY, "the credential may not do this"),
    status(404, "F17 F18 F19", ANY, "there is nothing here"),
    status(409, "F20 F21", WRITES, "a conflict, though there is none", "uniqueness"),
    Fault(
        "conflict-after-commit",
        "F20",
        "409 to a create that was carried out, as when a proxy sends it twice",
        CREATES,
        after_commit(Reply.error(409, "it exists", "uniqueness")),
    ),
    Fault(
        "taken-meanwhile",
        "F20",
        "somebody else creates the same name just before: 409",
        CREATES,
        _taken,
    ),
    status(412, "F22", WRITES, "the version is said to be another one"),
    Fault(
        "gone-meanwhile",
        "F18 F19",
        "somebody else deletes the resource just before: 404",
        Where("changes and deletes", lambda r: CHANGES.test(r) or DELETES.test(r)),
        _deleted_meanwhile,
    ),
    Fault(
        "members-413",
        "F24",
        f"413 to a write with more than {MEMBERS_AT_MOST} members",
        WRITES,
        _too_many_members(413, "payload too large"),
    ),
    Fault(
        "members-400",
        "F24",
        f'400 "members are invalid" to a write with more than {MEMBERS_AT_MOST} members',
        WRITES,
        _too_many_members(400, "members are invalid"),
    ),
    status(413, "F24", WRITES, "the body is too large, whatever its size"),
    status(414, "F24", FILTERS, "the address is too long"),
    status(431, "F24", READS, "the headers are too large"),
    status(405, "F25", PATCHES, "PATCH is not known"),
    status(501, "F25", PATCHES, "PATCH is not supported"),
    Fault(
        "accepted-later",
        "F33",
        "202 without a body; carried out one request later",
        WRITES,
        _accepted_later,
    ),
    Fault(
        "accepted-and-dropped",
        "F30",
        "202 without a body, and nothing is ever done",
        WRITES,
        refused(Reply(status=202, media_type=None)),
    ),
    Fault(
        "delete-with-body",
        "F12",
        "a delete that was carried out is answered 200, with the deleted resource",
        DELETES,
        _with_body,
    ),
)
"""The rows of this room."""
