"""
A target whose requests travel together, where the service takes bulk requests.

Every operation of a wave is carried out on a thread of its own, as it is without
this: it looks, writes its intent down, sends, and looks again. Only the sending
is different: a change waits until the others that run at the same time have
come as far, and then one request takes them all (RFC 7644, section 3.7). Each
gets its own end back and goes on by itself, so a bulk request that is cut off, or
carried out in part, is nothing new: every change whose end is open is looked at.

A service that refuses bulk requests after all gets single ones from then on, and
so does a change for which there was no room or no time (413, 429).

Who has a name is asked together in the same way (:meth:`Together.glance`). What that
shows is there; what it does not show is asked for alone wherever it matters.

Used by :class:`reconciler.apply.execute.Run`, through :mod:`reconciler.apply.means`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, Final

from reconciler.apply.halting import Reading
from reconciler.apply.meeting import Meeting, Ticket
from reconciler.ports import Halted, Target
from reconciler.profiles import Profile
from reconciler.scim.bulk import BulkOperation, most_bytes_of, size_of
from reconciler.scim.capabilities import Capabilities
from reconciler.scim.errors import TargetError, TargetRefused, Throttled
from reconciler.scim.messages import patch_body
from reconciler.states import Resource, ResourceType

MOST: Final = 100
"""Changes in one bulk request, where the service names no lower number."""

TOO_LARGE: Final = 413

NO_BULK: Final = frozenset({400, 403, 404, 405, 501})
"""What services answer to a bulk request that take none, whatever they say of themselves."""


ABREAST: Final = 2
"""Requests in which a crowd is sent, at the same time."""

GROUPS: Final = 2
"""Requests of many changes that are on their way at the same time, at most."""

_Change = Ticket[BulkOperation, Resource]
_Name = tuple[ResourceType, str]
_Glance = Ticket[_Name, Sequence[Resource]]


class Together(Reading):
    """A target for the threads of one run, which sends their changes together."""

    def __init__(
        self, target: Target, most: int, most_bytes: int | None, stop: Event, groups: int = 1
    ) -> None:
        """
        Begin with nothing to wait for.

        Args:
            target: Where it all goes.
            most: Changes in one request.
            most_bytes: Bytes of one request; None is any number.
            stop: Set when nothing more may be sent.
            groups: Requests of many changes that may be on their way at the same time.
        """
        super().__init__(target)
        self.most: Final = most
        self._most_bytes = most_bytes
        self._stop = stop
        self.usable = True
        """Whether the service has not refused bulk requests altogether."""
        self.threads: Final = most * groups
        """Threads that are worth having."""
        self._meeting = Meeting(most, self.threads, stop)
        self._changes = self._meeting.line(self._send)
        self._names = self._meeting.line(self._look)

    def expect(self, count: int) -> None:
        """Be told that *count* operations begin, each of which says when it has ended."""
        self._meeting.expect(count)

    def ended(self) -> None:
        """Be told that an operation has ended: those that are left wait for one less."""
        self._meeting.ended()

    def halt(self) -> None:
        """Be told that *stop* is set: whoever waits does so for others that may never begin."""
        self._meeting.serve()

    # the port's changes

    def bulk(self, operations: Sequence[BulkOperation]) -> Sequence[Resource | TargetError]:
        """Send several changes at once."""
        return self._target.bulk(operations)

    def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        """Create a resource, together with whatever else is changed now."""
        end = self._join(BulkOperation("POST", resource_type.endpoint, None, body))
        return self._target.create(resource_type, body) if end is None else end

    def patch(
        self,
        resource_type: ResourceType,
        resource_id: str,
        operations: Sequence[Mapping[str, Any]],
        version: str | None = None,
    ) -> None:
        """Send one PATCH, together with whatever else is changed now."""
        body = patch_body(operations)
        change = BulkOperation("PATCH", resource_type.endpoint, resource_id, body, version)
        if self._join(change) is None:
            self._target.patch(resource_type, resource_id, operations, version)

    def put(
        self,
        resource_type: ResourceType,
        resource_id: str,
        body: Mapping[str, Any],
        version: str | None = None,
    ) -> None:
        """Replace a resource, together with whatever else is changed now."""
        change = BulkOperation("PUT", resource_type.endpoint, resource_id, body, version)
        if self._join(change) is None:
            self._target.put(resource_type, resource_id, body, version)

    def delete(
        self, resource_type: ResourceType, resource_id: str, version: str | None = None
    ) -> None:
        """Delete a resource, together with whatever else is changed now."""
        change = BulkOperation("DELETE", resource_type.endpoint, resource_id, None, version)
        if self._join(change) is None:
            self._target.delete(resource_type, resource_id, version)

    # together

    def glance(self, resource_type: ResourceType, name: str) -> Sequence[Resource] | None:
        """
        Wait for the others, and return who is seen under *name*; None if it must be asked alone.

        Whoever is seen is there. Not to be seen is weaker than not to be found by
        :meth:`search`: a service may read no further than it likes in a long question.
        """
        return self._meeting.join(self._names, (resource_type, name))

    def send_all(self, operations: Sequence[BulkOperation]) -> list[Resource | Exception | None]:
        """
        Send several changes, and return what each came to; None if it is to go alone.

        That is an answer, the TargetError that it would have raised, or Halted.
        """
        return [end for part in self._parts(operations) for end in self._ends(part)]

    def send_abreast(
        self, operations: Sequence[BulkOperation]
    ) -> list[Resource | Exception | None]:
        """Send as :meth:`send_all` does, what needs more than one request by two at a time."""
        parts = [*self._parts(operations)]
        if len(parts) < 2:
            return self.send_all(operations)
        with ThreadPoolExecutor(ABREAST, "bulk") as pool:
            return [end for ends in pool.map(self._ends, parts) for end in ends]

    def _look(self, tickets: Sequence[_Glance]) -> None:
        """Ask for several names at once; what goes wrong is told to whoever asks alone then."""
        for kind in ResourceType:
            part = [ticket for ticket in tickets if ticket.item[0] is kind]
            seen: Sequence[Sequence[Resource] | None] = [None] * len(part)
            try:
                if len(part) > 1:
                    names = [ticket.item[1] for ticket in part]
                    seen = self._target.search_many(kind, kind.named_by, names)
            except TargetError:
                pass
            except Exception as error:  # a defect, which must not leave the others waiting
                _end_all(part, error)
                continue
            for ticket, rows in zip(part, seen, strict=True):
                ticket.end.set_result(rows)

    def _join(self, operation: BulkOperation) -> Resource | None:
        """
        Wait for the others, and return what became of *operation*; None if it is to go alone.

        Raises:
            Halted: The run was stopped before it was sent.
            TargetError: As if it had been sent alone.
        """
        return self._meeting.join(self._changes, operation) if self.usable else None

    def _send(self, due: Sequence[_Change]) -> None:
        """Send what is due, and hand everybody their end."""
        try:
            ends = self.send_all([ticket.item for ticket in due])
        except Exception as error:  # a defect, which must not leave the others waiting
            _end_all(due, error)
            return
        for ticket, end in zip(due, ends, strict=True):
            _end_all([ticket], end)

    def _ends(self, part: Sequence[BulkOperation]) -> Sequence[Resource | Exception | None]:
        """Send one request, and return what each change came to."""
        if self._stop.is_set():
            return [Halted()] * len(part)
        if len(part) == 1 or not self.usable:
            return [None] * len(part)
        try:
            ends = self._target.bulk(part)
        except TargetRefused as error:
            return self._refused(part, error)
        except (TargetError, Halted) as error:
            return [error] * len(part)
        return [None if isinstance(end, Throttled) else end for end in ends]

    def _refused(
        self, part: Sequence[BulkOperation], error: TargetRefused
    ) -> Sequence[Resource | Exception | None]:
        """Send half as much at a time where it was too much, or each alone, if that may help."""
        half = len(part) // 2
        if error.status == TOO_LARGE:
            return [*self.send_all(part[:half]), *self.send_all(part[half:])]
        if error.status in NO_BULK:
            self.usable = False
            return [None] * len(part)
        return [error] * len(part)

    def _surely_fit(self, due: Sequence[BulkOperation]) -> bool:
        """Say whether *due* has so few bytes that nobody needs to count them one by one."""
        return self._most_bytes is None or most_bytes_of(due) <= self._most_bytes

    def _parts(self, due: Sequence[BulkOperation]) -> Iterator[Sequence[BulkOperation]]:
        """Yield what fits into one request each."""
        if 0 < len(due) <= self.most and self._surely_fit(due):
            yield due
            return
        part: list[BulkOperation] = []
        size = 0
        for operation in due:
            added = size_of(operation) if self._most_bytes is not None else 0
            if part and (len(part) == self.most or size + added > (self._most_bytes or added)):
                yield part
                part, size = [], 0
            part.append(operation)
            size += added
        if part:
            yield part


def _end_all(tickets: Sequence[Ticket[Any, Any]], end: Resource | Exception | None) -> None:
    """Hand some of those who wait their end."""
    for ticket in tickets:
        if isinstance(end, Exception):
            ticket.end.set_exception(end)
        else:
            ticket.end.set_result(end)


def gathering(
    target: Target, capabilities: Capabilities, profile: Profile, concurrency: int, stop: Event
) -> Together | None:
    """
    Return what sends changes together; None where each goes alone.

    That is where the service declares no bulk requests, or its profile forbids
    them, and where one request at a time is asked for.
    """
    if profile.bulk.use == "never" or not capabilities.bulk or concurrency == 1:
        return None
    said = (profile.bulk.max_operations, capabilities.bulk_operations, MOST)
    most = min(number for number in said if number is not None)
    if most == 1:
        return None
    return Together(target, most, capabilities.bulk_bytes, stop, min(concurrency, GROUPS))
