"""The table: every row documented, every example true, every golden vector met."""

import pytest

from reconciler.expr import FUNCTIONS, Value, compile_expression, parse
from reconciler.expr.signatures import Example

EXAMPLES = [
    pytest.param(example, id=f"{name}-{number}")
    for name, function in FUNCTIONS.items()
    for number, example in enumerate(function.examples, 1)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_documentation_is_true(example: Example) -> None:
    evaluate = compile_expression(parse(example.expression))

    assert evaluate(example.inputs) == example.output


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_documented_in_one_line_with_an_example_that_calls_it(name: str) -> None:
    function = FUNCTIONS[name]

    assert function.name == name
    assert function.doc.endswith(".")
    assert "\n" not in function.doc
    assert function.examples
    assert all(name in parse(example.expression).functions for example in function.examples)


def test_the_table_is_in_the_order_of_the_alphabet() -> None:
    assert list(FUNCTIONS) == sorted(FUNCTIONS)


def test_the_functions_of_this_version() -> None:
    expected = (
        "Append Coalesce IIF IsNull IsNullOrEmpty IsPresent Join Left Len Mid "
        "NormalizeDiacritics Not Replace SingleAppRoleAssignment Split StripSpaces Switch "
        "ToLower ToUpper"
    )

    assert set(expected.split()) <= set(FUNCTIONS)


JOHN: dict[str, Value] = {"givenName": "John", "surname": "Doe"}

GOLDEN = [
    pytest.param(
        'Split(Join(",", Append("smtp:", Join("@", Join(".",[givenName],[surname]), '
        '"contoso.onmicrosoft.com")), Append("SMTP:", Join("@", Join(".",[givenName],[surname]), '
        '"contoso.com"))), ",")',
        JOHN,
        ("smtp:John.Doe@contoso.onmicrosoft.com", "SMTP:John.Doe@contoso.com"),
        id="proxy addresses",
    ),
    pytest.param(
        'Switch(ToLower([statusFlag]), "0", "true", "1", "false", "0")',
        {"statusFlag": "TRUE"},
        "1",
        id="status flag true",
    ),
    pytest.param(
        'Switch(ToLower([statusFlag]), "0", "true", "1", "false", "0")',
        {},
        "0",
        id="status flag missing",
    ),
    pytest.param(
        'Switch([country],[country],"","Other")', {"country": "NO"}, "NO", id="country there"
    ),
    pytest.param('Switch([country],[country],"","Other")', {}, "Other", id="country missing"),
    pytest.param(
        'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
        {"IsSoftDeleted": "False"},
        "True",
        id="active",
    ),
    pytest.param(
        'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
        {"IsSoftDeleted": "True"},
        "False",
        id="soft-deleted",
    ),
    pytest.param(
        'Replace([preferredLanguage], "-", , , "_", ,  )',
        {"preferredLanguage": "EN-US"},
        "EN_US",
        id="parseExpression of the Graph documentation",
    ),
    pytest.param(
        'Replace([BusinessTitle],"Product Developer", , , "Software Engineer", , )',
        {"BusinessTitle": "Product Developer"},
        "Software Engineer",
        id="job title",
    ),
    pytest.param(
        'IIF([country]="USA","True",IIF([state]="CA","True","False"))',
        {"country": "Norway", "state": "CA"},
        "True",
        id="OR by nesting",
    ),
]


@pytest.mark.parametrize(("expression", "inputs", "output"), GOLDEN)
def test_a_golden_vector_of_entra_holds(
    expression: str, inputs: dict[str, Value], output: Value
) -> None:
    assert compile_expression(parse(expression))(inputs) == output


def test_the_phone_number_that_entra_prints_wrongly_keeps_its_plus() -> None:
    evaluate = compile_expression(parse(r'Replace([mobile], , "[()\\s-]+", , "", , )'))

    assert evaluate({"mobile": "+1 (999) 888-7777"}) == "+19998887777"
