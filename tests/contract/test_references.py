"""Managers and groups in groups, planned and applied against a real server over a socket."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from reconciler.directory import SourceGroup, Subject
from reconciler.live.client import ScimTarget
from reconciler.live.read import read_live
from reconciler.plan.operation import Action
from reconciler.states import LiveState, ResourceType
from tests.worlds import (
    ENTERPRISE,
    GROUP_MAPPINGS,
    USER_MAPPINGS,
    MemoryTarget,
    World,
    application,
    directory,
    group,
    of,
    person,
    told,
)

USER, GROUP = ResourceType.USER, ResourceType.GROUP
MANAGER = f"{ENTERPRISE}:manager"
BOTH = [{"group": "Staff", "role": "User"}, {"group": "Team"}]


class Served:
    """A real service, with what a world asks of its target besides."""

    def __init__(self, target: ScimTarget) -> None:
        self._target = target
        self.capabilities = target.discover()

    def live(self) -> LiveState:
        return read_live(self._target, dict.fromkeys(ResourceType))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


class ServedWorld(World):
    """A world whose accounts are on a real service."""

    def manager_of(self, anchor: str) -> Any:
        account = self.target.get(USER, self.account_of(anchor))
        assert account is not None
        return account.get(ENTERPRISE, {}).get("manager", {}).get("value")

    def members_of(self, anchor: str) -> set[str]:
        found = self.target.get(GROUP, self.account_of(anchor, GROUP))
        assert found is not None
        return {member["value"] for member in found.get("members", ())}


@pytest.fixture
def world(scim2: ScimTarget) -> Iterator[ServedWorld]:
    """An empty world; what becomes of it is taken off the server again."""
    made = ServedWorld(application(), directory([]), cast(MemoryTarget, Served(scim2)))
    yield made
    for (kind, _), target in made.recorded.links.items():
        scim2.delete(kind, target)


def clearing() -> dict[str, Any]:
    users = [
        {**line, "clear": True} if line["target"] == MANAGER else line for line in USER_MAPPINGS
    ]
    return {"users": users, "groups": GROUP_MAPPINGS}


def applied(
    world: ServedWorld,
    people: Sequence[Subject],
    groups: Sequence[SourceGroup] | None = None,
    **changes: Any,
) -> None:
    """Let the source become this, plan and apply; then there is nothing left to do."""
    world.becomes(people, groups, **changes)
    world.settle()
    assert told(world.plan().operations) == []


def test_people_manage_each_other_and_themselves(world: ServedWorld) -> None:
    people = [person("ada", manager="bob"), person("bob", manager="ada")]
    applied(world, [*people, person("cyd", manager="cyd")])

    assert world.manager_of("ada") == world.account_of("bob")
    assert world.manager_of("bob") == world.account_of("ada")
    assert world.manager_of("cyd") == world.account_of("cyd")


def test_another_manager_replaces_the_first(world: ServedWorld) -> None:
    applied(world, [person("ada"), person("bob", manager="ada"), person("cyd")])
    applied(world, [person("ada"), person("bob", manager="cyd"), person("cyd")])

    assert world.manager_of("bob") == world.account_of("cyd")


def test_ruling_2_a_manager_is_cleared_only_where_the_mapping_says_so(world: ServedWorld) -> None:
    applied(world, [person("ada"), person("bob", manager="ada")])
    applied(world, [person("ada"), person("bob")])
    assert world.manager_of("bob") == world.account_of("ada")

    applied(world, [person("ada"), person("bob")], mappings=clearing())
    assert world.manager_of("bob") is None


def test_a_group_in_a_group_comes_stays_and_goes(world: ServedWorld) -> None:
    people = [person("ada"), person("bob")]
    nested = [group("g-staff", "Staff", "ada", "bob", "g-team"), group("g-team", "Team", "bob")]
    applied(world, people, nested, assignments=BOTH)
    team = world.account_of("g-team", GROUP)
    assert team in world.members_of("g-staff")

    applied(world, people, [group("g-staff", "Staff", "ada", "bob"), nested[1]], assignments=BOTH)
    assert world.members_of("g-staff") == {world.account_of("ada"), world.account_of("bob")}


def test_a_group_that_is_opened_gives_way_to_its_people(world: ServedWorld) -> None:
    people = [person("ada"), person("bob"), person("cyd")]
    opened = {
        "users": USER_MAPPINGS,
        "groups": [*GROUP_MAPPINGS[:2], {**GROUP_MAPPINGS[2], "nested": "expand"}],
    }
    groups = [
        group("g-staff", "Staff", "ada", "bob", "cyd"),
        group("g-team", "Team", "ada", "g-staff"),
    ]
    applied(world, people, groups, assignments=BOTH)
    staff = world.account_of("g-staff", GROUP)
    assert world.members_of("g-team") == {world.account_of("ada"), staff}

    applied(world, people, groups, assignments=BOTH, mappings=opened)
    everybody = {world.account_of(name) for name in ("ada", "bob", "cyd")}
    assert world.members_of("g-team") == everybody


@pytest.mark.parametrize("count", [0, 1, 101])
def test_groups_of_any_size_are_filled_and_emptied(world: ServedWorld, count: int) -> None:
    people = [person(f"p{number:03}") for number in range(count)]
    staff = group("g-staff", "Staff", *(one.anchor for one in people))
    full = [staff, group("g-team", "Team", *(one.anchor for one in people))]
    applied(world, people, full, assignments=BOTH)
    assert len(world.members_of("g-team")) == count

    applied(world, people, [staff, group("g-team", "Team")], assignments=BOTH)
    assert world.members_of("g-team") == set()


def test_a_deleted_account_leaves_no_id_behind(world: ServedWorld) -> None:
    applied(world, [person("ada"), person("bob")])
    bob = world.account_of("bob")
    world.becomes([person("ada")], lifecycle={"deleted_at_source": "delete"})

    assert [op.key for op in of(world.plan(), Action.REMOVE_MEMBERS)] == ["Staff"]
    world.settle()
    assert bob not in world.members_of("g-staff")
