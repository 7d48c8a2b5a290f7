"""
A small company whose people come, go, marry and change places.

The configuration is one of a few (:data:`VARIANTS`), read once per process by the
program itself; people and groups are made anew, and change from plan to plan.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from reconciler.directory import Directory, SourceGroup, Subject
from reconciler.workflow.project import Project, open_project
from tests.contract.firm import SAFETY
from tests.simulate.service import ENTERPRISE

APPLICATION = "app"
TOKEN_NAME = "SIMULATED_TOKEN"
DOMAIN = "contoso.example"
PROTECTED = f"boss@{DOMAIN}"
MIN_ADMINS = 1
STAFF, ADMINS, CLUB = "g-staff", "g-admins", "g-club"

MAPPINGS = {
    "users": [
        {"target": "userName", "source": "userPrincipalName", "match": 1},
        {"target": "externalId", "source": "objectId", "match": 2},
        {"target": "active", "expression": "Not([IsSoftDeleted])"},
        {"target": "displayName", "source": "displayName"},
        {"target": "name.familyName", "source": "surname", "clear": True},
        {"target": 'emails[type eq "work"].value', "source": "mail"},
        {"target": "title", "source": "jobTitle", "default": "Employee"},
        {
            "target": 'roles[primary eq "True"].value',
            "expression": "SingleAppRoleAssignment([appRoleAssignments])",
        },
        {"target": f"{ENTERPRISE}:manager", "source": "manager"},
    ],
    "groups": [
        {"target": "displayName", "source": "displayName", "match": 1},
        {"target": "externalId", "source": "objectId"},
        {"target": "members", "source": "members"},
    ],
}
ROLES = [
    {"name": "Administrator", "value": "admin", "privileged": True},
    {"name": "User", "value": "user"},
]


@dataclass(frozen=True)
class Variant:
    """What the configuration says, of what may be said in several ways."""

    leaves_scope: str = "disable"
    deleted_at_source: str = "disable"
    update: str = "patch"
    looks: tuple[int, int] = (2, 1)
    """`read_after_write` of the profile: how often, and after how many seconds."""
    settle: int = 10
    """`settle_seconds` of the profile."""


@cache
def project(variant: Variant) -> Project:
    """Return the configuration of a company, as the program reads it."""
    retries, delay = variant.looks
    profile = {
        "write": {"user_update": variant.update, "group_update": variant.update},
        "concurrency": {
            "read_after_write": {"retries": retries, "delay_seconds": delay},
            "settle_seconds": variant.settle,
        },
    }
    values = {
        "version": 1,
        "source": {"kind": "files", "users": "users.csv", "groups": "groups.yaml"},
        "applications": {APPLICATION: _application(variant)},
    }
    with TemporaryDirectory() as folder:
        path = Path(folder) / "provisioning.yaml"
        path.write_text(json.dumps(values), "utf-8")
        (path.parent / "service.yaml").write_text(json.dumps(profile), "utf-8")
        return open_project(path)


def project_in(folder: Path, variant: Variant) -> Project:
    """Return the configuration of a company whose files lie in *folder*."""
    return replace(project(variant), folder=folder)


def _application(variant: Variant) -> dict[str, Any]:
    return {
        "target": {
            "tenant_url": "http://127.0.0.1:9/v2",
            "secret_token": {"env": TOKEN_NAME},
            "profile": "service.yaml",
            "concurrency": 1,
            "rate_limit": 0,
        },
        "roles": ROLES,
        "assignments": [
            {"group": "Admins", "role": "Administrator"},
            {"group": STAFF, "role": "User"},
            {"group": CLUB},
        ],
        "mappings": MAPPINGS,
        "lifecycle": {
            "leaves_scope": variant.leaves_scope,
            "deleted_at_source": variant.deleted_at_source,
        },
        "safety": {**SAFETY, "min_admins": MIN_ADMINS, "protected": [PROTECTED]},
    }


@dataclass
class Person:
    """Somebody, as the source says it at the moment."""

    anchor: str
    cells: dict[str, str]
    enabled: bool = True
    deleted: bool = False

    def subject(self) -> Subject:
        cells = {name: value for name, value in self.cells.items() if value}
        return Subject(self.anchor, cells, self.enabled, self.deleted)


@dataclass
class Company:
    """People and groups; implements :class:`reconciler.ports.Source`."""

    chance: Random
    people: dict[str, Person] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    hired: int = 0

    def read(self) -> Directory:
        subjects = {anchor: person.subject() for anchor, person in self.people.items()}
        groups = {
            anchor: SourceGroup(
                anchor,
                self.names[anchor],
                tuple(one for one in members if one in self.people),
                {"objectId": anchor, "displayName": self.names[anchor]},
            )
            for anchor, members in self.members.items()
        }
        return Directory(subjects, groups, 0, self.digest())

    def digest(self) -> str:
        told = repr((sorted(self.people.items()), sorted(self.members.items()), self.names))
        return hashlib.sha256(told.encode()).hexdigest()

    @classmethod
    def founded(cls, chance: Random) -> Company:
        """Return a company of 3 to 5, the first of whom is the boss."""
        company = cls(chance, members={STAFF: [], ADMINS: [], CLUB: []})
        company.names = {STAFF: "Staff", ADMINS: "Admins", CLUB: "Club"}
        for _ in range(chance.randrange(3, 6)):
            company.hire()
        boss = company.people["p0"]
        boss.cells["userPrincipalName"] = PROTECTED
        company.members[ADMINS] = ["p0", *chance.sample(sorted(company.people)[1:], 1)]
        return company

    def hire(self) -> None:
        anchor, manager = f"p{self.hired}", self.chance.choice([*self.people, ""])
        self.hired += 1
        cells = {
            "objectId": anchor,
            "userPrincipalName": f"{anchor}@{DOMAIN}",
            "displayName": anchor.title(),
            "surname": self.chance.choice(("", "Ada", "Bee")),
            "mail": f"{anchor}@mail.example",
            "jobTitle": self.chance.choice(("", "A", "B")),
            "manager": manager,
        }
        self.people[anchor] = Person(anchor, cells)
        self.members[STAFF].append(anchor)
        if self.chance.random() < 0.5:
            self.members[CLUB].append(anchor)

    def moves_on(self) -> None:
        """Let a few things happen between one plan and the next."""
        for _ in range(self.chance.randrange(1, 5)):
            self.chance.choice(_EVENTS)(self)

    def _somebody(self) -> Person:
        return self.people[self.chance.choice([one for one in self.people if one != "p0"])]

    def _leave(self) -> None:
        if len(self.people) > 3:
            del self.people[self._somebody().anchor]

    def _switch(self) -> None:
        person = self._somebody()
        person.enabled = not person.enabled

    def _soft_delete(self) -> None:
        person = self._somebody()
        person.deleted = not person.deleted

    def _marry(self) -> None:
        person = self._somebody()
        number = self.chance.randrange(3)
        person.cells["userPrincipalName"] = f"{person.anchor}-{number}@{DOMAIN}"

    def _respell(self) -> None:
        cells = self._somebody().cells
        cells["userPrincipalName"] = cells["userPrincipalName"].swapcase()

    def _swap(self) -> None:
        """Let one take the name that another gives up."""
        one, other = self._somebody().cells, self._somebody().cells
        freed = one["userPrincipalName"]
        one["userPrincipalName"] = f"{one['objectId']}-9@{DOMAIN}"
        other["userPrincipalName"] = freed

    def _retitle(self) -> None:
        cells = self._somebody().cells
        name = self.chance.choice(("jobTitle", "displayName", "surname", "mail"))
        cells[name] = self.chance.choice(("", "C", "D")) if name != "displayName" else "Nn"

    def _report(self) -> None:
        self._somebody().cells["manager"] = self.chance.choice([*self.people, ""])

    def _move(self) -> None:
        members = self.members[self.chance.choice((STAFF, ADMINS, CLUB))]
        anchor = self._somebody().anchor
        if anchor in members:
            members.remove(anchor)
        else:
            members.append(anchor)

    def _rename_group(self) -> None:
        self.names[CLUB] = self.chance.choice(("Club", "CLUB", "Casino"))

    def _staff_renamed(self) -> None:
        self.names[STAFF] = self.chance.choice(("Staff", "Crew"))


_EVENTS: tuple[Callable[[Company], None], ...] = (
    Company.hire,
    Company.hire,
    Company._leave,
    Company._leave,
    Company._switch,
    Company._soft_delete,
    Company._marry,
    Company._respell,
    Company._swap,
    Company._retitle,
    Company._retitle,
    Company._report,
    Company._move,
    Company._move,
    Company._move,
    Company._rename_group,
    Company._staff_renamed,
)


def company_facts() -> Mapping[str, Any]:
    """Return what the checker has to know of the configuration, as plain values."""
    return {"protected": [PROTECTED], "min_admins": MIN_ADMINS, "privileged": ["admin"]}
