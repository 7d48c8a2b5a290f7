"""
Which flags of a profile this version acts on.

A flag that is read and not acted on would be a promise: whoever says that a
service takes members out by a form of its own must not get the usual one. So a
profile that says anything else is refused until the engine does it.

Called by :mod:`reconciler.config.load`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from reconciler.profiles.model import GENERIC, Profile

ACTED: Final = frozenset(
    {
        "bulk.max_operations",
        "bulk.use",
        "concurrency.etag",
        "concurrency.max_inflight",
        "concurrency.read_after_write.delay_seconds",
        "concurrency.read_after_write.retries",
        "discovery",
        "errors.duplicate",
        "extends",
        "filter.calibrate",
        "filter.case_sensitive",
        "filter.lookup",
        "limits.burst",
        "limits.max_wait_seconds",
        "limits.requests_per_second",
        "limits.retry_after",
        "list.attributes",
        "list.complete",
        "list.excluded_attributes",
        "list.members",
        "members.max",
        "paging.count_param",
        "paging.max",
        "paging.mode",
        "paging.trust_total",
        "tested",
    }
)
"""Flags by their path; those that are only for people count."""


def not_acted_on(profile: Profile) -> list[str]:
    """Return the flags that *profile* sets and nothing acts on yet, by their paths, sorted."""
    return sorted(set(_differing(profile, GENERIC, "")) - ACTED)


def _differing(one: BaseModel, other: BaseModel, above: str) -> Iterator[str]:
    """Yield the paths at which two models say different things."""
    for name in type(one).model_fields:
        mine, theirs = getattr(one, name), getattr(other, name)
        if isinstance(mine, BaseModel) and isinstance(theirs, BaseModel):
            yield from _differing(mine, theirs, f"{above}{name}.")
        elif mine != theirs:
            yield f"{above}{name}"
