"""
How the pages of one listing are asked for: by cursor or by index, and how large.

What the profile says comes before what the service declares; a declared maximum is
kept to in any case.

Used by :class:`reconciler.live.client.ScimTarget`.
"""

from __future__ import annotations

from typing import Final

from reconciler.live.pages import Paging
from reconciler.profiles.model import Profile
from reconciler.scim.capabilities import Capabilities
from reconciler.states import ResourceType

PAGE_SIZE: Final = 100
"""Resources a page, where the service names no maximum; and groups, whose members come along."""
LARGEST_PAGE: Final = 1_000
"""Resources a page at most; beyond it pages get no faster (performance.md, ingredient 7)."""


def paging_of(
    resource_type: ResourceType, capabilities: Capabilities, profile: Profile, asked: int | None
) -> Paging:
    """Return how pages are asked for: what the profile says comes before what is declared."""
    mode = profile.paging.mode
    if mode == "none":
        return Paging(0, single=True)
    size = asked or _page_size(resource_type, capabilities)
    size = min(size, profile.paging.max or size) if profile.paging.count_param else 0
    cursor = capabilities.pages_by_cursor if mode == "auto" else mode == "cursor"
    return Paging(size, cursor, trusting=profile.paging.trust_total)


def _page_size(resource_type: ResourceType, capabilities: Capabilities) -> int:
    """Return how many resources to ask for at once."""
    said = [
        limit
        for limit in (capabilities.max_page_size, capabilities.filter_max_results)
        if limit is not None
    ]
    largest = PAGE_SIZE if resource_type is ResourceType.GROUP or not said else LARGEST_PAGE
    return min([largest, *said])
