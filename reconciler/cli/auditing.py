"""``audit verify``: is the store what was written?"""

from __future__ import annotations

import re
from pathlib import Path

import click

from reconciler.cli.console import note, out
from reconciler.render.audit import AUDIT_FORMATS
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.keys import trusted_by
from reconciler.workflow.project import open_project
from reconciler.workflow.wiring import Wiring


class RecordHash(click.ParamType[str]):
    """The SHA-256 of a journal's line."""

    name = "hash"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Read 64 hex digits."""
        text = str(value).strip().lower()
        if not re.fullmatch(r"[0-9a-f]{64}", text):
            self.fail(f"{value!r} is not a hash of 64 hex digits", param, ctx)
        return text


@click.group("audit")
def audit_group() -> None:
    """
    Check the stored plans and journals.

    \b
    Example:
      reconciler audit verify
    """


@audit_group.command("verify")
@click.option(
    "--head",
    "heads",
    type=RecordHash(),
    metavar="HASH",
    multiple=True,
    help="A record's hash that was kept elsewhere: it must still be there. Repeatable.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(AUDIT_FORMATS)),
    default="text",
    show_default=True,
    help="How it is printed.",
)
@click.pass_obj
def verify_command(config: Path, heads: tuple[str, ...], form: str) -> ExitCode:
    """
    Check every digest, signature and approval, every journal's chain, and that they fit.

    Offline. Every problem is told with its file and line; with one, the exit code is 6.
    It prints the hash of each application's newest record: kept elsewhere, it shows with
    --head that nothing up to there was cut off.

    \b
    Example:
      reconciler audit verify
      reconciler audit verify --head <hash> --format json
    """
    project = open_project(config)
    found = Wiring().audit(project, heads, trusted_by(project))
    out(AUDIT_FORMATS[form](found))
    if not found.problems:
        return ExitCode.DONE
    note("nothing was changed; take what is damaged back from git, and never mend a journal")
    return ExitCode.REFUSED
