"""``quarantine``: applications that are left alone, and the word that lets them go on."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.console import out
from reconciler.render.quarantine import QUARANTINE_FORMATS
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.project import open_project
from reconciler.workflow.quarantine import clear, standing_of
from reconciler.workflow.wiring import Wiring


class Reason(click.ParamType[str]):
    """Why somebody does something, in one line."""

    name = "text"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Read a line that says something."""
        text = str(value).strip()
        if not text or len(text) > 500 or not text.isprintable():
            self.fail("the reason is one line of up to 500 characters", param, ctx)
        return text


@click.group("quarantine")
def quarantine_group() -> None:
    """
    Show and clear quarantine: applications that failed, and are tried less and less.

    \b
    Example:
      reconciler quarantine show
    """


@quarantine_group.command("show")
@click.argument("applications", metavar="[APP]...", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(QUARANTINE_FORMATS)),
    default="text",
    show_default=True,
    help="How it is printed.",
)
@click.pass_obj
def show_command(config: Path, applications: tuple[str, ...], form: str) -> ExitCode:
    """
    Say which applications are in quarantine, why, and when they are tried again.

    Offline. Without APP, every application is listed.

    \b
    Example:
      reconciler quarantine show ipass-smartconnect --format json
    """
    project, wiring = open_project(config), Wiring()
    names = project.names(applications)
    found = {name: standing_of(project, name, wiring) for name in names}
    out(QUARANTINE_FORMATS[form](found, wiring.clock.now()))
    return ExitCode.DONE


@quarantine_group.command("clear")
@click.argument("application", metavar="APP")
@click.option("--reason", type=Reason(), required=True, help="Why it is well again; on record.")
@click.pass_obj
def clear_command(config: Path, application: str, reason: str) -> ExitCode:
    """
    End the quarantine of an application. Guards, digests and limits hold as before.

    Offline. Who cleared it, when and why is written beside the journals. Nobody is told: the
    next apply that goes through tells whoever was told of the quarantine that it is over.

    \b
    Example:
      reconciler quarantine clear ipass-smartconnect --reason "token was renewed, HR-4711"
    """
    clear(open_project(config), application, Wiring(), reason)
    out(f"{application} is not in quarantine any more; the next apply is let through.")
    return ExitCode.DONE
