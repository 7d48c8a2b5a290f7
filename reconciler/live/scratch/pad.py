"""
Objects that exist only to be tried out: made, looked at, written to.

Everything that ``probe --scratch`` writes goes through here, and two rules hold:

* Nothing is written to but what has an id that was made here, and a name of ours.
  Both are checked right before each write, on a read that is the request before it.
* An id that was there before is nobody's to try out on, even if the service
  answers a create with it.

What may have been made is kept count of, so that :mod:`reconciler.live.scratch.clear`
finds it: by its id, and by its name, since a create whose answer is lost has no id.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from reconciler.diagnostics import ReconcilerError
from reconciler.live.client import ScimTarget
from reconciler.live.ids import usable_id
from reconciler.live.scratch.names import has_our_name
from reconciler.ports import Clock
from reconciler.scim.errors import AmbiguousOutcome
from reconciler.states import Resource, ResourceType

WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two looks at something that does not show yet."""
LONGEST: Final = sum(WAITS)
SHORTEST: Final = 1.5
"""Seconds that a change is waited for, on a service that has shown everything at once so far."""

Shows = Callable[[Resource | None], bool]
"""Says whether what was read is as it should have become; None is not found."""


class NotOurs(ReconcilerError):
    """What was about to be written to was not made here."""


class Pad:
    """The objects of one run."""

    def __init__(
        self, target: ScimTarget, clock: Clock, domain: str, strangers: Collection[str]
    ) -> None:
        """
        Prepare; nothing is sent yet.

        Args:
            target: The service.
            clock: Waits.
            domain: What follows the ``@`` in the names of users.
            strangers: Ids that were there before, and are not to be touched.
        """
        self.domain = domain
        self.made: dict[str, ResourceType] = {}
        """By id, what was made and is not known to be gone; the oldest first."""
        self.sent: dict[str, ResourceType] = {}
        """By name, whatever was asked to be created."""
        self.unsure: dict[str, ResourceType] = {}
        """By name, what may have been created under an id that nobody was told."""
        self.seen: set[str] = set()
        """Ids that have been read."""
        self.lag = 0.0
        """The longest that anything took to show, in seconds of waiting."""
        self._target = target
        self._clock = clock
        self._strangers = frozenset(strangers)
        self._looked: tuple[str, Resource | None] | None = None

    def take_over(self, kind: ResourceType, resource_id: str) -> None:
        """Count what an earlier run has left behind as made here."""
        self.made[resource_id] = kind
        self.seen.add(resource_id)

    def asking(self) -> ScimTarget:
        """Return the service, for reading other things than one object."""
        self._looked = None
        return self._target

    def create(self, kind: ResourceType, body: Mapping[str, Any]) -> str:
        """
        Create something and return its id; a lost answer is looked up by the name.

        Raises:
            NotOurs: The service answers with something that was there before.
            TargetError: It was not created, or nobody knows.
        """
        if not has_our_name(kind, body):
            raise NotOurs("only what has a name of ours is created")
        name = str(body[kind.named_by])
        self.sent[name] = self.unsure[name] = kind
        lost: AmbiguousOutcome | None = None
        try:
            said = self.asking().create(kind, body).get("id")
        except AmbiguousOutcome as exc:
            said, lost = None, exc
        created = str(said) if said is not None else self._found_later(kind, name)
        if created is None:
            raise lost or AmbiguousOutcome("it is not said what was created, and none has its name")
        if created in self._strangers:
            raise NotOurs("a create was answered with somebody who was there before")
        del self.unsure[name]
        self.made[created] = kind
        return created

    def named(self, kind: ResourceType, name: str) -> list[str]:
        """Return the ids of what has a *name* of ours."""
        rows = self.asking().search(kind, kind.named_by, name)
        ids = [row["id"] for row in rows if has_our_name(kind, row) and usable_id(row.get("id"))]
        return [each for each in ids if each not in self._strangers]

    def _found_later(self, kind: ResourceType, name: str) -> str | None:
        """Return the id of what was created under *name*, if it comes to show."""
        for wait in (0.0, *self._patience()):
            if wait:
                self._clock.sleep(wait)
            new = [each for each in self.named(kind, name) if each not in self.made]
            if new:
                return new[0]
        return None

    def look(self, kind: ResourceType, resource_id: str) -> Resource | None:
        """Read one object; None when it is not found."""
        resource = self.asking().get(kind, resource_id)
        self._looked = (resource_id, resource)
        if resource is not None:
            self.seen.add(resource_id)
        return resource

    def present(self, kind: ResourceType, resource_id: str) -> Resource | None:
        """Return what the request before this one has read, if it read this; else look."""
        if self._looked is not None and self._looked[0] == resource_id:
            return self._looked[1]
        return self.look(kind, resource_id)

    def wait(
        self, kind: ResourceType, resource_id: str, shows: Shows, waits: Sequence[float] = WAITS
    ) -> bool:
        """Look until it *shows*, with these waits in between; say whether it does."""
        if shows(self.present(kind, resource_id)):
            return True
        for wait, waited in zip(waits, accumulate(waits), strict=True):
            self._clock.sleep(wait)
            if shows(self.look(kind, resource_id)):
                self.lag = max(self.lag, waited)
                return True
        return False

    def becomes(self, kind: ResourceType, resource_id: str, shows: Shows) -> bool:
        """Say whether a change shows, within twice what the slowest has taken so far."""
        return self.wait(kind, resource_id, shows, self._patience())

    def _patience(self) -> Sequence[float]:
        """Return the waits for something that may never show."""
        bound = max(SHORTEST, 2 * self.lag)
        return [
            wait for wait, waited in zip(WAITS, accumulate(WAITS), strict=True) if waited <= bound
        ]

    def patch(
        self,
        kind: ResourceType,
        resource_id: str,
        operations: Sequence[Mapping[str, Any]],
        version: str | None = None,
    ) -> None:
        """Send one PATCH to an object of ours."""
        self._check(kind, resource_id)
        self.asking().patch(kind, resource_id, operations, version)

    def put(
        self,
        kind: ResourceType,
        resource_id: str,
        body: Mapping[str, Any],
        version: str | None = None,
    ) -> None:
        """Replace an object of ours by *body*, which has a name of ours, too."""
        if not has_our_name(kind, body):
            raise NotOurs("what replaces an object of ours must have a name of ours")
        self._check(kind, resource_id)
        self.asking().put(kind, resource_id, body, version)

    def delete(self, kind: ResourceType, resource_id: str) -> None:
        """Delete an object of ours."""
        self._check(kind, resource_id)
        self.asking().delete(kind, resource_id)

    def _check(self, kind: ResourceType, resource_id: str) -> None:
        """
        Check what is about to be written to, on a read that is the last request.

        Raises:
            NotOurs: It was not made here, has another name, or is not there.
        """
        if self.made.get(resource_id) is not kind or resource_id in self._strangers:
            raise NotOurs("it was not made here")
        resource = self.present(kind, resource_id)
        if resource is None:
            raise NotOurs("it is not found any more")
        if not has_our_name(kind, resource):
            raise NotOurs("it does not have the name any more that it was given")
