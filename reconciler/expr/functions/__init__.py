"""The functions a mapping may call, a family a module (face)."""

from reconciler.expr.functions.table import FUNCTIONS

__all__ = ["FUNCTIONS"]
