"""SelectUniqueValue: the plan takes the first value that is free."""

from typing import Any

import pytest

from reconciler.plan.document import Body
from reconciler.scim.schema import CORE_URN, Schemas
from reconciler.states import ResourceType
from tests.worlds import (
    ENTERPRISE,
    USER_MAPPINGS,
    MemoryTarget,
    World,
    application,
    directory,
    group,
    person,
    told,
)

CHOICE = (
    'SelectUniqueValue([mailNickname], Append([mailNickname], "2"), Append([mailNickname], "3"))'
)
NAMED: list[dict[str, Any]] = [
    {"target": "userName", "expression": CHOICE, "apply": "on_create"},
    {"target": "externalId", "source": "objectId", "match": 1},
    *(line for line in USER_MAPPINGS if line["target"] in ("active", f"{ENTERPRISE}:manager")),
]


def world(*names: str, mappings: list[dict[str, Any]] | None = None, **changes: Any) -> World:
    """Return people with these nicknames; their objectIds are numbers."""
    people = [person(f"p{n}", mailNickname=name) for n, name in enumerate(names, start=1)]
    made = application(mappings={"users": mappings or NAMED}, **changes)
    return World(made, directory(people), settings=changes)


def names(body: Body, path: str = "userName") -> dict[str | None, Any]:
    """Return what each create writes at *path*, by objectId."""
    changes = {op.source_id: op.change_of(path) for op in body.operations}
    return {anchor: change.after for anchor, change in changes.items() if change}


def test_the_first_value_is_taken_when_nobody_has_it() -> None:
    assert names(world("ada").plan()) == {"p1": "ada"}


def test_a_value_that_an_account_has_is_not_taken_whatever_its_case() -> None:
    there = world("ada")
    there.target.add_user("t-1", "ADA")

    assert names(there.plan()) == {"p1": "ada2"}


@pytest.mark.parametrize(
    ("nickname", "live"),
    [("straße", "strasse"), ("strasse", "straße"), ("\u0430da", "ada")],
)
def test_s26_a_name_that_looks_like_an_accounts_is_not_free(nickname: str, live: str) -> None:
    there = world(nickname)
    there.target.add_user("t-1", live)
    second = names(there.plan()).get("p1")

    assert second == (None if nickname == "\u0430da" else f"{nickname}2")


def test_s26_a_name_that_looks_like_one_chosen_before_is_not_free() -> None:
    assert names(world("strasse", "straße").plan()) == {"p1": "strasse", "p2": "straße2"}


def exact(names: tuple[str, ...]) -> World:
    """Return people on a service whose userNames differ by case."""
    attributes = [{"name": "userName", "type": "string", "caseExact": True}]
    schemas = Schemas.from_discovery([{"id": CORE_URN["User"], "attributes": attributes}], [])
    there = world(*names)
    there.target = MemoryTarget(schemas)
    return there


def test_user_names_that_differ_in_case_alone_are_two_for_no_service() -> None:
    assert names(exact(("ada", "Ada")).plan()) == {"p1": "ada", "p2": "Ada2"}


def test_the_user_name_of_an_account_is_taken_in_any_case_on_every_service() -> None:
    there = exact(("ada",))
    there.target.add_user("t-1", "ADA")

    assert names(there.plan()) == {"p1": "ada2"}


def test_case_counts_where_the_schema_says_so() -> None:
    lines = [*USER_MAPPINGS, {"target": "profileUrl", "expression": CHOICE, "apply": "on_create"}]
    there = world("ada", mappings=lines)
    there.target.add_user("t-1", "x", profileUrl="ADA")

    assert names(there.plan(), "profileUrl") == {"p1": "ada"}


def test_what_nobody_is_known_by_may_look_like_anothers() -> None:
    line = {"target": "profileUrl", "expression": CHOICE, "apply": "on_create"}
    there = world("straße", mappings=[*USER_MAPPINGS, line])
    there.target.add_user("t-1", "x", profileUrl="strasse")

    assert names(there.plan(), "profileUrl") == {"p1": "straße"}


def test_earlier_in_the_source_chooses_first() -> None:
    assert names(world("ada", "Ada", "ada").plan()) == {"p1": "ada", "p2": "Ada2", "p3": "ada3"}


def test_when_all_are_taken_nobody_is_created_and_the_others_are() -> None:
    body = world("ada", "ada", "ada", "ada", "bob").plan()

    assert [(s.source_id, s.code) for s in body.skipped] == [("p4", "EntryConflict")]
    assert names(body) == {"p1": "ada", "p2": "ada2", "p3": "ada3", "p5": "bob"}


def test_who_is_not_created_takes_nothing_from_who_is() -> None:
    body = world("ada", "ada").plan(selected=frozenset({"p2"}))

    assert names(body) == {"p2": "ada"}


def test_without_create_among_the_actions_nothing_is_chosen() -> None:
    body = world("ada", "ada", "ada", "ada", lifecycle={"actions": ["update"]}).plan()

    assert {s.code for s in body.skipped} == {"EntrySynchronizationSkipped"}


def test_an_account_keeps_its_name_when_a_better_one_becomes_free() -> None:
    there = world("ada", "ada")
    there.settle()
    there.becomes([person("p2", mailNickname="ada")])

    assert told(there.plan().operations) == [("disable", "ada")]


def test_a_person_is_known_by_the_name_they_get_and_then_by_the_one_they_have() -> None:
    there = world("ada", "ada")

    assert told(there.plan().operations) == [("create", "ada"), ("create", "ada2")]

    there.settle()
    there.becomes([person("p1", mailNickname="ada"), person("p2", mailNickname="x", manager="p1")])

    assert told(there.plan().operations) == [("update", "ada2")]


def test_who_gets_no_name_is_known_by_what_they_are_matched_by() -> None:
    lines = [*NAMED, {"target": "nickName", "source": "badge", "match": 2}]
    lines[1] = {**NAMED[1], "match": 3}
    people = [person("p1", mailNickname="ada", badge="4711")]
    there = World(application(mappings={"users": lines}), directory(people))
    for number, name in enumerate(("ada", "ada2", "ada3")):
        there.target.add_user(f"t-{number}", name)

    assert [(s.key, s.code) for s in there.plan().skipped] == [("4711", "EntryConflict")]


def test_who_refers_to_a_newcomer_says_the_name_that_was_chosen() -> None:
    people = [person("p1", mailNickname="ada"), person("p2", mailNickname="ada", manager="p1")]
    there = World(application(mappings={"users": NAMED}), directory(people))
    there.target.add_user("t-1", "ada")

    references = [r for op in there.plan().operations for r in op.references]

    assert [r.display for r in references] == ["ada2"]


def test_a_name_in_no_registered_domain_is_passed_over() -> None:
    choice = 'SelectUniqueValue(Append([mailNickname], "@else.example"), [userPrincipalName])'
    lines = [{**NAMED[0], "expression": choice}, *NAMED[1:]]

    body = world("ada", mappings=lines, registered_domains=["contoso.example"]).plan()

    assert names(body) == {"p1": "p1@contoso.example"}


def test_names_that_are_all_in_no_registered_domain_are_invalid() -> None:
    body = world("ada", registered_domains=["contoso.example"]).plan()

    assert [(s.source_id, s.code) for s in body.skipped] == [("p1", "InvalidDomain")]


def test_a_group_can_have_the_first_free_name_too() -> None:
    choice = 'SelectUniqueValue([displayName], Append([displayName], " 2"))'
    groups = [
        {"target": "displayName", "expression": choice, "apply": "on_create"},
        {"target": "externalId", "source": "objectId", "match": 1},
    ]
    made = application(mappings={"users": USER_MAPPINGS, "groups": groups})
    there = World(made, directory([person("ada")], [group("g-1", "Staff", "ada")]))
    there.target.add_group("t-9", "staff")

    creates = [op for op in there.plan().operations if op.resource_type is ResourceType.GROUP]

    assert [(op.key, op.change_of("displayName").after) for op in creates] == [  # type: ignore[union-attr]
        ("Staff 2", "Staff 2")
    ]


def test_ruling_5_a_choice_that_fails_leaves_the_account_as_it_is() -> None:
    there = world("ada")
    there.settle()
    failing = 'SelectUniqueValue(Error("no name"), [mailNickname])'
    there.becomes(mappings={"users": [{**NAMED[0], "expression": failing}, *NAMED[1:]]})
    there.becomes([person("p1", mailNickname="ada", isDeleted="false")])

    body = there.plan()

    assert body.operations == ()
    assert [(s.code, s.detail) for s in body.skipped] == [
        ("EntrySynchronizationSkipped", "userName: Error: no name")
    ]


@pytest.mark.parametrize("taken", [["ada"], ["ada", "ada2"]], ids=len)
def test_a_second_plan_after_apply_is_empty(taken: list[str]) -> None:
    there = world("ada")
    for number, name in enumerate(taken):
        there.target.add_user(f"t-{number}", name)

    there.settle()

    assert there.plan().operations == ()
