"""
Everything that a plan needs to know of the target, read once.

Called by the workflow before it plans; :mod:`reconciler.live.saved` keeps the
result in a file.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.ports import NotesOf, Target
from reconciler.states import LiveState, ResourceType


def read_live(
    target: Target,
    wanted: Mapping[ResourceType, frozenset[str] | None],
    notes_of: NotesOf = lambda known: None,
) -> LiveState:
    """
    Read the capabilities, all users and, if they are wanted, all groups.

    Args:
        target: The service.
        wanted: The attributes that must be read of each type; None takes what listings show.
        notes_of: Says how notes are taken of the users.

    Raises:
        TargetError: Something could not be read; a listing that was read and
            could not be proved complete comes back as such.
    """
    user, group = ResourceType.USER, ResourceType.GROUP
    known = target.discover()
    return LiveState(
        capabilities=known,
        users=target.list(user, wanted[user], notes_of(known)),
        groups=target.list(group, wanted[group]) if group in wanted else None,
    )
