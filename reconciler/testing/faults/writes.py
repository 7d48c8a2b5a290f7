"""
Writes that do not do what their answer says, and others who write meanwhile.

Rows F30 to F32, F47 and F49 of the matrix, and the change that comes between
a look and a write (F21, F22).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from reconciler.testing.exchange import Reply, Request
from reconciler.testing.fault import (
    ANY,
    CHANGES,
    CREATES,
    DELETES,
    GROUP_CHANGES,
    PATCHES,
    USER_CHANGES,
    WRITES,
    Act,
    Fault,
    Turn,
    place_of,
)

WRITES_BEFORE_PENALTY: Final = 2
"""Writes that a server takes before it locks the client out."""
PENALTY: Final = 3
"""Requests that are refused then."""

NOTHING: Final = Reply(status=204, media_type=None)


def _members(resource: Any) -> list[str]:
    """Return the ids of the members that a resource shows."""
    return [member["value"] for member in (resource or {}).get("members") or []]


def _changed_on_paper(request: Request, resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return *resource* with the plain paths of a PATCH set, as an echo would show it."""
    said = request.json() or {}
    wanted = {
        operation["path"]: operation.get("value")
        for operation in said.get("Operations", ())
        if str(operation.get("path", "")).isalpha() and operation.get("path") != "members"
    }
    return {**resource, **wanted}


def _echo(request: Request, turn: Turn) -> Reply:
    """Change nothing, and show the resource as if it were changed."""
    shown = turn.look(request, request.path)
    return shown.saying(_changed_on_paper(request, shown.json())) if shown.good else shown


def _old_echo(request: Request, turn: Turn) -> Reply:
    """Carry a change out, and show the resource as it was before."""
    before = turn.look(request, request.path)
    after = turn.forward(request)
    return before if after.good else after


def _made_up(request: Request, turn: Turn) -> Reply:
    """Create nothing, and answer with a resource that has an id."""
    body = request.json() or {}
    return Reply.of({**body, "id": f"made-up-{turn.nth}"}, 201)


def _first_only(request: Request, turn: Turn) -> Reply:
    """Carry out the first operation of a PATCH, and no other."""
    said = request.json() or {}
    return turn.forward(request.saying({**said, "Operations": said.get("Operations", [])[:1]}))


def _half_then_error(request: Request, turn: Turn) -> Reply:
    """Carry out the first operation of a PATCH, and say that it failed."""
    _first_only(request, turn)
    return Reply.error(400, "the second operation is not understood", "invalidValue")


def _half_of_the_members(request: Request, turn: Turn) -> Reply:
    """Take half of the members that are added, and say nothing of the others."""
    said = request.json() or {}
    return turn.forward(
        request.saying({**said, "Operations": [_halved(op) for op in said.get("Operations", [])]})
    )


def _halved(operation: dict[str, Any]) -> dict[str, Any]:
    value = operation.get("value")
    if operation.get("path") != "members" or not isinstance(value, list):
        return operation
    return {**operation, "value": value[: len(value) // 2]}


def _with_effect(*operations: Mapping[str, Any]) -> Act:
    """Make an act that carries a write out, and changes more of the resource than was asked."""

    def act(request: Request, turn: Turn) -> Reply:
        reply = turn.forward(request)
        if reply.good:
            turn.meddle(request, place_of(request, reply), *operations)
        return reply

    return act


def _losing(keep_the_rest: bool) -> Act:
    """Make an act under which a change of a group loses one member that nobody named, or all."""

    def act(request: Request, turn: Turn) -> Reply:
        before = _members(turn.look(request, request.path).json())
        reply = turn.forward(request)
        named = request.body.decode()
        unnamed = [member for member in before if member not in named]
        for member in unnamed[:1] if keep_the_rest else unnamed:
            path = f'members[value eq "{member}"]'
            turn.meddle(request, request.path, {"op": "remove", "path": path})
        return reply

    return act


def _meanwhile(path: str, value: Any) -> Act:
    """Make an act before which somebody else changes the same resource."""

    def act(request: Request, turn: Turn) -> Reply:
        turn.meddle(request, request.path, {"op": "replace", "path": path, "value": value})
        return turn.forward(request)

    return act


def _member_meanwhile(request: Request, turn: Turn) -> Reply:
    """Let somebody else take the first member out just before a change of the group."""
    members = _members(turn.look(request, request.path).json())
    for member in members[:1]:
        path = f'members[value eq "{member}"]'
        turn.meddle(request, request.path, {"op": "remove", "path": path})
    return turn.forward(request)


def _penalty(request: Request, turn: Turn) -> Reply:
    """Refuse everything for a while after a few writes."""
    if turn.nth == WRITES_BEFORE_PENALTY:
        slow_down = Reply(b"slow down", 429, "text/plain", {"Retry-After": "1"})
        turn.afterwards(ANY, lambda request, turn: slow_down, PENALTY)
    return turn.forward(request)


_TITLE: Final = {"op": "remove", "path": "title"}
_ACTIVE: Final = {"op": "replace", "path": "active", "value": False}


WRITE_FAULTS: Final = (
    Fault("change-ignored", "F30", "204, and nothing is changed", CHANGES, lambda r, t: NOTHING),
    Fault("create-ignored", "F30", "201 with an id, and nothing is there", CREATES, _made_up),
    Fault("delete-ignored", "F30", "204, and it is still there", DELETES, lambda r, t: NOTHING),
    Fault(
        "first-operation-only",
        "F30",
        "200, and only the first operation of a PATCH is carried out",
        PATCHES,
        _first_only,
    ),
    Fault(
        "half-then-error",
        "F30",
        "400, and the first operation of a PATCH is carried out",
        PATCHES,
        _half_then_error,
    ),
    Fault(
        "half-of-the-members",
        "F30",
        "200, and half of the added members are there",
        GROUP_CHANGES,
        _half_of_the_members,
    ),
    Fault(
        "members-wiped",
        "F31",
        "a change of a group loses every member it does not name",
        GROUP_CHANGES,
        _losing(False),
    ),
    Fault(
        "member-lost",
        "F31",
        "a change of a group loses one member it does not name",
        GROUP_CHANGES,
        _losing(True),
    ),
    Fault(
        "title-lost",
        "F31",
        "a change of a user clears the title, too",
        USER_CHANGES,
        _with_effect(_TITLE),
    ),
    Fault(
        "switched-off",
        "F31",
        "a change of a user disables the account, too",
        USER_CHANGES,
        _with_effect(_ACTIVE),
    ),
    Fault(
        "echo-of-nothing",
        "F32",
        "200 that shows the change, and nothing is changed",
        CHANGES,
        _echo,
    ),
    Fault(
        "old-echo",
        "F32",
        "200 that shows the state before, and everything is changed",
        CHANGES,
        _old_echo,
    ),
    Fault(
        "title-meanwhile",
        "F21 F22",
        "somebody else changes the title just before",
        USER_CHANGES,
        _meanwhile("title", "Meanwhile"),
    ),
    Fault(
        "nickname-meanwhile",
        "F22",
        "somebody else changes the nickName just before",
        USER_CHANGES,
        _meanwhile("nickName", "Meanwhile"),
    ),
    Fault(
        "member-meanwhile",
        "F47",
        "somebody else takes a member out just before",
        GROUP_CHANGES,
        _member_meanwhile,
    ),
    Fault(
        "penalty",
        "F49",
        f"after {WRITES_BEFORE_PENALTY} writes, {PENALTY} requests are refused with 429",
        WRITES,
        _penalty,
    ),
)
"""The rows of this room."""
