"""
Drafts to operations: numbered, and bound to the state they will find.

Several operations of one plan can touch the same resource. Each is bound to
what the ones before it leave behind, so that a plan does not make itself stale.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.plan.drafts import ACTIVE, Draft, Side
from reconciler.plan.operation import Action, Operation, Precondition
from reconciler.plan.precondition import applied, precondition
from reconciler.scim.resource import copied
from reconciler.states import Resource, ResourceType


def bind(drafts: Sequence[Draft], sides: dict[ResourceType, Side]) -> tuple[Operation, ...]:
    """Return *drafts*, which are in order, as the operations of a plan."""
    foreseen: dict[tuple[ResourceType, str], Resource] = {}
    return tuple(
        Operation(
            id=f"op-{number:05d}",
            wave=int(draft.wave),
            action=draft.action,
            resource_type=draft.resource_type,
            key=draft.key,
            source_id=draft.source_id,
            target_id=draft.target_id,
            reason=draft.reason,
            changes=tuple(draft.changes),
            precondition=_precondition(draft, sides[draft.resource_type], foreseen),
            references=tuple(draft.references),
        )
        for number, draft in enumerate(drafts, start=1)
    )


def _precondition(
    draft: Draft, side: Side, foreseen: dict[tuple[ResourceType, str], Resource]
) -> Precondition | None:
    """Bind one draft, and foresee what it leaves behind."""
    if draft.target_id is None:
        return None
    place = (draft.resource_type, draft.target_id)
    if place not in foreseen:
        foreseen[place] = copied(side.live(draft.target_id))
    relied_on = {line.target for line in side.table.matching}
    relied_on |= {reference.path for reference in draft.references}
    if draft.resource_type is ResourceType.USER:
        relied_on.add(ACTIVE)
    if draft.action is Action.DELETE:  # whoever was switched on since is not deleted
        relied_on |= {line.target for line in side.table.soft_deleted}
    bound = precondition(foreseen[place], draft.changes, relied_on, side.comparator)
    applied(foreseen[place], draft.changes)
    return bound
