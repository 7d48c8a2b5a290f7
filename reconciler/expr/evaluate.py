"""
A tree to a closure that takes one person's attributes.

Closures cost half of what walking the tree costs (12 expressions a person:
performance.md T5). Evaluation is total: no loops, no input, no output, and
nothing comes out of it but a value or an :class:`EvaluationError`.

Conditions follow Entra's known defect on purpose (entra.md 4.5), because
whoever moves a mapping here has to get the same decisions: a comparison of an
absent or empty value fails, and so do IsNull, IsNullOrEmpty and IsPresent of
one inside an IIF condition. The person is skipped with a sentence that says so,
and ``validate`` warns beforehand (:mod:`reconciler.expr.traps`).

Numbers and texts: a comparison is by number when one side is a number and the
other can be read as one, else by text, character by character, case-sensitive.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from reconciler.diagnostics import nearest
from reconciler.expr.effort import FREE, MAXIMUM_EFFORT, Effort
from reconciler.expr.errors import EvaluationError, ExpressionError
from reconciler.expr.functions import FUNCTIONS
from reconciler.expr.nodes import (
    Attribute,
    Call,
    Comparison,
    Concatenation,
    Expression,
    Literal,
    Node,
    Omitted,
    Word,
)
from reconciler.expr.operands import Arguments, Operand, Reader, Row, Setting
from reconciler.expr.signatures import OfAttribute
from reconciler.expr.surroundings import NOTHING, Surroundings
from reconciler.expr.traps import CONDITIONAL, PRESENCE
from reconciler.expr.values import (
    SMALL_OUTPUT,
    Value,
    bounded,
    bounded_value,
    is_empty,
    number_of,
    plain_text,
    require_room,
    single,
)

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def compile_expression(expression: Expression, surroundings: Surroundings = NOTHING) -> Reader:
    """
    Return the function that evaluates *expression* for one person.

    It takes the source attributes by name (an absent one is missing or ``None``)
    and returns the value, or raises :class:`EvaluationError` with a sentence
    that names no values of that person. Every call has the whole of
    :data:`MAXIMUM_EFFORT`, so it may not be called while it runs.
    """
    effort = Effort()
    read = _compile(expression.root, Setting(surroundings, effort))

    def evaluate(row: Row) -> Value:
        effort.left = MAXIMUM_EFFORT
        value = read(row)
        if value is None or (type(value) is str and len(value) <= SMALL_OUTPUT):
            return value
        return bounded_value(value)

    return read.quickly(evaluate) if isinstance(read, OfAttribute) else evaluate


def compile_for_many(
    expression: Expression, surroundings: Surroundings = NOTHING
) -> Callable[[Sequence[str]], Sequence[str] | None] | None:
    """
    Return what evaluates *expression* for many texts of the one attribute that it reads.

    Only for a function that turns one text into another; None for everything else. What is
    returned says None where a text is so long that each is to be evaluated alone, and
    raises :class:`EvaluationError` where one of them cannot be.
    """
    read = _compile(expression.root, Setting(surroundings, Effort()))
    if not isinstance(read, OfAttribute):
        return None
    change = read.change

    def evaluate(texts: Sequence[str]) -> Sequence[str] | None:
        if max(map(len, texts), default=0) > FREE:
            return None
        made = [*map(change, texts)]
        return made if max(map(len, made), default=0) <= SMALL_OUTPUT else None

    return evaluate


def check_node(node: Node) -> None:
    """
    Compile *node* for nobody.

    Raises:
        ExpressionError: A function does not exist, or a call shows a mistake
            that no person's values can mend.
    """
    _compile(node, Setting())


def _compile(node: Node, setting: Setting, judging: bool = False) -> Reader:
    """Return the closure of *node*; *judging* inside the condition of an IIF."""
    if isinstance(node, Call):
        return _compile_call(node, setting, judging)
    if isinstance(node, Attribute):
        name = node.name
        return lambda row: row.get(name)
    if isinstance(node, Comparison):
        return _compile_comparison(node, setting, judging)
    if isinstance(node, Concatenation):
        return _compile_concatenation(node, setting, judging)
    constant = None if isinstance(node, Omitted) else node.value
    return lambda row: constant


def _compile_call(call: Call, setting: Setting, judging: bool) -> Reader:
    function = FUNCTIONS.get(call.name)
    if function is None:
        raise _unknown(call)
    function.check(call)
    operands = tuple(
        Operand(
            node,
            _compile(node, setting, judging or (index == 0 and call.name in CONDITIONAL)),
        )
        for index, node in enumerate(call.arguments)
    )
    read = function.build(Arguments(call, operands, setting, function.usage))
    return _presence_in_condition(call, operands[0]) if judging and call.name in PRESENCE else read


FOREIGN = {
    **dict.fromkeys(("concat", "concatenate"), "Join"),
    **dict.fromkeys(("ifelse", "choose"), "IIF"),
    **dict.fromkeys(("lcase", "lower"), "ToLower"),
    **dict.fromkeys(("ucase", "upper"), "ToUpper"),
    **dict.fromkeys(("substr", "substring", "right"), "Mid"),
    **dict.fromkeys(("ltrim", "rtrim"), "Trim"),
    **dict.fromkeys(("length", "strlen"), "Len"),
    **dict.fromkeys(("itemornull", "first"), "Item"),
}
"""What people call functions who come from Visual Basic, spreadsheets or Entra Connect."""


def _unknown(call: Call) -> ExpressionError:
    close = nearest(call.name, FUNCTIONS)
    if native := FOREIGN.get(call.name.casefold()):
        hint = f"here that is {FUNCTIONS[native].usage}"
    elif close is None:
        hint = "docs/expressions.md lists the functions; an attribute is written [name]"
    elif close.casefold() == call.name.casefold():
        hint = f"write {close}: names of functions are case-sensitive"
    else:
        hint = f"did you mean {close}?"
    return ExpressionError(f'there is no function "{call.name}"', call.column, hint)


def _presence_in_condition(call: Call, operand: Operand) -> Reader:
    """Return the closure of IsNull and its kin in a condition: Entra fails on an empty value."""
    error, answer, read = _cannot_judge(str(call), operand), PRESENCE[call.name], operand.read

    def judge(row: Row) -> Value:
        if is_empty(read(row)):
            raise EvaluationError(error)
        return answer

    return judge


def _cannot_judge(condition: str, empty: Operand) -> str:
    shown = condition if len(condition) <= 100 else condition[:99] + "…"
    return (
        f"{shown} cannot be judged, because {empty.label} is empty; "
        'use Switch, whose key "" matches an empty value'
    )


def _compile_comparison(node: Comparison, setting: Setting, judging: bool) -> Reader:
    left = Operand(node.left, _compile(node.left, setting, judging))
    right = Operand(node.right, _compile(node.right, setting, judging))
    holds = COMPARISONS[node.operator]
    read_left, read_right, label = left.read, right.read, str(node)
    ordering = node.operator not in {"=", "<>"}

    def compare(row: Row) -> Value:
        one, other = read_left(row), read_right(row)
        if not (type(one) is str and type(other) is str):
            one, other = _aligned(one, other, ordering, label)
        if one == "" or one is None:
            _require_constant(left, label)
        if other == "" or other is None:
            _require_constant(right, label)
        return "True" if holds(one, other) else "False"

    return compare


def _compile_concatenation(node: Concatenation, setting: Setting, judging: bool) -> Reader:
    """Put the parts together; one that is null counts as nothing, and all null are null (VBA)."""
    readers = tuple(_compile(part, setting, judging) for part in node.parts)

    def concatenate(row: Row) -> Value:
        found = [read(row) for read in readers]
        texts = [text for value in found if (text := plain_text(value, "&")) is not None]
        if not texts:
            return None
        require_room(map(len, texts))
        return bounded("".join(texts))

    return concatenate


def _require_constant(operand: Operand, comparison: str) -> None:
    """Refuse to judge an empty value; a constant ``""`` is only ever compared with something."""
    if not isinstance(operand.node, (Literal, Word)):
        raise EvaluationError(_cannot_judge(comparison, operand))


def _aligned(
    left: Value, right: Value, ordering: bool, label: str
) -> tuple[str | int | Decimal | None, str | int | Decimal | None]:
    """Return both sides as numbers, or both as texts (``None`` for nothing)."""
    left, right = single(left, label), single(right, label)
    if isinstance(left, (int, Decimal)) or isinstance(right, (int, Decimal)):
        numbers = number_of(left), number_of(right)
        if None not in numbers:
            return numbers
        if ordering and not (is_empty(left) or is_empty(right)):
            raise EvaluationError(f"{label} cannot be judged: one side is a number, one is not")
    return plain_text(left, label), plain_text(right, label)
