"""
The tenant URL: https, or http to this very machine.

The bearer token travels to this address, so everything that could send it
elsewhere or show it to others is refused: plain http beyond loopback, a user
and password, a query, look-alike letters in the host (reliability.md, S09 and
S17). Two spellings of one address become one, because ``apply`` and the
journals compare it as text.

Used by :mod:`reconciler.config.model`.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from reconciler.config.domains import registered_domain

_SEGMENTS = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]+|/(?=/*$))*")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class InsecureUrl(ValueError):
    """The address would show the token to others."""


def tenant_url(text: str) -> str:
    """
    Return *text* in its one spelling: lower-case host, no default port, no slash at the end.

    Raises:
        InsecureUrl: http beyond loopback, or a part that holds or leaks a secret.
        ValueError: Not a URL that requests can be built on.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as exc:
        raise ValueError("this is not a URL") from exc
    _refuse_secrets(parts, text)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("a tenant URL begins with `https://` and a host")
    host = _host(parts.hostname)
    if parts.scheme == "http" and not is_loopback(host):
        why = "plain http would show the token to everybody on the way; write https"
        raise InsecureUrl(f"{why} (http is for this machine only: 127.0.0.1, ::1, localhost)")
    if port == 0 or not _SEGMENTS.fullmatch(parts.path):
        raise ValueError("the port or the path of this URL cannot be used")
    if {".", ".."} & set(parts.path.split("/")):
        raise ValueError("the path of this URL may not hold `.` or `..`")
    suffix = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{suffix}{parts.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Say whether *host* (an IPv6 address may stand in brackets) is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _refuse_secrets(parts: SplitResult, text: str) -> None:
    """Refuse what would put a secret into the file, or into every log on the way."""
    if "@" in parts.netloc:
        raise InsecureUrl("a URL with a user or password in it is not accepted")
    if "?" in text or "#" in text:
        raise InsecureUrl("a tenant URL has no query and no fragment")


def _host(name: str) -> str:
    """Return *name* as it goes into the URL; letters beyond ASCII must be spelled out."""
    try:
        address = ip_address(name)
    except ValueError:
        return _host_name(name)
    if "%" in name:
        raise ValueError("an address with a zone cannot be the host of this URL")
    return f"[{address}]" if address.version == 6 else str(address)


def _host_name(name: str) -> str:
    """Return a host that is not a number as it goes into the URL."""
    try:
        domain = registered_domain(name)
    except ValueError as exc:
        raise ValueError(f"the host of this URL cannot be used: {exc}") from exc
    if not name.isascii():
        raise ValueError(f"write the host of this URL in its ASCII form: `{domain}`")
    return domain
