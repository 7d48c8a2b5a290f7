from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from reconciler.config.model import Application, Assignment
from reconciler.diagnostics import Diagnostic, Position
from reconciler.directory import Directory, SourceGroup, Subject
from reconciler.scope import Grant, expand

TODAY = date(2026, 11, 1)

MakeApplication = Callable[..., Application]
MakeDirectory = Callable[..., Directory]


def assign(**fields: Any) -> Assignment:
    """Make an assignment; the file writes days as text."""
    expires = fields.get("expires")
    return Assignment(**{**fields, "expires": expires.isoformat() if expires else None})


def test_people_are_assigned_directly_and_by_the_groups_they_are_in(
    application: MakeApplication, directory: MakeDirectory
) -> None:
    assignments = (
        assign(group="Sales", role="User"),
        assign(user="ada", role="Administrator"),
        assign(group="Everyone"),
    )
    source = directory("ada bob cyd dan", Sales="ada bob", Everyone="ada bob cyd")

    expansion = expand(application(assignments=assignments), source, TODAY)

    by_sales = Grant("User", "Sales", None, expired=False)
    by_everyone = Grant(None, "Everyone", None, expired=False)
    assert expansion.users == {
        "ada": (by_sales, Grant("Administrator", None, None, expired=False), by_everyone),
        "bob": (by_sales, by_everyone),
        "cyd": (by_everyone,),
    }
    assert expansion.groups == {
        "g-Sales": (Grant("User", None, None, expired=False),),
        "g-Everyone": (Grant(None, None, None, expired=False),),
    }
    assert (expansion.errors, expansion.warnings) == ((), ())


def test_nested_groups_are_not_expanded(
    application: MakeApplication, directory: MakeDirectory
) -> None:
    assignments = (assign(group="All", role="User"),)
    source = directory("ada bob", Sales="bob", All="ada g-Sales")

    expansion = expand(application(assignments=assignments), source, TODAY)

    assert list(expansion.users) == ["ada"]
    assert list(expansion.groups) == ["g-All"]


@pytest.mark.parametrize("name", ["ada", "Ada@contoso.example", "ADA@CONTOSO.example"])
def test_users_are_named_by_object_id_or_by_user_name_in_any_case(
    application: MakeApplication, directory: MakeDirectory, name: str
) -> None:
    expansion = expand(application(assignments=(assign(user=name),)), directory("ada bob"), TODAY)

    assert list(expansion.users) == ["ada"]


@pytest.mark.parametrize("name", ["Sales", "g-Sales"])
def test_groups_are_named_by_display_name_or_object_id(
    application: MakeApplication, directory: MakeDirectory, name: str
) -> None:
    expansion = expand(
        application(assignments=(assign(group=name),)),
        directory("ada", Sales="ada"),
        TODAY,
    )

    assert expansion.users["ada"] == (Grant(None, "Sales", None, expired=False),)


@pytest.mark.parametrize(
    ("expires", "expired"),
    [
        pytest.param(date(2026, 10, 31), True, id="yesterday"),
        pytest.param(date(2026, 11, 1), False, id="valid through that day"),
        pytest.param(date(2026, 11, 2), False, id="tomorrow"),
        pytest.param(None, False, id="never"),
    ],
)
def test_ruling_4_an_assignment_is_valid_through_its_last_day_of_the_plans_time(
    application: MakeApplication, directory: MakeDirectory, expires: date | None, expired: bool
) -> None:
    assignments = (assign(group="Sales", role="User", expires=expires),)

    expansion = expand(application(assignments=assignments), directory("ada", Sales="ada"), TODAY)

    assert expansion.users["ada"] == (Grant("User", "Sales", expires, expired=expired),)
    assert expansion.groups["g-Sales"][0].expired is expired


def test_people_with_the_same_grants_share_them(
    application: MakeApplication, directory: MakeDirectory
) -> None:
    assignments = (assign(group="A"), assign(group="B"))
    source = directory("ada bob", A="ada bob", B="bob ada")

    users = expand(application(assignments=assignments), source, TODAY).users

    assert users["ada"] is users["bob"]


def _located(loc: tuple[str | int, ...]) -> Position:
    return Position(".".join(map(str, loc)), 1, 1)


def test_ruling_3_an_unknown_user_is_a_warning(
    application: MakeApplication, directory: MakeDirectory
) -> None:
    assignments = (assign(user="ada"), assign(user="eve@contoso.example"))

    expansion = expand(application(assignments=assignments), directory("ada"), TODAY, _located)

    assert expansion.errors == ()
    assert list(expansion.users) == ["ada"]
    assert expansion.warnings == (
        Diagnostic(
            "unknown-user",
            'there is no user "eve@contoso.example" in the source; the assignment reaches nobody',
            Position("assignments.1.user", 1, 1),
            "name people by userPrincipalName or objectId",
            "warning",
        ),
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("sales", 'did you mean "Sales"?', id="nearly"),
        pytest.param("Zebra", "name it by displayName or objectId", id="nothing like it"),
    ],
)
def test_ruling_3_an_unknown_group_is_an_error(
    application: MakeApplication, directory: MakeDirectory, name: str, hint: str
) -> None:
    expansion = expand(
        application(assignments=(assign(group=name),)),
        directory("ada", Sales="ada"),
        TODAY,
        _located,
    )

    assert expansion.errors == (
        Diagnostic(
            "unknown-group",
            f'there is no group "{name}" in the source',
            Position("assignments.0.group", 1, 1),
            hint,
        ),
    )
    assert expansion.users == {}


def test_ruling_3_a_group_name_that_two_groups_have_is_an_error(
    application: MakeApplication,
) -> None:
    groups = {anchor: SourceGroup(anchor, "Sales", ("ada",)) for anchor in ("g1", "g2")}
    source = Directory({"ada": Subject("ada", {})}, groups)

    expansion = expand(application(assignments=(assign(group="Sales"),)), source, TODAY)

    (error,) = expansion.errors
    assert (error.code, error.message) == ("ambiguous-group", '"Sales" is the name of 2 groups')
    assert error.hint == "name one by objectId: g1, g2"
    assert expansion.users == {}


def test_a_user_name_that_two_people_have_is_an_error(application: MakeApplication) -> None:
    names = {"1": "ada@contoso.example", "2": "Ada@contoso.example", "3": None}
    source = Directory(
        {a: Subject(a, {"userPrincipalName": n} if n else {}) for a, n in names.items()}
    )

    expansion = expand(
        application(assignments=(assign(user="ADA@contoso.example"),)), source, TODAY
    )

    (error,) = expansion.errors
    assert (error.code, error.hint) == ("ambiguous-user", "name one by objectId: 1, 2")
    assert expansion.users == {}


def test_an_object_id_that_is_another_groups_name_is_ambiguous(
    application: MakeApplication,
) -> None:
    groups = {"a": SourceGroup("a", "b", ("ada",)), "b": SourceGroup("b", "x", ())}
    source = Directory({"ada": Subject("ada", {})}, groups)

    expansion = expand(application(assignments=(assign(group="b"),)), source, TODAY)

    assert expansion.errors[0].hint == "name one by objectId: b, a"


def test_no_assignments_reach_nobody(
    application: MakeApplication, directory: MakeDirectory
) -> None:
    expansion = expand(application(), directory("ada", Sales="ada"), TODAY)

    assert (expansion.users, expansion.groups) == ({}, {})
