"""Envelopes: what is read, in which order it is refused, and who may have signed."""

import json
from base64 import b64encode
from typing import Any

import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from reconciler.plan.digest import canonical_json
from reconciler.signing.envelope import ENVELOPE_LIMIT, PAYLOAD_TYPE, close, open_envelope
from reconciler.signing.plans import sign_plan, verify_plan
from reconciler.signing.statements import (
    APPROVAL,
    PLAN,
    SignatureRefused,
    parse_statement,
    statement,
)
from tests.signing import key_of, public_pem, trusting

PAYLOAD = b'{"a":1}'
TRUST = trusting({"grace": ("approver",), "pipeline": ("planner",)})


def written(**changes: Any) -> bytes:
    """Return a signed envelope in which the parts in *changes* are others."""
    plain = json.loads(close(PAYLOAD, key_of("grace")))
    return canonical_json({**plain, **changes}) + b"\n"


def refused(data: bytes) -> str:
    with pytest.raises(SignatureRefused) as caught:
        open_envelope(data, TRUST)
    return str(caught.value)


def test_what_was_signed_is_what_is_read() -> None:
    opened = open_envelope(close(PAYLOAD, key_of("grace")), TRUST)

    assert opened.payload == PAYLOAD
    assert opened.signer is not None
    assert opened.signer.name == "grace"


def test_nobody_has_signed_an_envelope_without_a_key() -> None:
    assert open_envelope(close(PAYLOAD, None), TRUST).signer is None


def test_anybody_who_knows_dsse_can_verify_it() -> None:
    """By the library alone, with the public key from the file."""
    plain = json.loads(close(PAYLOAD, key_of("grace")))
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = SSlibKey.from_crypto(load_pem_public_key(public_pem("grace").encode()))

    assert Envelope.from_dict(plain).verify([key], 1)


def test_the_signature_is_over_the_pre_authentication_encoding() -> None:
    envelope = Envelope.from_dict(json.loads(close(PAYLOAD, None)))

    assert envelope.pae() == b"DSSEv1 28 application/vnd.in-toto+json 7 " + PAYLOAD


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b" " * (ENVELOPE_LIMIT + 1), "is larger than", id="too large"),
        pytest.param(b"", "it is no envelope", id="empty"),
        pytest.param(b"[" * 10_000, "it is no envelope", id="deep"),
        pytest.param(b"\xff{}", "it is no envelope", id="not UTF-8"),
        pytest.param(written(payloadType="text/plain"), "payloadType", id="another type"),
        pytest.param(written(more=1), "more", id="a field more"),
        pytest.param(written(payload="&"), "is not base64", id="not base64"),
        pytest.param(written(payload="e30"), "is not base64", id="base64 without its end"),
        pytest.param(written(payload="eyJhIjoxfR=="), "the form in which", id="loose bits"),
        pytest.param(written(signatures=[]) + b"\n", "the form in which", id="a line more"),
        pytest.param(written().replace(b":", b": ", 1), "the form in which", id="a blank"),
        pytest.param(
            written().replace(b'{"payload":', b'{"payload":"","payload":'),
            "the form in which",
            id="the same key twice",
        ),
        pytest.param(
            written(payload=b64encode(b'{"a":2}').decode()), "does not fit", id="another payload"
        ),
        pytest.param(close(PAYLOAD, key_of("mallory")), "nobody is trusted for", id="a stranger"),
    ],
)
def test_what_is_not_read(data: bytes, said: str) -> None:
    assert said in refused(data)


def test_a_second_signature_is_no_other_dress_for_the_same() -> None:
    plain = json.loads(close(PAYLOAD, key_of("grace")))
    more = json.loads(close(PAYLOAD, key_of("pipeline")))["signatures"]

    assert "signatures" in refused(written(signatures=plain["signatures"] + more))


def test_a_key_id_alone_proves_nothing() -> None:
    plain = json.loads(close(PAYLOAD, key_of("mallory")))
    (signature,) = plain["signatures"]
    grace = key_of("grace").keyid

    assert "does not fit" in refused(written(signatures=[{**signature, "keyid": grace}]))


def test_the_same_signature_with_its_order_added_is_refused() -> None:
    """Ed25519 signatures can be written in two ways; one of them is none (RFC 8032)."""
    order = 2**252 + 27742317777372353535851937790883648493
    plain = json.loads(close(PAYLOAD, key_of("grace")))
    (signature,) = plain["signatures"]
    raw = Envelope.from_dict(json.loads(close(PAYLOAD, key_of("grace"))))
    found = bytes.fromhex(raw.signatures[signature["keyid"]].signature)
    other = int.from_bytes(found[32:], "little") + order
    again = b64encode(found[:32] + other.to_bytes(32, "little")).decode()

    assert "does not fit" in refused(written(signatures=[{**signature, "sig": again}]))


def test_a_signature_of_a_plan_is_never_an_approval() -> None:
    payload = statement(PLAN, "app", "0" * 64, {"application": "app"})

    with pytest.raises(SignatureRefused, match="no statement of urn:scim-reconciler:approval"):
        parse_statement(APPROVAL, payload)


def test_a_statement_has_one_form() -> None:
    payload = statement(PLAN, "app", "0" * 64, {"application": "app"})

    with pytest.raises(SignatureRefused, match="the form in which"):
        parse_statement(PLAN, payload.replace(b":", b": ", 1))


def test_signing_a_plan_twice_gives_the_same_file() -> None:
    assert sign_plan(b"x", "app", key_of("pipeline")) == sign_plan(b"x", "app", key_of("pipeline"))


def test_a_plan_is_verified_by_its_bytes() -> None:
    signature = sign_plan(b"plan", "app", key_of("pipeline"))
    signer = verify_plan(b"plan", signature, TRUST)

    assert signer is not None
    assert signer.name == "pipeline"
    with pytest.raises(SignatureRefused, match="made for other bytes"):
        verify_plan(b"plan\n", signature, TRUST)


@pytest.mark.parametrize(
    "envelope",
    [
        pytest.param(sign_plan(b"plan", "app", key_of("grace")), id="by an approver"),
        pytest.param(
            close(statement(PLAN, "app", "0" * 64, {"application": "app"}), None), id="by nobody"
        ),
        pytest.param(close(PAYLOAD, key_of("pipeline")), id="no statement"),
    ],
)
def test_whatever_lies_beside_a_plan_has_to_be_good(envelope: bytes) -> None:
    with pytest.raises(SignatureRefused, match="the signature of the plan is refused"):
        verify_plan(b"plan", envelope, TRUST)


def test_the_type_of_the_payload_is_the_one_of_in_toto() -> None:
    assert json.loads(close(PAYLOAD, None))["payloadType"] == PAYLOAD_TYPE
