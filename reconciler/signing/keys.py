"""
Ed25519 keys: whose they are, and what was wrong with one that cannot be used.

Only the public half is ever shown. One kind of key, so that there is nothing to
choose and nothing to get wrong: signatures are short, and the same bytes are
signed in the same way each time.

Used by :mod:`reconciler.workflow.wiring`, which reads the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciler.config.trust import Role, Trust
from reconciler.diagnostics import ReconcilerError

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner, SSlibKey

MAKE = "openssl genpkey -algorithm ed25519 -out FILE"
"""What makes a private key."""

_ED25519 = "ed25519"


class KeyUnusable(ReconcilerError):
    """A key cannot be read, or is none that we sign with."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody whose key the configuration knows."""

    name: str
    roles: tuple[Role, ...]
    key: SSlibKey


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key to sign with."""

    keyid: str
    signer: CryptoSigner = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trusted:
    """`trust:` of the configuration, with its keys read."""

    trust: Trust
    signers: Mapping[str, Signer]
    """By key id."""

    def may(self, role: Role) -> tuple[Signer, ...]:
        """Return those who have *role*."""
        return tuple(signer for signer in self.signers.values() if role in signer.roles)

    def holder(self, key: PrivateKey, role: Role) -> Signer | None:
        """Return who holds *key*, if they have *role*."""
        signer = self.signers.get(key.keyid)
        return signer if signer and role in signer.roles else None


def trusted(trust: Trust, keys: Iterable[tuple[str, SSlibKey]]) -> Trusted:
    """
    Return *trust* with its *keys*, by name.

    Raises:
        KeyUnusable: Two names have the same key, so that nobody can tell who signed.
    """
    signers: dict[str, Signer] = {}
    for name, key in keys:
        if key.keyid in signers:
            raise KeyUnusable(f"{signers[key.keyid].name} and {name} have the same key")
        signers[key.keyid] = Signer(name, trust.keys[name].roles, key)
    return Trusted(trust, signers)


def read_public_key(pem: bytes) -> SSlibKey:
    """
    Return the public key in *pem*.

    Raises:
        KeyUnusable: It is none, no Ed25519 key, or a private one.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.signer import SSlibKey

    if b"PRIVATE KEY-----" in pem:
        raise KeyUnusable("is a private key; whoever reads it can sign. Make another")
    try:
        key = SSlibKey.from_crypto(load_pem_public_key(pem))
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise KeyUnusable("is no public key in PEM form") from exc
    if key.keytype != _ED25519:
        raise KeyUnusable("is no Ed25519 key")
    return key


def read_private_key(pem: bytes) -> PrivateKey:
    """
    Return the private key in *pem*, which has no passphrase.

    Raises:
        KeyUnusable: It is none, no Ed25519 key, or protected by a passphrase.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner

    try:
        private = load_pem_private_key(pem, None)
    except TypeError as exc:
        raise KeyUnusable(
            "has a passphrase, and nobody can be asked for it; take it off "
            "(openssl pkey -in FILE -out OTHER) and keep the file to yourself"
        ) from exc
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise KeyUnusable(f"is no private key in PEM form; make one with: {MAKE}") from exc
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnusable(f"is no Ed25519 key; make one with: {MAKE}")
    signer = CryptoSigner(private)
    return PrivateKey(signer.public_key.keyid, signer)
