"""How many arguments a function takes, and which of them may be left empty: Entra's table."""

import pytest

from reconciler.expr import FUNCTIONS, ExpressionError
from reconciler.expr.nodes import Attribute, Call, Node, Omitted

TAKES = {
    "AppRoleAssignments": "R",
    "AppRoleAssignmentsComplex": "R",
    "Append": "RR",
    "AssertiveAppRoleAssignmentsComplex": "R",
    "BitAnd": "RR",
    "CBool": "R",
    "CDate": "R",
    "CStr": "R",
    "Coalesce": "R…",
    "Contains": "RR",
    "ConvertFromBase64": "RO",
    "ConvertToBase64": "R",
    "ConvertToUTF8Hex": "R",
    "Count": "R",
    "DNComponent": "RR",
    "DateAdd": "RRR",
    "DateDiff": "RRR",
    "DateFromNum": "R",
    "DefaultDomain": "",
    "Error": "R",
    "Guid": "",
    "IIF": "RRR",
    "IgnoreFlowIfNullOrEmpty": "R",
    "InStr": "RROO",
    "IsNothing": "R",
    "IsNull": "R",
    "IsNullOrEmpty": "R",
    "IsPresent": "R",
    "IsString": "R",
    "Item": "RR",
    "Left": "RR",
    "Len": "R",
    "Mid": "RRR",
    "NormalizeDiacritics": "R",
    "Not": "R",
    "Now": "",
    "NumFromDate": "R",
    "PCase": "RO",
    "Prepend": "RR",
    "RandomString": "RRRRRO",
    "Redact": "R",
    "RemoveDuplicates": "R",
    "SelectUniqueValue": "RR…",
    "SingleAppRoleAssignment": "R",
    "Split": "RR",
    "StringFromSid": "R",
    "StripSpaces": "R",
    "ToLower": "RO",
    "ToUpper": "RO",
    "Trim": "R",
    "Word": "RRR",
}
"""R required, O optional, … and any number more (entra.md 4.2); each may be left out at the end."""

BY_POSITION = {
    "FormatDateTime": ("ROO", "ROOO"),
    "Join": ("RO", "RO…"),
    "Replace": ("ROOOO", "ROOOOOO"),
    "Switch": ("ROOO", "ROOO…"),
}
"""The others: the fewest arguments they take, and the most; how they go together, they say."""


def limits(name: str) -> tuple[str, str]:
    """Return the fewest and the most arguments of the function *name*."""
    if name in BY_POSITION:
        return BY_POSITION[name]
    takes = TAKES[name]
    return takes.rstrip("…").replace("O", ""), takes


def complaint(name: str, *arguments: Node) -> str:
    try:
        FUNCTIONS[name].check(Call(name, arguments, 1))
    except ExpressionError as error:
        return error.message
    return ""


GIVEN = Attribute("a", 1)


def test_every_function_is_in_the_table() -> None:
    assert {*TAKES, *BY_POSITION} == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_as_few_and_as_many_arguments_as_in_entra(name: str) -> None:
    fewest, most = limits(name)
    enough = [GIVEN] * len(fewest)

    assert complaint(name, *enough) == ""
    if enough:
        assert f"{name} takes " in complaint(name, *enough[1:])
    if most.endswith("…"):
        assert complaint(name, *enough, *[GIVEN] * 100) == ""
    else:
        assert complaint(name, *[GIVEN] * len(most)) == ""
        assert f"{name} takes " in complaint(name, *[GIVEN] * (len(most) + 1))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_only_what_is_required_may_not_be_left_empty(name: str) -> None:
    _, most = limits(name)
    takes = most.rstrip("…")

    for index, need in enumerate(takes):
        arguments: list[Node] = [GIVEN] * len(takes)
        arguments[index] = Omitted(1)
        expected = f"argument {index + 1} of {name} is empty" if need == "R" else ""
        assert complaint(name, *arguments) == expected
