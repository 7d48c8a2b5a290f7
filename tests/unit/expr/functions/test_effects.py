"""Functions that say something about the whole mapping: values, and where they may stand."""

import pytest

from reconciler.expr import (
    Alternatives,
    EvaluationError,
    ExpressionError,
    RoleGrant,
    Surroundings,
    Value,
    compile_expression,
    parse,
)

ADMIN = RoleGrant("admin", "Administrator")


def value_of(expression: str, **attributes: Value) -> Value:
    return compile_expression(parse(expression))(attributes)


def test_the_default_domain_is_that_of_the_surroundings() -> None:
    expression = parse("DefaultDomain()")

    assert (
        compile_expression(expression, Surroundings(default_domain="å.example"))({}) == "å.example"
    )


@pytest.mark.parametrize("domain", [None, ""])
def test_without_a_default_domain_the_error_says_what_to_set(domain: str | None) -> None:
    evaluate = compile_expression(parse("DefaultDomain()"), Surroundings(default_domain=domain))

    with pytest.raises(EvaluationError, match=r"DefaultDomain: .* set source\.default_domain"):
        evaluate({})


def test_a_default_domain_that_is_not_needed_is_not_missed() -> None:
    assert value_of('IIF([a]="x", [a], DefaultDomain())', a="x") == "x"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        pytest.param('Error("mail is required")', "Error: mail is required", id="constant"),
        pytest.param('Error("Påkrevd")', "Error: Påkrevd", id="beyond ASCII"),
        pytest.param('Error("")', "Error: ", id="empty"),
        pytest.param("Error(42)", "Error: 42", id="number"),
        pytest.param(
            'Error("no domain for " & [upn])', 'Error: "no domain for " & [upn]', id="formula"
        ),
        pytest.param("Error([upn])", "Error: [upn]", id="attribute"),
        pytest.param("Error([absent])", "Error: [absent]", id="null"),
        pytest.param(
            f'Error("{"x" * 52}" & [u])',
            f'Error: "{"x" * 52}" & [u]',
            id="formula as long as shown",
        ),
        pytest.param(
            f'Error("{"x" * 53}" & [u])', f'Error: "{"x" * 53}" & […', id="formula cut short"
        ),
        pytest.param(f'Error("{"x" * 300}")', f"Error: {'x' * 200}", id="long"),
    ],
)
def test_error_skips_with_its_message_and_never_with_a_persons_values(
    expression: str, message: str
) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(expression, upn="secret@contoso.example")

    assert caught.value.message == message


def test_an_error_that_is_not_chosen_is_none() -> None:
    assert value_of('Switch([a], Error("neither"), "x", "y")', a="x") == "y"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Zoë", "Zoë", id="text"),
        pytest.param(" ", " ", id="a blank is something"),
        pytest.param(0, 0, id="zero too"),
        pytest.param(("a", "b"), ("a", "b"), id="list"),
        pytest.param("", None, id="empty"),
        pytest.param(("", ""), None, id="list of nothing"),
        pytest.param((), None, id="empty list"),
        pytest.param(None, None, id="null"),
    ],
)
def test_ignore_flow_if_null_or_empty(value: Value, expected: Value) -> None:
    assert value_of("IgnoreFlowIfNullOrEmpty([a])", a=value) == expected


def test_ignore_flow_may_wrap_a_conditional_and_stand_in_a_branch() -> None:
    assert value_of('IgnoreFlowIfNullOrEmpty(IIF([a]="x", "", "y"))', a="x") is None
    assert value_of('IIF([a]="x", IgnoreFlowIfNullOrEmpty([b]), "y")', a="x", b="z") == "z"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("Zoë", id="text"),
        pytest.param("", id="empty"),
        pytest.param(None, id="null"),
        pytest.param(("a", ("b",)), id="list"),
        pytest.param(ADMIN, id="role"),
        pytest.param(7, id="number"),
    ],
)
def test_redact_sends_the_value_as_it_is(value: Value) -> None:
    assert value_of("Redact([a])", a=value) == value


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param({"a": "x", "b": "y"}, ("x", "y", "z"), id="in order"),
        pytest.param({"a": "x", "b": "x"}, ("x", "z"), id="each once"),
        pytest.param({"a": "X", "b": "x"}, ("X", "x", "z"), id="case counts"),
        pytest.param({"b": "ø"}, ("ø", "z"), id="null is none"),
        pytest.param({"a": "", "b": ()}, ("z",), id="nor is empty"),
        pytest.param({"a": 7, "b": ADMIN}, ("7", "admin", "z"), id="as text"),
    ],
)
def test_select_unique_value(attributes: dict[str, Value], expected: tuple[str, ...]) -> None:
    assert value_of('SelectUniqueValue([a], [b], "z")', **attributes) == Alternatives(expected)


def test_select_unique_value_without_any_is_null() -> None:
    assert value_of("SelectUniqueValue([a], [b], )", b="") is None


def test_select_unique_value_refuses_a_rule_of_several_values() -> None:
    with pytest.raises(EvaluationError, match="SelectUniqueValue takes one value"):
        value_of("SelectUniqueValue([a], [b])", a=("x", "y"))


def test_select_unique_value_needs_two_rules() -> None:
    with pytest.raises(ExpressionError, match="takes at least 2 arguments, not 1"):
        parse("SelectUniqueValue([a])")
    with pytest.raises(ExpressionError, match="argument 2 of SelectUniqueValue is empty"):
        parse("SelectUniqueValue([a], )")
