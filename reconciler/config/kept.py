"""
What of the mappings the service keeps, by its profile.

What it does not keep is not compared and not written, also not by a create: the
application is planned and applied as if these lines were not there. So nothing
else needs to know of them; each plan says what was left out.

Called by :mod:`reconciler.workflow.project`; what may not be left out is complained
of in :mod:`reconciler.config.check_profile`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reconciler.config.model import Application, AttributeMapping
from reconciler.profiles.model import Profile
from reconciler.scim.coverage import covers
from reconciler.scim.paths import AttributePath, parse_path

Tables = Literal["users", "groups"]
MEMBERS = AttributePath(None, "members")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A mapping that is neither compared nor written."""

    table: Tables
    target: str
    """As the file spells it."""
    unreadable: bool = False
    """Whether the service keeps it, and does not show it: the members of groups."""


def kept(application: Application, profile: Profile) -> Application:
    """Return *application* without the mappings that the service does not keep, or show."""
    gone = {(one.table, one.target) for one in left_out(application, profile)}
    if not gone:
        return application
    tables: dict[str, tuple[AttributeMapping, ...]] = {
        name: tuple(line for line in lines if (name, line.target) not in gone)
        for name, lines in _tables(application).items()
    }
    mappings = application.mappings.model_copy(update=tables)
    return application.model_copy(update={"mappings": mappings})


def left_out(application: Application, profile: Profile) -> tuple[LeftOut, ...]:
    """Return the mappings of *application* that the service does not keep, or does not show."""
    unsupported = profile.attributes.unsupported
    hidden = () if profile.members.readable else ("members",)
    found = []
    for table, lines in _tables(application).items():
        for line in lines if unsupported or hidden else ():
            path = parse_path(line.target)
            unreadable = table == "groups" and covers(hidden, path)
            if unreadable or covers(unsupported, path):
                found.append(LeftOut(table, line.target, unreadable))
    return tuple(found)


def shows_members(profile: Profile) -> bool:
    """Say whether anything can be concluded from the members that groups show."""
    return profile.members.readable and not covers(profile.attributes.unsupported, MEMBERS)


def _tables(application: Application) -> dict[Tables, tuple[AttributeMapping, ...]]:
    """Return the mapping tables that there are."""
    mappings = application.mappings
    tables: dict[Tables, tuple[AttributeMapping, ...]] = {"users": mappings.users}
    if mappings.groups is not None:
        tables["groups"] = mappings.groups
    return tables
