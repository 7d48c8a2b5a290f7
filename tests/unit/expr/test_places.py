"""Where a function may stand, and what is said where it may not."""

import pytest

from reconciler.expr import FUNCTIONS, ExpressionError, parse
from reconciler.expr.places import FLOW_WRAPPERS

UNIQUE = "SelectUniqueValue([a], [b])"
ROLES = "AppRoleAssignmentsComplex([appRoleAssignments])"
ASSERTIVE = "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"


def test_what_is_for_a_whole_attribute() -> None:
    outermost = {name for name, function in FUNCTIONS.items() if function.outermost}

    assert outermost == {call.partition("(")[0] for call in (UNIQUE, ROLES, ASSERTIVE)}


@pytest.mark.parametrize("call", [UNIQUE, ROLES, ASSERTIVE])
def test_it_may_stand_alone(call: str) -> None:
    assert parse(call).warnings == ()


@pytest.mark.parametrize("call", [UNIQUE, ROLES, ASSERTIVE])
@pytest.mark.parametrize(
    ("around", "column"),
    [
        pytest.param("Redact({})", 8, id="Redact"),
        pytest.param('IIF([a] = "x", {}, [b])', 16, id="branch"),
        pytest.param('IIF({} = "x", [a], [b])', 5, id="condition"),
        pytest.param('"x" & {}', 7, id="after &"),
        pytest.param("{} & [a]", 1, id="before &"),
        pytest.param('Not(Append(Coalesce({}), "x"))', 21, id="deeper"),
    ],
)
def test_it_stands_inside_nothing(call: str, around: str, column: int) -> None:
    with pytest.raises(ExpressionError, match="stands inside nothing") as caught:
        parse(around.format(call))

    assert caught.value.column == column
    assert "alone, as the whole expression" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "column"),
    [
        pytest.param("IIF(IgnoreFlowIfNullOrEmpty([a]), [b], [c])", 5, id="the condition itself"),
        pytest.param('IIF(IgnoreFlowIfNullOrEmpty([a]) = "x", [b], [c])', 5, id="compared"),
        pytest.param('IIF("x" = "" & IgnoreFlowIfNullOrEmpty([a]), [b], [c])', 16, id="joined"),
        pytest.param(
            'Append(IIF([a] = "x", IIF(Not(IgnoreFlowIfNullOrEmpty([a])), 1, 2), 3), "z")',
            31,
            id="deeper",
        ),
    ],
)
def test_a_flow_wrapper_stands_in_no_condition(text: str, column: int) -> None:
    with pytest.raises(ExpressionError, match="cannot stand in the condition of IIF") as caught:
        parse(text)

    assert caught.value.column == column
    assert "wrap the whole: IgnoreFlowIfNullOrEmpty(IIF(…))" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        'IgnoreFlowIfNullOrEmpty(IIF([a] = "x", [b], [c]))',
        'IIF([a] = "x", IgnoreFlowIfNullOrEmpty([b]), [c])',
        'Switch(IgnoreFlowIfNullOrEmpty([a]), , "x", "y")',
    ],
)
def test_elsewhere_it_may(text: str) -> None:
    assert parse(text).warnings == ()


def test_the_functions_that_places_are_about_exist() -> None:
    assert set(FUNCTIONS) >= FLOW_WRAPPERS
