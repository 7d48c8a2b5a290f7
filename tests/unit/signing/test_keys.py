"""Keys that are used, and those that are not."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from reconciler.signing.keys import KeyUnusable, read_private_key, read_public_key
from reconciler.workflow.keys import signing_key
from tests.signing import key_of, private_pem, public_pem, trusting, write_key

RSA = rsa.generate_private_key(65537, 2048)
PKCS8 = PrivateFormat.PKCS8


def test_both_halves_have_the_same_id() -> None:
    assert (
        read_private_key(private_pem("a")).keyid == read_public_key(public_pem("a").encode()).keyid
    )


def test_no_text_about_a_key_holds_it() -> None:
    secret = private_pem("a").splitlines()[1].decode()

    assert secret not in repr(key_of("a"))


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        pytest.param(b"", "is no private key", id="empty"),
        pytest.param(public_pem("a").encode(), "is no private key", id="public"),
        pytest.param(
            RSA.private_bytes(Encoding.PEM, PKCS8, NoEncryption()), "no Ed25519 key", id="RSA"
        ),
        pytest.param(
            ed25519.Ed25519PrivateKey.generate().private_bytes(
                Encoding.PEM, PKCS8, BestAvailableEncryption(b"secret")
            ),
            "has a passphrase",
            id="with a passphrase",
        ),
    ],
)
def test_private_keys_that_are_not_used(pem: bytes, said: str) -> None:
    with pytest.raises(KeyUnusable, match=said):
        read_private_key(pem)


@pytest.mark.parametrize(
    ("pem", "said"),
    [
        pytest.param(b"", "is no public key", id="empty"),
        pytest.param(private_pem("a"), "is a private key", id="private"),
        pytest.param(
            RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "no Ed25519 key",
            id="RSA",
        ),
    ],
)
def test_public_keys_that_are_not_used(pem: bytes, said: str) -> None:
    with pytest.raises(KeyUnusable, match=said):
        read_public_key(pem)


def test_two_names_with_one_key_are_refused() -> None:
    from reconciler.config.trust import Trust, TrustedKey
    from reconciler.signing.keys import trusted

    pem = public_pem("a")
    keys = {name: TrustedKey(public_key=pem, roles=("approver",)) for name in ("a", "b")}
    read = [(name, read_public_key(pem.encode())) for name in keys]

    with pytest.raises(KeyUnusable, match="a and b have the same key"):
        trusted(Trust(keys=keys), read)


def test_a_retired_key_is_known_and_may_nothing() -> None:
    trust = trusting({"a": ()})

    assert len(trust.signers) == 1
    assert trust.holder(key_of("a"), "approver") is None


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_file_that_others_can_read_is_no_key(tmp_path: Path, mode: int) -> None:
    path = write_key(tmp_path, "a")
    assert signing_key(path).keyid == key_of("a").keyid
    path.chmod(mode)

    with pytest.raises(KeyUnusable, match="chmod 600"):
        signing_key(path)


@pytest.mark.parametrize("name", ["none.pem", "."])
def test_a_key_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyUnusable, match="cannot be read"):
        signing_key(tmp_path / name)
