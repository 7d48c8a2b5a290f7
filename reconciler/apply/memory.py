"""
What the journal of a plan says about earlier runs of it.

A run that ended half-way is resumed by the same command: what is done is not
done again, what was begun is looked at before anything is sent, and the ids of
what was created are known (INV-15).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconciler.plan.operation import Action, Operation, Reference
from reconciler.states import ResourceType


@dataclass(slots=True)
class Memory:
    """The state of one plan's execution, by operation id."""

    begun: bool = False
    finished: bool = False
    done: set[str] = field(default_factory=set)
    in_doubt: set[str] = field(default_factory=set)
    """Begun and not ended: the request may or may not have arrived."""
    begun_now: set[str] = field(default_factory=set)
    """Begun by this run, whatever became of it."""
    intended: dict[str, datetime] = field(default_factory=dict)
    """When each of those was begun last, as far as the journal says."""
    created: dict[str, str] = field(default_factory=dict)
    """Target id of what was created by whom a read did not show as it was sent."""
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    """Target id by resource type and anchor, of what this plan has touched."""
    last: dict[tuple[ResourceType, str], Operation] = field(default_factory=dict)
    """By resource, what this plan has written to it last, where it writes to it several times."""
    several: set[tuple[str, str]] | None = None
    """What this plan writes to several times; None: nobody knows yet."""
    populations: Mapping[str, int | None] = field(default_factory=dict)
    """The counts that the guards passed on when the first run began."""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """What each operation counts for each guard; the journal keeps it, for later plans."""

    def counted(self, operation: Operation) -> dict[str, int]:
        """Return what *operation* counts for each guard."""
        return dict(self.counts.get(operation.id, {}))

    def recall(self, operations: Iterable[Operation]) -> None:
        """Note what earlier runs have done of *operations*, which are in their order."""
        seen, self.several = set[tuple[str, str]](), set()
        for place in map(place_of, operations):
            (self.several if place in seen else seen).add(place)
        for operation in (one for one in operations if one.id in self.done):
            kind, source_id = operation.resource_type, operation.source_id or ""
            target = operation.target_id or self.ids.get((kind.value, source_id))
            if target is not None:
                self.wrote(operation, target)

    def wrote(self, operation: Operation, target: str) -> None:
        """Note what was written to a resource."""
        if self.several is None or place_of(operation) in self.several:
            self.last[operation.resource_type, target] = operation

    def resolve(self, reference: Reference) -> str:
        """
        Return the id that *reference* stands for.

        Raises:
            KeyError: What it refers to was not created.
        """
        return self.ids[reference.resource_type.value, reference.source_id]

    def remember(self, resource_type: ResourceType, source_id: str | None, target: str) -> None:
        """Note the id of a resource."""
        if source_id is not None:
            self.ids[resource_type.value, source_id] = target


def place_of(operation: Operation) -> tuple[str, str]:
    """Return what tells the resource of an operation from all others of its plan."""
    return operation.resource_type.value, operation.target_id or operation.source_id or ""


def remembered(records: Iterable[Mapping[str, Any]]) -> Memory:
    """Fold the records of a plan's journal, oldest first."""
    memory = Memory()
    for record in records:
        kind = record["kind"]
        if kind == "run_begin":
            if not memory.begun:
                memory.populations = record["populations"]
            memory.begun, memory.finished = True, False
        elif kind == "run_end":
            memory.finished = record["status"] == "done"
        elif kind == "intent":
            _begin(memory, record)
        elif kind == "done":
            _conclude(memory, record)
        else:
            _leave(memory, record)
    return memory


def _begin(memory: Memory, intent: Mapping[str, Any]) -> None:
    """Note that an operation has been begun."""
    memory.in_doubt.add(intent["op"])
    if "at" in intent:
        memory.intended[intent["op"]] = datetime.fromisoformat(intent["at"])


def _leave(memory: Memory, end: Mapping[str, Any]) -> None:
    """
    Note an end other than done.

    What ended as a conflict was refused, or not even sent. It is held against the plan
    anew, also where somebody else has made it look half done. A create may still arrive.
    """
    if end.get("action") == Action.CREATE:
        if end.get("target_id"):
            memory.created[end["op"]] = end["target_id"]
    elif end["kind"] == "conflict":
        memory.in_doubt.discard(end["op"])


def _conclude(memory: Memory, done: Mapping[str, Any]) -> None:
    """Note that an operation is done, and what it was done to."""
    memory.done.add(done["op"])
    memory.in_doubt.discard(done["op"])
    if done.get("source_id") and done.get("target_id"):
        memory.ids[done["resource_type"], done["source_id"]] = done["target_id"]
