"""``import`` and ``export``: from and to another tool, or from what is live."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.adopting import import_scim_command
from reconciler.cli.console import note, out, write
from reconciler.diagnostics import printable
from reconciler.interchange.entra import schema_text
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.export_entra import export_entra
from reconciler.workflow.import_entra import import_entra
from reconciler.workflow.new_files import write_new
from reconciler.workflow.project import open_project

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("import")
def import_group() -> None:
    """
    Write a configuration from Entra's files, or from a live service.

    \b
    Example:
      reconciler import entra --schema schema.json --out provisioning.yaml
    """


@click.group("export")
def export_group() -> None:
    """
    Write an application of the configuration in another tool's form.

    \b
    Example:
      reconciler export entra ipass-smartconnect --out schema.json
    """


@import_group.command("entra", short_help="From files that Microsoft Graph answered.")
@click.option("--schema", type=_FILE, required=True, help="A synchronization schema, as JSON.")
@click.option("--assignments", type=_FILE, help="What appRoleAssignedTo answers, all pages.")
@click.option("--roles", type=_FILE, help="The service principal, for its appRoles.")
@click.option("--name", metavar="APP", help="Its name in the file, if not its directory's.")
@click.option(
    "--out", "place", type=_FILE, help="The file to write, which must be new; else it is printed."
)
def import_entra_command(
    schema: Path,
    assignments: Path | None,
    roles: Path | None,
    name: str | None,
    place: Path | None,
) -> ExitCode:
    """
    Write the configuration that says the same as an application in Entra.

    The files are answers of Microsoft Graph, saved; nothing is sent anywhere.
    What our format cannot say is listed, and kept for `export entra`. What
    somebody has to decide first keeps the application off (`enabled: false`).

    \b
    Example:
      reconciler import entra --schema schema.json \\
        --assignments appRoleAssignedTo.json --roles servicePrincipal.json \\
        --out provisioning.yaml
    """
    made = import_entra(schema, name, assignments, roles)
    if place is None:
        out(made.text)
    else:
        write_new({place: made.text.encode()})
        out(f"wrote {place}")
    for finding in made.findings:
        note(printable(f"{finding.kind}: {finding}"))
    for why in made.held:
        note(printable(f"switched off (`enabled: false`): {why}"))
    note("next: fill in what is marked TODO, then: reconciler validate")
    return ExitCode.DONE


import_group.add_command(import_scim_command)


@export_group.command("entra", short_help="As a file that Microsoft Graph accepts.")
@click.argument("application", metavar="APP")
@click.option(
    "--out", "place", type=_FILE, help="The file to write, over what is there; else it is printed."
)
@click.pass_obj
def export_entra_command(config: Path, application: str, place: Path | None) -> ExitCode:
    """
    Write APP as a synchronization schema that Microsoft Graph accepts.

    Nothing is sent anywhere. What a schema cannot say is listed.

    \b
    Example:
      reconciler export entra ipass-smartconnect --out schema.json
    """
    project = open_project(config)
    with project.quoted():
        made = export_entra(project, application)
    text = schema_text(made.schema)
    if place is None:
        out(text)
    else:
        write(place, text.encode())
        out(f"wrote {place}")
    for remark in made.notes:
        note(printable(f"note: {remark}"))
    return ExitCode.DONE
