"""
One step of a plan, as data.

An operation says what will be sent and why, and holds no way of sending it:
it can be stored, reviewed, compared and replayed. :mod:`reconciler.apply`
turns it into a request.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from reconciler.plan.closed import Closed
from reconciler.states import ResourceType


class Action(StrEnum):
    """What an operation does to one resource."""

    LINK = "link"
    CREATE = "create"
    ENABLE = "enable"
    UPDATE = "update"
    ADD_MEMBERS = "add_members"
    REMOVE_MEMBERS = "remove_members"
    REVOKE = "revoke"
    DISABLE = "disable"
    DELETE = "delete"


class Change(Closed, frozen=True):
    """
    One attribute's old and new value; null is absent.

    The path `members` holds what is added (*after*) or removed (*before*), as
    ``{"value": id, "display": key}``, never the whole list.
    """

    path: str
    before: Any
    after: Any


class Reference(Closed, frozen=True):
    """A value that is the id of what an earlier operation of this plan creates."""

    path: str
    source_id: str
    resource_type: ResourceType
    display: str
    """The key of what is referred to, for a reader."""


class Precondition(Closed, frozen=True):
    """What the live resource must still look like for the operation to run."""

    sha256: str
    """Digest of the values at *paths*, and of which of the touched members are there."""
    paths: tuple[str, ...]
    """Matching attributes, `active`, and what the operation touches."""


class Operation(Closed, frozen=True):
    """A single change to a single resource."""

    id: str
    wave: int
    action: Action
    resource_type: ResourceType
    key: str
    """What a reader knows the resource by: its userName or displayName, if it has one."""
    source_id: str | None
    """Anchor in the source; None for an account that nobody in the source explains."""
    target_id: str | None
    """None until an earlier operation of this plan has created the resource."""
    reason: str
    """Why, in the words of the configuration: ``assigned User by group Sales``."""
    changes: tuple[Change, ...]
    precondition: Precondition | None
    """None for a create, and for what acts on something this plan creates."""
    references: tuple[Reference, ...]

    def change_of(self, path: str) -> Change | None:
        """Return the change at *path* (compared without case), if there is one."""
        wanted, length = path.lower(), len(path)
        odd = not path.isascii()  # the cases of a letter may differ in length
        for change in self.changes:
            if (odd or len(change.path) == length) and change.path.lower() == wanted:
                return change
        return None
