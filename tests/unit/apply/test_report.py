"""The summary of a run."""

import pytest

from reconciler.apply.report import Outcome, Report, Result, about_operation
from reconciler.plan.operation import Action, Operation
from reconciler.states import ResourceType

OPERATION = Operation(
    "op-1",
    2,
    Action.CREATE,
    ResourceType.USER,
    "ada@contoso.example",
    "ada",
    None,
    "",
    (),
    None,
    (),
)


@pytest.mark.parametrize(
    ("result", "good"),
    [
        (Result.VERIFIED, True),
        (Result.ALREADY, True),
        (Result.RECORDED, True),
        (Result.CONFLICT, False),
        (Result.FAILED, False),
    ],
)
def test_an_outcome_is_good_when_its_result_is_there(result: Result, good: bool) -> None:
    assert Outcome(OPERATION, result).good is good


def test_a_report_counts_every_way_to_end() -> None:
    results = (Result.VERIFIED, Result.VERIFIED, Result.FAILED)
    report = Report(tuple(Outcome(OPERATION, result) for result in results), "partial")

    assert report.counts == {
        "verified": 2,
        "already": 0,
        "recorded": 0,
        "conflict": 0,
        "failed": 1,
    }


def test_a_record_says_what_an_operation_is_about() -> None:
    assert about_operation(OPERATION, "id-1") == {
        "op": "op-1",
        "action": "create",
        "resource_type": "User",
        "key": "ada@contoso.example",
        "source_id": "ada",
        "target_id": "id-1",
    }
