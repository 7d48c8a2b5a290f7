"""
Disks that are full, broken or read-only (F63, F64, INV-12).

One operation runs at a time here, so that what was sent can be told by the journal: each
record that is whole in it was announced before, and nothing was sent after the first
call that failed.
"""

import re

import pytest

from tests.crash.conftest import Cases
from tests.crash.matrix import Case
from tests.crash.parents import Ended

WRITES = [("write", "ENOSPC", "half"), ("write", "EDQUOT", "nothing")]
SYNCS = [("sync", "EIO", "half")]
EVERY_DAY = [
    pytest.param("create User", "write", 4, "ENOSPC", id="the first intent"),
    pytest.param("create User", "sync", 9, "EIO", id="the sync of an intent"),
    pytest.param("a plan from outside", "write", 2, "EDQUOT", id="the plan"),
]
REFUSED = {3, 7}
"""What a command ends with that could not write: nothing was begun, or not everything was done."""


def faulty(case: Case, call: str, number: int, error: str, after: str = "half") -> Ended:
    return case.apply(faulty={"call": call, "number": number, "error": error, "after": after})


def check(case: Case, ended: Ended, call: str, before: int = 0) -> None:
    """
    Nothing was sent that is not announced, and the same command ends as if nothing was.

    *before* is the number of records that an earlier run has left.
    """
    assert ended.code in REFUSED, ended.output
    assert "Traceback" not in ended.output
    records = case.journal()
    new = records[before:]
    intents = sum(record["kind"] == "intent" for record in new)
    unsynced = call == "sync" and new and new[-1]["kind"] == "intent"
    assert len(case.world.service.writes) == intents - bool(unsynced)
    assert ended.code == 7 or not new
    assert list(case.wrong(case.apply())) == []


@pytest.mark.parametrize(("name", "call", "number", "error"), EVERY_DAY)
def test_a_disk_that_fails_ends_the_run_before_the_next_request(
    name: str, call: str, number: int, error: str, alone: Cases
) -> None:
    case = alone(name)

    check(case, faulty(case, call, number, error), call)


@pytest.mark.slow
@pytest.mark.parametrize(("call", "error", "after"), WRITES + SYNCS)
@pytest.mark.parametrize("name", ["create User", "a plan from outside", "everything, resumed"])
def test_f63_f64_whichever_call_fails_nothing_is_sent_after_it(
    name: str, call: str, error: str, after: str, alone: Cases
) -> None:
    """SQLite's way: the first call fails, then the second, until none is left that could."""
    number, failed = 0, 0
    while True:
        number += 1
        case = alone(name)
        before = len(case.journal())
        ended = faulty(case, call, number, error, after)
        if ended.code == case.undisturbed.code:
            assert list(case.wrong(ended)) == []
            if ended.hits[call] < number:
                break
            continue  # the last word of a claim, which the end of the process says as well
        check(case, ended, call, before)
        failed += 1
    assert failed >= 8


@pytest.mark.slow
@pytest.mark.parametrize("most", range(500, 3500, 500))
def test_f63_a_limit_of_the_operating_system_is_a_full_disk(most: int, alone: Cases) -> None:
    """No file may be larger; the journal of this plan is a little over 3 kB."""
    case = alone("create User")

    check(case, case.apply(surroundings=["small"], bytes=most), "write")


def test_f63_a_store_that_cannot_be_written_is_told_before_the_first_request(
    alone: Cases,
) -> None:
    case = alone("create User")
    asked: list[str] = []
    case.world.service.on_request = asked.append
    folders = [path for path in (case.folder / "plans").rglob("*") if path.is_dir()]
    for path in folders:
        path.chmod(0o555)

    ended = case.apply(surroundings=["nobody"])

    assert (ended.code, asked) == (3, []), ended.output
    assert re.search(r"error: cannot (lock|write) .*plans/app.*: Permission denied", ended.output)
