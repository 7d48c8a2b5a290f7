"""
What mappings read and the source does not have: attributes of nobody, and nulls that fail.

An attribute that nobody has is mostly misspelt, or a column that the export lost.
A condition that compares an attribute fails for whoever has none (entra.md,
section 4.5): they would be skipped, so the warning says how many they are. Both
need the source, and stop nothing. Used by ``validate``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress

from reconciler.config.check_active import SOFT_DELETED
from reconciler.config.check_roles import ASSIGNMENTS
from reconciler.config.model import Application, AttributeMapping
from reconciler.diagnostics import Diagnostic, nearest
from reconciler.directory import Cell, Directory
from reconciler.expr import ExpressionError, parse
from reconciler.expr.nodes import Node
from reconciler.expr.traps import compared_for_everybody, in_other_words
from reconciler.scope.assignments import Locate

NO_COLUMNS = frozenset({SOFT_DELETED, ASSIGNMENTS, "originalUserPrincipalName", "members"})
"""What is worked out, or read in another way, whatever columns there are."""

Rows = Sequence[Mapping[str, Cell]]
Warned = Iterator[tuple[str, str, str]]
"""Codes, messages and hints."""


def unfilled(
    application: Application, directory: Directory, locate: Locate
) -> Iterator[Diagnostic]:
    """Yield a warning for each mapping that reads what the source does not have."""
    people = [one.attributes for one in directory.subjects.values()]
    groups = [one.attributes for one in directory.groups.values()]
    tables = (
        ("users", application.mappings.users, people),
        ("groups", application.mappings.groups or (), groups),
    )
    for table, mappings, rows in tables:
        known = frozenset[str]().union(*rows)
        for index, mapping in enumerate(mappings):
            key = "source" if mapping.expression is None else "expression"
            place = locate(("mappings", table, index, key))
            for code, message, hint in _warned(mapping, known, rows):
                yield Diagnostic(code, message, place, hint, "warning")


def _warned(mapping: AttributeMapping, known: frozenset[str], rows: Rows) -> Warned:
    """Yield the warnings about one mapping; an expression that cannot be read has its error."""
    if mapping.expression is None:
        yield from _unknown({mapping.source} if mapping.source else set(), known)
        return
    with suppress(ExpressionError):
        expression = parse(mapping.expression)
        yield from _unknown(expression.attributes, known)
        yield from _failing(expression.root, rows)


def _unknown(read: Set[str], known: frozenset[str]) -> Warned:
    """Warn of attributes that nobody has; where there is nobody, there is nothing to say."""
    for name in sorted(read - known - NO_COLUMNS) if known else ():
        meant = nearest(name, known)
        otherwise = "an attribute that nobody has is always null"
        hint = f'did you mean "{meant}"?' if meant else otherwise
        yield "unknown-attribute", f'nobody in the source has the attribute "{name}"', hint


def _failing(root: Node, rows: Rows) -> Warned:
    """Warn of conditions that cannot be judged for some of the source."""
    for attribute in dict.fromkeys(compared_for_everybody(root)):
        empty = sum(not row.get(attribute.name) for row in rows)
        if empty and attribute.name not in NO_COLUMNS:
            message = f"the condition fails for whoever has no {attribute}: {empty} of {len(rows)}"
            yield "doubtful-expression", message, f"they are skipped; {in_other_words(root)}"
