"""
The plan, carried out: wave by wave, journal first.

Operations of one wave run at the same time, as many as ``concurrency`` allows;
what frees a unique value ends before what takes it begins, and two operations
on one resource never overlap. The next wave starts when the one before has
ended. A run stops at a refused credential, at three failures in a row of the
road to the target or of our rights, when its error budget is spent, at the first failure
of something that takes away (:mod:`reconciler.apply.budget`), at a target that does not
do what it says, at one that wants to be left alone for longer than a run waits, and when
it is asked to; the journal then says where it was.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from msgspec import structs

from reconciler.apply.admins import Admins
from reconciler.apply.batches import batches
from reconciler.apply.budget import Budget, unexplained
from reconciler.apply.creates import Sent
from reconciler.apply.crowd import Crowd, Ended, Left, Looked
from reconciler.apply.crowds import CROWDS, Begun, Crowds, Look
from reconciler.apply.memory import Memory
from reconciler.apply.report import Outcome, Report, Result, about_operation
from reconciler.apply.steps import Stepper, failure
from reconciler.apply.together import ABREAST, Together
from reconciler.apply.verify import PlanRefused
from reconciler.diagnostics import ReconcilerError
from reconciler.plan.effects import deletes_group, deletes_user, disables, enables
from reconciler.plan.many import Some, are_held
from reconciler.plan.operation import Action, Operation
from reconciler.ports import Halted, Journal
from reconciler.scim.errors import NotAuthorized

AT_A_TIME = 2_000
"""Operations that wait for a thread; more of them do when these have ended."""

FAILURES_IN_A_ROW = 3
"""So many unanswered operations in a row end a run (INV-23)."""

UNANSWERED = frozenset({"Timeout", "InternalServerError"})
"""Codes that speak of the road to the target, not of one person."""

FORBIDDEN = frozenset({"InsufficientRights"})
"""Code of what we may not do (403): to one person perhaps, or to nobody (F16)."""
ON_HOLD = "TooManyRequests"
"""Code of a target that wants to be left alone for longer than a run waits (F01, F03)."""

EFFECTS: tuple[tuple[str, Callable[[Operation], bool]], ...] = (
    ("create", lambda operation: operation.action is Action.CREATE),
    ("link", lambda operation: operation.action is Action.LINK),
    ("enable", enables),
    ("disable", disables),
    ("delete", lambda operation: deletes_user(operation) or deletes_group(operation)),
)
"""What the journal says of an operation's effect; ownership is folded from it."""


class StoppedEarly(ReconcilerError):
    """The run was ended before its last operation, and something may have been written."""


class Unanswered(StoppedEarly):
    """The target does not answer any more, or not for a long time."""


class Unfaithful(StoppedEarly):
    """The target does not do what it says, or does more: it is not written to any more."""


class OverBudget(StoppedEarly):
    """Too many operations failed (INV-23)."""


class Unexplained(StoppedEarly):
    """Something that takes away failed, and not for the account's own sake (INV-23)."""


class Stale(PlanRefused):
    """Something was changed since the plan, and ``--on-stale abort`` ended the run unwritten."""


STOPPED: tuple[tuple[type[ReconcilerError], str], ...] = (
    (NotAuthorized, "credential"),
    (OverBudget, "budget"),
    (Unanswered, "unreachable"),
    (Stale, "stale"),
    (ReconcilerError, "failed"),
)
"""What the journal says of a run that ended early; the first class that fits decides."""


@dataclass(slots=True)
class Run:
    """One run of one plan."""

    operations: Sequence[Operation]
    journal: Journal
    memory: Memory
    stepper: Stepper
    concurrency: int
    tell: Callable[[Sequence[Outcome]], None] = lambda outcomes: None
    """Called after some operations have ended, from the thread that waits."""
    stop_on_stale: bool = False
    """Whether an operation that no longer fits ends the run (``--on-stale abort``)."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set to end the run after the operations in flight."""
    together: Together | None = None
    """What sends the changes of a wave together; None sends each alone."""
    crowd: Crowd | None = None
    """What carries out many creates together; None lets each go alone."""
    admins: Admins | None = None
    """How many administrators must be there at every moment; None asks for none."""
    asked: threading.Event = field(default_factory=threading.Event)
    """Set by whoever asks the run to end from another thread: it is ``interrupted`` then."""
    order: Sequence[Some] = ()
    """What :func:`reconciler.apply.batches.batches` yields of *operations*, where that is known."""
    outcomes: list[Outcome] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _in_a_row: Counter[frozenset[str]] = field(default_factory=Counter)
    _budget: Budget = field(init=False)
    _trouble: ReconcilerError | None = None

    def __post_init__(self) -> None:
        self._budget = Budget(len(self.operations))

    def execute(self) -> Report:
        """
        Run every operation that is not done yet, and close the journal.

        A KeyboardInterrupt, or being asked, stops the run within the operations in flight;
        that is reported as ``interrupted``, not raised.
        """
        interrupted = False
        self.memory.recall(self.operations)
        workers = self.concurrency if self.together is None else self.together.threads
        with ThreadPoolExecutor(workers, "apply") as pool:
            try:
                for batch in self.order or batches(self.operations):
                    self._run_batch(pool, self._left_of(batch))
                    if self._ends():
                        break
            except KeyboardInterrupt:
                interrupted = True
            finally:
                self.stop.set()  # what is still queued must not be sent
                if self.together is not None:
                    self.together.halt()
        begun, left = self._not_ended()
        good = not (begun or left) and all(outcome.good for outcome in self.outcomes)
        interrupted |= self.asked.is_set() and self._trouble is None
        status = "done" if good else "interrupted" if interrupted else "partial"
        if not (begun or left) and isinstance(self._trouble, Unexplained):
            self._trouble = None  # it was the last operation: nothing was kept from running
        report = Report(tuple(self.outcomes), status, self._why_stopped(), left, begun)
        self.journal.append("run_end", status=status, counts=report.counts, **self._stopped())
        return report

    def _ends(self) -> bool:
        """Say whether nothing more is begun."""
        return self.stop.is_set() or self.asked.is_set()

    def _not_ended(self) -> tuple[int, int]:
        """Return how many operations were begun and have no end, and how many were not begun."""
        ended = self.memory.done | {outcome.operation.id for outcome in self.outcomes}
        unended = {operation.id for operation in self.operations} - ended
        begun = unended & (self.memory.in_doubt | self.memory.begun_now)
        return len(begun), len(unended - begun)

    def _stopped(self) -> dict[str, str]:
        """Return what the journal says of what ended the run early, if anything did."""
        for kind, word in STOPPED:
            if isinstance(self._trouble, kind):
                return {"stopped": word}
        return {}

    def _left_of(self, batch: Some) -> Some:
        """Return what earlier runs have not done of a *batch*."""
        done = self.memory.done
        return batch.those(lambda operation: operation.id not in done) if done else batch

    def _run_batch(self, pool: ThreadPoolExecutor, batch: Some) -> None:
        """Run the operations of one batch at the same time and collect how they ended."""
        parts = self._run_crowds(pool, self.crowd, batch) if self.crowd else [batch]
        rest = ((operation, None) for operation in chain.from_iterable(parts))
        while not self._ends() and (several := [*islice(rest, AT_A_TIME)]):
            self._run_each(pool, several)

    def _run_each(self, pool: ThreadPoolExecutor, each: Sequence[Left]) -> None:
        """Run operations that may run at the same time, each on a thread of its own."""
        if self.together is not None:
            self.together.expect(len(each))
        waiting = {pool.submit(self._one, *one) for one in each}
        try:
            for future in as_completed(tuple(waiting)):
                waiting.discard(future)
                self._collect(future.result())
        except KeyboardInterrupt:
            self.stop.set()
            for future in wait(waiting).done:
                self._collect(future.result())
            raise

    def _run_crowds(self, pool: ThreadPoolExecutor, crowd: Crowd, batch: Some) -> Sequence[Some]:
        """Create in crowds what can be, and return the others."""
        gathered, rest = crowd.gathered(batch)
        crowds = Crowds(
            deque(gathered),
            lambda operations: pool.submit(self._look, crowd, operations),
            lambda look: self._begun(pool, crowd, look),
            lambda left: self._run_each(pool, left),
            lambda outcomes: self._collect(*outcomes),
            lambda: crowd.open and not self._ends(),
            CROWDS if self.concurrency >= CROWDS else max(1, self.concurrency // ABREAST),
        )
        try:
            return [*crowds.run(), rest]
        except KeyboardInterrupt:
            self.stop.set()
            self._run_each(pool, crowds.end())
            raise

    def _look(self, crowd: Crowd, operations: Sequence[Operation]) -> Looked:
        """Look for a crowd that will begin."""
        try:
            return crowd.look([*operations])
        except BaseException:
            self.stop.set()  # as for one alone
            raise

    def _begun(self, pool: ThreadPoolExecutor, crowd: Crowd, look: Look) -> Begun:
        """Let a crowd begin on a thread of its own."""
        left = Future[Sequence[Left]]()
        return Begun(left, pool.submit(self._several, crowd, look, left))

    def _several(self, crowd: Crowd, look: Look, left: Future[Sequence[Left]]) -> Sequence[Outcome]:
        """Create a crowd and write down how it ended; say before that who goes on alone."""
        try:
            ended = self._created(crowd, look.result())
            left.set_result(ended.left)
            outcomes = [
                self.stepper.good(one, Result.VERIFIED, made) for one, made in ended.verified
            ]
            self.journal.append_all([self._end_of(outcome) for outcome in outcomes])
            for outcome in outcomes:
                if self.admins:
                    self.admins.carried_out(outcome.operation)
        except BaseException:
            self.stop.set()  # as for one alone
            raise
        finally:
            if not left.done():
                left.set_result([])
        with self._lock:
            for outcome in outcomes:
                self._weigh(outcome)
        return outcomes

    def _created(self, crowd: Crowd, looked: Looked) -> Ended:
        """Create a crowd, but for those who may not be begun; they go on alone, and end so."""
        if self._ends():
            return Ended()
        refused = [one for one in looked.operations if self.admins and self.admins.refusal(one)]
        ended = crowd.create(looked, {one.id for one in refused})
        ended.left += ((one, None) for one in refused)
        return ended

    def _one(self, operation: Operation, sent: Sent | None = None) -> Outcome | None:
        """
        Run one operation and write down its end; None when the run has been stopped.

        What was sent with others is in flight, and is looked at all the same.
        """
        in_flight = sent is not None and sent.end is not None
        try:
            return None if self._ends() and not in_flight else self._carry_out(operation, sent)
        except Halted:
            return None
        finally:
            if self.together is not None:
                self.together.ended()

    def _carry_out(self, operation: Operation, sent: Sent | None) -> Outcome:
        try:
            refused = self.admins.refusal(operation) if self.admins else None
            outcome = refused or self.stepper.carry_out(operation, sent)
            self._write(outcome)
            if self.admins and outcome.good:
                self.admins.carried_out(operation)
        except NotAuthorized as error:
            self._stop_for(error)
            outcome = failure(operation, error)
            self._write(outcome)
            return outcome
        except Halted:
            raise
        except BaseException:
            self.stop.set()  # a full disk, a defect: nothing more may be sent
            raise
        with self._lock:
            self._weigh(outcome)
        return outcome

    def _write(self, outcome: Outcome) -> None:
        """Write the end of an operation to the journal."""
        record = self._end_of(outcome)
        self.journal.append(record.pop("kind"), **record)

    def _end_of(self, outcome: Outcome) -> dict[str, Any]:
        """Return what the journal says of the end of an operation."""
        said: dict[str, Any]
        about = about_operation(outcome.operation, outcome.target_id)
        if outcome.good:
            carried_out = self.stepper.as_carried_out(outcome.operation)
            effects = [name for name, test in EFFECTS if test(carried_out)]
            counts, result = self.memory.counted(outcome.operation), outcome.result.value
            said = {"kind": "done", "effects": effects, "outcome": result, "counts": counts}
        else:
            kind = "conflict" if outcome.result is Result.CONFLICT else "failed"
            said = {"kind": kind, "code": outcome.code, "detail": outcome.detail}
        return about | said

    def _weigh(self, outcome: Outcome) -> None:
        """Stop the run when an outcome, or the last few together, ask for it."""
        for codes in (UNANSWERED, FORBIDDEN):
            failed = outcome.result is Result.FAILED and outcome.code in codes
            self._in_a_row[codes] = self._in_a_row[codes] + 1 if failed else 0
        if self._in_a_row[UNANSWERED] >= FAILURES_IN_A_ROW:
            sentence = f"{FAILURES_IN_A_ROW} operations in a row got no answer from the target"
            self._stop_for(Unanswered(sentence))
        if outcome.result is Result.FAILED and outcome.code == ON_HOLD:
            self._stop_for(Unanswered(str(outcome.detail)))
        if self._in_a_row[FORBIDDEN] >= FAILURES_IN_A_ROW and outcome.error is not None:
            self._stop_for(outcome.error)
        if outcome.ends_run:
            self._stop_for(Unfaithful(str(outcome.detail)))
        self._weigh_share(outcome)
        if self.stop_on_stale and outcome.result is Result.CONFLICT:
            self._stop_for(Stale(f"{outcome.detail}; the run was ended, as asked"))

    def _weigh_share(self, outcome: Outcome) -> None:
        """Stop the run when its error budget is spent, or what takes away fails (INV-23)."""
        if (overspent := self._budget.overspent(outcome)) is not None:
            self._stop_for(OverBudget(overspent))
        if unexplained(outcome, self.stepper.as_carried_out(outcome.operation)):
            said = f"{outcome.operation.key}: {outcome.detail}; nothing more is taken away"
            self._stop_for(Unexplained(said))

    def _stop_for(self, trouble: ReconcilerError) -> None:
        """Let nothing more be begun; the first reason is the one that is told."""
        self._trouble = self._trouble or trouble
        self.stop.set()

    def _why_stopped(self) -> ReconcilerError | None:
        """
        Return what ended the run early.

        A plan found stale after a write is an early end. Where nothing could be
        done because everything that was tried is forbidden, that is what ended it.
        """
        untouched = {Result.CONFLICT, Result.ALREADY, Result.RECORDED}
        written = any(outcome.result not in untouched for outcome in self.outcomes)
        if isinstance(self._trouble, Stale) and (
            written or self.memory.done or self.memory.in_doubt
        ):
            return StoppedEarly(str(self._trouble))
        refused = [outcome.error for outcome in self.outcomes if outcome.code in FORBIDDEN]
        if refused and not any(o.result is Result.VERIFIED for o in self.outcomes):
            return self._trouble or refused[0]
        return self._trouble

    def _remembered(self, outcome: Outcome) -> Outcome:
        """Return what is kept of an *outcome*: of very many, not what was changed."""
        if are_held(self.operations):
            return outcome
        nothing = {"reason": "", "changes": (), "precondition": None, "references": ()}
        operation = structs.replace(outcome.operation, **nothing)
        return replace(outcome, operation=operation)

    def _collect(self, *outcomes: Outcome | None) -> None:
        """Keep what has ended, and hand it to whoever watches."""
        ended = [outcome for outcome in outcomes if outcome is not None]
        self.outcomes += map(self._remembered, ended)
        if ended:
            self.tell(ended)
