"""
Removing what was made to be tried out, whatever happened in between.

By its id, the last first, so that groups go before their members; then by its name,
since a create may have been carried out without anybody being told the id. Something
counts as gone when it is not found any more, and what does not go is named, with the
reason.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from reconciler.live.scratch.pad import NotOurs, Pad
from reconciler.scim.errors import (
    AmbiguousOutcome,
    NotAuthorized,
    NotFound,
    TargetError,
    TargetUnreachable,
)
from reconciler.states import Resource, ResourceType

HOPELESS = (TargetUnreachable, NotAuthorized)
"""What ends the clearing, since nothing that follows could go better."""


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was made, and is not known to be gone."""

    kind: ResourceType
    known_by: str
    """Its id, or its name when nobody was told one."""
    why: str


@dataclass
class Clearing:
    """The removal of what is on one pad; it may be interrupted at any point."""

    pad: Pad
    _why: dict[str, str] = field(default_factory=dict)
    """By id or name, why something is still there."""
    _otherwise: str = "it was not removed yet"

    @property
    def left(self) -> tuple[Left, ...]:
        """What is not known to be gone."""
        there = {**self.pad.made, **self.pad.unsure}
        return tuple(
            Left(kind, each, self._why.get(each, self._otherwise)) for each, kind in there.items()
        )

    def run(self) -> None:
        """Remove everything that was made, or may have been."""
        try:
            self._by_id()
            for name, kind in reversed(self.pad.sent.items()):
                self._by_name(kind, name)
        except HOPELESS as exc:
            self._otherwise = str(exc)

    def _by_id(self) -> None:
        for resource_id, kind in reversed(list(self.pad.made.items())):
            if resource_id not in self._why:
                self._remove(kind, resource_id)

    def _by_name(self, kind: ResourceType, name: str) -> None:
        """Remove what has a name that was sent; what is removed already is not found."""
        try:
            for resource_id in self.pad.named(kind, name):
                self.pad.take_over(kind, resource_id)
        except HOPELESS:
            raise
        except TargetError as exc:
            self._why[name] = str(exc)
            return
        self.pad.unsure.pop(name, None)
        self._by_id()

    def _remove(self, kind: ResourceType, resource_id: str) -> None:
        """Remove one object, or note why it is still there."""
        try:
            gone = self._is_gone(kind, resource_id) or self._delete(kind, resource_id)
        except HOPELESS:
            raise
        except (TargetError, NotOurs) as exc:
            self._why[resource_id] = str(exc)
            return
        if gone:
            del self.pad.made[resource_id]

    def _is_gone(self, kind: ResourceType, resource_id: str) -> bool:
        """
        Say whether something is not found any more.

        Raises:
            NotOurs: It has never been found: it may show later.
        """
        if resource_id in self.pad.seen:
            return self.pad.present(kind, resource_id) is None
        if not self.pad.wait(kind, resource_id, lambda found: found is not None):
            raise NotOurs("it has not shown since it was created, and may do so later")
        return False

    def _delete(self, kind: ResourceType, resource_id: str) -> bool:
        """Delete something, and say whether it is gone; a lost answer is no reason to give up."""
        for _ in range(2):
            with suppress(AmbiguousOutcome, NotFound):
                self.pad.delete(kind, resource_id)
            if self.pad.becomes(kind, resource_id, _absent):
                return True
        self._why[resource_id] = "it is still there after a DELETE"
        return False


def _absent(found: Resource | None) -> bool:
    return found is None
