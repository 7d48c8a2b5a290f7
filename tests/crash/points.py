"""
The moments at which a run can die, by name, and the doors of the house that know them.

Nothing in the program knows of this. It runs with another disk, another target and
another lock than usual (:class:`reconciler.workflow.wiring.Wiring`), which say each
time that a point is reached.

A record, a plan and a claim are written in four steps: *before* anything of it; *torn*,
with half of its bytes written; *written*, all of them, and not synced; *synced*. A
request is about to go (*before*), *served* by the target and not answered, or *after*
its answer. A look, the lock and the names in a folder have a before and an after.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from reconciler.config.model import Application
from reconciler.live.client import ScimTarget
from reconciler.plan.document import Plan
from reconciler.store.disk import Disk
from reconciler.store.journal import FileJournal
from reconciler.workflow.project import Project
from reconciler.workflow.wiring import Wiring

WRITTEN = ("before", "torn", "written", "synced")
SENT = ("before", "served", "after")
LOOKED = ("before", "after")

OPERATION_RECORDS = ("intent", "done", "conflict", "failed")
LINES = ("intents", "ends")
"""Lines of several records of operations (decision 36)."""
RUN_RECORDS = ("run_begin", "run_end")
FILES = ("plan", "claim", "copy")
"""A stored plan, the claim of a run, and the copy of a journal that a run goes on with."""
SENDS = ("create", "patch", "put", "delete", "bulk")
LOOKS = ("get", "search", "search_many", "list", "discover")
AROUND = ("folder", "lock")
"""The names in a folder, made durable; the lock, taken (*before* and *after*)."""

POINTS: tuple[str, ...] = (
    *(
        f"{kind}.{step}"
        for kind in (*OPERATION_RECORDS, *LINES, *RUN_RECORDS, *FILES)
        for step in WRITTEN
    ),
    *(f"{method}.{step}" for method in SENDS for step in SENT),
    *(f"{look}.{step}" for look in (*LOOKS, *AROUND) for step in LOOKED),
)
"""Every point; a matrix that never reaches one of them is no whole matrix."""

PER_OPERATION: frozenset[str] = frozenset(
    point
    for point in POINTS
    if point.partition(".")[0]
    in (*OPERATION_RECORDS, *LINES, *SENDS, "get", "search", "search_many")
)
"""Those that belong to an operation; the others belong to a run."""


LONGEST = 0.3
"""Seconds of the longest pause at a point; most are very much shorter."""

PATIENCE = 30.0
"""Seconds after which nobody waits for another process any more."""


def die() -> None:
    """End this process as a power cut does: nothing is flushed, closed or said."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def wait_for(come: Callable[[], bool]) -> None:
    """Wait until what another process does has *come*."""
    patience = time.monotonic() + PATIENCE
    while not come():
        assert time.monotonic() < patience, "the other one does not come"
        time.sleep(0.005)


@dataclass(slots=True)
class Points:
    """Counts how often each point is reached, acts at one of them, and may pause at each."""

    at: str | None = None
    hit: int = 1
    """At the how-manieth time."""
    act: Callable[[], None] = die
    pauses: Random | None = None
    """Says how long."""
    hits: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reach(self, point: str) -> None:
        """Be told that a thread is at *point*."""
        with self._lock:
            self.hits[point] += 1
            due = point == self.at and self.hits[point] == self.hit
            pause = self.pauses.random() ** 16 * LONGEST if self.pauses else 0.0
        if pause:
            time.sleep(pause)
        if due:
            self.act()


class WatchedDisk(Disk):
    """A disk that says what it is about to write."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._latest: dict[int, str] = {}

    def write(self, descriptor: int, data: bytes) -> None:
        """Write *data* in two halves."""
        kind = kind_of(data)
        self._latest[descriptor] = kind
        self._points.reach(f"{kind}.before")
        half = len(data) // 2
        super().write(descriptor, data[:half])
        self._points.reach(f"{kind}.torn")
        super().write(descriptor, data[half:])
        self._points.reach(f"{kind}.written")

    def sync(self, descriptor: int) -> None:
        """Wait for what was written last to this file, or for the names in a folder."""
        kind = self._latest.pop(descriptor, None)
        if kind is None:
            self._points.reach("folder.before")
        super().sync(descriptor)
        self._points.reach("folder.after" if kind is None else f"{kind}.synced")


def kind_of(data: bytes) -> str:
    """Return what *data* is, of all that the store writes."""
    if data.count(b"\n") != 1:
        return "copy"
    said: dict[str, Any] = json.loads(data)
    if said.get("kind") == "together":
        return "intents" if said["records"][0]["kind"] == "intent" else "ends"
    if "kind" in said:
        return str(said["kind"])
    return "plan" if "format_version" in said else "claim"


class WatchedTarget:
    """A target that says what is asked of it."""

    def __init__(self, inner: ScimTarget, points: Points) -> None:
        self._inner = inner
        self._points = points

    def __enter__(self) -> WatchedTarget:
        self._inner.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self._inner.__exit__(*exc)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in (*SENDS, *LOOKS):
            return found

        def asked(*arguments: Any, **named: Any) -> Any:
            self._points.reach(f"{name}.before")
            try:
                return found(*arguments, **named)
            finally:
                self._points.reach(f"{name}.after")

        return asked


@dataclass(frozen=True, slots=True)
class WatchedWiring(Wiring):
    """The usual wiring, with doors that say who goes through."""

    points: Points = field(default_factory=Points)

    def target(self, project: Project, application: Application) -> ScimTarget:
        """Return the client of the service."""
        inner = Wiring.target(self, project, application)
        return cast(ScimTarget, WatchedTarget(inner, self.points))

    @contextmanager
    def journal(self, project: Project, plan: Plan) -> Iterator[FileJournal]:
        """Hold the lock and the journal."""
        self.points.reach("lock.before")
        with Wiring.journal(self, project, plan) as journal:
            self.points.reach("lock.after")
            yield journal
