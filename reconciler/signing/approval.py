"""
An approval: a person lets one blocked guard pass, for one set of operations.

It names the operations by their digest, the guard, the exact count, the target,
a reason, who approves, and until when; nothing else is lifted, and there is no
approval of everything (INV-26). Written by ``approve``, believed by
:mod:`reconciler.signing.admission`.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime

from reconciler.diagnostics import ReconcilerError
from reconciler.plan.document import Plan
from reconciler.scim.folding import fold
from reconciler.signing.approvable import obstacle
from reconciler.signing.envelope import close, open_envelope, require_signer
from reconciler.signing.keys import PrivateKey, Signer, Trusted
from reconciler.signing.statements import (
    APPROVAL,
    REASON_LIMIT,
    SignatureRefused,
    parse_statement,
    statement,
)

NONCE_BYTES = 16
"""Random bytes by which two approvals of the same are told apart."""

_TIME = "%Y-%m-%dT%H:%M:%SZ"


class ApprovalUnfit(ReconcilerError):
    """An approval does not fit: the plan, the guard, the count, the time, or who signed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person at the command wants to let pass."""

    guard: str
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class By:
    """Who approves, with what, and when."""

    approver: str
    """By their key, or by what the system says."""
    key: PrivateKey | None
    """None where nobody signs."""
    now: datetime
    """Aware; the approval is good from now on."""
    nonce: bytes
    """Random, so that two approvals of the same are two."""


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval that was read; the signature on it, if there is one, is good."""

    guard: str
    count: int
    operations_digest: str
    application: str
    tenant_url: str
    reason: str
    approver: str
    author: str | None
    not_before: datetime
    expires: datetime
    signer: Signer | None
    """None: it is not signed, and `approver` is what somebody wrote."""
    sha256: str
    """Digest of its file: the name by which its use is recorded."""
    place: str
    """The file, for people."""
    data: bytes = field(repr=False)
    """The bytes of the file."""


def approve(plan: Plan, planner: Signer | None, wanted: Wanted, trusted: Trusted, by: By) -> bytes:
    """
    Return the envelope that lets *wanted* pass for the operations of *plan*.

    Args:
        plan: The plan that was reviewed.
        planner: Who signed it, if anybody did.
        wanted: The guard, the count and the reason.
        trusted: Who may approve, and for how long.
        by: Who does.

    Raises:
        ApprovalUnfit: It would not be accepted, and why.
    """
    body = plan.body
    check_wanted(plan, wanted)
    require_another(by.approver, trusted, plan.header.author, planner)
    until = by.now + trusted.trust.lifetime
    predicate = {
        "guard": wanted.guard,
        "count": wanted.count,
        "application": body.application,
        "tenant_url": body.target.tenant_url,
        "reason": wanted.reason,
        "approver": by.approver,
        "author": plan.header.author,
        "not_before": by.now.astimezone(UTC).strftime(_TIME),
        "expires": until.astimezone(UTC).strftime(_TIME),
        "nonce": by.nonce.hex(),
    }
    name = f"operations of {body.application}"
    return close(statement(APPROVAL, name, body.operations_digest, predicate), by.key)


def check_wanted(plan: Plan, wanted: Wanted) -> None:
    """
    Check that *wanted* is what *plan* needs, and can be let pass at all.

    Raises:
        ApprovalUnfit: Otherwise, with what there is to approve.
    """
    verdict = next((one for one in plan.body.guards if one.id == wanted.guard), None)
    if verdict is None or not verdict.blocked:
        raise ApprovalUnfit(f"{wanted.guard} does not block this plan; {_to_approve(plan)}")
    why_not = obstacle(verdict)
    if why_not is not None:
        raise ApprovalUnfit(why_not)
    if wanted.count != verdict.count:
        raise ApprovalUnfit(
            f"the count of {verdict.id} is {verdict.count}, not {wanted.count}: {verdict.sentence}"
        )
    check_reason(wanted.reason)


def check_reason(reason: str) -> None:
    """
    Check that *reason* is text that says something; the '…' of a printed command does not.

    Raises:
        ApprovalUnfit: Otherwise.
    """
    is_text = reason.encode("utf-8", "ignore").decode() == reason
    says_something = any(character.isalnum() for character in reason)
    if not (is_text and says_something) or len(reason) > REASON_LIMIT:
        raise ApprovalUnfit(
            f"a reason is text of 1 to {REASON_LIMIT:,} characters, with a letter or digit in it"
        )


def _to_approve(plan: Plan) -> str:
    """Say which guards of *plan* can be approved."""
    blocking = [one for one in plan.body.guards if one.blocked]
    if not blocking:
        return "no guard does"
    return f"blocked by {', '.join(f'{one.id} ({one.count})' for one in blocking)}"


def require_another(
    approver: str, trusted: Trusted, author: str | None, planner: Signer | None
) -> None:
    """
    Check that whoever approves did not make the plan, where the configuration asks for that.

    Raises:
        ApprovalUnfit: It is the same person, or nobody knows who made the plan.
    """
    if not trusted.trust.approver_not_author:
        return
    if author is None:
        raise ApprovalUnfit("the plan does not say who made it, and its author may not approve it")
    makers = {fold(author), *([fold(planner.name)] if planner else [])}
    if fold(approver) in makers:
        raise ApprovalUnfit(f"{approver} made this plan, and somebody else has to approve it")


def read_approval(data: bytes, place: str, trusted: Trusted) -> Approval:
    """
    Return the approval in the file *data*, once its signature was verified.

    Raises:
        SignatureRefused: It is none, was changed, or nobody who may approve has signed it.
    """
    opened = open_envelope(data, trusted)
    require_signer(opened, trusted, "approver")
    found = parsed(opened.payload, data, place, opened.signer)
    if opened.signer is not None and found.approver != opened.signer.name:
        raise SignatureRefused(
            f"it is in the name of {found.approver}, and {opened.signer.name} signed it"
        )
    return found


def parsed(payload: bytes, data: bytes, place: str, signer: Signer | None) -> Approval:
    """
    Return the approval that the statement *payload*, of the file *data*, is.

    Raises:
        SignatureRefused: It is none.
    """
    said = parse_statement(APPROVAL, payload)
    predicate = said["predicate"]
    return Approval(
        guard=predicate["guard"],
        count=predicate["count"],
        operations_digest=said["subject"][0]["digest"]["sha256"],
        application=predicate["application"],
        tenant_url=predicate["tenant_url"],
        reason=predicate["reason"],
        approver=predicate["approver"],
        author=predicate["author"],
        not_before=datetime.fromisoformat(predicate["not_before"]),
        expires=datetime.fromisoformat(predicate["expires"]),
        signer=signer,
        sha256=hashlib.sha256(data).hexdigest(),
        place=place,
        data=data,
    )


def claimed(data: bytes, place: str) -> Approval | None:
    """
    Return what the envelope *data* says it is, without believing it; None if it says nothing.

    For telling whom an approval concerns that is refused, and for showing one whose digest
    stands in a journal: it was verified when it was used.
    """
    try:
        return parsed(b64decode(json.loads(data)["payload"]), data, place, None)
    except (ValueError, TypeError, KeyError, RecursionError, SignatureRefused):
        return None
