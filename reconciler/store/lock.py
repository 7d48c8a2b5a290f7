"""
One apply at a time per application (F65).

The lock is the operating system's: it goes with the process that holds it, so a
crash leaves nothing to clean up and no clock decides whether a lock is stale
(F66). The file stays behind, empty, and does not belong into git.

Two machines that share no disk do not see each other's lock; pipelines let one
job at a time apply.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from reconciler.ports import LockHeld
from reconciler.store.folder import StoreUnwritable, application_folder, make_folder

LOCK_NAME = ".lock"
"""The file below an application's folder that is locked."""


@contextmanager
def hold(store: Path, application: str) -> Iterator[None]:
    """
    Hold the lock of *application* in *store*; never waits for it.

    Raises:
        LockHeld: Another process, or another holder in this one, has it.
        StoreError: As :func:`reconciler.store.folder.application_folder`.
        StoreUnwritable: The lock file cannot be made.
    """
    folder = application_folder(store, application)
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
