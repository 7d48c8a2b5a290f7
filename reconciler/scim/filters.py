"""
SCIM filters, as far as they are sent: one attribute equals one value, or one of several.

More is not needed, and not every service has more (scim.md, section 5). The
attribute comes from a parsed path, never from text; the value is JSON, so that
a quote in somebody's name cannot become a part of the filter (reliability.md S12).
"""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.scim.paths import AttributePath, literal


def equals(path: AttributePath, value: str) -> str:
    """Return the filter ``path eq "value"`` (RFC 7644, section 3.4.2.2)."""
    if not path.conditions:
        return f"{path} eq {literal(value)}"
    tests = [*path.conditions, (path.sub or "value", value)]
    return str(AttributePath(path.urn, path.attribute, tuple(tests)))


def any_of(path: AttributePath, values: Iterable[str]) -> str:
    """Return the filter ``path eq "one" or path eq "other"``."""
    if path.conditions:
        return " or ".join(equals(path, value) for value in values)
    begin = f"{path} eq "
    return " or ".join([begin + literal(value) for value in values])
