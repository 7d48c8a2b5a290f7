"""
A disk that forgets what was not synced.

Files are real, and lie where memory is cheap. What the store asks of the operating
system goes through :class:`Disk`: it knows which bytes and which names have been synced,
so that after a loss of power any suffix of the others can be taken away, or left as
zeros. A write or a sync may fail (ENOSPC, EIO).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import reconciler.store.claim
import reconciler.store.disk
import reconciler.store.folder
import reconciler.store.tail
from tests.simulate.fate import Fate

MODULES = (
    reconciler.store.claim,
    reconciler.store.disk,
    reconciler.store.folder,
    reconciler.store.tail,
)


@dataclass
class Disk:
    """In place of :mod:`os`, for the modules of the store."""

    fate: Fate
    folder: Path
    durable: dict[str, int] = field(default_factory=dict)
    """Bytes that are on the disk for good, by path, of files that were written to."""
    unnamed: set[str] = field(default_factory=set)
    """Paths whose names are not on the disk yet."""
    cut: dict[str, bytes] = field(default_factory=dict)
    """What was in a file before it was cut, until that is on the disk."""
    over: dict[str, bytes | None] = field(default_factory=dict)
    """What was at a path before a file was moved there, until its folder is on the disk."""
    _open: dict[int, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Any, flags: int, mode: int = 0o777) -> int:
        name = str(path)
        made = flags & os.O_CREAT and not os.path.lexists(name)
        descriptor = os.open(path, flags, mode)
        self._open[descriptor] = name
        if made:
            self.unnamed.add(name)
            self.durable[name] = 0
        elif flags & os.O_WRONLY:
            self.durable.setdefault(name, os.fstat(descriptor).st_size)
        return descriptor

    def close(self, descriptor: int) -> None:
        self._open.pop(descriptor, None)
        os.close(descriptor)

    def link(self, source: Any, target: Any) -> None:
        self.fate.step("before a link")
        os.link(source, target)
        self.unnamed.add(str(target))
        self.fate.step("after a link")

    def replace(self, source: Path, target: Path) -> Path:
        """Move a file whose bytes are on the disk; where it lies may be forgotten."""
        self.fate.step("before a move")
        old, new = str(source), str(target)
        before = target.read_bytes() if target.exists() else None
        os.replace(source, target)
        self.over.setdefault(new, before)
        self.durable[new] = self.durable.pop(old, os.path.getsize(new))
        self._open = {number: new if at == old else at for number, at in self._open.items()}
        self.fate.step("after a move")
        return target

    def write(self, descriptor: int, data: Any) -> int:
        self.fate.step("before a write")
        if self.fate.meets(self.fate.disk):
            part = self.fate.chance.randrange(len(data))
            os.write(descriptor, bytes(data[:part]))
            self.fate.met["disk full"] += 1
            raise OSError(errno.ENOSPC, "No space left on device")
        written = len(data)
        if self.fate.meets(self.fate.disk):
            written = self.fate.chance.randrange(1, len(data) + 1)
            self.fate.met["short write"] += 1
        os.write(descriptor, bytes(data[:written]))
        self.fate.step("after a write")
        return written

    def ftruncate(self, descriptor: int, size: int) -> None:
        self.fate.step("before a cut")
        path = self._open[descriptor]
        self.cut[path] = Path(path).read_bytes()
        os.ftruncate(descriptor, size)

    def fsync(self, descriptor: int) -> None:
        self.fate.step("before a sync")
        if self.fate.meets(self.fate.disk):
            self.fate.met["failed sync"] += 1
            raise OSError(errno.EIO, "Input/output error")
        path = self._open.get(descriptor)
        if path is not None and path in self.durable:
            self.durable[path] = os.fstat(descriptor).st_size
            self.cut.pop(path, None)
        elif path is not None:
            self.unnamed = {name for name in self.unnamed if os.path.dirname(name) != path}
            self.over = {at: was for at, was in self.over.items() if os.path.dirname(at) != path}
        self.fate.step("after a sync")

    def die(self) -> None:
        """Let the process be killed: what was written is in the system's memory, and stays."""
        self._open.clear()

    def lose_power(self) -> None:
        """Let the machine stop: what was not synced is gone, in part or all of it."""
        chance = self.fate.chance
        for path, size in sorted(self.durable.items()):
            if not os.path.lexists(path):
                continue
            data = Path(path).read_bytes()
            if path in self.cut and chance.random() < 0.5:
                Path(path).write_bytes(self.cut[path])
                self.fate.met["cut undone"] += 1
            elif len(data) > size:
                Path(path).write_bytes(data[:size] + self._rest(data[size:]))
                self.fate.met["unsynced bytes lost"] += 1
        self._forget_names()
        self.unnamed.clear()
        self.cut.clear()
        self.over.clear()
        self.durable = {p: os.path.getsize(p) for p in self.durable if os.path.lexists(p)}
        self._open.clear()

    def _forget_names(self) -> None:
        """Let names be lost that were not synced, and moves."""
        for path, was in sorted(self.over.items()):
            if self.fate.chance.random() < 0.5:
                self._put_back(path, was)
                self.fate.met["move undone"] += 1
        for path in sorted(self.unnamed):
            if self.fate.chance.random() < 0.5 and os.path.lexists(path):
                Path(path).unlink()
                self.fate.met["unsynced name lost"] += 1

    def _put_back(self, path: str, was: bytes | None) -> None:
        """Let a file lie where it lay before it was moved."""
        if was is None:
            Path(path).unlink(missing_ok=True)
        else:
            Path(path).write_bytes(was)

    def _rest(self, unsynced: bytes) -> bytes:
        """Return what is left of bytes that were not synced."""
        kept = self.fate.chance.randrange(len(unsynced) + 1)
        return bytes(kept) if self.fate.chance.random() < 0.2 else unsynced[:kept]

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let the store use this disk."""
        before = [module.__dict__["os"] for module in MODULES]
        for module in MODULES:
            module.__dict__["os"] = self
        try:
            with patch.object(Path, "replace", lambda at, target: self.replace(at, target)):
                yield
        finally:
            for module, own in zip(MODULES, before, strict=True):
                module.__dict__["os"] = own
