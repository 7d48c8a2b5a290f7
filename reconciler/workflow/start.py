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
from contextlib import suppress
from importlib.resources import files
from os.path import lexists
from pathlib import Path

from reconciler.diagnostics import ConfigError, Diagnostic

STARTER: Mapping[str, str] = {
    "people.csv": "people.csv",
    "groups.yaml": "groups.yaml",
    "gitignore.txt": ".gitignore",
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
    taken = [path for path in wanted if lexists(path)]
    if taken:
        raise ConfigError(_already_there(path) for path in taken)
    _write(wanted)
    return tuple(wanted)


def _write(wanted: Mapping[Path, bytes]) -> None:
    """
    Write all files, or none.

    Raises:
        ConfigError: The disk refuses one; those that were written before it are gone again.
    """
    written: list[Path] = []
    for path, data in wanted.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:  # x: what appeared in the meantime is not overwritten
                written.append(path)
                file.write(data)
        except OSError as exc:
            for done in written:
                with suppress(OSError):
                    done.unlink()
            raise ConfigError([_refused(path, exc)]) from exc


def _already_there(path: Path) -> Diagnostic:
    """Return the complaint that *path* exists."""
    hint = "start in a new folder and take over what you need, or move the file away"
    return Diagnostic("already-there", f"{path} is already there; nothing was written", hint=hint)


def _refused(path: Path, error: OSError) -> Diagnostic:
    """Return the complaint that *path* could not be written."""
    if isinstance(error, FileExistsError) and lexists(path):
        return _already_there(path)
    message = f"{path} cannot be written: {error.strerror}; nothing was written"
    return Diagnostic("unwritable-file", message)
