"""Redact on what people are known by: ids stand for it, in keys and in sentences."""

from typing import Any

import pytest

from reconciler.desired import Judge
from reconciler.scim.schema import CORE
from reconciler.states import Candidate, Standing
from tests.worlds import MIDNIGHT, USER_MAPPINGS, World, application, directory, group, person, told

HIDDEN = {"target": "userName", "expression": "Redact([userPrincipalName])", "match": 1}
USERS: list[dict[str, Any]] = [HIDDEN, *USER_MAPPINGS[1:]]


def judged(name: str = "ada@contoso.example", **changes: Any) -> Candidate:
    source = directory([person("p-1", userPrincipalName=name)])
    made = application(**{"mappings": {"users": USERS}, **changes})
    [candidate] = Judge(made, source, MIDNIGHT, CORE).state().users
    return candidate


def test_a_person_whose_name_is_hidden_is_known_by_objectid() -> None:
    candidate = judged()

    assert candidate.key == "p-1"
    assert candidate.redacted == {"userName"}
    assert ("userName", "ada@contoso.example") in candidate.matching


def test_a_hidden_name_is_no_reason_to_be_known_by_another_hidden_value() -> None:
    mail = {"target": "nickName", "expression": "Redact([mail])", "match": 1}
    lines = [{**HIDDEN, "match": 2}, mail, *USER_MAPPINGS[2:]]

    assert judged(mappings={"users": lines}).key == "p-1"


def test_somebody_whose_name_is_shown_is_known_by_it_although_something_else_is_hidden() -> None:
    title = {"target": "title", "expression": "Redact([jobTitle])"}
    lines = [line for line in USER_MAPPINGS if line["target"] != "title"]

    candidate = judged(mappings={"users": [*lines, title]})

    assert candidate.key == "ada@contoso.example"
    assert candidate.redacted == {"title"}


@pytest.mark.parametrize("name", ["ada@secret.example", "ada-secret", "ada@@secret"])
def test_a_hidden_name_in_no_registered_domain_is_not_quoted(name: str) -> None:
    candidate = judged(name, registered_domains=["contoso.example"])

    assert (candidate.standing, candidate.code) == (Standing.SKIPPED, "InvalidDomain")
    assert "ada" not in candidate.reason
    assert "secret" not in candidate.reason


def test_a_group_whose_name_is_hidden_is_known_by_objectid() -> None:
    groups = [{"target": "displayName", "expression": "Redact([displayName])", "match": 1}]
    made = application(mappings={"users": USER_MAPPINGS, "groups": groups})
    source = directory([person("p-1")], [group("g-1", "Staff", "p-1")])

    state = Judge(made, source, MIDNIGHT, CORE).state()

    assert [candidate.key for candidate in state.groups or ()] == ["g-1"]


def test_a_group_that_is_matched_by_nothing_is_not_known_by_its_hidden_name() -> None:
    groups = [
        {"target": "displayName", "expression": "Redact([displayName])"},
        {"target": "externalId", "source": "badge", "match": 1},
    ]
    made = application(mappings={"users": USER_MAPPINGS, "groups": groups})
    source = directory([person("p-1")], [group("g-1", "Staff", "p-1")])

    [candidate] = Judge(made, source, MIDNIGHT, CORE).state().groups or ()

    assert (candidate.key, candidate.matching) == ("g-1", (("externalId", None),))


def test_who_has_no_name_is_known_by_what_is_not_hidden() -> None:
    lines = [
        {**HIDDEN, "match": 2},
        {"target": "nickName", "source": "displayName", "match": 1},
        *USER_MAPPINGS[2:3],
    ]

    assert judged("", mappings={"users": lines}).key == "P-1"


def test_who_leaves_is_known_by_the_id_on_the_target() -> None:
    world = World(application(mappings={"users": USERS}), directory([person("p-1")]))
    world.settle()
    world.target.add_user("t-9", "stranger@contoso.example")
    world.becomes([person("p-2")])

    body = world.plan()

    assert told(body.operations) == [("create", "p-2"), ("disable", "id-1")]
    assert [account.key for account in body.unmanaged.sample] == ["t-9"]


def test_why_a_name_cannot_be_had_does_not_say_the_name() -> None:
    lines = [
        {"target": "externalId", "source": "objectId", "match": 1},
        {**HIDDEN, "match": None},
        *USER_MAPPINGS[2:],
    ]
    lines[1].pop("match")
    people = [person(f"p-{n}", userPrincipalName=name) for n, name in enumerate("aab")]
    world = World(application(mappings={"users": lines}), directory(people))
    world.target.add_user("t-9", "b")

    details = {skipped.code: skipped.detail for skipped in world.plan().skipped}

    assert details == {
        "DuplicateSourceEntries": "username [Redact] is wanted by several objects of the source",
        "EntryConflict": "username [Redact] is held by t-9, which keeps it",
    }
