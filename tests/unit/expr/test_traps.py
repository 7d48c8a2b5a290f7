"""Warnings: legal expressions that do not do what they seem to, and what to write instead."""

import pytest

from reconciler.expr import FUNCTIONS, parse
from reconciler.expr.traps import CONDITIONAL, PRESENCE

TRAPS = [
    pytest.param(
        'IIF([country]="","Other",[country])',
        14,
        "fails for everybody whose [country] is empty",
        'write Switch([country], [country], "", "Other")',
        id="compared with empty text",
    ),
    pytest.param(
        'IIF("" <> [country],[country],"Other")',
        8,
        "fails for everybody",
        'write Switch([country], [country], "", "Other")',
        id="empty text on the left",
    ),
    pytest.param(
        'IIF(IsNullOrEmpty([country]),"Other",[country])',
        5,
        "IsNullOrEmpty or not",
        'write Switch([country], [country], "", "Other")',
        id="IsNullOrEmpty",
    ),
    pytest.param(
        'IIF(IsNull([country]),"Other",[country])',
        5,
        "IsNull or not",
        'write Switch([country], [country], "", "Other")',
        id="IsNull",
    ),
    pytest.param(
        'IIF(IsPresent([country]),[country],"Other")',
        5,
        "IsPresent or not",
        'write Switch([country], [country], "", "Other")',
        id="IsPresent",
    ),
    pytest.param(
        'IIF(Not(IsPresent([a])),"x","y")',
        9,
        "IIF fails",
        'write Switch([a], <value when present>, "", <value when empty>)',
        id="deeper in the condition",
    ),
    pytest.param(
        'Append(IIF(IsNull([a]),"x","y"), "z")',
        12,
        "IIF fails",
        'write Switch([a], "y", "", "x")',
        id="inside another call",
    ),
    pytest.param(
        'Switch(IsPresent([m]), "d", "True", [m], "False", "none")',
        8,
        "not supported by Entra",
        'write Switch([m], [m], "", "none")',
        id="Switch of IsPresent",
    ),
    pytest.param(
        'Switch(IsNullOrEmpty([m]), [m], "True", "none")',
        8,
        "not supported by Entra",
        'write Switch([m], [m], "", "none")',
        id="Switch of IsNullOrEmpty with a default",
    ),
    pytest.param(
        'Switch([a], , "k", "v", "k", "w")',
        25,
        'the key "k" is given twice',
        "the first of two equal keys wins",
        id="key given twice",
    ),
    pytest.param(
        "[appRoleAssignments]",
        1,
        "a list of roles, not a text",
        "write SingleAppRoleAssignment([appRoleAssignments])",
        id="roles alone",
    ),
    pytest.param(
        'Join(";", [appRoleAssignments])',
        11,
        "a list of roles, not a text",
        "write SingleAppRoleAssignment([appRoleAssignments])",
        id="roles as text",
    ),
    pytest.param(
        'IIF([appRoleAssignments]="admin", "x", "y")',
        5,
        "a list of roles, not a text",
        "write SingleAppRoleAssignment([appRoleAssignments])",
        id="roles compared",
    ),
    pytest.param(
        '"x" & [appRoleAssignments]',
        7,
        "a list of roles, not a text",
        "write SingleAppRoleAssignment([appRoleAssignments])",
        id="roles put together with text",
    ),
    pytest.param(
        'IIF(IsNothing([country]),"Other",[country])',
        5,
        "IsNothing or not",
        'write Switch([country], [country], "", "Other")',
        id="IsNothing",
    ),
    pytest.param(
        'IIF(IsPresent([accountName]),[accountName],Error("accountName is required"))',
        5,
        "IsPresent or not",
        'write Switch([accountName], [accountName], "", Error("accountName is required"))',
        id="Entra's own example of Error",
    ),
    pytest.param(
        r'Replace([a], , "[A-Z]\\b.", , "x")',
        16,
        "in ASCII letters only",
        "what stands beside the word",
        id="word boundary",
    ),
    pytest.param(
        r'Replace([a], , "\\B", , "x")', 16, "in ASCII letters", "beside the word", id="no boundary"
    ),
    pytest.param(
        r'Replace([a], , "\d", , "x")',
        17,
        "the single backslash before d",
        r"write \\d",
        id="single backslash",
    ),
]


@pytest.mark.parametrize(("text", "column", "message", "hint"), TRAPS)
def test_a_trap_is_announced_with_a_better_form(
    text: str, column: int, message: str, hint: str
) -> None:
    (caution,) = parse(text).warnings

    assert caution.column == column
    assert message in caution.message
    assert hint in caution.hint


@pytest.mark.parametrize(
    "text",
    [
        'IIF([country]="USA", "x", "y")',
        'IIF([a]="b", IsPresent([c]), "")',
        "IsPresent([a])",
        'Switch([country], [country], "", "Other")',
        'Switch([a], , "k", "v", "K", "w")',
        'IIF([a] > "", "x", "y")',
        "SingleAppRoleAssignment([appRoleAssignments])",
        "AppRoleAssignmentsComplex([appRoleAssignments])",
        "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
        'Join(";", AppRoleAssignments([appRoleAssignments]))',
        "Count([appRoleAssignments])",
        "IsPresent([appRoleAssignments])",
        'Switch([state], "Australia/Sydney", "QLD", "Australia/Brisbane")',
        'IgnoreFlowIfNullOrEmpty(Switch([state], "x", "QLD", "y"))',
        'Switch(SingleAppRoleAssignment([appRoleAssignments]), "x", "admin", "y")',
        r'Replace([a], , "\\d\"", , "x")',
        r'Replace([a], , "\\\\b", , "x")',
        'Replace([a], , [p], , "x")',
        r'Replace([a], "\\b", , , "x")',
    ],
)
def test_what_is_no_trap_is_not_warned_of(text: str) -> None:
    assert parse(text).warnings == ()


def test_warnings_come_in_the_order_of_the_text() -> None:
    expression = parse(r'IIF("\d"=Append([appRoleAssignments], IIF(IsNull([b]),1,2)),1,"")')

    columns = [caution.column for caution in expression.warnings]
    assert columns == sorted(columns)
    assert len(columns) == 4


@pytest.mark.parametrize(
    "better",
    [
        'Switch([country], [country], "", "Other")',
        'Switch([m], [m], "", "none")',
    ],
)
def test_the_better_form_is_an_expression(better: str) -> None:
    assert parse(better).warnings == ()


def test_the_functions_that_traps_are_about_exist() -> None:
    assert set(FUNCTIONS) >= {*PRESENCE, *CONDITIONAL}
