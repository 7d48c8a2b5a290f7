"""
Changes of one resource: is it still what the plan saw, and can it be changed?

What may be sent is written down and sent by :mod:`reconciler.apply.sending`.

Used by :class:`reconciler.apply.steps.Stepper`.
"""

from __future__ import annotations

from msgspec import structs

from reconciler.apply.means import Means, Unfit
from reconciler.apply.observe import wanted_members
from reconciler.apply.report import Result
from reconciler.apply.sending import Sending, is_done
from reconciler.plan.effects import turns_off
from reconciler.plan.encode import Forms
from reconciler.plan.groups import live_members
from reconciler.plan.operation import Operation
from reconciler.states import Resource


class Changer:
    """Changes resources, one at a time; safe to call from several threads."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._forms = Forms.of(means.profile, means.capabilities.schemas)

    def modify(self, operation: Operation, target_id: str) -> Result:
        """
        Change a resource, or find that nothing needs to be sent.

        Raises:
            Unfit: It is not what the plan saw, or does not show what was sent.
            TargetError: The target refused it.
        """
        means = self._means
        begun = operation.id in means.memory.in_doubt
        possible = self._resolvable(operation)
        live = means.before(operation, target_id)
        if begun and is_done(means, possible, live):
            return _whole(operation, possible, Result.ALREADY)
        if live is None:
            raise means.gone(operation, target_id)
        means.check(operation, live, begun=begun)
        if not possible.changes and not possible.references:
            return _whole(operation, possible, Result.RECORDED)
        self._forbid(possible, live)
        means.intend(operation, target_id)
        Sending(means, possible, live, self._forms).bring_about()
        return _whole(operation, possible, Result.VERIFIED)

    def _forbid(self, operation: Operation, live: Resource) -> None:
        """
        Send nothing that the profile says the service cannot do.

        Raises:
            Unfit: It is such a change.
        """
        profile, most = self._means.profile, self._means.profile.members.max
        if profile.deprovision.active_false == "unsupported" and turns_off(operation.changes):
            detail = "by its profile, the target disables nobody (`deprovision.active_false`)"
            raise Unfit(Result.FAILED, "NotImplemented", detail)
        if most is not None:
            gained, lost = wanted_members(operation, self._means.memory.resolve)
            there = live_members(live)
            if (gained or lost) and (len(there) >= most or len((there | gained) - lost) > most):
                detail = f"by its profile, a group of the target holds {most} members at most"
                raise Unfit(Result.FAILED, "UnprocessableEntity", detail)

    def _resolvable(self, operation: Operation) -> Operation:
        """Return *operation* without what refers to something that does not exist."""
        known = self._means.memory.ids
        existing = [
            r for r in operation.references if (r.resource_type.value, r.source_id) in known
        ]
        return structs.replace(operation, references=tuple(existing))


def _whole(operation: Operation, possible: Operation, result: Result) -> Result:
    """
    Refuse to call an operation done of which a part could not be resolved.

    Raises:
        Unfit: Something is left out.
    """
    resolved = frozenset(possible.references)
    unresolved = [r.display for r in operation.references if r not in resolved]
    if not unresolved:
        return result
    detail = f"not created, so they cannot be referred to: {', '.join(unresolved)}"
    raise Unfit(Result.CONFLICT, "UnableToResolveReferenceAttributeValue", detail)
