"""``show``: a plan that was made before."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.console import colour, note, on_terminal, out, width
from reconciler.cli.options import FORMAT
from reconciler.diagnostics import printable
from reconciler.render import FORMATS, Look
from reconciler.render.approving import UNSIGNED
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.show_plan import plan_to_show
from reconciler.workflow.wiring import Wiring


@click.command("show")
@click.argument("plan")
@FORMAT
@click.option("--redact", is_flag=True, help="Leave out values: they are personal data.")
@click.pass_obj
def show_command(config: Path, plan: str, form: str, redact: bool) -> ExitCode:
    """
    Show a plan: a path, or the start of the digest of a stored one.

    The path of a file needs no configuration: a plan says everything that is shown. A digest, and
    an address in a bucket, are looked up in the store that the configuration names. Where there
    is one, the signature is verified first; a plan that lacks one which it needs is shown, and is
    none to apply. Of the guards that block, only those are listed that nobody has approved yet.

    \b
    Example:
      reconciler show 3f9a1c2e8b01
      reconciler show --format markdown --redact 3f9a1c2e8b01
    """
    shown = plan_to_show(config, plan, Wiring())
    opened, terminal = shown.opened, on_terminal()
    look = Look(colour(), width(), redact, terminal=terminal, named=plan, since=shown.since)
    out(FORMATS[form](opened.plan, look))
    if form == "text" and opened.signer is not None:
        note(f"signed by {opened.signer.name}")
    if opened.unsigned:
        note(f"warning: {UNSIGNED}")
    if shown.trouble is not None:
        what = "whether it was approved or applied since is not known"
        note(f"warning: {what}: {printable(shown.trouble)}")
    return ExitCode.DONE
