"""``init`` and ``sandbox``: from nothing to something that runs."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.console import note, out
from reconciler.sandbox import serve
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.start import start_project


@click.command("init")
@click.pass_obj
def init_command(config: Path) -> ExitCode:
    """
    Write a commented provisioning.yaml, sample data and a pipeline.

    Nothing that is there already is overwritten.

    \b
    Example:
      mkdir access && cd access && reconciler init
    """
    for path in start_project(config):
        out(f"wrote {path}")
    note("next: reconciler validate")
    return ExitCode.DONE


@click.command("sandbox")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="PORT",
    default=8080,
    show_default=True,
    help="Where it listens, on 127.0.0.1.",
)
@click.option("--token", metavar="TOKEN", required=True, help="The bearer token that is accepted.")
@click.option(
    "--registered-domain",
    "domains",
    metavar="DOMAIN",
    multiple=True,
    help="Domain that user names may have; repeatable. Without: any.",
)
def sandbox_command(port: int, token: str, domains: tuple[str, ...]) -> ExitCode:
    """
    Run a SCIM server on this machine, to try things on.

    It behaves like the reference application, and forgets everything when it ends.

    \b
    Example:
      reconciler sandbox --token try-me --registered-domain contoso.example
    """
    serve("127.0.0.1", port, token, domains, ready=_ready)
    return ExitCode.DONE


def _ready(url: str) -> None:
    """Say where the sandbox listens."""
    out(f"sandbox listens on {url}; Ctrl-C ends it")
