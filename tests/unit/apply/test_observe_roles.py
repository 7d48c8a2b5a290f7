"""A list of roles before and after: what counts as done, and what as half done."""

from typing import Any

import pytest
from msgspec import structs

from reconciler.apply.observe import Observer
from reconciler.diff import Comparator
from reconciler.plan.operation import Action, Operation
from reconciler.plan.precondition import precondition
from reconciler.scim.schema import CORE
from reconciler.states import Resource
from tests.plans import make_operation

OBSERVER = Observer(CORE)
COMPARATOR = Comparator("User", CORE)
A, B, C = ({"primary": False, "display": name, "value": name} for name in "abc")


def live(*values: str) -> Resource:
    """Return an account that holds *values*, in elements of the service's own making."""
    roles = [{"value": value, "display": f"Role {value}", "$ref": value} for value in values]
    return {"id": "t-1", "roles": roles}


def changing(before: Any, after: Any) -> Operation:
    return make_operation(Action.UPDATE, changes=[("roles", before, after)])


GAIN = changing([A], [A, B])
REVOKE = changing([A, B, C], [B])
CLEARING = changing([A, B], None)
FIRST = changing(None, [A])


@pytest.mark.parametrize(
    ("operation", "shown", "done"),
    [
        pytest.param(FIRST, live("a"), True, id="first: there"),
        pytest.param(FIRST, live("A"), True, id="first: there, spelled otherwise"),
        pytest.param(FIRST, live("a", "x"), True, id="first: there, beside a default role"),
        pytest.param(FIRST, live(), False, id="first: missing"),
        pytest.param(GAIN, live("a", "b"), True, id="gain: there"),
        pytest.param(GAIN, live("b", "a", "x"), True, id="gain: there, beside another"),
        pytest.param(GAIN, live("a"), False, id="gain: missing"),
        pytest.param(GAIN, live("b"), False, id="gain: the old one lost"),
        pytest.param(REVOKE, live("b"), True, id="revoke: done"),
        pytest.param(REVOKE, live("B"), True, id="revoke: done, spelled otherwise"),
        pytest.param(REVOKE, live("a", "b"), False, id="revoke: one left"),
        pytest.param(REVOKE, live(), False, id="revoke: too much"),
        pytest.param(CLEARING, live(), True, id="clearing: done"),
        pytest.param(CLEARING, {"id": "t-1", "roles": None}, True, id="clearing: null"),
        pytest.param(CLEARING, live("a"), False, id="clearing: one left"),
    ],
)
def test_inv_14_what_is_missing(operation: Operation, shown: Resource, done: bool) -> None:
    missing = OBSERVER.missing(operation, shown, lambda reference: reference.source_id)

    assert missing == ([] if done else ["roles"])


@pytest.mark.parametrize(
    ("operation", "shown", "halfway"),
    [
        pytest.param(GAIN, live("a"), True, id="gain: before"),
        pytest.param(GAIN, live("a", "b"), True, id="gain: after"),
        pytest.param(GAIN, live("b"), False, id="gain: the old one lost"),
        pytest.param(GAIN, live("a", "x"), False, id="gain: somebody else's role"),
        pytest.param(REVOKE, live("a", "b", "c"), True, id="revoke: before"),
        pytest.param(REVOKE, live("b", "c"), True, id="revoke: between"),
        pytest.param(REVOKE, live("B"), True, id="revoke: after"),
        pytest.param(REVOKE, live("a", "c"), False, id="revoke: the wanted one lost"),
        pytest.param(REVOKE, live("b", "x"), False, id="revoke: somebody else's role"),
        pytest.param(CLEARING, live("a"), True, id="clearing: between"),
        pytest.param(CLEARING, live(), True, id="clearing: after"),
        pytest.param(CLEARING, live("x"), False, id="clearing: somebody else's role"),
    ],
)
def test_inv_13_what_an_interrupted_run_can_have_left(
    operation: Operation, shown: Resource, halfway: bool
) -> None:
    assert OBSERVER.halfway(operation, shown) is halfway


def bound(operation: Operation, shown: Resource) -> Operation:
    """Return *operation* bound to what is shown."""
    return structs.replace(
        operation, precondition=precondition(shown, operation.changes, (), COMPARATOR)
    )


@pytest.mark.parametrize(
    ("now", "as_planned"),
    [
        pytest.param(live("a", "b", "c"), True, id="the same"),
        pytest.param(live("C", "b", "a"), True, id="in another order and spelling"),
        pytest.param({"id": "t-1", "roles": [A, B, C]}, True, id="elements as they were written"),
        pytest.param(live("a", "b"), False, id="one less"),
        pytest.param(live("a", "b", "c", "x"), False, id="one more"),
    ],
)
def test_inv_17_a_change_of_roles_is_bound_to_which_roles_there_are(
    now: Resource, as_planned: bool
) -> None:
    operation = bound(REVOKE, live("a", "b", "c"))

    assert OBSERVER.as_planned(operation, now) is as_planned
