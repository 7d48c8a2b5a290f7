"""
What became of each application last, for `fleet status` and for whoever takes a job over.

Exit codes, digests and times: nobody's name, and no word of a service. What was done to
whom is in the journals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from reconciler.fleet.database import Database
from reconciler.fleet.work import Work
from reconciler.workflow.exit_codes import ExitCode

_PLANNED: Final = """
INSERT INTO reconciler_applications (fleet, application, plan, planned_at)
VALUES (%(fleet)s, %(application)s, %(plan)s, %(planned_at)s)
ON CONFLICT (fleet, application) DO UPDATE SET plan = %(plan)s, planned_at = %(planned_at)s
"""

_APPLYING: Final = """
INSERT INTO reconciler_applications (fleet, application, applying)
VALUES (%(fleet)s, %(application)s, %(plan)s)
ON CONFLICT (fleet, application) DO UPDATE SET applying = %(plan)s
"""

_BEGUN: Final = """
SELECT applying FROM reconciler_applications
WHERE fleet = %(fleet)s AND application = %(application)s
"""

_ENDED: Final = """
INSERT INTO reconciler_applications (fleet, application, job, code, too_early, ended_at)
VALUES (%(fleet)s, %(application)s, %(job)s, %(code)s, %(too_early)s, now())
ON CONFLICT (fleet, application) DO UPDATE
SET job = %(job)s, code = %(code)s, too_early = %(too_early)s, ended_at = now()
"""

_ALL: Final = """
SELECT application, plan, planned_at, job, code, too_early, ended_at
FROM reconciler_applications WHERE fleet = %(fleet)s
"""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one application."""

    plan: str | None = None
    """Digest of the newest plan that a job made."""
    planned_at: datetime | None = None
    """When it was made, as `history` has it."""
    job: str | None = None
    """`plan` or `apply`: the newest job that ended."""
    code: int | None = None
    """Its exit code."""
    too_early: bool | None = None
    """Whether that is 5 because of the quarantine, and not because of a guard."""
    ended_at: datetime | None = None


class Records:
    """The records in a database; every method raises FleetUnreachable without *patience*."""

    def __init__(self, database: Database, patience: Callable[[], bool] = lambda: False) -> None:
        self._database = database
        self._patience = patience

    def planned(self, work: Work, plan: str, at: datetime) -> None:
        """Note that a plan was made, by its digest, and when."""
        self._write(_PLANNED, work, plan=plan, planned_at=at)

    def applying(self, work: Work, plan: str | None) -> None:
        """Note which plan is about to be applied; None: none is any more."""
        self._write(_APPLYING, work, plan=plan)

    def begun(self, work: Work) -> str | None:
        """Return the digest of the plan that an earlier job began to apply and did not end."""
        rows = self._database.run(
            _BEGUN, self._patience, fleet=work.fleet, application=work.application
        )
        return rows[0]["applying"] if rows else None

    def ended(self, work: Work, code: ExitCode, *, too_early: bool = False) -> None:
        """Note what a job came to, and whether quarantine was the reason."""
        self._write(_ENDED, work, job=work.job, code=int(code), too_early=too_early)

    def all(self, fleet: str) -> Iterator[tuple[str, Record]]:
        """Yield every application of *fleet* of which something is known."""
        for row in self._database.run(_ALL, self._patience, fleet=fleet):
            yield row.pop("application"), Record(**row)

    def _write(self, statement: LiteralString, work: Work, **values: object) -> None:
        self._database.run(
            statement,
            self._patience,
            fleet=work.fleet,
            application=work.application,
            **values,
        )
