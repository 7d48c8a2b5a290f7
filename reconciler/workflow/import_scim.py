"""
``import scim``: from a service that people were put into by hand to desired state in git.

Reads the target of an application, proves the read complete, and writes what is
there as a source, so that the first plan links every account and changes as
little as can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from os.path import relpath
from pathlib import Path

from reconciler.config import SourceText
from reconciler.config.profile_files import is_path, load_profile
from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.interchange.accounts import adopt
from reconciler.interchange.adopted_files import files_of
from reconciler.states import LiveState
from reconciler.workflow.make_plan import live_of, require_complete
from reconciler.workflow.new_files import write_new
from reconciler.workflow.project import Project
from reconciler.workflow.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has written."""

    paths: tuple[Path, ...]
    people: int
    groups: int
    notes: tuple[str, ...]


def import_scim(
    project: Project, name: str, wiring: Wiring, folder: Path, live: LiveState | None = None
) -> Imported:
    """
    Write the accounts of application *name* as files below *folder*.

    Raises:
        ConfigError: A file is in the way, nobody is there, or the application is not known.
        TargetError, ReadIncomplete: The target cannot be read; nothing was written.
    """
    application = project.loaded.config.applications.get(name) or project.application(name)
    if live is None:
        with wiring.target(project, application) as target:
            live = live_of(application, target)
    require_complete(live)
    adopted = adopt(application, live)
    if not adopted.people:
        message = f"{name} has no accounts that could be taken over; nothing was written"
        raise ConfigError([Diagnostic("nobody-there", message, hint="is it the right tenant?")])
    paths = (application.target.secret_token.file, application.target.ca_bundle)
    moved = {path: relpath(project.folder / path, folder) for path in paths if path is not None}
    files = files_of(name, application, adopted, moved)
    files.update(_profiles(project, application.target.profile))
    wanted = {folder / file: data for file, data in files.items()}
    write_new(wanted)
    return Imported(tuple(wanted), len(adopted.people), len(adopted.groups), tuple(adopted.notes))


def _profiles(project: Project, name: str) -> dict[str, bytes]:
    """Return the files of the profile called *name* by path: its own, and those it extends."""
    found: dict[str, bytes] = {}

    def text(path: str) -> SourceText:
        return SourceText(path, project.texts[str(project.folder / path)])

    while is_path(name) and name not in found:
        found[name] = text(name).text.encode()
        name = load_profile(name, text).extends or ""
    return found
