"""
Every function times every kind of value: null, empty, several, a list of one, other alphabets.

One row a function, so that none can be added without saying what it makes of
nothing. A function that takes a date, a number or an identifier refuses "Zoë";
one that takes one value refuses several. Functions without arguments stand in
every surroundings there are instead.
"""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from reconciler.expr import (
    FUNCTIONS,
    Alternatives,
    EvaluationError,
    RoleGrant,
    Surroundings,
    Value,
    compile_expression,
    parse,
)


class Stuck:
    """Chance that says 7 and nothing else."""

    def token(self, count: int) -> bytes:
        return b"\x07" * count


class Refused(str):
    """Words of the error that is the outcome."""


ONE = Refused("takes one value and was given a list of 2")
ASSIGNED = "appRoleAssignments"
KINDS: dict[str, Value] = {
    "null": None,
    "empty text": "",
    "several": ("Zoë", "Bo"),
    "a list of one": ("Zoë",),
    "beyond ASCII": "Zoë",
}
ZOE, BO = RoleGrant("Zoë", "Zoë"), RoleGrant("Bo", "Bo")
NO_DATE = Refused("is not a date that can be read")
NO_NUMBER = Refused("is not a whole number")
SHOWN = Refused(r"Error: \[a\]")
UNDECIDED = Refused("is empty and cannot be judged")

Row = tuple[Value, Value, Value, Value, Value]
ROWS: dict[str, Row] = {
    "AppRoleAssignments([a])": (None, None, ("Zoë", "Bo"), ("Zoë",), ("Zoë",)),
    "AppRoleAssignmentsComplex([appRoleAssignments])": (None, None, (ZOE, BO), (ZOE,), (ZOE,)),
    'Append([a], "!")': (None, "!", ONE, "Zoë!", "Zoë!"),
    "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])": (
        *(None, None),
        *((ZOE, BO), (ZOE,), (ZOE,)),
    ),
    "BitAnd([a], 1)": (None, None, ONE, NO_NUMBER, NO_NUMBER),
    "CBool([a])": ("False", "False", ONE, *2 * (Refused("neither a number nor True or False"),)),
    "CDate([a])": (None, None, ONE, NO_DATE, NO_DATE),
    "CStr([a])": (None, "", ONE, "Zoë", "Zoë"),
    'Coalesce([a], "none")': ("none", "", ("Zoë", "Bo"), ("Zoë",), "Zoë"),
    'Contains([a], "o")': (0, 0, 1, 1, 1),
    "ConvertFromBase64([a])": (None, "", ONE, *2 * (Refused("is not text in base64"),)),
    "ConvertToBase64([a])": (None, "", ONE, "WgBvAOsA", "WgBvAOsA"),
    "ConvertToUTF8Hex([a])": (None, "", ONE, "5A6FC3AB", "5A6FC3AB"),
    "Count([a])": (0, 1, 2, 1, 1),
    "DNComponent([a], 1)": (None, None, ONE, *2 * (Refused("is not a distinguished name"),)),
    'DateAdd("d", 1, [a])': (None, None, ONE, NO_DATE, NO_DATE),
    'DateDiff("d", [a], "2021-01-01")': (None, None, ONE, NO_DATE, NO_DATE),
    "DateFromNum([a])": (None, None, ONE, NO_NUMBER, NO_NUMBER),
    "Error([a])": (SHOWN, SHOWN, SHOWN, SHOWN, SHOWN),
    'FormatDateTime([a], , "yyyy", "yy")': (
        *(None, None, ONE),
        *2 * (Refused("does not have the form of the input format"),),
    ),
    'IIF([a], "yes", "no")': (
        *(UNDECIDED, UNDECIDED, ONE),
        *2 * (Refused("is neither True nor False"),),
    ),
    "IgnoreFlowIfNullOrEmpty([a])": (None, None, ("Zoë", "Bo"), ("Zoë",), "Zoë"),
    'InStr([a], "o")': (0, 0, ONE, 2, 2),
    "IsNothing([a])": ("True", "False", "False", "False", "False"),
    "IsNull([a])": ("True", "False", "False", "False", "False"),
    "IsNullOrEmpty([a])": ("True", "True", "False", "False", "False"),
    "IsPresent([a])": ("False", "False", "True", "True", "True"),
    "IsString([a])": ("False", "True", "False", "True", "True"),
    "Item([a], 1)": (None, "", "Zoë", "Zoë", "Zoë"),
    'Join("-", "x", [a])': ("x", "x", "x-Zoë-Bo", "x-Zoë", "x-Zoë"),
    "Left([a], 1)": ("", "", ONE, "Z", "Z"),
    "Len([a])": (0, 0, ONE, 3, 3),
    "Mid([a], 2, 2)": (None, "", ONE, "oë", "oë"),
    "NormalizeDiacritics([a])": (None, "", ONE, "Zoe", "Zoe"),
    "Not([a])": ("True", "True", ONE, "True", "True"),
    "NumFromDate([a])": (None, None, ONE, NO_DATE, NO_DATE),
    "PCase([a])": (None, "", ONE, "Zoë", "Zoë"),
    'Prepend("!", [a])': (None, "!", ONE, "!Zoë", "!Zoë"),
    "RandomString([a], 0, 0, 0, 0)": (NO_NUMBER, NO_NUMBER, ONE, NO_NUMBER, NO_NUMBER),
    "Redact([a])": (None, "", ("Zoë", "Bo"), ("Zoë",), "Zoë"),
    "RemoveDuplicates([a])": (None, ("",), ("Zoë", "Bo"), ("Zoë",), ("Zoë",)),
    'Replace([a], "ë", , , "e", , )': (None, "", ONE, "Zoe", "Zoe"),
    'SelectUniqueValue([a], "other")': (
        *(Alternatives(("other",)), Alternatives(("other",)), ONE),
        *2 * (Alternatives(("Zoë", "other")),),
    ),
    "SingleAppRoleAssignment([a])": (None, None, ZOE, ZOE, ZOE),
    'Split([a], "o")': (None, None, ONE, ("Z", "ë"), ("Z", "ë")),
    "StringFromSid([a])": (None, None, ONE, *2 * (Refused("is not a security identifier"),)),
    "StripSpaces([a])": (None, "", ONE, "Zoë", "Zoë"),
    'Switch([a], "else", "", "nothing", "Zoë", "her")': (
        *("nothing", "nothing", ONE, "her", "her"),
    ),
    "ToLower([a])": (None, "", ONE, "zoë", "zoë"),
    "ToUpper([a])": (None, "", ONE, "ZOË", "ZOË"),
    "Trim([a])": (None, "", ONE, "Zoë", "Zoë"),
    'Word([a], 1, "o")': ("", "", ONE, "Z", "Z"),
}
"""By call, what it yields of each of KINDS, or with which words it refuses."""

CASES = [
    pytest.param(call, value, outcome, id=f"{call.partition('(')[0]} of {kind}")
    for call, row in ROWS.items()
    for (kind, value), outcome in zip(KINDS.items(), row, strict=True)
]


@pytest.mark.parametrize(("call", "value", "outcome"), CASES)
def test_what_a_function_makes_of_a_kind_of_value(call: str, value: Value, outcome: Value) -> None:
    surroundings = Surroundings(datetime(2026, 1, 1, tzinfo=UTC), "contoso.example", Stuck())
    evaluate = compile_expression(parse(call), surroundings)
    row = {"a": value, ASSIGNED: value}

    if isinstance(outcome, Refused):
        with pytest.raises(EvaluationError, match=outcome):
            evaluate(row)
    else:
        assert evaluate(row) == outcome


NOON = datetime(2026, 2, 28, 12, tzinfo=UTC)
EASTERN = timezone(timedelta(hours=-5))
KNOWN = [
    ("DefaultDomain()", Surroundings(default_domain="contoso.example"), "contoso.example"),
    ("DefaultDomain()", Surroundings(default_domain="bücher.example"), "bücher.example"),
    ("DefaultDomain()", Surroundings(default_domain=""), Refused("set source.default_domain")),
    ("DefaultDomain()", Surroundings(), Refused("set source.default_domain")),
    ('Join("@", [a], DefaultDomain())', Surroundings(default_domain="x.example"), "Zoë@x.example"),
    ("Guid()", Surroundings(chance=Stuck()), "07070707-0707-4707-8707-070707070707"),
    ("Left(Guid(), 4)", Surroundings(chance=Stuck()), "0707"),
    ('Join("-", [a], Left(Guid(), 2))', Surroundings(chance=Stuck()), "Zoë-07"),
    ("ToUpper(Guid())", Surroundings(chance=Stuck()), "07070707-0707-4707-8707-070707070707"),
    ("Guid()", Surroundings(), Refused("made at apply time")),
    ("Now()", Surroundings(NOON), "2/28/2026 12:00:00 PM"),
    ("Now()", Surroundings(NOON.astimezone(EASTERN)), "2/28/2026 12:00:00 PM"),
    ("Now()", Surroundings(NOON.replace(hour=0)), "2/28/2026 12:00:00 AM"),
    ('DateAdd("d", 1, Now())', Surroundings(NOON), "3/1/2026 12:00:00 PM"),
    ('Join(" ", [a], Now())', Surroundings(NOON), "Zoë 2/28/2026 12:00:00 PM"),
    ("Now()", Surroundings(), Refused("what time it is")),
]


@pytest.mark.parametrize(("expression", "surroundings", "outcome"), KNOWN)
def test_what_a_function_without_arguments_makes_of_its_surroundings(
    expression: str, surroundings: Surroundings, outcome: str
) -> None:
    evaluate = compile_expression(parse(expression), surroundings)

    if isinstance(outcome, Refused):
        with pytest.raises(EvaluationError, match=outcome):
            evaluate({"a": "Zoë"})
    else:
        assert evaluate({"a": "Zoë"}) == outcome


def test_each_function_has_its_row() -> None:
    alone = {name for name, function in FUNCTIONS.items() if function.maximum == 0}
    rows = [name for call in ROWS for name in parse(call).functions]

    assert sorted(rows) == sorted(FUNCTIONS.keys() - alone)
    for name in alone:
        assert sum(f"{name}()" in expression for expression, *_ in KNOWN) >= 5
