"""``init`` and ``sandbox``: from nothing to something that runs."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.console import note, out
from reconciler.cli.exit_codes import ExitCode
from reconciler.sandbox import serve
from reconciler.workflow.start import start_project


@click.command("init")
@click.pass_obj
def init_command(config: Path) -> ExitCode:
    """
    Write a commented provisioning.yaml, sample data, .gitignore and a pipeline.

    \b
    Example:
      mkdir access && cd access && reconciler init
    """
    for path in start_project(config):
        out(f"wrote {path}")
    note("next: reconciler validate")
    return ExitCode.DONE


@click.command("sandbox")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--token", required=True, help="The bearer token that is accepted.")
@click.option(
    "--registered-domain",
    "domains",
    multiple=True,
    help="Domain that user names may have; repeatable. None: any.",
)
def sandbox_command(port: int, token: str, domains: tuple[str, ...]) -> ExitCode:
    """
    Run a SCIM server on loopback that behaves like the reference application.

    \b
    Example:
      reconciler sandbox --port 8080 --token secret --registered-domain contoso.example
    """
    serve("127.0.0.1", port, token, domains, ready=_ready)
    return ExitCode.DONE


def _ready(url: str) -> None:
    """Say where the sandbox listens."""
    out(f"sandbox listens on {url}; Ctrl-C ends it")
