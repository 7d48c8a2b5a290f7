import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from docs.performance import TARGETS, page
from docs.plot import drawing
from tests.bench.__main__ import TARGETS as MEASURED
from tests.bench.child import Spent, middle
from tests.bench.figure import Figure, Peer, cells
from tests.bench.growth import Curve, Point, exponent
from tests.bench.held import Held, Missing, Taken
from tests.bench.people import account, changed_of, row, user_id

ROOT = Path(__file__).parents[2]
PEER = Peer("DeepDiff", 946.0)
LARGE = {"work": "a group", "requests": 20, "sent": 1_000, "seconds": 2, "cpu": 1, "peak": 70.4}
CURVE = Curve("users", Point(1, 1.0, 60.0), [Point(10, 2.0, 70.0), Point(100, 11.0, 160.0)])


def target(name: str, people: int = 100_000) -> dict[str, Any]:
    figure = Figure("plan", 9.46, "s", 10.0, peer=PEER)
    return {
        "name": name,
        "commit": "0123456789abcdef",
        "load": 1.5,
        "people": people,
        "figures": [figure.told()],
    }


def whole_page() -> str:
    matrix = {"page": 100, "delay": 20, "changed": 1, "seconds": 2.0, "cpu": 1.5, "peak": 70.0}
    others: dict[str, dict[str, Any]] = {
        "matrix": {"people": 100_000, "rows": [matrix]},
        "curves": {"rows": [CURVE.told()]},
        "large": {"rows": [LARGE]},
        "instructions": {"rows": [{"work": "mapping", "instructions": 12_345.6}]},
    }
    return "".join(page([target(name) for name in TARGETS], others, "two cores"))


def test_the_page_has_every_target_that_is_measured() -> None:
    text = whole_page()

    assert set(TARGETS) == set(MEASURED)
    assert text.count("| plan | ≤ 10 s | 9.46 s |  |  | met | DeepDiff: 946 s | 100 : 1 |") == 12
    assert "One plan for 10,000 people." in text
    assert "| users | 100 | 11 s | 160 MiB | n^1.00 | n^1.00 |" in text
    assert "| mapping | 12,346 |" in text
    assert "| a group | 20 | 1,000 | 2 | 1 | 70 MiB |" in text


def test_what_is_missed_is_explained() -> None:
    missed = target("T1")
    missed["figures"].append(Figure("plan again", 9.46, "s", 1.0).told())

    text = "".join(page([missed, target("T2")], {}, "two cores"))

    assert "## What is missed, and why" in text
    assert "**T1.** Of the first plan" in text
    assert "**T2.**" not in text
    assert "is missed" not in whole_page()


def test_fewer_people_are_not_judged() -> None:
    text = "".join(page([target("T1", 50)], {}, "two cores"))

    assert "| T1 | plan | ≤ 10 s | 9.46 s |  |  |  | DeepDiff: 946 s | 100 : 1 |" in text


def test_of_what_was_not_measured_nothing_is_said() -> None:
    assert "##" not in "".join(page([target("T1")], {}, "two cores"))


def test_a_link_of_the_page_leads_to_its_drawing() -> None:
    assert re.findall(r"\]\(([^)]+)\)", whole_page()) == ["growth.svg"]


def test_the_drawing_has_a_panel_for_time_and_one_for_memory() -> None:
    root = ElementTree.fromstring(drawing([CURVE.told(), CURVE.told()]))  # noqa: S314 - our own

    names = [each.text for each in root.iter() if (each.text or "").startswith("users")]
    assert names == ["users: s, n^1.00"] * 2 + ["users: MiB, n^1.00"] * 2
    assert len(root.findall(".//{*}circle")) == 8


@pytest.mark.parametrize(("power", "factor"), [(1.0, 3.0), (2.0, 0.5), (0.5, 10.0)])
def test_the_exponent_of_a_power_is_found(power: float, factor: float) -> None:
    points = [(float(x), factor * x**power) for x in (10, 100, 1_000)]

    assert exponent(points) == pytest.approx(power)


def test_one_point_has_no_exponent() -> None:
    assert exponent([(10.0, 2.0)]) is None


@pytest.mark.parametrize(
    ("measured", "at_least", "met", "ratio"),
    [
        pytest.param(10.0, False, True, 94.6, id="exactly the most"),
        pytest.param(10.1, False, False, 94.6 / 1.01, id="over the most"),
        pytest.param(10.0, True, True, 10 / 946, id="exactly the least"),
        pytest.param(9.9, True, False, 9.9 / 946, id="under the least"),
        pytest.param(None, False, False, None, id="not measured"),
    ],
)
def test_a_target_is_met(
    measured: float | None, at_least: bool, met: bool, ratio: float | None
) -> None:
    figure = Figure("plan", measured, "s", 10.0, at_least=at_least, peer=PEER)

    assert figure.met is met
    assert figure.ratio == (None if ratio is None else pytest.approx(ratio))


def spent(wall: float, cpu: float, pace: float) -> Spent:
    return Spent(wall, cpu, 60.0, 0, "", pace)


@pytest.mark.parametrize(
    ("wall", "cpu", "pace", "seconds"),
    [
        pytest.param(10.0, 10.0, 4.0, 2.5, id="it worked all the time"),
        pytest.param(10.0, 0.0, 4.0, 10.0, id="it waited all the time"),
        pytest.param(10.0, 8.0, 4.0, 4.0, id="it waited for two seconds"),
        pytest.param(10.0, 19.0, 4.0, 2.5, id="on two processors"),
        pytest.param(10.0, 10.0, 0.5, 20.0, id="a faster machine"),
    ],
)
def test_only_work_takes_longer_on_a_slower_machine(
    wall: float, cpu: float, pace: float, seconds: float
) -> None:
    assert spent(wall, cpu, pace).seconds == pytest.approx(seconds)


def test_what_takes_time_is_held_against_the_target_at_its_pace() -> None:
    took = spent(9.0, 9.0, 3.0)
    slow = Figure("plan", 9.0, "s", 3.0, spent=took, part=took.part)
    few = Figure("apply", 100.0, "changes/s", 300.0, at_least=True, spent=took, part=took.part)
    large = Figure("plan", 900.0, "MiB", 300.0, spent=took)

    assert [each.at_pace for each in (slow, few, large)] == [3.0, 300.0, 900.0]
    assert [each.met for each in (slow, few, large)] == [True, True, False]
    row = cells("T1", slow.told(), judged=True)
    assert row[2:7] == ("≤ 3 s", "9 s", "3", "3 s", "at pace")


def test_the_run_in_the_middle_counts_at_its_pace() -> None:
    runs = [spent(9.0, 9.0, 1.0), spent(12.0, 12.0, 2.0), spent(4.0, 4.0, 1.0)]

    assert middle(runs) is runs[1]


@pytest.mark.parametrize("percent", [0, 1, 10, 100])
def test_as_many_are_changed_as_are_asked_for(percent: int) -> None:
    assert changed_of(1_000, percent) == percent * 10
    assert sum(account(n, percent) != account(n) for n in range(1_000)) == percent * 10


def test_every_person_is_another() -> None:
    rows = [row(n) for n in range(2_000)]

    for column in ("objectId", "userPrincipalName", "mail"):
        assert len({each[column] for each in rows}) == len(rows)


def held(people: int = 3) -> Held:
    return Held("userName", "n", (json.dumps(account(n)).encode() for n in range(people)))


def test_the_service_pages_and_finds() -> None:
    users = held()

    page = json.loads(users.page(2, 5))
    found = json.loads(users.matching([("userName", "P0000001@contoso.EXAMPLE")]))

    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (3, 2, 2)
    assert [each["id"] for each in page["Resources"]] == [user_id(1), user_id(2)]
    assert [each["id"] for each in found["Resources"]] == [user_id(1)]


def test_the_service_keeps_what_is_written() -> None:
    users = held()

    created, _ = users.create({"userName": "new@contoso.example"})
    users.patch(created, [{"op": "add", "path": "name", "value": {"givenName": "New"}}])
    users.patch(created, [{"op": "replace", "path": "userName", "value": "newer"}])
    users.delete(user_id(0))

    assert json.loads(users.get(created))["name"] == {"givenName": "New"}
    assert json.loads(users.matching([("userName", "newer")]))["totalResults"] == 1
    assert json.loads(users.matching([("userName", "new@contoso.example")]))["totalResults"] == 0
    assert json.loads(users.page(1, 10))["totalResults"] == 3
    with pytest.raises(Missing):
        users.get(user_id(0))
    with pytest.raises(Taken):
        users.create({"userName": "NEWER"})
