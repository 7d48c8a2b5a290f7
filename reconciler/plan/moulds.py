"""
Moulds: the bodies of creates that have values at the same paths.

Nearly everybody has the same attributes. Where the values of a list of paths go in a body
(:func:`reconciler.scim.resource.put`) is found out once, with a mark in the place of each
value; whoever is next has the values put where the marks lay.

There is no mould where what one path holds decides where another one goes, or where a value
replaces another: those bodies are made path by path (``tests/property/test_mould_laws.py``).

Used by :mod:`reconciler.plan.encode`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from reconciler.scim.paths import AttributePath, parse_path
from reconciler.scim.resource import put
from reconciler.scim.schema import CORE_URN
from reconciler.states import Resource, ResourceType

MOULDS: Final = 512
"""Lists of paths that are remembered; a mapping table has one for each way to lack values."""

Fill = Callable[[Sequence[Any]], Any]
"""Makes a part of a body of the values, which come in the order of their paths."""


class _Mark:
    """Stands for the value of one path."""

    def __init__(self, number: int) -> None:
        self.number: Final = number


def body_of(kind: ResourceType, paths: Iterable[AttributePath], values: Iterable[Any]) -> Resource:
    """Return the body of a create with *values* at *paths*, put there one by one."""
    urns = [CORE_URN[kind.value]]
    body: Resource = {"schemas": urns}
    for path, value in zip(paths, values, strict=True):
        put(body, path, value)
        if path.urn and path.urn not in urns:
            urns.append(path.urn)
    return body


@lru_cache(maxsize=MOULDS)
def mould(kind: ResourceType, texts: tuple[str, ...]) -> Fill | None:
    """Return what makes the body of a create with values at *texts*; None: path by path."""
    paths = [parse_path(text) for text in texts]
    if _values_decide(paths):
        return None
    body = body_of(kind, paths, map(_Mark, range(len(paths))))
    lie = sorted(mark.number for mark in _marks(body))
    return _fill(body) if lie == [*range(len(paths))] else None


def _values_decide(paths: Sequence[AttributePath]) -> bool:
    """Say whether an element of a list may be met, or made, by the value of one of *paths*."""
    written = {(*_attribute(path), (path.sub or "value").lower()) for path in paths}
    told = {(*_attribute(path), name.lower()) for path in paths for name, _ in path.conditions}
    whole = any(path.conditions and path.sub is None for path in paths)
    return whole or not written.isdisjoint(told)


def _attribute(path: AttributePath) -> tuple[str, str]:
    return (path.urn or "").lower(), path.attribute.lower()


def _marks(part: Any) -> Iterable[_Mark]:
    """Yield the marks in *part* of a body."""
    if isinstance(part, _Mark):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if _is_list(part) else ():
        yield from _marks(inner)


def _is_list(part: Any) -> bool:
    return isinstance(part, list)


def _fill(part: Any) -> Fill:
    """Return what makes *part* of a body anew, with values in the place of marks."""
    if isinstance(part, _Mark):
        return itemgetter(part.number)
    if isinstance(part, dict):
        return _fill_object(part)
    if isinstance(part, list):
        inner = [*map(_fill, part)]
        return lambda values: [each(values) for each in inner]
    return lambda values: part


def _fill_object(part: Resource) -> Fill:
    names, numbers = tuple(part), [one.number for one in part.values() if isinstance(one, _Mark)]
    if len(numbers) == len(names) > 1:
        pick = itemgetter(*numbers)
        return lambda values: dict(zip(names, pick(values), strict=True))
    inner = [(name, _fill(one)) for name, one in part.items()]
    return lambda values: {name: each(values) for name, each in inner}
