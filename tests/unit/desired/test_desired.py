"""Rulings 5 and 6: one standing for everybody and every group of the source."""

from datetime import timedelta
from typing import Any

import pytest

from reconciler.desired import Judge
from reconciler.diagnostics import ConfigError
from reconciler.directory import SourceGroup, Subject
from reconciler.expr import RoleGrant
from reconciler.scim.schema import CORE
from reconciler.shapes import MappingError
from reconciler.states import Candidate, ReferenceTo, Standing
from tests.worlds import (
    AS_OF,
    ENTERPRISE,
    GROUP_MAPPINGS,
    MIDNIGHT,
    ROLES,
    USER_MAPPINGS,
    application,
    directory,
    group,
    person,
)

STAFF = {"group": "Staff", "role": "User"}


def judge(*people: Subject, groups: list[SourceGroup] | None = None, **changes: Any) -> Judge:
    """Return who judges a small source."""
    return Judge(application(**changes), directory(people, groups), MIDNIGHT, CORE)


def judged(subject: Subject, *, assigned: bool = True, **changes: Any) -> Candidate:
    """Return what becomes of one person."""
    members = (subject.anchor,) if assigned else ()
    someone = judge(subject, groups=[group("g-staff", "Staff", *members)], **changes)
    return someone.state().users[0]


# standing, in the order in which it is decided

YESTERDAY = str(AS_OF - timedelta(days=1))


@pytest.mark.parametrize(
    ("cells", "assigned", "standing"),
    [
        pytest.param({}, True, Standing.WANTED, id="wanted"),
        pytest.param({}, False, Standing.LEAVES_SCOPE, id="unassigned"),
        pytest.param({"accountEnabled": "false"}, True, Standing.DISABLED, id="disabled"),
        pytest.param(
            {"accountEnabled": "false"}, False, Standing.LEAVES_SCOPE, id="disabled, unassigned"
        ),
        pytest.param({"isDeleted": "true"}, True, Standing.DELETED, id="soft-deleted, assigned"),
        pytest.param({"isDeleted": "true"}, False, Standing.DELETED, id="soft-deleted, unassigned"),
        pytest.param(
            {"isDeleted": "true", "accountEnabled": "false"},
            True,
            Standing.DELETED,
            id="soft-deleted and disabled",
        ),
    ],
)
def test_ruling_6_standing(cells: dict[str, str], assigned: bool, standing: Standing) -> None:
    assert judged(person("ada", **cells), assigned=assigned).standing is standing


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"assignments": [{"user": "ada", "role": "User", "expires": YESTERDAY}]}, id="expired"
        ),
        pytest.param({"assignments": [{"user": "ada"}]}, id="Default Access only"),
        pytest.param(
            {
                "assignments": [{"user": "ada", "role": "User"}],
                "scoping_filters": {
                    "users": [
                        {
                            "title": "T",
                            "clauses": [{"attribute": "x", "operator": "IS NOT NULL"}],
                        }
                    ]
                },
            },
            id="filtered out",
        ),
    ],
)
def test_ruling_6_other_ways_to_leave_the_scope(changes: dict[str, Any]) -> None:
    found = judged(person("ada"), **changes)

    assert (found.standing, found.assigned) == (Standing.LEAVES_SCOPE, True)
    assert found.desired is None
    assert found.disabling == {"active": False}


def test_who_is_wanted_has_everything_a_create_and_an_update_write() -> None:
    found = judged(person("ada", manager="bob"))

    role = 'roles[primary eq "True"].value'
    managed = {
        "userName": "ada@contoso.example",
        "externalId": "ada",
        "active": True,
        "displayName": "Ada",
        role: "user",
        f"{ENTERPRISE}:manager": ReferenceTo("bob"),
    }
    assert found.desired is not None
    assert found.desired.managed == managed
    assert found.desired.created == {**managed, "title": "Employee"}
    assert (found.code, found.reason) == (None, "assigned User by group Staff")


@pytest.mark.parametrize("cells", [{"accountEnabled": "false"}, {"isDeleted": "true"}])
def test_who_leaves_is_skipped_under_entras_name(cells: dict[str, str]) -> None:
    found = judged(person("ada", **cells))

    assert found.code == "NotEffectivelyEntitled"
    assert "at the source" in found.reason


# skipped


@pytest.mark.parametrize(
    ("user_name", "skipped"),
    [
        ("ada@contoso.example", False),
        ("ada@CONTOSO.example", False),
        ("ada@fabrikam.example", True),
        ("ada@contoso.example.evil.example", True),
        ("ada", True),
        ("", False),
    ],
)
def test_ruling_5_a_domain_that_is_not_registered_is_skipped(user_name: str, skipped: bool) -> None:
    found = judged(
        person("ada", userPrincipalName=user_name), registered_domains=["contoso.example"]
    )

    assert (found.standing is Standing.SKIPPED) is skipped
    assert found.code == ("InvalidDomain" if skipped else None)


def test_the_domain_is_judged_as_it_will_be_written() -> None:
    name = {
        "target": "userName",
        "expression": 'Join("@", [mailNickname], "contoso.example")',
        "match": 1,
    }
    found = judged(
        person("ada", userPrincipalName="ada@fabrikam.example", mailNickname="ada"),
        registered_domains=["contoso.example"],
        mappings={"users": [name, *USER_MAPPINGS[1:]]},
    )

    assert (found.standing, found.key) == (Standing.WANTED, "ada@contoso.example")


def test_ruling_5_a_leaver_of_another_domain_still_leaves() -> None:
    found = judged(
        person("ada", userPrincipalName="ada@fabrikam.example"),
        assigned=False,
        registered_domains=["contoso.example"],
    )

    assert found.standing is Standing.LEAVES_SCOPE


FAILING = {"target": "nickName", "expression": 'IIF([x]="1", "a", "b")'}
FAILING_ACTIVE = {"target": "active", "expression": 'IIF([x]="1", Not([IsSoftDeleted]), "True")'}


@pytest.mark.parametrize(
    ("users", "assigned", "standing"),
    [
        pytest.param([*USER_MAPPINGS, FAILING], True, Standing.SKIPPED, id="wanted"),
        pytest.param([*USER_MAPPINGS, FAILING], False, Standing.LEAVES_SCOPE, id="not needed"),
        pytest.param(
            [*USER_MAPPINGS[:2], FAILING_ACTIVE], False, Standing.SKIPPED, id="needed to leave"
        ),
    ],
)
def test_ruling_5_a_failing_expression_skips_whom_it_is_needed_for(
    users: list[dict[str, Any]], assigned: bool, standing: Standing
) -> None:
    found = judged(person("ada"), assigned=assigned, mappings={"users": users})

    assert found.standing is standing
    if standing is Standing.SKIPPED:
        assert found.code == "EntrySynchronizationSkipped"
        assert found.reason.startswith(str(users[-1]["target"]))


# who somebody is

BY_ID = [{**USER_MAPPINGS[0], "match": 2}, {**USER_MAPPINGS[1], "match": 1}, *USER_MAPPINGS[2:]]


@pytest.mark.parametrize(
    ("users", "cells", "key"),
    [
        pytest.param(USER_MAPPINGS, {}, "ada@contoso.example", id="matched by name"),
        pytest.param(BY_ID, {}, "ada@contoso.example", id="matched by id"),
        pytest.param(USER_MAPPINGS, {"userPrincipalName": ""}, "ada", id="without a name"),
        pytest.param(
            [{**USER_MAPPINGS[0], "match": 1}, *USER_MAPPINGS[2:]],
            {"userPrincipalName": ""},
            "ada",
            id="without anything",
        ),
        pytest.param(
            [{**USER_MAPPINGS[1], "match": 1}, *USER_MAPPINGS[2:]], {}, "ada", id="no name mapped"
        ),
    ],
)
def test_a_reader_knows_people_by_the_user_name_that_will_be_written(
    users: list[dict[str, Any]], cells: dict[str, str], key: str
) -> None:
    assert judged(person("ada", **cells), mappings={"users": users}).key == key


def test_a_reader_knows_groups_by_their_display_name() -> None:
    by_id = [
        {**GROUP_MAPPINGS[0], "match": None},
        {**GROUP_MAPPINGS[1], "match": 1},
        GROUP_MAPPINGS[2],
    ]
    state = judge(mappings={"users": USER_MAPPINGS, "groups": by_id}).state()

    assert [candidate.key for candidate in state.groups or ()] == ["Staff"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            {"target": "externalId", "source": "objectId", "match": 2}, "ada", id="matched"
        ),
        pytest.param({"target": "externalId", "source": "badge"}, "7", id="mapped"),
        pytest.param({"target": "externalId", "source": "none"}, None, id="mapped to nothing"),
        pytest.param(
            {"target": "externalId", "expression": FAILING["expression"]}, None, id="failing"
        ),
        pytest.param(None, "ada", id="not mapped"),
    ],
)
def test_an_account_is_known_to_be_theirs_by_its_external_id(
    line: dict[str, Any] | None, expected: str | None
) -> None:
    users = [USER_MAPPINGS[0], *([line] if line else []), *USER_MAPPINGS[2:]]

    found = judged(person("ada", badge="7"), mappings={"users": users})

    assert found.external_id == expected


# roles


def test_ruling_13_the_roles_of_several_assignments_come_strongest_first() -> None:
    someone = judge(person("ada"), assignments=[STAFF, {"user": "ada", "role": "Administrator"}])
    subject = someone.directory.subjects["ada"]

    seen = someone.attributes(subject, someone.scope.decide(subject), Standing.WANTED)

    assert seen["appRoleAssignments"] == tuple(
        RoleGrant(str(role["value"]), str(role["name"])) for role in ROLES
    )
    assert seen["IsSoftDeleted"] == "False"


# groups


def test_a_group_is_wanted_with_its_members() -> None:
    [found] = judge(person("ada")).state().groups or ()

    assert (found.standing, found.key) == (Standing.WANTED, "Staff")
    assert found.desired is not None
    assert found.desired.members == ("ada",)


OPENED = {
    "users": USER_MAPPINGS,
    "groups": [*GROUP_MAPPINGS[:2], {**GROUP_MAPPINGS[2], "nested": "expand"}],
}


def test_groups_in_groups_are_members_unless_they_are_opened() -> None:
    groups = [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team", "bob", "g-staff")]
    people = (person("ada"), person("bob"))

    kept = judge(*people, groups=groups).state()
    opened = judge(*people, groups=groups, mappings=OPENED).state()

    [staff, _] = kept.groups or ()
    assert staff.desired is not None
    assert staff.desired.members == ("ada", "g-team")
    assert kept.circles == ()
    [staff, _] = opened.groups or ()
    assert staff.desired is not None
    assert staff.desired.members == ("ada", "bob")
    assert opened.circles == (("Staff", "Team"),)


def test_a_circle_of_groups_that_nobody_is_provisioned_from_is_not_told_of() -> None:
    ring = [group("g-1", "One", "g-2"), group("g-2", "Two", "g-1")]
    groups = [group("g-staff", "Staff", "ada"), *ring]

    assert judge(person("ada"), groups=groups, mappings=OPENED).state().circles == ()


def test_opening_a_group_assigns_nobody() -> None:
    """An assignment reaches direct members only (entra.md, section 1.8)."""
    groups = [group("g-staff", "Staff", "ada", "g-team"), group("g-team", "Team", "bob")]
    state = judge(person("ada"), person("bob"), groups=groups, mappings=OPENED).state()

    assert [user.standing for user in state.users] == [Standing.WANTED, Standing.LEAVES_SCOPE]


def test_a_group_that_is_not_assigned_leaves_the_scope() -> None:
    groups = [group("g-staff", "Staff"), group("g-team", "Team")]
    _, found = judge(groups=groups).state().groups or ()

    assert (found.standing, found.desired, found.assigned) == (Standing.LEAVES_SCOPE, None, False)


def test_ruling_5_a_group_that_cannot_be_worked_out_is_skipped() -> None:
    groups = [*GROUP_MAPPINGS, {"target": "externalId", "expression": FAILING["expression"]}]
    groups.pop(1)
    [found] = judge(mappings={"users": USER_MAPPINGS, "groups": groups}).state().groups or ()

    assert (found.standing, found.code) == (Standing.SKIPPED, "EntrySynchronizationSkipped")


def test_without_a_mapping_of_members_they_are_not_managed() -> None:
    mappings = {"users": USER_MAPPINGS, "groups": GROUP_MAPPINGS[:2]}
    [found] = judge(person("ada"), mappings=mappings).state().groups or ()

    assert found.desired is not None
    assert found.desired.members is None


def test_without_group_mappings_there_are_no_groups() -> None:
    someone = judge(person("ada"), mappings={"users": USER_MAPPINGS})

    assert someone.state().groups is None
    with pytest.raises(MappingError, match="groups are not mapped"):
        someone.group(someone.directory.groups["g-staff"])


# the whole


def test_everybody_is_judged_once_in_the_order_of_the_source() -> None:
    state = judge(*(person(name) for name in "cab")).state()

    assert [candidate.source_id for candidate in state.users] == ["c", "a", "b"]


def test_an_assignment_to_an_unknown_group_is_an_error() -> None:
    with pytest.raises(ConfigError, match="Nowhere"):
        judge(assignments=[{"group": "Nowhere", "role": "User"}])


def test_ruling_6_what_disables_the_gone_is_known_once_for_all() -> None:
    assert judge().state().disabling_the_gone == {"active": False}


# what many people share is worked out once


def test_a_list_among_texts_that_are_copied_changes_nothing_else() -> None:
    ada = person("ada")
    listed = Subject("ada", {**ada.attributes, "displayName": ("Ada",), "jobTitle": ()})

    assert judged(listed) == judged(ada)


def test_who_shares_a_decision_can_still_be_of_another_standing() -> None:
    people = (person("ada"), person("bob", accountEnabled="false"), person("eve", isDeleted="true"))

    found = judge(*people).state().users

    standings = [Standing.WANTED, Standing.DISABLED, Standing.DELETED]
    assert [one.standing for one in found] == standings
    assert [one.disabling for one in found] == [{}, {"active": False}, {"active": False}]


def test_a_mapping_that_fails_for_everybody_skips_each_with_the_reason() -> None:
    failing = {"target": "title", "expression": 'IIF([IsSoftDeleted]="", "a", "b")'}
    also = {"target": "nickName", "expression": 'IIF([nobody]="x", "a", "b")'}
    lines = [*USER_MAPPINGS[:2], also, failing]

    for found in judge(person("ada"), person("bob"), mappings={"users": lines}).state().users:
        assert (found.standing, found.code) == (Standing.SKIPPED, "EntrySynchronizationSkipped")
        assert found.reason.startswith("nickName: ")
