"""
Mapping tables: every expression reads, every account can be found, somebody can be disabled.

What one target path may be is in :mod:`reconciler.config.check_targets`, what
app roles may go to in :mod:`reconciler.config.check_roles`, what only a create
can write in :mod:`reconciler.config.check_creates`, what `active` has to become
in :mod:`reconciler.config.check_active`; here are the rules over a whole table.
Errors in expressions are shown at their character in the file.

Called by :mod:`reconciler.config.check`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reconciler.config.check_active import SOFT_DELETED, check_active
from reconciler.config.check_creates import check_creates
from reconciler.config.check_roles import check_roles
from reconciler.config.check_targets import Problem, Target, check_target, read_target
from reconciler.config.columns import place_in
from reconciler.config.model import Application, AttributeMapping
from reconciler.config.nodes import Scalar
from reconciler.config.salvage import Salvaged
from reconciler.diagnostics import Diagnostic, Position
from reconciler.expr import Expression, ExpressionError, parse
from reconciler.scim.paths import PathError, parse_path
from reconciler.scim.roles import ROLES

_TABLES = (("users", "User"), ("groups", "Group"))


@dataclass(frozen=True, slots=True)
class Row:
    """One mapping, with all that could be read of it."""

    mapping: AttributeMapping
    loc: tuple[str | int, ...]
    target: Target | None
    """None when the path cannot be read, or is not known."""
    expression: Expression | None
    """None without an expression, and when it cannot be read."""

    @property
    def reads(self) -> frozenset[str]:
        """The source attributes that the value is made of."""
        if self.mapping.source is not None:
            return frozenset({self.mapping.source})
        return self.expression.attributes if self.expression else frozenset()


def check(part: Salvaged[Application]) -> Iterator[Diagnostic]:
    """Return every complaint and warning about the mapping tables of one application."""
    mappings = part.model.mappings
    if "mappings" in part.holes:
        return
    for key, resource_type in _TABLES:
        table = getattr(mappings, key)
        if table is None:
            continue
        found: list[Diagnostic] = []
        rows = [
            _row(part, mapping, ("mappings", key, index), resource_type, found)
            for index, mapping in enumerate(table)
        ]
        yield from found
        yield from _repeated(part, rows)
        yield from _matching(part, rows, key)
        if key == "users":
            yield from _disabling(part, rows)
            yield from _expected(part, rows)


def _row(
    part: Salvaged[Application],
    mapping: AttributeMapping,
    loc: tuple[str | int, ...],
    resource_type: str,
    found: list[Diagnostic],
) -> Row:
    """Read one mapping, and note what is wrong with it."""
    expression = _expression(part, mapping, loc, found)
    kinds = type(mapping.constant), type(mapping.default)
    target, problems = _judged(mapping, resource_type, kinds)
    found += [
        Diagnostic(one.code, one.message, part.at(*loc, one.key), one.hint, one.severity)
        for one in problems
    ]
    return Row(mapping, loc, target, expression)


@lru_cache(maxsize=1_024)
def _judged(
    mapping: AttributeMapping, resource_type: str, kinds: tuple[type, type]
) -> tuple[Target | None, tuple[Problem, ...]]:
    """
    Return what *mapping* writes to, and what is wrong with it, wherever it stands.

    A line of `defaults` is of each of a thousand applications. *kinds* are those of its
    values, of which 1 and true are otherwise the same to a cache.
    """
    target, problems = read_target(mapping.target, resource_type)
    if target is not None:
        problems += check_target(target, mapping)
    try:
        expression = None if mapping.expression is None else parse(mapping.expression)
    except ExpressionError:
        expression = None
    problems += check_active(target, mapping, expression)
    problems += check_roles(target, mapping, expression)
    problems += check_creates(target, mapping, expression)
    return target, tuple(problems)


def _expression(
    part: Salvaged[Application],
    mapping: AttributeMapping,
    loc: tuple[str | int, ...],
    found: list[Diagnostic],
) -> Expression | None:
    """Parse the expression of a mapping, and note errors and warnings at their characters."""
    if mapping.expression is None:
        return None
    try:
        expression = parse(mapping.expression)
    except ExpressionError as exc:
        place = _inside(part, loc, exc.column)
        found.append(Diagnostic("bad-expression", exc.message, place, exc.hint))
        return None
    for caution in expression.warnings:
        place = _inside(part, loc, caution.column)
        found.append(
            Diagnostic("doubtful-expression", caution.message, place, caution.hint, "warning")
        )
    return expression


def _inside(part: Salvaged[Application], loc: tuple[str | int, ...], column: int) -> Position:
    """Return the place of a column (from 1) of an expression in its file."""
    node = part.node(*loc, "expression")
    if isinstance(node, Scalar):
        return place_in(node, column - 1)
    return part.at(*loc, "expression")


def _repeated(part: Salvaged[Application], rows: Sequence[Row]) -> Iterator[Diagnostic]:
    """Every target is written by one mapping."""
    first: dict[str, Row] = {}
    for row in rows:
        if row.target is None:
            continue
        before = first.setdefault(row.target.identity, row)
        if before is not row:
            line = part.at(*before.loc).line
            message = f"the target `{row.mapping.target}` is already mapped in line {line}"
            yield Diagnostic("repeated-target", message, part.at(*row.loc, "target"))
    if ROLES in first:
        yield from _overlapping(part, rows, first[ROLES])


def _overlapping(
    part: Salvaged[Application], rows: Sequence[Row], whole: Row
) -> Iterator[Diagnostic]:
    """Who writes all roles leaves no single one to another mapping."""
    line = part.at(*whole.loc).line
    for row in rows:
        if row.target and row.target.identity.startswith(f"{ROLES}["):
            message = f"`{row.mapping.target}` is part of `{ROLES}`, which is mapped in line {line}"
            hint = "map the whole list, or the parts of one role"
            yield Diagnostic("repeated-target", message, part.at(*row.loc, "target"), hint)


def _matching(part: Salvaged[Application], rows: Sequence[Row], key: str) -> Iterator[Diagnostic]:
    """Something is matched on, in one order, by a value that tells people apart."""
    matching = [row for row in rows if row.mapping.match is not None]
    if not matching and part.is_whole("mappings", key):
        message = f"no mapping of `{key}` has `match`: existing accounts could not be found"
        usual = "userName" if key == "users" else "displayName"
        hint = f"give `match: 1` to the attribute that tells {key} apart, e.g. `{usual}`"
        yield Diagnostic("nothing-matches", message, part.at("mappings", key), hint)
    first: dict[int | None, Row] = {}
    for row in matching:
        before = first.setdefault(row.mapping.match, row)
        if before is not row:
            line = part.at(*before.loc).line
            message = f"`match: {row.mapping.match}` is already used in line {line}"
            yield Diagnostic("repeated-match", message, part.at(*row.loc, "match"))
        if row.mapping.constant is not None:
            message = "a constant is the same for everybody and cannot be matched on"
            yield Diagnostic("unfit-match", message, part.at(*row.loc, "match"))


def _disabling(part: Salvaged[Application], rows: Sequence[Row]) -> Iterator[Diagnostic]:
    """
    Something is written when somebody is disabled (ruling 6).

    Needed whenever `update` is allowed, whatever happens to who leaves:
    `accountEnabled: false` always disables. What is written on create only
    disables nobody.
    """
    unread = any(row.mapping.expression and row.expression is None for row in rows)
    if unread or not part.is_whole("mappings", "users") or not part.is_whole("lifecycle"):
        return
    written = [row for row in rows if row.mapping.apply == "always"]
    if "update" not in part.model.lifecycle.actions or any(
        SOFT_DELETED in row.reads for row in written
    ):
        return
    message = f"no mapping writes [{SOFT_DELETED}] to accounts that exist: nobody could be disabled"
    hint = 'map `active` with Switch([IsSoftDeleted], , "False", "True", "True", "False")'
    if any(SOFT_DELETED in row.reads for row in rows):
        hint = f"remove `apply: on_create` from the mapping that reads [{SOFT_DELETED}]"
    elif _differs_in_case(rows):
        hint = f"attribute names are case-sensitive: write [{SOFT_DELETED}]"
    yield Diagnostic("nothing-disables", message, part.at("mappings", "users"), hint)


def _differs_in_case(rows: Sequence[Row]) -> bool:
    """Say whether some mapping reads the attribute under a differently written name."""
    names = {name for row in rows for name in row.reads}
    return any(n != SOFT_DELETED and n.casefold() == SOFT_DELETED.casefold() for n in names)


def _expected(part: Salvaged[Application], rows: Sequence[Row]) -> Iterator[Diagnostic]:
    """A test can only expect values of attributes that are mapped."""
    if not part.is_whole("mappings", "users") or any(row.target is None for row in rows):
        return
    mapped = {row.target.identity for row in rows if row.target}
    for index, test in enumerate(part.model.tests):
        for name in test.expect.attributes:
            try:
                known = str(parse_path(name)).lower() in mapped
            except PathError:
                known = False
            if not known:
                loc = ("tests", index, "expect", "attributes", name)
                message = f"`{name}` is not mapped: a test cannot expect a value of it"
                yield Diagnostic("not-mapped", message, part.key_at(*loc))
