"""
Registered domains, as they are compared.

A domain is compared in its A-label form (``xn--…``), made by strict IDNA 2008:
the older mapping turns ``faß.de`` into somebody else's ``fass.de``, and lets
look-alike dots and letters through (reliability.md, S28).

Used by the models, and by :mod:`reconciler.scope` for the domains of people.
"""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

_ASCII_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
"""Domains differ in more than case only beyond ASCII, and there IDNA decides."""


def registered_domain(text: str) -> str:
    """
    Return the A-label form of the domain *text*, in lower case.

    Raises:
        ValueError: Not a domain of IDNA 2008; the message says why.
    """
    if text.startswith("*."):
        raise ValueError("wildcards are not supported: name every domain")
    if "@" in text:
        raise ValueError("write the domain alone, without `@`")
    if text.endswith("."):
        raise ValueError("write the domain without a dot at the end")
    import idna  # only a configuration that names domains waits for its tables

    try:
        domain = idna.encode(text.translate(_ASCII_LOWER), strict=True, std3_rules=True)
    except idna.IDNAError as exc:
        raise ValueError(f"not a domain name of IDNA 2008: {_reason(exc)}") from exc
    if domain.rsplit(b".", 1)[-1].isdigit():
        raise ValueError("an IP address is not a domain")
    return domain.decode("ascii")


def _reason(exc: UnicodeError) -> str:
    """Put the library's reason into the middle of a sentence."""
    words = str(exc)
    return words[:1].lower() + words[1:]
