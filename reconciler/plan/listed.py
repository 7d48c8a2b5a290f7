"""
The accounts of a listing, found by their ids and by a name.

A listing may be laid aside, and then each account is made anew whenever it is looked
at. So what accounts are found by is noted in one go, in a few bytes each, and whoever
is found is looked at once.

Used by :mod:`reconciler.plan.settle`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from reconciler.register import Places, Register
from reconciler.scim.folding import fold
from reconciler.states import Resource

Read = Callable[[Resource], Any]


class Listed:
    """The accounts of one listing, by their places in it."""

    def __init__(
        self, resources: Sequence[Resource], name: Read | None = None, linked: Iterable[str] = ()
    ) -> None:
        """
        Go through a listing.

        Args:
            resources: The listing.
            name: Reads the name that accounts are found by; None: by none.
            linked: Ids of those who are not to be found by it.
        """
        self._resources = resources
        self._name = name
        self.ids = Register()
        hashes = array("q")
        for resource in resources:
            self.ids.append(resource["id"])
            if name is not None:
                hashes.append(_hashed(name(resource)))
        self._names = Places(hashes)
        self._linked = bytearray(len(self.ids))
        for target in linked:
            place = self.ids.place(target)
            if place is not None:
                self._linked[place] = 1

    def __len__(self) -> int:
        return len(self._resources)

    def __getitem__(self, place: int) -> Resource:
        return self._resources[place]

    def named(self, name: str) -> int | None:
        """Return where the account stands that has this name, but for case, and no link."""
        wanted, found = fold(name), None
        for place in self._names.of(hash(wanted)):
            if not self._linked[place]:
                found = place
        return found

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
