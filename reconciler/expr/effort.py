"""
What one evaluation may cost: a purse that is full again for every person.

A single function is quick over any text that fits (:data:`values.MAXIMUM_OUTPUT`),
but ten thousand characters hold hundreds of calls, and a pattern that finds
something at every character may look through the whole text every time. So
what reads long texts, long lists, patterns and formats pays for it, in
characters read by one function; whoever's values are too dear is skipped
(reliability.md S14 and S15). A tenth of a second or two is what a full purse lasts.

Short texts are free, because asking about them would cost more than reading them.

Held by the compiled expression, so nothing that runs at the same time may share one.
"""

from __future__ import annotations

from reconciler.expr.errors import EvaluationError
from reconciler.expr.values import MAXIMUM_OUTPUT

MAXIMUM_EFFORT = 16 * MAXIMUM_OUTPUT
"""Characters; the longest text passes through the deepest nesting."""

FREE = 1024
"""Characters of a text, or values of a list, that cost nothing."""


class Effort:
    """What is left of the purse."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAXIMUM_EFFORT

    def spend(self, characters: int) -> None:
        """Pay for reading; raises :class:`EvaluationError` when the purse is empty."""
        self.left -= characters
        if self.left < 0:
            raise EvaluationError("the values are too long for all that the expression does")
