"""
The members of groups, where a listing of groups leaves them out.

Many services do, to keep the listing small (fault matrix, F45), and then no
group seems to have anybody in it: everybody would be added again, nobody would
be taken out, and guards would count nobody. A profile may say so; else a few
groups that show no members are read alone, and whoever has members then has
given the listing away.

Called by :class:`reconciler.live.client.ScimTarget`, and by
:mod:`reconciler.live.measure`, which writes what was seen into a profile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from reconciler.live.ids import usable_id
from reconciler.plan.groups import live_members
from reconciler.states import Listing, Resource

LOOKED_AT: Final = 5
"""Groups that are read alone, to see whether the listing left their members out."""

Get = Callable[[str], Resource | None]
"""Reads one group by its id; None when it is gone."""


def hides_members(get: Get, groups: Sequence[Resource]) -> bool:
    """
    Say whether a listing that shows *groups* leaves their members out.

    Raises:
        TargetError: A group could not be read.
    """
    if any(live_members(group) for group in groups):
        return False
    apart = max(1, len(groups) // LOOKED_AT)  # the first ones may be alike, e.g. made in one go
    ids = [group["id"] for group in groups[::apart] if usable_id(group.get("id"))]
    return any(live_members(get(group) or {}) for group in ids[:LOOKED_AT])


def one_by_one(get: Get, listing: Listing, workers: int) -> Listing:
    """
    Return the groups of a complete *listing* as each is shown when it is read alone.

    Raises:
        TargetError: A group could not be read.
    """
    ids = [resource["id"] for resource in listing.resources]
    with ThreadPoolExecutor(workers, "groups") as pool:
        found = list(pool.map(get, ids))
    groups = tuple(group for group in found if group is not None)
    if len(groups) < len(ids):
        problem = "a group that was listed was gone when it was read: somebody deleted it"
        return replace(listing, complete=False, problem=problem)
    return replace(listing, resources=groups)
