"""What every incident is held against: its row of the table."""

from tests.e2e.company import Ended
from tests.incidents.scene import Harm, Scene
from tests.incidents.table import INCIDENTS

STOPPED: set[tuple[int, int]] = set()
"""The scenarios that were stopped as they should, by number and stop."""
HARM: dict[int, str] = {}
"""What the naive reconciler did, by number."""


def check_stop(number: int, ended: Ended, scene: Scene, which: int = 0) -> None:
    """Check that the command ended as the table says, for the reasons that it names."""
    stop = INCIDENTS[number - 1].stops[which]
    said = " ".join(ended.text.split())
    assert "Traceback" not in said
    assert ended.code == stop.code, said
    if stop.code == 5:
        assert set(stop.names) <= scene.blocked(), said
    else:
        names = [f"error[{name}]" for name in stop.names] if stop.code == 3 else stop.names
        assert [name for name in names if name not in said] == [], said
    STOPPED.add((number, which))


def check_harm(number: int, harm: Harm) -> None:
    """Check that the naive reconciler did the harm that the table says."""
    assert harm != Harm()
    assert str(harm) == INCIDENTS[number - 1].harm
    HARM[number] = str(harm)
