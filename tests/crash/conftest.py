"""A world that is shared by all tests of a session; each test begins by setting its case back."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.crash.matrix import Case
from tests.crash.worlds import World

Cases = Callable[[str], Case]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("crash"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def known() -> dict[tuple[str, int], Case]:
    """Cases that were prepared before."""
    return {}


def begun(known: dict[tuple[str, int], Case], world: World, concurrency: int, name: str) -> Case:
    key = name, concurrency
    if key not in known:
        known[key] = Case(name, world.plan(name, concurrency))
    known[key].begin()
    return known[key]


@pytest.fixture
def case(world: World, known: dict[tuple[str, int], Case]) -> Cases:
    """Scenarios in which three operations run at the same time."""
    return partial(begun, known, world, 3)


@pytest.fixture
def alone(world: World, known: dict[tuple[str, int], Case]) -> Cases:
    """Scenarios in which one operation runs at a time."""
    return partial(begun, known, world, 1)
