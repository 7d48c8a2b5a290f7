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
from typing import Any

_PLAIN = frozenset({str, int, bool, type(None)})
"""What is no float and holds none; most of what is walked."""


def canonical_json(value: Any) -> bytes:
    """
    Return the one way to write *value*.

    Raises:
        ValueError: *value* holds a lone surrogate.
        TypeError: *value* holds a float, or something that JSON does not know.
    """
    _refuse_floats(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def _refuse_floats(value: Any) -> None:
    """Walk *value* without recursion and complain of the first float."""
    waiting: list[Any] = [(value,)]
    while waiting:
        node = waiting.pop()
        for child in node.values() if isinstance(node, dict) else node:
            if child.__class__ in _PLAIN:
                continue
            if isinstance(child, float):
                raise TypeError("canonical JSON holds no floats")
            if isinstance(child, dict | list | tuple):
                waiting.append(child)


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical form of *value*, in 64 hex digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
