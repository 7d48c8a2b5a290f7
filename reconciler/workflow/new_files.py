"""
Writing files that are new: nothing that is there is ever overwritten.

If one file is in the way, all that are in the way are named and nothing at all
is written; if the disk refuses one, those before it are gone again.

Used by ``init``, by the imports and by ``probe --write-profile``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from os.path import lexists
from pathlib import Path

from reconciler.diagnostics import ConfigError, Diagnostic


def write_new(wanted: Mapping[Path, bytes]) -> None:
    """
    Write all files, or none; their folders are made if need be.

    Raises:
        ConfigError: With `already-there`, once for every file in the way, or
            `unwritable-file`; nothing was written.
    """
    require_free(wanted)
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


def require_free(wanted: Iterable[Path]) -> None:
    """
    Check that nothing is in the way, before anything is done that ends in writing files.

    Raises:
        ConfigError: With `already-there`, once for every file in the way.
    """
    taken = [path for path in wanted if lexists(path)]
    if taken:
        raise ConfigError(_already_there(path) for path in taken)


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
