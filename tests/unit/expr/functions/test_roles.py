"""The functions of app roles: which of them are yielded, and where they may stand."""

import pytest

from reconciler.expr import (
    EvaluationError,
    ExpressionError,
    RoleGrant,
    Value,
    compile_expression,
    parse,
)

ADMIN = RoleGrant("admin", "Administrator")
USER = RoleGrant("user", "User")
WHOLE = ("AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex")
ALL = ("AppRoleAssignments", *WHOLE, "SingleAppRoleAssignment")


def of_roles(function: str, grants: Value) -> Value:
    return compile_expression(parse(f"{function}([appRoleAssignments])"))(
        {"appRoleAssignments": grants}
    )


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        pytest.param((ADMIN, USER), ADMIN, id="strongest first"),
        pytest.param((USER,), USER, id="only one"),
        pytest.param((), None, id="none"),
        pytest.param(None, None, id="absent"),
        pytest.param(USER, USER, id="not even a list"),
        pytest.param(("user",), RoleGrant("user", "user"), id="typed on a command line"),
        pytest.param("rédacteur", RoleGrant("rédacteur", "rédacteur"), id="beyond ASCII"),
        pytest.param(("", USER), USER, id="empty text is none"),
        pytest.param("", None, id="empty text"),
    ],
)
def test_ruling_13_the_strongest_role_wins_where_one_is_wanted(
    grants: Value, expected: Value
) -> None:
    assert of_roles("SingleAppRoleAssignment", grants) == expected


@pytest.mark.parametrize("function", WHOLE)
@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        pytest.param((ADMIN, USER), (ADMIN, USER), id="strongest first"),
        pytest.param((USER,), (USER,), id="only one is a list too"),
        pytest.param(ADMIN, (ADMIN,), id="not even a list"),
        pytest.param((), None, id="none"),
        pytest.param(None, None, id="absent"),
        pytest.param(("rédacteur", ""), (RoleGrant("rédacteur", "rédacteur"),), id="typed"),
    ],
)
def test_all_roles_are_yielded_where_all_are_wanted(
    function: str, grants: Value, expected: Value
) -> None:
    assert of_roles(function, grants) == expected


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        pytest.param((ADMIN, USER), ("admin", "user"), id="strongest first"),
        pytest.param((USER,), ("user",), id="only one"),
        pytest.param(("rédacteur",), ("rédacteur",), id="typed"),
        pytest.param((), None, id="none"),
        pytest.param(None, None, id="absent"),
    ],
)
def test_the_values_of_all_roles(grants: Value, expected: Value) -> None:
    assert of_roles("AppRoleAssignments", grants) == expected


@pytest.mark.parametrize("function", ALL)
def test_what_is_no_role_is_refused(function: str) -> None:
    with pytest.raises(EvaluationError, match=f"{function}: .* no app role"):
        of_roles(function, (1,))


@pytest.mark.parametrize("function", WHOLE)
@pytest.mark.parametrize("argument", ["[roles]", '"admin"', "Coalesce([appRoleAssignments])"])
def test_a_function_of_the_whole_attribute_reads_nothing_else(function: str, argument: str) -> None:
    with pytest.raises(ExpressionError, match=r"is not \[appRoleAssignments\]") as caught:
        parse(f"{function}({argument})")

    assert caught.value.column == len(function) + 2
    assert caught.value.hint == f"write {function}([appRoleAssignments])"


def test_one_role_and_the_values_of_roles_may_stand_inside_other_functions() -> None:
    evaluate = compile_expression(
        parse(
            'Join("/", SingleAppRoleAssignment([appRoleAssignments]), '
            "AppRoleAssignments([appRoleAssignments]))"
        )
    )

    assert evaluate({"appRoleAssignments": (ADMIN, USER)}) == "admin/admin/user"
