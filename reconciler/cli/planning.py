"""``plan``: what would change, stored and printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from os.path import isdir  # it never raises, whatever the path
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.console import colour, complain, note, on_terminal, out, width, write
from reconciler.cli.options import FORMAT, KEY
from reconciler.diagnostics import ReconcilerError
from reconciler.live.saved import dump_live
from reconciler.live.saved_file import load_live_file
from reconciler.plan.document import Plan
from reconciler.plan.request import PlanRequest
from reconciler.render import FORMATS, Look
from reconciler.states import LiveState
from reconciler.workflow.exit_codes import ExitCode, code_for, worst
from reconciler.workflow.make_plan import Wish, make_plan, origin_of
from reconciler.workflow.project import Project, open_project
from reconciler.workflow.wiring import Wiring

if TYPE_CHECKING:
    from reconciler.signing.keys import PrivateKey, Trusted

FILE = click.Path(path_type=Path, dir_okay=False)
EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)


@dataclass(frozen=True, slots=True)
class Where:
    """What becomes of a plan once it is made."""

    form: str
    out: Path | None
    folder: bool
    """Whether *out* is a folder, with one file per application."""
    store: bool
    detailed: bool
    key: PrivateKey | None
    """What the plan is signed with."""
    trust: Trusted | None
    """Who may sign, when it is signed: as the base branch says, if there is one (ruling 17)."""


class Moment(click.ParamType[datetime]):
    """The one time of a plan (ruling 4)."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read an ISO 8601 date or time, to the second; a time without zone is UTC."""
        try:
            moment = datetime.fromisoformat(str(value)).replace(microsecond=0)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a date or time such as 2026-11-23", param, ctx)


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
@click.option(
    "--user", "users", metavar="USER", multiple=True, help="Only this person; repeatable."
)
@click.option(
    "--group", "groups", metavar="GROUP", multiple=True, help="Only this group; repeatable."
)
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
@KEY
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
    key: Path | None,
) -> ExitCode:
    """
    Read both sides and say what would change.

    Nothing is written to the target. Without APP, every application is planned. With --user, the
    way to the decision about each of them is shown below the plan.

    \b
    Example:
      reconciler plan ipass-smartconnect
      reconciler plan --no-store --out plan.json ipass-smartconnect
      reconciler plan --user ada@contoso.example ipass-smartconnect
    """
    project, wiring = open_project(config), Wiring()
    names = project.names(applications)
    if len(names) > 1 and (save_live or offline_live):
        raise click.UsageError("a saved live state is of one application: name it")
    wish = Wish(
        as_of=as_of or wiring.today(),
        origin=origin_of(project, wiring),
        users=users,
        groups=groups,
        removals=not no_removals,
        policy=open_project(policy) if policy else None,
        live=partial(load_live_file, offline_live) if offline_live else None,
        keep_live=_keeper(save_live),
    )
    folder = out_ is not None and _is_folder(out_, len(names), named=bool(applications))
    signs, trust = _signing(wish.policy or project, key) if key else (None, None)
    where = Where(form, out_, folder, not no_store, detailed_exitcode, signs, trust)
    made = [_one(project, name, wiring, wish, where) for name in names]
    _write_guards(junit, (plan for _, plan in made if plan))
    return worst(code for code, _ in made)


def _signing(project: Project, key: Path) -> tuple[PrivateKey | None, Trusted]:
    """Return the key in the file *key*, and whom *project* trusts."""
    from reconciler.workflow.keys import key_of, trusted_by  # only who signs waits for it

    trust = trusted_by(project)
    return key_of(key, trust, "planner"), trust


def _write_guards(path: Path | None, plans: Iterable[Plan]) -> None:
    """Write what the guards say as JUnit XML, if that is wanted."""
    if path is not None:
        from reconciler.render.junit import guards_as_junit  # and for XML, who wants it

        write(path, guards_as_junit(plans).encode())


def _keeper(path: Path | None) -> Callable[[LiveState], None]:
    """Return what keeps the live state, if it is to be kept."""

    def keep(live: LiveState) -> None:
        if path is not None:
            write(path, dump_live(live))

    return keep


def _is_folder(path: Path, count: int, *, named: bool) -> bool:
    """
    Say whether ``--out`` is a folder: for several applications, and for all of the file.

    Whoever plans the only application of a file may leave its name out and still
    ask for a file, ``plan.json``.
    """
    return isdir(path) or count > 1 or (not named and path.suffix != ".json")


def _one(
    project: Project, name: str, wiring: Wiring, wish: Wish, where: Where
) -> tuple[ExitCode, Plan | None]:
    """Plan one application, print it, and say what it came to."""
    try:
        requests: list[PlanRequest] = []
        plan = make_plan(project, name, wiring, replace(wish, keep_request=requests.append))
        stored = keep(project, plan, wiring, where)
    except ReconcilerError as exc:
        complain(exc)
        note(f"{name}: no plan was made")
        return code_for(exc), None
    present(project, plan, where.form, stored)
    if where.form == "text" and wish.users:
        _explain(requests[0], plan, wish.users)
    if plan.blocked:
        return ExitCode.BLOCKED, plan
    changes = where.detailed and bool(plan.body.operations)
    return (ExitCode.CHANGES if changes else ExitCode.DONE), plan


def _explain(request: PlanRequest, plan: Plan, users: Iterable[str]) -> None:
    """Show the way to the decision about each of *users*."""
    # Here, and not above: most plans are of everybody, and need not wait for it.
    from reconciler.cli.explaining import show_explanation
    from reconciler.workflow.explain import explain_planned

    for user in users:
        show_explanation(explain_planned(request, plan, user))


def present(project: Project, plan: Plan, form: str, stored: str | None) -> None:
    """Print a plan that was just made, and whether it can be applied."""
    name = plan.body.application
    enabled = project.application(name).enabled
    look = Look(
        colour(),
        width(),
        terminal=on_terminal(),
        stored=stored if enabled else None,
        kept=stored is not None,
    )
    out(FORMATS[form](plan, look))
    if not enabled:
        note(f"{name} has `enabled: false`: apply refuses this plan until that is changed")


def keep(project: Project, plan: Plan, wiring: Wiring, where: Where) -> str | None:
    """Store and copy a plan as asked; return the path to apply it from."""
    store = wiring.store(project)
    signature = wiring.signature(plan, where.key) if where.key else None
    stored = store.save(plan, signature) if where.store else None
    if stored and where.trust:
        from reconciler.workflow.open_plan import require_signed  # only who signs waits for it

        require_signed(project, stored, wiring, where.trust)
    if where.out is None:
        return stored
    path = where.out / f"{plan.body.application}.plan.json" if where.folder else where.out
    store.write_copy(plan, path, signature)
    note(f"wrote {path}")
    return stored or str(path)
