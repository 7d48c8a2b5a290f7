"""
As many administrators as the guard has promised, at every moment of a run (INV-16).

The guard `min_admins` judges a plan as if all of it is carried out. A run may not:
the account that was to take over is refused, or was changed meanwhile, and what takes
the role from the present administrator comes after it. So an operation that costs an
administrator is looked at once more when its turn has come, by what this run has
really carried out, and is left out where too few would remain.

Used by :class:`reconciler.apply.execute.Run`.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from reconciler.apply.memory import Memory
from reconciler.apply.report import Outcome, Result
from reconciler.apply.verify import ADMINS
from reconciler.config.safety import Safety
from reconciler.plan.operation import Operation
from reconciler.plan.population import Population
from reconciler.states import ResourceType

LEFT_OUT = "EntrySynchronizationSkipped"
"""Entra's code for what was not done because something else was not."""


class Admins:
    """The active holders of privileged roles during a run; safe for threads."""

    def __init__(
        self, population: Population, operations: Sequence[Operation], needed: int, before: int
    ) -> None:
        """
        Take what the guards were judged on.

        Args:
            population: What was there when the run began.
            operations: The plan's; what the guard let pass of them may come true.
            needed: `safety.min_admins`.
            before: How many there were when the plan was first begun.
        """
        self._population = population
        planned = len(population.admins_after(operations)), population.fewest_admins(operations)
        self._fewest = min(needed, before, *planned)
        self._run: list[Operation] = []
        """What counts: what gives once it is carried out, what costs one once it is begun."""
        self._lock = Lock()

    def refusal(self, operation: Operation) -> Outcome | None:
        """Return the end of *operation* if it may not be begun; else None, and it counts."""
        if not self._of_an_admin(operation):
            return None
        with self._lock:
            left = self._population.admins_after([*self._run, operation])
            if operation.target_id in left:
                return None
            if len(left) >= self._fewest:
                self._run.append(operation)
                return None
        detail = (
            f"active holders of privileged roles: {len(left)} after this, at least "
            f"{self._fewest} needed; who was to come before has not come"
        )
        return Outcome(operation, Result.CONFLICT, operation.target_id, LEFT_OUT, detail)

    def carried_out(self, operation: Operation) -> None:
        """Be told that *operation* has had its effect."""
        is_user = operation.resource_type is ResourceType.USER
        if self._population.admins and is_user and not self._of_an_admin(operation):
            with self._lock:
                self._run.append(self._population.of_admins(operation))

    def _of_an_admin(self, operation: Operation) -> bool:
        return operation.target_id in self._population.admins


def admins_of(
    operations: Sequence[Operation], population: Population, safety: Safety, memory: Memory
) -> Admins:
    """Return what watches over the administrators of a run; a resumed one knows how it began."""
    before = memory.populations.get(ADMINS) if memory.begun else None
    known = len(population.admins) if before is None else before
    return Admins(population, operations, safety.min_admins, known)
