"""
Whose turn it is: the number of a run, which only one process can have.

The lock of :mod:`reconciler.store.lock` is the operating system's, and two machines
that share a store may not see each other's. A claim needs nothing of them but a
hard link that refuses to overwrite (in an object store: a write that does). Five rules:

1. **One number, one run.** A run claims the number after the newest; of two that do
   so at the same time one gets it, the other ends unwritten (compare and swap, INV-18).
2. **No clock.** A claim that was not given back is dead when its process is, which is
   known on the machine and in the container it runs in, where the system tells when a
   process was started. Elsewhere, and of another machine, nobody can tell, and a killed
   run must be resumed without a person: so the next run takes over, and rule 3 makes
   that safe.
3. **Whoever was taken over stops.** The claim is looked at before and after each record
   of the journal. A request leaves only after its intent is on the disk and the claim
   was still held then; so whoever takes over finds the intent of everything that was sent.
4. **The newest claim of a run that has begun stays.** It says which journal that wrote
   to: where none holds the run any more, the journal was lost (F73).
5. **A seal, where there can be one.** In an object store whoever takes over seals the journal
   of every run that has not ended, before it looks at any; then the store itself refuses what
   the one taken over would write, and rule 3 costs no request.

Used by :mod:`reconciler.store.journal`, :mod:`reconciler.store.history` and
:mod:`reconciler.workflow.wiring`.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from reconciler.diagnostics import ReconcilerError
from reconciler.plan.digest import canonical_json
from reconciler.ports import LockHeld
from reconciler.store.disk import DISK, Disk
from reconciler.store.folder import StoreError
from reconciler.store.slot import Location, slot

CLAIM_LIMIT = 4096
"""Bytes of the largest claim that is read; one is a tenth of that."""

_NAME = re.compile(r"\.run-([1-9][0-9]{0,11})")


class Newest(NamedTuple):
    """The newest run of an application, as its journals tell it."""

    run: int
    """Its number; 0 is none, or one of a journal without numbers."""
    head: str | None
    """SHA-256 of the newest record of its journal."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the file of a claim says."""

    number: int
    journal: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    """Name of the journal that the run writes to."""
    machine: str
    process: Annotated[str, Field(pattern=r"^[0-9]{1,18}( |$)")]
    """Its number, and when it was started."""
    state: Literal["claimed", "begun", "ended"]
    """*begun*: its `run_begin` is on the disk."""


_HELD: set[tuple[Location, int]] = set()
"""The claims that are held in this process. One of this process that is not among them was
given up, and could not be given back: the store did not answer."""

_OWED: list[Claim] = []
"""The claims of this process that are still to be given back, because the store did not answer.
Nobody here minds them, but to other processes of this machine they are runs that go on."""

_CLAIMED: TypeAdapter[Claimed] = TypeAdapter(Claimed)


class Claim:
    """The claim of a run that is going on."""

    def __init__(
        self, folder: Location, claimed: Claimed, disk: Disk, after: str | None = None
    ) -> None:
        self._folder = folder
        self._claimed = claimed
        self._written = _encoded(claimed)
        self._disk = disk
        self.after = after
        """SHA-256 of the newest record of all journals when the run began; None is none."""

    @property
    def number(self) -> int:
        """The number of the run."""
        return self._claimed.number

    def require(self) -> None:
        """
        Check that no other run has taken over.

        Raises:
            LockHeld: One has; nothing more may be sent or written.
        """
        if slot(self._folder / _name(self.number + 1)).exists() or self._lost():
            raise LockHeld(
                f"another apply of {self._folder.name} has taken over; this one has stopped"
            )

    def _lost(self) -> bool:
        place = self._folder / _name(self.number)
        try:
            data = slot(place).read(CLAIM_LIMIT)
        except FileNotFoundError:
            return True
        return data != self._written and _parsed(place, data) != self._claimed

    def begin(self) -> None:
        """
        Say that the run has begun.

        Raises:
            LockHeld: Another run has taken over.
            StoreUnwritable, StoreUnreachable: It could not be said.
        """
        self._say("begun")
        for number in _numbers(self._folder):
            if number < self.number:
                slot(self._folder / _name(number), self._disk).remove()

    def give_back(self) -> None:
        """Say that the run has ended; one that never began leaves nothing behind."""
        try:
            if self._lost():
                return
            if self._claimed.state == "claimed":
                slot(self._folder / _name(self.number), self._disk).remove()
            else:
                self._say("ended")
        except LockHeld:
            return  # taken over just now
        except (ReconcilerError, OSError):
            _OWED.append(self)  # if the process ends, that says as much

    def _say(self, state: Literal["begun", "ended"]) -> None:
        told, place = replace(self._claimed, state=state), self._folder / _name(self.number)
        slot(place, self._disk).replace(_encoded(told), self._written)
        self._claimed, self._written = told, _encoded(told)


def give_back_owed() -> None:
    """Give back what could not be given back before; for a process that outlives its runs."""
    owed = _OWED[:]
    del _OWED[: len(owed)]
    for claim in owed:
        claim.give_back()


@contextmanager
def claimed(journal: Location, newest: Callable[[], Newest], disk: Disk = DISK) -> Iterator[Claim]:
    """
    Claim the number of the next run, which writes to *journal*, for as long as it takes.

    Args:
        journal: Its path; the claim lies beside it.
        newest: Says what the journals of the application know of their newest run.
        disk: What makes it last.

    Raises:
        LockHeld: Another run is going on, or claims the number at this moment.
        StoreError: There is something in the way that is no claim.
        StoreUnwritable: The disk refuses.
    """
    folder = journal.parent
    before = require_nobody(folder)
    number = max(newest().run, before.number if before else 0) + 1
    mine = Claimed(number, journal.name, _machine(), _process(os.getpid()), "claimed")
    claim = Claim(folder, mine, disk)
    _take(folder, mine, disk)
    _HELD.add((folder, number))
    try:
        _overtake(folder, number, disk)
        claim.after = newest().head
        yield claim
    finally:
        claim.give_back()
        _HELD.discard((folder, number))


def require_nobody(folder: Location) -> Claimed | None:
    """
    Check that no run is known to go on in the *folder* of an application; return the newest claim.

    Raises:
        LockHeld: One is, or is beginning or ending.
        StoreError: There is something in the way that is no claim.
    """
    newest = newest_claim(folder)
    if newest is not None and newest.state != "ended" and _alive(folder, newest):
        raise LockHeld(f"another apply of {folder.name} is running: process {newest.process}")
    return newest


def _overtake(folder: Location, number: int, disk: Disk) -> None:
    """Stop earlier runs that have not ended, as far as the store can do that by itself."""
    for earlier in _numbers(folder):
        if earlier < number:
            with suppress(FileNotFoundError):  # given back just now
                found = _read(folder / _name(earlier))
                if found.state != "ended":
                    slot(folder / found.journal, disk).seal()


def newest_claim(folder: Location) -> Claimed | None:
    """
    Return the newest claim in the *folder* of an application, if there is any.

    Raises:
        LockHeld: It is being replaced at this moment.
        StoreError: It is no claim.
    """
    numbers = _numbers(folder)
    if not numbers:
        return None
    try:
        return _read(folder / _name(max(numbers)))
    except FileNotFoundError as exc:
        raise LockHeld(f"another apply of {folder.name} is beginning or ending") from exc


def newest_begun(folder: Location) -> Claimed | None:
    """
    Return the newest claim of a run that has begun, if there is any.

    Raises:
        StoreError: A claim is none.
    """
    for number in sorted(_numbers(folder), reverse=True):
        with suppress(FileNotFoundError):  # one that was given back, or cleared away, just now
            found = _read(folder / _name(number))
            if found.state != "claimed":
                return found
    return None


def _take(folder: Location, mine: Claimed, disk: Disk) -> None:
    """
    Put the claim where no other is.

    Raises:
        LockHeld: Another is there.
    """
    if not slot(folder / _name(mine.number), disk).claim(_encoded(mine)):
        raise LockHeld(f"another apply of {folder.name} has just begun")


def _read(path: Location) -> Claimed:
    """Return the claim at *path*."""
    return _parsed(path, slot(path).read(CLAIM_LIMIT))


def _parsed(path: Location, data: bytes) -> Claimed:
    """
    Return the claim that is *data*.

    Raises:
        StoreError: It is none.
    """
    try:
        return _CLAIMED.validate_json(data, strict=True)
    except ValidationError as exc:
        raise StoreError(
            f"{path} is not what an apply writes; when none is running, remove it"
        ) from exc


def _encoded(claim: Claimed) -> bytes:
    return canonical_json(asdict(claim)) + b"\n"


def _name(number: int) -> str:
    return f".run-{number}"


def _numbers(folder: Location) -> list[int]:
    """Return the numbers of all claims in *folder*."""
    return [int(found[1]) for name in slot(folder).names() if (found := _NAME.fullmatch(name))]


def _machine() -> str:
    """Return what tells machines, and containers on one machine, apart."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return platform.node()


def _process(number: int) -> str:
    """Return a process as text: its number, and where it can be known when it was started."""
    try:
        status = Path(f"/proc/{number}/stat").read_text("utf-8", "replace").rpartition(")")[2]
        state, started = status.split()[0], status.split()[19]
    except OSError:
        return str(number)
    return f"{number} gone" if state in "ZX" else f"{number} since {started}"


def _alive(folder: Location, claim: Claimed) -> bool:
    """
    Say whether the process of *claim* is known to run: on this machine, and not another's.

    Where no start of a process can be known, its number may be another's by now, and a killed
    run would seem alive for ever. Nobody is asked there: whoever claims holds the lock of
    :mod:`reconciler.store.lock`, which no other process of this machine holds then.
    """
    if " " not in claim.process:
        return False
    if os.name != "posix" or claim.machine != _machine():
        return False
    if claim.process == _process(os.getpid()):
        return (folder, claim.number) in _HELD
    number = int(claim.process.split()[0])
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return claim.process == _process(number)
