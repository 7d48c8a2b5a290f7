"""
One operation, carried out: look, write down, send, look again.

The order is the guarantee. The precondition is read just before (INV-17), the
intent is on disk before a byte leaves (INV-12), and done is written only after
a read shows the result (INV-14). A lost answer is never answered by sending
blindly: the resource is looked at first, and what is there decides (INV-13).

Used by :class:`reconciler.apply.execute.Run`.
"""

from __future__ import annotations

from reconciler.apply.changes import Changer
from reconciler.apply.creates import Creator, Sent
from reconciler.apply.deletes import Deleter
from reconciler.apply.means import Means, Unfit
from reconciler.apply.report import Outcome, Result
from reconciler.plan.effects import as_carried_out
from reconciler.plan.operation import Action, Operation
from reconciler.scim.errors import NotAuthorized, TargetError, code_of


def failure(operation: Operation, error: TargetError) -> Outcome:
    """
    Return the end of an operation that the target, or the road to it, made fail.

    The report keeps *error* to the end of the run, so it is taken off its way here:
    that holds every resource and answer that was at hand, a group of 100,000 for one.
    """
    code, detail = code_of(error), str(error)
    if error.after_write:
        detail = f"{detail}; what was sent before may have been carried out"
    error.__traceback__ = error.__cause__ = error.__context__ = None
    return Outcome(operation, Result.FAILED, operation.target_id, code, detail, error=error)


class Stepper:
    """Carries out single operations; safe to call from several threads."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self.creator = Creator(means)
        self._changer, self._deleter = Changer(means), Deleter(means)

    def carry_out(self, operation: Operation, sent: Sent | None = None) -> Outcome:
        """
        Run one operation, or go on with a create that was *sent*, and say how it ended.

        Raises:
            NotAuthorized: The credential is refused (401); the whole run must end.
        """
        try:
            result, target_id = self._run(operation, sent)
        except Unfit as unfit:
            return Outcome(
                operation,
                unfit.result,
                operation.target_id or unfit.target_id,
                unfit.code,
                unfit.detail,
                ends_run=unfit.ends_run,
            )
        except TargetError as error:
            self._means.values.hush(operation, error)
            if isinstance(error, NotAuthorized) and error.status == 401:
                raise
            return failure(operation, error)
        return self.good(operation, result, target_id)

    def good(self, operation: Operation, result: Result, target_id: str) -> Outcome:
        """Return the end of an operation whose result is there, and note whose it is."""
        memory, kind = self._means.memory, operation.resource_type
        memory.remember(kind, operation.source_id, target_id)
        memory.wrote(operation, target_id)
        return Outcome(operation, result, target_id)

    def as_carried_out(self, operation: Operation) -> Operation:
        """Return *operation* as the service carries it out: some disables are deletes there."""
        return as_carried_out((operation,), self._means.profile)[0]

    def _run(self, operation: Operation, sent: Sent | None) -> tuple[Result, str]:
        if operation.action is Action.CREATE:
            creator = self.creator
            return creator.go_on(operation, sent) if sent else creator.create(operation)
        target_id = operation.target_id or self._created_id(operation)
        if operation.action is Action.DELETE:
            return self._deleter.delete(operation, target_id), target_id
        return self._changer.modify(operation, target_id), target_id

    def _created_id(self, operation: Operation) -> str:
        """Return the id of what this plan created for the same source object."""
        known = self._means.memory.ids
        found = known.get((operation.resource_type.value, operation.source_id or ""))
        if found is None:
            detail = f"{operation.key} was not created, so there is nothing to change"
            raise Unfit(Result.CONFLICT, "UnableToResolveReferenceAttributeValue", detail)
        return found
