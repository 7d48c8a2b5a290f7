from typing import Any, get_args

import pytest

from reconciler.config.model import Clause, Operator, ScopingFilter
from reconciler.diagnostics import Position
from reconciler.directory import Cell
from reconciler.scope import check_filters, compile_filters
from reconciler.scope.filters import compile_clause

VALUED = [operator for operator in get_args(Operator) if not operator.startswith("IS ")]


def clause(operator: Any, value: str | int | None = None, attribute: str = "a") -> Clause:
    return Clause(attribute=attribute, operator=operator, value=value)


@pytest.mark.parametrize(
    ("operator", "value", "cell", "holds"),
    [
        ("&", "Sales, Marketing", "Sales", True),
        ("&", "Sales", "Sales, Marketing", False),
        ("!&", "Sales, Marketing", "Finance", True),
        ("!&", "Sales, Marketing", "Sales", False),
        ("ENDS_WITH", "@contoso.example", "ada@contoso.example", True),
        ("ENDS_WITH", "@contoso.example", "ada@CONTOSO.example", False),
        ("EQUALS", "Sales", "Sales", True),
        ("EQUALS", "Sales", "sales", False),
        ("EQUALS", "Sales", "Sales ", False),
        ("EQUALS", 7, "7", True),
        ("EQUALS", 7, "007", False),
        ("NOT EQUALS", "Sales", "sales", True),
        ("NOT EQUALS", "Sales", "Sales", False),
        ("Greater_Than", 10, "11", True),
        ("Greater_Than", 10, "10", False),
        ("Greater_Than", "9", "10", True),
        ("Greater_Than", -3, "-2", True),
        ("Greater_Than", 10, "+011", True),
        ("Greater_Than_OR_EQUALS", 10, "10", True),
        ("Greater_Than_OR_EQUALS", 10, "9", False),
        ("Includes", "Sales", "EMEA Sales North", True),
        ("Includes", "Sales", "EMEA sales", False),
        ("IS TRUE", None, "True", True),
        ("IS TRUE", None, "TRUE", True),
        ("IS TRUE", None, "1", False),
        ("IS FALSE", None, "false", True),
        ("IS FALSE", None, "no", False),
        ("IS NULL", None, "null", False),
        ("IS NOT NULL", None, "x", True),
        ("REGEX MATCH", "[1-9][0-9]", "42", True),
        ("REGEX MATCH", "[1-9][0-9]", "142", False),
        ("REGEX MATCH", r".*\@contoso\.example", "ada@contoso.example", True),
        ("REGEX MATCH", r".*\@contoso\.example", "ada@contoso.example.evil", False),
        ("REGEX MATCH", "a|ab", "ab", True),
        ("REGEX MATCH", ".ö.", "Köl", True),
        ("NOT REGEX MATCH", "sales", "Sales", True),
        ("NOT REGEX MATCH", "sales", "sales", False),
    ],
)
def test_each_operator_compares_as_entra_does(
    operator: Any, value: str | int | None, cell: str, holds: bool
) -> None:
    assert compile_clause(clause(operator, value))({"a": cell}) is holds


@pytest.mark.parametrize("operator", get_args(Operator))
@pytest.mark.parametrize("attributes", [{}, {"a": ""}, {"a": ()}], ids=["absent", "empty", "none"])
def test_null_satisfies_is_null_and_nothing_else(operator: Any, attributes: dict[str, str]) -> None:
    value = "1" if operator in VALUED else None

    assert compile_clause(clause(operator, value))(attributes) is (operator == "IS NULL")


@pytest.mark.parametrize("operator", ["Greater_Than", "Greater_Than_OR_EQUALS"])
@pytest.mark.parametrize("cell", ["x", "1.5", "1_0", " 7", "\u0667", "9" * 5000])
def test_what_is_no_integer_is_not_greater_than_anything(operator: Any, cell: str) -> None:
    assert compile_clause(clause(operator, 0))({"a": cell}) is False


@pytest.mark.parametrize("operator", get_args(Operator))
def test_no_operator_holds_for_several_values(operator: Any) -> None:
    value = "1" if operator in VALUED else None

    assert compile_clause(clause(operator, value))({"a": ("1", "2")}) is False


EMPLOYEES = ScopingFilter(
    title="Employees",
    clauses=(clause("EQUALS", "Employee", "type"), clause("IS NOT NULL", None, "department")),
)
INTERNS = ScopingFilter(title="Interns", clauses=(clause("EQUALS", "Intern", "type"),))


@pytest.mark.parametrize(
    ("attributes", "passes"),
    [
        pytest.param({"type": "Employee", "department": "Sales"}, True, id="all clauses of one"),
        pytest.param({"type": "Employee"}, False, id="some clauses of one"),
        pytest.param({"type": "Intern"}, True, id="the other filter"),
        pytest.param({"department": "Sales"}, False, id="neither"),
    ],
)
def test_filters_are_alternatives_and_their_clauses_must_all_hold(
    attributes: dict[str, str], passes: bool
) -> None:
    assert compile_filters((EMPLOYEES, INTERNS))(attributes) is passes


@pytest.mark.parametrize("filters", [None, ()])
def test_without_filters_everybody_passes(filters: tuple[()] | None) -> None:
    assert compile_filters(filters)({}) is True


def _located(loc: tuple[str | int, ...]) -> Position:
    return Position(".".join(map(str, loc)), 1, 1)


def test_an_attribute_with_several_values_cannot_be_filtered_by() -> None:
    rows: list[dict[str, Cell]] = [{"department": "Sales"}, {"department": ("Sales", "Finance")}]

    (_, problem) = check_filters((EMPLOYEES,), "users", rows, _located)

    assert (problem.code, problem.severity) == ("multi-valued-attribute", "error")
    assert problem.position == Position("scoping_filters.users.0.clauses.1.attribute", 1, 1)


def test_an_attribute_that_nobody_has_is_a_warning_with_the_nearest_name() -> None:
    rows = [{"Department": "Sales"}, {"type": "Intern"}]

    (problem,) = check_filters((INTERNS, EMPLOYEES), "groups", rows, _located)

    assert (problem.code, problem.severity) == ("unknown-attribute", "warning")
    assert problem.hint == 'did you mean "Department"?'
    assert problem.position == Position("scoping_filters.groups.1.clauses.1.attribute", 1, 1)


def test_a_name_like_no_other_gets_the_reason_as_a_hint() -> None:
    (problem,) = check_filters((INTERNS,), "users", [{"zzz": "1"}])

    assert problem.hint == "an attribute that nobody has is always null"


def test_nothing_is_said_of_filters_that_judge_nobody() -> None:
    assert check_filters((EMPLOYEES,), "groups", []) == ()


def test_no_pattern_can_keep_the_engine_busy() -> None:
    matches = compile_clause(clause("REGEX MATCH", "(a+)+"))

    assert matches({"a": "a" * 50_000 + "!"}) is False
