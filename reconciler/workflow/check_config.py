"""
``validate``: everything that can be known without a network, every problem at once.

Configuration, source files, files of certificates and of keys, and what spans them:
assignments of groups that do not exist, filters by columns that nobody has. A
configuration with errors is still held against the source, as far as it can be
(ruling 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from reconciler.config.load import Refused
from reconciler.config.model import Application
from reconciler.config.store_url import parse_store_url
from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.directory import Directory
from reconciler.ports import Source, SourceUnusable
from reconciler.scope.assignments import Locate, expand
from reconciler.scope.decide import complaints
from reconciler.workflow.project import Project, Unusable
from reconciler.workflow.unfilled import unfilled
from reconciler.workflow.wiring import Wiring

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "fleet": ("procrastinate", "psycopg_pool"),
    "cloud": ("obstore",),
}
"""Packages of the extras that a configuration can need."""

Judged = tuple[Application, Locate]
"""An application, and what says where its values stand in the file."""


def check_config(project: Project, wiring: Wiring, as_of: date) -> tuple[Diagnostic, ...]:
    """
    Return the warnings about *project* and its source.

    Raises:
        Unusable: With every error and warning found.
    """
    applications = project.loaded.config.applications
    judged = [(application, project.locate_in(name)) for name, application in applications.items()]
    found = _once(
        [
            *project.loaded.warnings,
            *_in_source(wiring.source(project), judged, as_of),
            *_in_bundles(project, judged, wiring),
            *_in_keys(project),
            *_in_extras(project),
        ]
    )
    if any(one.severity == "error" for one in found):
        raise Unusable(ConfigError(found), project.texts)
    return found


def everything_wrong(unusable: Unusable, path: Path, wiring: Wiring, as_of: date) -> Unusable:
    """Return *unusable*, the complaint about the file at *path*, and what is wrong beyond it."""
    refused = unusable.error
    if not isinstance(refused, Refused) or refused.source is None:
        return unusable
    source = wiring.files(path.parent, refused.source)
    judged = [(part.model, lambda loc, part=part: part.at(*loc)) for part in refused.applications]
    found = _once([*unusable.diagnostics, *_in_source(source, judged, as_of)])
    return Unusable(ConfigError(found), unusable.texts)


def _once(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return *found* without what was said before: a line of `defaults` is of each application."""
    return tuple(dict.fromkeys(found))


def _in_source(source: Source, judged: Iterable[Judged], as_of: date) -> Iterator[Diagnostic]:
    """Yield what is wrong with the source, and between it and each application."""
    try:
        directory = source.read()
    except SourceUnusable as exc:
        yield from exc.diagnostics
        if exc.groups is not None:
            yield from _of_groups(Directory({}, exc.groups, 0, ""), judged, as_of)
        return
    for application, locate in judged:
        yield from complaints(application, directory, as_of, locate)
        yield from unfilled(application, directory, locate)


def _in_bundles(project: Project, judged: Iterable[Judged], wiring: Wiring) -> Iterator[Diagnostic]:
    """Yield what is wrong with the certificates that each application trusts."""
    for application, locate in judged:
        try:
            wiring.roots(project, application)
        except ConfigError as exc:
            place = locate(("target", "ca_bundle"))
            yield from (replace(one, position=place) for one in exc.diagnostics)


def _in_keys(project: Project) -> Iterator[Diagnostic]:
    """Yield what is wrong with the keys that *project* trusts."""
    if project.loaded.config.trust.keys:
        from reconciler.workflow.keys import wrong_keys

        yield from wrong_keys(project)


def _in_extras(project: Project) -> Iterator[Diagnostic]:
    """Yield what *project* needs and is not installed: on this machine, so it is a warning."""
    config = project.loaded.config
    needed = {
        "fleet": (config.fleet is not None, ("fleet",)),
        "cloud": (parse_store_url(config.plans.store) is not None, ("plans", "store")),
    }
    for extra, (is_needed, keys) in needed.items():
        if is_needed and not all(find_spec(package) for package in EXTRAS[extra]):
            message = f"`{'.'.join(keys)}` needs an extra that is not installed here"
            hint = f"where it is used: pip install 'scim-reconciler[{extra}]'"
            place = project.loaded.locate(*keys)
            yield Diagnostic("missing-extra", message, place, hint, severity="warning")


def _of_groups(groups: Directory, judged: Iterable[Judged], as_of: date) -> Iterator[Diagnostic]:
    """Yield the errors of assignments when nothing is known of the people."""
    for application, locate in judged:
        yield from expand(application, groups, as_of, locate).errors
