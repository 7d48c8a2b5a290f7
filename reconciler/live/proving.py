"""
Pages that another process works out, while we fetch the next and look at people.

What a page comes to depends on its bytes, the mappings and the schemas: they are sent
over, and what comes back is just what would be remembered of it. The process has no
connection, no credential and no file. What it cannot do, or does not do because it was
killed, is done here.

Made by :mod:`reconciler.workflow.taking_notes`, where there is enough to do.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context

from reconciler.live.proved import Proof
from reconciler.live.strict_json import StrictJsonError
from reconciler.ports import Notes, Taking

_proofs: list[Proof] = []
"""In the other process, what works pages out."""


class Prover:
    """One more process; close it."""

    def __init__(self, taking: Callable[[], Taking]) -> None:
        """Begin; *taking* can be sent over, and makes there what takes notes here."""
        context = get_context("spawn")
        self._pool = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(taking,))

    def close(self) -> None:
        """End it, whatever it still has to do."""
        self._pool.shutdown(cancel_futures=True)

    def prove(self, body: bytes) -> Callable[[], bytes | None]:
        """Have *body* worked out; return what waits for it. None: it is to be done here."""
        try:
            found = self._pool.submit(_work_out, body)
        except RuntimeError:  # it is gone
            return lambda: None
        return lambda: _result(found)


def _result(found: Future[bytes | None]) -> bytes | None:
    """Wait for a result; where there is none, it is to be worked out here."""
    try:
        return found.result()
    except Exception:
        return None


def _begin(taking: Callable[[], Taking]) -> None:
    """In the other process: prepare."""
    _proofs.append(Proof(Notes(taking())))


def _work_out(body: bytes) -> bytes | None:
    """In the other process: work out what *body* comes to."""
    with suppress(StrictJsonError):
        return _proofs[0].work_out(body)
    return None
