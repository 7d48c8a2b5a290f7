"""
A process that has imported everything, and has children: the command, each time anew.

A child is a real process that runs the real command; only the half second that Python
takes to start is had once. Orders come as lines of JSON, and each is answered by two:
the child's number, and how it ended. This process has one thread, so that a fork copies
no lock that somebody holds.

Started by :class:`tests.crash.parents.Parent` as ``python -m tests.crash.nursery``.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from filelock import FileLock

from reconciler.cli import applying
from reconciler.cli.main import run
from reconciler.ports import Clock
from reconciler.store import claim, lock
from reconciler.store.disk import Disk
from tests.crash.disks import FaultyDisk
from tests.crash.points import Points, WatchedDisk, WatchedWiring, wait_for

SURROUNDINGS: Mapping[str, Callable[[Mapping[str, Any]], None]]
"""What else a child's world may be told to be, by the name that an order gives it."""


def obey(order: Mapping[str, Any]) -> int:
    """Be the command, and return its exit code."""
    os.chdir(order["folder"])
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(output, stream)
    hits = os.open(order["hits"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for name in order.get("surroundings", ()):
        SURROUNDINGS[name](order)
    points = Points(order.get("point"), order.get("hit", 1))
    if "seed" in order:
        points.pauses = Random(order["seed"])
    if "meets" in order:
        points.act = partial(meet, **{name: Path(path) for name, path in order["meets"].items()})
    disk: Disk = WatchedDisk(points)
    if "faulty" in order:
        disk = FaultyDisk(**order["faulty"])

    def wiring(clock: Clock) -> WatchedWiring:
        return WatchedWiring(clock, disk=disk, points=points)

    vars(applying)["Wiring"] = wiring
    code = run(order["arguments"])
    calls = disk.calls if isinstance(disk, FaultyDisk) else {}
    os.write(hits, json.dumps({**points.hits, **calls}).encode())
    return code


def meet(comes: Path | None = None, awaits: Path | None = None) -> None:
    """Say that this process is here, by a file, and wait for that of the other one."""
    if comes:
        comes.touch()
    if awaits:
        wait_for(awaits.exists)


def unlocked(order: Mapping[str, Any]) -> None:
    """Let the operating system's locks lock nothing, as on a share that has none."""

    class NoLock(FileLock):
        def _acquire(self) -> None:
            self._context.lock_file_fd = os.open(os.devnull, os.O_RDONLY)

        def _release(self) -> None:
            if self._context.lock_file_fd is not None:
                os.close(self._context.lock_file_fd)
                self._context.lock_file_fd = None

    vars(lock)["FileLock"] = NoLock


def elsewhere(order: Mapping[str, Any]) -> None:
    """Be on a machine of one's own."""
    vars(claim)["_machine"] = partial(str, order["machine"])


def nobody(order: Mapping[str, Any]) -> None:
    """Be a user who may do little; root may, without its capabilities, no more than others."""
    if os.getuid() == 0:
        header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        if ctypes.CDLL(None, use_errno=True).capset(header, none):
            raise OSError(ctypes.get_errno(), "capset")


def small(order: Mapping[str, Any]) -> None:
    """Let the kernel refuse every byte of a file that is beyond a limit (EFBIG)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (order["bytes"], order["bytes"]))


SURROUNDINGS = {"unlocked": unlocked, "elsewhere": elsewhere, "nobody": nobody, "small": small}


def bear(order: Mapping[str, Any]) -> int:
    """Fork; the child never returns."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        code = obey(order)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Obey until nobody gives orders any more."""
    gc.freeze()
    said = os.dup(1)
    living: dict[int, Any] = {}
    with open(said, "w", encoding="utf-8", buffering=1) as answers:
        for line in sys.stdin:
            orders = json.loads(line)
            living = {bear(order): number for number, order in enumerate(orders)}
            answers.write(json.dumps({number: child for child, number in living.items()}) + "\n")
            for child, number in living.items():
                _, status = os.waitpid(child, 0)
                answers.write(json.dumps([number, os.waitstatus_to_exitcode(status)]) + "\n")


if __name__ == "__main__":
    main()
