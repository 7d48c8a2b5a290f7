"""
Every apply is watched: let through or not, written down when it fails, told to people.

An apply that nobody attends to is refused while its application is in quarantine and the
wait is not over (:mod:`reconciler.plan.quarantine`): exit 5, and nothing is asked of the
target. What fails before it becomes a run is a record beside the journals; what fails later
is in the journal. Afterwards both are folded, and whoever is to know is told
(:mod:`reconciler.plan.notices`). A record that cannot be written, and a notice that cannot be
sent, are warnings: the apply comes to what it came to.

Called by :mod:`reconciler.workflow.apply_plan`, and for plans that are blocked as they are
by the command and by :mod:`reconciler.fleet.job`; all while they hold the lock of the
application, or take it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.apply.verify import ApprovalsUnfit, GuardsBlock
from reconciler.diagnostics import ReconcilerError
from reconciler.plan.document import Plan, Verdict
from reconciler.plan.notices import ToldLast, due, notice
from reconciler.plan.quarantine import (
    TO_THE_SECOND,
    Attempt,
    Cause,
    Ending,
    Health,
    judge,
    lets_through,
)
from reconciler.ports import JournalGrown, LockHeld, RecordsAltered
from reconciler.scim.errors import NotAuthorized, TargetError
from reconciler.workflow.make_plan import ReadIncomplete
from reconciler.workflow.open_plan import OpenPlan
from reconciler.workflow.project import Project
from reconciler.workflow.wiring import Wiring

CAUSES: tuple[tuple[type[ReconcilerError], str], ...] = (
    (GuardsBlock, "guard"),
    (ApprovalsUnfit, "guard"),
    (NotAuthorized, "credential"),
    (ReadIncomplete, "incomplete"),
    (TargetError, "unreachable"),
)
"""What an apply that never became a run failed for; the first class that fits decides.

Of everything else (a wrong file, another apply, a plan that does not fit) the target knows
nothing, so it says nothing of the application's health."""

DETAIL_LIMIT = 2_000
"""Characters of what was said that are kept; of guards only their counts, and nobody's name."""

_BLOCKED = (GuardsBlock, ApprovalsUnfit)
"""A guard blocks; with the second, somebody approved what does not fit, and it blocks still."""

_NOT_WRITTEN = "this attempt could not be written down"

TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class InQuarantine(ReconcilerError):
    """The application is in quarantine, and it is not time to try it again."""

    def __init__(self, message: str, cause: Cause | None = None) -> None:
        self.cause = cause
        """Of the quarantine: time brings nothing where a guard blocks."""
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who looks after an apply."""

    scheduled: bool = False
    """Nobody confirmed it at a terminal (`--auto-approve`)."""
    warn: Callable[[str], None] = lambda text: None
    """Called with what is worth a line beside the result."""


def require_due(
    project: Project,
    plan: Plan,
    wiring: Wiring,
    attendance: Attendance,
    approved: Iterable[datetime],
) -> None:
    """
    Refuse an apply that nobody attends to and that comes too early; the lock is held.

    Args:
        project: The configuration.
        plan: What is applied.
        wiring: Makes adapters.
        attendance: Who looks after it.
        approved: When each approval of the plan was given.

    Raises:
        InQuarantine: It comes too early, which is written down.
    """
    watch = _Watch(project, plan.body.application, wiring, attendance, plan)
    watch.require_due(max(approved, default=None))


@contextmanager
def watched(
    project: Project,
    plan: Plan,
    wiring: Wiring,
    attendance: Attendance,
    approved: Iterable[datetime] = (),
) -> Iterator[None]:
    """
    Watch what is done inside, once it is due (:func:`require_due`); the lock is held.

    Raises:
        InQuarantine: It comes too early; nothing was done.
    """
    require_due(project, plan, wiring, attendance, approved)
    watch = _Watch(project, plan.body.application, wiring, attendance, plan)
    try:
        yield
    except (LockHeld, JournalGrown):
        raise  # of the run that took over, its own process tells; this one may begin again
    except ReconcilerError as error:
        watch.write_down(error)
        watch.tell()
        raise
    watch.tell()


@contextmanager
def blocked_plans_noted(
    project: Project, opened: OpenPlan, wiring: Wiring, attendance: Attendance
) -> Iterator[None]:
    """
    Watch the checks inside, which come before the lock: a plan that is blocked is an attempt.

    It is kept as it was *opened*, with its signature.

    Raises:
        InQuarantine: It is blocked, and comes too early as well; where somebody approved what
            does not fit, that is said instead.
    """
    try:
        yield
    except _BLOCKED as blocked:
        plan = opened.plan
        try:
            with wiring.lock(project, plan.body.application):
                wiring.store(project).save(plan, opened.signature)
                with watched(project, plan, wiring, attendance):
                    raise
        except (*_BLOCKED, RecordsAltered):
            raise
        except InQuarantine:
            if isinstance(blocked, GuardsBlock):
                raise
        except ReconcilerError as error:
            attendance.warn(f"warning: this attempt could not be written down: {error}")
        raise


@contextmanager
def unattended_planning(
    project: Project, name: str, wiring: Wiring, attendance: Attendance
) -> Iterator[None]:
    """
    Watch the making of a plan, inside, that is applied as soon as it is made.

    What the target refuses to it is a failed attempt, as it would be to the apply. Of an
    application in quarantine nothing is asked too early; but where a guard blocked, only
    the plan can tell whether it is the same one still.

    Raises:
        InQuarantine: It comes too early; nothing was asked of the target.
        LockHeld: An apply of the application is running.
    """
    watch = _Watch(project, name, wiring, attendance)
    with wiring.lock(project, name):
        if judge(wiring.attempts(project, name).attempts).cause is not Cause.GUARD:
            watch.require_due(None)
    try:
        yield
    except (TargetError, ReadIncomplete) as error:
        with watch.warned(_NOT_WRITTEN), wiring.lock(project, name):
            watch.write_down(error)
            watch.tell()
        raise


@dataclass(frozen=True, slots=True)
class _Watch:
    """One apply, and what is known of its application."""

    project: Project
    name: str
    """The application."""
    wiring: Wiring
    attendance: Attendance
    plan: Plan | None = None
    """What is applied; None when it could not even be made."""

    def require_due(self, approved: datetime | None) -> None:
        """Refuse an apply that nobody attends to and that comes too early."""
        if not self.attendance.scheduled:
            return
        health = judge(self.wiring.attempts(self.project, self.name).attempts)
        at_hand, plan = self.project.loaded.sha256, self.plan
        # A plan may claim what it likes: only the file at hand is known to be reviewed.
        reviewed, now = at_hand if self._made_from == at_hand else None, self.wiring.clock.now()
        unblocked = None if plan is None or plan.blocked else plan.body.operations_digest
        if lets_through(health, now, reviewed, approved, unblocked):
            return
        due_at = health.next_attempt(now)
        self._write("too_early", next_attempt=f"{due_at:{TIME}}" if due_at else None)
        raise InQuarantine(_refusal(self.name, health, now), health.cause)

    def write_down(self, error: ReconcilerError) -> None:
        """Write down an apply that never became a run."""
        cause = next((word for kind, word in CAUSES if isinstance(error, kind)), None)
        if cause is None:
            return
        verdicts = error.verdicts if isinstance(error, _BLOCKED) else ()
        blocked = [verdict for verdict in verdicts if verdict.blocked]
        guards = [
            {"id": v.id, "count": v.count, "population": v.population, "limit": v.limit}
            for v in blocked
        ]
        detail = _counts(blocked) if isinstance(error, _BLOCKED) else str(error)
        self._write("blocked", cause=cause, guards=guards, detail=detail[:DETAIL_LIMIT])

    def _write(self, kind: str, **fields: Any) -> None:
        """Write one record; what keeps it from being written is a warning."""
        plan = self.plan
        operations = {"operations_digest": plan.body.operations_digest} if plan else {}
        with self.warned(_NOT_WRITTEN):
            self.wiring.note_attempt(
                self.project,
                self.name,
                kind,
                plan_digest=plan.digest if plan else None,
                config_sha256=self._made_from,
                scheduled=self.attendance.scheduled,
                **operations,
                **fields,
            )

    @property
    def _made_from(self) -> str:
        """Digest of the configuration of the plan, or of the one that there was to be."""
        return self.plan.body.inputs.config_sha256 if self.plan else self.project.loaded.sha256

    def tell(self) -> None:
        """Tell whoever is to know what the apply came to."""
        with self.warned("nobody could be told"):
            found = self.wiring.attempts(self.project, self.name)
            tried = [one for one in found.attempts if one.ending is not Ending.CLEARED]
            if not tried or tried[-1].ending is Ending.NEITHER:
                return
            health, newest = judge(found.attempts), tried[-1]
            if health.since is not None and health.since == newest.at:
                self.attendance.warn(_entered(self.name, health))
            clean = max((one.at for one in tried if one.clean), default=None)
            for channel in self.wiring.channels(self.project, self.name):
                self._tell(channel, health, newest, clean, found.told_last(channel))

    def _tell(
        self,
        channel: str,
        health: Health,
        newest: Attempt,
        clean: datetime | None,
        told: ToldLast | None,
    ) -> None:
        """Tell one channel what it does not know yet, and write down that it was told."""
        event = due(health, newest, clean, told)
        if event is None:
            return
        said = notice(event, self.name, health, newest)
        with self.warned(f"the {channel} could not be sent"):
            self.wiring.notifier(self.project, self.name, channel).send(said)
            self.wiring.note_attempt(
                self.project,
                self.name,
                "notified",
                channel=channel,
                event=event.value,
                about=said.about,
                since=None if said.since is None else f"{said.since:{TIME}}",
            )

    @contextmanager
    def warned(self, what: str) -> Iterator[None]:
        """Make a warning of whatever goes wrong inside."""
        try:
            yield
        except ReconcilerError as error:
            self.attendance.warn(f"warning: {what}: {error}")


def _counts(blocked: Iterable[Verdict]) -> str:
    """Say which guards block, and on what counts; their sentences may name people."""
    return "\n".join(
        f"{one.id}: {one.count} of {one.population}, limit {one.limit}" for one in blocked
    )


def _refusal(name: str, health: Health, now: datetime) -> str:
    """Say why an apply is refused, and what lets it through."""
    return (
        f"{_state(name, health)}; {_counted(health.failures)}; {health.again(now)}. To clear it: "
        f"reconciler quarantine clear {name} --reason TEXT"
    )


def _entered(name: str, health: Health) -> str:
    """Say that quarantine has begun."""
    return f"{_state(name, health)}. Look at it: reconciler quarantine show {name}"


def _state(name: str, health: Health) -> str:
    """Say since when and why an application is in quarantine."""
    since = f" since {health.since:{TO_THE_SECOND}}" if health.since else ""
    return f"{name} is in quarantine{since}: {health.told}"


def _counted(failures: int) -> str:
    return f"{failures} failed attempt{'s' if failures != 1 else ''}"
