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
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, float):
            raise TypeError("canonical JSON holds no floats")
        if isinstance(node, dict):
            waiting.extend(node.values())
        elif isinstance(node, list | tuple):
            waiting.extend(node)


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical form of *value*, in 64 hex digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
