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
from dataclasses import dataclass, replace
from itertools import takewhile
from operator import attrgetter
from typing import Any, Final, NamedTuple

from msgspec import UNSET
from msgspec.structs import astuple

from reconciler.learned import Shape
from reconciler.scim.folding import fold
from reconciler.scim.paths import AttributePath
from reconciler.scim.resource import EXACT, boolean
from reconciler.states import UNREAD, Read

Column = list[Any]

_PLAIN: Final = frozenset({str, bool, type(None)})
_TOLD: Final = frozenset({*_PLAIN, type(UNSET)})
_NOTHING: Final = (UNSET, None)


@dataclass(slots=True)
class _Held:
    """What each resource has at one place."""

    column: Column
    shape: Shape | None
    """Of what is there; None: there is nothing, or it is not known what."""
    fits: bool
    """Whether each of them certainly is of that shape, and not missing."""
    _parts: list[tuple[Any, ...]] | None = None
    """Where each is an object, what they have at each of its places, once it was asked for."""

    @property
    def are_objects(self) -> bool:
        """Whether each is an object of the shape."""
        shape = self.shape
        if shape is None:
            return False
        return (self.fits and shape.is_made) or set(map(type, self.column)) == {shape.made}

    def part(self, place: str) -> Column:
        """Return what each object has at one of its places: all are taken out in one go."""
        if self._parts is None:
            self._parts = [*zip(*map(astuple, self.column), strict=True)]
        return Read(self._parts[type(self.column[0]).__struct_fields__.index(place)])


class Sheet:
    """Resources that were decoded by one shape."""

    def __init__(self, rows: Sequence[Any], shape: Shape | None) -> None:
        self._rows = _Held([*rows], shape, fits=False)
        self._rows.fits = self._rows.are_objects
        self._held: dict[tuple[str | None, str], _Held] = {}
        self._found: dict[AttributePath, _Held] = {}

    @property
    def is_sound(self) -> bool:
        """Whether each resource is an object of the shape."""
        return self._rows.fits

    def keyed(self, key: str) -> Column:
        """Return what each sound resource has by *key*, spelt just so, of the shape."""
        shape = self._rows.shape
        return [] if shape is None else self._rows.part(shape.places[key])

    def texts(self) -> int | None:
        """Count the keys and texts of all resources in JSON; None: the shape does not tell."""
        return _texts(self._rows)

    def column(self, path: AttributePath) -> Column:
        """Return what is at *path* in each resource."""
        if not path.conditions:
            held = self._holders(path)
            return _plain(_parts(held, path.sub) if path.sub else held)
        elements = self._elements(path)
        if path.sub is None:
            return [None if one is None else UNREAD for one in elements.column]
        return _plain(_parts(elements, path.sub))

    def _holders(self, path: AttributePath) -> _Held:
        """Return what each resource has as the attribute of *path*."""
        key = path.urn, path.attribute
        if key not in self._held:
            held = _step(self._rows, path.urn) if path.urn else self._rows
            self._held[key] = _step(held, path.attribute)
        return self._held[key]

    def _elements(self, path: AttributePath) -> _Held:
        """Return the element of each resource that *path* is about; None where there is none."""
        key = AttributePath(path.urn, path.attribute, path.conditions)
        if key not in self._found:
            self._found[key] = _chosen(self._holders(path), path)
        return self._found[key]


def _texts(held: _Held) -> int | None:
    """Count the keys and texts in all of what is *held*, each of which is of the shape."""
    column, shape = held.column, held.shape
    each = _texts_of_each(shape) if shape else None
    if shape is None or each is not None or not column:
        return None if shape is None else (each or 0) * len(column)
    if shape.elements is not None:
        if shape.is_object or shape.leaves:
            return None
        return _texts(_Held([one for some in column for one in some], shape.elements, fits=True))
    if not shape.is_object:
        return [*map(type, column)].count(str)
    if not shape.is_whole:
        return None
    parts = (
        _texts(_Held(held.part(shape.places[key]), inner, fits=True))
        for key, inner in shape.fields.items()
    )
    found = [*takewhile(lambda part: part is not None, parts)]
    whole = len(found) == len(shape.fields)
    return len(column) * len(found) + sum(filter(None, found)) if whole else None


def _texts_of_each(shape: Shape) -> int | None:
    """Return the keys and texts of everything that has a *shape*, if they are as many."""
    if shape.elements is not None:
        return None
    if shape.is_object:
        inner = [*map(_texts_of_each, shape.fields.values())] if shape.is_whole else [None]
        return None if None in inner else len(inner) + sum(filter(None, inner))
    if str not in shape.leaves:
        return 0
    return 1 if len(shape.leaves) == 1 else None


def _step(held: _Held, name: str) -> _Held:
    """Return what each of what is *held* has by *name*, compared without case."""
    rows, shape = held.column, held.shape
    if shape is None:
        return _Held([None if one in _NOTHING else UNREAD for one in rows], None, fits=False)
    made, spelt = shape.made, shape.spelt.get(name.lower(), ())
    if not spelt:
        found = [None if one in _NOTHING or type(one) is made else UNREAD for one in rows]
        return _Held(found, None, fits=False)
    if len(spelt) > 1:
        return _Held([UNREAD] * len(rows), None, fits=False)
    place, inner = shape.places[spelt[0]], shape.fields[spelt[0]]
    if held.are_objects:
        return _Held(held.part(place), inner, fits=spelt[0] in shape.always)
    get = attrgetter(place)
    found = [
        get(one) if type(one) is made else None if one is None or one is UNSET else UNREAD
        for one in rows
    ]
    return _Held(found, inner, fits=False)


def _parts(held: _Held, sub: str) -> _Held:
    """Return the sub-attribute of what is *held*; `value` of a plain text is the text."""
    found = _step(held, sub)
    if not found.fits and sub.lower() == "value" and UNREAD in found.column:
        pairs = zip(held.column, found.column, strict=True)
        return replace(found, column=[a if isinstance(a, str) else b for a, b in pairs])
    return found


def _plain(held: _Held) -> Column:
    """Return a column with nothing as nothing, and UNREAD for what is no text and no truth."""
    column = held.column
    if held.fits and held.shape is not None and held.shape.is_plain:
        return column
    if _PLAIN.issuperset(map(type, column)):
        return column
    return [
        one if type(one) in _PLAIN else None if one is UNSET or one == [] else UNREAD
        for one in column
    ]


def _chosen(held: _Held, path: AttributePath) -> _Held:
    """Return of what is *held* the first element that meets the conditions of *path*."""
    column, inner = held.column, held.shape and (held.shape.elements or held.shape)
    tests = [_test(inner, name, wanted) for name, wanted in path.conditions]
    known = [test for test in tests if test is not None]
    if inner is None or len(known) < len(tests):
        unread = [None if one in _NOTHING or one == [] else UNREAD for one in column]
        return _Held(unread, inner, fits=False)
    alone = _alone(column, inner.made, known)
    if alone is not None:
        return _Held(alone, inner, fits=True)
    return _Held([_first(one, inner.made, known) for one in column], inner, fits=False)


class _Test(NamedTuple):
    """One condition."""

    get: Callable[[Any], Any]
    """Gets the sub-attribute of an element."""
    wanted: str | bool
    holds: Callable[[Any], bool]
    """Says whether what it got is the same, as :mod:`reconciler.scim.resource` does."""


def _test(shape: Shape | None, name: str, wanted: str | bool) -> _Test | None:
    """Return the condition that sub-attribute *name* is *wanted*; None: it cannot be told here."""
    spelt = shape.spelt.get(name.lower(), ()) if shape else ()
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
