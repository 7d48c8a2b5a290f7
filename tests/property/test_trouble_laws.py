"""
Laws of runs in trouble: whatever fails, and whenever a run dies, nobody is lost or there twice.

Each row is one company at one kind of service. Its source changes, and runs of plan after
plan meet lost requests and answers, refusals, deaths, and reads that are behind.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from itertools import product
from random import Random
from threading import Event
from typing import Any

import pytest

from reconciler.apply.execute import Run
from reconciler.apply.means import Means
from reconciler.apply.memory import remembered
from reconciler.apply.observe import Observer
from reconciler.apply.report import Report
from reconciler.apply.steps import Stepper
from reconciler.apply.together import Together
from reconciler.directory import Directory
from reconciler.plan.document import Body
from reconciler.plan.operation import Action
from reconciler.profiles import Profile
from reconciler.scim.errors import AmbiguousOutcome, Conflict, TargetRefused, TargetUnreachable
from reconciler.states import Resource, ResourceType
from tests.contract.firm import SAFETY
from tests.troubles import Do, honest, lost_answer, lost_request, refused
from tests.worlds import (
    FrozenClock,
    MemoryJournal,
    MemoryTarget,
    World,
    application,
    directory,
    group,
    person,
    values,
)

NAMES = tuple(f"p{number}" for number in range(12))
STRANGER = "by-hand"
TROUBLED, CALM = 3, 3
"""Plans that are carried out in trouble, and then without."""
RUNS = 6
"""Runs of one plan at most."""

SERVICES: Sequence[Mapping[str, Any]] = (
    {},
    {"write": {"user_update": "put", "group_update": "put"}},
    {"write": {"atomic": False}},
    {"write": {"patch_filter_path": False}},
    {"members": {"remove": "replace"}},
    {"members": {"remove": "put", "chunk": 1}},
    {"write": {"atomic": False, "patch_filter_path": False}, "members": {"remove": "replace"}},
)


class Killed(Exception):
    """The run dies."""


def killed_before(do: Do) -> Any:
    raise Killed


def killed_after(do: Do) -> Any:
    do()
    raise Killed


OF_WRITES = (
    lost_answer,
    lost_request,
    killed_before,
    killed_after,
    refused(AmbiguousOutcome("503")),
    *map(refused, (Conflict(409), Conflict(412), TargetRefused(413), TargetRefused(422))),
)
OF_READS = (killed_before, refused(TargetUnreachable("nobody there")))


class Unsteady(MemoryTarget):
    """A service on which anything may fail, some of it behind the rest."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self.chance = chance
        self.trouble = self.behind = 0.0
        """How often a request fails, and how often a read is old."""
        self._old: dict[str, Resource | None] = {}

    def _meet(self, troubles: Sequence[Callable[[Do], Any]], do: Do) -> Any:
        fails = self.chance.random() < self.trouble
        return (self.chance.choice(troubles) if fails else honest)(do)

    def _write(self, kind: ResourceType, resource_id: str, do: Do) -> None:
        self._old[resource_id] = super().get(kind, resource_id)
        self._meet(OF_WRITES, do)

    def get(self, resource_type: ResourceType, resource_id: str) -> Resource | None:
        found: Resource | None = self._meet(
            OF_READS, lambda: MemoryTarget.get(self, resource_type, resource_id)
        )
        old = self._old.get(resource_id)
        return deepcopy(old) if old and self.chance.random() < self.behind else found

    def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        made: Resource = self._meet(
            OF_WRITES, lambda: MemoryTarget.create(self, resource_type, body)
        )
        return made

    def patch(
        self,
        resource_type: ResourceType,
        resource_id: str,
        operations: Sequence[Mapping[str, Any]],
        version: str | None = None,
    ) -> None:
        def do() -> None:
            MemoryTarget.patch(self, resource_type, resource_id, operations)

        self._write(resource_type, resource_id, do)

    def put(
        self,
        resource_type: ResourceType,
        resource_id: str,
        body: Mapping[str, Any],
        version: str | None = None,
    ) -> None:
        self._write(
            resource_type,
            resource_id,
            lambda: MemoryTarget.put(self, resource_type, resource_id, body),
        )

    def delete(
        self, resource_type: ResourceType, resource_id: str, version: str | None = None
    ) -> None:
        self._write(
            resource_type,
            resource_id,
            lambda: MemoryTarget.delete(self, resource_type, resource_id),
        )

    def come_to_rest(self) -> None:
        """Let everything work, and show what it is."""
        self.trouble = self.behind = 0.0
        self._old.clear()


def source(chance: Random) -> Directory:
    """Return some of the people, as they are this time, and two groups of them."""
    people = [
        person(
            name,
            jobTitle=chance.choice("ABC"),
            displayName=chance.choice((name, f"{name}x")),
            accountEnabled=chance.choice(("true", "true", "true", "false")),
        )
        for name in NAMES
        if chance.random() > 0.15
    ]
    anchors = [one.anchor for one in people]
    club = [anchor for anchor in anchors if chance.random() < 0.6]
    return directory(people, [group("g-staff", "Staff", *anchors), group("g-club", "Club", *club)])


def firm(target: Unsteady, profile: Profile) -> World:
    """Return a company at rest, with what others have put there."""
    made = application(
        assignments=[{"group": "Staff", "role": "User"}, {"group": "Club"}],
        lifecycle={"deleted_at_source": target.chance.choice(("disable", "delete"))},
        safety=SAFETY,
    )
    world = World(made, source(target.chance), target, profile=profile)
    world.settle()
    target.add_user(STRANGER, "hand@contoso.example")
    for user in target.users.values():
        user["nickName"] = "kept"
    for one in target.groups.values():
        one.setdefault("members", []).append({"value": STRANGER})
    target.come_to_rest()
    return world


def run(world: World, body: Body, journal: MemoryJournal, chance: Random) -> Report:
    """Carry a plan out, or what is left of it; somehow."""
    memory, known, stop = remembered(journal.records()), world.target.capabilities, Event()
    journal.append("run_begin", populations={})
    groups = chance.choice((1, 2))
    together = Together(world.target, 5, None, stop, groups) if chance.random() < 0.4 else None
    doing = known, memory, FrozenClock(), journal, values(), world.profile
    means = (
        Means.of(together, *doing, together.glance) if together else Means.of(world.target, *doing)
    )
    threads = chance.choice((1, 4))
    return Run(
        body.operations, journal, memory, Stepper(means), threads, stop=stop, together=together
    ).execute()


def carry_out(world: World, body: Body, chance: Random) -> MemoryJournal:
    """Run a plan until it is done, or nobody would try any more."""
    journal = MemoryJournal()
    for _ in range(RUNS):
        try:
            if run(world, body, journal, chance).status == "done":
                break
        except Killed:
            continue
    return journal


def undone(target: MemoryTarget, body: Body, journal: MemoryJournal) -> list[str]:
    """Return what the journal calls done, and the service does not show."""
    memory, observer = remembered(journal.records()), Observer(target.capabilities.schemas)
    ids = {line["op"]: line["target_id"] for line in journal.lines if line["kind"] == "done"}
    found = []
    for one in (one for one in body.operations if one.id in ids):
        live = target.get(one.resource_type, ids[one.id])
        deleted = one.action is Action.DELETE
        good = live is None if deleted else live and not observer.missing(one, live, memory.resolve)
        found += [] if good else [one.id]
    return found


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("service", "behind"), list(product(SERVICES, (0.0, 0.5))), ids=lambda value: str(value)
)
def test_whatever_fails_nobody_is_lost_and_nobody_is_there_twice(
    service: Mapping[str, Any], behind: float, seed: int
) -> None:
    chance = Random(seed)
    target = Unsteady(chance)
    world = firm(target, Profile.model_validate(service))
    there = set(target.users)
    world.directory = source(chance)

    for number in range(TROUBLED + CALM):
        body = world.plan()
        there -= {one.target_id or "" for one in body.operations if one.action is Action.DELETE}
        target.trouble, target.behind = (0.12, behind) if number < TROUBLED else (0.0, 0.0)
        journal = carry_out(world, body, chance)
        target.come_to_rest()
        world._remember(journal, body.inputs.filled)

        assert undone(target, body, journal) == []
        assert there <= set(target.users)
        assert all(target.users[one].get("nickName") == "kept" for one in there - {STRANGER})
        assert all(STRANGER in target.members(one) for one in target.groups)
        for resources, name in ((target.users, "userName"), (target.groups, "displayName")):
            names = [one[name] for one in resources.values()]
            assert len(set(names)) == len(names)
    assert world.plan().operations == ()
