"""
The plan, carried out: wave by wave, journal first.

Operations of one wave run at the same time, as many as ``concurrency`` allows;
what frees a unique value ends before what takes it begins, and two operations
on one resource never overlap. The next wave starts when the one before has
ended. A run stops at a refused credential, at three failures in a row of the
road to the target, and when it is asked to; the journal then says where it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import groupby

from reconciler.apply.memory import Memory
from reconciler.apply.report import Outcome, Report, Result, about_operation
from reconciler.apply.steps import Stepper
from reconciler.diagnostics import ReconcilerError
from reconciler.plan.effects import deletes_group, deletes_user, disables, enables
from reconciler.plan.operation import Action, Operation
from reconciler.plan.order import dependencies
from reconciler.ports import Journal
from reconciler.scim.errors import NotAuthorized

FAILURES_IN_A_ROW = 3
"""So many unanswered operations in a row end a run (INV-23)."""

UNANSWERED = frozenset({"Timeout", "InternalServerError"})
"""Codes that speak of the road to the target, not of one person."""

EFFECTS: tuple[tuple[str, Callable[[Operation], bool]], ...] = (
    ("create", lambda operation: operation.action is Action.CREATE),
    ("link", lambda operation: operation.action is Action.LINK),
    ("enable", enables),
    ("disable", disables),
    ("delete", lambda operation: deletes_user(operation) or deletes_group(operation)),
)
"""What the journal says of an operation's effect; ownership is folded from it."""


class StoppedEarly(ReconcilerError):
    """The target does not answer any more; the run was ended before its last operation."""


@dataclass(slots=True)
class Run:
    """One run of one plan."""

    operations: Sequence[Operation]
    journal: Journal
    memory: Memory
    stepper: Stepper
    concurrency: int
    tell: Callable[[Outcome], None] = lambda outcome: None
    """Called after each operation, from the thread that waits."""
    stop_on_stale: bool = False
    """Whether an operation that no longer fits ends the run (``--on-stale abort``)."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set to end the run after the operations in flight."""
    outcomes: list[Outcome] = field(default_factory=list)
    _in_a_row: int = 0
    _trouble: Exception | None = None

    def execute(self) -> Report:
        """
        Run every operation that is not done yet, and close the journal.

        A KeyboardInterrupt stops the run within the operations in flight; it
        is reported as ``interrupted``, not raised.
        """
        interrupted = False
        try:
            with ThreadPoolExecutor(self.concurrency, "apply") as pool:
                for batch in batches(self.operations):
                    self._run_batch(pool, [op for op in batch if op.id not in self.memory.done])
                    if self.stop.is_set():
                        break
        except KeyboardInterrupt:
            interrupted = True
        finished = len(self.outcomes) + len(self.memory.done) >= len(self.operations)
        good = finished and all(outcome.good for outcome in self.outcomes)
        status = "done" if good else "interrupted" if interrupted else "partial"
        report = Report(tuple(self.outcomes), status, self._trouble)
        self.journal.append("run_end", status=status, counts=report.counts)
        return report

    def _run_batch(self, pool: ThreadPoolExecutor, batch: Sequence[Operation]) -> None:
        """Run the operations of one batch at the same time and collect how they ended."""
        waiting: set[Future[Outcome | None]] = {pool.submit(self._one, op) for op in batch}
        try:
            while waiting:
                ended, waiting = wait(waiting, timeout=0.2)
                for future in ended:
                    outcome = future.result()
                    if outcome is not None:
                        self._collect(outcome)
        except KeyboardInterrupt:
            self.stop.set()
            for future in waiting:
                future.cancel()
            for future in wait(waiting).done:
                outcome = None if future.cancelled() else future.result()
                if outcome is not None:
                    self._collect(outcome)
            raise

    def _one(self, operation: Operation) -> Outcome | None:
        """Run one operation and write down its end; None when the run has been stopped."""
        if self.stop.is_set():
            return None
        try:
            outcome = self.stepper.carry_out(operation)
        except NotAuthorized as error:
            self._trouble = error
            self.stop.set()
            return None
        self._write(outcome)
        return outcome

    def _write(self, outcome: Outcome) -> None:
        """Write the end of an operation to the journal."""
        about = about_operation(outcome.operation, outcome.target_id)
        if outcome.good:
            effects = [name for name, test in EFFECTS if test(outcome.operation)]
            self.journal.append("done", **about, effects=effects, outcome=outcome.result.value)
        else:
            kind = "conflict" if outcome.result is Result.CONFLICT else "failed"
            self.journal.append(kind, **about, code=outcome.code, detail=outcome.detail)

    def _collect(self, outcome: Outcome) -> None:
        """Count failures in a row, and hand the outcome to whoever watches."""
        self.outcomes.append(outcome)
        lost = outcome.result is Result.FAILED and outcome.code in UNANSWERED
        self._in_a_row = self._in_a_row + 1 if lost else 0
        if self._in_a_row >= FAILURES_IN_A_ROW and self._trouble is None:
            self._trouble = StoppedEarly(
                f"{FAILURES_IN_A_ROW} operations in a row got no answer from the target"
            )
            self.stop.set()
        if self.stop_on_stale and outcome.result is Result.CONFLICT:
            self.stop.set()
        self.tell(outcome)


def batches(operations: Iterable[Operation]) -> Iterator[list[Operation]]:
    """
    Yield what may run at the same time, in order.

    A wave is one batch, unless an operation needs a value that another one
    frees, or both touch the same resource: then it is several.
    """
    for _, group in groupby(operations, key=lambda operation: operation.wave):
        wave = list(group)
        before = dependencies(wave)
        level: dict[int, int] = {}
        latest: dict[tuple[str, str], int] = {}
        for index, operation in enumerate(wave):
            place = (
                operation.resource_type.value,
                operation.target_id or operation.source_id or "",
            )
            needed = {level[i] for i in before.get(index, ()) if i in level}
            needed |= {latest[place]} if place in latest else set()
            level[index] = latest[place] = max(needed, default=-1) + 1
        for number in range(max(level.values(), default=-1) + 1):
            yield [wave[index] for index in level if level[index] == number]
