"""
``validate``: everything that can be known without a network, every problem at once.

Configuration, source files and what spans both: assignments of groups that do
not exist, filters by columns that nobody has.
"""

from __future__ import annotations

from datetime import date

from reconciler.desired import Judge
from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.directory import Directory
from reconciler.scim.schema import CORE
from reconciler.workflow.project import Project, Unusable
from reconciler.workflow.wiring import Wiring


def check_config(project: Project, wiring: Wiring, as_of: date) -> tuple[Diagnostic, ...]:
    """
    Return the warnings about *project* and its source.

    Raises:
        Unusable: With every error and warning found.
    """
    found: list[Diagnostic] = list(project.loaded.warnings)
    try:
        directory = wiring.source(project).read()
    except ConfigError as exc:
        raise Unusable(ConfigError([*found, *exc.diagnostics]), project.texts) from exc
    for name in project.loaded.config.applications:
        found.extend(_judged(project, name, directory, as_of))
    if any(one.severity == "error" for one in found):
        raise Unusable(ConfigError(found), project.texts)
    return tuple(found)


def _judged(
    project: Project, name: str, directory: Directory, as_of: date
) -> tuple[Diagnostic, ...]:
    """Return what is wrong between one application and the source."""
    application = project.application(name)
    try:
        judge = Judge(application, directory, as_of, CORE, project.locate_in(name))
    except ConfigError as exc:
        return exc.diagnostics
    return judge.scope.warnings
