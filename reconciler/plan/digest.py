"""
Canonical JSON and its SHA-256.

Two plans are the same plan when their canonical bodies have the same digest.
Canonical means: UTF-8, keys sorted, no spaces, no floats, no lone surrogates;
what cannot be written so is refused, because a digest over something ambiguous
protects nothing (INV-24).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_QUICK: Final = msgspec.json.Encoder(order="sorted").encode
"""Writes the same bytes in an eighth of the time, of values that are plain, and keys that are."""

_PLAIN = frozenset({str, int, bool, type(None)})
"""What is no float and holds none; most of what is walked."""
_CONTAINERS = frozenset({dict, list, tuple})


def canonical_json(value: Any) -> bytes:
    """
    Return the one way to write *value*.

    Raises:
        ValueError: *value* holds a lone surrogate.
        TypeError: *value* holds a float, or something that JSON does not know.
    """
    if _is_plain(value):
        try:
            return _QUICK(value)
        except TypeError:
            pass  # of a key that is no text: it is written as one
    return _ENCODE(value).encode("utf-8")


def canonical_object(members: Mapping[str, Any]) -> Iterator[bytes]:
    """
    Yield the canonical form of an object in pieces; what is large in it is never whole in memory.

    Args:
        members: By their names; an iterator yields the pieces of a value, which is canonical.

    Raises:
        ValueError, TypeError: As :func:`canonical_json`, when the piece is reached.
    """
    before = b"{"
    for name in sorted(members):
        value = members[name]
        yield before + canonical_json(name) + b":"
        if isinstance(value, Iterator):
            yield from value
        else:
            yield canonical_json(value)
        before = b","
    yield b"}" if members else b"{}"


def canonical_array(elements: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the canonical form of an array in pieces, from that of each of its *elements*."""
    before = b"["
    for element in elements:
        yield before + element
        before = b","
    yield b"[]" if before == b"[" else b"]"


def canonical_leaves(members: Mapping[str, Any], leaves: Iterable[Any]) -> bytes | None:
    """
    Return the canonical form of an object of which *leaves* are all that is not known.

    Args:
        members: By their names; besides the leaves they hold texts, integers, truth and
            nothing, tuples and structs of such.
        leaves: All others that are somewhere in them.

    Returns:
        The form; None where a leaf has to be walked through.

    Raises:
        ValueError: There is a lone surrogate.
    """
    return _QUICK(members) if _PLAIN.issuperset(map(type, leaves)) else None


def _is_plain(value: Any) -> bool:
    """
    Say whether *value* holds nothing but the plain types of JSON, by a walk without recursion.

    Raises:
        TypeError: It holds a float.
    """
    plain = True
    waiting: list[Any] = [(value,)]
    while waiting:
        node = waiting.pop()
        for child in node.values() if isinstance(node, dict) else node:
            kind = child.__class__
            if kind in _PLAIN:
                continue
            if kind in _CONTAINERS:
                waiting.append(child)
                continue
            if isinstance(child, float):
                raise TypeError("canonical JSON holds no floats")
            if isinstance(child, dict | list | tuple):
                waiting.append(child)
            plain = False
    return plain


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical form of *value*, in 64 hex digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def digest_of(pieces: Iterable[bytes]) -> str:
    """Return the SHA-256 of a canonical form that comes in *pieces*, in 64 hex digits."""
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()
