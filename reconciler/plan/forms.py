"""
How changes are said to the service at hand: as PATCH or PUT, and which PATCH.

Made once for a run, from the profile (scim.md, section 5) and from what the
service says of its attributes; whoever sends may narrow ``chunk``.

Used by :mod:`reconciler.plan.encode`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reconciler.profiles.model import GENERIC, Profile
from reconciler.scim.schema import CORE, Schemas
from reconciler.states import ResourceType


@dataclass(frozen=True, slots=True)
class Forms:
    """What requests look like; the defaults are those of a service of which nothing is known."""

    user_update: Literal["patch", "put"] = "patch"
    group_update: Literal["patch", "put"] = "patch"
    patch_filter_path: bool = True
    """Whether a path may name an element of a list."""
    atomic: bool = True
    """Whether a PATCH may have several operations."""
    member_removal: Literal["filter", "value_list", "replace", "put"] = "filter"
    chunk: int = GENERIC.members.chunk
    """Members who come or go in one request, where they are named one by one."""
    members_readable: bool = True
    schemas: Schemas = CORE
    """What is read-only, and what a read does not show."""

    @classmethod
    def of(cls, profile: Profile, schemas: Schemas) -> Forms:
        """Return the forms that *profile* says."""
        write, members = profile.write, profile.members
        return cls(
            write.user_update or "patch",
            write.group_update or "patch",
            write.patch_filter_path,
            write.atomic,
            members.remove,
            members.chunk,
            members.readable,
            schemas,
        )

    def puts(self, resource_type: ResourceType, *, leaving: bool) -> bool:
        """Say whether a change travels as PUT; *leaving*: somebody leaves a group by it."""
        if resource_type is ResourceType.USER:
            return self.user_update == "put"
        return self.group_update == "put" or (leaving and self.member_removal == "put")

    def sends_back(self, resource_type: ResourceType) -> bool:
        """Say whether changes of a type may travel with what was read beside them."""
        if not self.patch_filter_path or self.puts(resource_type, leaving=True):
            return True
        return resource_type is ResourceType.GROUP and self.member_removal == "replace"
