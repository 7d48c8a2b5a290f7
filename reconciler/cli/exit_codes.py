"""
The exit codes, in one place (product.md, section 5).

Pipelines read them, so a number never changes its meaning.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from reconciler.apply.execute import StoppedEarly
from reconciler.apply.verify import GuardsBlock, PlanRefused, SwitchedOff
from reconciler.diagnostics import ConfigError, ReconcilerError
from reconciler.plan.document import PlanAltered
from reconciler.ports import (
    JournalFailed,
    LockHeld,
    PlanSuperseded,
    RecordsAltered,
    StoreUnreachable,
)
from reconciler.scim.errors import NotAuthorized, TargetError
from reconciler.signing.approval import ApprovalUnfit
from reconciler.signing.statements import SignatureRefused
from reconciler.workflow.make_plan import ReadIncomplete
from reconciler.workflow.watch import InQuarantine


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


BY_ERROR: tuple[tuple[type[ReconcilerError], ExitCode], ...] = (
    (NotAuthorized, ExitCode.UNAUTHORIZED),
    (StoppedEarly, ExitCode.PARTIAL),
    (TargetError, ExitCode.UNREACHABLE),
    (ReadIncomplete, ExitCode.UNREACHABLE),
    (StoreUnreachable, ExitCode.UNREACHABLE),
    (GuardsBlock, ExitCode.BLOCKED),
    (InQuarantine, ExitCode.BLOCKED),
    (PlanRefused, ExitCode.REFUSED),
    (PlanAltered, ExitCode.REFUSED),
    (PlanSuperseded, ExitCode.REFUSED),
    (ApprovalUnfit, ExitCode.REFUSED),
    (SignatureRefused, ExitCode.REFUSED),
    (RecordsAltered, ExitCode.REFUSED),
    (JournalFailed, ExitCode.PARTIAL),
    (LockHeld, ExitCode.LOCKED),
    (SwitchedOff, ExitCode.CONFIGURATION),
    (ConfigError, ExitCode.CONFIGURATION),
)
"""The first class that fits decides; any other error on purpose is a usage error."""

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


def code_for(error: ReconcilerError) -> ExitCode:
    """Return the exit code of an error that was raised on purpose."""
    return next((c for kind, c in BY_ERROR if isinstance(error, kind)), ExitCode.CONFIGURATION)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the one code that several applications come to."""
    found = set(codes)
    return next((code for code in PRECEDENCE if code in found), ExitCode.DONE)
