"""
Whose is what: live resources are ours or hands-off, before anything is compared.

What is to be disabled, deleted or taken from is drawn from ours only, so that
no later mistake can reach what never entered the room (ruling 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal

from reconciler.states import Recorded, Resource, ResourceType


@dataclass(frozen=True, slots=True)
class Ownership:
    """The live resources of one type, by whom they belong to."""

    live: Mapping[str, Resource]
    """Every live resource by id."""
    ours: frozenset[str]
    """Ids of those we may change or take from."""
    linked: Mapping[str, str]
    """Live ids by the anchor that our journals link them to."""
    anchors: Mapping[str, str]
    """The other way round: anchors by live id."""


def split_live(
    resources: Iterable[Resource],
    recorded: Recorded,
    ownership: Literal["recorded", "all"],
    resource_type: ResourceType,
) -> Ownership:
    """
    Split *resources* by the application's ``ownership``.

    A link to an id that is no longer live is forgotten: the account was
    removed by somebody else, and its person is matched anew. Resources are kept
    by id, so that no decision depends on the order in which a server lists them.
    """
    live = {resource["id"]: resource for resource in sorted(resources, key=itemgetter("id"))}
    linked = {
        anchor: target_id
        for (kind, anchor), target_id in recorded.links.items()
        if kind is resource_type and target_id in live
    }
    ours = frozenset(live) if ownership == "all" else frozenset(linked.values())
    anchors = {target_id: anchor for anchor, target_id in linked.items()}
    return Ownership(live, ours, linked, anchors)
