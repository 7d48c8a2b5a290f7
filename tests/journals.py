"""Journals made by hand, for tests that need one and are not about writing it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reconciler.store.journal import FileJournal
from tests.plans import APPLICATION, TENANT_URL

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

BEGIN: Mapping[str, Any] = {
    "plan_digest": "a" * 64,
    "operations_digest": "b" * 64,
    "application": APPLICATION,
    "tenant_url": TENANT_URL,
    "as_of": "2026-11-23T00:00:00Z",
    "users": 250,
    "groups": 14,
    "resumed": False,
    "tool_version": "0.1.0",
    "populations": {"users": 200},
}
CREATE: Mapping[str, Any] = {
    "op": "op-0001",
    "action": "create",
    "resource_type": "User",
    "key": "ada@contoso.example",
    "source_id": "a-1",
    "target_id": None,
}
END: Mapping[str, Any] = {"status": "done", "counts": {"done": 1}}


class SteppingClock:
    """A clock that goes one second on whenever it is looked at."""

    def __init__(self, start: datetime = START) -> None:
        self.next = start

    def now(self) -> datetime:
        now, self.next = self.next, self.next + timedelta(seconds=1)
        return now

    def sleep(self, seconds: float) -> None:
        self.next += timedelta(seconds=seconds)


def done(
    effects: Sequence[str], source_id: str | None, target_id: str | None, **fields: Any
) -> dict[str, Any]:
    """Return the fields of a `done` record about one person, or another resource type."""
    return {
        "op": "op-0001",
        "action": "update",
        "resource_type": "User",
        "key": "ada@contoso.example",
        "source_id": source_id,
        "target_id": target_id,
        "effects": list(effects),
        "outcome": "verified",
        **fields,
    }


def write_journal(
    path: Path,
    *records: Mapping[str, Any],
    start: datetime = START,
    status: str | None = "done",
    **begin: Any,
) -> None:
    """
    Write one run: begun with *begin* over the defaults, `done` *records*, ended with *status*.

    Without *status* the run does not end.
    """
    with FileJournal(path, SteppingClock(start)) as journal:
        journal.append("run_begin", **{**BEGIN, **begin})
        for record in records:
            journal.append("done", **record)
        if status is not None:
            journal.append("run_end", status=status, counts={"done": len(records)})
