"""
Where in the store everything of one application lies: the folder that has its name.

A name in the store comes from a checked application name, a time and a digest; never
from a value that somebody chose. No folder is reached through a link.
"""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from reconciler.config.model import ApplicationName
from reconciler.diagnostics import printable
from reconciler.store.folder import StoreError
from reconciler.store.slot import Location, LocationT, slot

_APPLICATION_NAME: TypeAdapter[str] = TypeAdapter(ApplicationName)


def application_folder(store: LocationT, application: str) -> LocationT:
    """
    Return the folder of *application* in *store*; it need not exist.

    Raises:
        StoreError: No application can have this name, or a link is in the way.
    """
    if not _can_be_application(application):
        shown = printable(application[:80])
        raise StoreError(f'"{shown}" cannot be the name of an application')
    folder = store / application
    for step in (store, folder):
        slot(step).require_no_link()
    return folder


def application_folders(store: Location, application: str | None) -> list[Location]:
    """
    Return the folder of *application*, or with None those of all applications of *store*.

    What has a name that no application can have is none of the store's.

    Raises:
        StoreError: As :func:`application_folder`.
    """
    if application is not None:
        return [application_folder(store, application)]
    names = filter(_can_be_application, slot(store).folders())
    return [application_folder(store, name) for name in names]


def _can_be_application(name: str) -> bool:
    """Say whether the configuration would take *name* as the name of an application."""
    try:
        _APPLICATION_NAME.validate_python(name)
    except ValidationError:
        return False
    return True
