"""
People who need nothing: their account is theirs for certain, and is as it should be.

In nearly every plan that is nearly everybody. They are told apart one by one
(:mod:`reconciler.plan.settle`) before anybody is matched, so that matching, operations
and guards are worked out among the few others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.states import Resource


@dataclass(frozen=True, slots=True)
class Settled:
    """Those people, as far as the rest of a plan asks for them."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    """Ids of their accounts, by anchor."""
    targets: frozenset[str] = frozenset()
    """The same ids."""
    active: int = 0
    """How many of these accounts are active."""
    places: Mapping[str, int] = field(default_factory=dict)
    """Where each account stands in the listing, by id; also those of others."""
    listed: Sequence[Resource] = ()
    """The whole listing."""

    def __len__(self) -> int:
        return len(self.accounts)

    def resource(self, target_id: str) -> Resource:
        """
        Return the live account with *target_id*.

        Raises:
            KeyError: It is not live.
        """
        return self.listed[self.places[target_id]]


NOBODY = Settled()
"""Where everybody is looked at in full."""
