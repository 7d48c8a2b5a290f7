"""App roles and assignments of Entra as those of the file."""

from typing import Any

import pytest

from reconciler.config import AppRole, Assignment
from reconciler.diagnostics import ConfigError
from reconciler.interchange.entra import Given, Imported
from reconciler.interchange.entra.people import NO_ROLE
from tests.entra import Json, application_in, imported, said, schema

ADMIN = {"id": "r-1", "value": "admin", "displayName": "Administrator", "isEnabled": True}
USER = {"id": "r-2", "value": "user", "displayName": "User", "allowedMemberTypes": ["User"]}


def assigned(principal: str = "p-1", role: str | None = "r-2", **keys: Any) -> Json:
    return {"principalId": principal, "principalType": "User", "appRoleId": role, **keys}


def taken(assignments: Any, roles: Any = None) -> Imported:
    """Import a schema with assignments, and perhaps roles."""
    principal = None if roles is None else Given("sp.json", {"appRoles": roles})
    return imported(schema(), assignments=Given("people.json", assignments), roles=principal)


def told(made: Imported, words: str) -> bool:
    return any(words in str(finding) for finding in made.findings)


def test_people_and_groups_are_assigned_by_objectid_with_their_names_as_comments() -> None:
    group = assigned("g-1", "r-1", principalType="Group", principalDisplayName="Sales")
    made = taken({"value": [assigned(), group]}, [ADMIN, USER])

    application = application_in(made.text)
    assert application.assignments == (
        Assignment(user="p-1", role="User"),
        Assignment(group="g-1", role="Administrator"),
    )
    assert application.roles == (
        AppRole(name="Administrator", value="admin"),
        AppRole(name="User", value="user"),
    )
    assert application.scope == "assigned"
    assert application.default_access == "exclude"
    assert "role: Administrator}  # Sales" in made.text
    assert "groups: groups.yaml" in said(made.text)


@pytest.mark.parametrize("role", [NO_ROLE, None])
def test_an_assignment_without_a_role_counts(role: str | None) -> None:
    made = taken([assigned(role=role)])

    application = application_in(made.text)
    assert application.assignments == (Assignment(user="p-1"),)
    assert application.default_access == "include"


@pytest.mark.parametrize("roles", [None, [ADMIN]])
def test_an_unknown_role_takes_nobody_out(roles: list[Json] | None) -> None:
    made = taken([assigned(role="r-9")], roles)

    application = application_in(made.text)
    assert application.assignments == (Assignment(user="p-1"),)
    assert application.default_access == "include"
    assert told(made, "role r-9: not known, so who has it is without a role here: 1")
    assert made.held == ("some assignments have a role that is not known",)


def test_an_unknown_role_is_told_once_for_all_who_have_it() -> None:
    made = taken([assigned(f"p-{number}", "r-9") for number in range(3)])

    assert [str(each) for each in made.findings if "not known" in str(each)] == [
        "role r-9: not known, so who has it is without a role here: 3 (use --roles)"
    ]
    assert made.text.count("# role r-9 is not known") == 3


def test_ids_of_roles_are_the_same_in_any_case() -> None:
    """They are GUIDs, and tools differ in how they write them."""
    made = taken([assigned(role="R-2")], [USER])

    assert application_in(made.text).assignments == (Assignment(user="p-1", role="User"),)
    assert made.held == ()


def test_an_assignment_without_a_role_is_a_choice_that_is_listed() -> None:
    assert told(taken([assigned(role=None)]), "default_access: who is assigned without a role")


@pytest.mark.parametrize("kind", ["user", "USER"])
def test_a_principal_is_a_person_in_any_case(kind: str) -> None:
    made = taken([assigned(principalType=kind)], [USER])

    assert application_in(made.text).assignments == (Assignment(user="p-1", role="User"),)


def test_a_principal_of_an_unknown_kind_switches_off() -> None:
    made = taken([assigned(), assigned("d-1", principalType="Device")], [USER])

    assert made.held == ("a Device is assigned, and nobody knows what that is",)


def test_a_program_is_not_assigned() -> None:
    made = taken([assigned(), assigned("sp-1", principalType="ServicePrincipal")], [USER])

    assert len(application_in(made.text).assignments or ()) == 1
    assert told(made, "$[1]: a ServicePrincipal is assigned")
    assert made.held == ()


def test_an_assignment_that_is_there_twice_is_there_once() -> None:
    made = taken([assigned(), assigned()], [USER])

    assert len(application_in(made.text).assignments or ()) == 1
    assert told(made, "$[1]: the same assignment is there already")


def test_with_nobody_assigned_nothing_is_done() -> None:
    application = application_in(taken({"value": []}).text)

    assert (application.scope, application.enabled) == ("all", False)


def test_without_assignments_everybody_in_the_source_is_meant() -> None:
    made = imported(schema())

    application = application_in(made.text)
    assert (application.scope, application.enabled) == ("all", False)
    assert made.held == ("no --assignments: everybody in the source is meant",)
    assert "scope: all  # TODO" in made.text


@pytest.mark.parametrize(
    ("role", "wanted", "words"),
    [
        ({"value": "x", "displayName": "X", "isEnabled": False}, None, "the role is disabled"),
        ({"value": "x", "allowedMemberTypes": ["Application"]}, None, "the role is for programs"),
        ({"value": None, "displayName": "X"}, ("X", "X"), "its name is sent"),
        ({"value": "x", "displayName": ""}, ("x", "x"), "called  in Entra"),
        ({"value": "x", "displayName": "Default Access"}, ("Default Access (2)", "x"), "called D"),
        ({"value": "x", "displayName": "user"}, ("user (2)", "x"), "called user in Entra"),
        ({"value": "user", "displayName": "Member"}, None, "has the same value"),
    ],
)
def test_a_role_that_is_special(role: Json, wanted: tuple[str, str] | None, words: str) -> None:
    made = taken([assigned()], [USER, {"id": "r-3", **role}])

    (_, *others) = application_in(made.text).roles
    assert [(one.name, one.value) for one in others] == ([] if wanted is None else [wanted])
    assert told(made, words)


def test_a_disabled_role_that_somebody_has_stays() -> None:
    made = taken([assigned(role="r-3")], [{"id": "r-3", "value": "x", "isEnabled": False}])

    assert application_in(made.text).assignments == (Assignment(user="p-1", role="x"),)
    assert told(made, "disabled in Entra, and somebody has it")


def test_roles_with_the_same_value_are_one() -> None:
    twin = {"id": "r-3", "value": "user", "displayName": "Member"}
    made = taken([assigned(role="r-3")], [USER, twin])

    assert application_in(made.text).assignments == (Assignment(user="p-1", role="User"),)


def test_a_role_that_our_format_cannot_name_keeps_the_assignment() -> None:
    made = taken([assigned(role="r-3")], [{"id": "r-3", "value": "x" * 300}])

    application = application_in(made.text)
    assert application.assignments == (Assignment(user="p-1"),)
    assert application.default_access == "include"
    assert made.held == ("a `role` could not be taken over",)


def test_one_of_several_assignments_that_cannot_be_said_switches_off() -> None:
    made = taken([assigned("p" * 300), assigned()], [USER])

    assert application_in(made.text).assignments == (Assignment(user="p-1", role="User"),)
    assert "an assignment is left out" in made.held


def test_without_an_assignment_that_can_be_said_everybody_is_meant_and_it_is_off() -> None:
    made = taken([assigned("p" * 300)], [USER])

    application = application_in(made.text)
    assert (application.scope, application.enabled) == ("all", False)
    assert application.assignments is None
    assert "no assignment could be taken over" in made.held


def test_the_name_of_the_application_is_that_of_the_service_principal() -> None:
    roles = Given("sp.json", {"value": [{"displayName": "Contoso CRM", "appRoles": []}]})

    assert application_in(imported(schema(), roles=roles).text).display_name == "Contoso CRM"


def test_a_name_that_is_too_long_is_no_name() -> None:
    roles = Given("sp.json", {"displayName": "x" * 300, "appRoles": []})

    assert application_in(imported(schema(), roles=roles).text).display_name is None


@pytest.mark.parametrize(
    ("assignments", "words"),
    [
        ({"value": [], "@odata.nextLink": "https://…"}, "there are more pages"),
        ({}, "$ must be a list of assignments"),
        ("x", "$ must be a list of assignments"),
        ([1], "$[0] must be an object, not a number"),
        ([{}], "$[0] has no `principalId`"),
        ([assigned(principalType=None)], "$[0] has no `principalType`"),
        ({"value": [assigned(principalId=5)]}, "$.value[0].principalId must be text, not a number"),
        ([{"PrincipalId": "p"}], "$[0].PrincipalId is called `principalId` in what Graph answers"),
    ],
)
def test_what_is_no_list_of_assignments_is_refused(assignments: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=r"people\.json") as raised:
        taken(assignments)

    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ([], "$ must be an object, not a list"),
        ({"value": []}, "$.value must be a list of one service principal"),
        ({"appRoles": {}}, "$.appRoles must be a list, not an object"),
        ({"appRoles": [{"isEnabled": "yes"}]}, "$.appRoles[0].isEnabled must be true or false"),
        ({"appRoles": [{"allowedMemberTypes": [1]}]}, "Types[0] must be text, not a number"),
        ({"value": [ADMIN]}, "$ has no `appRoles`"),
    ],
)
def test_what_is_no_service_principal_is_refused(roles: Any, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        imported(schema(), roles=Given("sp.json", roles))

    assert words in str(raised.value)
