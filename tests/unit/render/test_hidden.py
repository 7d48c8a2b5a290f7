"""What no form shows: values that Redact hides, and values that nobody knows yet."""

import json
from typing import Any

import pytest

from reconciler.plan.document import Plan, PlanAltered, Redacted
from reconciler.plan.operation import Action
from reconciler.plan.plan_file import parse_plan
from reconciler.render import FORMATS, Look, to_json
from reconciler.render.hidden import without_hidden
from reconciler.states import ResourceType
from tests.plans import full_plan, make_operation, make_plan

USER, GROUP = ResourceType.USER, ResourceType.GROUP
FORM = {"generated": "Append([mailNickname], Guid())", "attributes": {"mailNickname": "secret-5"}}


def plan_of(*redacted: tuple[ResourceType, str]) -> Plan:
    """Return a plan whose every value is a secret."""
    changes = [("title", "secret-1", "secret-2"), ("nickName", "secret-3", None)]
    operations = [
        make_operation(changes=[("title", None, "secret-4"), ("userType", None, FORM)]),
        make_operation(Action.UPDATE, changes=changes, number=2),
        make_operation(Action.UPDATE, changes=changes, number=3, resource_type=GROUP),
    ]
    withheld = [make_operation(Action.REVOKE, changes=changes, number=4)]
    return make_plan(
        operations,
        withheld=withheld,
        redacted=[Redacted(kind, path) for kind, path in redacted],
    )


def secrets_in(form: str, plan: Plan) -> set[str]:
    shown = FORMATS[form](plan, Look())
    return {f"secret-{n}" for n in range(1, 6) if f"secret-{n}" in shown}


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize(
    ("hidden", "left"),
    [
        ([], {"secret-1", "secret-2", "secret-3", "secret-4"}),
        ([(USER, "title"), (GROUP, "title")], {"secret-3"}),
        ([(USER, "title"), (USER, "nickName")], {"secret-1", "secret-2", "secret-3"}),
        ([(kind, path) for kind in (USER, GROUP) for path in ("title", "nickName")], set()),
    ],
    ids=["nothing", "a path", "of users only", "everything"],
)
def test_before_and_after_are_hidden_at_a_path_of_a_type(
    form: str, hidden: list[tuple[ResourceType, str]], left: set[str]
) -> None:
    found = secrets_in(form, plan_of(*hidden))

    assert found - {"secret-5"} == left


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_what_is_generated_is_shown_by_those_words(form: str) -> None:
    shown = FORMATS[form](plan_of(), Look())

    assert "generated at apply" in shown
    assert "Append" not in shown
    assert "secret-5" not in shown


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_what_something_hidden_is_generated_from_is_hidden_too(form: str) -> None:
    shown = FORMATS[form](plan_of((USER, "userType")), Look())

    assert "secret-5" not in shown
    assert "generated at apply" not in shown


def test_what_is_absent_is_not_hidden_so_that_a_clearing_can_be_seen() -> None:
    shown: Any = json.loads(to_json(plan_of((USER, "nickName"))))

    change = shown["body"]["operations"][1]["changes"][1]
    assert change == {"path": "nickName", "before": "[Redact]", "after": None}


def test_the_json_of_a_plan_that_hides_something_is_refused_as_a_plan() -> None:
    with pytest.raises(PlanAltered):
        parse_plan(to_json(plan_of((USER, "title"))).encode())


def test_a_plan_that_hides_nothing_is_shown_as_it_is() -> None:
    plan = full_plan()

    assert without_hidden(plan) is plan


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_ruling_18_redacting_a_plan_leaves_out_what_is_hidden_as_well(form: str) -> None:
    shown = FORMATS[form](plan_of((USER, "title")), Look(redact=True))

    assert "secret" not in shown
