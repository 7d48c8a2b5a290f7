"""
What happened to each operation of a run.

The report is a summary for people and the exit code; the journal is the record.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from reconciler.diagnostics import ReconcilerError
from reconciler.plan.operation import Operation
from reconciler.scim.errors import TargetError


class Result(StrEnum):
    """How one operation ended."""

    VERIFIED = "verified"
    """Sent, and a read-back showed the result."""
    ALREADY = "already"
    """Nothing was sent: the live resource showed the result, or an earlier run did it."""
    RECORDED = "recorded"
    """A link without changes: a journal record alone."""
    CONFLICT = "conflict"
    """Not run: the live resource is not what the plan saw."""
    FAILED = "failed"
    """Sent or tried, and the result is not there."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one operation; *code* is Entra's name for what went wrong."""

    operation: Operation
    result: Result
    target_id: str | None = None
    code: str | None = None
    detail: str | None = None
    error: TargetError | None = None
    """What the target, or the road to it, said; for a failure of either."""
    ends_run: bool = False
    """Whether nothing more may be sent: the target does not do what it says."""

    @property
    def good(self) -> bool:
        """Whether the operation's result is there."""
        return self.result not in {Result.CONFLICT, Result.FAILED}


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a run."""

    outcomes: tuple[Outcome, ...]
    status: str
    """``done``, ``partial`` or ``interrupted``."""
    stopped_by: ReconcilerError | None = None
    """What ended the run early, if anything did."""
    left: int = 0
    """Operations that were not begun, because the run ended early."""
    begun: int = 0
    """Operations that were begun, by this run or an earlier one, and whose end nobody knows."""
    resumed: bool = False
    finished_before: bool = False
    """The plan was carried out by an earlier run; nothing was sent now."""

    @property
    def counts(self) -> dict[str, int]:
        """How many operations ended in each way."""
        found = Counter(outcome.result.value for outcome in self.outcomes)
        return {result.value: found[result.value] for result in Result}


def about_operation(operation: Operation, target_id: str | None) -> dict[str, Any]:
    """Return what every record of an operation says."""
    return {
        "op": operation.id,
        "action": operation.action.value,
        "resource_type": operation.resource_type.value,
        "key": operation.key,
        "source_id": operation.source_id,
        "target_id": target_id,
    }
