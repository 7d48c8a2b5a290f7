"""
``init``: from an empty folder to a repository that validates, plans and has a pipeline.

What is written lies beside this module, in ``starter/``, as the files that a
person will read; nothing is generated. Two rules:

1. Nothing is ever overwritten. If one file is in the way, all that are in the
   way are named and nothing at all is written.
2. Nothing is written below ``plans/``: the shipped pipeline refuses a pull
   request that touches the store, and the first commit may well be one.

Called by ``reconciler init``.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from reconciler.workflow.new_files import write_new

STARTER: Mapping[str, str] = {
    "people.csv": "people.csv",
    "groups.yaml": "groups.yaml",
    "gitignore.txt": ".gitignore",
    "gitattributes.txt": ".gitattributes",
    "plan.yml": ".github/workflows/provisioning-plan.yml",
    "apply.yml": ".github/workflows/provisioning-apply.yml",
}
"""By the name under ``starter/``, where a file goes in the new project."""

CONFIGURATION = "provisioning.yaml"
"""The name under ``starter/`` of the file that goes to where ``--config`` points."""


def start_project(config: Path) -> tuple[Path, ...]:
    """
    Write a new project around *config*, and return the paths that were written.

    Args:
        config: Where the desired state goes; everything else goes into its
            folder, which is made if need be.

    Raises:
        ConfigError: With `already-there`, once for every file in the way, or
            `unwritable-file`; nothing was written.
    """
    folder = files("reconciler.workflow") / "starter"
    wanted = {config: (folder / CONFIGURATION).read_bytes()}
    for name, place in STARTER.items():
        wanted[config.parent / place] = (folder / name).read_bytes()
    write_new(wanted)
    return tuple(wanted)
