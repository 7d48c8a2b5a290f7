"""``revert``: the plan that undoes what an apply did."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.console import note
from reconciler.cli.options import FORMAT, KEY
from reconciler.cli.planning import FILE, Where, keep, present
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.keys import key_of, trusted_by
from reconciler.workflow.project import open_project
from reconciler.workflow.revert_plan import make_revert, plan_to_undo, require_key
from reconciler.workflow.wiring import Wiring

UNSIGNED_BEFORE = (
    "the plan to be undone is not signed, and `trust` says `signed_plans: required`. Its journal "
    "has its digest, so it was applied as it is here; look well at what is undone before you apply "
    "the new plan"
)


@click.command("revert")
@click.argument("plan")
@click.option("--out", "out_", type=FILE, help="Also write the plan here.")
@FORMAT
@click.option("--no-removals", is_flag=True, help="Leave out, and list, what takes away.")
@click.option("--no-store", is_flag=True, help="Do not store the plan.")
@KEY
@click.pass_obj
def revert_command(
    config: Path,
    plan: str,
    out_: Path | None,
    form: str,
    no_removals: bool,
    no_store: bool,
    key: Path | None,
) -> ExitCode:
    """
    Make the plan that undoes what applying this plan did.

    It is a plan like any other, under all guards; nothing is written to the target until it is
    applied. What was changed since stays, and is listed; so is what cannot be brought back.
    Where plans have to be signed, so has this one: give --key.

    \b
    Example:
      reconciler revert 3f9a1c2e8b01
      reconciler revert --no-removals plans/ipass-smartconnect/<plan>.plan.json
    """
    project, wiring = open_project(config), Wiring()
    trust = trusted_by(project)
    signs = key_of(key, trust, "planner") if key else None
    if out_ is not None or not no_store:
        require_key(project, signs)
    undone = plan_to_undo(project, plan, wiring)
    if undone.unsigned:
        note(f"warning: {UNSIGNED_BEFORE}")
    made = make_revert(project, undone.plan, wiring, wiring.today(), removals=not no_removals)
    where = Where(
        form, out_, False, not no_store, detailed=False, key=signs, trust=trust if key else None
    )
    present(project, made, form, keep(project, made, wiring, where))
    return ExitCode.BLOCKED if made.blocked else ExitCode.DONE
