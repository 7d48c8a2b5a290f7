"""What an evaluation may cost: long texts, long lists, patterns and formats are paid for."""

import pytest

from reconciler.expr import EvaluationError, ExpressionError, Value, compile_expression, parse
from reconciler.expr.effort import FREE, MAXIMUM_EFFORT, Effort
from reconciler.expr.nodes import Call
from reconciler.expr.operands import Arguments, Setting

LONGEST = 64 * 1024
TOO_MUCH = "too long for all that the expression does"


def often(call: str, times: int) -> str:
    return " & ".join([call] * times)


def value_of(expression: str, **attributes: Value) -> Value:
    return compile_expression(parse(expression))(attributes)


@pytest.mark.parametrize("function", ["PCase", "ToUpper", "Trim", "NormalizeDiacritics"])
def test_the_longest_text_may_pass_through_the_deepest_nesting(function: str) -> None:
    expression = f"{function}(" * 15 + "[a]" + ")" * 15

    assert value_of(f"Len({expression})", a="x" * LONGEST) == LONGEST


@pytest.mark.parametrize(
    ("call", "value"),
    [
        pytest.param("Len(ToLower([a]))", "x" * LONGEST, id="a text"),
        pytest.param("Len(Left([a] & [b], 1))", "x" * LONGEST, id="a text that was made"),
        pytest.param("Count([a])", ("",) * LONGEST, id="a list"),
        pytest.param('Len(Join("", [a]))', ("",) * LONGEST, id="a list that is joined"),
        pytest.param("IsPresent([a])", ("",) * LONGEST, id="a list that is asked for"),
        pytest.param("IsString([a])", ("",) * LONGEST, id="a list that may be a text"),
        pytest.param("IgnoreFlowIfNullOrEmpty([a])", ("",) * LONGEST, id="a list to be ignored"),
        pytest.param("AppRoleAssignments([a])", ("",) * LONGEST, id="a list of roles"),
    ],
)
def test_what_is_long_is_not_read_again_and_again(call: str, value: Value) -> None:
    assert value_of(often(call, 8), a=value) != ""
    with pytest.raises(EvaluationError, match=TOO_MUCH):
        value_of(often(call, 17), a=value)


def test_the_purse_is_full_again_for_the_next_person() -> None:
    evaluate = compile_expression(parse(often("Len([a])", 16)))

    assert evaluate({"a": "x" * LONGEST}) == evaluate({"a": "x" * LONGEST}) == "65536" * 16


def test_short_texts_and_lists_cost_nothing() -> None:
    calls = 1_100

    assert calls * FREE > MAXIMUM_EFFORT
    assert value_of("&".join(["Len([a])"] * calls), a="x" * FREE) == str(FREE) * calls


@pytest.mark.parametrize(
    ("count", "cost"),
    [
        pytest.param(FREE, 0, id="as many as are free"),
        pytest.param(FREE + 1, FREE + 1, id="one more"),
    ],
)
def test_a_list_costs_what_it_holds_unless_it_is_short(count: int, cost: int) -> None:
    setting = Setting()
    arguments = Arguments(Call("Count", (), 1), (), setting, "Count(attribute)")

    assert arguments.laid_out(("",) * count) == [""] * count
    assert setting.effort.left == MAXIMUM_EFFORT - cost


def test_an_effort_can_be_spent_to_the_last() -> None:
    effort = Effort()

    effort.spend(MAXIMUM_EFFORT)
    with pytest.raises(EvaluationError, match=TOO_MUCH):
        effort.spend(1)


def test_a_pattern_that_looks_through_the_rest_after_each_match_is_stopped() -> None:
    expression = 'Replace([a], , "(?:a|b)(?:[ab]*a[ab]{900}c)?", , "x")'

    assert value_of(expression, a="ab" * 20) == "x" * 40
    with pytest.raises(EvaluationError, match=TOO_MUCH):
        value_of(expression, a="ab" * 2_000)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        pytest.param(r"[()\\s-]+", "(030) 12-34 " * 340, id="signs of telephone numbers"),
        pytest.param(r"[^\\w]", "Zoë Ånd " * 100, id="what is no letter"),
        pytest.param("^(.{0,900}).*$", "x" * 4_000, id="what is over a length"),
        pytest.param("@.*", "ø" * 4_000 + "@contoso.example", id="what follows a sign"),
    ],
)
def test_an_ordinary_pattern_is_paid_for_with_ease(pattern: str, text: str) -> None:
    assert value_of(f'Replace([a], , "{pattern}", , "_")', a=text)


def test_the_patterns_of_an_expression_are_too_costly_together() -> None:
    call = 'Replace([a], , "{}{}", , "x")'
    costly = " & ".join(call.format(r"\\w{40}", number) for number in range(20))

    assert parse(often(call.format(r"\\w{40}", ""), 4)).functions == {"Replace"}
    with pytest.raises(
        ExpressionError, match="patterns of this expression are too costly"
    ) as caught:
        parse(costly)
    assert costly[caught.value.column - 1 :].startswith(r'"\\w{40}')


@pytest.mark.parametrize(
    ("call", "attributes"),
    [
        pytest.param(
            'Replace([a], , [p] & "{}", , "x")', {"a": "b", "p": r"\w{40}"}, id="a pattern"
        ),
        pytest.param(
            'Replace([b], , [p] & "(?<n>{})", "n", , [a])', {"a": "b", "p": r"\w{40}"}, id="a group"
        ),
        pytest.param('FormatDateTime("2024", "yyyy", [f] & "{}")', {"f": "-" * 200}, id="a format"),
    ],
)
def test_what_is_compiled_for_a_person_is_paid_for(call: str, attributes: dict[str, Value]) -> None:
    expression = " & ".join(call.format(number % 3) for number in range(200))

    with pytest.raises(EvaluationError, match=TOO_MUCH):
        value_of(expression, **attributes)
