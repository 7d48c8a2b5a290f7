"""
A company with everybody in place, and a plan for each kind of change.

All plans start from one state, so each needs a source, a configuration, and what
somebody has done on the target by hand. Each holds three operations of its kind: a
first, a middle and a last.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.live.client import ScimTarget
from reconciler.states import ResourceType
from tests.crash.parents import Parent
from tests.crash.service import DOMAIN, TOKEN, Service
from tests.servers import open_target

TOKEN_NAME = "CRASH_TOKEN"
ENVIRONMENT = {**os.environ, TOKEN_NAME: TOKEN}

COLUMNS = ("objectId", "userPrincipalName", "displayName", "manager", "accountEnabled")
WIDE = {"at_most": 50, "percent": 100}
GUARDS = (
    "delete_users",
    "delete_groups",
    "remove_members",
    "revoke_roles",
    "rename_users",
    "enable_users",
    "group_members",
)
MAPPINGS = {
    "users": [
        {"target": "userName", "source": "userPrincipalName", "match": 1},
        {"target": "externalId", "source": "objectId", "match": 2},
        {
            "target": "active",
            "expression": 'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
        },
        {"target": "displayName", "source": "displayName"},
        {
            "target": 'roles[primary eq "True"].value',
            "expression": "SingleAppRoleAssignment([appRoleAssignments])",
        },
        {
            "target": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
            "source": "manager",
        },
    ],
    "groups": [
        {"target": "displayName", "source": "displayName", "match": 1},
        {"target": "externalId", "source": "objectId"},
        {"target": "members", "source": "members"},
    ],
}


def anchor(number: int) -> str:
    """Return the objectId of a person."""
    return f"u{number:02}"


@dataclass(slots=True)
class Source:
    """What the directory says, and who is assigned as what."""

    people: dict[str, dict[str, str]]
    groups: dict[str, dict[str, Any]]
    administrators: set[str]
    lifecycle: dict[str, str]
    profile: dict[str, Any]

    def person(self, number: int, **cells: str) -> None:
        """Add somebody, or change what is said of them."""
        before = self.people.get(anchor(number)) or {
            "userPrincipalName": f"p{number:02}@{DOMAIN}",
            "displayName": f"Person {number:02}",
        }
        self.people[anchor(number)] = before | cells

    def group(self, name: str, *members: int) -> None:
        """Add a group, or change its members."""
        self.groups[name] = {"displayName": name, "members": [anchor(n) for n in members]}


def company(*, everybody_on: bool = False) -> Source:
    """Return everybody in place: twelve people, of whom three are off, and three groups."""
    source = Source({}, {}, {anchor(n) for n in (0, 4, 5, 6)}, {"deleted_at_source": "delete"}, {})
    for number in range(12):
        off = number > 8 and not everybody_on
        source.person(number, accountEnabled="false" if off else "true")
    for name in ("T1", "T2", "T3"):
        source.group(name, 0, 7, 8)
    return source


@dataclass(frozen=True, slots=True)
class Scenario:
    """One plan: what changed since everything was in place."""

    change: Callable[[Source], None]
    by_hand: Callable[[ScimTarget], None] = lambda target: None
    """What somebody has done on the target before the plan was made."""
    meanwhile: Callable[[Service], None] = lambda service: None
    """What somebody has done on the target since."""
    code: int = 0
    """How an undisturbed apply ends."""
    whole: bool = False
    """Whether the points of a run are asked for too, and not only those of an operation."""
    died: str | None = None
    """Where an earlier run of the plan has died, in the middle."""
    outside: bool = False
    """Whether the plan lies outside of the store, which does not know it."""


def create_users(source: Source) -> None:
    for number in (20, 21, 22):
        source.person(number)


def link_users(source: Source) -> None:
    for number in (30, 31, 32):
        source.person(number)


def strangers(target: ScimTarget) -> None:
    """Make the accounts that are linked; the last is just as it is wanted."""
    for number in (30, 31, 32):
        target.create(
            ResourceType.USER,
            {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": f"p{number}@{DOMAIN}",
                "externalId": anchor(number),
                "displayName": f"Person {number:02}" if number == 32 else "by hand",
                "active": True,
                "roles": [{"value": "user", "primary": True}],
            },
        )


def enable_users(source: Source) -> None:
    for number in (9, 10, 11):
        source.person(number, accountEnabled="true")


def update_users(source: Source) -> None:
    for number in (1, 2, 3):
        source.person(number, displayName="Somebody Else")


def revoke_roles(source: Source) -> None:
    source.administrators = {anchor(0)}


def disable_users(source: Source) -> None:
    for number in (1, 2, 3):
        source.person(number, accountEnabled="false")


def delete_users(source: Source) -> None:
    for number in (1, 2, 3):
        del source.people[anchor(number)]


def create_groups(source: Source) -> None:
    for name in ("N1", "N2", "N3"):
        source.group(name)


def link_groups(source: Source) -> None:
    for name in ("H1", "H2", "H3"):
        source.group(name)


def strange_groups(target: ScimTarget) -> None:
    for name in ("H1", "H2", "H3"):
        schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"]
        target.create(ResourceType.GROUP, {"schemas": schemas, "displayName": name})


def update_groups(source: Source) -> None:
    for name in ("T1", "T2", "T3"):
        source.groups[name]["displayName"] = f"{name} renamed"


def add_members(source: Source) -> None:
    for name in ("T1", "T2", "T3"):
        source.group(name, 0, 1, 2, 7, 8)


def remove_members(source: Source) -> None:
    for name in ("T1", "T2", "T3"):
        source.group(name, 0)


def delete_groups(source: Source) -> None:
    source.lifecycle["leaves_scope"] = "delete"
    source.groups.clear()
    source.group("T4")


def everything(source: Source) -> None:
    for change in (create_users, link_users, enable_users, update_groups):
        change(source)
    source.person(20, manager=anchor(21))
    source.person(1, displayName="Somebody Else")
    source.person(2, accountEnabled="false")
    del source.people[anchor(3)]
    source.administrators = {anchor(n) for n in (0, 4, 20)}
    source.group("T1", 0, 8, 20)
    source.group("N1", 1, 21, 30)


def bulk(source: Source) -> None:
    everything(source)
    source.profile["bulk"] = {"use": "auto"}


def put(source: Source) -> None:
    update_users(source)
    update_groups(source)
    source.profile["write"] = {"user_update": "put", "group_update": "put"}


def changed_by_somebody(service: Service) -> None:
    """Change whom the plan changes, so that the plan does not fit."""
    for resource in service.resources:
        if getattr(resource, "user_name", "") in {f"p{n:02}@{DOMAIN}" for n in (1, 2, 3)}:
            resource.display_name = "changed by hand"


def foreigners(source: Source) -> None:
    for number in (40, 41, 42):
        source.person(number, userPrincipalName=f"p{number}@elsewhere.example")
    create_users(source)


SCENARIOS: Mapping[str, Scenario] = {
    "link User": Scenario(link_users, strangers),
    "create User": Scenario(create_users),
    "enable User": Scenario(enable_users),
    "update User": Scenario(update_users),
    "revoke User": Scenario(revoke_roles),
    "disable User": Scenario(disable_users),
    "delete User": Scenario(delete_users),
    "link Group": Scenario(link_groups, strange_groups),
    "create Group": Scenario(create_groups),
    "update Group": Scenario(update_groups),
    "add_members Group": Scenario(add_members),
    "remove_members Group": Scenario(remove_members),
    "delete Group": Scenario(delete_groups),
    "everything": Scenario(everything, strangers, whole=True),
    "everything, in bulk": Scenario(bulk, strangers, whole=True),
    "everything, resumed": Scenario(everything, strangers, whole=True, died="done.synced"),
    "update by PUT": Scenario(put),
    "a plan from outside": Scenario(update_users, whole=True, outside=True),
    "conflicts": Scenario(update_users, meanwhile=changed_by_somebody, code=7),
    "refusals": Scenario(foreigners, code=7),
}
"""By name: each kind of operation alone, then all of them, then the ways of carrying them out."""


class World:
    """The company on disk and on a service, and its plans."""

    def __init__(self, folder: Path) -> None:
        """Put everybody in place."""
        self.folder = folder
        self.service = Service()
        self.parent = Parent(folder / "children", ENVIRONMENT)
        home = folder / "home"
        home.mkdir(parents=True)
        for source in (company(everybody_on=True), company()):
            self._write(home, source)
            self.succeed(home, "plan", "app")
            self.succeed(home, "apply", "--auto-approve", newest_plan(home))
        self._home, self._resources = home, self.service.snapshot()

    def plan(self, name: str, concurrency: int = 3) -> Prepared:
        """Return a scenario, planned; so many operations will run at the same time."""
        scenario = SCENARIOS[name]
        folder = self.folder / f"{name} by {concurrency}".replace(" ", "-")
        shutil.copytree(self._home, folder)
        self.service.restore(self._resources)
        with open_target(self.service.tenant_url, TOKEN) as target:
            scenario.by_hand(target)
        self.write_source(folder, scenario.change, concurrency)
        self.succeed(folder, "plan", "app")
        plan = newest_plan(folder)
        if scenario.outside:
            plan = str(Path(plan).rename(folder / "reviewed.plan.json"))
        scenario.meanwhile(self.service)
        return Prepared(self, scenario, folder, Path(plan).relative_to(folder))

    def write_source(
        self, folder: Path, change: Callable[[Source], None], concurrency: int = 3
    ) -> None:
        """Let the directory say something else in *folder*."""
        source = company()
        change(source)
        self._write(folder, source, concurrency)

    def another_parent(self, folder: Path) -> Parent:
        """Return a second nursery, for children of children; close it."""
        return Parent(folder, ENVIRONMENT)

    def succeed(self, folder: Path, *arguments: str) -> None:
        """Run a command that is not to fail."""
        ended = self.parent.run(folder, *arguments)
        assert ended.code == 0, ended.output

    def _write(self, folder: Path, source: Source, concurrency: int = 3) -> None:
        """Write the source and the configuration."""
        rows = [COLUMNS, *(self._row(known, cells) for known, cells in source.people.items())]
        (folder / "people.csv").write_text("".join(",".join(row) + "\n" for row in rows), "utf-8")
        groups = [{"objectId": f"id-{name}", **group} for name, group in source.groups.items()]
        (folder / "groups.json").write_text(json.dumps(groups), "utf-8")
        profile = {"extends": "generic", "bulk": {"use": "never"}, **source.profile}
        profile["concurrency"] = {"read_after_write": {"retries": 0}, "settle_seconds": 0}
        (folder / "profile.yaml").write_text(json.dumps(profile), "utf-8")
        settings = self._settings(source, concurrency)
        (folder / "provisioning.yaml").write_text(json.dumps(settings), "utf-8")

    @staticmethod
    def _row(known: str, cells: Mapping[str, str]) -> tuple[str, ...]:
        return (known, *(cells.get(column, "") for column in COLUMNS[1:]))

    def _settings(self, source: Source, concurrency: int) -> dict[str, Any]:
        people = [
            {"user": known, "role": "Administrator" if known in source.administrators else "User"}
            for known in source.people
        ]
        application = {
            "target": {
                "tenant_url": self.service.tenant_url,
                "secret_token": {"env": TOKEN_NAME},
                "rate_limit": 0,
                "concurrency": concurrency,
                "profile": "./profile.yaml",
            },
            "roles": [
                {"name": "Administrator", "value": "admin", "privileged": True},
                {"name": "User", "value": "user"},
            ],
            "assignments": [*people, *({"group": f"id-{name}"} for name in source.groups)],
            "mappings": MAPPINGS,
            "lifecycle": source.lifecycle,
            "safety": {
                "accidental_deletions": {"enabled": True, **WIDE},
                "source_shrinks": {"percent": 100},
                "half_gone": {"percent": 100},
                **dict.fromkeys(GUARDS, WIDE),
            },
        }
        return {
            "version": 1,
            "source": {"kind": "files", "users": "people.csv", "groups": "groups.json"},
            "applications": {"app": application},
        }

    def close(self) -> None:
        """End the service and the nursery."""
        self.parent.close()
        self.service.close()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan that can be carried out again and again, each time from the same state."""

    world: World
    scenario: Scenario
    folder: Path
    plan: Path


def newest_plan(folder: Path) -> str:
    """Return the path of the newest stored plan."""
    plans = (folder / "plans" / "app").glob("*.plan.json")
    return str(max(plans, key=lambda path: path.stat().st_mtime_ns))
