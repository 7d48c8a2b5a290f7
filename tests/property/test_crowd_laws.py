"""Creates in crowds, held against one by one: the same people, ends and records."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from threading import Event, RLock, local
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.apply.crowd import Crowd
from reconciler.apply.execute import Run
from reconciler.apply.means import Means
from reconciler.apply.memory import remembered
from reconciler.apply.steps import Stepper
from reconciler.apply.together import Together
from reconciler.profiles import GENERIC
from reconciler.scim.bulk import BulkOperation
from reconciler.scim.errors import AmbiguousOutcome, Conflict, TargetError, TargetRefused, Throttled
from reconciler.states import Resource, ResourceType
from tests.worlds import (
    USER_MAPPINGS,
    FrozenClock,
    MemoryJournal,
    MemoryTarget,
    World,
    application,
    directory,
    person,
    values,
)

NAMES = tuple(f"p{number:02}" for number in range(40))
"""So many that a handful of failures ends no run."""

ERRORS: Mapping[str, Callable[[], TargetError]] = {
    "taken": lambda: Conflict(409, "the name is reserved"),
    "refused": lambda: TargetRefused(400, "no such domain"),
    "lost": lambda: AmbiguousOutcome("the answer did not arrive"),
    "made, and lost": lambda: AmbiguousOutcome("the answer did not arrive"),
    "asked too often": lambda: Throttled(429),
}
ALWAYS = ("taken", "refused")
"""What a service says to the same request again."""

troubles = st.dictionaries(
    st.sampled_from(NAMES),
    st.sampled_from([*ERRORS, "there before", "overlooked", "shown late"]),
    max_size=5,
)


class Troubled(MemoryTarget):
    """A target that has trouble with some people, each time or once."""

    def __init__(self, trouble: Mapping[str, str]) -> None:
        super().__init__()
        self.trouble, self.in_bulk = dict(trouble), local()
        self.lock = RLock()
        self.creates: defaultdict[str, int] = defaultdict(int)
        for name, what in trouble.items():
            if what == "there before":
                self.add_user(f"other-{name}", f"{name.upper()}@contoso.example")

    def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        with self.lock:
            return self._create(resource_type, body)

    def search(self, resource_type: ResourceType, path: str, value: str) -> Sequence[Resource]:
        with self.lock:
            return super().search(resource_type, path, value)

    def get(self, resource_type: ResourceType, resource_id: str) -> Resource | None:
        with self.lock:
            return super().get(resource_type, resource_id)

    def bulk(self, operations: Sequence[BulkOperation]) -> Sequence[Resource | TargetError]:
        self.in_bulk.now = True
        try:
            return super().bulk(operations)
        finally:
            self.in_bulk.now = False

    def _create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        name = str(body["userName"]).partition("@")[0]
        what = self.trouble.get(name, "")
        first = self.creates[name] == 0
        self.creates[name] += 1
        if what == "asked too often" and not getattr(self.in_bulk, "now", False):
            what = ""  # waited for below, where a request is sent alone
        if what in ERRORS and (first or what in ALWAYS):
            if what == "made, and lost":
                super().create(resource_type, body)
            raise ERRORS[what]()
        return super().create(resource_type, body)

    def search_many(
        self, resource_type: ResourceType, path: str, wanted: Sequence[str]
    ) -> Sequence[Sequence[Resource] | None]:
        return [self._seen(resource_type, path, value) for value in wanted]

    def _seen(
        self, resource_type: ResourceType, path: str, value: str
    ) -> Sequence[Resource] | None:
        what = self.trouble.get(value.partition("@")[0])
        rows = self.search(resource_type, path, value)
        if what == "overlooked":
            return ()
        return [{**row, "displayName": "Old"} for row in rows] if what == "shown late" else rows


def carried_out(
    trouble: Mapping[str, str], most: int | None
) -> tuple[MemoryTarget, MemoryJournal, str]:
    """Create everybody: in crowds of so many, or one by one."""
    target = Troubled(trouble)
    made = application(
        assignments=[{"user": name, "role": "User"} for name in NAMES],
        mappings={"users": USER_MAPPINGS},
    )
    world = World(made, directory([person(name) for name in NAMES], []), MemoryTarget())
    operations = world.plan().operations
    journal, stop = MemoryJournal(), Event()
    memory = remembered(journal.records())
    together = Together(target, most, None, stop, 2) if most else None
    known = target.capabilities, memory, FrozenClock(), journal, values()
    means = Means.of(together or target, *known, GENERIC)
    stepper = Stepper(means)
    crowd = Crowd(means, together, stepper.creator) if together else None
    run = Run(operations, journal, memory, stepper, 4, stop=stop, together=together, crowd=crowd)
    return target, journal, run.execute().status


def people(target: MemoryTarget) -> list[str]:
    """Return who is there, without ids, which are given in the order of requests."""
    return sorted(
        repr(sorted((name, value) for name, value in user.items() if name != "id"))
        for user in target.users.values()
    )


def told(journal: MemoryJournal) -> dict[str, list[dict[str, Any]]]:
    """Return what the journal says of each operation, in order, without ids."""
    records: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in journal.lines:
        said = {**line, "target_id": line.get("target_id") is not None}
        records[line.get("op", line["kind"])].append(said)
    return dict(records)


@settings(max_examples=60, deadline=None)
@given(trouble=troubles, most=st.sampled_from([2, 3, 7, 100]))
@example(trouble={}, most=100)
@example(trouble=dict.fromkeys(NAMES[:4], "made, and lost"), most=7)
@example(trouble=dict.fromkeys(NAMES[:5], "taken"), most=2)
@example(trouble=dict.fromkeys(NAMES[:5], "there before"), most=100)
def test_a_crowd_comes_to_what_one_by_one_comes_to(trouble: dict[str, str], most: int) -> None:
    crowded, lines, status = carried_out(trouble, most)
    alone, records, expected = carried_out(trouble, None)

    assert status == expected
    assert people(crowded) == people(alone)
    assert told(lines) == told(records)
    assert [len(each) for each in (crowded.users, set(people(crowded)))] == [
        len(alone.users)
    ] * 2  # nobody twice
