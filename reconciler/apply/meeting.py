"""
Where the threads of a run meet, so that what they ask for travels together.

Whoever comes stands in a line and waits: until the line is as long as one request
may be, or until everybody who runs waits in some line, so that nobody else can come.
Then one thread serves the line, and each in it gets an end of its own.

Used by :mod:`reconciler.apply.together`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
End = TypeVar("End")


@dataclass(frozen=True, slots=True)
class Ticket(Generic[Item, End]):
    """One who waits, for whom *item* is asked."""

    item: Item
    end: Future[End | None] = field(default_factory=Future)
    """What it came to; None is to be asked alone."""


Serve = Callable[[Sequence[Ticket[Item, End]]], None]
"""Gives each of the tickets its end."""


@dataclass(slots=True)
class Line(Generic[Item, End]):
    """Those who wait for the same kind of request."""

    serve: Serve[Item, End]
    """Called by one of them, outside any lock."""
    waiting: list[Ticket[Item, End]] = field(default_factory=list)


class Meeting:
    """The lines in which the threads of one run wait for each other."""

    def __init__(self, most: int, threads: int, stop: Event) -> None:
        """
        Begin with nobody.

        Args:
            most: Tickets that are served together.
            threads: How many there are; when all of them wait, nobody else can come.
            stop: Set when nobody is to wait for others any more, who may never begin.
        """
        self._most, self._threads, self._stop = most, threads, stop
        self._lock = Lock()
        self._lines: list[Line[object, object]] = []
        self._running = 0

    def line(self, serve: Serve[Item, End]) -> Line[Item, End]:
        """Return a new line."""
        line = Line(serve)
        self._lines.append(line)  # type: ignore[arg-type]
        return line

    def expect(self, count: int) -> None:
        """Be told that *count* operations begin, each of which says when it has ended."""
        with self._lock:
            self._running = count

    def ended(self) -> None:
        """Be told that an operation has ended: those that are left wait for one less."""
        with self._lock:
            self._running -= 1
        self.serve()

    def join(self, line: Line[Item, End], item: Item) -> End | None:
        """Wait for the others, and return what became of *item*; None if it is to go alone."""
        ticket: Ticket[Item, End] = Ticket(item)
        with self._lock:
            line.waiting.append(ticket)
        self.serve()
        return ticket.end.result()

    def serve(self) -> None:
        """Serve whoever need not wait any longer."""
        with self._lock:
            due = list(self._due())
        for line, tickets in due:
            line.serve(tickets)

    def _due(self) -> Iterator[tuple[Line[object, object], Sequence[Ticket[object, object]]]]:
        """Yield who is served now."""
        waiting = sum(len(line.waiting) for line in self._lines)
        everybody = self._stop.is_set() or waiting >= min(self._running, self._threads)
        for line in self._lines:
            while line.waiting and (everybody or len(line.waiting) >= self._most):
                due, line.waiting = line.waiting[: self._most], line.waiting[self._most :]
                yield line, due
