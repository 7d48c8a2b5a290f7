"""Ruling 14: what the shares of the guards are taken of."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from weakref import ref

import pytest

from reconciler.plan.population import SourceRows, count_population
from reconciler.states import Resource
from tests.worlds import World, person, settled, verdict


@pytest.fixture
def world() -> World:
    """Four of ours in one group, one of them off; somebody whom nobody knows, and a group."""
    made = settled(*map(person, ("ada", "bob", "cyd", "dan")))
    made.user("dan")["active"] = False
    made.target.add_user("local", "root@other.example", active=True)
    made.target.add_group("theirs", "Theirs", "local")
    return made


@pytest.mark.parametrize(
    ("guard", "population"),
    [
        pytest.param("accidental_deletions", 3, id="our active accounts"),
        pytest.param("revoke_roles", 3, id="our active accounts, for roles"),
        pytest.param("delete_users", 4, id="our accounts"),
        pytest.param("rename_users", 4, id="our accounts, for names"),
        pytest.param("delete_groups", 1, id="our groups"),
        pytest.param("remove_members", 4, id="memberships of our groups"),
    ],
)
def test_ruling_14_each_guard_has_its_whole(world: World, guard: str, population: int) -> None:
    assert verdict(world.plan(), guard).population == population


def test_ruling_14_with_ownership_all_everybody_is_ours(world: World) -> None:
    plan = world.becomes(ownership="all").plan()

    assert verdict(plan, "delete_users").population == 5
    assert verdict(plan, "accidental_deletions").population == 4


class Account(dict[str, Any]):
    """A resource of which can be known whether somebody holds it."""

    __slots__ = ("__weakref__",)


class LaidAside(Sequence[Resource]):
    """Accounts that are made when they are asked for, which may be once."""

    def __init__(self, accounts: Sequence[Resource]) -> None:
        self._accounts, self.looks = accounts, 0

    def __len__(self) -> int:
        return len(self._accounts)

    def __getitem__(self, at: Any) -> Any:
        raise AssertionError("everybody is looked at in their order")

    def __iter__(self) -> Iterator[Resource]:
        self.looks += 1
        seen: list[ref[Account]] = []
        for known in self._accounts:
            made = Account(known)
            seen.append(ref(made))
            yield made
            del made
            assert sum(one() is not None for one in seen) <= 1, "one is looked at at a time"


def test_every_account_is_looked_at_once_and_held_by_nobody(world: World) -> None:
    """Of a large service they would take more memory than everything else in an apply."""
    live, source = world.target.live(), SourceRows(4, 1, {})
    aside = LaidAside(live.users.resources)
    laid_aside = replace(live, users=replace(live.users, resources=aside))

    counted = [
        count_population(world.application, each, world.recorded, (), source)
        for each in (live, laid_aside)
    ]

    assert counted[0] == counted[1]
    assert counted[0].counts.users == 4
    assert aside.looks == 1
