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
from typing import Any, NamedTuple

from reconciler.plan.sight import Sight
from reconciler.register import Places, Register
from reconciler.scim.folding import fold
from reconciler.scim.paths import AttributePath, parse_path
from reconciler.states import UNREAD, InColumns, Resource

_ID = parse_path("id")


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
        sight: Sight | None = None,
    ) -> None:
        """
        Go through a listing.

        Args:
            resources: The listing.
            name: The name that accounts are found by; None: by none.
            linked: Ids of those who are not to be found by it.
            sight: What was taken down of all of them, or of none yet; None: nobody asks.
        """
        self._resources, self._name = resources, name
        self.ids, hashes = Register(), array("q")
        if sight is not None and isinstance(resources, InColumns):
            self.ids, hashes = self._seen(resources, sight)
        elif isinstance(resources, InColumns):
            for columns in resources.columns((_ID, _ID if name is None else name.path)):
                self.ids.extend(self._told(columns[0], len(self.ids), itemgetter("id")))
                if name is not None:
                    names = self._told(columns[1], len(hashes), name.read)
                    hashes.extend(map(_hashed, names))
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

    def _seen(self, resources: InColumns, sight: Sight) -> tuple[Register, array[int]]:
        """Return ids, and hashes of names if there is one to be found by, from what *sight* has."""
        if not len(sight):
            for columns in resources.columns((_ID, *sight.paths)):
                ids = self._told(columns[0], len(sight), itemgetter("id"))
                sight.add(ids, sight.note(columns[1:]))
        if self._name is not None:
            for at in sight.unread:
                sight.found_by[at] = _hashed(self._name.read(self._resources[at]))
        return sight.ids, sight.found_by if self._name is not None else array("q")

    def _told(
        self, column: Sequence[Any], first: int, read: Callable[[Resource], Any]
    ) -> Sequence[Any]:
        """Return a column of the accounts from place *first* on, with what it does not tell."""
        if UNREAD not in column:
            return column
        found = enumerate(column, first)
        return [read(self._resources[at]) if one is UNREAD else one for at, one in found]

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


NONE: Listed = Listed(())
"""Where nobody is listed."""
