"""Matching in whole plans: values from expressions, and what nobody loses by it."""

from typing import Any

import pytest

from reconciler.plan.operation import Action
from reconciler.scim.schema import Schemas
from reconciler.states import ResourceType
from tests.worlds import (
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    MemoryTarget,
    World,
    application,
    codes,
    directory,
    group,
    of,
    person,
    settled,
    told,
    told_of_users,
)

OWN = "urn:example:scim:1.0:User"
EXTERNAL = {"target": "externalId", "source": "objectId"}
REST = [m for m in USER_MAPPINGS if m["target"] not in ("userName", "externalId")]
CYRILLIC = "\u0430da@contoso.example"


def world(user_name: dict[str, Any], **cells: str) -> World:
    """Return a world with one person, Ada, whose userName is mapped as given and matched by."""
    mappings = {"users": [{"target": "userName", "match": 1, **user_name}, EXTERNAL, *REST]}
    return World(application(mappings=mappings), directory([person("ada", **cells)]))


APPEND = {"expression": 'Append([mailNickname], "@contoso.example")'}
SWITCH = {"expression": 'Switch([country], [mail], "DE", [userPrincipalName])'}
MAIL_OF_X = {"expression": 'IIF([kind]="x", [mail], "")'}
SEVERAL = {"expression": 'Split([mail], "@")'}


@pytest.mark.parametrize(
    ("mapping", "cells", "live"),
    [
        pytest.param(APPEND, {"mailNickname": "AL"}, "al@contoso.example", id="Append"),
        pytest.param(SWITCH, {"country": "DE"}, "ada@contoso.example", id="Switch, a case"),
        pytest.param(SWITCH, {"country": "FR", "mail": "a@x"}, "a@x", id="Switch, the default"),
        pytest.param({"source": "employeeId"}, {"employeeId": "007"}, "007", id="digits"),
    ],
)
def test_a_matching_value_may_be_an_expression(
    mapping: dict[str, str], cells: dict[str, str], live: str
) -> None:
    there = world(mapping, **cells)
    there.target.add_user("t1", live)

    assert [(o.action, o.target_id) for o in there.plan().operations] == [(Action.LINK, "t1")]


@pytest.mark.parametrize(
    ("mapping", "cells", "code"),
    [
        pytest.param({"source": "employeeId"}, {}, "ImportSkipped", id="null"),
        pytest.param(MAIL_OF_X, {"kind": "y"}, "ImportSkipped", id="empty"),
        pytest.param(MAIL_OF_X, {}, "EntrySynchronizationSkipped", id="fails"),
        pytest.param(SEVERAL, {"mail": "a@x"}, "EntrySynchronizationSkipped", id="several values"),
    ],
)
@pytest.mark.parametrize("ownership", ["recorded", "all"])
def test_ruling_5_without_one_matching_value_nothing_is_written_and_nothing_lost(
    mapping: dict[str, str], cells: dict[str, str], code: str, ownership: str
) -> None:
    there = world(mapping, **cells)
    mappings = {"users": [{"target": "userName", "match": 1, **mapping}, EXTERNAL, *REST]}
    there.application = application(mappings=mappings, ownership=ownership)
    there.target.add_user("t1", "old@contoso.example")

    plan = there.plan()

    assert (told(plan.operations), codes(plan)) == ([], {"ada": code})


def test_nobody_is_looked_up_by_several_values_at_once() -> None:
    attributes = [{"name": "aliases", "type": "string", "multiValued": True}]
    schemas = Schemas.from_discovery([{"id": OWN, "attributes": attributes}], [])
    aliases = {"target": f"{OWN}:aliases", **SEVERAL, "match": 2}
    mappings = {"users": [USER_MAPPINGS[0], aliases, EXTERNAL, *REST]}
    there = World(
        application(mappings=mappings),
        directory([person("ada", mail="a@x")]),
        MemoryTarget(schemas),
    )
    there.target.add_user("t1", "ADA@contoso.example")
    there.target.add_user("t2", "x@contoso.example", **{OWN: {"aliases": "('a', 'x')"}})

    assert [(o.action, o.target_id) for o in there.plan().operations] == [(Action.LINK, "t1")]


@pytest.mark.parametrize("ownership", ["recorded", "all"])
@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("a\u200bda@contoso.example", "EntryConflict", id="looks like another"),
        pytest.param("x\u200b@contoso.example", "UnprocessableEntity", id="is flawed"),
        pytest.param("eve@contoso.example", "DuplicateSourceEntries", id="is another's"),
        pytest.param("", "ImportSkipped", id="is missing"),
    ],
)
def test_ruling_5_who_has_no_name_of_their_own_loses_neither_role_nor_membership(
    name: str, code: str, ownership: str
) -> None:
    mappings = {"users": [USER_MAPPINGS[0], EXTERNAL, *REST], "groups": GROUP_MAPPINGS}
    people = [person("ada"), person("eve"), person("bob", jobTitle="Boss")]
    there = settled(*people, mappings=mappings, ownership=ownership)
    bob = person("bob", userPrincipalName=name, accountEnabled="true")

    there.becomes([person("ada"), person("eve"), bob], [group("g-staff", "Staff", "ada", "eve")])
    assigned = [{"group": "g-staff", "role": "User"}, {"user": "bob", "role": "User"}]
    there.becomes(assignments=assigned)
    plan = there.plan()

    assert told_of_users(plan) == []
    assert codes(plan)["bob"] == code
    assert not [o for o in plan.operations if o.action is Action.REMOVE_MEMBERS]


def test_the_plan_says_whom_a_new_person_looks_like() -> None:
    there = settled(person("ada"))
    there.becomes([person("ada"), person("new", userPrincipalName=CYRILLIC)])

    plan = there.plan()

    assert told_of_users(plan) == []
    (skipped,) = plan.skipped
    assert skipped.detail == (
        f"userName {CYRILLIC} looks like that of account {there.account_of('ada')}, "
        "ada@contoso.example (but for U+0430)"
    )


def test_a_group_that_looks_like_another_is_not_created() -> None:
    groups = [group("g-staff", "Staff", "ada")]
    there = settled(person("ada"), groups=groups)
    twin = group("g-2", "St\u0430ff", "ada")
    there.becomes([person("ada")], [*groups, twin])
    there.becomes(assignments=[{"group": "g-staff", "role": "User"}, {"group": "g-2"}])

    plan = there.plan()

    assert codes(plan) == {"g-2": "EntryConflict"}
    assert not [o for o in of(plan, Action.CREATE) if o.resource_type is ResourceType.GROUP]


def test_a_hidden_user_name_is_not_in_the_plan_of_who_looks_like_another() -> None:
    mappings = {
        "users": [
            {"target": "userName", "expression": "Redact([userPrincipalName])", "match": 1},
            EXTERNAL,
            *REST,
        ]
    }
    there = World(
        application(mappings=mappings), directory([person("x", userPrincipalName=CYRILLIC)])
    )
    there.target.add_user("t1", "ada@contoso.example")

    plan = there.plan()

    assert [(s.code, s.detail) for s in plan.skipped] == [
        ("EntryConflict", "userName [Redact] looks like that of account t1")
    ]


def test_protected_is_who_is_named_and_not_who_folds_together() -> None:
    """`safety.protected` names straße; taking something from strasse is another matter."""
    there = settled(
        person("a", userPrincipalName="strasse@contoso.example"),
        safety={"protected": ["straße@contoso.example"]},
    )
    there.becomes(
        [person("a", accountEnabled="false", userPrincipalName="strasse@contoso.example")]
    )

    assert not next(v for v in there.plan().guards if v.id == "protected").blocked
