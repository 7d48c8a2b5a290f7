"""
What one function of the language is: a row of the table in :mod:`reconciler.expr.functions`.

A row says everything once. The parser's checks, the messages, the generated
documentation and a test that runs every example all read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reconciler.expr.effort import FREE
from reconciler.expr.errors import ExpressionError
from reconciler.expr.nodes import Call, Omitted
from reconciler.expr.operands import Arguments, Reader, Row
from reconciler.expr.surroundings import NOTHING, Surroundings
from reconciler.expr.values import SMALL_OUTPUT, Value, bounded

Builder = Callable[[Arguments], Reader]
"""An implementation: compiled arguments in, the closure of the call out."""


@dataclass(frozen=True, slots=True)
class Example:
    """An expression that documentation shows and a test runs."""

    expression: str
    output: Value
    inputs: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    """Source attributes by name."""
    surroundings: Surroundings = NOTHING
    """What it needs to know besides, e.g. the time that ``Now()`` says."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its name, what it takes, what it does, and how."""

    name: str
    parameters: str
    """Between the parentheses, for people: ``source, [culture]``."""
    minimum: int
    """Arguments it needs, empty ones included."""
    maximum: int | None
    """Arguments it takes; ``None`` for any number."""
    doc: str
    """One line."""
    examples: tuple[Example, ...]
    build: Builder
    required: int = 1
    """How many of its first arguments may not be left empty."""
    pairs: bool = False
    """The number of arguments has to be even, as in Switch."""
    outermost: bool = False
    """It describes a whole attribute, so it may stand inside no other function."""

    @property
    def usage(self) -> str:
        """The call, as documentation writes it."""
        return f"{self.name}({self.parameters})"

    def check(self, call: Call) -> None:
        """Raise :class:`ExpressionError` when *call* has the wrong number of arguments."""
        found = len(call.arguments)
        hint = f"write {self.usage}"
        if found < self.minimum or (self.maximum is not None and found > self.maximum):
            message = f"{self.name} takes {self._expected()}, not {found}"
            raise ExpressionError(message, call.column, hint)
        if self.pairs and found % 2:
            message = f"{self.name} takes an even number of arguments, not {found}"
            raise ExpressionError(message, call.column, f"{hint}; each key has a value")
        for index, argument in enumerate(call.arguments[: self.required]):
            if isinstance(argument, Omitted):
                message = f"argument {index + 1} of {self.name} is empty"
                raise ExpressionError(message, argument.column, f'{hint}; empty text is ""')

    def _expected(self) -> str:
        if self.maximum is None:
            return f"at least {_arguments(self.minimum)}"
        if self.minimum == self.maximum:
            return _arguments(self.minimum)
        return f"{self.minimum} to {_arguments(self.maximum)}"


def _arguments(count: int) -> str:
    return {0: "no arguments", 1: "1 argument"}.get(count, f"{count} arguments")


def of_text(change: Callable[[str], str]) -> Builder:
    """Return the builder of a function that turns one text into another, and nothing to nothing."""

    def build(arguments: Arguments) -> Reader:
        name, read = arguments.attribute(0), arguments.text(0)
        if name is not None:
            return OfAttribute(name, change, arguments.one_text)

        def changed(row: Row) -> Value:
            text = read(row)
            return None if text is None else bounded(change(text))

        return changed

    return build


class OfAttribute:
    """What *change* makes of an attribute: by far the most calls are about one."""

    __slots__ = ("_name", "_one_text", "change")

    def __init__(
        self, name: str, change: Callable[[str], str], one_text: Callable[[Value], str | None]
    ) -> None:
        self._name, self.change, self._one_text = name, change, one_text

    def __call__(self, row: Row) -> Value:
        """Return it for one person."""
        value = row.get(self._name)
        text = value if type(value) is str and len(value) <= FREE else self._one_text(value)
        if text is None:
            return None
        made = self.change(text)
        return made if len(made) <= SMALL_OUTPUT else bounded(made)

    def quickly(self, otherwise: Reader) -> Reader:
        """Return it where it is all that is asked for; *otherwise* is for what is long."""
        name, change = self._name, self.change

        def read(row: Row) -> Value:
            value = row.get(name)
            if type(value) is str and len(value) <= FREE:
                made = change(value)
                if len(made) <= SMALL_OUTPUT:
                    return made
            return otherwise(row)

        return read
