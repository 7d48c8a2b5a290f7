"""INV-23: how much of a run may fail, and whose failure it is."""

import pytest

from reconciler.apply.budget import Budget, unexplained
from reconciler.apply.execute import OverBudget, Unexplained
from reconciler.apply.report import Outcome, Report, Result
from reconciler.plan.operation import Action, Operation
from reconciler.scim.errors import TargetBroken, TargetRefused
from reconciler.states import ResourceType
from tests.troubles import honest, refused
from tests.unit.apply.test_execute import Play

SERVICE, OWN = "InternalServerError", "UnprocessableEntity"


def operation(action: Action = Action.CREATE) -> Operation:
    return Operation("op-1", 1, action, ResourceType.USER, "ada", "a", "t", "", (), None, ())


def spent_after(operations: int, code: str) -> int | None:
    """Return with which failure a run of so many operations ends, if all of them fail."""
    budget = Budget(operations)
    failed = Outcome(operation(), Result.FAILED, code=code)
    found = (number for number in range(1, operations + 1) if budget.overspent(failed))
    return next(found, None)


@pytest.mark.parametrize(
    ("operations", "code", "after"),
    [
        pytest.param(4, SERVICE, None, id="too few to judge"),
        pytest.param(5, SERVICE, 5, id="five of five"),
        pytest.param(99, SERVICE, 5, id="five of ninety-nine"),
        pytest.param(100, SERVICE, 6, id="exactly 5 % is allowed"),
        pytest.param(1000, SERVICE, 51, id="one over 5 % of a thousand"),
        pytest.param(19, OWN, None, id="nineteen people refused for their own sake"),
        pytest.param(20, OWN, 20, id="twenty of twenty"),
        pytest.param(50, OWN, 21, id="exactly 40 % is allowed"),
        pytest.param(1000, OWN, 401, id="one over 40 % of a thousand"),
    ],
)
def test_a_budget_is_spent(operations: int, code: str, after: int | None) -> None:
    assert spent_after(operations, code) == after


@pytest.mark.parametrize("result", [Result.VERIFIED, Result.ALREADY, Result.CONFLICT])
def test_only_failures_cost(result: Result) -> None:
    budget = Budget(5)

    assert {budget.overspent(Outcome(operation(), result, code=SERVICE)) for _ in range(5)} == {
        None
    }


def test_the_two_budgets_are_apart() -> None:
    budget = Budget(100)
    for code in [SERVICE] * 5 + [OWN] * 40:
        assert budget.overspent(Outcome(operation(), Result.FAILED, code=code)) is None


@pytest.mark.parametrize(
    ("action", "code", "found"),
    [
        (Action.DELETE, SERVICE, True),
        (Action.DELETE, "Timeout", True),
        (Action.DELETE, OWN, False),
        (Action.DELETE, "InsufficientRights", False),
        (Action.CREATE, SERVICE, False),
    ],
)
def test_what_takes_away_may_not_fail_unexplained(action: Action, code: str, found: bool) -> None:
    one = operation(action)

    assert unexplained(Outcome(one, Result.FAILED, code=code), one) is found


def broken_every_other_time(people: int) -> Play:
    """Return a run in which every second create fails at the service, never two in a row."""
    play = Play(*(f"p{number:03}" for number in range(people)))
    broken = refused(TargetBroken(500, "out of order"))
    play.target.order("create", *[honest, broken] * people)
    return play


def stopped(report: Report) -> type[object]:
    return type(report.stopped_by)


def test_a_run_whose_budget_is_spent_ends() -> None:
    play = broken_every_other_time(40)

    report = play.run()

    assert stopped(report) is OverBudget
    assert str(report.stopped_by) == (
        "5 of 40 operations failed at the service, or on the road to it; more than 5 % end a run"
    )
    assert (report.counts["failed"], report.counts["verified"], report.left) == (5, 5, 30)
    assert play.journal.lines[-1]["stopped"] == "budget"


def test_a_tenth_of_a_company_may_be_refused_for_its_own_sake() -> None:
    play = Play(*(f"p{number:03}" for number in range(60)))
    refusal = refused(TargetRefused(400, "that domain is not registered"))
    play.target.order("create", *[refusal] * 20, *[honest] * 40)

    report = play.run()

    assert report.stopped_by is None
    assert (report.counts["failed"], report.counts["verified"]) == (20, 40)
    assert "stopped" not in play.journal.lines[-1]


class Leaving(Play):
    """Everybody was created and leaves now; the service may refuse to take somebody off."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.world.apply(self.world.plan())
        self.world.becomes([])
        self.operations = self.world.plan().operations


def test_the_first_unexplained_failure_of_a_disable_ends_the_run() -> None:
    play = Leaving("ada", "bob", "cleo")
    assert {one.action for one in play.operations} == {Action.DISABLE}
    play.target.order("patch", *[refused(TargetBroken(500, "out of order"))] * 5, honest)

    report = play.run()

    assert stopped(report) is Unexplained
    assert str(report.stopped_by).endswith("nothing more is taken away")
    assert (report.counts["failed"], report.left) == (1, 2)
    assert play.journal.lines[-1]["stopped"] == "failed"


def test_a_disable_that_is_refused_for_its_own_sake_ends_nothing() -> None:
    play = Leaving("ada", "bob", "cleo")
    play.target.order("patch", refused(TargetRefused(400, "not this one")), honest)

    report = play.run()

    assert report.stopped_by is None
    assert (report.counts["failed"], report.counts["verified"]) == (1, 2)


def test_a_failed_disable_with_nothing_after_it_keeps_nothing_from_running() -> None:
    play = Leaving("ada")
    play.target.order("patch", *[refused(TargetBroken(500, "out of order"))] * 5)

    report = play.run()

    assert (report.stopped_by, report.counts["failed"], report.left) == (None, 1, 0)
