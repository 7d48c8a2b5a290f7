"""
A bulk request on the wire, and what became of each of its changes.

A change ends as it would have ended alone: a 409 is a Conflict, a 5xx leaves
open what happened, and so does an answer that cannot be told apart.

Used by :class:`reconciler.live.client.ScimTarget`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError

from reconciler.live.ids import usable_id
from reconciler.live.transport import Transport
from reconciler.scim.bulk import BulkAnswer, BulkOperation, BulkResponse, answers, bulk_body
from reconciler.scim.errors import (
    AmbiguousOutcome,
    TargetBroken,
    TargetError,
    TargetMisbehaved,
    refusal,
)
from reconciler.states import Resource

ENDPOINT: Final = "Bulk"


def send_bulk(
    transport: Transport, operations: Sequence[BulkOperation]
) -> list[Resource | TargetError]:
    """
    Send *operations* together; return what each came to.

    Raises:
        AmbiguousOutcome: Nobody knows which of them were carried out.
        TargetError: None was.
    """
    answer = transport.send("POST", (ENDPOINT,), body=bulk_body(operations))
    try:
        response = BulkResponse.model_validate(answer.json())
    except (TargetMisbehaved, ValidationError) as exc:
        raise AmbiguousOutcome(
            "nobody knows what was carried out: the answer to POST /Bulk is not a SCIM BulkResponse"
        ) from exc
    told = answers(operations, response)
    return [
        _ended(operation, found, transport)
        for operation, found in zip(operations, told, strict=True)
    ]


def _ended(
    operation: BulkOperation, answer: BulkAnswer | None, transport: Transport
) -> Resource | TargetError:
    """Return what one change came to."""
    asked = f"{operation.method} {operation.path}"
    if answer is None or not answer.code:
        return AmbiguousOutcome(f"the answer to POST /Bulk does not say what became of {asked}")
    if 200 <= answer.code < 300:
        return {} if operation.resource_id is not None else _created(operation, answer)
    body = json.dumps(answer.response).encode()
    error = refusal(answer.code, body, None, asked, transport.hide)
    if isinstance(error, TargetBroken):
        return AmbiguousOutcome(f"nobody knows whether it was carried out: {error}", error)
    return error


def _created(operation: BulkOperation, answer: BulkAnswer) -> Resource | TargetError:
    """Return what is said of a new resource: its id, or nothing."""
    created = answer.created_id(operation.endpoint)
    if created is None:
        return {}
    if not usable_id(created):
        return TargetMisbehaved("the target gave the new resource an id that cannot be used")
    return {"id": created}
