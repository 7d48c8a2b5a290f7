"""
Replace: five functions under one name, told apart by which arguments are given.

Which mode is meant is decided while compiling, and a combination that is none
of the five is an error with the five in its hint. A constant pattern is
compiled there too.

Decisions where Entra's page is silent: without a source there is no result
(but in the last mode, which is there for that case); a null replacement
replaces with nothing; a null text to look for is found nowhere; an expression
whose pattern depends on the person is compiled per value and remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reconciler.expr.errors import EvaluationError
from reconciler.expr.operands import Arguments, Reader, Row, TextReader
from reconciler.expr.patterns import (
    Match,
    Pattern,
    PatternProblem,
    compile_pattern,
    compile_replacement,
)
from reconciler.expr.signatures import Example, Function, of_text
from reconciler.expr.values import Value, bounded, require_room

SOURCE, OLD, PATTERN, GROUP, REPLACEMENT, OTHER, TEMPLATE = range(7)
"""Positions of the arguments."""


def _replace(arguments: Arguments) -> Reader:
    given = frozenset(index for index in range(OLD, TEMPLATE + 1) if arguments.given(index))
    build = MODES.get(given)
    if build is None:
        raise arguments.problem(SOURCE, "these arguments do not go together", _MODES_HINT)
    return build(arguments)


def _replace_old(arguments: Arguments) -> Reader:
    """Put the replacement for every *oldValue* in the source."""
    _require_old(arguments)
    known, new = arguments.constant(OLD), arguments.constant(REPLACEMENT)
    if known is not None and new is not None and len(new) <= len(known):
        return of_text(lambda text: text.replace(known, new))(arguments)
    source, old, replacement = (arguments.text(index) for index in (SOURCE, OLD, REPLACEMENT))

    def replace(row: Row) -> Value:
        return _substituted(source(row), old(row), replacement(row) or "")

    return replace


def _fill_template(arguments: Arguments) -> Reader:
    """Put the source for every *oldValue* in the template."""
    source, old, template = (arguments.text(index) for index in (SOURCE, OLD, TEMPLATE))
    _require_old(arguments)

    def fill(row: Row) -> Value:
        text = source(row)
        return None if text is None else _substituted(template(row), old(row), text)

    return fill


def _require_old(arguments: Arguments) -> None:
    if arguments.constant(OLD) == "":
        raise arguments.problem(OLD, "the text to look for is empty", "leave no oldValue empty")


def _substituted(whole: str | None, old: str | None, new: str) -> str | None:
    """Return *whole* with *new* for every *old*; what cannot hold *old* stays as it is."""
    if not whole or not old:
        return whole
    if len(new) > len(old):
        require_room((len(whole), whole.count(old) * (len(new) - len(old))))
    return bounded(whole.replace(old, new))


def _replace_matches(arguments: Arguments) -> Reader:
    """Put the replacement, which may name groups, for every match in the source."""
    source, replacement = arguments.text(SOURCE), arguments.text(REPLACEMENT)
    pattern_of = _pattern(arguments)
    constant, pattern = arguments.constant(REPLACEMENT), _constant_pattern(arguments)
    effort = arguments.effort
    if constant is not None and pattern is not None:
        _checked(arguments, REPLACEMENT, lambda: compile_replacement(constant, pattern))

    def replace(row: Row) -> Value:
        text, pattern, new = source(row), pattern_of(row), replacement(row) or ""
        if not text or pattern is None:
            return text
        return bounded(pattern.replace(text, 0, compile_replacement(new, pattern), effort))

    return _refusing(arguments, replace)


def _replace_group(arguments: Arguments) -> Reader:
    """Put the replacement for what one named group captured in every match in the source."""
    source, replacement = arguments.text(SOURCE), arguments.text(REPLACEMENT)
    pattern_of, group_of, effort = _pattern(arguments), _group(arguments), arguments.effort

    def replace(row: Row) -> Value:
        text, pattern, new = source(row), pattern_of(row), replacement(row) or ""
        if not text or pattern is None:
            return text
        return bounded(pattern.replace(text, group_of(row, pattern), lambda match: new, effort))

    return _refusing(arguments, replace)


def _fall_back(arguments: Arguments) -> Reader:
    """Return the source, or what one named group captured in another attribute."""
    source, other = arguments.text(SOURCE), arguments.text(OTHER)
    pattern_of, group_of, effort = _pattern(arguments), _group(arguments), arguments.effort

    def fall_back(row: Row) -> Value:
        if text := source(row):
            return text
        text, pattern = other(row), pattern_of(row)
        if text is None or pattern is None:
            return None
        match: Match | None = pattern.search(text, effort)
        found: str | None = match.group(group_of(row, pattern)) if match else None
        return found

    return _refusing(arguments, fall_back)


def _refusing(arguments: Arguments, read: Reader) -> Reader:
    """Turn a pattern that a person's values spoil into that person's :class:`EvaluationError`."""

    def refuse(row: Row) -> Value:
        try:
            return read(row)
        except PatternProblem as problem:
            raise arguments.failure(str(problem)) from problem

    return refuse


def _pattern(arguments: Arguments) -> Callable[[Row], Pattern | None]:
    """Return a closure that yields the pattern: at once if it is constant, else by value."""
    constant, effort = _constant_pattern(arguments), arguments.effort
    if constant is not None:
        _pay_for(arguments, constant)
        return lambda row: constant
    text: TextReader = arguments.text(PATTERN)

    def pattern(row: Row) -> Pattern | None:
        written = text(row)
        if not written:
            return None
        compiled = compile_pattern(written)
        effort.spend(compiled.size)
        return compiled

    return pattern


def _pay_for(arguments: Arguments, pattern: Pattern) -> None:
    """Raise ExpressionError when the patterns of an expression are too much together."""
    try:
        arguments.effort.spend(pattern.size)
    except EvaluationError as error:
        message = "the patterns of this expression are too costly together"
        raise arguments.problem(PATTERN, message, "repeat less in them, or use fewer") from error


def _constant_pattern(arguments: Arguments) -> Pattern | None:
    """Return the pattern if it is a constant; raises ExpressionError for one that is no good."""
    written = arguments.constant(PATTERN)
    if written is None:
        return None
    if not written:
        raise arguments.problem(PATTERN, "the pattern is empty", "leave no regexPattern empty")
    return _checked(arguments, PATTERN, lambda: compile_pattern(written))


def _group(arguments: Arguments) -> Callable[[Row, Pattern], int]:
    """Return a closure that finds the named group; constants are checked at once."""
    read = arguments.text(GROUP)

    def group(row: Row, pattern: Pattern) -> int:
        return _group_index(read(row) or "", pattern)

    constant, pattern = arguments.constant(GROUP), _constant_pattern(arguments)
    if constant is not None and pattern is not None:
        index = _checked(arguments, GROUP, lambda: _group_index(constant, pattern))
        return lambda row, pattern: index
    return group


def _group_index(name: str, pattern: Pattern) -> int:
    index = pattern.group(name)
    if index is None:
        raise pattern.no_group(name)
    return index


_Made = TypeVar("_Made")


def _checked(arguments: Arguments, index: int, make: Callable[[], _Made]) -> _Made:
    try:
        return make()
    except PatternProblem as problem:
        raise arguments.problem(index, str(problem), problem.hint) from problem


MODES: dict[frozenset[int], Callable[[Arguments], Reader]] = {
    frozenset({OLD, REPLACEMENT}): _replace_old,
    frozenset({OLD, TEMPLATE}): _fill_template,
    frozenset({PATTERN, REPLACEMENT}): _replace_matches,
    frozenset({PATTERN, GROUP, REPLACEMENT}): _replace_group,
    frozenset({PATTERN, GROUP, OTHER}): _fall_back,
}
"""What Replace does, by the arguments that are given besides the source."""

_MODES_HINT = (
    "besides source give oldValue + replacementValue, oldValue + template, "
    "regexPattern + replacementValue, regexPattern + regexGroupName + replacementValue, "
    "or regexPattern + regexGroupName + replacementAttributeName"
)

_PHONE = r"\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})"

REPLACE_FUNCTIONS = (
    Function(
        "Replace",
        "source, [oldValue], [regexPattern], [regexGroupName], [replacementValue], "
        "[replacementAttributeName], [template]",
        minimum=5,
        maximum=7,
        doc="The source with a text, or what a pattern finds in it, replaced.",
        examples=(
            Example(
                'Replace([mail], "@contoso.com", , ,"", ,)',
                "john.doe",
                {"mail": "john.doe@contoso.com"},
            ),
            Example(
                'Replace([UserID],"<username>", , , , , "<username>@contoso.com")',
                "jsmith@contoso.com",
                {"UserID": "jsmith"},
            ),
            Example(
                f'Replace([telephoneNumber], , "{_PHONE}", , "${{phoneNumber}}", , )',
                "9998887777",
                {"telephoneNumber": "+91 9998887777"},
            ),
            Example(
                'Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )',
                "jsmith",
                {"userPrincipalName": "jsmith@contoso.com"},
            ),
            Example(
                f'Replace([telephoneNumber], , "{_PHONE}", "phoneNumber" , , [mobile], )',
                "8887779999",
                {"telephoneNumber": "", "mobile": "+91 8887779999"},
            ),
        ),
        build=_replace,
    ),
)
