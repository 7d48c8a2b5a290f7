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
from typing import NamedTuple

from reconciler.apply.memory import Memory
from reconciler.apply.report import Outcome, Result
from reconciler.apply.verify import ADMINS
from reconciler.config.safety import Safety
from reconciler.plan.operation import Operation
from reconciler.plan.population import Population, concerned
from reconciler.states import ResourceType

LEFT_OUT = "EntrySynchronizationSkipped"
"""Entra's code for what was not done because something else was not."""


class _Tried(NamedTuple):
    """What comes of an account by one operation."""

    who: str
    holders: set[str]
    """The account, if it holds a privileged role then; nobody, if not."""
    active: set[str]
    """The same, if it is active then."""
    left: int
    """How many accounts are both."""

    @property
    def is_admin(self) -> bool:
        """Whether the account is both."""
        return bool(self.holders & self.active)


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
        self._before = population.admins
        planned = len(population.admins_after(operations)), population.fewest_admins(operations)
        self._fewest = min(needed, before, *planned)
        self._holders, self._active = set(population.holders), set(population.active)
        """As they are by now: what gives counts once it is carried out, what costs once begun."""
        self._left = len(self._before)
        """How many of them are both."""
        self._lock = Lock()

    def refusal(self, operation: Operation) -> Outcome | None:
        """Return the end of *operation* if it may not be begun; else None, and it counts."""
        if operation.target_id not in self._before:
            return None
        with self._lock:
            tried = self._tried(operation)
            if tried.is_admin:
                return None
            if tried.left >= self._fewest:
                self._keep(tried)
                return None
        detail = (
            f"active holders of privileged roles: {tried.left} after this, at least "
            f"{self._fewest} needed; who was to come before has not come"
        )
        return Outcome(operation, Result.CONFLICT, operation.target_id, LEFT_OUT, detail)

    def carried_out(self, operation: Operation) -> None:
        """Be told that *operation* has had its effect."""
        is_user = operation.resource_type is ResourceType.USER
        if self._before and is_user and operation.target_id not in self._before:
            with self._lock:
                self._keep(self._tried(operation))

    def _tried(self, operation: Operation) -> _Tried:
        """Return what would come of *operation*, which is about one account and no other."""
        who = concerned(operation)
        holders, active = self._holders & {who}, self._active & {who}
        was_admin = bool(holders & active)
        self._population.let_run(operation, holders, active)
        left = self._left - was_admin + bool(holders & active)
        return _Tried(who, holders, active, left)

    def _keep(self, tried: _Tried) -> None:
        """Let it be so."""
        for everybody, one in (self._holders, tried.holders), (self._active, tried.active):
            everybody.discard(tried.who)
            everybody.update(one)
        self._left = tried.left


def admins_of(
    operations: Sequence[Operation], population: Population, safety: Safety, memory: Memory
) -> Admins:
    """Return what watches over the administrators of a run; a resumed one knows how it began."""
    before = memory.populations.get(ADMINS) if memory.begun else None
    known = len(population.admins) if before is None else before
    return Admins(population, operations, safety.min_admins, known)
