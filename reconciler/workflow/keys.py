"""
Files of keys: those that the configuration trusts, and the one that ``--key`` names.

A private key that others can read is refused, as ssh does: whoever reads it can
sign. It is never printed, copied or stored.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from reconciler.config.trust import PEM, Role, TrustedKey
from reconciler.diagnostics import ConfigError, Diagnostic, ReconcilerError
from reconciler.signing.keys import (
    KeyUnusable,
    PrivateKey,
    Trusted,
    read_private_key,
    read_public_key,
    trusted,
)
from reconciler.signing.statements import SignatureRefused
from reconciler.workflow.project import Project, Unusable

KEY_LIMIT = 16 * 1024
"""Bytes of a file of a key that are read; an Ed25519 key in PEM form has 113 and 119."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def trusted_by(project: Project) -> Trusted:
    """
    Return `trust:` of *project*, with its keys read.

    Raises:
        Unusable: With every key that cannot be used.
    """
    trust = project.loaded.config.trust
    keys, found = [], []
    for name, entry in trust.keys.items():
        try:
            keys.append((name, read_public_key(_text_of(project, entry))))
        except (KeyUnusable, OSError) as exc:
            found.append(_complaint(project, name, exc))
    if not found:
        try:
            return trusted(trust, keys)
        except KeyUnusable as exc:
            place = project.loaded.locate("trust", "keys")
            found.append(Diagnostic("repeated-signer", f"`trust.keys`: {exc}", place))
    raise Unusable(ConfigError(found), project.texts)


def wrong_keys(project: Project) -> Iterator[Diagnostic]:
    """Yield what is wrong with the keys that *project* trusts."""
    try:
        trusted_by(project)
    except ConfigError as exc:
        yield from exc.diagnostics


def _text_of(project: Project, entry: TrustedKey) -> bytes:
    """Return the PEM of a trusted key: it stands in the configuration, or in a file."""
    if entry.public_key.lstrip().startswith(PEM):
        return entry.public_key.encode()
    with (project.folder / entry.public_key).open("rb") as file:
        return file.read(KEY_LIMIT)


def _complaint(project: Project, name: str, problem: Exception) -> Diagnostic:
    """Say what is wrong with the key of *name*; a line that may hold a secret is not shown."""
    entry = project.loaded.config.trust.keys[name]
    is_path = not entry.public_key.lstrip().startswith(PEM)
    place = project.loaded.locate("trust", "keys", name, "public_key") if is_path else None
    which = f"the public key of {name}"
    if isinstance(problem, OSError):
        why = problem.strerror or "no such file"
        hint = "`public_key` is a path from the folder of the configuration"
        return Diagnostic("missing-public-key", f"{which} cannot be read: {why}", place, hint)
    hint = "openssl pkey -in PRIVATE -pubout prints the public key that belongs to a private one"
    return Diagnostic("bad-public-key", f"{which} {problem}", place, hint)


def signing_key(path: Path) -> PrivateKey:
    """
    Return the private key in the file at *path*.

    Raises:
        KeyUnusable: It cannot be read, others can read it, or it is none.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            pem = file.read(KEY_LIMIT)
    except OSError as exc:
        raise KeyUnusable(f"the key {path} cannot be read: {exc.strerror}") from exc
    if os.name == "posix" and mode & _OTHERS:
        raise KeyUnusable(f"others may read the key {path}, and sign with it: chmod 600 {path}")
    try:
        return read_private_key(pem)
    except KeyUnusable as exc:
        raise KeyUnusable(f"the key {path} {exc}") from exc


def key_of(path: Path | None, trust: Trusted, role: Role) -> PrivateKey | None:
    """
    Return the key at *path* if its holder has *role*; None where nothing is signed.

    Raises:
        KeyUnusable: As :func:`signing_key`.
        SignatureRefused: `trust` gives the role to nobody, or not to this key.
        ReconcilerError: There is no path, and *role* has to sign.
    """
    names = trust.trust.holders_of(role)
    if path is None:
        if role == "approver" and names:
            raise ReconcilerError(
                f"`trust.keys` names who is approver ({', '.join(names)}), so an approval is "
                "signed: add --key FILE"
            )
        return None
    key = signing_key(path)
    if trust.holder(key, role) is None:
        known = f"it knows {', '.join(names)}" if names else "it names nobody"
        raise SignatureRefused(
            f"`trust.keys` does not have the key {path} as {role}: {known}. Add its public key "
            f"with `roles: [{role}]`, in a reviewed change (openssl pkey -in {path} -pubout)"
        )
    return key
