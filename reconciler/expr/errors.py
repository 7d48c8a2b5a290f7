"""
What can go wrong with an expression, in two kinds.

* ExpressionError: the text is wrong. Found when it is parsed, so that
  ``validate`` shows it with a caret under the character.
* EvaluationError: the text is fine and one person's values do not fit it.
  Found per person, who is then left exactly as they are (ruling 5).

Messages name attributes and functions, never a person's values: they end up in
plans, logs and pull-request comments.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.diagnostics import ReconcilerError


class ExpressionError(ReconcilerError):
    """An expression that cannot be used; *column* counts from 1 over the whole text."""

    def __init__(self, message: str, column: int, hint: str) -> None:
        self.message = message
        self.column = column
        self.hint = hint
        super().__init__(message, column, hint)

    def __str__(self) -> str:
        return f"{self.message} (column {self.column}; {self.hint})"


class EvaluationError(ReconcilerError):
    """An expression that has no value for these attributes."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Caution:
    """Something legal that rarely does what its author meant; same shape as an error."""

    column: int
    message: str
    hint: str
