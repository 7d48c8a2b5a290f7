"""Each incident that a plan stops: for the reason that the table names, and nothing is touched."""

import pytest

from docs import generate
from tests.incidents.checks import check_harm, check_stop
from tests.incidents.scenarios import DELETES, SCENARIOS, Scenario
from tests.incidents.scene import Harm, Scene
from tests.incidents.table import INCIDENTS


def happened(scenario: Scenario, scene: Scene) -> None:
    """Let it happen."""
    lifecycle = {"lifecycle": DELETES} if scenario.deletes else {}
    scene.company.application = {**scene.company.application, **lifecycle}
    scenario.happens(scene.company)


def naive_harm(scenario: Scenario, scene: Scene) -> Harm:
    """Let the naive reconciler meet the same, and return what people lost."""
    before = scene.restore(*scenario.schedule)
    scene.naive(scenario.chosen, deletes=scenario.deletes)
    scene.faulty.arm()
    return scene.state().harm_since(before)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: f"{each.number}.{each.stop + 1}")
def test_an_incident_is_stopped(scenario: Scenario, scene: Scene) -> None:
    happened(scenario, scene)
    before = scene.restore(*scenario.schedule)
    ended = scene.plan()

    check_stop(scenario.number, ended, scene, scenario.stop)
    if ended.code == 5:
        assert scene.apply().code == 5
    assert scene.faulty.writes == []
    assert scene.state() == before
    harm = naive_harm(scenario, scene)
    if scenario.stop == 0:
        check_harm(scenario.number, harm)


def test_without_an_incident_nobody_does_harm(scene: Scene) -> None:
    before = scene.restore()

    assert scene.plan().code == 0
    assert scene.company.operations() == []
    scene.naive(deletes=True)
    assert scene.state() == before


def test_the_page_says_what_the_table_says() -> None:
    page = generate.OF_OTHERS.read_text("utf-8")

    assert page == generate.renewed_incidents(page), "run `make docs`"


def test_every_incident_is_played() -> None:
    assert [each.number for each in INCIDENTS] == list(range(1, 28))
