"""Changes that travel together, on a real service: what is sent, and what faults make of it."""

from collections import Counter

import pytest

from reconciler.testing import Inject
from tests.contract.trial import Trial

NEW = ("fay", "gil", "hal", "ivy", "jan", "kim")
CREATED = [f"{name}@contoso.example" for name in NEW]


def hired(trial: Trial) -> None:
    """Plan for six people more, on a service that is asked eight things at once."""
    trial.company.target["concurrency"] = 8
    for name in NEW:
        trial.company.hire(name, jobTitle="Clerk")
    trial.planned()


def sent(trial: Trial) -> Counter[str]:
    return Counter(f"{each.method} {each.endpoint}" for each in trial.faulty.writes)


def test_six_creates_are_one_request(trial: Trial) -> None:
    hired(trial)

    ended = trial.apply_under()

    assert ended.code == 0, ended.text
    assert sent(trial) == {"POST Bulk": 1, "PATCH Groups": 1}
    [bulk] = [each.json() for each in trial.faulty.writes if each.endpoint == "Bulk"]
    told = [each["data"]["userName"] for each in bulk["Operations"]]
    assert sorted(told) == CREATED
    assert {each["method"] for each in bulk["Operations"]} == {"POST"}
    assert trial.left() == []


def test_each_change_is_written_down_before_and_after(trial: Trial) -> None:
    hired(trial)

    trial.apply_under()

    records = [each for each in trial.company.journal() if each.get("action") == "create"]
    kinds = [each["kind"] for each in records]
    assert kinds[:6] == ["intent"] * 6
    assert Counter(kinds) == {"intent": 6, "done": 6}
    assert sorted(each["key"] for each in records if each["kind"] == "done") == CREATED


def test_each_change_is_looked_at_before_and_after(trial: Trial) -> None:
    """All of them by one request before, and by one after."""
    hired(trial)

    trial.apply_under()

    ids = {trial.shown(name)["id"] for name in NEW}
    asked = trial.faulty.requests
    about = [n for n, each in enumerate(asked) if CREATED[0] in each.query.get("filter", "")]
    sent = [n for n, each in enumerate(asked) if each.endpoint == "Bulk"]
    assert [about[0] < sent[0] < about[1], len(about), len(sent)] == [True, 2, 1]
    for number in about:
        assert all(name in asked[number].query["filter"] for name in CREATED)
    assert not ids & {each.resource_id for each in asked}


@pytest.mark.parametrize("fault", ["filter-ignored", "filter-finds-nobody", "filter-unsupported"])
def test_each_is_read_alone_where_the_filter_is_not_to_be_believed(
    fault: str, trial: Trial
) -> None:
    hired(trial)

    ended = trial.apply_under(Inject(fault))

    assert ended.code == 0, ended.text
    ids = {trial.shown(name)["id"] for name in NEW}
    assert {each.resource_id for each in trial.faulty.requests} >= ids
    assert trial.left() == []


def test_updates_and_deletes_travel_together_too(trial: Trial) -> None:
    trial.company.target["concurrency"] = 8
    for name in ("ada", "bob"):
        trial.company.people[name]["jobTitle"] = "Director"
    for name in ("dan", "eve"):
        trial.company.lose(name)
    trial.planned()

    ended = trial.apply_under()

    assert ended.code == 0, ended.text
    bulks = [each.json() for each in trial.faulty.writes if each.endpoint == "Bulk"]
    methods = [[one["method"] for one in bulk["Operations"]] for bulk in bulks]
    assert methods == [["PATCH", "PATCH"], ["PATCH", "PATCH"], ["DELETE", "DELETE"]]
    assert trial.left() == []


@pytest.mark.parametrize(
    ("fault", "bulks"),
    [
        pytest.param("lost-answer", 1, id="F07 carried out, and the answer is lost"),
        pytest.param("broken-after-commit", 1, id="F05 carried out, and a 503"),
        pytest.param("hang-up", 2, id="F06 never arrives"),
        pytest.param("status-503", 2, id="F04 a 503"),
        pytest.param("throttled", 2, id="F01 asked too often"),
        pytest.param("write-with-html-instead", 2, id="F12 a login page"),
        pytest.param("status-413", 3, id="F24 too large"),
        pytest.param("status-501", 1, id="F25 not there"),
        pytest.param("status-404", 1, id="not there, in other words"),
    ],
)
def test_inv_13_everybody_is_there_once(fault: str, bulks: int, trial: Trial) -> None:
    hired(trial)

    ended = trial.apply_under(Inject(fault, nth=1, path="/Bulk"))

    assert ended.code == 0, ended.text
    assert sent(trial)["POST Bulk"] == bulks
    assert len(set(trial.stored())) == len(trial.stored())
    assert set(CREATED) < set(trial.stored())
    assert trial.left() == []


@pytest.mark.parametrize(
    "target", [{"concurrency": 1}, {"profile": "profiles/alone.yaml"}], ids=["one", "never"]
)
def test_whoever_wants_single_requests_gets_them(target: dict[str, object], trial: Trial) -> None:
    hired(trial)
    profile = trial.company.folder / "profiles/alone.yaml"
    profile.parent.mkdir()
    profile.write_text("extends: generic\nbulk: {use: never}\n", "utf-8")
    trial.company.target.update(target)
    trial.planned()

    ended = trial.apply_under()

    assert ended.code == 0, ended.text
    assert sent(trial) == {"POST Users": 6, "PATCH Groups": 1}
