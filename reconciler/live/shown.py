"""
Which attributes a listing is asked to show (RFC 7644, section 3.9).

A profile names attributes to ask for, or to leave out. What is needed for a
plan is asked for in any case and never left out, whatever the profile says;
only the members of groups may come by another way.

Called by :class:`reconciler.live.client.ScimTarget`.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.plan.groups import MEMBERS
from reconciler.profiles.reading import Listings
from reconciler.scim.paths import CORE_URN
from reconciler.states import ResourceType


def parameters(
    flags: Listings, resource_type: ResourceType, wanted: frozenset[str] | None
) -> Mapping[str, str]:
    """
    Return the query parameters that choose attributes.

    Args:
        flags: What the profile says.
        resource_type: What is listed.
        wanted: What must be read; None for whatever the service shows.
    """
    if wanted is None:
        return {}
    apart = resource_type is ResourceType.GROUP and flags.members == "one_by_one"
    if flags.attributes:
        named = {name.lower(): name for name in (*flags.attributes, *wanted, "id")}
        names = sorted(named[key] for key in named.keys() - ({MEMBERS} if apart else set()))
        return {"attributes": ",".join(names)}
    names = [name for name in flags.excluded_attributes if not _needed(name, wanted)]
    if apart and MEMBERS not in (name.lower() for name in names):
        names.append(MEMBERS)
    return {"excludedAttributes": ",".join(names)} if names else {}


def _needed(name: str, wanted: frozenset[str]) -> bool:
    """Say whether leaving *name* out would leave out something of what is *wanted*."""
    left_out = name.lower()
    for urn in map(str.lower, CORE_URN.values()):
        if left_out == urn:
            return True
        left_out = left_out.removeprefix(f"{urn}:")
    return any(
        each == left_out or each.startswith(f"{left_out}:") or left_out.startswith(f"{each}.")
        for each in map(str.lower, wanted)
    )
