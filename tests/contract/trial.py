"""
A small company behind a service with faults: what each test of the matrix begins with.

Five people and two groups are there already, as an apply of ours has left them. A
*wish* changes the source; a fault is armed; the command runs; and then the fault
goes, and what is left to do is looked at with clear eyes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.live.connection import Timeouts
from reconciler.live.transport import Transport
from reconciler.sandbox import make_app
from reconciler.testing import FaultyScim, Inject, Request
from reconciler.testing.schedule import Line
from reconciler.workflow.wiring import SystemClock
from tests.e2e.company import TOKEN_NAME, Company, Ended
from tests.servers import TOKEN, FakeClock

NAMES = ("ada", "bob", "cleo", "dan", "eve")
SAFETY = {"delete_users": {"at_most": 5, "percent": 100}, "min_admins": 0}
SHORT = Timeouts(connect=0.3, step=0.3, total=0.4)
"""Of a client that gives up soon, for faults that take time."""


def founded(folder: Path, url: str) -> Company:
    """Return five people in Staff, four of them in Sales."""
    made = Company(folder, url)
    for name in NAMES:
        made.hire(name, jobTitle="Clerk")
    made.group("Sales")["members"] = ["ada", "bob", "cleo", "dan"]
    groups = [{"group": name, "role": "User"} for name in ("Staff", "Sales")]
    deletes = {"deleted_at_source": "delete"}
    made.application = {"assignments": groups, "lifecycle": deletes, "safety": SAFETY}
    made.target = {"concurrency": 1}
    return made


@dataclass(frozen=True)
class Start:
    """What every trial begins with; made once."""

    faulty: FaultyScim
    app: Any
    url: str
    folder: Path
    resources: list[Any]


def started(folder: Path) -> Iterator[Start]:
    """Serve a company of ours, settled, until the generator is closed."""
    app: Any = make_app(TOKEN)
    faulty = FaultyScim(app)
    with faulty.serve() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv(TOKEN_NAME, TOKEN)
        founded(folder, url).settle()
        yield Start(faulty, app, url, folder, deepcopy(list(app.storage.resources)))


@dataclass
class Trial:
    """One test: the service, the company, and a clock whose waits take no time."""

    start: Start
    company: Company
    clock: FakeClock

    @property
    def faulty(self) -> FaultyScim:
        """The service."""
        return self.start.faulty

    @property
    def waited(self) -> float:
        """Seconds that were waited, all together."""
        return sum(self.clock.waits)

    @property
    def effects(self) -> list[str]:
        """Method and endpoint of every write that was carried out, in order."""
        return [f"{each.request.method} {each.request.endpoint}" for each in self.faulty.effects]

    def planned(self, *wishes: Wish) -> list[tuple[str, str]]:
        """Let the source change, and plan with an honest service; gives the operations."""
        for wish in wishes:
            wish(self.company)
        self.company.plan()
        return self.company.operations()

    def apply_under(self, *schedule: Line) -> Ended:
        """Apply the newest plan with faults in the service."""
        self.faulty.arm(*schedule)
        self.clock.waits.clear()
        return self.company.run("apply", "--auto-approve", self.company.newest())

    def plan_under(self, *schedule: Line) -> Ended:
        """Plan with faults in the service."""
        self.faulty.arm(*schedule)
        self.clock.waits.clear()
        return self.company.run("plan", "app")

    def left(self) -> list[tuple[str, str]]:
        """Plan with an honest service, and return what is still to do."""
        self.faulty.arm()
        self.company.plan()
        return self.company.operations()

    def ended_badly(self) -> list[str]:
        """Return kind and code of what the last run could not do."""
        records = self.company.journal()
        bad = [each for each in records if each["kind"] in {"failed", "conflict"}]
        return [f"{each['kind']} {each['code']}" for each in bad]

    def asked(self, path: str) -> list[Request]:
        """Return the requests for *path*."""
        return [request for request in self.faulty.requests if request.path == path]

    def shown(self, name: str) -> dict[str, Any]:
        """Return the user of a name, or the group, as it is stored."""
        for resource in self.start.app.storage.resources:
            value: dict[str, Any] = resource.model_dump()
            if name in (value.get("userName", "").partition("@")[0], value.get("displayName")):
                return value
        raise LookupError(name)

    def stored(self) -> list[str]:
        """Return the names of all users and groups, as often as they are there."""
        values = [resource.model_dump() for resource in self.start.app.storage.resources]
        return sorted(value.get("userName") or value["displayName"] for value in values)


def begun(start: Start, folder: Path, patch: pytest.MonkeyPatch) -> Trial:
    """Put the company and its accounts back, and take the clock away from the program."""
    start.app.storage.resources = deepcopy(start.resources)
    start.faulty.arm()
    shutil.copytree(start.folder, folder)
    clock = FakeClock()
    patch.setenv(TOKEN_NAME, TOKEN)
    patch.setattr(SystemClock, "sleep", lambda _, seconds: clock.sleep(seconds))
    defaults: Any = Transport.__init__.__kwdefaults__
    patch.setitem(defaults, "monotonic", clock.monotonic)
    patch.setitem(defaults, "jitter", lambda upper: upper)
    return Trial(start, founded(folder, start.url), clock)


def impatient(patch: pytest.MonkeyPatch) -> None:
    """Let requests give up soon."""
    defaults: Any = Transport.__init__.__kwdefaults__
    patch.setitem(defaults, "timeouts", SHORT)


Wish = Callable[[Company], None]


def hire(company: Company) -> None:
    """Gus joins: a user is created, and becomes a member of Staff."""
    company.hire("gus", jobTitle="Clerk")


def promote(company: Company) -> None:
    """Ada has another title and another name to be shown: one PATCH with two operations."""
    company.people["ada"].update(jobTitle="Director", displayName="Ada L.")


def rename(company: Company) -> None:
    """Ada has another name to be shown: one PATCH with one operation."""
    company.people["ada"]["displayName"] = "Ada L."


def promote_two(company: Company) -> None:
    """Ada and Bob have other titles: two users, one PATCH each."""
    for name in ("ada", "bob"):
        company.people[name]["jobTitle"] = "Director"


def suspend(company: Company) -> None:
    """Dan is disabled at the source."""
    company.people["dan"]["accountEnabled"] = "false"


def purge(company: Company) -> None:
    """Dan is gone from the source, and out of the groups already: his account is deleted."""
    company.lose("dan")


def enlist(company: Company) -> None:
    """Eve becomes a member of Sales."""
    company.group("Sales")["members"].append("eve")


def dismiss(company: Company) -> None:
    """Dan is no member of Sales any more."""
    company.group("Sales")["members"].remove("dan")


def found(company: Company) -> None:
    """A new group with four members."""
    company.group("Board")["members"] = ["ada", "bob", "cleo", "dan"]
    company.application["assignments"].append({"group": "Board", "role": "User"})


def once(fault: str, **more: Any) -> Inject:
    """Inject a fault into the first request that it is about."""
    return Inject(fault, nth=1, **more)


def names(schedule: Iterable[Line]) -> Sequence[str]:
    """Return the names of the faults of a schedule."""
    made = [line if isinstance(line, Inject) else Inject(line) for line in schedule]
    return [line.row().name for line in made]
