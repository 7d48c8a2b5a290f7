"""
Quarantine: when an application is left alone, why, and from when on it is tried again.

The state is a fold over what was attempted, oldest first. Four rules, after Entra's
(entra.md, section 6):

1. **In.** A refused credential, a guard that blocks at apply, or a run that spent its
   error budget leads in at once; anything else with the third failure in a row.
2. **Thinner.** Inside, applies that nobody attends to are let through after longer and
   longer waits. The first two go at once: whoever has mended the token and runs the
   pipeline again is not told to wait. Where a guard blocked, only the operations that it
   blocked wait: others, which no guard blocks, are the mended plan, and go at once.
3. **Out.** A run that went through its plan, or a person who clears it. People who are
   refused for their own sake do not keep an application inside: a company has always
   somebody whom the service does not take.
4. **Over.** After 28 days nothing is tried by itself any more.

A run that was interrupted, or killed after it had done something, counts neither way:
it is to be resumed, and no human is needed for that.

Read by :mod:`reconciler.workflow.watch` and :mod:`reconciler.render.quarantine`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

IN_A_ROW = 3
"""Failed attempts that lead into quarantine (INV-23)."""

WAITS = tuple(timedelta(hours=hours) for hours in (0, 0, 1, 2, 4, 8, 16, 24))
"""Waits after the first, second, … failure inside; the last one goes on."""

LONGEST = timedelta(days=28)
"""How long an application is tried by itself (Entra disables the job after four weeks)."""

TO_THE_SECOND = "%Y-%m-%dT%H:%M:%SZ"
"""How people are told a time."""


class Cause(StrEnum):
    """Why an attempt failed."""

    CREDENTIAL = "credential"
    GUARD = "guard"
    BUDGET = "budget"
    UNREACHABLE = "unreachable"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    UNFINISHED = "unfinished"


UNKNOWN = "Unknown"
"""Entra's name for what it has no name for; it is never shown to people."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a cause comes to."""

    reason: str
    """Entra's name for a quarantine of this kind."""
    sentence: str
    """Ours; it never holds a name."""
    at_once: bool = False
    """Whether the first time leads into quarantine."""


MEANINGS: Mapping[Cause, Meaning] = {
    Cause.CREDENTIAL: Meaning(
        "EncounteredQuarantineException", "the target refuses our credential", at_once=True
    ),
    Cause.GUARD: Meaning("TooManyDeletes", "a guard blocks what the plan would do", at_once=True),
    Cause.BUDGET: Meaning(
        "EncounteredEscrowProportionThreshold",
        "too many operations of one run failed",
        at_once=True,
    ),
    Cause.UNREACHABLE: Meaning(
        "EncounteredQuarantineException", "the target cannot be reached, or does not answer"
    ),
    Cause.INCOMPLETE: Meaning(
        "EncounteredQuarantineException", "the target cannot be read completely"
    ),
    Cause.FAILED: Meaning("EncounteredBaseEscrowThreshold", "runs fail"),
    Cause.UNFINISHED: Meaning(UNKNOWN, "runs are cut off before they have done anything"),
}

GIVING_GUARDS = frozenset({"rename_users", "enable_users", "create_users"})
"""Guards over what is given: `Unknown` to Entra. All others are what it calls `TooManyDeletes`."""


class Ending(StrEnum):
    """What an attempt says of the health of its application."""

    THROUGH = "through"
    """It went through its plan: nothing failed, or only single people did."""
    FAILED = "failed"
    NEITHER = "neither"
    CLEARED = "cleared"
    """No attempt: a person ended the quarantine."""


@dataclass(frozen=True, slots=True)
class Tripped:
    """A guard that blocked, in numbers."""

    id: str
    count: int
    population: int
    limit: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One apply, as its records tell it; or a clear."""

    at: datetime
    """When it ended, UTC."""
    ending: Ending
    cause: Cause | None = None
    """Why it failed."""
    config_sha256: str | None = None
    """Of the configuration that its plan was made from; None when nothing says."""
    plan_digest: str | None = None
    operations_digest: str | None = None
    """Of its plan; None when nothing says."""
    guards: tuple[Tripped, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    """Operations of the run by how they ended; empty when there was no run."""
    failed: Mapping[str, int] = field(default_factory=dict)
    """Failed operations of the run, by code."""

    @property
    def clean(self) -> bool:
        """Whether nothing at all failed."""
        return self.ending is Ending.THROUGH and not self.failed

    @property
    def why(self) -> str | None:
        """Our sentence for why it failed, with the guards that blocked; it holds no name."""
        if self.cause is None:
            return None
        if self.cause is Cause.GUARD and self.guards:
            ids = [guard.id for guard in self.guards]
            which = f"the guard {ids[0]} blocks" if len(ids) == 1 else f"{_listed(ids)} block"
            return f"{which} what the plan would do"
        return MEANINGS[self.cause].sentence

    @property
    def about(self) -> str:
        """What there is to tell of it, in a form that two attempts can be compared by."""
        codes = ",".join(f"{code}={count}" for code, count in sorted(self.failed.items()))
        return self.cause.value if self.cause else codes


@dataclass(frozen=True, slots=True)
class Cleared:
    """Who ended a quarantine, when and why."""

    at: datetime
    by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Health:
    """How an application is, after everything that was attempted."""

    failures: int = 0
    """Failed attempts in a row; inside, since the one that led in."""
    since: datetime | None = None
    """When quarantine was entered; None outside."""
    last: Attempt | None = None
    """The newest attempt that failed since all was well."""

    @property
    def cause(self) -> Cause | None:
        """Why the newest failed attempt failed."""
        return self.last.cause if self.last else None

    @property
    def reason(self) -> str | None:
        """Entra's name for why it is in quarantine; None outside."""
        if self.since is None or self.last is None or self.cause is None:
            return None
        guards = {guard.id for guard in self.last.guards}
        unknown = self.cause is Cause.GUARD and guards and guards <= GIVING_GUARDS
        return MEANINGS[Cause.UNFINISHED if unknown else self.cause].reason

    @property
    def why(self) -> str | None:
        """Our sentence for why the newest failed attempt failed; it holds no name."""
        return self.last.why if self.last else None

    @property
    def told(self) -> str | None:
        """Our sentence, and Entra's name for it where that says something."""
        named = self.reason not in {None, UNKNOWN}
        return f"{self.why} ({self.reason})" if named else self.why

    @property
    def wait(self) -> timedelta:
        """How long after the newest failure nothing is tried; of use inside only."""
        return WAITS[min(max(self.failures, 1), len(WAITS)) - 1]

    def next_attempt(self, now: datetime) -> datetime | None:
        """
        Return from when on an apply that nobody attends to is let through; it may be over.

        None outside, and when nothing is tried by itself any more.
        """
        if self.since is None or self.last is None:
            return None
        due = self.last.at + self.wait
        return due if max(due, now) < self.since + LONGEST else None

    def again(self, now: datetime) -> str:
        """
        Say whether it is tried again, and from when on; of use inside only.

        Everybody says it in these words. What a guard blocks is not helped by time: it would
        be let through at the time of :meth:`next_attempt`, and be blocked again.
        """
        due = self.next_attempt(now)
        if due is None:
            return "not tried again until it is cleared"
        if self.cause is Cause.GUARD:
            return "tried again once it is approved, or once its plan is another"
        return "tried again at once" if due <= now else f"tried again from {due:{TO_THE_SECOND}} on"


def judge(attempts: Iterable[Attempt]) -> Health:
    """Return how an application is after *attempts*, which come oldest first."""
    health = Health()
    for attempt in attempts:
        if attempt.ending in {Ending.THROUGH, Ending.CLEARED}:
            health = Health()
        elif attempt.ending is Ending.FAILED and attempt.cause is not None:
            health = _worse(health, attempt, attempt.cause)
    return health


def _worse(health: Health, attempt: Attempt, cause: Cause) -> Health:
    """Return how an application is after one more failure."""
    failures = health.failures + 1
    if health.since is not None:
        return Health(failures, health.since, attempt)
    if MEANINGS[cause].at_once or failures >= IN_A_ROW:
        return Health(1, attempt.at, attempt)
    return Health(failures, None, attempt)


def lets_through(
    health: Health,
    now: datetime,
    config_sha256: str | None,
    approved: datetime | None = None,
    unblocked: str | None = None,
) -> bool:
    """
    Say whether an apply that nobody attends to may run.

    Args:
        health: Of the application.
        now: Aware.
        config_sha256: Of the configuration that the plan was made from; None when that is
            not the one at hand. Another one than that of the attempt that failed is a
            reviewed commit: a human's act.
        approved: When the newest approval of the plan was given; one that is newer
            than the quarantine is a human's act as well.
        unblocked: Digest of the plan's operations; None when one of its guards blocks.
    """
    if health.since is None or health.last is None:
        return True
    if approved is not None and approved > health.since:
        return True
    if config_sha256 is not None and health.last.config_sha256 not in {None, config_sha256}:
        return True
    if _mended(health, unblocked):
        return now < health.since + LONGEST
    due = health.next_attempt(now)
    # Without a wait, the clock of another machine decides nothing.
    return due is not None and (not health.wait or now >= due)


def _mended(health: Health, unblocked: str | None) -> bool:
    """Say whether a guard blocked, and the operations *unblocked* are others than those."""
    if health.cause is not Cause.GUARD or health.last is None or unblocked is None:
        return False
    return health.last.operations_digest not in {None, unblocked}


def _listed(ids: Sequence[str]) -> str:
    return f"the guards {', '.join(ids[:-1])} and {ids[-1]}"
