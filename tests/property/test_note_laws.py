"""What is noted while it is read, remembered, or worked out elsewhere, changes no plan."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from reconciler import aside, pile
from reconciler.config.kept import kept
from reconciler.expr import Surroundings
from reconciler.live import proved
from reconciler.live.pages import Paging, read_all
from reconciler.live.proved import ROWS, Proof
from reconciler.plan.sight import Sight
from reconciler.ports import Memo, Notes
from reconciler.scim.messages import LIST_URN
from reconciler.states import Listing, LiveState, Resource
from reconciler.store.memo import Memo as FileMemo
from reconciler.workflow.taking_notes import Aids, TakingNotes
from tests.property.test_plan_laws import MAPPINGS, anything, body_of
from tests.property.test_settle_laws import MANY, as_crowd, in_full, quiet, stirred
from tests.worlds import MIDNIGHT, World, directory, listing

BETWEEN = (",", ", ", ",\n\t", " , ")
"""What may stand between two resources of a page."""

SOME = settings(parent=MANY, max_examples=60, phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""Two worlds are so large that to make them smaller takes minutes."""


class Elsewhere:
    """Works pages out as another process would: from nothing but what can be sent to it."""

    def __init__(self, world: World, secret: bytes) -> None:
        mappings = kept(world.application, world.profile).mappings.users
        known, there = world.target.capabilities.to_json(), Surroundings(MIDNIGHT, None)
        self._proof = Proof(Notes(Sight.of(mappings, json.loads(json.dumps(known)), there, secret)))
        self.asked = 0

    def prove(self, body: bytes) -> Callable[[], bytes | None]:
        """Work it out, or leave every third to whoever asks."""
        self.asked += 1
        return lambda: None if self.asked % 3 == 0 else self._proof.work_out(body)


def pages(users: Sequence[Resource], size: int, between: str) -> dict[str, bytes]:
    """Return the pages of a listing, by where they begin; the last holds nobody."""
    found = {}
    for start in range(0, len(users) + 1, size):
        page = {
            "schemas": [LIST_URN],
            "totalResults": len(users),
            ROWS: users[start : start + size],
        }
        found[str(start + 1)] = json.dumps(page, separators=(between, ":")).encode()
    found.setdefault(str(len(users) + 1), found[str(start + 1)])
    return found


def read(users: Sequence[Resource], size: int, between: str, notes: Notes | None) -> Listing:
    """Read a listing page by page, with notes."""
    bodies, proof = pages(users, size, between), Proof(notes)

    def fetch(query: Mapping[str, str]) -> Any:
        return proof.page(proof.fetched(bodies[query["startIndex"]]))

    return read_all(fetch, Paging(size), notes)


def digest(thing: object) -> str:
    """Return what tells *thing* from any other."""
    return sha256(repr(thing).encode("utf-8", "surrogatepass")).hexdigest()


def with_digest(world: World) -> World:
    """Return *world* with a digest of its source, which differs as that of its files would."""
    held = [*world.directory.subjects.values()], world.directory.groups
    return replace(world, directory=replace(world.directory, sha256=digest(held)))


def planned(world: World, memo: Memo, size: int, between: str, *, helped: bool) -> bytes:
    """Return the plan of *world*, of which notes are taken while its users are read."""
    crowd = as_crowd(world)
    known, directory = kept(world.application, world.profile), crowd.directory
    with (
        patch.object(pile, "FEW", 1),
        TakingNotes(known, directory, MIDNIGHT, Aids(memo, digest(known), 1)) as taking,
    ):
        capabilities = world.target.capabilities
        notes = taking.notes(capabilities)
        if notes is not None and notes.recall is not None and helped:
            notes = replace(notes, proving=Elsewhere(world, notes.recall.secret))
        users = read([*world.target.users.values()], size, between, notes)
        groups = listing([*world.target.groups.values()])
        live = LiveState(capabilities, users, groups)
        judge = taking.judge(capabilities)
        return body_of(crowd.plan(live=live, judge=judge, note_people=taking.of_people))


@SOME
@given(
    st.lists(stirred(), min_size=1, max_size=2),
    st.sampled_from((2, 5, 100)),
    st.sampled_from(BETWEEN),
    st.sampled_from((1, 300, 1 << 17)),
    st.booleans(),
)
def test_the_plan_is_the_same_with_what_was_noted_and_remembered(
    worlds: list[World], size: int, between: str, together: int, helped: bool
) -> None:
    """Also when some of it was remembered of another day, and some is worked out elsewhere."""
    some = patch.object(proved, "TOGETHER", min(together, 3))
    with TemporaryDirectory() as folder, patch.object(aside, "TOGETHER", together), some:
        for world in map(with_digest, [*worlds, *worlds]):
            with FileMemo(Path(folder, "memo")) as memo:
                assert planned(world, memo, size, between, helped=helped) == in_full(world)


@SOME
@given(anything, st.sampled_from((2, 100)))
def test_it_is_the_same_in_worlds_in_which_anything_may_have_happened(
    world: World, size: int
) -> None:
    told = with_digest(world)
    expected = in_full(told)
    with TemporaryDirectory() as folder:
        for _ in range(2):
            with FileMemo(Path(folder, "memo")) as memo:
                assert planned(told, memo, size, ",", helped=False) == expected


class Counted:
    """What is remembered in memory, with a count of what was known."""

    def __init__(self) -> None:
        self.found: dict[bytes, bytes] = {}
        self.known = 0
        self.secret = b"secret"

    def by(self, rules: bytes) -> "Counted":
        """Return what is remembered by *rules*, which are the same here."""
        return self

    def key(self, data: bytes) -> bytes:
        """Return *data*: a number of a block is never a page."""
        return data

    def knows(self, key: bytes) -> bool:
        """Say whether something is known."""
        return key in self.found

    def get(self, key: bytes) -> bytes | None:
        """Return what is known, and count it."""
        self.known += key in self.found
        return self.found.get(key)

    def put(self, key: bytes, found: bytes) -> None:
        """Remember."""
        self.found[key] = found


@pytest.mark.parametrize("between", BETWEEN)
def test_what_is_the_same_is_known(between: str) -> None:
    """Otherwise the laws above would hold of a memo that never knows anything."""
    world, memo = quiet(ownership="all"), Counted()

    first = planned(world, memo, 3, between, helped=True)
    asked = len(memo.found)
    again = planned(world, memo, 3, between, helped=True)

    assert first == again
    assert memo.known == asked == len(memo.found) > 4


def test_of_another_source_nothing_is_known() -> None:
    """Also where it has the same people, and one of them has another name."""
    world = with_digest(quiet(ownership="all"))
    people = [*world.directory.subjects.values()]
    renamed = replace(people[3], attributes={**people[3].attributes, "displayName": "Renamed"})
    other = directory([*people[:3], renamed, *people[4:]], world.directory.groups.values())
    with TemporaryDirectory() as folder:
        path = Path(folder, "memo")
        with FileMemo(path) as memo:
            before = planned(world, memo, 100, ",", helped=False)
        world = with_digest(replace(world, directory=other))
        with FileMemo(path) as memo:
            after = planned(world, memo, 100, ",", helped=False)

    assert after == in_full(world) != before


def test_where_a_mapping_hides_a_value_nothing_is_remembered() -> None:
    hiding = {"target": "nickName", "expression": "Redact([displayName])"}
    mappings = {**MAPPINGS, "users": [*MAPPINGS["users"][:3], hiding]}
    world, memo = quiet(mappings=mappings), Counted()

    assert planned(world, memo, 3, ",", helped=False) == in_full(world)
    assert memo.found == {}


def test_notes_are_taken_of_everybody_where_both_sides_are_many() -> None:
    world, memo = quiet(ownership="all"), Counted()
    crowd = as_crowd(world)
    known = kept(world.application, world.profile)
    with (
        patch.object(pile, "FEW", 1),
        TakingNotes(known, crowd.directory, MIDNIGHT, Aids(memo, "config", 1)) as taking,
    ):
        notes = taking.notes(world.target.capabilities)
        users = [*world.target.users.values()]
        found = read(users, 5, ", ", notes)

        judge = taking.judge(world.target.capabilities)
        assert isinstance(found.notes, Sight)
        assert found.notes.tells_of(judge.users, len(users))
        assert [*found.notes.ids] == [one["id"] for one in users]
