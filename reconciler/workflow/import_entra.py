"""
``import entra``: files that were fetched from Microsoft Graph become a configuration.

Offline: the files are what Graph answered, saved by whoever may ask it. They
are read strictly, because a key that is there twice would be two decisions.
"""

from __future__ import annotations

from pathlib import Path

from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.interchange.entra import Given, Imported, import_schema
from reconciler.live.strict_json import StrictJsonError, parse

SIZE_LIMIT = 64 * 2**20
"""Bytes of one file; a schema with thousands of attributes has a few megabytes."""


def import_entra(
    schema: Path, name: str | None, assignments: Path | None, roles: Path | None
) -> Imported:
    """
    Return the configuration that the files make; nothing is written.

    Args:
        schema: A synchronizationSchema.
        name: What the application is called, if not as its directory.
        assignments: The answer of `appRoleAssignedTo`, all pages.
        roles: The servicePrincipal.

    Raises:
        ConfigError: A file cannot be read, or is not what it should be.
    """
    given = _given(schema)
    assigned = None if assignments is None else _given(assignments)
    principal = None if roles is None else _given(roles)
    return import_schema(given, name, assigned, principal)


def _given(path: Path) -> Given:
    """
    Read one file of JSON.

    Raises:
        ConfigError: It is missing, unreadable, too large or no JSON.
    """
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise ConfigError([Diagnostic("missing-file", f"{path} does not exist")]) from None
    except OSError as exc:
        message = f"{path} cannot be read: {exc.strerror}"
        raise ConfigError([Diagnostic("unreadable-file", message)]) from exc
    if len(data) > SIZE_LIMIT:
        message = f"{path} is larger than {SIZE_LIMIT // 2**20} MiB"
        raise ConfigError([Diagnostic("too-large", message)])
    try:
        return Given(path.name, parse(data))
    except StrictJsonError as exc:
        raise ConfigError([Diagnostic("bad-json", f"{path} cannot be used: {exc}")]) from exc
