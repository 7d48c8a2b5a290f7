"""``plan`` and ``show``: what would change, stored and printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from reconciler.cli.console import colour, complain, note, out, width
from reconciler.cli.exit_codes import ExitCode, code_for, worst
from reconciler.diagnostics import ReconcilerError
from reconciler.live.saved import dump_live, load_live
from reconciler.plan.document import Plan
from reconciler.render import FORMATS, Look
from reconciler.render.junit import guards_as_junit
from reconciler.states import LiveState
from reconciler.workflow.make_plan import Wish, make_plan
from reconciler.workflow.project import Project, open_project
from reconciler.workflow.wiring import Wiring

FORMAT = click.option(
    "--format", "form", type=click.Choice(sorted(FORMATS)), default="text", show_default=True
)
FILE = click.Path(path_type=Path, dir_okay=False)
EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)


@dataclass(frozen=True, slots=True)
class Where:
    """What becomes of a plan once it is made."""

    form: str
    out: Path | None
    junit: Path | None
    store: bool
    several: bool
    detailed: bool


class Moment(click.ParamType[datetime]):
    """The one time of a plan (ruling 4)."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read an ISO 8601 date or time; a time without zone is UTC."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date or time such as 2026-11-23", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


@click.command("plan")
@click.argument("applications", metavar="[APP]...", nargs=-1)
@click.option(
    "--out",
    "out_",
    type=click.Path(path_type=Path),
    help="Also write the plan here; a folder for several applications.",
)
@FORMAT
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are changes.")
@click.option("--user", "users", multiple=True, help="Only this person; repeatable.")
@click.option("--group", "groups", multiple=True, help="Only this group; repeatable.")
@click.option("--no-removals", is_flag=True, help="Leave out, and list, what takes away.")
@click.option(
    "--policy",
    type=EXISTING,
    help="The base branch's file: pins the target, and the stricter limits hold.",
)
@click.option("--as-of", type=Moment(), help="The plan's time; default: today, UTC.")
@click.option("--save-live", type=FILE, help="Write what was read from the target to a file.")
@click.option("--offline-live", type=EXISTING, help="Use such a file instead of the target.")
@click.option("--no-store", is_flag=True, help="Do not store the plan.")
@click.option("--junit", type=FILE, help="Write the guards as a JUnit report.")
@click.pass_obj
def plan_command(
    config: Path,
    applications: tuple[str, ...],
    out_: Path | None,
    form: str,
    detailed_exitcode: bool,
    users: tuple[str, ...],
    groups: tuple[str, ...],
    no_removals: bool,
    policy: Path | None,
    as_of: datetime | None,
    save_live: Path | None,
    offline_live: Path | None,
    no_store: bool,
    junit: Path | None,
) -> ExitCode:
    """
    Read both sides and say what would change.

    \b
    Example:
      reconciler plan ipass-smartconnect
      reconciler plan --format markdown --no-store --out plan.json ipass-smartconnect
      reconciler plan --user ada@contoso.example ipass-smartconnect
    """
    project, wiring = open_project(config), Wiring()
    wish = Wish(
        as_of=as_of or wiring.today(),
        users=users,
        groups=groups,
        removals=not no_removals,
        policy=open_project(policy) if policy else None,
        live=load_live(offline_live.read_bytes()) if offline_live else None,
        keep_live=_keeper(save_live),
    )
    names = project.names(applications)
    where = Where(form, out_, junit, not no_store, len(names) > 1, detailed_exitcode)
    return worst(_one(project, name, wiring, wish, where) for name in names)


def _keeper(path: Path | None) -> Callable[[LiveState], None]:
    """Return what keeps the live state, if it is to be kept."""

    def keep(live: LiveState) -> None:
        if path is not None:
            path.write_bytes(dump_live(live))

    return keep


def _one(project: Project, name: str, wiring: Wiring, wish: Wish, where: Where) -> ExitCode:
    """Plan one application, print it, and say what it came to."""
    try:
        plan = make_plan(project, name, wiring, wish)
        stored = _keep(project, plan, wiring, where)
    except ReconcilerError as exc:
        complain(exc)
        return code_for(exc)
    out(FORMATS[where.form](plan, Look(colour(), width(), stored=stored)))
    if plan.blocked:
        return ExitCode.BLOCKED
    changes = where.detailed and bool(plan.body.operations)
    return ExitCode.CHANGES if changes else ExitCode.DONE


def _keep(project: Project, plan: Plan, wiring: Wiring, where: Where) -> str | None:
    """Store and copy a plan as asked; return the path to apply it from."""
    store = wiring.store(project)
    stored = store.save(plan) if where.store else None
    if where.junit is not None:
        where.junit.write_text(guards_as_junit(plan), "utf-8")
    if where.out is None:
        return stored
    path = where.out
    if where.several or path.is_dir():
        path = path / f"{plan.body.application}.plan.json"
    store.write_copy(plan, path)
    note(f"wrote {path}")
    return stored or str(path)


@click.command("show")
@click.argument("plan")
@FORMAT
@click.option("--redact", is_flag=True, help="Leave out values: they are personal data.")
@click.pass_obj
def show_command(config: Path, plan: str, form: str, redact: bool) -> ExitCode:
    """
    Render a stored plan: a path, or the start of its digest.

    \b
    Example:
      reconciler show 3f9a1c2e8b01
      reconciler show --format markdown --redact plans/ipass-smartconnect/<plan>.plan.json
    """
    store = Wiring().store(open_project(config))
    out(FORMATS[form](store.load(plan), Look(colour(), width(), redact)))
    return ExitCode.DONE
