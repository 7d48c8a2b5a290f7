"""
The mapping-expression language: Entra's notation, parsed once, run once per person.

``parse`` turns text into an :class:`Expression` or raises
:class:`ExpressionError` with a column; ``compile_expression`` turns that into a
function of one person's attributes.
"""

from reconciler.expr.errors import Caution, EvaluationError, ExpressionError
from reconciler.expr.evaluate import compile_expression, compile_for_many
from reconciler.expr.functions import FUNCTIONS
from reconciler.expr.nodes import Expression
from reconciler.expr.parser import parse
from reconciler.expr.surroundings import Chance, Surroundings
from reconciler.expr.values import Alternatives, RoleGrant, Value, text_of

__all__ = [
    "FUNCTIONS",
    "Alternatives",
    "Caution",
    "Chance",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "RoleGrant",
    "Surroundings",
    "Value",
    "compile_expression",
    "compile_for_many",
    "parse",
    "text_of",
]
