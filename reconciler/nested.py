"""
Groups in groups: who is in one when all that are nested in it are opened.

`nested: expand` on the mapping of `members` gives a service that knows no
groups in groups the people in their place, each once. Groups can be in each
other in a circle; that is no error, for the people are the same whichever way
round it is walked, but it is seldom meant, so that somebody is told.

Nothing here decides who may use an application: assignments reach direct
members only (entra.md, section 1.8). Used by :mod:`reconciler.desired`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from reconciler.directory import SourceGroup

Groups = Mapping[str, SourceGroup]
"""The groups of a source by anchor."""


def people_in(groups: Groups, anchor: str) -> tuple[str, ...]:
    """Return the anchors of everybody in the group *anchor* and in the groups in it, each once."""
    opened = _reached([anchor], lambda group: _nested(groups, group))
    people = (member for group in opened for member in groups[group].members)
    return tuple(dict.fromkeys(member for member in people if member not in groups))


def circles(groups: Groups, anchors: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """
    Return the groups that are in each other, as anchors, each circle once and sorted.

    Looked at are the groups *anchors* and all that are in them; a group that
    is in itself is a circle of one.
    """
    inner = {
        group: _nested(groups, group)
        for group in _reached(anchors, lambda group: _nested(groups, group))
    }
    outer: dict[str, list[str]] = {group: [] for group in inner}
    for group, nested in inner.items():
        for member in nested:
            outer[member].append(group)
    left, found = _endless(inner), []
    while left:
        first = min(left)
        below = _reached(inner[first], inner.__getitem__)
        circle = below.keys() & _reached(outer[first], outer.__getitem__).keys()
        if first in circle:
            found.append(tuple(sorted(circle)))
        left -= {first, *(circle if first in circle else ())}
    return tuple(found)


def _nested(groups: Groups, anchor: str) -> list[str]:
    """Return the groups that are members of the group *anchor*."""
    return [member for member in groups[anchor].members if member in groups]


def _reached(starts: Iterable[str], onwards: Callable[[str], Iterable[str]]) -> dict[str, None]:
    """Return *starts* and everything that *onwards* leads to, in the order of its discovery."""
    reached = dict.fromkeys(starts)
    waiting = list(reached)
    while waiting:
        for found in onwards(waiting.pop()):
            if found not in reached:
                reached[found] = None
                waiting.append(found)
    return reached


def _endless(inner: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the groups that are in a circle, or hold one; there are few, if any."""
    sorter = TopologicalSorter(inner)
    left = set(inner)
    with suppress(CycleError):
        sorter.prepare()
    while ready := sorter.get_ready():
        left.difference_update(ready)
        sorter.done(*ready)
    return left
