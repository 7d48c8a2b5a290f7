"""
Many resources of one shape, looked at column by column.

A column holds for each resource what :func:`reconciler.scim.resource.reader` would read
from it, or :data:`reconciler.states.UNREAD`, where that is to be asked: whatever is not
plainly one text, one truth or nothing, at a place that every resource spells alike. So a
column is never wrong, and at worst says nothing.

Used by :mod:`reconciler.aside`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

from msgspec import UNSET

from reconciler.learned import Shape
from reconciler.scim.folding import fold
from reconciler.scim.paths import AttributePath
from reconciler.scim.resource import EXACT, boolean
from reconciler.states import UNREAD

Column = list[Any]

_PLAIN: Final = frozenset({str, bool, type(None)})
_TOLD: Final = frozenset({*_PLAIN, type(UNSET)})
_NOTHING: Final = (UNSET, None)


class Sheet:
    """Resources that were decoded by one shape."""

    def __init__(self, rows: Sequence[Any], shape: Shape | None) -> None:
        self._rows, self._shape = [*rows], shape
        self._held: dict[tuple[str | None, str], tuple[Column, Shape | None]] = {}
        self._found: dict[AttributePath, tuple[Column, Shape | None]] = {}

    def column(self, path: AttributePath) -> Column:
        """Return what is at *path* in each resource."""
        if not path.conditions:
            held, shape = self._holders(path)
            return _plain(_parts(held, shape, path.sub) if path.sub else held)
        elements, shape = self._elements(path)
        if path.sub is None:
            return [None if one is None else UNREAD for one in elements]
        return _plain(_parts(elements, shape, path.sub))

    def _holders(self, path: AttributePath) -> tuple[Column, Shape | None]:
        """Return what each resource has as the attribute of *path*, and its shape."""
        key = path.urn, path.attribute
        if key not in self._held:
            held, shape = self._rows, self._shape
            if path.urn:
                held, shape = _step(held, shape, path.urn)
            self._held[key] = _step(held, shape, path.attribute)
        return self._held[key]

    def _elements(self, path: AttributePath) -> tuple[Column, Shape | None]:
        """Return the element of each resource that *path* is about; None where there is none."""
        key = AttributePath(path.urn, path.attribute, path.conditions)
        if key not in self._found:
            held, shape = self._holders(path)
            self._found[key] = _chosen(held, shape, path), shape and (shape.elements or shape)
        return self._found[key]


def _step(rows: Column, shape: Shape | None, name: str) -> tuple[Column, Shape | None]:
    """Return what each of *rows*, which are of *shape*, has by *name*, compared without case."""
    if shape is None:
        return [None if one in _NOTHING else UNREAD for one in rows], None
    lowered = name.lower()
    spelt = [key for key in shape.fields if key.lower() == lowered]
    if not spelt:
        return [
            None if one in _NOTHING or type(one) is shape.made else UNREAD for one in rows
        ], None
    if len(spelt) > 1:
        return [UNREAD] * len(rows), None
    get = attrgetter(shape.places[spelt[0]])
    if set(map(type, rows)) == {shape.made}:
        return list(map(get, rows)), shape.fields[spelt[0]]
    made = shape.made
    found = [
        get(one) if type(one) is made else None if one is None or one is UNSET else UNREAD
        for one in rows
    ]
    return found, shape.fields[spelt[0]]


def _parts(held: Column, shape: Shape | None, sub: str) -> Column:
    """Return the sub-attribute of what is *held*; `value` of a plain text is the text."""
    found, _ = _step(held, shape, sub)
    if sub.lower() == "value" and UNREAD in found:
        pairs = zip(held, found, strict=True)
        found = [one if isinstance(one, str) else part for one, part in pairs]
    return found


def _plain(column: Column) -> Column:
    """Return *column* with nothing as nothing, and UNREAD for what is no text and no truth."""
    if _PLAIN.issuperset(map(type, column)):
        return column
    return [
        one if type(one) in _PLAIN else None if one is UNSET or one == [] else UNREAD
        for one in column
    ]


def _chosen(held: Column, shape: Shape | None, path: AttributePath) -> Column:
    """Return of what is *held* the first element that meets the conditions of *path*."""
    inner = shape and (shape.elements or shape)
    tests = [_test(inner, name, wanted) for name, wanted in path.conditions]
    known = [test for test in tests if test is not None]
    if inner is None or len(known) < len(tests):
        return [None if one in _NOTHING or one == [] else UNREAD for one in held]
    alone = _alone(held, inner.made, known)
    return alone if alone is not None else [_first(one, inner.made, known) for one in held]


class _Test(NamedTuple):
    """One condition."""

    get: Callable[[Any], Any]
    """Gets the sub-attribute of an element."""
    wanted: str | bool
    holds: Callable[[Any], bool]
    """Says whether what it got is the same, as :mod:`reconciler.scim.resource` does."""


def _test(shape: Shape | None, name: str, wanted: str | bool) -> _Test | None:
    """Return the condition that sub-attribute *name* is *wanted*; None: it cannot be told here."""
    spelt = [key for key in shape.fields if key.lower() == name.lower()] if shape else []
    if shape is None or len(spelt) != 1 or name.lower() in EXACT:
        return None
    get = attrgetter(shape.places[spelt[0]])
    if isinstance(wanted, bool):
        return _Test(get, wanted, lambda found: _truth(found) is wanted)
    folded = fold(wanted)
    return _Test(get, wanted, lambda found: isinstance(found, str) and fold(found) == folded)


def _truth(found: Any) -> Any:
    """Read a boolean; nothing is false."""
    return boolean(None if found is UNSET else found)


def _alone(held: Column, made: Any, tests: Sequence[_Test]) -> Column | None:
    """Return the elements of lists of one element each, if all meet the conditions plainly."""
    if set(map(type, held)) != {list} or set(map(len, held)) != {1}:
        return None
    elements = [one for (one,) in held]
    if set(map(type, elements)) != {made}:
        return None
    plainly = all(
        set(map(type, found)) == {type(test.wanted)} and set(found) == {test.wanted}
        for test in tests
        if (found := list(map(test.get, elements)))
    )
    return elements if plainly else None


def _first(held: Any, made: Any, tests: Sequence[_Test]) -> Any:
    """Return the first element that meets the conditions; one that is no list is one of one."""
    if held is None or held is UNSET:
        return None
    if type(held) is not list and type(held) is not made:
        return UNREAD
    for element in held if type(held) is list else (held,):
        if type(element) is not made:
            continue
        shown = [test.get(element) for test in tests]
        if not _TOLD.issuperset(map(type, shown)):
            return UNREAD
        if all(test.holds(one) for test, one in zip(tests, shown, strict=True)):
            return element
    return None
