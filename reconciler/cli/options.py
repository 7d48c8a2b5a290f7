"""
Options that several commands share.

Apart from the commands, so that none waits for what only another one needs.
"""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.render import FORMATS

KEY = click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Sign with this Ed25519 private key (PEM, readable by you alone).",
)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(sorted(FORMATS)),
    default="text",
    show_default=True,
    help="How the plan is printed.",
)
