import random

import pytest

from reconciler.testing import FAULTS, FaultyScim, Inject, Request, UnknownFault
from reconciler.testing.schedule import draw_for, lines
from tests.unit.testing.honest import honest

POST = Request("POST", "/Users")
PATCH = Request("PATCH", "/Groups/g1")


def hit(line: Inject, *requests: Request, seed: int = 0) -> list[int]:
    """Return the numbers of the requests that a line hits."""
    service = FaultyScim(honest, [line], seed)
    for request in requests:
        service.answer(request)
    return [each.number for each in service.injected]


@pytest.mark.parametrize(
    ("line", "hits"),
    [
        pytest.param(Inject("change-ignored"), [2, 4], id="every request that it is about"),
        pytest.param(Inject("status-500"), [1, 2, 3, 4], id="every request at all"),
        pytest.param(Inject("status-500", nth=3), [3], id="the third"),
        pytest.param(Inject("change-ignored", nth=2), [4], id="the second of those it is about"),
        pytest.param(Inject("status-500", nth=range(2, 4)), [2, 3], id="a range"),
        pytest.param(Inject("status-500", method="PATCH"), [2, 4], id="one method"),
        pytest.param(Inject("status-500", path="/Users"), [1, 3], id="one endpoint"),
        pytest.param(Inject("status-500", path="/Groups/g1"), [2, 4], id="one resource"),
        pytest.param(Inject("status-500", path="/Group"), [], id="half a name is no path"),
        pytest.param(Inject("status-500", probability=0.0), [], id="never"),
    ],
)
def test_a_line_says_which_requests_it_is_for(line: Inject, hits: list[int]) -> None:
    assert hit(line, POST, PATCH, POST, PATCH) == hits


def test_a_name_alone_is_a_line() -> None:
    assert lines(["status-500", FAULTS["html"]]) == [Inject("status-500"), Inject(FAULTS["html"])]


def test_a_name_that_no_fault_has_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(UnknownFault, match="'no-such-fault'"):
        FaultyScim(honest, ["no-such-fault"])


def test_the_same_seed_and_schedule_hit_the_same_requests() -> None:
    line = Inject("status-500", probability=0.5)

    first = hit(line, *[POST] * 50, seed=7)

    assert first == hit(line, *[POST] * 50, seed=7)
    assert first != hit(line, *[POST] * 50, seed=8)
    assert 10 < len(first) < 40


def test_a_draw_does_not_depend_on_what_else_is_asked() -> None:
    """Other requests in between, and other users of chance, change nothing."""
    line = Inject("change-ignored", probability=0.5)
    alone = FaultyScim(honest, [line])
    among = FaultyScim(honest, [line])
    for _ in range(30):
        alone.answer(PATCH)
        among.answer(POST)
        random.random()
        among.answer(PATCH)

    assert [each.number * 2 for each in alone.injected] == [e.number for e in among.injected]


def test_each_line_has_draws_of_its_own() -> None:
    assert draw_for(0, 1, 1).random() != draw_for(0, 2, 1).random()
