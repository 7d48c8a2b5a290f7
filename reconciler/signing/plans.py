"""
The signature of a plan: an envelope beside the plan's file, about its very bytes.

It is verified before anything of the plan is parsed, and what was verified is
what is parsed (INV-24). A plan without one is taken unless the configuration
says ``signed_plans: required``; a signature that is there must be good in any
case, because one that is not was put there by somebody. Whoever only looks at a plan
(:func:`signer_of`) needs no signature, and says that there is none.
"""

from __future__ import annotations

import hashlib

from reconciler.signing.envelope import close, open_envelope, require_signer
from reconciler.signing.keys import PrivateKey, Signer, Trusted
from reconciler.signing.statements import PLAN, SignatureRefused, parse_statement, statement


def sign_plan(data: bytes, application: str, key: PrivateKey) -> bytes:
    """Return the envelope that signs the plan file *data*; the same for the same bytes."""
    sha256 = hashlib.sha256(data).hexdigest()
    return close(statement(PLAN, application, sha256, {"application": application}), key)


def verify_plan(data: bytes, envelope: bytes | None, trusted: Trusted) -> Signer | None:
    """
    Return who signed the plan file *data*; None when nobody did and nobody has to.

    Raises:
        SignatureRefused: Nobody signed and somebody has to; or the signature is of other
            bytes, of somebody who is no planner, or none.
    """
    if lacks_signature(envelope, trusted):
        raise SignatureRefused("the plan is not signed, and `trust` says `signed_plans: required`")
    return signer_of(data, envelope, trusted)


def lacks_signature(envelope: bytes | None, trusted: Trusted) -> bool:
    """Say whether nobody signed a plan and somebody has to; *envelope* is what lies beside it."""
    return envelope is None and trusted.trust.signed_plans == "required"


def signer_of(data: bytes, envelope: bytes | None, trusted: Trusted) -> Signer | None:
    """
    Return who signed the plan file *data*; None when nobody did, whether somebody has to or not.

    Raises:
        SignatureRefused: The signature is there, and is not good; as :func:`verify_plan`.
    """
    if envelope is None:
        return None
    try:
        opened = open_envelope(envelope, trusted)
        require_signer(opened, trusted, "planner", always=True)
        verify_subject(opened.payload, data)
    except SignatureRefused as exc:
        raise SignatureRefused(f"the signature of the plan is refused: {exc}") from exc
    return opened.signer


def verify_subject(payload: bytes, data: bytes) -> None:
    """
    Check that the statement in *payload* is about the plan file *data*.

    Raises:
        SignatureRefused: It is about another file.
    """
    said = parse_statement(PLAN, payload)
    if said["subject"][0]["digest"]["sha256"] != hashlib.sha256(data).hexdigest():
        raise SignatureRefused("it was made for other bytes; the plan was changed or exchanged")
