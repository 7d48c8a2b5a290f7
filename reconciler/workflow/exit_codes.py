"""
The exit codes, in one place (product.md, section 5).

Pipelines read them, so a number never changes its meaning. Errors are named, not
imported: whoever raises one has imported it, and a command that ends well needs none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING

from reconciler.diagnostics import ReconcilerError

if TYPE_CHECKING:
    from reconciler.apply.report import Report


class ExitCode(IntEnum):
    """What a run of the command came to."""

    DONE = 0
    DEFECT = 1
    CHANGES = 2
    CONFIGURATION = 3
    UNAUTHORIZED = 4
    BLOCKED = 5
    REFUSED = 6
    PARTIAL = 7
    LOCKED = 8
    UNREACHABLE = 9
    TESTS_FAILED = 12
    INTERRUPTED = 130


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.DONE: "done",
    ExitCode.DEFECT: "a defect of the program",
    ExitCode.CHANGES: "there are changes",
    ExitCode.CONFIGURATION: "configuration, source or usage error",
    ExitCode.UNAUTHORIZED: "authentication or permission refused by the target",
    ExitCode.BLOCKED: "a guard blocks",
    ExitCode.REFUSED: "the plan, an approval or a record does not fit; nothing was written",
    ExitCode.PARTIAL: "applied in part; the journal says what failed or was skipped",
    ExitCode.LOCKED: "another apply holds the lock",
    ExitCode.UNREACHABLE: "the read was incomplete, or the target or the store cannot be reached",
    ExitCode.TESTS_FAILED: "tests failed",
    ExitCode.INTERRUPTED: "interrupted; the journal is whole and apply resumes",
}
"""What each code says to people."""

TOO_EARLY = "the application is in quarantine"
"""What 5 says where no guard was the reason."""

BY_ERROR: tuple[tuple[str, ExitCode], ...] = (
    ("scim.errors.NotAuthorized", ExitCode.UNAUTHORIZED),
    ("apply.execute.StoppedEarly", ExitCode.PARTIAL),
    ("scim.errors.TargetError", ExitCode.UNREACHABLE),
    ("workflow.make_plan.ReadIncomplete", ExitCode.UNREACHABLE),
    ("ports.StoreUnreachable", ExitCode.UNREACHABLE),
    ("apply.verify.GuardsBlock", ExitCode.BLOCKED),
    ("workflow.watch.InQuarantine", ExitCode.BLOCKED),
    ("apply.verify.PlanRefused", ExitCode.REFUSED),
    ("plan.document.PlanAltered", ExitCode.REFUSED),
    ("ports.PlanSuperseded", ExitCode.REFUSED),
    ("signing.approval.ApprovalUnfit", ExitCode.REFUSED),
    ("signing.statements.SignatureRefused", ExitCode.REFUSED),
    ("ports.RecordsAltered", ExitCode.REFUSED),
    ("ports.JournalFailed", ExitCode.PARTIAL),
    ("ports.LockHeld", ExitCode.LOCKED),
    ("apply.verify.SwitchedOff", ExitCode.CONFIGURATION),
    ("diagnostics.ConfigError", ExitCode.CONFIGURATION),
)
"""The first class that fits decides; any other error on purpose is a usage error."""

BY_STATUS: Mapping[str, ExitCode] = {
    "done": ExitCode.DONE,
    "partial": ExitCode.PARTIAL,
    "interrupted": ExitCode.INTERRUPTED,
}
"""The exit code of a run that nothing ended early."""

PRECEDENCE = (
    ExitCode.INTERRUPTED,
    ExitCode.DEFECT,
    ExitCode.CONFIGURATION,
    ExitCode.UNAUTHORIZED,
    ExitCode.UNREACHABLE,
    ExitCode.REFUSED,
    ExitCode.BLOCKED,
    ExitCode.PARTIAL,
    ExitCode.LOCKED,
    ExitCode.TESTS_FAILED,
    ExitCode.CHANGES,
    ExitCode.DONE,
)
"""With several applications, the first of these that occurs (product.md, section 5)."""


def meaning_of(code: ExitCode, *, too_early: bool = False) -> str:
    """Return what *code* says to people; *too_early* tells the two reasons for 5 apart."""
    return TOO_EARLY if too_early else MEANINGS[code]


def kinds_of(error: ReconcilerError) -> frozenset[str]:
    """Return what *error* is an instance of: classes of ours, as ``scim.errors.NotFound``."""
    kinds = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return frozenset(kind.removeprefix("reconciler.") for kind in kinds)


def code_for(error: ReconcilerError) -> ExitCode:
    """Return the exit code of an error that was raised on purpose."""
    kinds = kinds_of(error)
    return next((code for kind, code in BY_ERROR if kind in kinds), ExitCode.CONFIGURATION)


def code_of(report: Report) -> ExitCode:
    """Return the exit code of an apply that became a run, or was finished before."""
    if report.finished_before:
        return ExitCode.DONE
    if isinstance(report.stopped_by, ReconcilerError):
        return code_for(report.stopped_by)
    return BY_STATUS[report.status]


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the one code that several applications come to."""
    found = set(codes)
    return next((code for code in PRECEDENCE if code in found), ExitCode.DONE)
