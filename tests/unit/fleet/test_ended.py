"""After which ends a job goes on with the plan that it had begun."""

import pytest

from reconciler.apply.execute import OverBudget, Unanswered
from reconciler.diagnostics import ReconcilerError
from reconciler.fleet.job import Ended
from reconciler.scim.errors import TargetUnreachable
from reconciler.workflow.exit_codes import ExitCode, code_for
from reconciler.workflow.watch import InQuarantine


@pytest.mark.parametrize(
    "code", [ExitCode.INTERRUPTED, ExitCode.LOCKED, ExitCode.UNREACHABLE], ids=str
)
def test_what_was_cut_off_is_resumed(code: ExitCode) -> None:
    assert Ended(code).unended


@pytest.mark.parametrize("error", [InQuarantine, Unanswered, TargetUnreachable])
def test_a_plan_is_kept_while_its_requests_may_still_arrive(error: type[ReconcilerError]) -> None:
    """A new plan would not know of a create that is on its way."""
    found = error.__new__(error)

    assert Ended(code_for(found), found).unended


@pytest.mark.parametrize("code", [ExitCode.DONE, ExitCode.PARTIAL, ExitCode.BLOCKED], ids=str)
def test_what_has_ended_gives_way_to_a_new_plan(code: ExitCode) -> None:
    assert not Ended(code).unended
    assert not Ended(code, OverBudget.__new__(OverBudget)).unended
