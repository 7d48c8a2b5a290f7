"""``fleet``: many workers, one queue in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from reconciler.cli.console import note, out
from reconciler.cli.options import KEY
from reconciler.config.show import format_all
from reconciler.diagnostics import ConfigError, ReconcilerError, printable
from reconciler.fleet import require_extra
from reconciler.plan.quarantine import TO_THE_SECOND
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.project import Project, Unusable, open_project
from reconciler.workflow.wiring import SystemClock, Wiring

if TYPE_CHECKING:
    from reconciler.fleet.database import Database
    from reconciler.fleet.projects import Projects
    from reconciler.fleet.work import Work


@click.group("fleet")
def fleet_group() -> None:
    """
    Plan and apply many applications by many workers, through a queue in PostgreSQL.

    \b
    Example:
      reconciler fleet enqueue --apply
      reconciler fleet worker
    """


@fleet_group.command("enqueue")
@click.argument("applications", metavar="[APP]...", nargs=-1)
@click.option("--apply", "applies", is_flag=True, help="Also apply the plan that is made.")
@click.pass_obj
def enqueue_command(config: Path, applications: tuple[str, ...], applies: bool) -> ExitCode:
    """
    Ask for a job for each application; whichever worker is free does it.

    A job that waits already is not queued twice; one that waits for a time to come runs now.
    Without APP, every application; with --apply, those with `enabled: false` are left out then.

    \b
    Example:
      reconciler fleet enqueue --apply crm
    """
    require_extra()
    from reconciler.fleet.queue import Queue
    from reconciler.fleet.work import Work

    project = open_project(config)
    known = project.loaded.config.applications
    names = project.names(applications)
    left = [name for name in names if applies and not applications and not known[name].enabled]
    with _database(project, config) as (fleet, database):
        queue = Queue(database)
        asked = [name for name in names if name not in left]
        new = sum(queue.put(Work(fleet, name, "apply" if applies else "plan")) for name in asked)
    out(f"{new} of {len(asked)} queued; {len(asked) - new} waited already")
    if left:
        note(f"left out, because they have `enabled: false`: {', '.join(left)}")
    return ExitCode.DONE


@fleet_group.command("worker")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="How many at the same time.",
)
@KEY
@click.pass_obj
def worker_command(config: Path, files: tuple[Path, ...], jobs: int, key: Path | None) -> ExitCode:
    """
    Do jobs until told to stop (SIGTERM, Ctrl-C); start as many workers as you like.

    Jobs are taken for the configurations FILE, which share a database; without any, for that of
    --config. Applies that are in the middle are ended within the operations in flight, and put
    back for another worker.

    \b
    Example:
      reconciler fleet worker --jobs 8 customers/*/provisioning.yaml
    """
    require_extra()
    _require_configurations(files)
    from reconciler.fleet.budget import Budgets
    from reconciler.fleet.job import Hands
    from reconciler.fleet.projects import Projects
    from reconciler.fleet.records import Records
    from reconciler.fleet.worker import Worker

    chosen = files or (config,)
    projects, stop = Projects(chosen), Event()
    _require_one_database(chosen, projects)
    first = projects.project(projects.names[0])
    with _database(first, chosen[0], jobs + 1) as (_, database):
        budgets = Budgets(database.conninfo)
        wiring = Wiring(SystemClock(stop), budget=budgets.of)
        records = Records(database, lambda: not stop.is_set())
        hands = Hands(wiring, records, stop, _complain, _say, key)
        _log(f"working for {', '.join(projects.names)}; up to {jobs} at the same time")
        Worker(projects, database, hands, jobs, _log).run()
        budgets.close()
    return ExitCode.DONE


@fleet_group.command("status")
@click.argument("applications", metavar="[APP]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def status_command(config: Path, applications: tuple[str, ...], as_json: bool) -> ExitCode:
    """
    Say who works, and of each application what its last plan and result are, and how it is.

    \b
    Example:
      reconciler fleet status --json crm
    """
    require_extra()
    from reconciler.fleet.show import to_json, to_text
    from reconciler.fleet.status import status
    from reconciler.fleet.workers import workers

    project, wiring = open_project(config), Wiring()
    names = project.names(applications)
    with _database(project, config) as (fleet, database):
        rows, alive = status(project, fleet, names, database, wiring), workers(database)
    now = wiring.clock.now()
    out(to_json(fleet, rows, alive, now) if as_json else to_text(rows, alive, now))
    return ExitCode.DONE


@contextmanager
def _database(project: Project, file: Path, size: int = 2) -> Iterator[tuple[str, Database]]:
    """Give the name of a configuration in its database, and the database."""
    from reconciler.fleet.database import Database
    from reconciler.fleet.projects import fleet_of

    with Database(_conninfo(project, file), size=size) as database:
        yield fleet_of(project, file).name, database


def _conninfo(project: Project, file: Path) -> str:
    """Return the connection string that a configuration names."""
    from reconciler.fleet.projects import fleet_of

    named = fleet_of(project, file).database
    return Wiring().secret(project, named, "fleet.database").strip()


def _require_configurations(files: Sequence[Path]) -> None:
    """
    Refuse names of applications where configurations are meant.

    Raises:
        click.UsageError: A file is not there.
    """
    for file in files:
        if not file.exists():
            raise click.UsageError(
                f"{printable(str(file))} does not exist: FILE is a configuration, and a worker "
                "does the jobs of all its applications; `reconciler fleet enqueue` asks for those "
                "of one"
            )


def _require_one_database(files: Sequence[Path], projects: Projects) -> None:
    """
    Refuse configurations whose jobs would lie somewhere else, and never be done.

    Raises:
        NoFleet: One names another database than the first.
    """
    from reconciler.fleet.errors import NoFleet

    served = zip(files, projects.names, strict=True)
    named = {file: _conninfo(projects.project(name), file) for file, name in served}
    for file, conninfo in named.items():
        if conninfo != named[files[0]]:
            raise NoFleet(
                f"{file} names another database than {files[0]}: start a worker for each of them"
            )


def _log(text: str) -> None:
    """Print something that a worker has to say, in one line, with the time."""
    note(printable(f"{SystemClock().now():{TO_THE_SECOND}} {text}"))


def _say(work: Work, text: str) -> None:
    """Print something of one job."""
    _log(f"{work}: {text}")


def _complain(work: Work, error: ReconcilerError) -> None:
    """Print why a job cannot be done."""
    text = str(error)
    if isinstance(error, ConfigError):
        texts = error.texts if isinstance(error, Unusable) else {}
        text = format_all(error.diagnostics, texts)
    for line in text.splitlines():
        _say(work, line)
