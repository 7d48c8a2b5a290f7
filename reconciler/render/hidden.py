"""
A plan as people see it, where an expression hides a value with Redact.

The plan file holds what ``apply`` sends, and the store is private (ruling 18);
every form in which a plan is printed shows ``[Redact]`` instead, as Entra's
provisioning logs do (entra.md, section 4.2). Keys, reasons and sentences hold no
such value: the plan was made without.

Called by each form of :data:`reconciler.render.FORMATS`, and by whatever else
prints changes. The result is shown, never stored: its digests are those of the
whole plan, and a reader of plan files refuses it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from msgspec import structs

from reconciler.plan.document import Plan
from reconciler.plan.operation import Change, Operation
from reconciler.states import HIDDEN, ResourceType

Paths = Collection[tuple[ResourceType, str]]


def without_hidden(plan: Plan) -> Plan:
    """Return *plan* as it may be shown; without anything to hide it is *plan* itself."""
    body = plan.body
    if not body.redacted:
        return plan
    paths = frozenset((one.resource_type, one.path) for one in body.redacted)
    shown = replace(
        body,
        operations=tuple(_operation(operation, paths) for operation in body.operations),
        withheld=tuple(_operation(operation, paths) for operation in body.withheld),
    )
    return replace(plan, body=shown)


def _operation(operation: Operation, paths: Paths) -> Operation:
    """Return *operation* with the values at *paths* hidden."""
    changes = tuple(
        _hide(change) if (operation.resource_type, change.path) in paths else change
        for change in operation.changes
    )
    return structs.replace(operation, changes=changes)


def _hide(change: Change) -> Change:
    """Return *change* with what was set or cleared, and no value."""
    return structs.replace(change, before=_side(change.before), after=_side(change.after))


def _side(value: Any) -> Any:
    return None if value is None else HIDDEN
