"""
Functions of numbers and booleans: bits, and turning one kind of value into another.

Decisions where Entra's pages are silent:

* Numbers may come as text, because every cell of a source file is text
  (ruling 3); text that is no number is an error.
* No number in, none out, as with text. CBool alone answers for a null: it is not
  a number other than zero, so False.
* Negative numbers have their bits as two's complement has them, without end.
"""

from __future__ import annotations

from reconciler.expr.errors import EvaluationError
from reconciler.expr.operands import Arguments, Reader, Row
from reconciler.expr.signatures import Example, Function
from reconciler.expr.values import Value, is_empty, number_of, plain_text, single


def _bit_and(arguments: Arguments) -> Reader:
    left, right = arguments.integer_or_nothing(0), arguments.integer_or_nothing(1)

    def bit_and(row: Row) -> Value:
        one, other = left(row), right(row)
        return None if one is None or other is None else one & other

    return bit_and


_BOOLEANS = {"true": "True", "false": "False"}


def _cbool(arguments: Arguments) -> Reader:
    read = arguments.reader(0)

    def cbool(row: Row) -> Value:
        one = single(read(row), "CBool")
        if is_empty(one):
            return "False"
        number = number_of(one)
        if number is not None:
            return "True" if number else "False"
        truth = _BOOLEANS.get(one.casefold()) if isinstance(one, str) else None
        if truth is None:
            raise arguments.failure("its argument is neither a number nor True or False")
        return truth

    return arguments.tried(cbool, "write a comparison, as in CBool([country] = [usageLocation])")


def _cstr(arguments: Arguments) -> Reader:
    return arguments.text(0)


def _is_string(arguments: Arguments) -> Reader:
    read = arguments.values(0)

    def is_string(row: Row) -> Value:
        values = read(row)
        if len(values) != 1:
            return "False"
        try:
            plain_text(values[0])
        except EvaluationError:  # a number nobody can write down
            return "False"
        return "True"

    return is_string


NUMBER_FUNCTIONS = (
    Function(
        "BitAnd",
        "value1, value2",
        minimum=2,
        maximum=2,
        required=2,
        doc="The bits that both whole numbers have; null when one of them is null.",
        examples=(
            Example("BitAnd(&HF, &HF7)", 7),
            Example("BitAnd([userAccountControl], 2)", 2, {"userAccountControl": "514"}),
        ),
        build=_bit_and,
    ),
    Function(
        "CBool",
        "expression",
        minimum=1,
        maximum=1,
        doc="True for a number other than zero and for True, False for zero, False and null.",
        examples=(
            Example(
                "CBool([attribute1] = [attribute2])",
                "True",
                {"attribute1": "Oslo", "attribute2": "Oslo"},
            ),
            Example("CBool([flags])", "False", {"flags": "0"}),
        ),
        build=_cbool,
    ),
    Function(
        "CStr",
        "value",
        minimum=1,
        maximum=1,
        doc="The value as text.",
        examples=(
            Example("CStr([dn])", "cn=Joe,dc=contoso,dc=com", {"dn": "cn=Joe,dc=contoso,dc=com"}),
            Example("CStr(42568.75)", "42568.75"),
        ),
        build=_cstr,
    ),
    Function(
        "IsString",
        "expression",
        minimum=1,
        maximum=1,
        doc="True when the value can be written as one text; False for null and several values.",
        examples=(
            Example("IsString([mail])", "True", {"mail": "ada@contoso.example"}),
            Example("IsString([otherMails])", "False", {"otherMails": ("a@x", "b@x")}),
        ),
        build=_is_string,
    ),
)
