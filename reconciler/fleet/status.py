"""``fleet status``: what is known of each application, from the database and the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.fleet.database import Database
from reconciler.fleet.queue import Jobs, Queue
from reconciler.fleet.records import Record, Records
from reconciler.plan.quarantine import Health
from reconciler.workflow.project import Project
from reconciler.workflow.quarantine import standing_of
from reconciler.workflow.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Row:
    """One application."""

    record: Record
    jobs: Jobs
    health: Health


def status(
    project: Project, fleet: str, names: Iterable[str], database: Database, wiring: Wiring
) -> Mapping[str, Row]:
    """
    Return what is known of the applications *names*.

    Raises:
        FleetUnreachable: The database does not answer.
        RecordsAltered: A record in the store is not what was written.
    """
    records, jobs = dict(Records(database).all(fleet)), dict(Queue(database).jobs(fleet))
    return {
        name: Row(
            records.get(name, Record()),
            jobs.get(name, Jobs()),
            standing_of(project, name, wiring).health,
        )
        for name in names
    }
