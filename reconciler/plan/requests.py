"""
The two kinds of request that change what is there.

Made by :mod:`reconciler.plan.encode`, sent by :mod:`reconciler.apply`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PatchOperation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Patch:
    """One PATCH (RFC 7644, section 3.5.2)."""

    operations: Sequence[PatchOperation]


@dataclass(frozen=True, slots=True)
class Put:
    """One PUT (RFC 7644, section 3.5.1): a whole resource."""

    body: dict[str, Any]
