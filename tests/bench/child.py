"""
Other processes: one that is measured, and the service that it talks to.

What is measured runs alone in a child, so that time and peak memory are its own. A
child may not take all memory of a machine that others use: it is refused more than a
bound, and what it could not do is a figure, too.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.bench.pace import pace
from tests.bench.people import TOKEN, TOKEN_NAME

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable
RECONCILER = (PYTHON, "-m", "reconciler")
SECONDS = 900.0
"""How long one child may run."""
MEMORY = 12 * 2**30
"""Bytes of addresses that one child may have."""
READY = 300.0
EVERY = 0.05


class Unmeasured(Exception):
    """A child did not do what was to be measured; says why."""


@dataclass(frozen=True)
class Spent:
    """What a child took."""

    wall: float
    """Seconds from its start to its end."""
    cpu: float
    """Seconds of all processors, its own children included."""
    peak: float
    """MiB that were resident at most, its own children included."""
    code: int
    out: str
    pace: float
    """How many times as long work took, before and after it, as where the targets were set."""

    @property
    def seconds(self) -> float:
        """From its start to its end, at the pace of the targets."""
        return self.wall * self.part

    @property
    def busy(self) -> float:
        """What work takes at the pace of the targets, as a part of what it took."""
        return 1 / self.pace

    @property
    def part(self) -> float:
        """The same of all its seconds: only what it worked is shorter there, not what it waited."""
        working = min(self.cpu / self.wall, 1.0)
        return 1 - working + working * self.busy


def middle(found: Sequence[Spent]) -> Spent:
    """Return the one that took neither most nor least at the pace of the targets."""
    return sorted(found, key=lambda spent: spent.seconds)[len(found) // 2]


def measured(
    command: Sequence[str],
    folder: Path,
    *,
    cores: Sequence[int] | None = None,
    codes: Sequence[int] = (0,),
) -> Spent:
    """
    Run *command* in *folder* to its end.

    Args:
        command: The program and its arguments.
        folder: Its working directory.
        cores: The processors it may use; None is all.
        codes: Exit codes that mean that it did its work.

    Raises:
        Unmeasured: It ended otherwise, or did not end in time.
    """
    out, err, before = folder / ".out", folder / ".err", pace()
    start = time.perf_counter()
    with out.open("wb") as said, err.open("wb") as complaints:
        with _bounded(cores):
            child = subprocess.Popen(
                command, cwd=folder, env=environment(folder), stdout=said, stderr=complaints
            )
        tree = _Tree(child.pid)
        usage, code = _ended(child, tree)
    wall = time.perf_counter() - start
    if code not in codes:
        last = err.read_text("utf-8", "replace").strip().splitlines()[-1:] or ["no message"]
        raise Unmeasured(f"exit {code} after {wall:.0f} s: {last[0][:200]}")
    peak = max(usage.ru_maxrss / 1024, tree.peak / 2**20)
    cpu = usage.ru_utime + usage.ru_stime
    told, meanwhile = out.read_text("utf-8", "replace"), (before + pace()) / 2
    return Spent(wall, cpu, peak, code, told, meanwhile)


def environment(folder: Path) -> dict[str, str]:
    """
    Return the variables of a child in *folder*: ours, the token, and where the tests are.

    Not those that change how Python starts: an installed command is compiled once. What
    a command remembers besides its store stays in the folder.
    """
    ours = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    cache = {"XDG_CACHE_HOME": str(folder / ".cache")}
    return {**ours, **cache, TOKEN_NAME: TOKEN, "PYTHONPATH": str(ROOT)}


@contextmanager
def _bounded(cores: Sequence[int] | None) -> Iterator[None]:
    """Bound memory and processors for as long as a child is started: it inherits both."""
    before, free = resource.getrlimit(resource.RLIMIT_AS), os.sched_getaffinity(0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, before[1]))
    os.sched_setaffinity(0, free if cores is None else cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, free)
        resource.setrlimit(resource.RLIMIT_AS, before)


def _ended(child: subprocess.Popen[bytes], tree: _Tree) -> tuple[resource.struct_rusage, int]:
    """Wait for a child; kill it when its time is over."""
    late = threading.Timer(SECONDS, child.kill)
    late.start()
    tree.start()
    try:
        _, status, usage = os.wait4(child.pid, 0)
    finally:
        late.cancel()
        tree.stop()
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage, child.returncode


class _Tree(threading.Thread):
    """Watches how much a process and those below it hold together."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._root = root
        self._over = threading.Event()

    def run(self) -> None:
        """Look again and again, and only where there is more than one process."""
        while not self._over.wait(EVERY):
            below = list(_descendants(self._root))
            if len(below) > 1:
                self.peak = max(self.peak, sum(map(_resident, below)))

    def stop(self) -> None:
        """End the watch."""
        self._over.set()
        self.join()


def _descendants(pid: int) -> Iterator[int]:
    """
    Yield a process and those below it, where the system tells.

    One that still has its parent's command line is about to become another program,
    and until then all that it holds is its parent's.
    """
    yield pid
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return
    for thread in threads:
        for below in map(int, _read(thread / "children").split()):
            if _command(below) != _command(pid):
                yield from _descendants(below)


def _command(pid: int) -> bytes:
    return _read(Path(f"/proc/{pid}/cmdline"))


def _resident(pid: int) -> int:
    """Return the bytes that a process holds; none once it has ended."""
    pages = _read(Path(f"/proc/{pid}/statm")).split()
    return int(pages[1]) * resource.getpagesize() if pages else 0


def _read(path: Path) -> bytes:
    """Return what the system tells of a process; nothing once it has ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


@dataclass(frozen=True)
class Served:
    """A service that is running."""

    url: str

    def forget(self) -> None:
        """Begin to count anew."""
        httpx.post(f"{self.url}/_forget", timeout=READY).raise_for_status()

    def seen(self) -> dict[str, Any]:
        """Return what was asked: `methods`, `refused`, `times`."""
        seen: dict[str, Any] = httpx.get(f"{self.url}/_seen", timeout=READY).json()
        return seen


@contextmanager
def served(**options: float | bool) -> Iterator[Served]:
    """Run the bench's service with these options in a process of its own."""
    command = [PYTHON, "-m", "tests.bench.server", *_flags(options)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(ROOT), stdin=pipe, stdout=pipe, text=True
    ) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            if not port:
                raise Unmeasured("the service did not start")
            yield Served(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()


def _flags(options: Mapping[str, float | bool]) -> Iterator[str]:
    """Yield options as a command line has them."""
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            yield flag
        elif value is not False:
            yield from (flag, str(value))
