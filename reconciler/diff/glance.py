"""
What is equal at first sight, and need not be looked at again.

Nearly every account is as it should be, and shows it in the plainest way: each text
under the name that the schema gives it, spelt as it is wanted. Such texts are picked
out of a resource by the dozen and compared in one go, which says only that two
things are equal, never that they differ: that is for canonical forms to say
(:meth:`reconciler.diff.compare.Comparator.differences`, which asks here first).

What is picked how is taken from an example. Whoever is wanted or shown in another way
is found unequal, and looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress
from operator import itemgetter, ne
from typing import Any

from reconciler.scim.paths import AttributePath, parse_path
from reconciler.scim.resource import Reader, reader

Pick = Callable[[Mapping[str, Any]], Sequence[Any]]

Odd = tuple[int, str, str | None]
"""What may differ: the rank of its path among those wanted, the path, and the live text if it is
one. That text is what a reader of the path returns, too."""


class Glance:
    """Compares what is wanted at one set of paths with what is live."""

    def __init__(self, example: Mapping[str, Any]) -> None:
        """Prepare; *example* is what is wanted of one of those who will be compared."""
        top: dict[str, str] = {}
        inner: dict[str, dict[str, str]] = {}
        elements: dict[tuple[str, str, str], dict[str, AttributePath]] = {}
        read, others = dict[str, Reader](), dict[str, Reader]()
        for path, wanted in example.items():
            parsed = parse_path(path)
            if not isinstance(wanted, str):
                others[path] = reader(parsed)
            elif element := _element(parsed):
                elements.setdefault(element, {})[path] = parsed
            elif parsed.conditions or (parsed.urn and parsed.sub):
                read[path] = reader(parsed)
            elif holder := parsed.urn or (parsed.sub and parsed.attribute):
                inner.setdefault(holder, {})[path] = parsed.sub or parsed.attribute
            else:
                top[path] = parsed.attribute
        self._top = _pick(top.values())
        self._inner = tuple((holder, _pick(names.values())) for holder, names in inner.items())
        several = {one: paths for one, paths in elements.items() if len(paths) > 1}
        single = {one: paths for one, paths in elements.items() if len(paths) == 1}
        self._several = tuple((*one, *_of_element(paths)) for one, paths in several.items())
        self._single = tuple((*one, *_of_one(*paths.values())) for one, paths in single.items())
        self._read = tuple(read.values())
        groups: Iterable[Iterable[str]] = (*inner.values(), *several.values(), *single.values())
        self._texts = (*top, *(path for group in groups for path in group), *read)
        self._numbers = range(len(self._texts))
        self._wanted = _pick(self._texts)
        ranks = {path: rank for rank, path in enumerate(example)}
        self._ranks = tuple(map(ranks.__getitem__, self._texts))
        self._others = tuple((ranks[path], path, read) for path, read in others.items())

    def unequal(self, wanted: Mapping[str, Any], live: Mapping[str, Any]) -> list[Odd] | None:
        """
        Return where the two may differ, in the order of *wanted*; None is anywhere.

        Args:
            wanted: Values by path; the paths are those of the example, in their order.
            live: A resource.
        """
        try:
            found = self._shown(live)
            "".join(found)  # fails on what is no text: 1 and 1.0 and True are equal, not the same
        except (LookupError, TypeError):
            return None
        odd: list[Odd] = []
        for rank, path, read in self._others:
            if read(live) is not wanted[path]:
                odd.append((rank, path, None))
        values = [*self._wanted(wanted)]
        if found != values:
            ranks, texts = self._ranks, self._texts
            for number in compress(self._numbers, map(ne, found, values)):
                odd.append((ranks[number], texts[number], found[number]))
            odd.sort()
        return odd

    def _shown(self, live: Mapping[str, Any]) -> list[Any]:
        """
        Return what *live* shows at the paths whose values are texts.

        Raises:
            LookupError, TypeError: It does not show it in the plainest way.
        """
        found = [*self._top(live)]
        for holder, pick in self._inner:
            found += pick(live[holder])
        for attribute, name, told, pick, readers in self._several:
            element = live[attribute][0]  # it is mostly the first one
            if element[name] == told:
                found += pick(element)
            else:
                found += [read(live) for read in readers]
        for attribute, name, told, sub, read in self._single:
            element = live[attribute][0]
            found.append(element[sub] if element[name] == told else read(live))
        for read in self._read:
            found.append(read(live))
        return found


def _element(path: AttributePath) -> tuple[str, str, str] | None:
    """Return list, sub-attribute and text that tell which element *path* is about, if they do."""
    if path.urn or path.sub is None or len(path.conditions) != 1:
        return None
    name, wanted = path.conditions[0]
    return (path.attribute, name, wanted) if isinstance(wanted, str) else None


def _of_element(paths: Mapping[str, AttributePath]) -> tuple[Pick, tuple[Reader, ...]]:
    """Return what picks the values at *paths* from their element, and what reads them anywhere."""
    pick = _pick(path.sub or "" for path in paths.values())
    return pick, tuple(map(reader, paths.values()))


def _of_one(path: AttributePath) -> tuple[str, Reader]:
    """Return the name of the one value of an element that is looked at, and what reads it."""
    return path.sub or "", reader(path)


def _pick(names: Iterable[str]) -> Pick:
    """Return what picks the values of *names* from a mapping, by these very names."""
    listed = (*names,)
    if len(listed) > 1:
        return itemgetter(*listed)
    return lambda mapping: tuple(mapping[name] for name in listed)
