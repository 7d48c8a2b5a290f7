"""
What `active` becomes when somebody leaves: false, or nobody is ever disabled.

A mapping of `active` that reads [IsSoftDeleted] alone is the same for everybody, so
it is tried out here for both of its values. Copied as it is, [IsSoftDeleted] is true
for whoever leaves, and would switch off everybody else; a `Switch` whose keys are
spelt `true` and `false` yields nothing at all. Entra accepts both in silence (ruling
6; entra.md, section 1.7). A mapping that reads more is judged person by person.

Called by :mod:`reconciler.config.check_mappings`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.config.check_targets import Problem, Target
from reconciler.config.model import AttributeMapping
from reconciler.expr import EvaluationError, Expression, Value, compile_expression

SOFT_DELETED = "IsSoftDeleted"
"""The computed source attribute that is true for whoever leaves (entra.md, section 1.7)."""

HINT = 'write Switch([IsSoftDeleted], , "False", "True", "True", "False"), with capital letters'

_WRONG: Mapping[tuple[str, str | None], str] = {
    ("True", "true"): "`active` becomes true for whoever leaves: nobody could be disabled",
    ("True", None): "`active` gets no value for whoever leaves: nobody could be disabled",
    ("False", "false"): "`active` becomes false for whoever stays: everybody would be disabled",
}
"""What is wrong, by [IsSoftDeleted] and what it makes of `active`."""


def check_active(
    target: Target | None, mapping: AttributeMapping, expression: Expression | None
) -> Iterator[Problem]:
    """Yield what is wrong with a mapping of `active`; *expression* is None if unreadable."""
    if target is None or target.identity != "active" or mapping.apply != "always":
        return
    key = "source" if expression is None else "expression"
    for soft_deleted in ("True", "False"):
        made = _made(mapping, expression, soft_deleted)
        spelled = None if made is None else str(made).lower()
        if message := _WRONG.get((soft_deleted, spelled)):
            yield Problem("nothing-disables", message, HINT, key)
            return


def _made(mapping: AttributeMapping, expression: Expression | None, soft_deleted: str) -> Value:
    """Return what *mapping* makes of [IsSoftDeleted]; empty text when that cannot be known."""
    if expression is None:
        return soft_deleted if mapping.source == SOFT_DELETED else ""
    if expression.attributes != {SOFT_DELETED}:
        return ""
    try:
        return compile_expression(expression)({SOFT_DELETED: soft_deleted})
    except EvaluationError:
        return ""
