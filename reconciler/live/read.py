"""
Everything that a plan needs to know of the target, read once.

Called by the workflow before it plans; :mod:`reconciler.live.saved` keeps the
result in a file.
"""

from __future__ import annotations

from reconciler.ports import Target
from reconciler.states import LiveState, ResourceType


def read_live(target: Target, with_groups: bool) -> LiveState:
    """
    Read the capabilities, all users and, if asked for, all groups with their members.

    Raises:
        TargetError: Something could not be read; a listing that was read and
            could not be proved complete comes back as such.
    """
    return LiveState(
        capabilities=target.discover(),
        users=target.list(ResourceType.USER),
        groups=target.list(ResourceType.GROUP) if with_groups else None,
    )
