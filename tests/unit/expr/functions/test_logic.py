"""Functions that choose: nulls, empties, lists, roles, and what is left unevaluated."""

from decimal import Decimal

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


def value_of(expression: str, **attributes: Value) -> Value:
    return compile_expression(parse(expression))(attributes)


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param("Coalesce([a], [b])", {"a": "1", "b": "2"}, "1", id="first"),
        pytest.param("Coalesce([a], [b])", {"b": "2"}, "2", id="second"),
        pytest.param("Coalesce([a], [b])", {}, None, id="none"),
        pytest.param("Coalesce([a], [b], )", {}, None, id="default left empty"),
        pytest.param('Coalesce([a], "")', {}, "", id="empty default"),
        pytest.param("Coalesce([a], [b])", {"a": "", "b": "2"}, "", id="empty text is not null"),
        pytest.param("Coalesce([a], [b])", {"a": (), "b": "2"}, "2", id="an empty list is"),
        pytest.param("Coalesce([a])", {"a": ("1", "2")}, ("1", "2"), id="a list stays one"),
        pytest.param("Coalesce([a], [b])", {"a": 0, "b": "2"}, 0, id="zero is a value"),
        pytest.param("Coalesce([a], [b])", {"b": "Åse"}, "Åse", id="beyond ASCII"),
        pytest.param("Coalesce([a], [b])", {"a": ("",), "b": "2"}, ("",), id="list of empty"),
    ],
)
def test_coalesce(expression: str, attributes: dict[str, Value], expected: Value) -> None:
    assert value_of(expression, **attributes) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param("True", "yes", id="True"),
        pytest.param("False", "no", id="False"),
        pytest.param(("True",), "yes", id="list of one"),
        pytest.param(("False",), "no", id="list of one, False"),
        pytest.param(1, "yes", id="one"),
        pytest.param(0, "no", id="zero"),
        pytest.param("0", "no", id="text of zero"),
        pytest.param(Decimal("0.5"), "yes", id="a half"),
        pytest.param("-1", "yes", id="text of a number below zero"),
    ],
)
def test_iif_takes_booleans_and_numbers(condition: Value, expected: str) -> None:
    assert value_of('IIF([c], "yes", "no")', c=condition) == expected


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        pytest.param(None, "is empty and cannot be judged; use Switch", id="null"),
        pytest.param("", "is empty and cannot be judged; use Switch", id="empty"),
        pytest.param("true", "is neither True nor False", id="case counts"),
        pytest.param("yes", "is neither True nor False", id="any text"),
        pytest.param(("True", "True"), "takes one value", id="several"),
        pytest.param(ADMIN, "is neither True nor False", id="role"),
        pytest.param(Decimal("sNaN"), "is neither True nor False", id="not a number"),
    ],
)
def test_iif_refuses_any_other_condition(condition: Value, sentence: str) -> None:
    with pytest.raises(EvaluationError, match=sentence):
        value_of('IIF([c], "yes", "no")', c=condition)


def test_iif_names_its_condition_and_itself() -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of('IIF(Trim([c]), "yes", "no")', c="")
    assert caught.value.message.startswith("IIF: the condition Trim([c]) is empty")
    with pytest.raises(EvaluationError, match=r"IIF: the condition \[c\] is neither"):
        value_of('IIF([c], "yes", "no")', c="maybe")
    with pytest.raises(EvaluationError, match="IIF takes one value"):
        value_of('IIF([c], "yes", "no")', c=("True", "True"))


def test_iif_compares_beyond_ascii_character_by_character() -> None:
    expression = 'IIF([c]="Å", "yes", "no")'

    assert value_of(expression, c="Å") == "yes"
    assert value_of(expression, c="A\u030a") == "no"  # the same to the eye, as .NET's ordinal


def test_iif_evaluates_only_the_branch_it_takes() -> None:
    expression = 'IIF([c]="x", "fine", Left([a], [no number]))'

    assert value_of(expression, c="x") == "fine"
    with pytest.raises(EvaluationError, match="whole number"):
        value_of(expression, c="y")


PRESENCE = [
    pytest.param(None, ("True", "True", "False"), id="null"),
    pytest.param("", ("False", "True", "False"), id="empty"),
    pytest.param((), ("True", "True", "False"), id="empty list"),
    pytest.param(("",), ("False", "True", "False"), id="list of empty"),
    pytest.param(" ", ("False", "False", "True"), id="blank"),
    pytest.param("Å", ("False", "False", "True"), id="beyond ASCII"),
    pytest.param((None, ()), ("False", "True", "False"), id="list of nulls"),
    pytest.param(0, ("False", "False", "True"), id="zero"),
    pytest.param("False", ("False", "False", "True"), id="False"),
    pytest.param(ADMIN, ("False", "False", "True"), id="role"),
    pytest.param(("a", "b"), ("False", "False", "True"), id="list"),
]


@pytest.mark.parametrize(("value", "expected"), PRESENCE)
def test_is_null_is_null_or_empty_is_present(value: Value, expected: tuple[str, ...]) -> None:
    functions = ("IsNull", "IsNullOrEmpty", "IsPresent")

    assert value_of("IsNothing([a])", a=value) == expected[0]
    assert tuple(value_of(f"{name}([a])", a=value) for name in functions) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("True", "False", id="True"),
        pytest.param("False", "True", id="False"),
        pytest.param("true", "True", id="anything else"),
        pytest.param("", "True", id="empty"),
        pytest.param(None, "True", id="null"),
        pytest.param(1, "True", id="number"),
        pytest.param(("True",), "False", id="list of one"),
        pytest.param((), "True", id="empty list"),
        pytest.param("Ｔｒｕｅ", "True", id="full-width letters are other letters"),
    ],
)
def test_not(value: Value, expected: str) -> None:
    assert value_of("Not([a])", a=value) == expected


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        pytest.param('Switch([a], "d", "k", "v")', {"a": "k"}, "v", id="match"),
        pytest.param('Switch([a], "d", "k", "v")', {"a": "K"}, "d", id="case counts"),
        pytest.param('Switch([a], "d", "k", "v")', {}, "d", id="null takes the default"),
        pytest.param('Switch([a], , "k", "v")', {"a": "x"}, None, id="no default is null"),
        pytest.param('Switch([a], "", "k", "v")', {"a": "x"}, "", id="empty default"),
        pytest.param('Switch([a], "d", "", "e")', {}, "e", id="empty key matches null"),
        pytest.param('Switch([a], "d", "", "e")', {"a": ""}, "e", id="and empty"),
        pytest.param('Switch([a], "d", "", "e")', {"a": ()}, "e", id="and an empty list"),
        pytest.param('Switch([a], [b], "k", [c])', {"a": "k", "c": "C"}, "C", id="value read"),
        pytest.param('Switch([a], [b], "k", [c])', {"a": "x", "b": "B"}, "B", id="default read"),
        pytest.param('Switch([a], "d", "k", )', {"a": "k"}, None, id="value left empty is null"),
        pytest.param('Switch([a], "d", "k", "1", "k", "2")', {"a": "k"}, "1", id="first wins"),
        pytest.param('Switch([a], "d", 7, "seven")', {"a": "7"}, "seven", id="number as key"),
        pytest.param('Switch([a], "d", "7", "seven")', {"a": 7}, "seven", id="number as source"),
        pytest.param('Switch([a], "d", "x", "v")', {"a": ("x",)}, "v", id="list of one"),
        pytest.param('Switch([a], "d", [b], "v")', {"a": "x", "b": "x"}, "v", id="key read"),
        pytest.param('Switch([a], "d", [b], "v")', {"a": "x", "b": "y"}, "d", id="key differs"),
        pytest.param('Switch([a], "d", [b], "v")', {}, "v", id="null key matches null"),
        pytest.param('Switch([a], "d", "", "e", [b], "v")', {"b": "y"}, "e", id="in order"),
        pytest.param('Switch([a], "d", "å", "v")', {"a": "å"}, "v", id="beyond ASCII"),
        pytest.param(
            'Switch([a], "d", [b], "1", "y", "2", "z", "3")', {"a": "z", "b": "x"}, "3", id="last"
        ),
        pytest.param(
            'Switch([a], "d", "x", "1", [b], "2", "z", "3")', {"a": "y", "b": "y"}, "2", id="amid"
        ),
        pytest.param(
            'Switch(SingleAppRoleAssignment([r]), "Std", "admin", "Adm")',
            {"r": (ADMIN, USER)},
            "Adm",
            id="role by its value",
        ),
    ],
)
def test_switch(expression: str, attributes: dict[str, Value], expected: Value) -> None:
    assert value_of(expression, **attributes) == expected


def test_a_null_is_asked_for_inside_a_function_that_is_no_condition() -> None:
    assert value_of("Not(IsNull([a]))") == "False"
    assert value_of("CBool(IsPresent([a]))") == "False"


def test_switch_refuses_a_source_of_several_values() -> None:
    with pytest.raises(EvaluationError, match="Switch takes one value and was given a list of 2"):
        value_of('Switch([a], "d", "k", "v")', a=("k", "l"))


def test_switch_refuses_a_key_left_empty() -> None:
    with pytest.raises(ExpressionError, match="key 2 is missing") as caught:
        parse('Switch([a], "d", "k", "v", , "w")')

    assert caught.value.column == 28
    assert 'write "" for the key' in caught.value.hint
