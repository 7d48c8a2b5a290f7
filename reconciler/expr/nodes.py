"""
The tree of an expression: plain, frozen data.

``str(node)`` is the canonical text, in the form that Graph's parseExpression
prints (``Replace([preferredLanguage], "-", , , "_", , )``): parsing it again
gives the same tree but for columns, which do not count in comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from reconciler.expr.errors import Caution


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: ``"text"``, ``42``, ``-1.5`` or ``&HF``."""

    value: str | int | Decimal
    column: int = field(compare=False)

    def __str__(self) -> str:
        if isinstance(self.value, str):
            return '"' + self.value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return f"{self.value:f}" if isinstance(self.value, Decimal) else str(self.value)


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word that a function knows, e.g. ``vbTextCompare``; a constant text."""

    value: str
    column: int = field(compare=False)

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Attribute:
    """A source attribute: ``[name]``."""

    name: str
    column: int = field(compare=False)

    def __str__(self) -> str:
        return f"[{self.name}]"


@dataclass(frozen=True, slots=True)
class Omitted:
    """An argument left empty, as the second one of ``Switch([a], , "k", "v")``."""

    column: int = field(compare=False)

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left operator right``; its value is the text ``True`` or ``False``."""

    left: Node
    operator: str
    right: Node
    column: int = field(compare=False)
    """Of the operator."""

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


@dataclass(frozen=True, slots=True)
class Concatenation:
    """``part & part & …``: the texts of two or more parts, one after the other."""

    parts: tuple[Node, ...]
    """None of them is a concatenation or a comparison: the notation has no parentheses."""
    column: int = field(compare=False)
    """Of the first ``&``."""

    def __str__(self) -> str:
        return " & ".join(map(str, self.parts))


@dataclass(frozen=True, slots=True)
class Call:
    """``Name(argument, …)``."""

    name: str
    arguments: tuple[Node, ...]
    column: int = field(compare=False)
    """Of the name."""

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.arguments))})"


Node = Literal | Word | Attribute | Omitted | Comparison | Concatenation | Call


def operands_of(node: Node) -> tuple[Node, ...]:
    """Return what *node* is made of: arguments, parts, or both sides; nothing for a value."""
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Comparison):
        return (node.left, node.right)
    return node.parts if isinstance(node, Concatenation) else ()


def walk(node: Node) -> Iterator[Node]:
    """Yield *node* and everything below it, in the order of the text but for infix operators."""
    yield node
    for operand in operands_of(node):
        yield from walk(operand)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was parsed and checked; plain data, so it can cross processes."""

    text: str
    """As its author wrote it."""
    root: Node
    attributes: frozenset[str]
    """Names in ``[..]``: what has to be read from the source."""
    functions: frozenset[str]
    """Names of the functions it calls."""
    warnings: tuple[Caution, ...]
    """The known traps it steps into, in the order of the text."""
