"""
Functions that choose: conditions, tables of keys, the first value that is there.

What is not chosen is not evaluated, so a branch that would fail for somebody
fails only for whom it is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.expr.errors import EvaluationError
from reconciler.expr.operands import Arguments, Reader, Row, TextReader
from reconciler.expr.signatures import Builder, Example, Function
from reconciler.expr.values import Value, is_empty, number_of, single


def _coalesce(arguments: Arguments) -> Reader:
    readers = tuple(operand.read for operand in arguments.operands)

    def coalesce(row: Row) -> Value:
        for read in readers:
            value = read(row)
            if value is not None and value != ():
                return value
        return None

    return coalesce


def _iif(arguments: Arguments) -> Reader:
    condition, when_true, when_false = (arguments.reader(index) for index in range(3))
    label = arguments.operands[0].label

    def iif(row: Row) -> Value:
        verdict = condition(row)
        if verdict == "True" or (verdict != "False" and _is_true(verdict, label)):
            return when_true(row)
        return when_false(row)

    return iif


def _is_true(verdict: Value, condition: str) -> bool:
    """Judge a condition that is not simply ``True`` or ``False``: a number, or a list of one."""
    one = single(verdict, "IIF")
    if is_empty(one):
        raise EvaluationError(
            f"IIF: the condition {condition} is empty and cannot be judged; "
            'use Switch, whose key "" matches an empty value'
        )
    number = number_of(one)
    if number is None and one not in ("True", "False"):
        raise EvaluationError(f"IIF: the condition {condition} is neither True nor False")
    return one == "True" if number is None else number != 0


def _presence(present: bool, absent: bool, empty: bool) -> Builder:
    """Return the builder of a function that says *present*, *absent* or *empty* of a value."""
    answers = "True" if present else "False", "True" if empty else "False"
    absence = "True" if absent else "False"

    def build(arguments: Arguments) -> Reader:
        read = arguments.reader(0)

        def judge(row: Row) -> Value:
            value = read(row)
            if value is None or value == ():
                return absence
            if isinstance(value, tuple):
                return answers[all(part == "" for part in arguments.laid_out(value))]
            return answers[value == ""]

        return judge

    return build


def _not(arguments: Arguments) -> Reader:
    read = arguments.text(0)
    return lambda row: "False" if read(row) == "True" else "True"


def _switch(arguments: Arguments) -> Reader:
    for index in range(2, len(arguments), 2):
        if not arguments.given(index):
            hint = 'write "" for the key that matches an empty value'
            raise arguments.problem(index, f"key {index // 2} is missing", hint)
    source, default = arguments.text(0), arguments.reader(1)
    keys = [arguments.constant(index) for index in range(2, len(arguments), 2)]
    values = [arguments.reader(index) for index in range(3, len(arguments), 2)]
    if None in keys:
        tests = [arguments.text(index) for index in range(2, len(arguments), 2)]
        return _switch_in_order(source, default, list(zip(tests, values, strict=True)))
    chosen_by_key: dict[str | None, Reader] = {}
    for key, value in zip(keys, values, strict=True):
        chosen_by_key.setdefault(key, value)
    return _switch_by_table(source, default, chosen_by_key)


def _switch_by_table(
    source: TextReader, default: Reader, chosen_by_key: dict[str | None, Reader]
) -> Reader:
    """Look the source up; nothing and empty text are one key."""
    if "" in chosen_by_key:
        chosen_by_key[None] = chosen_by_key[""]
    choose = chosen_by_key.get
    return lambda row: choose(source(row), default)(row)


def _switch_in_order(
    source: TextReader, default: Reader, cases: Iterable[tuple[TextReader, Reader]]
) -> Reader:
    """Try the keys one by one, because some depend on the person."""

    def switch(row: Row) -> Value:
        text = source(row) or ""
        for key, value in cases:
            if (key(row) or "") == text:
                return value(row)
        return default(row)

    return switch


LOGIC_FUNCTIONS = (
    Function(
        "Coalesce",
        "source1, …, [defaultValue]",
        minimum=1,
        maximum=None,
        doc="The first of its arguments that is not null; null when none is.",
        examples=(
            Example(
                "Coalesce([mail], [userPrincipalName])",
                "ada@contoso.example",
                {"userPrincipalName": "ada@contoso.example"},
            ),
            Example('Coalesce([mobile], [phone], "")', ""),
        ),
        build=_coalesce,
    ),
    Function(
        "IIF",
        "condition, valueIfTrue, valueIfFalse",
        minimum=3,
        maximum=3,
        required=3,
        doc="One value or the other; a null or empty attribute in the condition is an error.",
        examples=(
            Example(
                'IIF([country]="USA", [country], [department])',
                "Sales",
                {"country": "Norway", "department": "Sales"},
            ),
            Example(
                'IIF([country]="USA", IIF([state]="CA", "True", "False"), "False")',
                "True",
                {"country": "USA", "state": "CA"},
            ),
        ),
        build=_iif,
    ),
    Function(
        "IsNothing",
        "source",
        minimum=1,
        maximum=1,
        doc="True when the value is absent, as IsNull says it.",
        examples=(
            Example("IsNothing([mail])", "True"),
            Example("IsNothing([mail])", "False", {"mail": "ada@contoso.example"}),
        ),
        build=_presence(present=False, absent=True, empty=False),
    ),
    Function(
        "IsNull",
        "expression",
        minimum=1,
        maximum=1,
        doc="True when the value is absent; empty text is not absent.",
        examples=(
            Example("IsNull([mail])", "True"),
            Example("IsNull([mail])", "False", {"mail": ""}),
        ),
        build=_presence(present=False, absent=True, empty=False),
    ),
    Function(
        "IsNullOrEmpty",
        "expression",
        minimum=1,
        maximum=1,
        doc="True when the value is absent or empty text.",
        examples=(
            Example("IsNullOrEmpty([mail])", "True", {"mail": ""}),
            Example("IsNullOrEmpty([mail])", "False", {"mail": "ada@contoso.example"}),
        ),
        build=_presence(present=False, absent=True, empty=True),
    ),
    Function(
        "IsPresent",
        "expression",
        minimum=1,
        maximum=1,
        doc="True when the value is neither absent nor empty text.",
        examples=(
            Example("IsPresent([mail])", "True", {"mail": "ada@contoso.example"}),
            Example("IsPresent([mail])", "False"),
        ),
        build=_presence(present=True, absent=False, empty=False),
    ),
    Function(
        "Not",
        "source",
        minimum=1,
        maximum=1,
        doc='False for the text "True", True for anything else.',
        examples=(
            Example("Not([IsSoftDeleted])", "False", {"IsSoftDeleted": "True"}),
            Example("Not([IsSoftDeleted])", "True", {"IsSoftDeleted": "False"}),
        ),
        build=_not,
    ),
    Function(
        "Switch",
        "source, [defaultValue], key1, value1, …",
        minimum=4,
        maximum=None,
        pairs=True,
        doc='The value of the key that equals the source, case-sensitive; the key "" matches null.',
        examples=(
            Example(
                'Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney", '
                '"QLD", "Australia/Brisbane", "SA", "Australia/Adelaide")',
                "Australia/Brisbane",
                {"state": "QLD"},
            ),
            Example(
                'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
                "True",
                {"IsSoftDeleted": "False"},
            ),
            Example('Switch([country], [country], "", "Other")', "Other"),
        ),
        build=_switch,
    ),
)
