"""``import scim``: the accounts of a service as a source file plus assignments."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.console import note, out
from reconciler.diagnostics import printable
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.import_scim import import_scim
from reconciler.workflow.project import open_project
from reconciler.workflow.wiring import Wiring


@click.command("scim", short_help="From the accounts of a live service.")
@click.argument("application", metavar="APP")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder that the files are written to; nothing in it is overwritten.",
)
@click.pass_obj
def import_scim_command(config: Path, application: str, folder: Path) -> ExitCode:
    """
    Write the accounts that APP has today as a source file plus assignments.

    Reads only. The first plan with these files links the accounts: nobody is
    created, disabled or deleted.

    \b
    Example:
      reconciler import scim ipass-smartconnect --out taken-over
      reconciler --config taken-over/provisioning.yaml plan
    """
    done = import_scim(open_project(config), application, Wiring(), folder)
    for path in done.paths:
        out(f"wrote {path}")
    for remark in done.notes:
        note(printable(f"note: {remark}"))
    out(f"{done.people} accounts and {done.groups} groups were taken over")
    note(f"next: reconciler --config {folder / 'provisioning.yaml'} plan")
    return ExitCode.DONE
