"""
People who need nothing: their account is theirs for certain, and is as it should be.

In nearly every plan that is nearly everybody. They are told apart one by one
(:mod:`reconciler.plan.settle`) before anybody is matched, so that matching, operations
and guards are worked out among the few others.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.plan.listed import NONE, Listed
from reconciler.register import Register
from reconciler.states import Resource


@dataclass(frozen=True, slots=True)
class Settled:
    """Those people, as far as the rest of a plan asks for them."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    """Ids of their accounts, by anchor."""
    targets: Container[str] = frozenset()
    """The same ids."""
    active: int = 0
    """How many of these accounts are active."""
    listed: Listed = NONE
    """The whole listing."""

    def __len__(self) -> int:
        return len(self.accounts)

    def resource(self, target_id: str) -> Resource:
        """
        Return the live account with *target_id*.

        Raises:
            KeyError: It is not live.
        """
        return self.listed.resource(target_id)


class Accounts(Mapping[str, str]):
    """Ids of the accounts of people, by anchor; of those among the people that are marked."""

    def __init__(
        self, anchors: Register, places: array[int], marked: bytearray, ids: Register
    ) -> None:
        """
        Take what is known of people.

        Args:
            anchors: Theirs.
            places: Where the account of each stands among *ids*.
            marked: 1 for each of those who count.
            ids: Of all accounts.
        """
        self._anchors, self._places, self._marked, self._ids = anchors, places, marked, ids
        self._count = sum(marked)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        pairs = zip(self._anchors, self._marked, strict=True)
        return (anchor for anchor, marked in pairs if marked)

    def __getitem__(self, anchor: str) -> str:
        number = self._anchors.place(anchor)
        if number is None or not self._marked[number]:
            raise KeyError(anchor)
        return self._ids[self._places[number]]

    def get(self, anchor: str, default: Any = None) -> Any:
        """Return the id of somebody's account; most who are asked for are there, or few are."""
        number = self._anchors.place(anchor)
        if number is None or not self._marked[number]:
            return default
        return self._ids[self._places[number]]


class Targets(Container[str]):
    """The ids of accounts that are marked by their place."""

    def __init__(self, ids: Register, marked: bytearray) -> None:
        self._ids, self._marked = ids, marked

    def __contains__(self, target: object) -> bool:
        place = self._ids.place(target) if isinstance(target, str) else None
        return place is not None and bool(self._marked[place])


NOBODY = Settled()
"""Where everybody is looked at in full."""
