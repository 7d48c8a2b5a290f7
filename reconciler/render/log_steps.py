"""
The steps in which one object was provisioned, as far as plan and journal know them.

Import, scoping, matching, processing, references, export. What did not go wrong
went well, up to the step with which it ended; when that is not the export, an
export follows that says that it was left out. The names are those of Entra's
logs (entra.md, section 7; decision 12).

Used by :mod:`reconciler.render.log`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from reconciler.plan.operation import Action, Operation
from reconciler.render.log_events import Event
from reconciler.vocabulary import Status, Step

KINDS: Mapping[Action, str] = {Action.CREATE: "Add", Action.DELETE: "Delete"}
"""How the name of a step ends; with every other action it is ``Update``."""

WRITTEN: Mapping[Action, str] = {
    Action.LINK: "linked",
    Action.CREATE: "created",
    Action.DISABLE: "disabled",
    Action.DELETE: "deleted",
}
"""What to say of an action that is done; with every other one it is ``updated``."""


class _Told(NamedTuple):
    """What a step says when it went well."""

    name: str
    description: str
    details: dict[str, str]


def steps_of(event: Event) -> list[dict[str, Any]]:
    """Return the steps of *event*, in their order."""
    steps = [
        _step(step, Status.SUCCESS, tell(event))
        for step, tell in _TOLD.items()
        if _before(step, event.step) and _known(step, event)
    ]
    last = _TOLD[event.step](event)
    if event.detail:
        last = last._replace(description=event.detail)
    steps.append(_step(event.step, event.status, last))
    if event.step is not Step.EXPORT:
        steps.append(_step(Step.EXPORT, Status.SKIPPED, _left_out(event)))
    return steps


def _step(step: Step, status: Status, told: _Told) -> dict[str, Any]:
    return {
        "name": told.name,
        "description": told.description,
        "status": status.value,
        "details": told.details,
        "provisioningStepType": step.value,
    }


def _before(step: Step, other: Step) -> bool:
    """Say whether *step* comes before *other*."""
    order = list(Step)
    return order.index(step) < order.index(other)


def _known(step: Step, event: Event) -> bool:
    """Say whether the plan knows how *step* went; of who is skipped it knows little."""
    if step is Step.REFERENCE_RESOLUTION:
        return event.operation is not None and bool(event.operation.references)
    return event.operation is not None or step in {Step.IMPORT, Step.SCOPING}


def _imported(event: Event) -> _Told:
    details = {"objectId": event.source_id} if event.source_id else {}
    return _Told("EntryImport", f"the source was asked for {_object(event)}", details)


def _scoped(event: Event) -> _Told:
    reason = event.operation.reason if event.operation else ""
    return _Told("EntrySynchronizationScoping", reason or "assignments and filters were asked", {})


def _matched(event: Event) -> _Told:
    creates = event.operation is not None and event.operation.action is Action.CREATE
    if creates and event.step is not Step.MATCHING:
        return _Told("EntryImportObjectNotFound", f"nothing matches {_object(event)}", {})
    details = {"id": event.target_id} if event.target_id else {}
    return _Told("EntryImport", f"{_object(event)} was matched", details)


def _processed(event: Event) -> _Told:
    count = len(event.operation.changes) if event.operation else 0
    attributes = "1 attribute" if count == 1 else f"{count} attributes"
    return _Told(f"EntrySynchronization{_kind(event.operation)}", f"{attributes} to write", {})


def _resolved(event: Event) -> _Told:
    count = len(event.operation.references) if event.operation else 0
    references = "1 reference" if count == 1 else f"{count} references"
    return _Told("EntrySynchronizationReferences", f"{references} to what the plan creates", {})


def _exported(event: Event) -> _Told:
    if event.status is Status.SKIPPED or event.operation is None:
        return _left_out(event)
    done = WRITTEN.get(event.operation.action, "updated")
    details = {"ReportableIdentifier": event.key}
    return _Told(f"EntryExport{_kind(event.operation)}", f"{_object(event)} was {done}", details)


def _left_out(event: Event) -> _Told:
    """Return the export of what is not written, or not as a whole."""
    details = {"ReportableIdentifier": event.key, "SkipReason": event.code or ""}
    return _Told("EntrySynchronizationSkip", f"{_object(event)} is left as it is", details)


def _object(event: Event) -> str:
    return f"{event.resource_type.value} {event.key}"


def _kind(operation: Operation | None) -> str:
    return KINDS.get(operation.action, "Update") if operation else "Update"


_TOLD: Mapping[Step, Callable[[Event], _Told]] = {
    Step.IMPORT: _imported,
    Step.SCOPING: _scoped,
    Step.MATCHING: _matched,
    Step.PROCESSING: _processed,
    Step.REFERENCE_RESOLUTION: _resolved,
    Step.EXPORT: _exported,
}
