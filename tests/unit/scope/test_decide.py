from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from reconciler.config.model import Application, Assignment, Clause, ScopingFilter, ScopingFilters
from reconciler.diagnostics import ConfigError, Position
from reconciler.directory import Directory, SourceGroup, Subject
from reconciler.scope import Cause, Decision, Scope

TODAY = date(2026, 11, 1)
PAST = date(2026, 9, 30)
FUTURE = date(2027, 1, 31)

MakeApplication = Callable[..., Application]
MakeDirectory = Callable[..., Directory]


def assign(**fields: Any) -> Assignment:
    """Make an assignment; the file writes days as text."""
    expires = fields.get("expires")
    return Assignment(**{**fields, "expires": expires.isoformat() if expires else None})


EMPLOYEES = ScopingFilter(
    title="Employees",
    clauses=(Clause(attribute="type", operator="EQUALS", value="Employee"),),
)
INTERNS = ScopingFilter(
    title="Interns", clauses=(Clause(attribute="type", operator="EQUALS", value="Intern"),)
)


def decide(application: Application, directory: Directory, anchor: str) -> Decision:
    return Scope(application, directory, TODAY).decide(directory.subjects[anchor])


@pytest.mark.parametrize(
    ("assignments", "cause", "reason", "roles"),
    [
        pytest.param(
            (assign(group="Sales", role="User"),),
            Cause.IN_SCOPE,
            "assigned User by group Sales",
            ["User"],
            id="by a group",
        ),
        pytest.param(
            (assign(user="ada", role="Administrator"),),
            Cause.IN_SCOPE,
            "assigned Administrator directly",
            ["Administrator"],
            id="directly",
        ),
        pytest.param(
            (assign(group="Sales", role="User"), assign(user="ada", role="Editor")),
            Cause.IN_SCOPE,
            "assigned Editor directly",
            ["Editor", "User"],
            id="the strongest role decides the reason",
        ),
        pytest.param(
            (
                assign(group="Sales", role="User"),
                assign(user="ada", role="Editor", expires=PAST),
            ),
            Cause.IN_SCOPE,
            "assigned User by group Sales",
            ["User"],
            id="an expired role is none",
        ),
        pytest.param(
            (assign(group="Sales", role="User", expires=FUTURE),),
            Cause.IN_SCOPE,
            "assigned User by group Sales",
            ["User"],
            id="not yet expired",
        ),
        pytest.param((), Cause.UNASSIGNED, "not assigned", [], id="unassigned"),
        pytest.param(
            (
                assign(group="Sales", role="User", expires=date(2026, 6, 30)),
                assign(group="Everyone", role="User", expires=PAST),
            ),
            Cause.EXPIRED,
            "assignment by group Everyone expired on 2026-09-30",
            [],
            id="expired, the last one named",
        ),
        pytest.param(
            (assign(user="ada", role="User", expires=PAST),),
            Cause.EXPIRED,
            "direct assignment expired on 2026-09-30",
            [],
            id="a direct assignment expired",
        ),
        pytest.param(
            (assign(group="Everyone"),),
            Cause.DEFAULT_ACCESS_ONLY,
            "only role is Default Access",
            [],
            id="Default Access only",
        ),
        pytest.param(
            (assign(group="Everyone"), assign(user="ada", role="User", expires=PAST)),
            Cause.DEFAULT_ACCESS_ONLY,
            "only role is Default Access",
            [],
            id="Default Access is what is left",
        ),
    ],
)
def test_assignments_decide_who_is_in_scope(
    application: MakeApplication,
    directory: MakeDirectory,
    assignments: tuple[Assignment, ...],
    cause: Cause,
    reason: str,
    roles: list[str],
) -> None:
    source = directory("ada", Sales="ada", Everyone="ada")

    decision = decide(application(assignments=assignments or None), source, "ada")

    assert (decision.cause, decision.reason) == (cause, reason)
    assert [role.name for role in decision.roles] == roles
    assert decision.assigned is (cause is not Cause.UNASSIGNED)


def test_default_access_can_be_included(
    application: MakeApplication, directory: MakeDirectory
) -> None:
    app = application(assignments=(assign(group="Everyone"),), default_access="include")

    decision = decide(app, directory("ada", Everyone="ada"), "ada")

    assert decision == Decision(
        Cause.IN_SCOPE, (), "assigned Default Access by group Everyone", assigned=True
    )


@pytest.mark.parametrize(
    ("anchor", "reason", "roles"),
    [
        ("ada", "assigned User by group Sales", ["User"]),
        ("bob", "all users and groups are in scope", []),
        ("cyd", "all users and groups are in scope", []),
    ],
)
def test_scope_all_takes_everybody_and_assignments_still_give_roles(
    application: MakeApplication,
    directory: MakeDirectory,
    anchor: str,
    reason: str,
    roles: list[str],
) -> None:
    assignments = (assign(group="Sales", role="User"), assign(group="Everyone"))
    source = directory("ada bob cyd", Sales="ada", Everyone="bob")

    decision = decide(application(scope="all", assignments=assignments), source, anchor)

    assert (decision.cause, decision.reason) == (Cause.IN_SCOPE, reason)
    assert [role.name for role in decision.roles] == roles
    assert decision.assigned


@pytest.mark.parametrize("scope", ["assigned", "all"])
@pytest.mark.parametrize(
    ("filters", "cause", "reason"),
    [
        ((INTERNS, EMPLOYEES), Cause.IN_SCOPE, "assigned User directly"),
        ((INTERNS,), Cause.FILTERED_OUT, "outside scoping filter Interns"),
        ((INTERNS, INTERNS), Cause.FILTERED_OUT, "outside scoping filters Interns, Interns"),
    ],
)
def test_scoping_filters_apply_on_top_of_either_scope(
    application: MakeApplication,
    scope: str,
    filters: tuple[ScopingFilter, ...],
    cause: Cause,
    reason: str,
) -> None:
    app = application(
        scope=scope,
        assignments=(assign(user="ada", role="User"),),
        scoping_filters=ScopingFilters(users=filters),
    )
    source = Directory({"ada": Subject("ada", {"type": "Employee"})})

    decision = decide(app, source, "ada")

    assert (decision.cause, decision.reason) == (cause, reason)
    assert [role.name for role in decision.roles] == ["User"]


def test_who_is_not_assigned_is_not_filtered_out(
    application: MakeApplication, directory: MakeDirectory
) -> None:
    app = application(scoping_filters=ScopingFilters(users=(INTERNS,)))

    assert decide(app, directory("ada"), "ada").cause is Cause.UNASSIGNED


@pytest.mark.parametrize(
    ("scope", "name", "cause", "reason"),
    [
        ("assigned", "Sales", Cause.IN_SCOPE, "assigned User directly"),
        ("assigned", "Everyone", Cause.IN_SCOPE, "assigned Default Access directly"),
        ("assigned", "Old", Cause.EXPIRED, "direct assignment expired on 2026-09-30"),
        ("assigned", "Other", Cause.UNASSIGNED, "not assigned"),
        ("assigned", "Dynamic", Cause.FILTERED_OUT, "outside scoping filter Static"),
        ("all", "Sales", Cause.IN_SCOPE, "assigned User directly"),
        ("all", "Other", Cause.IN_SCOPE, "all users and groups are in scope"),
        ("all", "Dynamic", Cause.FILTERED_OUT, "outside scoping filter Static"),
    ],
)
def test_ruling_12_assigned_groups_are_in_scope_and_with_all_those_that_pass_the_filters(
    application: MakeApplication, scope: str, name: str, cause: Cause, reason: str
) -> None:
    kinds = dict.fromkeys(("Sales", "Everyone", "Old", "Other"), "static") | {"Dynamic": "dynamic"}
    source = Directory(
        {}, {n: SourceGroup(n, n, (), {"groupType": kind}) for n, kind in kinds.items()}
    )
    static = Clause(attribute="groupType", operator="EQUALS", value="static")
    app = application(
        scope=scope,
        assignments=(
            assign(group="Sales", role="User"),
            assign(group="Everyone"),
            assign(group="Old", role="User", expires=PAST),
            assign(group="Dynamic", role="User"),
        ),
        scoping_filters=ScopingFilters(groups=(ScopingFilter(title="Static", clauses=(static,)),)),
    )

    decision = Scope(app, source, TODAY).decide_group(source.groups[name])

    assert (decision.cause, decision.reason) == (cause, reason)


def _located(loc: tuple[str | int, ...]) -> Position:
    return Position(".".join(map(str, loc)), 1, 1)


def test_every_problem_with_assignments_and_filters_is_raised_at_once(
    application: MakeApplication,
) -> None:
    app = application(
        assignments=(assign(group="Nobody"), assign(user="eve")),
        scoping_filters=ScopingFilters(users=(EMPLOYEES,)),
    )
    source = Directory({"ada": Subject("ada", {"type": ("Employee", "Intern")})})

    with pytest.raises(ConfigError) as caught:
        Scope(app, source, TODAY, _located)

    assert [(d.code, str(d.position)) for d in caught.value.diagnostics] == [
        ("unknown-group", "assignments.0.group:1:1"),
        ("unknown-user", "assignments.1.user:1:1"),
        ("multi-valued-attribute", "scoping_filters.users.0.clauses.0.attribute:1:1"),
    ]


def test_warnings_stop_nothing(application: MakeApplication, directory: MakeDirectory) -> None:
    app = application(
        assignments=(assign(user="eve"), assign(user="ada", role="User")),
        scoping_filters=ScopingFilters(users=(EMPLOYEES,)),
    )

    scope = Scope(app, directory("ada"), TODAY)

    assert [warning.code for warning in scope.warnings] == ["unknown-user", "unknown-attribute"]
