"""``drift``: what was changed by hand."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.console import complain, note, out
from reconciler.diagnostics import ReconcilerError
from reconciler.plan.drift import Drift
from reconciler.render.drift import DRIFT_FORMATS
from reconciler.workflow.exit_codes import ExitCode, code_for, worst
from reconciler.workflow.find_drift import find_drift
from reconciler.workflow.project import open_project
from reconciler.workflow.wiring import Wiring


@click.command("drift")
@click.argument("applications", metavar="[APP]...", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(DRIFT_FORMATS)),
    default="text",
    show_default=True,
    help="How it is printed.",
)
@click.pass_obj
def drift_command(config: Path, applications: tuple[str, ...], form: str) -> ExitCode:
    """
    Show what was changed by hand since it was last applied.

    Reads only. What the source has changed meanwhile is no drift: that is what `plan` shows.
    Without APP, every application is looked at. Exit 2 when anything was changed.

    \b
    Example:
      reconciler drift ipass-smartconnect
      reconciler drift --format markdown
    """
    project, wiring = open_project(config), Wiring()
    found: list[Drift] = []
    codes: list[ExitCode] = []
    for name in project.names(applications):
        try:
            drift = find_drift(project, name, wiring, wiring.today())
        except ReconcilerError as exc:
            complain(exc)
            note(f"{name}: not compared")
            codes.append(code_for(exc))
        else:
            found.append(drift)
            codes.append(ExitCode.CHANGES if drift.drifted else ExitCode.DONE)
    if found or form == "json":
        out(DRIFT_FORMATS[form](found))
    return worst(codes)
