"""Numbers that pipelines read: product.md, section 5."""

import itertools

import pytest

from reconciler.apply.execute import Stale, StoppedEarly, Unanswered
from reconciler.apply.verify import GuardsBlock, PlanRefused, SwitchedOff
from reconciler.diagnostics import ConfigError, ReconcilerError
from reconciler.plan.document import PlanAltered
from reconciler.ports import LockHeld, PlanSuperseded, SourceUnusable
from reconciler.scim.errors import (
    AmbiguousOutcome,
    NotAuthorized,
    NotFound,
    OnHold,
    TargetMisbehaved,
    TargetUnreachable,
)
from reconciler.signing.approval import ApprovalUnfit
from reconciler.signing.keys import KeyUnusable
from reconciler.signing.statements import SignatureRefused
from reconciler.store.chain import JournalDamaged
from reconciler.store.folder import StoreError
from reconciler.store.journal import JournalUnwritable
from reconciler.store.plans import PlanNotFound
from reconciler.workflow.exit_codes import PRECEDENCE, ExitCode, code_for, worst
from reconciler.workflow.make_plan import ReadIncomplete


def test_the_numbers() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "DONE": 0,
        "DEFECT": 1,
        "CHANGES": 2,
        "CONFIGURATION": 3,
        "UNAUTHORIZED": 4,
        "BLOCKED": 5,
        "REFUSED": 6,
        "PARTIAL": 7,
        "LOCKED": 8,
        "UNREACHABLE": 9,
        "TESTS_FAILED": 12,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError([]), 3),
        (SourceUnusable([]), 3),
        (PlanNotFound("x"), 3),
        (StoreError("x"), 3),
        (SwitchedOff("x"), 3),
        (ReconcilerError("x"), 3),
        (NotAuthorized(401), 4),
        (NotAuthorized(403), 4),
        (GuardsBlock(()), 5),
        (PlanAltered("x"), 6),
        (PlanRefused("x"), 6),
        (Stale("x"), 6),
        (JournalDamaged("x"), 6),
        (PlanSuperseded("x"), 6),
        (ApprovalUnfit("x"), 6),
        (SignatureRefused("x"), 6),
        (KeyUnusable("x"), 3),
        (StoppedEarly("x"), 7),
        (Unanswered("x"), 7),
        (JournalUnwritable("x"), 7),
        (LockHeld("x"), 8),
        (NotFound(404), 9),
        (TargetUnreachable("x"), 9),
        (OnHold("x"), 9),
        (TargetMisbehaved("x"), 9),
        (AmbiguousOutcome("x"), 9),
        (ReadIncomplete("x"), 9),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_its_number(error: ReconcilerError, code: int) -> None:
    assert code_for(error) == code


ORDER = [1, 3, 4, 9, 6, 5, 7, 8, 2, 0]
"""Product.md: with several applications the first that occurs of these."""


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(ORDER, 2)))
def test_the_first_of_the_list_wins(first: int, second: int) -> None:
    assert worst([ExitCode(second), ExitCode(first), ExitCode(second)]) == first


def test_every_code_has_its_place() -> None:
    assert set(PRECEDENCE) == set(ExitCode)


def test_no_application_is_done() -> None:
    assert worst([]) is ExitCode.DONE
