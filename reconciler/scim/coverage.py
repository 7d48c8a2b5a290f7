"""
Whether an attribute is among those that are named, as a whole or by a part of it.

``name`` covers ``name.givenName``, ``emails`` covers ``emails[type eq "work"].value``,
``emails.display`` covers the display of every element, and the URN of a schema
covers all that is in it. Names and URNs are compared without case (RFC 7643,
section 2.1).

Used for what a profile says of attributes, by the checks and by the plan.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.scim.paths import AttributePath, PathError, parse_path, refers


def covers(named: Iterable[str], path: AttributePath) -> bool:
    """Say whether one of *named*, paths and URNs of schemas, covers *path*."""
    return any(_covers(one.strip(), path) for one in named)


def is_nameable(text: str) -> bool:
    """Say whether *text* can name attributes: it is a path, or may be the URN of a schema."""
    if text.strip().lower().startswith("urn:"):
        return True
    try:
        parse_path(text)
    except PathError:
        return False
    return True


def _covers(named: str, path: AttributePath) -> bool:
    if path.urn is not None and path.urn.lower() == named.lower():
        return True
    try:
        holder = parse_path(named)
    except PathError:  # the URN of another schema
        return False
    same = _name(holder.urn, holder.attribute) == _name(path.urn, path.attribute)
    element = not holder.conditions or set(holder.conditions) == set(path.conditions)
    return same and element and (holder.sub is None or holder.sub.lower() == _part(path))


def _name(urn: str | None, attribute: str) -> tuple[str, str]:
    return (urn or "").lower(), attribute.lower()


def _part(path: AttributePath) -> str | None:
    """Return the part of an attribute that is written: of a reference, its value."""
    return (path.sub or ("value" if refers(path) else "")).lower() or None
