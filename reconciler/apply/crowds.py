"""
In which order the crowds of a batch go (:mod:`reconciler.apply.crowd`).

The first one goes ahead alone: what is wrong with a service shows on a hundred, and not on
all that could be on their way. After that four go, where as many requests may be in
flight, and else fewer. Whoever falls out of a crowd goes on alone before the next crowd
begins, so that failures count, and end the run, before more is sent.

While those are on their way, the names of the next ones are looked for (decision 42): that
writes nothing down and changes nothing, so it is no beginning. A crowd of which only the end
is to be written down makes room for the next one.

Used by :class:`reconciler.apply.execute.Run`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple

from reconciler.apply.crowd import Left, Looked
from reconciler.apply.report import Outcome
from reconciler.plan.many import Some
from reconciler.plan.operation import Operation

CROWDS: Final = 4
"""Crowds that are on their way at the same time, at most: while two send, two are looked at."""

UNWRITTEN: Final = 1
"""Crowds beside them of which only the end is still to be written down, at most."""

Look = Future[Looked]


class Begun(NamedTuple):
    """A crowd that was begun."""

    left: Future[Sequence[Left]]
    """Who goes on alone; known once the crowd was sent and looked at."""
    ended: Future[Sequence[Outcome]]
    """How the others ended; known once that is on disk, which is never before *left* is."""


@dataclass(slots=True)
class Crowds:
    """The crowds of one batch."""

    ahead: deque[Some]
    """Those that have not begun."""
    look: Callable[[Sequence[Operation]], Look]
    begin: Callable[[Look], Begun]
    """Lets a crowd begin, as soon as it was looked for."""
    alone: Callable[[Sequence[Left]], None]
    """Carries out who goes alone, and returns once they have ended."""
    collect: Callable[[Sequence[Outcome]], None]
    may_begin: Callable[[], bool]
    most: int
    """How many may be on their way, once the first has come back."""
    _allowed: int = 1
    _looks: deque[Look] = field(default_factory=deque)
    """Of the first ones of those ahead."""
    _going: set[Begun] = field(default_factory=set)
    """Those that are sent, or looked at."""
    _waiting: set[Begun] = field(default_factory=set)
    """Those that have not ended, of which these are some."""
    _heard: deque[Sequence[Outcome]] = field(default_factory=deque)
    """What is to be collected: after the next crowds have begun, as it takes a moment."""
    _left: list[Left] = field(default_factory=list)

    def run(self) -> list[Some]:
        """Carry them out, and return those that were not begun."""
        while self._waiting or (self.ahead and self.may_begin()):
            self._begin()
            self._collect()
            open_yet: list[Future[Any]] = [one.left for one in self._going]
            open_yet += (one.ended for one in self._waiting)
            wait(open_yet, return_when=FIRST_COMPLETED)
            self._hear()
            if not self._waiting and self._left:
                alone, self._left = self._left, []
                self._collect()
                self.alone(alone)
        self._collect()
        return [*self.ahead]

    def end(self) -> list[Left]:
        """Wait for those that are on their way, and return who is left over."""
        wait([one.ended for one in self._waiting])
        self._hear()
        self._collect()
        return self._left

    def _begin(self) -> None:
        """Let as many crowds begin as may, and look for as many of those that follow."""
        while self._may_go() and self._has_place():
            self._look_for(1)
            self.ahead.popleft()
            begun = self.begin(self._looks.popleft())
            self._going.add(begun)
            self._waiting.add(begun)
        if self._may_go():
            self._look_for(self._allowed)

    def _has_place(self) -> bool:
        """
        Say whether one more may be on its way.

        Whoever has only to be written down holds no place, but the first, and one at a time.
        """
        unwritten = 0 if self._allowed == 1 else UNWRITTEN
        waiting = len(self._waiting) < self._allowed + unwritten
        return waiting and len(self._going) < self._allowed

    def _may_go(self) -> bool:
        """Say whether there is one more crowd, and nothing speaks against it."""
        return bool(self.ahead) and not self._left and self.may_begin()

    def _look_for(self, count: int) -> None:
        """Have the first ones of those ahead looked for, unless they are."""
        for crowd in islice(self.ahead, len(self._looks), count):
            self._looks.append(self.look(crowd))

    def _hear(self) -> None:
        """Take in what became of crowds."""
        for one in [one for one in self._waiting if one.ended.done()]:
            self._waiting.discard(one)
            self._allowed = self.most
            self._heard.append(one.ended.result())
        for one in [one for one in self._going if one.left.done()]:  # all that ended among them
            self._going.discard(one)
            self._left += one.left.result()

    def _collect(self) -> None:
        while self._heard:
            self.collect(self._heard.popleft())
