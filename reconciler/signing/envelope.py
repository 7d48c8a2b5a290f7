"""
DSSE envelopes: a statement and at most one signature, in one form.

Verified in this order, each step final (reliability.md, section 5.3): size,
JSON of the one form in which envelopes are written (so no key stands there
twice, and no byte can change and mean the same), the type of the payload,
base64, the signature over the pre-authentication encoding. Only then is the
payload looked at, and it is the very bytes that were verified.

A key id only finds the key; it proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from reconciler.config.trust import Role
from reconciler.plan.digest import canonical_json
from reconciler.signing.keys import PrivateKey, Signer, Trusted
from reconciler.signing.statements import SignatureRefused

PAYLOAD_TYPE = "application/vnd.in-toto+json"
"""The one type of payload that is read."""

ENVELOPE_LIMIT = 64 * 1024
"""Bytes of an envelope; one with the longest reason has a tenth of that."""

_CLOSED = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)


@with_config(_CLOSED)
class _Signature(TypedDict):
    keyid: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    sig: str


@with_config(_CLOSED)
class _Envelope(TypedDict):
    payload: str
    payloadType: Literal["application/vnd.in-toto+json"]
    signatures: Annotated[list[_Signature], Field(max_length=1)]


_ENVELOPE: TypeAdapter[_Envelope] = TypeAdapter(_Envelope)


@dataclass(frozen=True, slots=True)
class Opened:
    """What an envelope holds, and whose signature on it was verified."""

    payload: bytes
    signer: Signer | None
    """None when it is not signed."""


def close(payload: bytes, key: PrivateKey | None) -> bytes:
    """Return the envelope of *payload*, signed with *key* if there is one."""
    from securesystemslib.dsse import Envelope

    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    if key is not None:
        envelope.sign(key.signer)
    return canonical_json(envelope.to_dict()) + b"\n"


def open_envelope(data: bytes, trusted: Trusted) -> Opened:
    """
    Return what the envelope in *data* holds, once its signature was verified.

    Raises:
        SignatureRefused: It is no envelope, was changed, or was signed with a key that
            *trusted* does not know.
    """
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError

    plain = _read(data)
    try:
        envelope = Envelope.from_dict({**plain, "signatures": [*map(dict, plain["signatures"])]})
        rewritten = canonical_json(envelope.to_dict()) + b"\n"
    except ValueError as exc:
        raise SignatureRefused("it is no envelope: it holds what is not base64") from exc
    if rewritten != data:
        raise SignatureRefused("it is not in the form in which envelopes are written")
    if not plain["signatures"]:
        return Opened(envelope.payload, None)
    keyid = plain["signatures"][0]["keyid"]
    signer = trusted.signers.get(keyid)
    if signer is None:
        raise SignatureRefused(
            f"it was signed with the key {keyid[:12]}, which nobody is trusted for"
        )
    try:
        envelope.verify([signer.key], 1)
    except VerificationError as exc:
        raise SignatureRefused("its signature does not fit; it was changed") from exc
    return Opened(envelope.payload, signer)


def require_signer(opened: Opened, trusted: Trusted, role: Role, *, always: bool = False) -> None:
    """
    Check that whoever signed has *role*; somebody must have, where anybody can, or *always*.

    Raises:
        SignatureRefused: Nobody signed, and somebody should have; or somebody else did.
    """
    if opened.signer is None:
        if always or trusted.may(role):
            raise SignatureRefused("it is not signed, and it has to be")
    elif role not in opened.signer.roles:
        raise SignatureRefused(f"it was signed by {opened.signer.name}, who is no {role}")


def _read(data: bytes) -> _Envelope:
    """Return *data* as the parts of an envelope."""
    if len(data) > ENVELOPE_LIMIT:
        raise SignatureRefused(f"it is larger than {ENVELOPE_LIMIT} bytes")
    try:
        return _ENVELOPE.validate_json(data)
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the file"
        raise SignatureRefused(f"it is no envelope: {place}: {first['msg']}") from exc
