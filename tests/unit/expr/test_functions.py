"""The table: every row documented, every example true, every golden vector met."""

import pytest

from reconciler.expr import FUNCTIONS, Alternatives, Value, compile_expression, parse
from reconciler.expr.signatures import Example

EXAMPLES = [
    pytest.param(example, id=f"{name}-{number}")
    for name, function in FUNCTIONS.items()
    for number, example in enumerate(function.examples, 1)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_documentation_is_true(example: Example) -> None:
    evaluate = compile_expression(parse(example.expression), example.surroundings)

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


REFERENCE = (
    "Append AppRoleAssignmentsComplex BitAnd CBool CDate Coalesce ConvertToBase64 ConvertToUTF8Hex "
    "Count CStr DateAdd DateDiff DateFromNum DefaultDomain FormatDateTime Guid IIF "
    "IgnoreFlowIfNullOrEmpty InStr IsNull IsNullOrEmpty IsPresent IsString Item Join Left Len Mid "
    "NormalizeDiacritics Not Now NumFromDate PCase RandomString Redact RemoveDuplicates Replace "
    "SelectUniqueValue SingleAppRoleAssignment Split StripSpaces Switch ToLower ToUpper Word"
)
"""The functions of Entra's reference page (entra.md 4.2)."""

ELSEWHERE = (
    "AppRoleAssignments AssertiveAppRoleAssignmentsComplex Contains ConvertFromBase64 DNComponent "
    "Error IsNothing Prepend StringFromSid Trim"
)
"""What other pages of Entra name, cloud sync and the Graph."""


def test_the_functions_are_those_of_entra() -> None:
    reference, elsewhere = REFERENCE.split(), ELSEWHERE.split()

    assert len(reference) == 45
    assert sorted(FUNCTIONS) == sorted(reference + elsewhere)


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
        'IgnoreFlowIfNullOrEmpty(Switch([state], , "QLD", "Australia/Brisbane"))',
        {"state": "NSW"},
        None,
        id="Switch that leaves the attribute alone",
    ),
    pytest.param(
        'SelectUniqueValue(Join("@", NormalizeDiacritics(StripSpaces(Join(".", [first], [last]))), '
        '"contoso.com"), Join("@", NormalizeDiacritics(StripSpaces(Join(".", Mid([first], 1, 1), '
        '[last]))), "contoso.com"), Join("@", NormalizeDiacritics(StripSpaces(Join(".", '
        'Mid([first], 1, 2), [last]))), "contoso.com"))',
        {"first": "Zoë Ann", "last": "Smith"},
        Alternatives(("ZoeAnn.Smith@contoso.com", "Z.Smith@contoso.com", "Zo.Smith@contoso.com")),
        id="unique addresses",
    ),
    pytest.param(
        'IIF([country]="USA",IIF([state]="CA","True","False"),"False")',
        {"country": "USA", "state": "NY"},
        "False",
        id="AND by nesting",
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
