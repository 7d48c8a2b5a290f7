"""What is said about one person; the parts that need no target."""

import pytest

from reconciler.workflow.explain import Explanation, explain
from reconciler.workflow.project import open_project
from reconciler.workflow.wiring import Wiring
from tests.e2e.company import ENTERPRISE, USER_MAPPINGS, Company
from tests.worlds import FrozenClock


def told(company: Company, user: str) -> Explanation:
    company.write()
    clock = FrozenClock()
    project = open_project(company.file)
    return explain(project, "app", user, Wiring(clock), clock.now(), offline=True)


def lines(explanation: Explanation, title: str) -> tuple[str, ...]:
    return next(s.lines for s in explanation.sections if s.title.strip().endswith(title))


def test_everything_that_the_source_says_is_shown(company: Company) -> None:
    company.people["ada"]["department"] = "Growth"

    assert "department = Growth" in lines(told(company, "ada"), "Import")


def test_a_long_value_is_cut_as_in_a_plan(company: Company) -> None:
    company.people["ada"]["department"] = "x" * 10_000

    assert f"department = {'x' * 199}…" in lines(told(company, "ada"), "Import")


@pytest.mark.parametrize(
    ("line", "mapping"),
    [
        ('title <- [jobTitle] = nothing; a create writes "Employee"', None),
        (
            "preferredLanguage <- 'en-US' = \"en-US\"; on create only",
            {"target": "preferredLanguage", "constant": "en-US", "apply": "on_create"},
        ),
        (
            "nickName <- Left([displayName], [length]) = cannot be worked out:",
            {"target": "nickName", "expression": "Left([displayName], [length])"},
        ),
        (f"{ENTERPRISE}:manager <- [manager] = whoever has objectId bob", None),
        ('userName <- [userPrincipalName] = "ada@contoso.example"; matching precedence 1', None),
        (
            "nickName <- [alias] = nothing; an account's own is cleared",
            {"target": "nickName", "source": "alias", "clear": True},
        ),
        (
            'active <- Switch([IsSoftDeleted], , "False", "True", "True", "False") = true',
            None,
        ),
    ],
    ids=[
        "nothing, and a default",
        "a constant on create",
        "a failing expression",
        "a reference",
        "a match",
        "cleared",
        "a boolean",
    ],
)
def test_every_mapping_is_shown_with_what_it_yields(
    line: str, mapping: dict[str, str] | None, company: Company
) -> None:
    company.people["ada"]["manager"] = "bob"
    more = [mapping] if mapping else []
    company.application = {"mappings": {"users": [*USER_MAPPINGS, *more]}}

    shown = lines(told(company, "ada"), "Mappings")

    assert [one for one in shown if one.startswith(line)]


def test_ruling_13_a_role_that_we_did_not_write_is_not_said_to_be_cleared(company: Company) -> None:
    role = {"target": "userType", "expression": "SingleAppRoleAssignment([appRoleAssignments])"}
    company.application = {
        "mappings": {"users": [*USER_MAPPINGS, role]},
        "assignments": [{"group": "Staff"}],
        "default_access": "include",
    }

    [line] = [
        one for one in lines(told(company, "ada"), "Mappings") if one.startswith("userType <-")
    ]

    assert line.endswith("= nothing; what one of `roles` wrote to the account is cleared")


def test_the_decision_comes_with_its_reason(company: Company) -> None:
    assert lines(told(company, "ada"), "Scope")[-1] == "=> wanted: assigned User by group Staff"


def test_the_inputs_of_an_expression_stand_below_it(company: Company) -> None:
    expression = (
        'Join(" ", [surname], [jobTitle], [surname], [appRoleAssignments], [IsSoftDeleted])'
    )
    more = {"target": "nickName", "expression": expression}
    company.people["ada"]["surname"] = "Lovelace"
    company.application = {"mappings": {"users": [*USER_MAPPINGS, more]}}

    shown = lines(told(company, "ada"), "Mappings")
    inputs = shown[shown.index(next(one for one in shown if one.startswith("nickName"))) + 1]

    assert inputs == (
        "    [surname] = Lovelace; [jobTitle] = null; "
        "[appRoleAssignments] = (User); [IsSoftDeleted] = False"
    )


def test_what_an_expression_hides_is_hidden_wherever_it_is_read(company: Company) -> None:
    company.people["ada"] |= {"department": "Skunkworks", "jobTitle": "Director"}
    company.application = {
        "mappings": {
            "users": [
                *(m for m in USER_MAPPINGS if not m["target"].endswith(("department", "title"))),
                {
                    "target": f"{ENTERPRISE}:department",
                    "expression": 'Redact(Append([department], "!"))',
                },
                {"target": "title", "expression": 'Join(" ", [jobTitle], [department])'},
            ]
        },
        "scoping_filters": {
            "users": [
                {
                    "title": "Known",
                    "clauses": [
                        {"attribute": "department", "operator": "IS NOT NULL"},
                        {"attribute": "jobTitle", "operator": "EQUALS", "value": "Director"},
                    ],
                }
            ]
        },
    }

    explanation = told(company, "ada")

    assert "department = [Redact]" in lines(explanation, "Import")
    assert "[x] Known department IS NOT NULL: department is [Redact]" in lines(explanation, "Scope")
    assert '[x] Known jobTitle EQUALS Director: jobTitle is "Director"' in lines(
        explanation, "Scope"
    )
    mapped = lines(explanation, "Mappings")
    assert f'{ENTERPRISE}:department <- Redact(Append([department], "!")) = [Redact]' in mapped
    assert "    [department] = [Redact]" in mapped
