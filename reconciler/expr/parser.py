"""
Text to a checked expression; every complaint has a column and a hint.

    expression := joined
    call       := NAME "(" [ argument { "," argument } ] ")"
    argument   := nothing | joined [ ("=" | "<>" | "<" | "<=" | ">" | ">=") joined ]
    joined     := value { "&" value }
    value      := call | attribute | text | number | WORD

This is the notation of Entra's attribute mappings (facts: entra.md 4.1), with
the ``&`` of cloud sync, which binds before a comparison does, as in VBA. The
language has no loops, no variables, no input and no output, so a pull request
from a stranger can be evaluated safely.

Decisions where Entra's pages are silent: a whole expression may also be a bare
attribute or a constant (Entra calls those Direct and Constant mappings); a bare
word is an error unless a function knows it, because a forgotten bracket or
quote is what it nearly always is.

:func:`parse` is the only way in. It also compiles the tree once, so that
unknown functions, wrong numbers of arguments, bad patterns and other mistakes
in constants come out here and never while people are planned.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from reconciler.diagnostics import nearest
from reconciler.expr.errors import Caution, ExpressionError
from reconciler.expr.evaluate import check_node
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
    walk,
)
from reconciler.expr.places import check_places
from reconciler.expr.tokens import Token, tokenize
from reconciler.expr.traps import cautions_of

MAXIMUM_LENGTH = 10_000
"""Characters of an expression; Entra's limit for one mapping."""

MAXIMUM_DEPTH = 16
"""Calls within calls (reliability.md S15)."""

WORDS = frozenset({"UTF8", "vbBinaryCompare", "vbTextCompare"})
"""Bare words that are constants: an encoding, and VBA's comparisons with and without case."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """
    Parse and check one mapping expression.

    Raises:
        ExpressionError: It cannot be used; the error has the column of the character in *text*
            (from 1, line breaks count as characters) and a hint.
    """
    _check_characters(text)
    cautions: list[Caution] = []
    root = _Parser(tokenize(text, cautions)).parse_all()
    check_node(root)
    check_places(root)
    nodes = tuple(walk(root))
    cautions.extend(cautions_of(root))
    return Expression(
        text=text,
        root=root,
        attributes=frozenset(node.name for node in nodes if isinstance(node, Attribute)),
        functions=frozenset(node.name for node in nodes if isinstance(node, Call)),
        warnings=tuple(sorted(cautions, key=lambda caution: caution.column)),
    )


def _check_characters(text: str) -> None:
    if len(text) > MAXIMUM_LENGTH:
        raise ExpressionError(
            f"the expression is {len(text):,} characters long; {MAXIMUM_LENGTH:,} are allowed",
            MAXIMUM_LENGTH + 1,
            "split it over two mappings, or prepare the value in the source",
        )
    try:
        text.encode()
    except UnicodeEncodeError as broken:
        hint = "delete it, or save the file as UTF-8 again"
        raise ExpressionError("half a character", broken.start + 1, hint) from broken


class _Parser:
    """One pass over the tokens, one token ahead."""

    def __init__(self, tokens: Iterator[Token]) -> None:
        self._tokens = tokens
        self._next = next(tokens)

    def parse_all(self) -> Node:
        """Parse a whole expression, up to the end of the text."""
        if self._at_end():
            hint = 'write a function call, as in Join(" ", [givenName], [surname])'
            raise ExpressionError("the expression is empty", 1, hint)
        if self._next.value == "=" and self._next.kind == "operator":
            hint = "begin with the function's name; the = belongs to spreadsheets"
            raise ExpressionError("an expression does not begin with =", self._next.column, hint)
        root = self._joined(depth=0)
        if self._next.kind == "operator":
            hint = f'write IIF({root} {self._next.value} …, "True", "False")'
            raise ExpressionError("a comparison stands alone", self._next.column, _short(hint))
        if not self._at_end():
            hint = "an expression is one function call; put calls inside one another, or & between"
            raise ExpressionError("the expression has ended here", self._next.column, hint)
        return root

    def _at_end(self) -> bool:
        return self._next.kind == "end"

    def _advance(self) -> Token:
        token = self._next
        if token.kind != "end":
            self._next = next(self._tokens)
        return token

    def _joined(self, depth: int) -> Node:
        """Parse a value, and what is put after it with ``&``."""
        first = self._value(depth)
        if self._next.kind != "&":
            return first
        column, parts = self._next.column, [first]
        while self._next.kind == "&":
            self._advance()
            parts.append(self._value(depth))
        return Concatenation(tuple(parts), column)

    def _value(self, depth: int) -> Node:
        token = self._advance()
        if token.kind in {"text", "number"}:
            return Literal(token.value, token.column)
        if token.kind == "attribute":
            return Attribute(str(token.value), token.column)
        if token.kind == "name":
            return self._named(str(token.value), token.column, depth)
        found = "the end" if token.kind == "end" else f'"{token.value}"'
        hint = 'here belongs Function(…), [attribute], "text" or a number'
        if token.kind == "&":
            hint += "; & puts texts together, and what AND means is said by an IIF in an IIF"
        raise ExpressionError(f"{found} where a value is expected", token.column, hint)

    def _named(self, name: str, column: int, depth: int) -> Node:
        """Parse what follows a name: a call, unless it is a word that functions know."""
        if self._next.kind == "(":
            if depth == MAXIMUM_DEPTH:
                hint = "split the expression over two mappings, or prepare the value in the source"
                message = f"calls are nested more than {MAXIMUM_DEPTH} deep"
                raise ExpressionError(message, column, hint)
            return self._call(name, column, depth + 1)
        if name in WORDS:
            return Word(name, column)
        raise ExpressionError(f'"{name}" stands alone', column, _hint_for_word(name))

    def _call(self, name: str, column: int, depth: int) -> Call:
        opening = self._advance()
        arguments: list[Node] = []
        if self._next.kind == ")":
            self._advance()
            return Call(name, (), column)
        while True:
            arguments.append(self._argument(depth))
            if self._at_end():
                hint = f"close the call of {name} with )"
                message = "the parenthesis that opens here is not closed"
                raise ExpressionError(message, opening.column, hint)
            if self._next.kind not in {",", ")"}:
                raise _expected_comma(self._next)
            if self._advance().kind == ")":
                return Call(name, tuple(arguments), column)

    def _argument(self, depth: int) -> Node:
        if self._next.kind in {",", ")", "end"}:
            return Omitted(self._next.column)
        left = self._joined(depth)
        if self._next.kind != "operator":
            return left
        operator = self._advance()
        right = self._joined(depth)
        if self._next.kind == "operator":
            hint = f"nest it: {_NESTING}"
            raise ExpressionError("an argument holds one comparison", self._next.column, hint)
        return Comparison(left, str(operator.value), right, operator.column)


_NESTING = (
    'for AND write IIF(a, IIF(b, "yes", "no"), "no"), for OR IIF(a, "yes", IIF(b, "yes", "no"))'
)


def _expected_comma(found: Token) -> ExpressionError:
    if found.kind == "name" and str(found.value).upper() in {"AND", "OR"}:
        return ExpressionError(f"there is no {found.value}", found.column, _NESTING)
    hint = (
        "arguments are separated by commas, and compared by = <> > >= < <=; "
        'a " inside text is written \\"'
    )
    return ExpressionError("a comma or ) is missing here", found.column, hint)


def _hint_for_word(word: str) -> str:
    if word in FUNCTIONS:
        return f"write {FUNCTIONS[word].usage}"
    if word.casefold() in {"true", "false"}:
        return f'a boolean is a text: "{word.capitalize()}"'
    close = nearest(word, WORDS)
    other = f"; or did you mean {close}?" if close else ""
    return _short(f'write [{word}] for an attribute, "{word}" for text{other}')


def _short(hint: str) -> str:
    return hint if len(hint) <= 200 else hint[:199] + "…"
