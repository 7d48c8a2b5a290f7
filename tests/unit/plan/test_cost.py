import pytest

from reconciler.plan.cost import cost_of
from reconciler.plan.document import Requests
from reconciler.plan.operation import Action, Operation, Reference
from reconciler.states import ResourceType
from tests.plans import make_operation

GROUP = ResourceType.GROUP
MANAGER = Reference("manager", "ada", ResourceType.USER, "ada")


def members(count: int) -> list[dict[str, str]]:
    """Return so many members."""
    return [{"value": f"t-{n}", "display": "x"} for n in range(count)]


def joining(count: int, *references: Reference) -> Operation:
    """Return the operation that adds so many members."""
    changes = [("members", None, members(count))] if count else []
    return make_operation(
        Action.ADD_MEMBERS, resource_type=GROUP, changes=changes, references=references
    )


@pytest.mark.parametrize(
    ("operation", "requests"),
    [
        pytest.param(make_operation(), Requests(2, 1, 0, 0), id="create"),
        pytest.param(make_operation(Action.DELETE), Requests(2, 0, 0, 1), id="delete"),
        pytest.param(make_operation(Action.LINK), Requests(1, 0, 0, 0), id="a record alone"),
        pytest.param(
            make_operation(Action.UPDATE, changes=[("title", "a", "b"), ("active", True, False)]),
            Requests(2, 0, 1, 0),
            id="update",
        ),
        pytest.param(
            make_operation(Action.UPDATE, references=[MANAGER]), Requests(2, 0, 1, 0), id="manager"
        ),
        pytest.param(joining(100), Requests(2, 0, 1, 0), id="a hundred members"),
        pytest.param(joining(101), Requests(2, 0, 2, 0), id="one more"),
        pytest.param(joining(0, MANAGER), Requests(2, 0, 1, 0), id="a member to be created"),
        pytest.param(joining(100, MANAGER), Requests(2, 0, 2, 0), id="known and unknown members"),
        pytest.param(
            make_operation(
                Action.REMOVE_MEMBERS, resource_type=GROUP, changes=[("members", members(3), None)]
            ),
            Requests(2, 0, 1, 0),
            id="members removed",
        ),
    ],
)
def test_the_requests_of_one_operation(operation: Operation, requests: Requests) -> None:
    assert cost_of([operation], 25).requests == requests


@pytest.mark.parametrize(
    ("operations", "rate", "seconds"),
    [(0, 25, 0), (8, 25, 1), (9, 25, 2), (8, 1, 24), (8, 0, 0)],
)
def test_the_seconds_follow_from_the_rate_alone(operations: int, rate: int, seconds: int) -> None:
    assert cost_of([make_operation()] * operations, rate).seconds == seconds


def test_an_empty_plan_costs_nothing() -> None:
    assert cost_of([], 25).requests == Requests(0, 0, 0, 0)
