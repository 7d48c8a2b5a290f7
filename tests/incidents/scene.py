"""
Where incidents happen: eight people, five groups, and a service that can be broken.

Everybody is in Staff, which the application is assigned to; the other groups are
only provisioned. The company is settled once, and each incident begins with a copy.
What the service holds is what counts: who lost an account, a role, a group.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest

from reconciler.live.transport import Transport
from reconciler.sandbox import make_app
from reconciler.testing import FaultyScim
from reconciler.testing.schedule import Line
from reconciler.workflow.wiring import SystemClock
from tests.e2e.company import TOKEN_NAME, Company, Ended
from tests.incidents.naive import Naive, Row, read
from tests.servers import TOKEN, FakeClock

NAMES = ("ada", "bob", "cleo", "dan", "eve", "fay", "gus", "hal")
TEAMS = {
    "Sales": [name for name in NAMES if name not in ("gus", "hal")],
    "Ops": [name for name in NAMES if name not in ("ada", "bob")],
    "Desk": [name for name in NAMES if name not in ("cleo", "dan")],
    "Lab": [name for name in NAMES if name not in ("eve", "fay")],
}
"""Everybody is in three of them: whoever a service forgets loses as much as anybody."""
STAFF = {"group": "Staff", "role": "User"}
ADA = {"user": "ada@contoso.example", "role": "Administrator"}
ASSIGNMENTS = [STAFF, ADA, *({"group": name} for name in TEAMS)]


@dataclass
class Firm(Company):
    """A company whose source may have another form."""

    users: str = "people.csv"
    breaks: Callable[[Path], None] = lambda folder: None
    """What becomes of the files when they have been written."""

    def settings(self) -> dict[str, Any]:
        """Return the configuration, with the source in the form that it has."""
        found = super().settings()
        found["source"]["users"] = self.users
        return found

    def write_source(self) -> None:
        """Put the source on disk, and break it."""
        super().write_source()
        self.breaks(self.folder)

    def assign(self, *lines: dict[str, str], **more: Any) -> None:
        """Give the application these assignments, and other keys besides."""
        self.application = {**self.application, "assignments": list(lines), **more}


def founded(folder: Path, url: str) -> Firm:
    """Return eight people in Staff and four teams; Ada is an administrator."""
    made = Firm(folder, url)
    for name in NAMES:
        made.hire(name, jobTitle="Clerk", department="Sales")
    for team, members in TEAMS.items():
        made.group(team)["members"] = list(members)
    made.application = {"assignments": ASSIGNMENTS}
    made.target = {"concurrency": 1}
    return made


@dataclass(frozen=True)
class Harm:
    """What people have lost, in numbers."""

    accounts_lost: int = 0
    accounts_disabled: int = 0
    roles_lost: int = 0
    groups_lost: int = 0
    memberships_lost: int = 0

    def __str__(self) -> str:
        """Say what was lost, as the documentation does."""
        named = ((part.name.replace("_", " "), getattr(self, part.name)) for part in fields(self))
        said = [f"{count} {name}" for name, count in named if count]
        return ", ".join(said) or "nothing"


@dataclass(frozen=True)
class State:
    """Everything that a service holds, by id."""

    users: dict[str, Row]
    groups: dict[str, Row]

    def memberships(self) -> set[tuple[str, str]]:
        """Return who is in which group, of those who are there."""
        return {
            (group, member["value"])
            for group, row in self.groups.items()
            for member in row.get("members", ())
            if member["value"] in self.users
        }

    def harm_since(self, before: State) -> Harm:
        """Return what was lost between *before* and now; who is gone has lost the account alone."""
        kept = [(row, self.users[each]) for each, row in before.users.items() if each in self.users]
        here = [(g, u) for g, u in before.memberships() if g in self.groups and u in self.users]
        return Harm(
            len(before.users) - len(kept),
            sum(was["active"] and not now["active"] for was, now in kept),
            sum(len(was.get("roles", ())) > len(now.get("roles", ())) for was, now in kept),
            len(before.groups.keys() - self.groups.keys()),
            len(set(here) - self.memberships()),
        )


@dataclass
class Scene:
    """One incident, before it happens."""

    faulty: FaultyScim
    app: Any
    url: str
    company: Firm
    settled: list[Any] = field(default_factory=list)
    """What the service held at first."""

    def state(self) -> State:
        """Return what the service holds now."""
        found: dict[str, dict[str, Row]] = {"User": {}, "Group": {}}
        for resource in self.app.storage.resources:
            row: Row = json.loads(json.dumps(resource.model_dump()))
            found[resource.meta.resource_type][row["id"]] = row
        return State(found["User"], found["Group"])

    def restore(self, *schedule: Line) -> State:
        """Put everything on the service back, and break it; returns what it holds."""
        self.app.storage.resources = deepcopy(self.settled)
        self.faulty.arm(*schedule)
        return self.state()

    def keep(self) -> None:
        """Let what the service holds now be what it held at first."""
        self.settled = deepcopy(list(self.app.storage.resources))

    def plan(self, *arguments: str) -> Ended:
        """Plan with the files as the company has them."""
        self.company.write()
        return self.company.run("plan", *arguments, "app")

    def apply(self) -> Ended:
        """Apply the newest plan."""
        return self.company.run("apply", "--auto-approve", self.company.newest())

    def blocked(self) -> set[str]:
        """Return the guards that block the newest plan."""
        return {guard["id"] for guard in self.company.body()["guards"] if guard["blocked"]}

    def naive(self, chosen: Callable[[Row], bool] | None = None, **options: Any) -> None:
        """
        Let the naive reconciler run on the same files.

        It provisions whom *chosen* chooses; without it, everybody in Staff.
        """
        self.company.write()
        people = read(self.company.folder / self.company.users)
        groups = read(self.company.folder / "groups.json")
        staff = next((one["members"] for one in groups if one["displayName"] == "Staff"), ())
        wanted = chosen or (lambda row: row.get("objectId") in staff)
        Naive(self.url, TOKEN, **options).reconcile([row for row in people if wanted(row)], groups)


def opened(folder: Path) -> Iterator[Scene]:
    """Serve the company, settled, until the generator is closed."""
    app: Any = make_app(TOKEN)
    faulty = FaultyScim(app)
    with faulty.serve() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv(TOKEN_NAME, TOKEN)
        company = founded(folder, url)
        company.settle()
        scene = Scene(faulty, app, url, company)
        scene.keep()
        yield scene


def begun(first: Scene, folder: Path, patch: pytest.MonkeyPatch) -> Scene:
    """Return the same company in a folder of its own; waits take no time."""
    shutil.copytree(first.company.folder, folder)
    clock = FakeClock()
    defaults: Any = Transport.__init__.__kwdefaults__
    patch.setenv(TOKEN_NAME, TOKEN)
    patch.setattr(SystemClock, "sleep", lambda _, seconds: clock.sleep(seconds))
    patch.setitem(defaults, "monotonic", clock.monotonic)
    scene = Scene(first.faulty, first.app, first.url, founded(folder, first.url), first.settled)
    scene.restore()
    return scene
