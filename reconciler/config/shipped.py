"""
The defaults that can be given in part, as a tree to merge on.

`delete_users: {at_most: 5}` keeps the shipped percentage: halves merge like
everything else. All other defaults are in the models themselves.

Used by :mod:`reconciler.config.load`.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from reconciler.config.nodes import Entries, Items, Node, Origin, Scalar
from reconciler.config.safety import Safety

_NOWHERE = Origin("", "")


def shipped_defaults() -> Node:
    """Return what every application starts from before `defaults:`."""
    return _tree({"safety": dict(Safety.model_construct())})


def _tree(value: Any) -> Node:
    """Return plain data as nodes that stand nowhere."""
    if isinstance(value, BaseModel):
        return _tree(dict(value))
    if isinstance(value, dict):
        entries = {key: (_single(key), _tree(below)) for key, below in value.items()}
        return Entries(_NOWHERE, 0, entries)
    if isinstance(value, tuple):
        return Items(_NOWHERE, 0, [_tree(item) for item in value])
    return _single(value)


def _single(value: Any) -> Scalar:
    """Return a single value as a node."""
    return Scalar(_NOWHERE, 0, 0, "", str(value), value)
