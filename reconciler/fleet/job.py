"""
What a job does: what ``reconciler plan``, and ``apply --auto-approve`` after it, do.

The functions are those of the commands, so approvals, signatures, guards, quarantine and
claims hold as they do there; a job has no way past any of them. Two rules are its own:

1. **What was begun is ended first.** A plan that an earlier job began to apply, and whose
   worker died or was told to stop, is resumed. If it is refused now (too old, other rules),
   a new one is made, as a person would.
2. **Quarantine says when it is tried again**, and whether. What a guard blocks, and what
   quarantine does not count (the file is wrong), waits for the next time it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final, NamedTuple

from reconciler.apply.execute import Unanswered
from reconciler.apply.verify import Terms
from reconciler.diagnostics import ReconcilerError
from reconciler.fleet.errors import FleetUnreachable
from reconciler.fleet.records import Records
from reconciler.fleet.work import Work
from reconciler.plan.document import Plan
from reconciler.plan.quarantine import Cause, Health
from reconciler.ports import Halted
from reconciler.workflow.apply_plan import Consent, apply_plan, check_plan
from reconciler.workflow.approvals import presented
from reconciler.workflow.exit_codes import ExitCode, code_for, code_of
from reconciler.workflow.keys import key_of, trusted_by
from reconciler.workflow.make_plan import Wish, make_plan
from reconciler.workflow.open_plan import open_plan, require_signed
from reconciler.workflow.project import Project
from reconciler.workflow.watch import (
    Attendance,
    InQuarantine,
    blocked_plans_noted,
    unattended_planning,
)
from reconciler.workflow.wiring import Wiring

MAX_AGE: Final = timedelta(days=7)
"""Of a plan that is resumed; what `apply --max-age` is by itself."""
LOCK_WAIT: Final = timedelta(minutes=1)
"""After which an application is tried again that somebody else is applying."""

UNENDED: Final = frozenset({ExitCode.INTERRUPTED, ExitCode.LOCKED, ExitCode.UNREACHABLE})
"""After these the same plan is to be applied still."""
WAITING: Final = (InQuarantine, Unanswered)
"""And after these: a new plan would not wait for requests that may arrive late."""
ANEW: Final = frozenset({ExitCode.REFUSED, ExitCode.CONFIGURATION})
"""A plan that was begun and ends so now gives way to a new one."""
TRIED_AGAIN: Final = frozenset({ExitCode.UNAUTHORIZED, ExitCode.PARTIAL, ExitCode.UNREACHABLE})
"""Failures that may pass."""


class Ended(NamedTuple):
    """What something came to, and what ended it, if it ended badly."""

    code: ExitCode
    by: ReconcilerError | None = None

    @property
    def unended(self) -> bool:
        """Whether the same plan is to be applied still."""
        return self.code in UNENDED or isinstance(self.by, WAITING)

    @property
    def too_early(self) -> bool:
        """Whether it was refused because of the quarantine, and no guard is the reason of that."""
        return isinstance(self.by, InQuarantine) and self.by.cause is not Cause.GUARD


@dataclass(frozen=True, slots=True)
class Hands:
    """What a worker does its jobs with."""

    wiring: Wiring
    records: Records
    stop: Event
    """Set when the worker is asked to end."""
    complain: Callable[[Work, ReconcilerError], None]
    say: Callable[[Work, str], None]
    key: Path | None = None
    """Of the planner who signs; None: plans are not signed."""


def carry_out(project: Project, work: Work, hands: Hands) -> Ended:
    """
    Do one job; return what the commands would have ended with, and why.

    Raises:
        FleetUnreachable: The database does not answer, and there is no more patience.
    """
    if work.job == "plan":
        return _told(work, hands, lambda: _planned(project, work, hands)[0])
    begun = hands.records.begun(work)
    if begun is not None:
        ended = _told(work, hands, lambda: _applied(project, begun, work, hands))
        if ended.code not in ANEW:
            return _kept(ended, work, hands)
        hands.records.applying(work, None)
    return _kept(_told(work, hands, lambda: _made_and_applied(project, work, hands)), work, hands)


def next_attempt(health: Health, ended: Ended, began: datetime, now: datetime) -> datetime | None:
    """
    Return when a job is tried again by itself; None: not at all.

    Args:
        health: Of the application, after the job.
        ended: What the job came to.
        began: When the job began: an older failure says nothing of it.
        now: Aware.
    """
    if ended.code is ExitCode.INTERRUPTED:
        return now
    if ended.code is ExitCode.LOCKED:
        return now + LOCK_WAIT
    counted = health.last is not None and health.last.at >= began
    failed = ended.code in TRIED_AGAIN and counted
    if failed and health.since is None:
        return now
    return health.next_attempt(now) if failed or ended.too_early else None


def _told(work: Work, hands: Hands, do: Callable[[], ExitCode]) -> Ended:
    """
    Do something; say why it cannot be done.

    Raises:
        FleetUnreachable: As :func:`carry_out`.
    """
    try:
        return Ended(do())
    except FleetUnreachable:
        raise
    except ReconcilerError as error:
        hands.complain(work, error)
        return Ended(code_for(error), error)
    except Halted:
        return Ended(ExitCode.INTERRUPTED)


def _kept(ended: Ended, work: Work, hands: Hands) -> Ended:
    """Forget the plan that was being applied, unless it is to be resumed."""
    if not ended.unended:
        hands.records.applying(work, None)
    return ended


def _made_and_applied(project: Project, work: Work, hands: Hands) -> ExitCode:
    """Make a plan, and apply it."""
    with unattended_planning(project, work.application, hands.wiring, _attendance(work, hands)):
        _, plan = _planned(project, work, hands)
    return _applied(project, plan.digest, work, hands)


def _planned(project: Project, work: Work, hands: Hands) -> tuple[ExitCode, Plan]:
    """Make a plan and store it, signed if there is a key."""
    wiring, store = hands.wiring, hands.wiring.store(project)
    plan = make_plan(project, work.application, wiring, Wish(as_of=wiring.today()))
    if hands.key is None:
        stored = store.save(plan)
    else:
        trust = trusted_by(project)
        key = key_of(hands.key, trust, "planner")
        stored = store.save(plan, wiring.signature(plan, key) if key else None)
        require_signed(project, stored, wiring, trust)
    hands.records.planned(work, plan.digest, store.made_at(stored))
    return (ExitCode.BLOCKED if plan.blocked else ExitCode.DONE), plan


def _attendance(work: Work, hands: Hands) -> Attendance:
    """Return that nobody looks after the apply, and to whom warnings go."""
    return Attendance(scheduled=True, warn=partial(hands.say, work))


def _applied(project: Project, digest: str, work: Work, hands: Hands) -> ExitCode:
    """Apply a stored plan, or what is left of it, as `apply --auto-approve` does."""
    wiring = hands.wiring
    opened = open_plan(project, digest, wiring)
    terms = Terms(wiring.clock.now(), MAX_AGE, None, presented(project, opened, wiring))
    attendance = _attendance(work, hands)
    with blocked_plans_noted(project, opened, wiring, attendance):
        check_plan(project, opened.plan, wiring, terms)
    hands.records.applying(work, digest)
    consent = Consent(
        terms, opened=opened, attendance=attendance, stop=hands.stop, remark=attendance.warn
    )
    report = apply_plan(project, opened.plan, wiring, consent)
    if isinstance(report.stopped_by, ReconcilerError):
        raise report.stopped_by
    return code_of(report)
