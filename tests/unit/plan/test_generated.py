"""Values that `apply` makes, in a plan: what stands there, and what may not."""

from typing import Any

import pytest

from reconciler.plan.digest import canonical_json
from reconciler.plan.document import PlanAltered
from reconciler.plan.generated import generated
from reconciler.plan.operation import Action
from reconciler.plan.plan_file import as_json, parse_plan, seal
from reconciler.states import ResourceType
from tests.plans import make_operation, make_plan
from tests.worlds import (
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    World,
    application,
    directory,
    group,
    person,
    settled,
    told,
)

FORM = {"generated": "Append([mailNickname], Guid())", "attributes": {"mailNickname": "ada"}}
MADE: dict[str, Any] = {
    "target": "nickName",
    "expression": FORM["generated"],
    "apply": "on_create",
}


def world(*mappings: dict[str, Any], **cells: str) -> World:
    """Return a world with one newcomer, Ada, and more mappings."""
    users = [*USER_MAPPINGS, *mappings]
    made = application(mappings={"users": users, "groups": GROUP_MAPPINGS})
    return World(made, directory([person("ada", mailNickname="ada", **cells)]))


def refusal(*changes: tuple[str, Any, Any], action: Action = Action.CREATE, **of: Any) -> str:
    """Return why a plan with these changes is refused."""
    plan = make_plan([make_operation(action, changes=changes, **of)])
    with pytest.raises(PlanAltered) as caught:
        parse_plan(canonical_json(as_json(plan)))
    return str(caught.value)


def test_a_create_holds_what_apply_needs_and_no_value() -> None:
    [create, *_] = world(MADE).plan().operations

    change = create.change_of("nickName")
    assert change is not None
    assert (change.before, change.after) == (None, FORM)


def test_the_same_inputs_give_the_same_plan_although_it_holds_chance() -> None:
    random = {"target": "title", "expression": "RandomString(8, 2, 2, 2, 2)", "apply": "on_create"}
    mappings = [line for line in USER_MAPPINGS if line["target"] != "title"]
    made = application(mappings={"users": [*mappings, MADE, random]})
    people = directory([person(name, mailNickname=name) for name in ("ada", "bob", "cyd")])

    first, second = (World(made, people).plan() for _ in range(2))

    assert first == second


def test_a_plan_that_holds_chance_is_read_back_as_it_was_written() -> None:
    plan = seal(world(MADE).plan(), make_plan().header)

    assert parse_plan(canonical_json(as_json(plan))) == plan


def test_an_account_that_exists_never_hears_of_it() -> None:
    before = settled(person("ada"))

    before.becomes(mappings={"users": [*USER_MAPPINGS, MADE], "groups": GROUP_MAPPINGS})

    assert told(before.plan().operations) == []


FAILING = {
    "chance": ("RandomString([length], 0, 0, 0, 0)", "RandomString: argument 1"),
    "choice": ("SelectUniqueValue(Left([displayName], [length]), [objectId])", "Left: argument 2"),
    "hidden": ("Redact(Left([displayName], [length]))", "Left: argument 2"),
    "no domain": (
        'Append(Guid(), Switch([length], "x", "many", DefaultDomain()))',
        "DefaultDomain: there is none",
    ),
}
"""Expressions that fail for a length of "many", and what is said then."""


@pytest.mark.parametrize(("expression", "words"), FAILING.values(), ids=FAILING.keys())
def test_ruling_5_whoever_a_value_fails_for_is_skipped_and_keeps_all_they_have(
    expression: str, words: str
) -> None:
    """The account, its role and its memberships stay; whom it does not fail for is created."""
    before = settled(
        person("ada", jobTitle="Engineer"),
        groups=[group("g-staff", "Staff", "ada"), group("g-team", "Team", "ada")],
        assignments=[{"group": "Staff", "role": "Administrator"}, {"group": "Team"}],
    )
    failing = {**MADE, "expression": expression}
    before.becomes(
        [person("ada", jobTitle="Director", length="many"), person("bob", length="8")],
        [group("g-staff", "Staff", "ada", "bob"), group("g-team", "Team")],
        assignments=[{"group": "Staff", "role": "User"}, {"group": "Team"}],
        mappings={"users": [*USER_MAPPINGS, failing], "groups": GROUP_MAPPINGS},
    )

    body = before.plan()

    assert [(s.source_id, s.code) for s in body.skipped] == [("ada", "EntrySynchronizationSkipped")]
    assert body.skipped[0].detail.startswith(f"nickName: {words}")
    assert told(body.operations) == [("create", "bob@contoso.example"), ("add_members", "Staff")]


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"generated": "Guid()", "attributes": {}}, id="of nothing"),
        pytest.param({**FORM, "default_domain": "contoso.example"}, id="of the default domain"),
        pytest.param({**FORM, "attributes": {"mailNickname": ["a", "b"]}}, id="of several texts"),
    ],
)
def test_a_plan_with_such_a_value_is_read(form: dict[str, Any]) -> None:
    plan = make_plan([make_operation(changes=[("nickName", None, form)])])

    assert parse_plan(canonical_json(as_json(plan))) == plan


def test_any_other_object_is_a_value_as_it_is() -> None:
    value = {"attributes": {"mailNickname": "ada"}}
    plan = make_plan([make_operation(Action.UPDATE, changes=[("addresses", None, value)])])

    assert parse_plan(canonical_json(as_json(plan))) == plan
    assert generated(value) is None


@pytest.mark.parametrize(
    "action", [Action.UPDATE, Action.LINK, Action.ENABLE, Action.DISABLE, Action.REVOKE]
)
def test_only_a_create_may_hold_an_expression(action: Action) -> None:
    assert "only a create" in refusal(("nickName", None, FORM), action=action)


@pytest.mark.parametrize("path", ["active", "userName", 'roles[primary eq "True"].value', "roles"])
def test_a_plan_cannot_hide_who_somebody_is_or_what_they_may(path: str) -> None:
    assert "its value has to be seen" in refusal((path, None, FORM))


def test_a_plan_cannot_hide_what_a_group_is_called() -> None:
    problem = refusal(("displayName", None, FORM), resource_type=ResourceType.GROUP)

    assert "its value has to be seen" in problem


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({**FORM, "generated": "Guid("}, "cannot be read"),
        ({**FORM, "generated": "NoSuchFunction()"}, "cannot be read"),
        ({**FORM, "generated": "RandomString(1, 9, 0, 0, 0)"}, "cannot be read"),
        ({**FORM, "generated": "Append([mailNickname], [surname])"}, "needs no chance"),
        ({**FORM, "generated": 5}, "not from text"),
        ({"generated": "Guid()"}, "not from text"),
        ({**FORM, "attributes": {"a": 1}}, "not from text"),
        ({**FORM, "attributes": {"a": ["x", None]}}, "not from text"),
        ({**FORM, "attributes": {"a": "x", "b": 1}}, "not from text"),
        ({**FORM, "attributes": ["a"]}, "not from text"),
        ({**FORM, "default_domain": 1}, "not from text"),
        ({**FORM, "more": "x"}, "not from text"),
    ],
    ids=[
        "no expression",
        "no function",
        "an impossible call",
        "nothing random",
        "a number",
        "no attributes",
        "a number as attribute",
        "null in a list",
        "a number beside a text",
        "a list of attributes",
        "no domain",
        "another key",
    ],
)
def test_a_doctored_expression_is_no_plan(form: dict[str, Any], words: str) -> None:
    assert words in refusal(("nickName", None, form))
