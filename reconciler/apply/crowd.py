"""
Creates by the hundred: one thread carries out as many as two bulk requests take.

Each of them goes the way of :mod:`reconciler.apply.creates`, step by step with the others:
nobody is seen under its name, its intent is on disk, it is sent, and it is verified once a
read shows everything that was sent, under the id that the service gave. What is written
together is on disk together (decision 36). Whoever is not as simple as that falls out of the
crowd at the step that he has reached and goes on alone: who has the name, whose answer is
an error or does not come, whom the look after does not show.

Only creates join whose name the service keeps unique (decision 35) and which no run has begun.

Used by :class:`reconciler.apply.execute.Run`, in the order of :mod:`reconciler.apply.crowds`.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from reconciler.apply.creates import Creator, Sent
from reconciler.apply.means import Means, Unfit
from reconciler.apply.together import ABREAST, Together
from reconciler.plan.encode import encode_create
from reconciler.plan.many import Some
from reconciler.plan.operation import Action, Operation
from reconciler.ports import Halted
from reconciler.scim.bulk import BulkOperation
from reconciler.scim.errors import TargetError
from reconciler.states import Resource, ResourceType

FRESH: Final = 5.0
"""Seconds for which a look counts before a crowd is sent."""

Left = tuple[Operation, Sent | None]
"""Who goes on alone; with what it came to, if it was sent."""


@dataclass(slots=True)
class Ended:
    """How a crowd ended; who is in neither list was begun, and not sent before the run ended."""

    verified: list[tuple[Operation, str]] = field(default_factory=list)
    """With the ids of what they made."""
    left: list[Left] = field(default_factory=list)


class Prepared(NamedTuple):
    """A create that can be sent with others."""

    operation: Operation
    made: Operation
    """With the values that are made for this request."""
    request: BulkOperation


@dataclass(frozen=True, slots=True)
class Looked:
    """A crowd that was looked for, and has not begun."""

    operations: Sequence[Operation]
    free: Sequence[Prepared]
    """Those under whose name nobody is seen, as they will be sent; the others go alone."""
    at: datetime
    """When the look began."""


class Crowd:
    """Carries out creates together; safe to call from several threads."""

    def __init__(self, means: Means, together: Together, creator: Creator) -> None:
        self._means, self._together, self._creator = means, together, creator
        self._sees = True
        """Whether names can be asked for together."""

    @property
    def open(self) -> bool:
        """Whether the service takes what a crowd asks of it, as far as is known."""
        return self._together.usable and self._sees

    def gathered(self, operations: Some) -> tuple[list[Some], Some]:
        """
        Return *operations* in crowds, and those that join none.

        The first of each kind is what one request takes, so that no more shows what is wrong.
        """
        joining: dict[ResourceType, array[int]] = {}
        rest = array("I")
        for place, operation in enumerate(operations):
            joins = self.open and self._may_join(operation)
            kind = operation.resource_type
            (joining.setdefault(kind, array("I")) if joins else rest).append(place)
        most = self._together.most
        crowds: list[Some] = []
        for places in joining.values():
            alike, size = operations.at(places), most * ABREAST
            crowds.append(alike[:most])
            crowds += [alike[at : at + size] for at in range(most, len(alike), size)]
        return crowds, operations.at(rest)

    def look(self, operations: Sequence[Operation]) -> Looked:
        """Return who of a crowd of one kind can be created together: whose name is free."""
        began = self._means.clock.now()
        seen = self._seen(operations)
        self._sees = any(rows is not None for rows in seen) or not operations
        free = [one for one, rows in zip(operations, seen, strict=True) if rows == []]
        return Looked(operations, self._prepared(free), began)

    def create(self, looked: Looked, refused: Collection[str] = ()) -> Ended:
        """
        Create a crowd, but for those whose ids are *refused*; look again if that was long ago.

        Raises:
            JournalFailed, LockHeld: It cannot be written down, and nothing more is sent.
        """
        if not 0 <= (self._means.clock.now() - looked.at).total_seconds() <= FRESH:
            looked = self.look(looked.operations)
        begun = [one for one in looked.free if one.operation.id not in refused]
        apart = {one.operation.id for one in begun}.union(refused)
        ended = Ended(left=[(one, None) for one in looked.operations if one.id not in apart])
        self._means.intend_all([one.operation for one in begun])
        ends = self._together.send_abreast([one.request for one in begun])
        sent = [
            (one.operation, Sent(one.made, end))
            for one, end in zip(begun, ends, strict=True)
            if not isinstance(end, Halted)
        ]
        self._verify(sent, ended)
        return ended

    def _may_join(self, operation: Operation) -> bool:
        """Say whether nothing is special about *operation*."""
        memory = self._means.memory
        if operation.action is not Action.CREATE or operation.references:
            return False
        if operation.id in memory.in_doubt or operation.id in memory.created:
            return False
        named = isinstance(_name(operation), str)
        return named and self._creator.may_be_sent_again(operation)

    def _prepared(self, operations: Iterable[Operation]) -> list[Prepared]:
        """Return what can be sent of *operations*: whatever has its values."""
        prepared: list[Prepared] = []
        for operation in operations:
            with suppress(Unfit):  # whoever goes alone says why
                made = self._creator.made(operation)
                endpoint = operation.resource_type.endpoint
                request = BulkOperation("POST", endpoint, None, encode_create(made))
                prepared.append(Prepared(operation, made, request))
        return prepared

    def _seen(self, operations: Sequence[Operation]) -> list[list[Resource] | None]:
        """Return who is seen under the name of each; None where it must be asked alone."""
        if not operations:
            return []
        kind: ResourceType = operations[0].resource_type
        names = [str(_name(operation)) for operation in operations]
        try:
            found = self._together.search_many(kind, kind.named_by, names)
        except TargetError:
            return [None] * len(names)
        return [None if rows is None else list(rows) for rows in found]

    def _verify(self, sent: Sequence[tuple[Operation, Sent]], ended: Ended) -> None:
        """Call those verified whom a read shows as they were sent; the others look alone."""
        told = {one.id: created for one, what in sent if (created := _id_in(what)) is not None}
        looked_for = [operation for operation, _ in sent if operation.id in told]
        seen = {
            operation.id: rows or []
            for operation, rows in zip(looked_for, self._seen(looked_for), strict=True)
        }
        for operation, what in sent:
            created = told.get(operation.id)
            shown = created is not None and any(
                row["id"] == created and not self._means.missing(what.made, row)
                for row in seen[operation.id]
            )
            if shown and created is not None:
                ended.verified.append((operation, created))
            else:
                ended.left.append((operation, what))


def _name(operation: Operation) -> object:
    change = operation.change_of(operation.resource_type.named_by)
    return None if change is None else change.after


def _id_in(sent: Sent) -> str | None:
    """Return the id of what the service says it created."""
    end = sent.end
    return str(end["id"]) if isinstance(end, dict) and "id" in end else None
