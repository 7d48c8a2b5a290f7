"""
The authorities that a target's certificates are checked against, when the file names its own.

`ca_bundle` replaces what this machine trusts otherwise, for one target. A file
that holds no certificate, a broken one, or only such that are over would turn
up at the first request as "certificate verify failed", which sends people
looking at the server; so it is looked into before.

Called by the wiring; the result goes to :mod:`reconciler.live.connection` and,
to be compared, to :mod:`reconciler.config.policy`.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from datetime import UTC, datetime

from reconciler.diagnostics import ConfigError, Diagnostic

_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----", re.ASCII
)
_PRIVATE = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----")


def read_roots(path: str, read_text: Callable[[], str], now: datetime) -> str:
    """
    Return the certificates in the PEM file *path*, one after the other, and nothing else of it.

    Args:
        path: The file, for messages.
        read_text: Returns its text; raises OSError.
        now: Aware; when certificates must still be valid.

    Raises:
        ConfigError: Code ``missing-ca-bundle`` or ``bad-ca-bundle``.
    """
    try:
        text = read_text()
    except OSError as exc:
        message = f"the certificates in {path} cannot be read: {exc.strerror or 'no such file'}"
        hint = "`ca_bundle` is a path from the folder of the configuration"
        raise ConfigError([Diagnostic("missing-ca-bundle", message, hint=hint)]) from exc
    if _PRIVATE.search(text):
        hint = "whom to trust is no secret; leave the key where it belongs"
        raise _refused(f"{path} holds a private key", hint)
    found: list[str] = _CERTIFICATE.findall(text)
    if not found:
        hint = "it is a PEM file: lines between BEGIN CERTIFICATE and END CERTIFICATE"
        raise _refused(f"{path} holds no certificate", hint)
    over = _over(path, found)
    if over is not None and over < now:
        hint = "ask those who run the target for the certificates of today"
        raise _refused(f"every certificate in {path} is over, the last since {over:%Y-%m-%d}", hint)
    return "\n".join([*found, ""])


def _over(path: str, found: list[str]) -> datetime | None:
    """
    Return when the last of the authorities *found* is over; None if none says.

    Raises:
        ConfigError: One of them cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for number, certificate in enumerate(found, start=1):
        try:
            context.load_verify_locations(cadata=certificate)
        except ssl.SSLError as exc:
            hint = "export it again: it may be cut off"
            raise _refused(f"certificate {number} in {path} cannot be read", hint) from exc
    ends = [str(known["notAfter"]) for known in context.get_ca_certs()]
    last = max(map(ssl.cert_time_to_seconds, ends), default=None)
    return None if last is None else datetime.fromtimestamp(last, UTC)


def _refused(message: str, hint: str) -> ConfigError:
    """Say that the file cannot be used."""
    return ConfigError([Diagnostic("bad-ca-bundle", message, hint=hint)])
