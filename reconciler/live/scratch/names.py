"""
What users and groups are called that exist only to be tried out.

A name is the reserved prefix and twelve hexadecimal digits by chance; a user's
has a domain behind it, and both have the part before it as `externalId`. By its
name alone such an object is known again: in this run right before each write,
in a later one as something that an earlier run could not remove.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from reconciler.scim.paths import parse_path
from reconciler.scim.resource import reader
from reconciler.states import ResourceType

PREFIX: Final = "reconciler-scratch-"
"""Reserved: whoever has a name that begins so was made to be deleted."""
DOMAIN: Final = "example.invalid"
"""Where no domain is registered: one that nobody can have (RFC 2606), so that no mail arrives."""
TOKEN_BYTES: Final = 6
"""Of chance in a name."""

_NAME: Final = re.compile(rf"({PREFIX}[0-9a-f]{{{2 * TOKEN_BYTES}}})(?:[@-].*)?", re.IGNORECASE)
_NAMES: Final = {kind: reader(parse_path(kind.named_by)) for kind in ResourceType}
_EXTERNAL_ID: Final = reader(parse_path("externalId"))


def new_name(token: bytes) -> str:
    """Return a name that nobody has, made of *token*."""
    return f"{PREFIX}{token.hex()}"


def has_our_name(kind: ResourceType, resource: Mapping[str, Any]) -> bool:
    """Say whether *resource* is called as only scratch objects are."""
    return _stem(kind, resource) is not None


def is_leftover(kind: ResourceType, resource: Mapping[str, Any]) -> bool:
    """Say whether *resource* was made by an earlier run; what else it is known by must fit."""
    stem, mark = _stem(kind, resource), _EXTERNAL_ID(resource)
    return stem is not None and mark in (None, stem)


def name_of(kind: ResourceType, resource: Mapping[str, Any]) -> Any:
    """Return what *resource* is called."""
    return _NAMES[kind](resource)


def _stem(kind: ResourceType, resource: Mapping[str, Any]) -> str | None:
    """Return prefix and digits of a scratch object's name; None for all others."""
    name = name_of(kind, resource)
    found = _NAME.fullmatch(name) if isinstance(name, str) else None
    return found[1].lower() if found else None
