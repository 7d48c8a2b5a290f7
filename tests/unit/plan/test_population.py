"""Ruling 14: what the shares of the guards are taken of."""

import pytest

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
