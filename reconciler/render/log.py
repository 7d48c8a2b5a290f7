"""
What was done to whom, in the form of Entra's provisioning logs.

One record per event, with the fields of Microsoft Graph's
``provisioningObjectSummary`` (entra.md, section 8) and no others: who reads
those logs today, or feeds them to something, can read ours the same way. What
Graph says with an empty text, we do; a tenant there is none.

Used by :mod:`reconciler.render.history`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from reconciler.plan.document import Plan
from reconciler.plan.generated import is_generated
from reconciler.plan.operation import Change, Operation, Reference
from reconciler.render.hidden import without_hidden
from reconciler.render.log_events import Event, Story, events_of
from reconciler.render.log_steps import steps_of
from reconciler.states import MADE_AT_APPLY
from reconciler.vocabulary import meaning_of

MEMBERS = "members"

SYSTEM = {"id": "", "displayName": "reconciler", "initiatorType": "system"}
"""Who acted when nobody wrote down who it was."""

_Ids = dict[tuple[str, str], str]
"""Target id by resource type and anchor."""


def records_of(story: Story, display_name: str) -> Iterator[dict[str, Any]]:
    """
    Yield a record of each event of a plan that concerns whom was asked about.

    Args:
        story: The plan, and what its journal says.
        display_name: Of the application.
    """
    around = _around(story, display_name)
    ids, shown = _ids(story), _shown(story.stored)
    for event in events_of(story):
        if story.concerns(event.key, event.source_id, event.target_id):
            operation = shown.get(id(event.operation), event.operation)
            told = replace(event, operation=operation)
            yield {**_about(told), **around, **_end(told, ids)}


def _shown(plan: Plan | None) -> dict[int, Operation]:
    """Return each operation as it may be shown (Redact), by identity: ids are not unique."""
    if plan is None:
        return {}
    body, shown = plan.body, without_hidden(plan).body
    whole = zip(body.operations, shown.operations, strict=True)
    withheld = zip(body.withheld, shown.withheld, strict=True)
    return {id(real): safe for real, safe in (*whole, *withheld)}


def _ids(story: Story) -> _Ids:
    """Return the ids of what the plan has touched, for values that were references."""
    return {
        (record["resource_type"], record["source_id"]): record["target_id"]
        for record in story.journal
        if record["kind"] == "done" and record["source_id"] and record["target_id"]
    }


def _around(story: Story, display_name: str) -> dict[str, Any]:
    """Return what all records of a plan have in common."""
    plan = story.stored
    return {
        "jobId": story.application,
        "tenantId": None,
        "initiatedBy": _author(plan),
        "servicePrincipal": {"id": story.application, "displayName": display_name},
        "sourceSystem": _system("source", "source directory", _inputs(plan)),
        "targetSystem": _system(_tenant_url(story), display_name, _target(plan)),
    }


def _author(plan: Plan | None) -> dict[str, str]:
    author = plan.header.author if plan else None
    return {"id": author, "displayName": author, "initiatorType": "user"} if author else SYSTEM


def _system(name: str, display_name: str, details: dict[str, str]) -> dict[str, Any]:
    return {"id": name, "displayName": display_name, "details": details}


def _inputs(plan: Plan | None) -> dict[str, str]:
    if plan is None:
        return {}
    return {"as_of": plan.body.inputs.as_of, "source_sha256": plan.body.inputs.source_sha256}


def _target(plan: Plan | None) -> dict[str, str]:
    return {} if plan is None else {"profile": plan.body.target.profile}


def _tenant_url(story: Story) -> str:
    """Return the service that was written to; the journal says it when the plan is gone."""
    if story.stored is not None:
        return story.stored.body.target.tenant_url
    return next((str(record["tenant_url"]) for record in story.journal), "")


def _about(event: Event) -> dict[str, Any]:
    """Return who and when."""
    kind = event.resource_type.value
    return {
        "id": event.id,
        "activityDateTime": event.at,
        "changeId": event.change,
        "cycleId": event.cycle,
        "durationInMilliseconds": event.milliseconds,
        "provisioningAction": event.action,
        "sourceIdentity": _identity(event.source_id, event.key, kind),
        "targetIdentity": _identity(event.target_id, event.key, kind),
    }


def _identity(name: str | None, key: str, kind: str) -> dict[str, Any]:
    """Return one side of an object; a side on which it is not has empty names."""
    known = key if name else ""
    return {"id": name or "", "displayName": known, "identityType": kind, "details": {}}


def _end(event: Event, ids: _Ids) -> dict[str, Any]:
    """Return what was written, by which steps, and how it ended."""
    return {
        "modifiedProperties": _properties(event.operation, ids) if event.operation else [],
        "provisioningSteps": steps_of(event),
        "provisioningStatusInfo": {
            "status": event.status.value,
            "errorInformation": _error(event.code, event.detail) if event.code else None,
        },
    }


def _error(code: str, detail: str | None) -> dict[str, str | None]:
    meaning = meaning_of(code)
    return {
        "errorCode": code,
        "reason": detail,
        "additionalDetails": meaning.meaning,
        "errorCategory": meaning.category.value,
        "recommendedAction": meaning.action,
    }


def _properties(operation: Operation, ids: _Ids) -> list[dict[str, str | None]]:
    """Return what an operation writes, as text; new members join those that are known by id."""
    found = [_property(change) for change in _changes(operation, ids)]
    return [*found, *(_referred(r, ids) for r in operation.references if r.path != MEMBERS)]


def _changes(operation: Operation, ids: _Ids) -> list[Change]:
    """Return the changes, with the members that are only known by reference among them."""
    joining = [r for r in operation.references if r.path == MEMBERS]
    if not joining:
        return list(operation.changes)
    members = operation.change_of(MEMBERS) or Change(MEMBERS, None, None)
    added = [{"value": _id(reference, ids), "display": reference.display} for reference in joining]
    others = [change for change in operation.changes if change is not members]
    return [*others, Change(MEMBERS, members.before, [*(members.after or []), *added])]


def _property(change: Change) -> dict[str, str | None]:
    before, after = _text(change.before), _text(change.after)
    return {"displayName": change.path, "oldValue": before, "newValue": after}


def _referred(reference: Reference, ids: _Ids) -> dict[str, str | None]:
    return {"displayName": reference.path, "oldValue": None, "newValue": _id(reference, ids)}


def _id(reference: Reference, ids: _Ids) -> str | None:
    """Return the id that a reference came to; None when nothing was created."""
    return ids.get((reference.resource_type.value, reference.source_id))


def _text(value: Any) -> str | None:
    """Return a value as Entra's logs show it: booleans by their .NET names, the rest as JSON."""
    if is_generated(value):
        return MADE_AT_APPLY
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
