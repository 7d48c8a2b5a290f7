"""
In which order the crowds of a batch go (:mod:`reconciler.apply.crowd`).

The first one goes ahead alone: what is wrong with a service shows on a hundred, and not on
all that could be on their way. After that as many go as may be in flight. Whoever falls out
of a crowd goes on alone before the next crowd begins, so that failures count, and end the
run, before more is sent.

Used by :class:`reconciler.apply.execute.Run`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Final

from reconciler.apply.crowd import Left
from reconciler.apply.report import Outcome
from reconciler.plan.operation import Operation

CROWDS: Final = 4
"""Crowds that are on their way at the same time, at most."""

Told = tuple[Sequence[Outcome], Sequence[Left]]
"""What became of a crowd: how its operations ended, and which of them go on alone."""


@dataclass(slots=True)
class Crowds:
    """The crowds of one batch."""

    ahead: deque[Sequence[Operation]]
    """Those that have not begun."""
    begin: Callable[[Sequence[Operation]], Future[Told]]
    alone: Callable[[Sequence[Left]], None]
    """Carries out who goes alone, and returns once they have ended."""
    collect: Callable[[Outcome], None]
    may_begin: Callable[[], bool]
    most: int
    """How many may be on their way, once the first has come back."""
    _allowed: int = 1
    _waiting: set[Future[Told]] = field(default_factory=set)
    _left: list[Left] = field(default_factory=list)

    def run(self) -> list[Operation]:
        """Carry them out, and return the operations of those that were not begun."""
        while self._waiting or (self.ahead and self.may_begin()):
            self._begin()
            done, self._waiting = wait(self._waiting, return_when=FIRST_COMPLETED)
            self._hear(done)
            self._allowed = self.most
            if not self._waiting:
                alone, self._left = self._left, []
                self.alone(alone)
        return [operation for crowd in self.ahead for operation in crowd]

    def end(self) -> list[Left]:
        """Wait for those that are on their way, and return who is left over."""
        self._hear(wait(self._waiting).done)
        return self._left

    def _begin(self) -> None:
        """Let as many crowds begin as may."""
        while self.ahead and not self._left and self.may_begin():
            if len(self._waiting) >= self._allowed:
                break
            self._waiting.add(self.begin(self.ahead.popleft()))

    def _hear(self, ended: set[Future[Told]]) -> None:
        """Take in what became of crowds."""
        for future in ended:
            outcomes, left = future.result()
            self._left += left
            for outcome in outcomes:
                self.collect(outcome)
