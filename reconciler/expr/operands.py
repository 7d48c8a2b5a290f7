"""
What a function's implementation is given: its arguments, compiled.

A function is compiled once per mapping and run once per person, so everything
that a constant decides (a pattern, a table of keys, which of Replace's modes)
is decided while compiling, and a mistake in a constant is an
:class:`ExpressionError` under that argument. What is left is a closure that
takes a person's attributes.

Used by the implementations in ``functions/``; made by
:mod:`reconciler.expr.evaluate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.expr.effort import FREE, Effort
from reconciler.expr.errors import EvaluationError, ExpressionError
from reconciler.expr.nodes import Attribute, Call, Literal, Node, Omitted, Word
from reconciler.expr.surroundings import NOTHING, Surroundings
from reconciler.expr.values import Single, Value, flatten, is_empty, number_of, plain_text, single

Row = Mapping[str, Value]
"""One person's (or group's) source attributes; an absent one is not there, or ``None``."""

Reader = Callable[[Row], Value]
TextReader = Callable[[Row], str | None]
IntegerReader = Callable[[Row], int]
OptionalIntegerReader = Callable[[Row], int | None]
ListReader = Callable[[Row], list[Single]]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all calls of one expression share."""

    surroundings: Surroundings = NOTHING
    effort: Effort = field(default_factory=Effort)


@dataclass(frozen=True, slots=True)
class Operand:
    """One argument: its tree, and the closure that reads it."""

    node: Node
    read: Reader

    @property
    def constant(self) -> str | None:
        """The text of a constant argument; ``None`` when a person's values decide it."""
        return plain_text(self.node.value) if isinstance(self.node, (Literal, Word)) else None

    @property
    def label(self) -> str:
        """The argument as its author wrote it, cut short, for messages."""
        text = str(self.node)
        return text if len(text) <= 60 else text[:59] + "…"


class Arguments:
    """The arguments of one call; one that is left empty counts as not given."""

    def __init__(
        self, call: Call, operands: tuple[Operand, ...], setting: Setting, usage: str
    ) -> None:
        self.call = call
        self.operands = operands
        self.surroundings = setting.surroundings
        self.effort = setting.effort
        self.usage = usage

    def __len__(self) -> int:
        return len(self.operands)

    def given(self, index: int) -> bool:
        """Say whether argument *index* (from 0) is there and not empty."""
        return index < len(self.operands) and not isinstance(self.operands[index].node, Omitted)

    def constant(self, index: int) -> str | None:
        """Return the text of argument *index* when it is given and constant."""
        return self.operands[index].constant if self.given(index) else None

    def problem(self, index: int, message: str, hint: str) -> ExpressionError:
        """Return the error for a mistake that argument *index* shows without any person."""
        known = index < len(self.operands)
        column = self.operands[index].node.column if known else self.call.column
        return ExpressionError(f"{self.call.name}: {message}", column, hint)

    def failure(self, message: str) -> EvaluationError:
        """Return the error for a person whose values do not fit."""
        return EvaluationError(f"{self.call.name}: {message}")

    def attribute(self, index: int) -> str | None:
        """Return the name of the attribute that argument *index* is; ``None`` if it is none."""
        node = self.operands[index].node if index < len(self.operands) else None
        return node.name if isinstance(node, Attribute) else None

    def reader(self, index: int) -> Reader:
        """Return the closure of argument *index*; of one not given, one that yields nothing."""
        return self.operands[index].read if self.given(index) else _nothing

    def text(self, index: int) -> TextReader:
        """
        Return a closure that reads argument *index* as one text, ``None`` for nothing.

        It raises :class:`EvaluationError` for a list of several values.
        """
        constant = self.constant(index)
        if constant is not None:
            return lambda row: constant
        one, name = self.one_text, self.attribute(index)
        if name is not None:
            return _attribute_text(name, one)
        read = self.reader(index)

        def text(row: Row) -> str | None:
            value = read(row)
            return value if type(value) is str and len(value) <= FREE else one(value)

        return text

    def one_text(self, value: Value) -> str | None:
        """Return *value* as one text, and pay for a long one."""
        text = plain_text(value, self.call.name)
        if text is not None and len(text) > FREE:
            self.effort.spend(len(text))
        return text

    def values(self, index: int) -> ListReader:
        """Return a closure that lays out what argument *index* holds; long lists are paid for."""
        read = self.reader(index)
        return lambda row: self.laid_out(read(row))

    def laid_out(self, value: Value) -> list[Single]:
        """Return what *value* holds, as :func:`flatten` does, and pay for a long list."""
        found = flatten(value)
        if len(found) > FREE:
            self.effort.spend(len(found))
        return found

    def integer(self, index: int, least: int | None = None) -> IntegerReader:
        """
        Return a closure that reads argument *index* as a whole number of at least *least*.

        Raises:
            ExpressionError: The argument is a constant that is no such number.
        """
        wanted = "a whole number" if least is None else f"a whole number from {least} up"
        if self.constant(index) is not None:
            constant = _whole(self.operands[index].read({}), least)
            if constant is None:
                message = f"argument {index + 1} is not {wanted}"
                raise self.problem(index, message, f"in {self.usage} it is {wanted}, as in 3")
            return lambda row: constant
        read = self.reader(index)
        complaint = f"argument {index + 1}, {self.operands[index].label}, is not {wanted}"

        def integer(row: Row) -> int:
            number = _whole(read(row), least)
            if number is None:
                raise self.failure(complaint)
            return number

        return integer

    def integer_or_nothing(self, index: int) -> OptionalIntegerReader:
        """
        Return a closure that reads argument *index* as a whole number, ``None`` for nothing.

        Raises:
            ExpressionError: The argument is a constant that is no such number.
        """
        if self.constant(index) is not None:
            return self.integer(index)
        read = self.reader(index)
        complaint = f"argument {index + 1}, {self.operands[index].label}, is not a whole number"

        def integer(row: Row) -> int | None:
            value = read(row)
            number = None if is_empty(value) else _whole(value, None)
            if number is None and not is_empty(value):
                raise self.failure(complaint)
            return number

        return integer

    def tried(self, read: Reader, hint: str) -> Reader:
        """
        Return *read*, the closure of this call, once a call of constants alone has been tried.

        Raises:
            ExpressionError: The constants have no result, for nobody.
        """
        if all(isinstance(operand.node, (Literal, Word, Omitted)) for operand in self.operands):
            try:
                read({})
            except EvaluationError as error:
                message = error.message.removeprefix(f"{self.call.name}: ")
                raise self.problem(0, message, hint) from error
        return read


def _nothing(row: Row) -> Value:
    """Read an argument that was left empty."""
    return None


def _attribute_text(attribute: str, one: Callable[[Value], str | None]) -> TextReader:
    def text(row: Row) -> str | None:
        value = row.get(attribute)
        return value if type(value) is str and len(value) <= FREE else one(value)

    return text


def _whole(value: Value, least: int | None) -> int | None:
    """Return *value* as a whole number that is not below *least*; ``None`` when it is none."""
    number = number_of(single(value))
    if number is None or number != int(number):
        return None
    return None if least is not None and number < least else int(number)
