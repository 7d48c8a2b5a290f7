"""
Scoping filters: does what the source says of somebody let them pass.

Filters are alternatives, clauses of one filter must all hold, no filter lets
everybody pass. The 14 operators, and the rule for null, are Entra's (entra.md,
section 2): every clause but `IS NULL` is false when the attribute is null or
empty, so `NOT EQUALS` is not the opposite of `EQUALS`. Where Entra's pages are
ambiguous:

* `REGEX MATCH` compares the whole value, as all of Entra's examples assume;
  the engine is RE2, which no pattern can keep busy (reliability.md, S14).
* `&` holds when the attribute's value is contained in the clause's value, which
  is `Includes` the other way round.
* `Greater_Than` compares integers; any other text is not greater than anything.

Everything else compares text, case-sensitively. Compiled once per application;
:mod:`reconciler.scope.decide` runs the result over everybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from reconciler.config.model import Clause, ScopingFilter
from reconciler.config.patterns import compile_pattern
from reconciler.diagnostics import Diagnostic, nearest
from reconciler.directory import Cell
from reconciler.scope.assignments import Locate, nowhere
from reconciler.scope.patterns import REMEMBERED, literal_texts, matching

Attributes = Mapping[str, Cell]
Test = Callable[[str], bool]
Predicate = Callable[[Attributes], bool]

_INTEGER = re.compile(r"[+-]?[0-9]{1,1000}")


def compile_filters(filters: Sequence[ScopingFilter] | None) -> Predicate:
    """
    Return the test that *filters* are; no filters let everybody pass.

    That values fit their operators has been checked by
    :mod:`reconciler.config.check_filters`. Answers are remembered by what the
    filters read: nothing else decides them.
    """
    if not filters:
        return lambda _: True
    clauses = [clause for one in filters for clause in one.clauses]
    test_of = _tests(clauses)
    alternatives = [tuple(_predicate(c, test_of(c)) for c in f.clauses) for f in filters]

    def passes(attributes: Attributes) -> bool:
        for together in alternatives:
            for holds in together:
                if not holds(attributes):
                    break
            else:
                return True
        return False

    return _remembered(passes, tuple(dict.fromkeys(clause.attribute for clause in clauses)))


def _remembered(passes: Predicate, names: tuple[str, ...]) -> Predicate:
    """Return *passes*, which reads the attributes *names* alone, with a bounded memory."""
    known: dict[tuple[Cell | None, ...], bool] = {}

    def recalled(attributes: Attributes) -> bool:
        values = tuple(map(attributes.get, names))
        verdict = known.get(values)
        if verdict is None:
            verdict = passes(attributes)
            if len(known) < REMEMBERED:
                known[values] = verdict
        return verdict

    return recalled


def compile_clause(clause: Clause) -> Predicate:
    """Return the test that one clause is; operands and attributes are compared as text."""
    return _predicate(clause, _OPERATORS[clause.operator](str(clause.value)))


def _predicate(clause: Clause, test: Test) -> Predicate:
    """Return *test*, which is about a text, as one of everything that the source can hold."""
    name, null = clause.attribute, clause.operator == "IS NULL"

    def holds(attributes: Attributes) -> bool:
        value = attributes.get(name)
        if not value:
            return null
        return isinstance(value, str) and test(value)

    return holds


def _tests(clauses: Sequence[Clause]) -> Callable[[Clause], Test]:
    """Return how each of *clauses* tests a text; all patterns about an attribute are one test."""
    patterns: dict[str, list[str]] = {}
    for clause in clauses:
        if clause.operator in _PATTERNS and literal_texts(str(clause.value)) is None:
            patterns.setdefault(clause.attribute, []).append(str(clause.value))
    found = {name: matching(texts) for name, texts in patterns.items()}

    def test_of(clause: Clause) -> Test:
        text = str(clause.value)
        if clause.operator not in _PATTERNS:
            return _OPERATORS[clause.operator](text)
        wanted, texts = clause.operator == "REGEX MATCH", literal_texts(text)
        if texts is not None:
            return lambda value: (value in texts) is wanted
        matches, at = found[clause.attribute], patterns[clause.attribute].index(text)
        return lambda value: (at in matches(value)) is wanted

    return test_of


def check_filters(
    filters: Sequence[ScopingFilter] | None,
    kind: str,
    rows: Collection[Attributes],
    locate: Locate = nowhere,
) -> tuple[Diagnostic, ...]:
    """
    Return what makes *filters* unfit for the data that they are to judge.

    *kind* is ``users`` or ``groups``; *rows* are the attributes of all of them.
    An attribute that holds lists is an error, because Entra's operators compare
    one value; one that nobody has is a warning.
    """
    found = (
        _attribute_problem(
            clause.attribute, rows, locate, ("scoping_filters", kind, f, "clauses", c, "attribute")
        )
        for f, scoping_filter in enumerate(filters or ())
        for c, clause in enumerate(scoping_filter.clauses)
    )
    return tuple(problem for problem in found if problem)


def _attribute_problem(
    name: str, rows: Collection[Attributes], locate: Locate, place: tuple[str | int, ...]
) -> Diagnostic | None:
    """Say whether the source's data can be compared by attribute *name*."""
    if any(isinstance(row.get(name), tuple) for row in rows):
        message = f'"{name}" has several values; a scoping filter compares one'
        hint = "filter by another attribute"
        return Diagnostic("multi-valued-attribute", message, locate(place), hint)
    if not rows or any(name in row for row in rows):
        return None
    meant = nearest(name, _names(rows))
    hint = f'did you mean "{meant}"?' if meant else "an attribute that nobody has is always null"
    message = f'nobody in the source has the attribute "{name}"'
    return Diagnostic("unknown-attribute", message, locate(place), hint, "warning")


def _names(rows: Iterable[Attributes]) -> set[str]:
    """Return every attribute that anybody has."""
    return set().union(*rows)


def _regex(pattern: str) -> Test:
    """Return whether a whole value matches *pattern*."""
    fullmatch = compile_pattern(pattern).fullmatch
    return lambda value: fullmatch(value) is not None


def _not_regex(pattern: str) -> Test:
    matches = _regex(pattern)
    return lambda value: not matches(value)


def _integer(text: str) -> int | None:
    """Return the integer that *text* writes in ASCII digits; None for anything else."""
    return int(text) if _INTEGER.fullmatch(text) else None


def _greater_than(operand: str) -> Test:
    limit = int(operand)
    return lambda value: (number := _integer(value)) is not None and number > limit


def _greater_or_equal(operand: str) -> Test:
    limit = int(operand)
    return lambda value: (number := _integer(value)) is not None and number >= limit


_OPERATORS: dict[str, Callable[[str], Test]] = {
    "&": lambda operand: lambda value: value in operand,
    "!&": lambda operand: lambda value: value not in operand,
    "ENDS_WITH": lambda operand: lambda value: value.endswith(operand),
    "EQUALS": lambda operand: lambda value: value == operand,
    "Greater_Than": _greater_than,
    "Greater_Than_OR_EQUALS": _greater_or_equal,
    "Includes": lambda operand: lambda value: operand in value,
    "IS FALSE": lambda _: lambda value: value.lower() == "false",
    "IS NOT NULL": lambda _: lambda _value: True,
    "IS NULL": lambda _: lambda _value: False,
    "IS TRUE": lambda _: lambda value: value.lower() == "true",
    "NOT EQUALS": lambda operand: lambda value: value != operand,
    "NOT REGEX MATCH": _not_regex,
    "REGEX MATCH": _regex,
}
"""From an operator and its operand to a test of a value that is not null."""

_PATTERNS = frozenset({"REGEX MATCH", "NOT REGEX MATCH"})
