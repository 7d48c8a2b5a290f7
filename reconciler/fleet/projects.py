"""
The configurations that a worker serves, each read again when it has changed.

To read a thousand applications takes seconds, and there is a job for each of them. So
one that was read is kept for as long as every file of it is what it was, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from reconciler.config.fleet import Fleet
from reconciler.fleet.errors import NoFleet
from reconciler.workflow.project import Project, is_as_read, open_project


class Projects:
    """Configurations by what they are called in the database; safe for threads."""

    def __init__(self, files: Iterable[Path]) -> None:
        """
        Read every file.

        Raises:
            Unusable: One has errors.
            NoFleet: One has no `fleet:`, or two have the same name.
        """
        self._files: dict[str, Path] = {}
        self._read: dict[str, Project] = {}
        self._locks: dict[str, Lock] = {}
        for file in files:
            project = open_project(file)
            name = fleet_of(project, file).name
            if name in self._files:
                raise NoFleet(f"{file} and {self._files[name]} have the same `fleet.name`: {name}")
            self._files[name], self._read[name], self._locks[name] = file, project, Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """What the configurations are called."""
        return tuple(self._files)

    def project(self, name: str) -> Project:
        """
        Return the configuration that is called *name*, as it is now.

        Raises:
            Unusable: It has errors now.
            NoFleet: It is called otherwise now.
        """
        file = self._files[name]
        with self._locks[name]:
            if not is_as_read(file, self._read[name]):
                project = open_project(file)
                if fleet_of(project, file).name != name:
                    raise NoFleet(f"{file} is not called {name} any more: restart the worker")
                self._read[name] = project
            return self._read[name]


def fleet_of(project: Project, file: Path) -> Fleet:
    """
    Return the `fleet:` of a configuration.

    Raises:
        NoFleet: It has none.
    """
    found = project.loaded.config.fleet
    if found is None:
        raise NoFleet(
            f"{file} has no `fleet:`; add `fleet: {{name: NAME, database: {{env: VARIABLE}}}}`"
        )
    return found
