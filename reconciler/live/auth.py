"""
What proves to the target who we are: where the secret is found, and what it may look like.

A secret that holds a line break would write headers of its own (httpx builds
them without complaint, reliability.md S13), so only the characters of RFC 6750,
section 2.1, pass for a token, and no control character for a password (RFC
7617, section 2). Neither is ever part of a message or a ``repr``.

A token that is fetched and renewed is :class:`reconciler.live.oauth.OAuth`.
Called by the wiring, and by :mod:`reconciler.live.transport` for the header.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from unicodedata import normalize

from reconciler.config.references import SecretReference
from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.live.hiding import hide

SECRET_LIMIT = 8 * 1024
"""Characters of the longest secret; servers refuse longer headers."""

_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Also half characters, which Python makes of bytes in the environment that are no UTF-8."""


class Auth(Protocol):
    """A credential that shows itself to nobody but the target; safe for threads."""

    def header(self) -> str:
        """
        Return the value of the ``Authorization`` header, fetched if need be.

        Raises:
            TargetError: It cannot be had.
        """

    def renew(self, refused: str) -> bool:
        """Give up the header value *refused*; say whether another can be had."""

    def hidden_in(self, words: str) -> str:
        """Return *words* without the secret: some servers repeat what they do not accept."""

    def close(self) -> None:
        """Close whatever connection there is."""


@dataclass(frozen=True, slots=True)
class FixedAuth:
    """A credential that stays as it is."""

    value: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    """Every spelling of it that a server could repeat."""

    def header(self) -> str:
        """Return the value of the ``Authorization`` header."""
        return self.value

    def renew(self, refused: str) -> bool:
        """Say that there is no other."""
        return False

    def hidden_in(self, words: str) -> str:
        """Return *words* without the secret."""
        return hide(words, self.secrets)

    def close(self) -> None:
        """There is nothing to close."""


class BearerAuth(FixedAuth):
    """A bearer token (RFC 6750)."""

    __slots__ = ()

    @classmethod
    def of(cls, token: str) -> BearerAuth:
        """
        Check *token*; a single line break at its end, as editors leave it, is dropped.

        Raises:
            ConfigError: Code ``bad-token``; the message does not show the token.
        """
        bare = one_line(token)
        if len(bare) > SECRET_LIMIT or not _TOKEN.fullmatch(bare):
            raise ConfigError([_BAD_TOKEN])
        return cls(f"Bearer {bare}", (bare,))


class BasicAuth(FixedAuth):
    """A name and a password (RFC 7617)."""

    __slots__ = ()

    @classmethod
    def of(cls, username: str, password: str) -> BasicAuth:
        """
        Check *password*; a single line break at its end is dropped.

        Both go out as composed UTF-8, as RFC 7617 (section 2.1) asks of those
        who say which encoding they mean; most servers say nothing and mean it.

        Args:
            username: Without a colon, which the configuration has made sure of.
            password: As it was found.

        Raises:
            ConfigError: Code ``bad-secret``; the message does not show it.
        """
        bare = plain_secret(password, "a password")
        pair = basic_credentials(normalize("NFC", username), normalize("NFC", bare))
        return cls(f"Basic {pair}", (pair, bare, normalize("NFC", bare)))


def basic_credentials(name: str, secret: str) -> str:
    """Return what stands after ``Basic`` (RFC 7617, section 2)."""
    return b64encode(f"{name}:{secret}".encode()).decode("ascii")


def one_line(secret: str) -> str:
    """Return *secret* without the line break that editors leave at the end of a file."""
    return secret.removesuffix("\n").removesuffix("\r")


def plain_secret(secret: str, kind: str) -> str:
    """
    Return *secret* without a line break at its end; *kind* says what it should be.

    Raises:
        ConfigError: Code ``bad-secret``; the message does not show it.
    """
    bare = one_line(secret)
    if len(bare) > SECRET_LIMIT or _CONTROL.search(bare):
        message = f"the secret cannot be {kind}"
        hint = f"it has one line, no control character, and at most {SECRET_LIMIT:,} characters"
        raise ConfigError([Diagnostic("bad-secret", message, hint=hint)])
    return bare


_BAD_TOKEN = Diagnostic(
    "bad-token",
    "the secret token is not a bearer token",
    hint=f"a token has letters, digits and - . _ ~ + /, and at most {SECRET_LIMIT:,} characters; "
    "look for blanks, quotes or a second line around it",
)


def resolve(
    reference: SecretReference,
    key: str,
    environ: Mapping[str, str],
    read_text: Callable[[str], str],
) -> str:
    """
    Fetch the secret that *reference* names.

    Args:
        reference: From the reviewed file.
        key: Where it stands there, such as ``fleet.database``; for people.
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
        hint = "write the secret, and nothing else, into the file"
    if not secret.strip():
        message = f"the secret of `{key}` is missing: {where} is not there, not readable, or empty"
        raise ConfigError([Diagnostic("missing-secret", message, hint=hint)])
    return secret


def _from_file(path: str, read_text: Callable[[str], str]) -> str:
    """Return the text of *path*, or nothing when it cannot be read."""
    try:
        return read_text(path)
    except (OSError, ValueError):
        return ""
