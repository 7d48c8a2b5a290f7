"""
The URLs under ``target``: https, or http to this very machine.

The secret travels to these addresses, so everything that could send it
elsewhere or show it to others is refused: plain http beyond loopback, a user
and password, a query, look-alike letters in the host (reliability.md, S09 and
S17). Two spellings of one address become one, because ``apply``, the policy and
the journals compare it as text.

A proxy may be plain http anywhere: what it is asked for in the clear is a host
and a port, and everything else goes through it inside TLS.

Used by :mod:`reconciler.config.kinds`.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from reconciler.config.domains import registered_domain

_SEGMENTS = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]+|/(?=/*$))*")
_DEFAULT_PORTS = {"https": 443, "http": 80}

_NO_USER = "a URL with a user or password in it is not accepted"


class InsecureUrl(ValueError):
    """The address would show the secret to others."""

    def __init__(self, why: str, hint: str | None = None) -> None:
        self.hint = hint
        """What to do instead, where the sentence does not say it."""
        super().__init__(why)


def tenant_url(text: str) -> str:
    """
    Return *text* in its one spelling: lower-case host, no default port, no slash at the end.

    Raises:
        InsecureUrl: http beyond loopback, or a part that holds or leaks a secret.
        ValueError: Not a URL that requests can be built on.
    """
    origin, path = _address(text)
    return origin + path.rstrip("/")


def token_url(text: str) -> str:
    """Return *text* as `tenant_url` does, but with its path to the letter; raises the same."""
    return "".join(_address(text))


def proxy_url(text: str) -> str:
    """
    Return *text* in its one spelling: scheme, host and port.

    Raises:
        InsecureUrl: A part that holds or leaks a secret.
        ValueError: Not the URL of an HTTP proxy.
    """
    hint = "a proxy that asks for a password is not supported"
    parts = _split(text, hint)
    if parts.path not in ("", "/"):
        raise ValueError("the URL of a proxy has a host and a port, and no path")
    return _origin(parts)


def _address(text: str) -> tuple[str, str]:
    """Return origin and path of an address that the secret is sent to."""
    parts = _split(text, "the secret is what `secret_token` refers to")
    origin = _origin(parts)
    if parts.scheme == "http" and not is_loopback(str(urlsplit(origin).hostname)):
        why = "plain http would show the secret to everybody on the way; write https"
        raise InsecureUrl(f"{why} (http is for this machine only: 127.0.0.1, ::1, localhost)")
    if not _SEGMENTS.fullmatch(parts.path):
        raise ValueError("the path of this URL cannot be used")
    if {".", ".."} & set(parts.path.split("/")):
        raise ValueError("the path of this URL may not hold `.` or `..`")
    return origin, parts.path


def _split(text: str, hint: str) -> SplitResult:
    """Return the parts of *text*, none of which holds a secret; *hint* is for a user in it."""
    try:
        parts = urlsplit(text)
    except ValueError as exc:
        raise ValueError("this is not a URL") from exc
    if "@" in parts.netloc:
        raise InsecureUrl(_NO_USER, hint)
    if "?" in text or "#" in text:
        raise InsecureUrl("this URL may have no query and no fragment")
    return parts


def _origin(parts: SplitResult) -> str:
    """Return scheme, host and port in their one spelling."""
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("this URL must begin with `https://` and a host")
    try:
        port = parts.port
    except ValueError as exc:
        raise ValueError("this is not a URL") from exc
    if port == 0:
        raise ValueError("the port of this URL cannot be used")
    suffix = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{_host(parts.hostname, at='@' in parts.path)}{suffix}"


def is_loopback(host: str) -> bool:
    """Say whether *host* (an IPv6 address may stand in brackets) is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _host(name: str, *, at: bool) -> str:
    """
    Return *name* as it goes into the URL; letters beyond ASCII must be spelled out.

    *at* says that an `@` follows, so that the name may be the beginning of a password.
    """
    try:
        address = ip_address(name)
    except ValueError:
        return _host_name(name, at)
    if "%" in name:
        raise ValueError("an address with a zone cannot be the host of this URL")
    return f"[{address}]" if address.version == 6 else str(address)


def _host_name(name: str, at: bool) -> str:
    """Return a host that is not a number as it goes into the URL; *at*: the path holds an `@`."""
    try:
        domain = registered_domain(name)
    except ValueError as exc:
        if at:  # a password with a slash in it is taken for a host, and must not be quoted
            raise InsecureUrl(_NO_USER) from exc
        raise ValueError(f"the host of this URL cannot be used: {exc}") from exc
    if not name.isascii():
        raise ValueError(f"write the host of this URL in its ASCII form: `{domain}`")
    return domain
