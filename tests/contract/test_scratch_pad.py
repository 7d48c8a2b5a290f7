"""The pad of `probe --scratch` on a real server: what it refuses to write to, whoever asks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from reconciler.live.client import ScimTarget
from reconciler.live.scratch.clear import Clearing
from reconciler.live.scratch.names import new_name
from reconciler.live.scratch.pad import NotOurs, Pad
from reconciler.sandbox import make_app
from reconciler.scim.schema import CORE_URN
from reconciler.states import ResourceType
from reconciler.testing import Fault, FaultyScim, Reply, Request, Turn
from reconciler.testing.fault import CREATES
from tests.servers import TOKEN, FakeClock, open_target

USER = ResourceType.USER
OURS = new_name(bytes(6))
RENAMED = [{"op": "replace", "path": "userName", "value": "ada@contoso.example"}]
TITLED = [{"op": "replace", "path": "title", "value": "x"}]


def user(name: str) -> dict[str, Any]:
    return {"schemas": [CORE_URN["User"]], "userName": name}


@dataclass
class Bench:
    scim: FaultyScim
    target: ScimTarget
    stranger: str

    def pad(self) -> Pad:
        return Pad(self.target, FakeClock(), "example.invalid", {self.stranger})


@pytest.fixture
def bench() -> Iterator[Bench]:
    scim = FaultyScim(make_app(TOKEN))
    with scim.serve() as url, open_target(url) as target:
        stranger = target.create(USER, user("ada@contoso.example"))["id"]
        scim.arm()
        yield Bench(scim, target, stranger)


Write = Callable[[Pad, str], None]
WRITES: dict[str, Write] = {
    "patch": lambda pad, each: pad.patch(USER, each, TITLED),
    "put": lambda pad, each: pad.put(USER, each, user(f"{OURS}@x.example")),
    "delete": lambda pad, each: pad.delete(USER, each),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_was_not_made_here_is_not_written_to(write: Write, bench: Bench) -> None:
    with pytest.raises(NotOurs, match="not made here"):
        write(bench.pad(), bench.stranger)

    assert bench.scim.writes == []


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_is_called_otherwise_by_now_is_not_written_to(write: Write, bench: Bench) -> None:
    pad = bench.pad()
    made = pad.create(USER, user(f"{OURS}@example.invalid"))
    bench.target.patch(USER, made, [{**RENAMED[0], "value": "somebody@contoso.example"}])
    bench.scim.arm()

    with pytest.raises(NotOurs, match="does not have the name any more"):
        write(pad, made)

    assert bench.scim.writes == []


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_is_gone_is_not_written_to(write: Write, bench: Bench) -> None:
    pad = bench.pad()
    made = pad.create(USER, user(f"{OURS}@example.invalid"))
    bench.target.delete(USER, made)
    bench.scim.arm()

    with pytest.raises(NotOurs, match="not found"):
        write(pad, made)

    assert bench.scim.writes == []


@pytest.mark.parametrize(
    "name", ["ada@contoso.example", "reconciler-scratch-ada@x.example", OURS[:-1]]
)
def test_only_a_name_of_ours_is_created(name: str, bench: Bench) -> None:
    pad = bench.pad()

    with pytest.raises(NotOurs):
        pad.create(USER, user(name))

    assert (bench.scim.writes, pad.made) == ([], {})


def test_nothing_is_replaced_by_what_has_another_name(bench: Bench) -> None:
    pad = bench.pad()
    made = pad.create(USER, user(f"{OURS}@example.invalid"))

    with pytest.raises(NotOurs):
        pad.put(USER, made, user("eve@contoso.example"))


def test_a_create_that_is_answered_with_a_stranger_leaves_the_stranger_alone(bench: Bench) -> None:
    """As on services that take a create for an invitation of somebody who is there."""

    def adopts(request: Request, turn: Turn) -> Reply:
        return turn.look(request, f"/Users/{bench.stranger}")

    bench.scim.arm(Fault("adopts", "", "", CREATES, adopts))
    pad = bench.pad()

    with pytest.raises(NotOurs, match="there before"):
        pad.create(USER, user(f"{OURS}@example.invalid"))
    clearing = Clearing(pad)
    clearing.run()

    assert clearing.left == ()
    assert [each.method for each in bench.scim.writes] == ["POST"]


def test_two_writes_need_two_looks_and_a_look_at_something_else_is_none(bench: Bench) -> None:
    pad = bench.pad()
    made = pad.create(USER, user(f"{OURS}@example.invalid"))
    pad.look(USER, made)
    pad.patch(USER, made, TITLED)
    pad.patch(USER, made, TITLED)
    pad.look(USER, made)
    pad.look(USER, bench.stranger)
    pad.patch(USER, made, TITLED)

    methods = " ".join(each.method for each in bench.scim.requests)
    assert methods == "POST GET PATCH GET PATCH GET GET GET PATCH"


def test_what_a_lost_create_has_made_is_cleared_away_though_nobody_was_told_its_id(
    bench: Bench,
) -> None:
    pad = bench.pad()
    bench.scim.arm("lost-answer")
    made = pad.create(USER, user(f"{OURS}@example.invalid"))
    bench.scim.arm()
    pad.made.clear()
    clearing = Clearing(pad)

    clearing.run()

    assert [(each.request.method, each.request.resource_id) for each in bench.scim.effects] == [
        ("DELETE", made)
    ]
    assert clearing.left == ()
