"""
Very many operations, which nobody holds: each is made anew whenever it is asked for.

Where there are few they are a tuple, as everything else here is. Who reads a plan decides
about that (:mod:`reconciler.store.plans`); whoever judges it or carries it out takes any
sequence, and holds none of what comes out of it for longer than it is needed.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from reconciler.plan.operation import Operation

Make = Callable[[Operation], Operation]


def are_held(operations: Sequence[Operation]) -> bool:
    """Say whether *operations* are all in memory."""
    return isinstance(operations, tuple | list)


def each(operations: Sequence[Operation], make: Make) -> Sequence[Operation]:
    """Return what *make* makes of each of *operations*, held if these are."""
    return tuple(map(make, operations)) if are_held(operations) else _Made(operations, make)


class _Made(Sequence[Operation]):
    """Operations that are made of others, anew whenever they are asked for."""

    def __init__(self, operations: Sequence[Operation], make: Make) -> None:
        self._operations, self._make = operations, make

    def __len__(self) -> int:
        return len(self._operations)

    @overload
    def __getitem__(self, at: int) -> Operation: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Operation]: ...
    def __getitem__(self, at: int | slice) -> Operation | Sequence[Operation]:
        if isinstance(at, slice):
            return Some(self, range(*at.indices(len(self))))
        return self._make(self._operations[at])

    def __iter__(self) -> Iterator[Operation]:
        return map(self._make, self._operations)


class Some(Sequence[Operation]):
    """Operations at some places of a plan."""

    def __init__(self, operations: Sequence[Operation], places: Sequence[int]) -> None:
        self._operations, self._places = operations, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> Operation: ...
    @overload
    def __getitem__(self, at: slice) -> Some: ...
    def __getitem__(self, at: int | slice) -> Operation | Some:
        if isinstance(at, slice):
            return Some(self._operations, self._places[at])
        return self._operations[self._places[at]]

    def __iter__(self) -> Iterator[Operation]:
        if self._places == range(len(self._operations)):
            return iter(self._operations)  # many at a time
        return map(self._operations.__getitem__, self._places)

    def at(self, places: Iterable[int]) -> Some:
        """Return those at some places among these."""
        return Some(self._operations, array("I", map(self._places.__getitem__, places)))

    def those(self, test: Callable[[Operation], bool]) -> Some:
        """Return those that pass a *test*."""
        return self.at(place for place, one in enumerate(self) if test(one))
