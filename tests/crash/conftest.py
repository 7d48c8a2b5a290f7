"""Worlds that are shared by all tests of a session; each test begins by setting its case back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.matrix import Case
from tests.crash.worlds import World

Cases = Callable[[str], Case]


def cases_of(folder: Path, concurrency: int) -> Iterator[Cases]:
    made: dict[str, Case] = {}
    world = World(folder, concurrency)

    def case(name: str) -> Case:
        if name not in made:
            made[name] = Case(name, world.plan(name))
        made[name].begin()
        return made[name]

    yield case
    world.close()


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """Scenarios of a world in which three operations run at the same time."""
    yield from cases_of(tmp_path_factory.mktemp("crash"), 3)


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """Scenarios of a world in which one operation runs at a time."""
    yield from cases_of(tmp_path_factory.mktemp("alone"), 1)
