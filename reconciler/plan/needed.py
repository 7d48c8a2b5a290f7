"""
What a listing must show, so that everything that follows can be decided.

A profile may have listings ask for attributes by name, or leave some out. What
was not asked for looks as if it were not there, and a plan would set it anew:
so whatever is read of a live resource later is named here, mapped or not.

Members cost most, because services leave them out of listings and groups have
to be read one by one. They are needed where they are mapped, and where groups
may be deleted: the guard `protected` looks at who is in them.

Used by :mod:`reconciler.workflow.make_plan`, for :mod:`reconciler.live.read`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from reconciler.config.model import Application, AttributeMapping
from reconciler.plan.groups import MEMBERS
from reconciler.scim.paths import parse_path
from reconciler.scim.roles import ROLES
from reconciler.states import ResourceType

ALWAYS: Final = frozenset({"id", "externalId", "meta", "displayName"})
"""What tells resources apart, what they are called, and their version."""

OF_USERS: Final = frozenset({"userName", "active"})

NOTHING_ELSE: Final[Mapping[ResourceType, Iterable[str]]] = {}


def needed_of(
    application: Application, also: Mapping[ResourceType, Iterable[str]] = NOTHING_ELSE
) -> Mapping[ResourceType, frozenset[str]]:
    """
    Return the attributes that must be read, by resource type; groups only if they are mapped.

    An attribute of an extension has its URN in front; sub-attributes are not told apart.

    Args:
        application: Its mappings say what is read.
        also: Paths that are looked at besides, mapped or not.
    """
    mappings = application.mappings
    roles = {ROLES} if any(role.privileged for role in application.roles) else set()
    others = also.get(ResourceType.USER, ())
    users = ALWAYS | OF_USERS | roles | frozenset(_attributes(_targets(mappings.users), others))
    if mappings.groups is None:
        return {ResourceType.USER: users}
    deleted = {MEMBERS} if application.lifecycle.leaves_scope == "delete" else set()
    others = also.get(ResourceType.GROUP, ())
    groups = ALWAYS | deleted | frozenset(_attributes(_targets(mappings.groups), others))
    return {ResourceType.USER: users, ResourceType.GROUP: groups}


def _targets(table: Iterable[AttributeMapping]) -> Iterator[str]:
    """Yield the paths that a mapping table writes to."""
    return (line.target for line in table)


def _attributes(*paths: Iterable[str]) -> Iterator[str]:
    """Yield the attributes that *paths* are of; members under their usual name."""
    for path in chain(*paths):
        name = str(replace(parse_path(path), conditions=(), sub=None))
        yield MEMBERS if name.lower() == MEMBERS else name
