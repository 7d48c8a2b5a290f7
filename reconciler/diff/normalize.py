"""
One canonical form per value, by schema.

Two values are the same when their canonical forms are. The rules are those of
RFC 7643: null, absent and the empty list are one thing (section 2.5); values
of a multi-valued attribute have no order (section 2.4); strings are compared
without case unless the schema says ``caseExact`` (section 2.2;
:mod:`reconciler.scim.folding`). Booleans may come as words, because servers send
them so (ruling 7).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from reconciler.scim.folding import fold, fold_all
from reconciler.scim.schema import AttributeDefinition

Canonical = Callable[[Any], Any]

_WORDS = {"true": True, "false": False}
"""What servers send for booleans, in lower case (ruling 7)."""


def canonical_for(definition: AttributeDefinition | None) -> Canonical:
    """
    Return the function that brings values of one attribute into canonical form.

    An attribute that no schema describes is compared exactly: a change that is
    shown without need is better than one that is missed.
    """
    kind = definition.type if definition else "string"
    exact = definition.case_exact if definition else True
    if kind == "boolean":
        return boolean
    if kind == "integer":
        return _integer
    return _exact if exact or kind in {"reference", "binary", "dateTime"} else _folded


def canonical_of_all(canonical: Canonical, values: Sequence[Any]) -> Sequence[Any]:
    """Return the canonical forms of *values*; of texts, which is the common case, in one go."""
    if canonical in (_exact, _folded) and set(map(type, values)) == {str}:
        return values if canonical is _exact else fold_all(values)
    return [canonical(value) for value in values]


def boolean(value: Any) -> Any:
    """Return *value* with the words that servers send for booleans read (ruling 7)."""
    if value is True or value is False or value is None:
        return value
    return _WORDS.get(value.lower(), value) if isinstance(value, str) else _exact(value)


def _integer(value: Any) -> Any:
    """Read digits that came as text."""
    try:
        return int(value) if isinstance(value, str) else _exact(value)
    except ValueError:
        return value


def _exact(value: Any) -> Any:
    """Compare text to the letter, lists without order, and nothing as nothing."""
    return value if isinstance(value, str) else _structure(value, lambda text: text)


def _folded(value: Any) -> Any:
    """Compare text without case, lists without order, and nothing as nothing."""
    if isinstance(value, str):
        return value.lower() if value.isascii() else fold(value)  # as fold does, in one call less
    return _structure(value, fold)


def _structure(value: Any, text: Callable[[str], str]) -> Any:
    """Bring dictionaries and lists into a form that compares by content."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list | tuple):
        members = [_structure(item, text) for item in value]
        return tuple(sorted((m for m in members if m is not None), key=repr)) or None
    if isinstance(value, dict):
        pairs = ((str(k).lower(), _structure(v, text)) for k, v in value.items())
        return tuple(sorted((pair for pair in pairs if pair[1] is not None), key=repr)) or None
    return repr(value) if isinstance(value, float) else value


def reference_id(value: Any) -> str | None:
    """
    Return the id that a live reference holds.

    A manager is ``{"value": id, …}`` by RFC 7643 and plain text on some servers.
    """
    if isinstance(value, dict):
        value = next((v for k, v in value.items() if k.lower() == "value"), None)
    return value if isinstance(value, str) and value else None
