from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from reconciler.config.model import Application, Assignment, Clause, ScopingFilter, ScopingFilters
from reconciler.directory import Directory, SourceGroup, Subject
from reconciler.scope import Scope

TODAY = date(2026, 11, 1)

MakeApplication = Callable[..., Application]


def assign(**fields: Any) -> Assignment:
    """Make an assignment; the file writes days as text."""
    expires = fields.get("expires")
    return Assignment(**{**fields, "expires": expires.isoformat() if expires else None})


EMPLOYEES = ScopingFilter(
    title="Employees",
    clauses=(
        Clause(attribute="type", operator="EQUALS", value="Employee"),
        Clause(attribute="department", operator="IS NOT NULL"),
        Clause(attribute="level", operator="Greater_Than", value=3),
    ),
)


def explain(application: Application, subject: Subject) -> dict[str, tuple[bool, str]]:
    group = SourceGroup("g", "Sales", ("ada",))
    scope = Scope(application, Directory({"ada": subject}, {"g": group}), TODAY)
    return {step.title: (step.holds, step.detail) for step in scope.explain(subject)}


def test_every_step_in_entras_words_and_order(application: MakeApplication) -> None:
    app = application(
        assignments=(
            assign(group="Sales", role="User", expires=date(2027, 1, 31)),
            assign(user="ada", role="Administrator"),
        ),
        scoping_filters=ScopingFilters(users=(EMPLOYEES,)),
    )
    subject = Subject("ada", {"type": "Employee", "level": "senior"})

    steps = explain(app, subject)

    assert list(steps.items()) == [
        ("Active in source", (True, "enabled and not deleted at the source")),
        (
            "Assigned to application",
            (True, "User by group Sales, valid through 2027-01-31; Administrator directly"),
        ),
        ("Scope", (True, "assigned users and groups only")),
        ("Role", (True, "Administrator (the strongest of Administrator, User)")),
        ("Employees type EQUALS Employee", (True, 'type is "Employee"')),
        ("Employees department IS NOT NULL", (False, "department is null")),
        (
            "Employees level Greater_Than 3",
            (False, 'level is "senior"; only integers are compared'),
        ),
        ("Scoping filters", (False, "outside scoping filter Employees")),
    ]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"enabled": False}, (False, "disabled at the source (accountEnabled is false)")),
        ({"deleted": True}, (False, "soft-deleted at the source (isDeleted is true)")),
    ],
)
def test_who_does_not_work_is_not_active(
    application: MakeApplication, state: dict[str, bool], expected: tuple[bool, str]
) -> None:
    steps = explain(application(), Subject("ada", {}, **state))

    assert steps["Active in source"] == expected


@pytest.mark.parametrize(
    ("fields", "title", "expected"),
    [
        pytest.param({}, "Assigned to application", (False, "not assigned"), id="unassigned"),
        pytest.param({}, "Scope", (False, "assigned users and groups only"), id="not in scope"),
        pytest.param({}, "Role", (False, "no role, because nothing assigns one"), id="no role"),
        pytest.param({}, "Scoping filters", (True, "none: everybody passes"), id="no filters"),
        pytest.param(
            {"scope": "all"},
            "Scope",
            (True, "all users and groups: no assignment is needed"),
            id="scope all",
        ),
        pytest.param(
            {"scope": "all"},
            "Role",
            (True, "no role; with `scope: all` none is needed"),
            id="no role with scope all",
        ),
        pytest.param(
            {"assignments": (assign(user="ada", role="User", expires=date(2026, 9, 30)),)},
            "Assigned to application",
            (False, "User directly, expired on 2026-09-30"),
            id="expired",
        ),
        pytest.param(
            {"assignments": (assign(group="Sales"),)},
            "Role",
            (False, "Default Access only, which is excluded"),
            id="Default Access excluded",
        ),
        pytest.param(
            {"assignments": (assign(group="Sales"),), "default_access": "include"},
            "Role",
            (True, "Default Access only, which is included"),
            id="Default Access included",
        ),
        pytest.param(
            {"assignments": (assign(group="Sales", role="User"),)},
            "Role",
            (True, "User"),
            id="one role",
        ),
    ],
)
def test_each_step_says_what_it_rests_on(
    application: MakeApplication, fields: dict[str, Any], title: str, expected: tuple[bool, str]
) -> None:
    assert explain(application(**fields), Subject("ada", {}))[title] == expected


def test_the_filters_that_let_pass_are_named(application: MakeApplication) -> None:
    some = ScopingFilter(title="Some", clauses=(Clause(attribute="type", operator="IS NOT NULL"),))
    app = application(scoping_filters=ScopingFilters(users=(EMPLOYEES, some)))

    steps = explain(app, Subject("ada", {"type": "Guest"}))

    assert steps["Scoping filters"] == (True, "passes Some")
