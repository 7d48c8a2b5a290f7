"""
The accounts of a listing, found by their ids and by a name.

A listing may be laid aside, and then each account is made anew whenever it is looked
at. So what accounts are found by is noted in one go, in a few bytes each, and whoever
is found is looked at once.

Used by :mod:`reconciler.plan.settle`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from reconciler.register import Places, Register
from reconciler.scim.folding import fold, fold_all
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.states import UNREAD, Columns, InColumns, Resource

_ID = parse_path("id")


class Taking(Protocol):
    """Takes down what accounts show."""

    @property
    def paths(self) -> tuple[AttributePath, ...]:
        """What is asked of each account."""
        ...

    def take(self, columns: Columns) -> None:
        """Note what some more accounts show there."""
        ...


class Name(NamedTuple):
    """A name that accounts are found by."""

    path: AttributePath
    read: Callable[[Mapping[str, Any]], Any]


class Listed:
    """The accounts of one listing, by their places in it."""

    def __init__(
        self,
        resources: Sequence[Resource],
        name: Name | None = None,
        linked: Iterable[str] = (),
        sight: Taking | None = None,
    ) -> None:
        """
        Go through a listing.

        Args:
            resources: The listing.
            name: The name that accounts are found by; None: by none.
            linked: Ids of those who are not to be found by it.
            sight: Takes down what accounts show; None: nobody asks.
        """
        self._resources, self._name = resources, name
        self.ids = Register()
        hashes = array("q")
        if isinstance(resources, InColumns):
            for columns in resources.columns(self._paths(sight)):
                self._take(columns, hashes)
                if sight is not None:
                    sight.take(columns[2:])
        else:
            self.ids.extend([*map(itemgetter("id"), resources)])
            hashes.extend(_hashed(name.read(one)) for one in resources if name)
        self._names = Places(hashes)
        self._next = 0
        """Where who is asked for next may stand: both sides often have one order."""
        self._linked = bytearray(len(self.ids))
        for known in map(self.ids.place, linked):
            if known is not None:
                self._linked[known] = 1

    def _paths(self, sight: Taking | None) -> tuple[AttributePath, ...]:
        """Return the paths that are read of each account: id, name, and what is looked at."""
        name = _ID if self._name is None else self._name.path
        return (_ID, name, *(sight.paths if sight is not None else ()))

    def _take(self, columns: Columns, hashes: array[int]) -> None:
        """Note ids, and names if there is one to be found by, of the next accounts."""
        ids, names = columns[0], columns[1]
        first = len(self.ids)
        if UNREAD in ids:
            ids = [self._resources[first + at]["id"] for at, _ in enumerate(ids)]
        self.ids.extend(ids)
        if self._name is None:
            return
        if UNREAD in names:
            names = [
                self._name.read(self._resources[first + at]) if one is UNREAD else one
                for at, one in enumerate(names)
            ]
        if set(map(type, names)) == {str}:
            hashes.extend(map(hash, fold_all(names)))
        else:
            hashes.extend(map(_hashed, names))

    def __len__(self) -> int:
        return len(self._resources)

    def __getitem__(self, place: int) -> Resource:
        return self._resources[place]

    def named(self, name: str) -> int | None:
        """
        Return where the account stands that seems to have this name, but for case, and no link.

        It is found by a hash alone: whoever takes it compares
        (:meth:`reconciler.plan.certain.Certainty.keeps`).
        """
        return self._found(hash(fold(name)))

    def named_all(self, names: Sequence[str]) -> Sequence[int | None]:
        """Return for each of *names*, which are folded, what :meth:`named` would."""
        hashes, first = array("q", map(hash, names)), self._next
        self._next = first + len(names)
        if self._names.are_there(hashes, first) and not any(self._linked[first : self._next]):
            return range(first, self._next)
        return self._one_by_one(map(self._found, hashes))

    def places(self, targets: Sequence[str]) -> Sequence[int | None]:
        """Return where the accounts with these ids stand; None for who is not there."""
        first = self._next
        self._next = first + len(targets)
        if self.ids.are_there(targets, first):
            return range(first, self._next)
        return self._one_by_one(map(self.ids.place, targets))

    def _one_by_one(self, places: Iterable[int | None]) -> Sequence[int | None]:
        """Return *places*; whoever is next is mostly found behind the last of them."""
        found = [*places]
        self._next = next((at + 1 for at in reversed(found) if at is not None), self._next)
        return found

    def _found(self, hashed: int) -> int | None:
        """Return where the first account without a link stands whose name has a hash."""
        return next((at for at in self._names.of(hashed) if not self._linked[at]), None)

    def resource(self, target: str) -> Resource:
        """
        Return the account with an id.

        Raises:
            KeyError: There is none.
        """
        place = self.ids.place(target)
        if place is None:
            raise KeyError(target)
        return self._resources[place]


def _hashed(name: object) -> int:
    """Return the number that a name is found by."""
    return hash(fold(name)) if isinstance(name, str) else 0


NONE = Listed(())
"""Where nobody is listed."""
