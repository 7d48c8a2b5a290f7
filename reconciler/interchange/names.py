"""
Names that a configuration takes, and that nothing else in it has.

What comes from elsewhere may be called anything: too long, like something that
is there already, or with characters that no file shows. Used by both imports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reconciler.config import DEFAULT_ACCESS

LONGEST = 256
"""Characters of a name in our format."""

UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters that our reader of YAML refuses (:mod:`reconciler.config.tree`)."""


def nameable(text: str) -> bool:
    """Say whether *text* can be a name in our format."""
    return 0 < len(text) <= LONGEST and not UNREADABLE.search(text)


def free_name(name: str, taken: Iterable[str]) -> str:
    """Return *name*, numbered if another role, or having no role, is called so in any case."""
    others = {DEFAULT_ACCESS.casefold(), *(each.casefold() for each in taken)}
    free, number = name, 2
    while free.casefold() in others:
        mark = f" ({number})"
        free, number = f"{name[: LONGEST - len(mark)]}{mark}", number + 1
    return free
