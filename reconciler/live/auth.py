"""
The bearer token: where it is found, and what it may look like.

A token that holds a line break would write headers of its own (httpx builds
them without complaint, reliability.md S13), so only the characters of RFC 6750,
section 2.1, pass. The token is never part of a message or a ``repr``.

Called by the wiring, and by :mod:`reconciler.live.transport` for the header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.config.model import SecretReference
from reconciler.diagnostics import ConfigError, Diagnostic

TOKEN_LIMIT = 8 * 1024
"""Bytes of the longest token; servers refuse longer headers."""

_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")


@dataclass(frozen=True, slots=True)
class BearerAuth:
    """A checked bearer token, which shows itself to nobody but the target."""

    header: str = field(repr=False)
    """The value of the ``Authorization`` header."""

    @classmethod
    def of(cls, token: str) -> BearerAuth:
        """
        Check *token*; a single line break at its end, as editors leave it, is dropped.

        Raises:
            ConfigError: Code ``bad-token``; the message does not show the token.
        """
        bare = token.removesuffix("\n").removesuffix("\r")
        if len(bare) > TOKEN_LIMIT or not _TOKEN.fullmatch(bare):
            raise ConfigError([_BAD_TOKEN])
        return cls(f"Bearer {bare}")

    def hidden_in(self, body: bytes) -> bytes:
        """Return *body* without the token: some servers repeat what they do not accept."""
        token = self.header.partition(" ")[2]
        for shown in (token, token.replace("/", "\\/")):  # JSON may write a slash either way
            body = body.replace(shown.encode("ascii"), b"***")
        return body


_BAD_TOKEN = Diagnostic(
    "bad-token",
    "the secret token is not a bearer token",
    hint=f"a token has letters, digits and - . _ ~ + /, and at most {TOKEN_LIMIT:,} characters; "
    "look for blanks, quotes or a second line around it",
)


def resolve(
    reference: SecretReference, environ: Mapping[str, str], read_text: Callable[[str], str]
) -> str:
    """
    Fetch the secret that *reference* names.

    Args:
        reference: From the reviewed file.
        environ: The process environment.
        read_text: Returns a file's text; raises OSError or ValueError.

    Raises:
        ConfigError: Code ``missing-secret``, with the name of the variable or
            file, never with its content.
    """
    if reference.env is not None:
        secret, where = environ.get(reference.env, ""), f"environment variable {reference.env}"
        hint = f"set {reference.env} before running the command"
    else:
        secret, where = _from_file(str(reference.file), read_text), f"file {reference.file}"
        hint = "write the token, and nothing else, into the file"
    if not secret.strip():
        message = f"the secret token is missing: {where} is not there, not readable, or empty"
        raise ConfigError([Diagnostic("missing-secret", message, hint=hint)])
    return secret


def _from_file(path: str, read_text: Callable[[str], str]) -> str:
    """Return the text of *path*, or nothing when it cannot be read."""
    try:
        return read_text(path)
    except (OSError, ValueError):
        return ""
