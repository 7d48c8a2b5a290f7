"""Who is meant, and as what (face)."""

from __future__ import annotations

from reconciler.scope.assignments import Expansion, Grant, expand
from reconciler.scope.decide import Cause, Decision, Scope
from reconciler.scope.domains import RegisteredDomains
from reconciler.scope.filters import check_filters, compile_filters
from reconciler.scope.steps import Step

__all__ = [
    "Cause",
    "Decision",
    "Expansion",
    "Grant",
    "RegisteredDomains",
    "Scope",
    "Step",
    "check_filters",
    "compile_filters",
    "expand",
]
