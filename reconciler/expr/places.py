"""
Where a function may stand.

Two kinds of functions mean something in one place only (entra.md 1.10 and 4.2):

* SelectUniqueValue and the functions that yield a person's list of roles
  describe a whole target attribute, and stand inside nothing;
* IgnoreFlowIfNullOrEmpty takes an attribute out of the flow, which says nothing
  inside the condition of an IIF, where an empty value fails anyhow.

Called by :func:`reconciler.expr.parser.parse`, on a tree whose calls are known
to be right.
"""

from __future__ import annotations

from reconciler.expr.errors import ExpressionError
from reconciler.expr.functions import FUNCTIONS
from reconciler.expr.nodes import Call, Node, operands_of, walk
from reconciler.expr.traps import CONDITIONAL

FLOW_WRAPPERS = frozenset({"IgnoreFlowIfNullOrEmpty"})
"""Functions that decide whether an attribute is written at all."""


def check_places(root: Node) -> None:
    """Raise :class:`ExpressionError` for the first call that stands in a wrong place."""
    for operand in operands_of(root):
        for node in walk(operand):
            if isinstance(node, Call) and FUNCTIONS[node.name].outermost:
                hint = f"write {FUNCTIONS[node.name].usage} alone, as the whole expression"
                message = f"{node.name} stands inside nothing: it is for a whole attribute"
                raise ExpressionError(message, node.column, hint)
    for node in walk(root):
        if isinstance(node, Call) and node.name in CONDITIONAL:
            _check_condition(node)


def _check_condition(conditional: Call) -> None:
    """Refuse a flow wrapper in the first argument of *conditional*."""
    for node in walk(conditional.arguments[0]):
        if isinstance(node, Call) and node.name in FLOW_WRAPPERS:
            message = f"{node.name} cannot stand in the condition of {conditional.name}"
            hint = f"wrap the whole: {node.name}({conditional.name}(…))"
            raise ExpressionError(message, node.column, hint)
