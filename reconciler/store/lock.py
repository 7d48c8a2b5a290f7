"""
One apply at a time per application (F65).

The lock is the operating system's: it goes with the process that holds it, so a
crash leaves nothing to clean up and no clock decides whether a lock is stale
(F66). The file stays behind, empty, and does not belong into git.

Two machines that share no disk do not see each other's lock. An object store has none: there
a run that is known to go on is refused (:mod:`reconciler.store.claim`), and two who append to
one file keep each other apart. What is no run claims no number, because that would stop an
apply which is running on another machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from reconciler.ports import LockHeld
from reconciler.store.applications import application_folder
from reconciler.store.claim import require_nobody
from reconciler.store.folder import StoreUnwritable, make_folder
from reconciler.store.objects import Key
from reconciler.store.slot import Location

LOCK_NAME = ".lock"
"""The file below an application's folder that is locked."""


@contextmanager
def hold(store: Location, application: str) -> Iterator[None]:
    """
    Hold the lock of *application* in *store*; never waits for it.

    Raises:
        LockHeld: Another process, or another holder in this one, has it.
        StoreError: As :func:`reconciler.store.folder.application_folder`.
        StoreUnwritable: The lock file cannot be made.
    """
    folder = application_folder(store, application)
    if isinstance(folder, Key):
        require_nobody(folder)
        yield
        return
    make_folder(folder)
    lock = FileLock(folder / LOCK_NAME, blocking=False, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout as exc:
        raise LockHeld(
            f"another apply of {application} is running; it holds {lock.lock_file}"
        ) from exc
    except OSError as exc:
        raise StoreUnwritable(f"cannot lock {lock.lock_file}: {exc.strerror}") from exc
    try:
        yield
    finally:
        lock.release()
