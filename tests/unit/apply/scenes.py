"""A single operation, a target that can be troubled, and what became of both."""

from reconciler.apply.execute import Run
from reconciler.apply.means import Means
from reconciler.apply.memory import Memory
from reconciler.apply.report import Outcome, Report
from reconciler.apply.steps import Stepper
from reconciler.plan.operation import Action, Operation
from reconciler.profiles import GENERIC
from reconciler.states import ResourceType
from tests.troubles import (
    TroubledTarget,
)
from tests.worlds import (
    FrozenClock,
    MemoryJournal,
    World,
    application,
    directory,
    group,
    person,
    values,
)

USER, GROUP = ResourceType.USER, ResourceType.GROUP

ADA = "ada@contoso.example"


class Scene:
    """A world with one operation to carry out, and everything that is needed for it."""

    def __init__(self, world: World, target: TroubledTarget, operation: Operation) -> None:
        self.world = world
        self.target = target
        self.operation = operation
        self.journal = MemoryJournal()
        self.memory = Memory()
        self.profile = GENERIC

    def in_doubt(self) -> "Scene":
        """Let an earlier run have begun the operation, and died."""
        self.memory.in_doubt.add(self.operation.id)
        return self

    def play(self) -> Outcome:
        self.target.asked.clear()
        return self._stepper().carry_out(self.operation)

    def run(self) -> Report:
        """Play it as a whole run, which writes down how it ended."""
        return Run([self.operation], self.journal, self.memory, self._stepper(), 1).execute()

    def _stepper(self) -> Stepper:
        known = self.target.capabilities
        means = Means.of(
            self.target, known, self.memory, FrozenClock(), self.journal, values(), self.profile
        )
        return Stepper(means)

    def kinds(self) -> list[str]:
        return [line["kind"] for line in self.journal.lines]


def scene(action: Action, *, before: World | None = None, **cells: str) -> Scene:
    """Return the first operation with *action* that a world of one person needs."""
    target = TroubledTarget()
    world = before or World(application(), directory([person("ada", **cells)]))
    world.target = target
    return Scene(world, target, next(op for op in world.plan().operations if op.action is action))


def creation() -> Scene:
    return scene(Action.CREATE, jobTitle="Engineer")


def changing(target: TroubledTarget | None = None, **cells: str) -> Scene:
    """Return an update of Ada, whose title and display name change unless *cells* say otherwise."""
    target = target or TroubledTarget()
    world = World(application(), directory([person("ada", jobTitle="Engineer")]), target)
    world.settle()
    wanted = cells or {"jobTitle": "Director", "displayName": "Ada L"}
    world.directory = directory([person("ada", **wanted)])
    update = next(op for op in world.plan().operations if op.action is Action.UPDATE)
    return Scene(world, target, update)


def deletion(*, off: bool = False) -> Scene:
    """Return the delete of Ada, who may be off already."""
    target = TroubledTarget()
    lifecycle = {"deleted_at_source": "delete"}
    people = [person(name) for name in ("ada", "bob", "cleo")]
    world = World(application(lifecycle=lifecycle), directory(people), target)
    world.settle()
    world.directory = directory(people[1:])
    world.user("ada")["active"] = not off
    delete = next(op for op in world.plan().operations if op.action is Action.DELETE)
    return Scene(world, target, delete)


def membership(*, joining: int = 0, leaving: int = 0) -> Scene:
    """Return the operation by which many people join, or leave, a group."""
    target = TroubledTarget()
    people = [person(f"p{number:03}") for number in range(joining + leaving + 1)]
    anchors = [subject.anchor for subject in people]
    staff = group("g-staff", "Staff", *anchors)
    there, wanted = anchors[: leaving + 1], [anchors[0], *anchors[leaving + 1 :]]
    assignments = [{"group": "Staff", "role": "User"}, {"group": "Club"}]
    world = World(
        application(assignments=assignments),
        directory(people, [staff, group("g-club", "Club", *there)]),
        target,
    )
    world.settle()
    world.directory = directory(people, [staff, group("g-club", "Club", *wanted)])
    operations = world.plan().operations
    return Scene(world, target, operations[0])
