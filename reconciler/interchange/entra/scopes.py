"""
Scoping filters of Graph as filters of ours.

Who is in scope is the most that a filter can decide, so nothing about it is
guessed: a filter that cannot be said here is left out as a whole, and the
application stays switched off until somebody has looked at it. The two other
kinds of filter groups are kept and listed in the same way (entra.md, section 2).

Several values for one clause are read as alternatives, which Entra's pages do
not say and the form of the data suggests; they become one pattern, and that too
has to be looked at first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import get_args

from reconciler.config.model import PATTERN_OPERATORS, UNARY_OPERATORS, Operator
from reconciler.interchange.entra.draft import Draft, Filter, Line
from reconciler.interchange.entra.shapes import Json, TableName, items

OPERATORS = frozenset(get_args(Operator))

_LITERAL = re.compile(r"[\\.+*?()|\[\]{}^$]")

SEVERAL: Mapping[str, tuple[str, Callable[[list[str]], str]]] = {
    "EQUALS": ("REGEX MATCH", lambda values: _any_of(values)),
    "NOT EQUALS": ("NOT REGEX MATCH", lambda values: _any_of(values)),
    "Includes": ("REGEX MATCH", lambda values: f"(?s:.*({_any_of(values)}).*)"),
    "ENDS_WITH": ("REGEX MATCH", lambda values: f"(?s:.*({_any_of(values)}))"),
    "REGEX MATCH": ("REGEX MATCH", lambda values: "|".join(f"({each})" for each in values)),
    "NOT REGEX MATCH": ("NOT REGEX MATCH", lambda values: "|".join(f"({v})" for v in values)),
}
"""What says the same of several values as alternatives: an operator of ours, and its pattern."""

OTHER_GROUPS = {
    "inputFilterGroups": "input filters leave people alone whom they do not let in",
    "categoryFilterGroups": "category filters choose between object mappings",
}
"""The filter groups that are experimental in Graph, and what they do there."""


def filters_of(mapping: Json, path: str, table: TableName, draft: Draft) -> list[Filter]:
    """Return the filters of one object mapping; those that cannot be used stand as comments."""
    scope = mapping.get("scope") or {}
    filters = [
        _filter(group, f"{path}.scope.groups[{index}]", index, draft)
        for index, group in enumerate(items(scope, "groups"))
    ]
    for key, does in OTHER_GROUPS.items():
        if items(scope, key):
            place = f"{path}.scope.{key}"
            draft.unsupported(place, f"not decided here: {does}")
            draft.hold(f"{key} of {table} decide nothing here")
    if any(not one.clauses for one in filters):
        for one in filters:
            draft.leave_out(one, "one of these filters has no clauses, so everybody passes")
    return filters


def _filter(group: Json, place: str, index: int, draft: Draft) -> Filter:
    """Return one filter; it is left out when one of its clauses cannot be said."""
    name = group.get("name") or ""
    made = Filter(name or f"Filter {index + 1}", [], place if not name else f"{place} ({name})")
    if not name:
        draft.choice(place, "the filter has no name and gets one here", made)
    for number, clause in enumerate(items(group, "clauses")):
        line = Line({}, f"{place}.clauses[{number}]")
        problem = _clause(clause, line, draft)
        made.clauses.append(line)
        if problem and made.left_out is None:
            draft.leave_out(made, problem)
    return made


def _clause(clause: Json, line: Line, draft: Draft) -> str | None:
    """Fill in one clause; return why it cannot be said."""
    operator, attribute = clause.get("operatorName") or "", clause.get("sourceOperandName") or ""
    values = items(clause.get("targetOperand") or {}, "values")
    line.said.update({"attribute": attribute, "operator": operator})
    if operator not in OPERATORS:
        line.said["value"] = values
        return f"the operator {operator} is not known here"
    if operator in UNARY_OPERATORS:
        return None
    if len(values) == 1:
        line.said["value"] = values[0]
    elif values and operator in SEVERAL:
        line.said["operator"], pattern = SEVERAL[operator]
        line.said["value"] = pattern(values)
        draft.choice(line.place, "several values are taken as alternatives", line)
        draft.hold("several values of a clause are taken as alternatives")
    else:
        line.said["value"] = values
        many = "several values" if values else "no value"
        return f"the operator {operator} has {many}"
    if line.said["operator"] in PATTERN_OPERATORS and operator in PATTERN_OPERATORS:
        _anchors(values, line, draft)
    return None


def _any_of(values: list[str]) -> str:
    """Return the pattern that fits exactly *values*."""
    return "|".join(_LITERAL.sub(r"\\\g<0>", each) for each in values)


def _anchors(values: list[str], line: Line, draft: Draft) -> None:
    """Warn of a pattern that .NET would search for and we hold against the whole value."""
    for value in values:
        begins, ends = value.startswith(("^", ".*")), value.endswith(("$", ".*"))
        if not (begins and ends):
            wider = f"{'' if begins else '.*'}({value}){'' if ends else '.*'}"
            message = (
                f"the pattern has to fit the whole value here; .NET would find it anywhere: {wider}"
            )
            draft.choice(line.place, message, line)
