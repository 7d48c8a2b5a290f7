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


class Glance:
    """Compares what is wanted at one set of paths with what is live."""

    def __init__(self, example: Mapping[str, Any]) -> None:
        """Prepare; *example* is what is wanted of one of those who will be compared."""
        top: dict[str, str] = {}
        inner: dict[str, dict[str, str]] = {}
        elements: dict[tuple[str, str, str], dict[str, AttributePath]] = {}
        read: dict[str, Reader] = {}
        others: dict[str, Reader] = {}
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
        self._elements = tuple(map(_first, elements, elements.values()))
        self._read = tuple(read.values())
        self._others = tuple(others.items())
        inside = [path for names in inner.values() for path in names]
        inside += [path for paths in elements.values() for path in paths]
        self._texts = (*top, *inside, *read)
        self._wanted = _pick(self._texts)
        self._order = {path: number for number, path in enumerate(example)}

    def unequal(self, wanted: Mapping[str, Any], live: Mapping[str, Any]) -> Iterable[str]:
        """
        Return the paths at which the two may differ, in the order of *wanted*.

        Args:
            wanted: Values by path; the paths are those of the example, in their order.
            live: A resource.
        """
        try:
            found = [*self._top(live)]
            for holder, pick in self._inner:
                found += pick(live[holder])
            for look in self._elements:
                found += look(live)
            for read in self._read:
                found.append(read(live))
            "".join(found)  # fails on what is no text: 1 and 1.0 and True are equal, not the same
        except (LookupError, TypeError):
            return wanted
        odd = [path for path, read in self._others if read(live) is not wanted[path]]
        values = [*self._wanted(wanted)]
        if found != values:
            odd += compress(self._texts, map(ne, found, values))
        return odd if len(odd) < 2 else sorted(odd, key=self._order.__getitem__)


def _element(path: AttributePath) -> tuple[str, str, str] | None:
    """Return list, sub-attribute and text that tell which element *path* is about, if they do."""
    if path.urn or path.sub is None or len(path.conditions) != 1:
        return None
    name, wanted = path.conditions[0]
    return (path.attribute, name, wanted) if isinstance(wanted, str) else None


def _first(element: tuple[str, str, str], paths: Mapping[str, AttributePath]) -> Pick:
    """Return what picks the values at *paths* from one element, which is mostly the first one."""
    attribute, name, wanted = element
    pick = _pick((name, *(path.sub or "" for path in paths.values())))
    readers = tuple(map(reader, paths.values()))

    def look(live: Mapping[str, Any]) -> Sequence[Any]:
        told, *texts = pick(live[attribute][0])
        return texts if told == wanted else tuple(read(live) for read in readers)

    return look


def _pick(names: Iterable[str]) -> Pick:
    """Return what picks the values of *names* from a mapping, by these very names."""
    listed = (*names,)
    if len(listed) > 1:
        return itemgetter(*listed)
    return lambda mapping: tuple(mapping[name] for name in listed)
