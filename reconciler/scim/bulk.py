"""
Several changes in one request (RFC 7644, section 3.7).

Each change keeps its own end: the answers are told apart by `bulkId`, which most
services send back for everything and must send back for creates, or by method
and location. A change without an answer that is surely its own has an open end,
and whoever asked looks.

Used by :mod:`reconciler.live.bulk`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

import msgspec
from pydantic import Field

from reconciler.scim.messages import Message

REQUEST_URN: Final = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


LONGER: Final = 6
"""How many times longer JSON is in ASCII, with its spaces, than in UTF-8 without them, at most."""


@dataclass(frozen=True, slots=True)
class BulkOperation:
    """One change of a bulk request."""

    method: str
    """POST, PUT, PATCH or DELETE."""
    endpoint: str
    """The path of its kind, below the tenant URL: ``/Users``."""
    resource_id: str | None
    """None for a POST."""
    body: Mapping[str, Any] | None
    """None for a DELETE."""
    version: str | None = None

    @property
    def path(self) -> str:
        """The path below the tenant URL."""
        if self.resource_id is None:
            return self.endpoint
        return f"{self.endpoint}/{quote(self.resource_id, safe='')}"


class BulkAnswer(Message):
    """What became of one change."""

    method: str = ""
    bulk_id: str | None = None
    location: str = ""
    status: str | int | dict[str, Any] = ""
    response: Any = None

    @property
    def code(self) -> int:
        """The HTTP status, also as drafts had it, ``{"code": "201"}``; 0 when it is none."""
        said = self.status.get("code") if isinstance(self.status, dict) else self.status
        try:
            return int(str(said))
        except ValueError:
            return 0

    def created_id(self, endpoint: str) -> str | None:
        """Return the id of what was created: in the resource, or the end of its location."""
        if isinstance(self.response, dict) and isinstance(self.response.get("id"), str):
            return str(self.response["id"])
        holder, _, last = self.location.rstrip("/").rpartition("/")
        return unquote(last) if holder.lower().endswith(endpoint.lower()) else None


class BulkResponse(Message):
    """The answer to a bulk request."""

    schemas: list[str]
    operations: list[BulkAnswer] = Field(alias="Operations")


def bulk_body(operations: Sequence[BulkOperation]) -> dict[str, Any]:
    """Return the body of a bulk request; a change's `bulkId` is its place in it."""
    return {
        "schemas": [REQUEST_URN],
        "Operations": [_as_json(number, one) for number, one in enumerate(operations)],
    }


def size_of(operation: BulkOperation) -> int:
    """Return the bytes that *operation* adds to a request, about."""
    return len(json.dumps(_as_json(10**6, operation)))


def most_bytes_of(operations: Sequence[BulkOperation]) -> int:
    """
    Return no less than :func:`size_of` of all *operations* together, and in less time.

    A character of one byte may be sent as an escape of six; nothing becomes longer than that.
    """
    try:
        return LONGER * len(msgspec.json.encode([_as_json(10**6, one) for one in operations]))
    except (TypeError, ValueError):
        return sum(map(size_of, operations))  # of what only the standard library writes


def answers(operations: Sequence[BulkOperation], response: BulkResponse) -> list[BulkAnswer | None]:
    """Return the answer to each of *operations*; None where none is surely its own."""
    by_id = {answer.bulk_id: answer for answer in response.operations if answer.bulk_id}
    by_place = {
        (answer.method.upper(), answer.location.rstrip("/").rpartition("/")[2]): answer
        for answer in response.operations
        if not answer.bulk_id
    }
    found: list[BulkAnswer | None] = []
    for number, operation in enumerate(operations):
        answer = by_id.get(str(number))
        if answer is None and operation.resource_id is not None:
            answer = by_place.get((operation.method, quote(operation.resource_id, safe="")))
        found.append(answer)
    return found


def _as_json(number: int, operation: BulkOperation) -> dict[str, Any]:
    """Return one change as it is sent."""
    made: dict[str, Any] = {
        "method": operation.method,
        "bulkId": str(number),
        "path": operation.path,
    }
    if operation.version is not None:
        made["version"] = operation.version
    if operation.body is not None:
        made["data"] = dict(operation.body)
    return made
