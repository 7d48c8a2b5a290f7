"""What the incidents share: one company, settled once, and a file of what became of all."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.incidents.checks import HARM, STOPPED
from tests.incidents.scene import Scene, begun, opened
from tests.incidents.table import INCIDENTS
from tests.measured import Figure, write_down

STARTED = time.monotonic()


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The company on a service of its own, made once."""
    yield from opened(tmp_path_factory.mktemp("incidents") / "company")


@pytest.fixture
def scene(settled: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The same company for one incident, untouched."""
    return begun(settled, tmp_path / "company", monkeypatch)


def pytest_sessionfinish() -> None:
    """Write down what was seen, where one process has seen every incident (`make incidents`)."""
    expected = {(each.number, which) for each in INCIDENTS for which in range(len(each.stops))}
    if expected - STOPPED or len(HARM) < len(INCIDENTS):
        return
    rows: list[dict[str, Figure]] = [
        {
            "id": each.number,
            "title": each.title,
            "stopped by": "; ".join(stop.words for stop in each.stops),
            "naive harm": HARM[each.number],
        }
        for each in INCIDENTS
    ]
    figures = {
        "incidents": len(INCIDENTS),
        "scenarios": len(expected),
        "stopped for the reason named": len(STOPPED),
        "incidents in which a naive reconciler does harm": len(HARM),
    }
    title, seconds = "Incidents of others, played here", time.monotonic() - STARTED
    write_down("incidents", title, "make incidents", seconds, figures, rows)
