"""
Scoping filters: attributes that can be compared, operands that fit, patterns that compile.

The attributes that Entra's filters do not support are refused, with the reason:
a filter that silently never holds makes everybody leave (entra.md, section 2).

Called by :mod:`reconciler.config.check`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.config.columns import place_in
from reconciler.config.model import INTEGER_OPERATORS, PATTERN_OPERATORS, Application, Clause
from reconciler.config.nodes import Loc, Scalar
from reconciler.config.patterns import PatternError, compile_pattern
from reconciler.config.salvage import Salvaged
from reconciler.diagnostics import Diagnostic

_INTEGER = re.compile(r"[+-]?[0-9]{1,1000}")

_UNSUPPORTED = {
    **dict.fromkeys(
        ("members", "memberOf", "proxyAddresses", "otherMails", "businessPhones", "imAddresses"),
        "it holds several values",
    ),
    "manager": "it refers to somebody else",
    "appRoleAssignments": "roles come from `assignments`",
    "IsSoftDeleted": "it follows from the filters themselves",
    "userType": "Entra does not offer it",
    **dict.fromkeys(
        ("StatusHireDate", "startDate", "endDate", "StatusTerminationDate", "accountExpires"),
        "dates cannot be compared",
    ),
}
"""Source attributes that no filter can look at, and why (entra.md, section 2)."""

_BY_FOLDED = {name.casefold(): why for name, why in _UNSUPPORTED.items()}


def check(part: Salvaged[Application]) -> Iterator[Diagnostic]:
    """Return every complaint about the scoping filters of one application."""
    filters = part.model.scoping_filters
    for kind, table in (("users", filters.users), ("groups", filters.groups)):
        for number, one in enumerate(table or ()):
            for index, clause in enumerate(one.clauses):
                loc = ("scoping_filters", kind, number, "clauses", index)
                yield from _clause(part, clause, loc)


def _clause(part: Salvaged[Application], clause: Clause, loc: Loc) -> Iterator[Diagnostic]:
    """Check one clause."""
    why = _BY_FOLDED.get(clause.attribute.casefold())
    if why is not None:
        message = f"filters cannot look at `{clause.attribute}`: {why}"
        place = part.at(*loc, "attribute")
        yield Diagnostic("unsupported-filter-attribute", message, place)
    if clause.operator in INTEGER_OPERATORS and not _INTEGER.fullmatch(str(clause.value)):
        message = f"the operator `{clause.operator}` compares whole numbers"
        yield Diagnostic("bad-operand", message, part.at(*loc, "value"))
    if clause.operator in PATTERN_OPERATORS:
        yield from _pattern(part, str(clause.value), (*loc, "value"))


def _pattern(part: Salvaged[Application], text: str, loc: Loc) -> Iterator[Diagnostic]:
    """Check that a pattern compiles, and point at the piece that does not."""
    try:
        compile_pattern(text)
    except PatternError as exc:
        node = part.node(*loc)
        place = part.at(*loc)
        if exc.column is not None and isinstance(node, Scalar):
            place = place_in(node, exc.column - 1)
        hint = "patterns are those of RE2: no look-around, no back-references"
        yield Diagnostic("bad-pattern", f"this pattern cannot be used: {exc}", place, hint)
