"""
What a run did to each account and group: how it was before, and after.

A fold over the operations that a journal calls done, in the order in which they ended.
Several operations of one plan may write to one account; what counts is the value that
the first of them found, and the one that the last of them left. Of members, each is
looked at by itself.

Two things are not known: what an operation did that was begun and has no good end, and
whom an account referred to before it was given a manager that the plan created. They
are named and never guessed.

Filled by :mod:`reconciler.store.deeds`; read by :mod:`reconciler.plan.restore`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.plan.groups import MEMBERS
from reconciler.plan.operation import Action, Change, Operation
from reconciler.states import ResourceType

Place = tuple[ResourceType, str]
"""Type and id of something on the target."""


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """An operation that is done."""

    operation: Operation
    target_id: str
    deleted: bool
    """Whether the account is gone by it, also by a disable where the service deletes by that."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """An operation that was begun, and that nobody knows to be done."""

    operation: Operation
    target_id: str | None
    code: str
    """How it failed; `InternalError` when its end was not written down."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """What the journal of one plan says became of its operations."""

    done: tuple[CarriedOut, ...]
    """In the order in which they ended."""
    unsure: tuple[Unsure, ...]
    applied: bool
    """Whether any run of the plan was begun."""


@dataclass(slots=True)
class Image:
    """What one plan did to one account or group, in all."""

    resource_type: ResourceType
    target_id: str
    key: str
    source_id: str | None
    created: bool = False
    deleted: bool = False
    linked: bool = False
    changes: dict[str, Change] = field(default_factory=dict)
    """By path in lower case: the value before the plan, and the one after it."""
    unrecorded: set[str] = field(default_factory=set)
    """Paths in lower case of references of which nobody knows whom they named before."""
    members: dict[str, bool] = field(default_factory=dict)
    """By id: put in (True) or taken out (False)."""
    displays: dict[str, str] = field(default_factory=dict)
    """What a reader knows members by."""
    actions: defaultdict[str, dict[Action, None]] = field(default_factory=lambda: defaultdict(dict))
    """By path in lower case: what wrote there."""

    def took_part(self, paths: Iterable[str]) -> tuple[Action, ...]:
        """Return the actions that wrote to *paths*, each once."""
        found = (action for path in paths for action in self.actions[path.lower()])
        return tuple(dict.fromkeys(found))


def images_of(done: Iterable[CarriedOut]) -> Mapping[Place, Image]:
    """Return what all of *done* came to, by what it was done to."""
    images: dict[Place, Image] = {}
    ids: dict[Place, str] = {}
    for deed in done:
        operation, kind = deed.operation, deed.operation.resource_type
        if operation.source_id is not None:
            ids[kind, operation.source_id] = deed.target_id
        place = kind, deed.target_id
        image = images.setdefault(place, Image(*place, operation.key, operation.source_id))
        image.created |= operation.action is Action.CREATE
        image.linked |= operation.action is Action.LINK
        image.deleted |= deed.deleted
        for change in _changes(operation, image, ids):
            image.actions[change.path.lower()].setdefault(operation.action)
            _take(image, change)
    return images


def _changes(operation: Operation, image: Image, ids: Mapping[Place, str]) -> Iterator[Change]:
    """Yield the changes of *operation*, references with the ids that they stood for."""
    yield from operation.changes
    for reference in operation.references:
        found = ids.get((reference.resource_type, reference.source_id))
        if reference.path.lower() == MEMBERS:
            if found is not None:
                yield Change(MEMBERS, None, [{"value": found, "display": reference.display}])
        else:
            if not image.created:
                image.unrecorded.add(reference.path.lower())
            yield Change(reference.path, None, found)


def _take(image: Image, change: Change) -> None:
    """Take one change in."""
    path = change.path.lower()
    if path != MEMBERS:
        first = image.changes.get(path, change)
        image.changes[path] = Change(first.path, first.before, change.after)
        return
    for there, members in ((False, change.before), (True, change.after)):
        for member in members or ():
            name = member["value"]
            image.displays[name] = member.get("display") or name
            if image.members.get(name, there) is there:
                image.members[name] = there
            else:
                del image.members[name]
