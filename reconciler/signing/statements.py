"""
What is signed: in-toto statements, one shape for an approval and one for a plan.

The shapes are closed, and a statement has one way to be written (canonical
JSON): what is not exactly that is refused, so that no byte of an envelope can
change and mean the same. `_type` and `predicateType` keep the two apart: the
signature of a plan is never an approval.

Form: in-toto attestation framework, Statement v1. Used by
:mod:`reconciler.signing.approval` and :mod:`reconciler.signing.plans`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from reconciler.diagnostics import ReconcilerError
from reconciler.plan.digest import canonical_json, digest

STATEMENT = "https://in-toto.io/Statement/v1"
APPROVAL = "urn:scim-reconciler:approval:1.0"
PLAN = "urn:scim-reconciler:plan:1.0"

_CLOSED = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)

REASON_LIMIT = 1_000
"""Characters of a reason: a sentence and the number of a ticket, not a document."""


class SignatureRefused(ReconcilerError):
    """An envelope is none, was changed, or nobody who may has signed it."""


def _real(text: str) -> str:
    """Refuse a time that no calendar or clock shows."""
    datetime.fromisoformat(text)
    return text


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Time = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"),
    AfterValidator(_real),
]
Text = Annotated[str, Field(min_length=1, max_length=REASON_LIMIT)]


@with_config(_CLOSED)
class _Digest(TypedDict):
    sha256: Sha256


@with_config(_CLOSED)
class _Subject(TypedDict):
    name: Text
    digest: _Digest


Subjects = Annotated[list[_Subject], Field(min_length=1, max_length=1)]


@with_config(_CLOSED)
class ApprovalPredicate(TypedDict):
    """What is let pass, where, by whom, why and for how long."""

    guard: Text
    count: Annotated[int, Field(ge=0)]
    application: Text
    tenant_url: Text
    reason: Text
    approver: Text
    author: Text | None
    not_before: Time
    expires: Time
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    sum: Sha256


@with_config(_CLOSED)
class PlanPredicate(TypedDict):
    """Whose plan it is; everything else is in the file whose digest is the subject."""

    application: Text


@with_config(_CLOSED)
class _ApprovalStatement(TypedDict):
    _type: Literal["https://in-toto.io/Statement/v1"]
    subject: Subjects
    predicateType: Literal["urn:scim-reconciler:approval:1.0"]
    predicate: ApprovalPredicate


@with_config(_CLOSED)
class _PlanStatement(TypedDict):
    _type: Literal["https://in-toto.io/Statement/v1"]
    subject: Subjects
    predicateType: Literal["urn:scim-reconciler:plan:1.0"]
    predicate: PlanPredicate


_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {
    APPROVAL: TypeAdapter(_ApprovalStatement),
    PLAN: TypeAdapter(_PlanStatement),
}


def statement(kind: str, name: str, sha256: str, predicate: Mapping[str, Any]) -> bytes:
    """
    Return the statement of *kind* about what has the digest *sha256*.

    The predicate of an approval gets a `sum` over all the rest: an approval without a
    signature must show as well that it was changed.
    """
    plain: dict[str, Any] = {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": sha256}}],
        "predicateType": kind,
        "predicate": dict(predicate),
    }
    if kind == APPROVAL:
        plain["predicate"]["sum"] = digest(plain)
    return canonical_json(plain)


def parse_statement(kind: str, payload: bytes) -> dict[str, Any]:
    """
    Return the statement in *payload*, checked to the byte.

    Raises:
        SignatureRefused: It is no statement of *kind*, or not as it was written.
    """
    try:
        plain = dict(_ADAPTERS[kind].validate_json(payload))
        written = canonical_json(plain)
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the statement"
        raise SignatureRefused(f"it is no statement of {kind}: {place}: {first['msg']}") from exc
    except (TypeError, ValueError) as exc:
        raise SignatureRefused(f"it is no statement of {kind}: {exc}") from exc
    if written != payload:
        raise SignatureRefused("its statement is not in the form in which statements are written")
    if kind == APPROVAL:
        predicate = dict(plain["predicate"])
        found = predicate.pop("sum")
        if digest({**plain, "predicate": predicate}) != found:
            raise SignatureRefused("its sum does not fit; it was changed")
    return plain
