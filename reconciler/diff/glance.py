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

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from reconciler.scim.paths import parse_path
from reconciler.scim.resource import Reader, reader

Pick = Callable[[Mapping[str, Any]], tuple[Any, ...]]


class Glance:
    """Compares what is wanted at one set of paths with what is live."""

    def __init__(self, example: Mapping[str, Any]) -> None:
        """Prepare; *example* is what is wanted of one of those who will be compared."""
        top: dict[str, str] = {}
        inner: dict[str, dict[str, str]] = {}
        read: dict[str, Reader] = {}
        others: dict[str, Reader] = {}
        for path, wanted in example.items():
            parsed = parse_path(path)
            if not isinstance(wanted, str):
                others[path] = reader(parsed)
            elif parsed.conditions or (parsed.urn and parsed.sub):
                read[path] = reader(parsed)
            elif holder := parsed.urn or (parsed.sub and parsed.attribute):
                inner.setdefault(holder, {})[path] = parsed.sub or parsed.attribute
            else:
                top[path] = parsed.attribute
        self._top = _pick(top.values())
        self._inner = tuple((holder, _pick(names.values())) for holder, names in inner.items())
        self._read = tuple(read.values())
        self._others = tuple(others.items())
        self._texts = (*top, *(path for names in inner.values() for path in names), *read)
        self._wanted = _pick(self._texts)

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
            for read in self._read:
                found.append(read(live))
            "".join(found)  # fails on what is no text: 1 and 1.0 and True are equal, not the same
        except (LookupError, TypeError):
            return wanted
        odd = [path for path, read in self._others if read(live) is not wanted[path]]
        values = [*self._wanted(wanted)]
        if found != values:
            pairs = zip(self._texts, found, values, strict=True)
            odd += [path for path, one, other in pairs if one != other]
        return odd if len(odd) < 2 else [path for path in wanted if path in odd]


def _pick(names: Iterable[str]) -> Pick:
    """Return what picks the values of *names* from a mapping, by these very names."""
    listed = (*names,)
    if len(listed) > 1:
        return itemgetter(*listed)
    return lambda mapping: tuple(mapping[name] for name in listed)
