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
from typing import Any, NamedTuple

from reconciler.register import Places, Register
from reconciler.scim.folding import fold
from reconciler.states import InParts, Resource


class Name(NamedTuple):
    """A name that accounts are found by."""

    attribute: str
    """The key of a resource that holds it, as it is usually spelt."""
    read: Callable[[Mapping[str, Any]], Any]


class Listed:
    """The accounts of one listing, by their places in it."""

    def __init__(
        self, resources: Sequence[Resource], name: Name | None = None, linked: Iterable[str] = ()
    ) -> None:
        """
        Go through a listing.

        Args:
            resources: The listing.
            name: The name that accounts are found by; None: by none.
            linked: Ids of those who are not to be found by it.
        """
        self._resources = resources
        self.ids = Register()
        hashes = array("q")
        for place, shown in enumerate(_glimpses(resources, name)):
            self.ids.append(shown["id"])
            if name is not None:
                found = name.read(shown)
                hashes.append(_hashed(name.read(resources[place]) if found is None else found))
        self._names = Places(hashes)
        self._linked = bytearray(len(self.ids))
        for known in map(self.ids.place, linked):
            if known is not None:
                self._linked[known] = 1

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
        found = self._names.of(hash(fold(name)))
        return next((place for place in found if not self._linked[place]), None)

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


def _glimpses(resources: Sequence[Resource], name: Name | None) -> Iterable[Mapping[str, Any]]:
    """Return of each account as much as tells its id and, if it is spelt as usual, its name."""
    if not isinstance(resources, InParts):
        return resources
    return resources.parts({"id": None, name.attribute: None} if name else ("id",))


def _hashed(name: object) -> int:
    """Return the number that a name is found by."""
    return hash(fold(name)) if isinstance(name, str) else 0


NONE = Listed(())
"""Where nobody is listed."""
