"""
Deletes: done when a read no longer shows the resource, whatever the answer was.

Where a service only switches off what is deleted (`deprovision.delete: soft`),
an account that is no longer active counts as gone.

Used by :class:`reconciler.apply.steps.Stepper`.
"""

from __future__ import annotations

from reconciler.apply.means import ATTEMPTS, LOST, Means, Unfit
from reconciler.apply.report import Result
from reconciler.diff.normalize import boolean
from reconciler.plan.operation import Operation
from reconciler.scim.errors import AmbiguousOutcome, Conflict, NotFound, code_of
from reconciler.states import Resource, ResourceType

UNDONE = "NotImplemented"
"""Code of a delete that was answered and had no effect."""

GONE = "InvalidAnchor"
"""Code of a delete of what is said not to be there."""


class Deleter:
    """Deletes resources, one at a time; safe to call from several threads."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def delete(self, operation: Operation, target_id: str) -> Result:
        """
        Delete a resource, unless it is gone already.

        Raises:
            Unfit: It is not what the plan saw, or a read still shows it.
            TargetError: The target refused it.
        """
        means, kind = self._means, operation.resource_type
        live = means.before(operation, target_id)
        begun = operation.id in means.memory.in_doubt
        if live is None or (begun and self._went(operation, live)):
            return Result.ALREADY
        means.check(operation, live)
        if means.profile.deprovision.delete == "forbidden":
            detail = "by its profile, the target deletes nobody (`deprovision.delete: forbidden`)"
            raise Unfit(Result.FAILED, "NotImplemented", detail)
        means.intend(operation, target_id)
        code = LOST
        for attempt in range(ATTEMPTS):
            means.wait_before(attempt)
            try:
                code = self._send(kind, target_id, means.versions.of(live))
            except Conflict as error:
                now = means.target.get(kind, target_id)
                if not self._went(operation, now):
                    live = means.after_conflict(operation, live, now, error, again=attempt > 0)
                    continue
                code = GONE
            seen = means.look_after(lambda: means.target.get(kind, target_id), self._is_gone)
            if seen is None or self._is_gone(seen):
                return Result.ALREADY if code == GONE and not attempt else Result.VERIFIED
            live, code = seen, UNDONE if code == GONE else code
            if not means.observer.as_planned(operation, live):
                detail = (
                    f"{operation.key} was changed after the delete was sent, and is there still"
                )
                raise Unfit(Result.FAILED, code, detail)
        raise Unfit(Result.FAILED, code, "the target still shows it after the delete")

    def _send(self, kind: ResourceType, target_id: str, version: str | None) -> str:
        """Send the delete once; return the code to fail with if it has no effect."""
        try:
            self._means.target.delete(kind, target_id, version)
        except NotFound:
            return GONE
        except AmbiguousOutcome as error:
            return code_of(error)
        return UNDONE

    def _went(self, operation: Operation, live: Resource | None) -> bool:
        """
        Say whether a delete that nobody knows the end of shows in *live*, or one that was refused.

        Who was off already when the plan was made does not show by that.
        """
        if live is None:
            return True
        return self._is_gone(live) and not self._means.observer.as_planned(operation, live)

    def _is_gone(self, live: Resource | None) -> bool:
        """Say whether *live*, read after a delete, is what the profile calls deleted."""
        soft = self._means.profile.deprovision.delete == "soft"
        return live is None or (soft and boolean(live.get("active", True)) is False)
