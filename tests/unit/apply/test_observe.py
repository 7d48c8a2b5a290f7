"""What a live resource shows, compared with what an operation expects and wants."""

from typing import Any

import pytest

from reconciler.apply.observe import Observer, wanted_members
from reconciler.plan.operation import Action, Change, Operation, Reference
from reconciler.scim.schema import CORE
from reconciler.states import Resource, ResourceType
from tests.worlds import ENTERPRISE

USER, GROUP = ResourceType.USER, ResourceType.GROUP
OBSERVER = Observer(CORE)


def operation(
    *changes: Change, references: tuple[Reference, ...] = (), kind: ResourceType = USER
) -> Operation:
    return Operation(
        "op-1", 4, Action.UPDATE, kind, "ada", "ada", "id-1", "", changes, None, references
    )


def resolve(reference: Reference) -> str:
    return f"id-of-{reference.source_id}"


@pytest.mark.parametrize(
    ("path", "wanted", "live", "shown"),
    [
        pytest.param("title", "Boss", {"title": "Boss"}, True, id="the same"),
        pytest.param("title", "Boss", {"title": "boss"}, True, id="case does not count"),
        pytest.param("externalId", "A", {"externalId": "a"}, False, id="but for identifiers"),
        pytest.param("title", "Boss", {}, False, id="absent"),
        pytest.param("title", None, {}, True, id="cleared"),
        pytest.param("title", None, {"title": "Boss"}, False, id="not cleared"),
        pytest.param("active", True, {}, True, id="without active an account is active"),
        pytest.param("active", True, {"active": "True"}, True, id="a word for true"),
        pytest.param("active", False, {"active": "False"}, True, id="a word for false"),
        pytest.param("active", False, {}, False, id="not disabled"),
        pytest.param("active", True, {"active": False}, False, id="not enabled"),
        pytest.param(
            f"{ENTERPRISE}:manager",
            "id-2",
            {ENTERPRISE: {"manager": {"value": "id-2", "displayName": "B"}}},
            True,
            id="a manager by id",
        ),
        pytest.param(f"{ENTERPRISE}:manager", None, {}, True, id="no manager"),
    ],
)
def test_what_is_missing(path: str, wanted: Any, live: Resource, shown: bool) -> None:
    missing = OBSERVER.missing(operation(Change(path, "before", wanted)), live, resolve)

    assert missing == ([] if shown else [path])


def test_a_reference_is_looked_for_by_its_id() -> None:
    path = f"{ENTERPRISE}:manager"
    update = operation(references=(Reference(path, "bob", USER, "Bob"),))

    assert OBSERVER.missing(update, {}, resolve) == [path]
    live = {ENTERPRISE: {"manager": {"value": "id-of-bob"}}}
    assert OBSERVER.missing(update, live, resolve) == []


@pytest.mark.parametrize(
    ("members", "missing"),
    [
        pytest.param(["new", "id-of-bob"], [], id="came and went"),
        pytest.param(["new", "id-of-bob", "by-hand"], [], id="others do not count"),
        pytest.param(["new"], ["members"], id="a reference did not come"),
        pytest.param(["id-of-bob"], ["members"], id="one did not come"),
        pytest.param(["new", "id-of-bob", "old"], ["members"], id="one did not go"),
    ],
)
def test_members_are_looked_for_one_by_one(members: list[str], missing: list[str]) -> None:
    change = Change("members", [{"value": "old"}], [{"value": "new"}])
    joining = operation(change, references=(Reference("members", "bob", USER, "Bob"),), kind=GROUP)
    live = {"members": [{"value": member} for member in members]}

    assert OBSERVER.missing(joining, live, resolve) == missing
    assert wanted_members(joining, resolve) == ({"new", "id-of-bob"}, {"old"})


@pytest.mark.parametrize(
    ("live", "halfway"),
    [
        ({"title": "A", "nickName": "N"}, True),
        ({"title": "B", "nickName": "N"}, True),
        ({"title": "B"}, True),
        ({"title": "C", "nickName": "N"}, False),
        ({}, False),
    ],
    ids=["before", "in between", "after", "somebody else's", "cleared by somebody else"],
)
def test_halfway_is_one_of_two_values_everywhere(live: Resource, halfway: bool) -> None:
    changes = (Change("title", "A", "B"), Change("nickName", "N", None), Change("members", [], []))

    assert OBSERVER.halfway(operation(*changes), live) is halfway


@pytest.mark.parametrize(
    ("change", "live", "fits"),
    [
        pytest.param(("title", "A", "B"), {"title": "A"}, True, id="the same"),
        pytest.param(("title", "A", "B"), {"title": "a"}, True, id="the same by schema"),
        pytest.param(("title", "A", "B"), {"title": "Z"}, False, id="another"),
        pytest.param(("title", None, "B"), {"title": "Z"}, False, id="something for nothing"),
        pytest.param(("active", None, False), {"active": True}, True, id="said by now"),
        pytest.param(("active", True, False), {}, True, id="said no more"),
        pytest.param(("active", True, False), {"active": False}, False, id="off by now"),
        pytest.param(
            (f"{ENTERPRISE}:manager", "id-2", None),
            {ENTERPRISE: {"manager": {"value": "id-2", "displayName": "B"}}},
            True,
            id="a manager by id",
        ),
        pytest.param(
            ("members", [{"value": "id-2"}], None), {}, True, id="members are bound apart"
        ),
    ],
)
def test_inv_17_what_a_plan_says_it_changes_has_to_be_there(
    change: tuple[str, Any, Any], live: Resource, fits: bool
) -> None:
    """Whatever its precondition is: guards have judged what is taken by what is said."""
    assert OBSERVER.as_planned(operation(Change(*change)), live) is fits
