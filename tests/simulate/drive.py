"""
One run: a company, a service, and the program in between, in trouble and then at rest.

The program is the real one from :func:`~reconciler.workflow.make_plan.make_plan` and
:func:`~reconciler.workflow.apply_plan.apply_plan` down to the transport and the journal's
file; only the wire, the disk, the clock and the source are simulated. In the first phase
anything may fail, and each plan is tried a few times. In the second nothing does, and
everything must come to rest within a few plans.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import reconciler.apply.execute
import reconciler.store.chain
import reconciler.store.claim
import reconciler.store.plans
from reconciler.apply.report import Report
from reconciler.apply.verify import Terms
from reconciler.config.model import Application
from reconciler.diagnostics import ReconcilerError
from reconciler.live.auth import BearerAuth
from reconciler.live.client import ScimTarget
from reconciler.live.discover import discover
from reconciler.live.transport import Transport
from reconciler.plan.document import Plan
from reconciler.plan.plan_file import parse_plan
from reconciler.ports import Source
from reconciler.profiles import Profile
from reconciler.scim.capabilities import Capabilities
from reconciler.scim.errors import NotFound
from reconciler.workflow.apply_plan import Consent, apply_plan
from reconciler.workflow.make_plan import Wish, make_plan
from reconciler.workflow.project import Project
from reconciler.workflow.wiring import Wiring
from tests.simulate.administrator import Administrator
from tests.simulate.classes import classes
from tests.simulate.clock import Clock
from tests.simulate.company import (
    APPLICATION,
    DOMAIN,
    PROTECTED,
    Company,
    Person,
    Variant,
    project_in,
)
from tests.simulate.disk import Disk
from tests.simulate.fate import Died, Fate
from tests.simulate.road import Road
from tests.simulate.service import Service, Traits

TRIES = 3
"""How often a plan is made, or carried out, in trouble."""
RESTS = 12
"""Companies that a run may begin with."""
TRUSTED = 0.7
"""How often a plan that is done is not followed by one that must have nothing to do."""
ROUNDS_AT_REST = 4
"""Plans that no guard blocks within which everything must have come to rest."""
PLANS_AT_MOST = 40
"""Plans until then; after a blocked one, the company moves on."""


class Now:
    """An executor that carries out what it is given at once, so that a run can be repeated."""

    def __init__(self, *_: Any) -> None:
        pass

    def __enter__(self) -> Now:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*arguments))
        except BaseException as error:  # as a thread of a pool would
            future.set_exception(error)
        return future


@dataclass(slots=True)
class _Counted:
    """Bytes that differ each time and are the same in each run."""

    asked: int = 0

    def token(self, count: int) -> bytes:
        self.asked += 1
        return hashlib.shake_256(str(self.asked).encode()).digest(count)


class Told(ScimTarget):
    """The program's own client, which has been told before what the service can do."""

    def __init__(self, transport: Transport, profile: Profile, service: Service) -> None:
        super().__init__(transport, profile)
        self._service = service

    def discover(self) -> Capabilities:
        self._capabilities = _said(self._service.traits.unique, self._service.traits.version)
        return self._capabilities


@cache
def _said(unique: str, version: str) -> Capabilities:
    """Return what a kind of service says of itself, as the program understands it."""
    service = Service(Traits(unique=unique, version=version), Clock(), Random(0))

    def fetch(name: str) -> Any:
        status, document = service.read(name)
        if status != 200:
            raise NotFound(status)
        return document

    return discover(fetch)


@dataclass(frozen=True, slots=True)
class Wired(Wiring):
    """The program's own wiring, but for the source and the wire."""

    world: Any = None

    def source(self, project: Project) -> Source:
        found: Source = self.world.company
        return found

    def target(self, project: Project, application: Application) -> ScimTarget:
        wanted, world = application.target, self.world
        transport = Transport(
            wanted.tenant_url,
            BearerAuth.of("simulated"),
            world.clock,
            concurrency=wanted.concurrency,
            limits=project.profile(wanted.profile).limits,
            jitter=lambda upper: world.fate.chance.uniform(0, upper),
            monotonic=world.clock.monotonic,
        )
        transport._connections = world.road()
        return Told(transport, project.profile(wanted.profile), world.service)

    def commit(self, project: Project) -> str | None:
        return None

    def author(self) -> str | None:
        return None


@dataclass
class Session:
    """One process that carried a plan out, or tried to."""

    digest: str
    began: int
    ended: int = 0
    how: str = ""
    """The report's status, ``died``, or the error that ended it."""
    died: bool = False
    calm: bool = False


@dataclass
class World:
    """Everything of one company."""

    seed: int
    folder: Path
    traits: Traits
    variant: Variant
    concurrency: int = 1
    trace: Callable[[str], None] | None = None
    clock: Clock = field(default_factory=Clock)
    sessions: list[Session] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    """What the driver itself saw: invariant, and what happened."""
    last: Plan | None = None
    planned: int = 0
    requests: int = 0
    rested: bool = False
    """Whether the last plan had nothing left to do."""

    def __post_init__(self) -> None:
        def dice(name: str) -> Random:
            return Random(f"{self.seed} {name}")

        self.chance = dice("world")
        self.fate = Fate(dice("fate"))
        self.disk = Disk(self.fate, self.folder)
        self.service = Service(self.traits, self.clock, dice("service"))
        self.company = Company.founded(dice("company"))
        self.project = project_in(self.folder, self.variant)
        self.store = self.folder / self.project.loaded.config.plans.store
        self.wiring = Wired(self.clock, chance=_Counted(), world=self)
        names = tuple(f"p{number}@{DOMAIN}" for number in range(9))
        self.administrator = Administrator(
            self.service, dice("administrator"), self.fate, names, frozenset({PROTECTED})
        )

    def road(self) -> Road:
        return Road(self.service, self.clock, self.fate, self._meddle, self.trace)

    def _meddle(self) -> None:
        """Let the administrator be quicker than a request, perhaps."""
        self.requests += 1
        if self.fate.meets(self.fate.busy):
            self.administrator.act()

    def say(self, text: str) -> None:
        if self.trace:
            self.trace(text.replace(str(self.folder), ""))

    # -- the two phases -----------------------------------------------------------------

    def run(self) -> None:
        """Live through both phases."""
        self._begin()
        chance, fate = self.chance, self.fate
        for _ in range(chance.choice((1, 1, 1, 2))):
            self.company.moves_on()
            fate.trouble = chance.choice((0.0, 0.1, 0.3, 0.6))
            fate.reading = chance.choice((0.0, 0.0, 0.01, 0.1))
            fate.disk = chance.choice((0.0, 0.0, 0.01, 0.05))
            fate.busy = chance.choice((0.0, 0.02, 0.1))
            self._round(calm=False)
            self._pause()
        fate.calm_down()
        self.service.calm = True
        if chance.random() < 0.2:
            self.company.moves_on()
        self._come_to_rest()

    def _begin(self) -> None:
        """Take over a company that is at rest, or found a new one."""
        if self.chance.random() < 0.2:
            populate(self.service, self.chance)
            self.clock.sleep(3600)
            return
        rest = at_rest(self.chance.randrange(RESTS))
        self.company = Company(
            Random(f"{self.seed} company"), *deepcopy((rest.people, rest.members, rest.names))
        )
        self.company.hired = len(rest.people)
        self.clock.micros = rest.micros
        self.service.take_over(rest.past)
        folder = self.store / APPLICATION
        os.makedirs(folder)
        for name, data in rest.files.items():
            (folder / name).write_bytes(data)

    def _come_to_rest(self) -> None:
        """Plan and apply until a plan has nothing left to do, and then once more for nothing."""
        left: list[str] = []
        rounds = 0
        for _ in range(PLANS_AT_MOST):
            plan = self._round(calm=True)
            if plan is None or plan.blocked:
                self.company.moves_on()
                continue
            rounds += 1
            left = [f"{one.id} {one.action} {one.key}" for one in plan.body.operations]
            done = self.last is plan and self.chance.random() < TRUSTED
            if not left or done:
                self.rested = True
                self.wiring.store(self.project).save(plan)  # it says who is skipped
                break
            if rounds == ROUNDS_AT_REST:
                break
            self._pause()
        if not self.rested:
            self.problems.append(("22", f"no rest after {ROUNDS_AT_REST} plans: {left}"))
        if self.last is not None and self.chance.random() < 0.5:
            self._apply(self.last, calm=True)

    def _pause(self) -> None:
        """Let whatever is still on its way arrive."""
        self.clock.sleep(self.chance.choice((600, 3600, 86400)))

    # -- one plan -----------------------------------------------------------------------

    def _round(self, *, calm: bool) -> Plan | None:
        """Make a plan and carry it out, each a few times if need be."""
        plan = None
        for _ in range(TRIES):
            plan = self._plan()
            if plan is not None:
                break
            self._pause()
        if plan is None or plan.blocked:
            self.say("blocked" if plan else "no plan")
            return plan
        if not plan.body.operations and self.chance.random() < 0.9:
            return plan
        for _ in range(TRIES):
            if self._apply(plan, calm=calm) or calm:
                break
            self.clock.sleep(self.chance.choice((0.5, 5, 60, 600)))
        return plan

    def _plan(self) -> Plan | None:
        try:
            plan = make_plan(self.project, APPLICATION, self.wiring, Wish(self.wiring.today()))
        except ReconcilerError as error:
            self.say(f"plan: {type(error).__name__}: {error}")
            self.problems_of(error)
            self.fate.met[f"no plan: {type(error).__name__}"] += 1
            return None
        self.planned += 1
        self.say(f"plan {plan.digest[:12]}: {len(plan.body.operations)} operations")
        for one in plan.body.operations:
            self.say(f"    {one.id} {one.action.value} {one.key} {one.changes} {one.references}")
        return plan

    def _apply(self, plan: Plan, *, calm: bool) -> bool:
        """Carry out a plan in a process of its own; say whether it is done."""
        fate = self.fate
        if not calm and self.chance.random() < 0.6:
            fate.steps_to_live = self.chance.randrange(1, 120)
        session = Session(plan.digest, self.clock.tick(), calm=calm)
        self.sessions.append(session)
        try:
            report = self._carried_out(plan)
        except Died:
            session.how, session.died = "died", True
            self._after_death()
        except ReconcilerError as error:
            session.how = f"{type(error).__name__}: {error}"
            self.problems_of(error)
        else:
            session.how = report.status
            if report.stopped_by is not None:
                session.how += f" ({report.stopped_by})"
        fate.steps_to_live, fate.dead = None, False
        session.ended = self.clock.tick()
        self.say(f"apply {plan.digest[:12]}: {session.how}")
        self.last = plan if session.how == "done" else self.last
        return session.how == "done"

    def _carried_out(self, plan: Plan) -> Report:
        terms = Terms(self.clock.now(), timedelta(days=7))
        return apply_plan(self.project, plan, self.wiring, Consent(terms))

    def process(self, number: int) -> str:
        """Return how a claim knows the process of the present session."""
        return f"{number} since {len(self.sessions)}"

    def _after_death(self) -> None:
        if self.chance.random() < 0.5:
            self.disk.die()
        else:
            self.fate.met["power lost"] += 1
            self.disk.lose_power()

    def problems_of(self, error: ReconcilerError) -> None:
        """Note what no disk and no service may lead to."""
        if type(error).__name__ in {"JournalDamaged", "PlanAltered", "RecordsAltered"}:
            self.problems.append(("15", f"{type(error).__name__}: {error}"))


@dataclass(frozen=True)
class Rest:
    """A company, its service and its store, when everything is as it should be."""

    people: dict[str, Person]
    members: dict[str, list[str]]
    names: dict[str, str]
    past: dict[str, dict[str, list[Any]]]
    files: dict[str, bytes]
    micros: int


@cache
def at_rest(number: int) -> Rest:
    """Return a company that has been provisioned without any trouble."""
    with TemporaryDirectory() as folder:
        world = World(-1 - number, Path(folder), Traits(), Variant())
        populate(world.service, world.chance)
        world.clock.sleep(3600)
        with simulated(world):
            world._come_to_rest()
        if world.problems:
            raise AssertionError(world.problems)
        world.clock.sleep(86400)
        files = {path.name: path.read_bytes() for path in Path(folder).glob("plans/*/*.json*")}
        company = world.company
        return Rest(
            company.people,
            company.members,
            company.names,
            world.service.past,
            files,
            world.clock.micros,
        )


def populate(service: Service, chance: Random) -> None:
    """Let somebody else have made a few accounts before we came."""
    for number in range(chance.randrange(3)):
        made = {"id": service.new_id(), "userName": f"local{number}@{DOMAIN}"}
        service.keep("User", made["id"], {**made, "active": True, "nickName": "kept"})
    if chance.random() < 0.4:
        made = {"id": service.new_id(), "userName": f"p1@{DOMAIN}", "nickName": "kept"}
        service.keep("User", made["id"], {**made, "active": True})
    if chance.random() < 0.3:
        members = [{"value": one} for one in service.held["User"]]
        made_group: dict[str, Any] = {"id": service.new_id(), "displayName": "Club"}
        service.keep("Group", made_group["id"], {**made_group, "members": members})


_examined = lru_cache(maxsize=512)(reconciler.store.chain.examined_chain)
_parsed = lru_cache(maxsize=512)(parse_plan)


@contextmanager
def simulated(world: World) -> Iterator[None]:
    """
    Put the simulated disk, and an executor that can be repeated, in place of the real ones.

    What the bytes of a plan or of a journal say is worked out once.
    """
    with ExitStack() as stack:
        for module, name, instead in (
            (reconciler.apply.execute, "ThreadPoolExecutor", Now),
            (reconciler.store.chain, "examined_chain", _examined),
            (reconciler.store.claim, "_process", world.process),
            (reconciler.store.plans, "parse_plan", _parsed),
        ):
            stack.enter_context(patch.object(module, name, instead))
        stack.enter_context(world.disk.in_use())
        yield


def lived(seed: int, folder: Path, trace: Callable[[str], None] | None = None) -> World:
    """Return the world of one seed after its run; its files lie in *folder*."""
    os.makedirs(folder, exist_ok=True)
    traits, variant = classes(seed)
    _ = [at_rest(number) for number in range(RESTS)]
    world = World(seed, folder, traits, variant, trace=trace)
    with simulated(world):
        try:
            world.run()
        except ReconcilerError:
            raise
        except Exception as error:
            if trace:
                raise
            world.problems.append(("traceback", f"{type(error).__name__}: {error}"))
    return world
