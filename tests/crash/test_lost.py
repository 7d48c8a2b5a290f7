"""
Journals that are lost (F73): nobody is created twice, and nothing is taken from anybody.

A run dies in the middle. Then its journal is gone; or with it everything that git does not
keep; or the workspace with all of it.
"""

from pathlib import Path

import pytest

from tests.crash.conftest import Cases
from tests.crash.matrix import Case
from tests.crash.service import Write
from tests.crash.worlds import newest_plan

MIDDLES = [
    pytest.param(("create User", 2), id="create User"),
    pytest.param(("everything", 10), id="everything", marks=pytest.mark.slow),
]


@pytest.fixture(params=MIDDLES)
def dead(request: pytest.FixtureRequest, case: Cases) -> Case:
    """A run that has died in the middle."""
    name, hit = request.param
    found = case(name)
    assert found.apply("done.synced", hit).code == -9
    return found


def store(case: Case) -> Path:
    return case.folder / "plans" / "app"


def forget_claims(case: Case) -> None:
    for path in store(case).glob(".run-*"):
        path.unlink()


def plan_again(case: Case) -> tuple[int, str]:
    ended = case.world.parent.run(case.folder, "plan", "app")
    return ended.code, ended.output


def taking(writes: list[Write]) -> list[Write]:
    return [write for write in writes if write.method == "delete"]


def test_f73_a_begun_run_whose_journal_is_gone_is_not_begun_again(dead: Case) -> None:
    dead.journal_path.unlink()
    sent = len(dead.world.service.writes)

    ended = dead.apply()

    assert ended.code == 6, ended.output
    assert "a journal is missing" in ended.output
    assert len(dead.world.service.writes) == sent
    assert plan_again(dead)[0] == 6
    assert dead.world.parent.run(dead.folder, "audit", "verify").code == 6


def test_f73_a_journal_that_is_brought_back_is_gone_on_with(dead: Case) -> None:
    kept = dead.journal_path.read_bytes()
    path = dead.journal_path
    path.unlink()
    assert dead.apply().code == 6
    path.write_bytes(kept)

    assert list(dead.wrong(dead.apply())) == []


def test_f73_where_nothing_remembers_it_everybody_is_looked_at_first(dead: Case) -> None:
    """As in a fresh checkout: the plan is applied as if for the first time, then planned anew."""
    dead.journal_path.unlink()
    forget_claims(dead)
    service = dead.world.service

    again = dead.apply()

    assert again.code == 7, again.output
    assert service.twins() == []
    for _ in range(2):
        assert plan_again(dead)[0] == 0
        done = dead.world.parent.run(
            dead.folder, "apply", "--auto-approve", newest_plan(dead.folder)
        )
        assert done.code == 0, done.output
    assert service.twins() == []
    assert service.state() == dead.undisturbed.state


def test_f73_where_all_journals_are_lost_the_plan_is_refused(dead: Case) -> None:
    """What it was made of is not there any more; its operations would rest on nothing."""
    for path in store(dead).glob("*.journal.jsonl"):
        path.unlink()
    forget_claims(dead)
    sent = len(dead.world.service.writes)

    ended = dead.apply()

    assert ended.code == 6, ended.output
    assert len(dead.world.service.writes) == sent


def test_f73_a_store_that_begins_anew_links_and_takes_from_nobody(dead: Case) -> None:
    service = dead.world.service
    store(dead).rename(dead.folder / "old")
    before = service.state()
    service.writes.clear()

    code, output = plan_again(dead)
    assert code == 0, output
    done = dead.world.parent.run(dead.folder, "apply", "--auto-approve", newest_plan(dead.folder))

    assert done.code == 0, done.output
    assert taking(service.writes) == []
    assert service.twins() == []
    assert {user["userName"] for user in before if "userName" in user} <= {
        user["userName"] for user in service.state() if "userName" in user
    }
