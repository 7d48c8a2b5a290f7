"""
Ids of the target, before they enter a path.

A server that calls a user ``..`` turns ``DELETE /Users/..`` into a request for
the service itself, and one that calls it nothing turns it into ``DELETE
/Users/`` (reliability.md S11, F46; both measured). Such ids are refused when
they are read, and again before they are sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_ID = re.compile(r"[\x21-\x7e]{1,255}")
_UNFIT = frozenset("/?#%\\")


_IDS = re.compile(r"(?:[\x21-\x7e]{1,255}\n)*")


def usable_ids(values: Sequence[Any]) -> bool:
    """Say whether all of *values* can be ids; in one go, where they plainly can."""
    if set(map(type, values)) <= {str}:
        joined = "\n".join((*values, ""))
        plain = "." not in joined and _UNFIT.isdisjoint(joined)
        if plain and joined.count("\n") == len(values) and _IDS.fullmatch(joined):
            return True
    return all(map(usable_id, values))


def usable_id(value: Any) -> bool:
    """Say whether *value* can be a resource's id, and one segment of a path."""
    return (
        isinstance(value, str)
        and _ID.fullmatch(value) is not None
        and value not in {".", ".."}
        and _UNFIT.isdisjoint(value)
    )
