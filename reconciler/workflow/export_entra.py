"""``export entra``: an application of the configuration as a synchronization schema."""

from __future__ import annotations

from reconciler.interchange.entra import Exported, export_schema
from reconciler.workflow.project import Project


def export_entra(project: Project, name: str) -> Exported:
    """
    Return the schema of the application called *name*, with what it does not say.

    The mapping of groups is part of it whether or not the source names a file
    of groups: it is the file's, and not this machine's.

    Raises:
        ConfigError: There is no such application, or its `entra` block was changed.
    """
    project.application(name)
    return export_schema(name, project.loaded.config.applications[name])
