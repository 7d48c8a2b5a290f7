"""``validate``: every problem at once, on one's own machine."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.console import note, out
from reconciler.config.show import format_all
from reconciler.workflow.check_config import check_config, everything_wrong
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.project import Unusable, open_project
from reconciler.workflow.wiring import Wiring


@click.command("validate")
@click.pass_obj
def validate_command(config: Path) -> ExitCode:
    """
    Check the file and the source offline: every problem at once.

    \b
    Example:
      reconciler validate
      reconciler --config other/provisioning.yaml validate
    """
    wiring = Wiring()
    day = wiring.today().date()
    try:
        project = open_project(config)
    except Unusable as exc:
        raise everything_wrong(exc, config, wiring, day) from exc
    warnings = check_config(project, wiring, day)
    if warnings:
        note(format_all(warnings, project.texts))
    count = len(project.loaded.config.applications)
    out(
        f"{config}: valid; {count} application{'s' if count != 1 else ''}, "
        f"{len(warnings)} warning{'s' if len(warnings) != 1 else ''}"
    )
    return ExitCode.DONE
