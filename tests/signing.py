"""Keys for tests: made once per name, so that a test that fails does so again."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from reconciler.config.trust import Role, Trust, TrustedKey
from reconciler.signing.keys import (
    PrivateKey,
    Trusted,
    read_private_key,
    read_public_key,
    trusted,
)


@cache
def private_pem(name: str) -> bytes:
    """Return the private key of *name*."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@cache
def public_pem(name: str) -> str:
    """Return the public key of *name*."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
    form = PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(Encoding.PEM, form).decode()


def key_of(name: str) -> PrivateKey:
    """Return what *name* signs with."""
    return read_private_key(private_pem(name))


def trusting(holders: dict[str, tuple[Role, ...]] | None = None, **settings: Any) -> Trusted:
    """Return a `trust:` in which the *holders* have these roles."""
    keys = {
        name: TrustedKey(public_key=public_pem(name), roles=roles)
        for name, roles in (holders or {}).items()
    }
    trust = Trust(keys=keys, **settings)
    return trusted(trust, [(name, read_public_key(public_pem(name).encode())) for name in keys])


def write_key(folder: Path, name: str) -> Path:
    """Put the private key of *name* on disk, readable by its owner alone."""
    path = folder / f"{name}.pem"
    path.touch(mode=0o600)
    path.write_bytes(private_pem(name))
    return path


def settings_of(holders: dict[str, list[str]], **settings: Any) -> dict[str, Any]:
    """Return a `trust:` as the file has it."""
    keys = {
        name: {"public_key": public_pem(name), "roles": roles} for name, roles in holders.items()
    }
    return {"keys": keys, **settings}
