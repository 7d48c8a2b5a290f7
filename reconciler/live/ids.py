"""
Ids of the target, before they enter a path.

A server that calls a user ``..`` turns ``DELETE /Users/..`` into a request for
the service itself, and one that calls it nothing turns it into ``DELETE
/Users/`` (reliability.md S11, F46; both measured). Such ids are refused when
they are read, and again before they are sent.
"""

from __future__ import annotations

import re
from typing import Any

_ID = re.compile(r"[\x21-\x7e]{1,255}")
_UNFIT = frozenset("/?#%\\")


def usable_id(value: Any) -> bool:
    """Say whether *value* can be a resource's id, and one segment of a path."""
    return (
        isinstance(value, str)
        and _ID.fullmatch(value) is not None
        and value not in {".", ".."}
        and _UNFIT.isdisjoint(value)
    )
