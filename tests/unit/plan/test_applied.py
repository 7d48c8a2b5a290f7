"""What we wrote last: only what is certain."""

from collections.abc import Callable

import pytest

from reconciler.plan.applied import Applied, Place
from reconciler.plan.operation import Action, Operation, Reference
from reconciler.states import ResourceType
from tests.plans import make_operation

USER, GROUP = ResourceType.USER, ResourceType.GROUP
ADA: Place = (USER, "t-1")
STAFF: Place = (GROUP, "g-1")


def wrote(operation: Operation | None, fold: Applied, place: Place = ADA, **about: str) -> None:
    """Take in that *operation* was carried out."""
    source, op = about.get("source_id", "a-1"), about.get("op", "op-0001")
    effects = [about["effect"]] if "effect" in about else []
    key = about.get("key", "ada@contoso.example")
    fold.done("run", op, place, operation, key=key, source_id=source, effects=effects)


def titled(title: str | None, action: Action = Action.UPDATE) -> Operation:
    return make_operation(action, changes=[("title", None, title), ("active", None, True)])


@pytest.fixture
def fold() -> Applied:
    """Ada was created."""
    made = Applied()
    wrote(titled("Countess", Action.CREATE), made)
    return made


def values(fold: Applied) -> dict[str, object]:
    return {path: change.after for path, change in fold.written[ADA].values.items()}


def test_the_newest_value_stands(fold: Applied) -> None:
    wrote(make_operation(Action.UPDATE, changes=[("Title", "Countess", None)]), fold)

    assert values(fold.ended()) == {"title": None, "active": True}
    assert not fold.written[ADA].doubtful


UPDATE = make_operation(Action.UPDATE, changes=[("title", "Countess", "Queen")])


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(lambda fold: None, id="no end at all"),
        pytest.param(lambda fold: fold.fail("run", "op-2", ADA, UPDATE), id="a failure"),
        pytest.param(lambda fold: fold.conflict("run", "op-2"), id="a conflict after a request"),
    ],
)
def test_what_may_have_been_carried_out_in_part_is_not_known(
    fold: Applied, ends: Callable[[Applied], None]
) -> None:
    fold.begin("run", "op-2", ADA, UPDATE)
    ends(fold)

    assert values(fold.ended()) == {"active": True}
    assert fold.written[ADA].doubtful


def test_a_conflict_before_anything_was_sent_changes_nothing(fold: Applied) -> None:
    fold.conflict("run", "op-2")

    assert values(fold.ended()) == {"title": "Countess", "active": True}


def test_what_was_begun_and_then_done_is_known(fold: Applied) -> None:
    fold.begin("run", "op-0001", ADA, UPDATE)
    wrote(UPDATE, fold)

    assert values(fold.ended())["title"] == "Queen"


def test_without_its_plan_nothing_of_an_account_is_known_any_more(fold: Applied) -> None:
    wrote(None, fold)

    assert values(fold.ended()) == {}
    assert fold.written[ADA].doubtful


def test_a_value_that_is_made_at_apply_is_not_known(fold: Applied) -> None:
    made = {"generated": "Guid()", "attributes": {}}
    wrote(make_operation(changes=[("title", None, made)]), fold)

    assert values(fold) == {"active": True}


def test_a_delete_forgets_the_account_and_either_is_fine_for_its_membership(
    fold: Applied,
) -> None:
    member = [{"value": "t-1", "display": "ada"}]
    group = make_operation(
        Action.CREATE, "Staff", resource_type=GROUP, changes=[("members", None, member)]
    )
    wrote(group, fold, STAFF, source_id="g")
    wrote(make_operation(Action.DELETE), fold, effect="delete")

    assert [*fold.written] == [STAFF]
    assert fold.written[STAFF].members == {"t-1": None}


def test_another_account_of_the_same_person_takes_the_place_of_the_first(fold: Applied) -> None:
    wrote(titled("Queen", Action.CREATE), fold, (USER, "t-9"), effect="create")

    assert [*fold.written] == [(USER, "t-9")]


def test_references_stand_for_ids_that_are_known_by_then(fold: Applied) -> None:
    references = [
        Reference("members", "a-1", USER, "ada@contoso.example"),
        Reference("members", "a-7", USER, "nobody@contoso.example"),
    ]
    group = make_operation(Action.ADD_MEMBERS, resource_type=GROUP, references=references)
    wrote(group, fold, STAFF, source_id="g")

    assert fold.written[STAFF].members == {"t-1": True}
    assert fold.written[STAFF].doubtful
