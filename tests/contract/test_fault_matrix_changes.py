"""
What an apply makes of a service that misbehaves while an account is changed or deleted.

A change is done when a read shows it, and nothing else is different. Whatever the
answer says, a change that cannot be shown is not called done.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.states import ResourceType
from reconciler.testing import Inject
from reconciler.testing.schedule import Line
from tests.contract.matrix import Operations, Writing, check_writing, prepare, row
from tests.contract.trial import (
    Trial,
    promote,
    promote_two,
    purge,
    rename,
    suspend,
)
from tests.servers import open_target

PATCHED = ["PATCH Users"]
PURGED = ["PATCH Groups", "PATCH Groups", "DELETE Users"]
LEFT: Operations = [("update", "ada@contoso.example")]
BAD = "failed SystemForCrossDomainIdentityManagementServiceIncompatible"


def first(fault: str, method: str = "PATCH") -> Inject:
    """Inject a fault into the first change."""
    return Inject(fault, nth=1, method=method)


def each(fault: str, method: str = "PATCH") -> Inject:
    """Inject a fault into every change."""
    return Inject(fault, method=method)


def done(*schedule: Line, **more: Any) -> Writing:
    """Say that Ada is changed in the end, by one change."""
    return Writing(promote, schedule, 0, PATCHED, left=[], **more)


def undone(*schedule: Line, code: str, **more: Any) -> Writing:
    """Say that nothing was changed, and why."""
    return Writing(promote, schedule, 7, [], [code], LEFT, **more)


def deleted(*schedule: Line, **more: Any) -> Writing:
    """Say that Dan is gone in the end."""
    return Writing(purge, schedule, 0, PURGED, left=[], **more)


def kept(*schedule: Line, code: str, **more: Any) -> Writing:
    """Say that Dan is still there, and why."""
    left = [("delete", "dan@contoso.example")]
    return Writing(purge, schedule, 7, PURGED[:2], [f"failed {code}"], left, **more)


def sent_again() -> Iterator[Any]:
    """Yield what certainly or possibly did not arrive, and is sent again after a look."""
    for name in ("throttled", "throttled-x", "throttled-date", "unavailable"):
        yield row(done(first(name), sent=2, least=1.0), "F01 F02 F04")
    for name in ("status-500", "status-502", "status-503", "status-504", "hang-up", "reset"):
        yield row(done(first(name), sent=2), "F04 F06")
        yield row(deleted(first(name, "DELETE"), sent=4), "F04 F06")
    yield row(done(first("silent"), sent=2), "F08")
    yield row(done(first("stale-connection"), sent=2), "F27")
    yield row(deleted(first("delete-ignored", "DELETE"), sent=4), "F30")
    yield row(deleted(first("status-404", "DELETE"), sent=4), "F18")


def found_done() -> Iterator[Any]:
    """Yield what was carried out and badly answered: the look afterwards decides."""
    rows = {
        "broken-after-commit": "F05",
        "gateway-timeout-after-commit": "F05",
        "lost-answer": "F07",
        "reset-after-commit": "F07",
        "half-head-after-commit": "F07 F10",
        "silent-after-commit": "F08",
        "stale-connection-after-commit": "F27",
    }
    for name, matrix in rows.items():
        yield row(done(each(name), sent=1), matrix)
        yield row(deleted(each(name, "DELETE"), sent=3), matrix)
    for name, matrix in {
        "change-with-html": "F12",
        "old-echo": "F32",
        "stale-replica": "F34",
    }.items():
        yield row(done(name, sent=1), matrix)
    yield row(deleted("delete-with-body", sent=3), "F12")
    yield row(done("nickname-meanwhile"), "F22")
    for name in ("no-etag", "weak-etag", "constant-etag", "restless-etag", "if-match-ignored"):
        yield row(done(name), "F23")
    yield row(done("etags-promised", "no-etag"), "F23")
    yield row(done("change-lag", sent=1), "F33 F34")
    yield row(done("accepted-later", sent=1), "F33")
    yield row(done(first("late-commit"), sent=1), "F35")
    yield row(deleted(first("late-commit", "DELETE"), sent=3), "F35")


def refused() -> Iterator[Any]:
    """Yield what is not changed."""
    yield row(undone(each("throttled"), code="failed TooManyRequests", sent=5), "F01")
    yield row(undone(each("throttled-for-ages"), code="failed TooManyRequests", sent=1), "F03")
    for code in (500, 502, 503, 504):
        name = f"status-{code}"
        yield row(undone(each(name), code="failed InternalServerError", sent=3), "F04")
    yield row(kept(each("status-503", "DELETE"), code="InternalServerError"), "F04")
    for name, matrix in (("hang-up", "F06"), ("reset", "F06"), ("silent", "F08")):
        yield row(undone(each(name), code="failed Timeout", sent=3), matrix)
    yield row(undone(each("redirect-307"), code="failed WebExceptionProtocolError", sent=1), "F11")
    for code, word in ((401, "Unauthorized"), (403, "InsufficientRights")):
        stopped = Writing(
            promote, (each(f"status-{code}"),), 4, [], [f"failed {word}"], LEFT, sent=1
        )
        yield row(stopped, "F15 F16")
    yield row(kept(each("status-404", "DELETE"), code="NotImplemented"), "F18")
    yield row(undone(each("status-404"), code="failed InvalidAnchor", sent=1), "F19")
    for name in ("status-409", "status-412"):
        yield row(done(first(name), sent=2), "F21 F22")
        yield row(undone(each(name), code="conflict EntryConflict", sent=2), "F21 F22")
    yield row(done("if-match-refused", sent=2), "F22 F23")
    yield row(undone("title-meanwhile", code="conflict EntryConflict", sent=1), "F22")
    yield row(undone(each("status-413"), code="failed UnprocessableEntity", sent=1), "F24")
    yield row(undone("status-405", code="failed MethodNotAllowed", sent=1), "F25")
    yield row(undone("status-501", code="failed NotImplemented", sent=1), "F25")


def not_as_answered() -> Iterator[Any]:
    """Yield what is answered with a success, and is something else."""
    for name, matrix in (
        ("change-ignored", "F30"),
        ("echo-of-nothing", "F32"),
        ("accepted-and-dropped", "F30"),
        ("write-with-html-instead", "F12 F30"),
    ):
        yield row(undone(each(name), code=BAD, words=("ignored it at",)), matrix)
    yield row(done(first("change-ignored"), sent=2), "F30")
    yield row(kept("delete-ignored", code="NotImplemented"), "F30")
    twice = Writing(promote, ("first-operation-only",), 0, PATCHED * 2, left=[], sent=2)
    yield row(twice, "F30")
    half = Writing(
        promote, ("half-then-error",), 7, PATCHED, ["failed UnprocessableEntity"], LEFT, sent=1
    )
    yield row(half, "F30")
    for name, lost in (("title-lost", "title"), ("switched-off", "active")):
        case = Writing(rename, (name,), 7, PATCHED, [BAD], words=(lost,), sent=1)
        yield row(case, "F31")
    yield row(undone("id-reused", code="conflict EntryConflict", sent=0), "F44")
    yield row(undone("another-resource", code=BAD, sent=0), "F44")
    gone = Writing(promote, (each("gone-meanwhile"),), 7, [], ["conflict InvalidAnchor"], sent=1)
    yield row(gone, "F19")
    switched = Writing(
        suspend, (each("gone-meanwhile"),), 7, [], ["conflict InvalidAnchor"], sent=1
    )
    yield row(switched, "F19")
    already = Writing(purge, (each("gone-meanwhile", "DELETE"),), 0, PURGED[:2], left=[], sent=3)
    yield row(already, "F18")


CASES = [*sent_again(), *found_done(), *refused(), *not_as_answered()]


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_what_a_read_shows(
    case: Writing, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INV-13, INV-14 and INV-17; rows F01 to F12, F18 to F25, F27, F30 to F35 and F44."""
    prepare(case, monkeypatch)

    check_writing(case, trial)


def test_f18_who_was_gone_already_is_said_to_have_been_gone(trial: Trial) -> None:
    trial.planned(purge)

    trial.apply_under(each("gone-meanwhile", "DELETE"))

    last = [each for each in trial.company.journal() if each["kind"] == "done"][-1]
    assert (last["action"], last["outcome"]) == ("delete", "already")


def test_f16_what_may_not_be_done_to_one_person_does_not_stop_the_others(trial: Trial) -> None:
    trial.planned(promote_two)

    trial.apply_under(first("status-403"))

    assert trial.ended_badly() == ["failed InsufficientRights"]
    assert trial.effects == PATCHED
    assert trial.shown("bob")["title"] == "Director"


@pytest.mark.parametrize("fault", ["change-ignored", "title-lost", "switched-off"])
def test_f30_f31_a_service_that_does_not_do_what_it_says_is_not_written_to_any_more(
    fault: str, trial: Trial
) -> None:
    trial.planned(promote_two)

    ended = trial.apply_under(fault)

    assert ended.code == 7
    assert len({request.path for request in trial.faulty.writes}) == 1


def test_f03_a_server_that_asks_for_ages_pauses_the_whole_run(trial: Trial) -> None:
    trial.planned(promote_two)

    trial.apply_under(each("throttled-for-ages"))

    assert len(trial.faulty.writes) == 1
    assert trial.apply_under().code == 0
    assert trial.left() == []


def test_f49_a_penalty_after_a_few_writes_is_waited_out(trial: Trial) -> None:
    trial.planned(promote_two, suspend)

    ended = trial.apply_under("penalty")

    assert ended.code == 0, ended.text
    assert trial.effects == PATCHED * 3
    assert trial.waited >= 1.0
    assert trial.left() == []


@pytest.mark.parametrize("fault", ["constant-etag", "weak-etag", "no-etag", "if-match-ignored"])
def test_f23_a_version_that_lies_makes_nothing_safe(fault: str, trial: Trial) -> None:
    """Somebody changes the title between plan and apply; the version says that nobody did."""
    trial.planned(promote)
    with open_target(trial.start.url) as target:
        meddled = [{"op": "replace", "path": "title", "value": "Queen"}]
        target.patch(ResourceType.USER, trial.shown("ada")["id"], meddled)

    ended = trial.apply_under(fault)

    assert ended.code == 7
    assert trial.ended_badly() == ["conflict EntryConflict"]
    assert trial.faulty.writes == []
    assert trial.shown("ada")["title"] == "Queen"


@pytest.mark.parametrize("fault", ["status-405", "status-501"])
def test_f25_nothing_is_replaced_where_patch_is_not_supported(fault: str, trial: Trial) -> None:
    trial.planned(promote)

    trial.apply_under(fault)

    assert {request.method for request in trial.faulty.writes} == {"PATCH"}


def test_inv_23_three_unanswered_operations_in_a_row_end_the_run(trial: Trial) -> None:
    for person in trial.company.people.values():
        person["jobTitle"] = "Director"
    trial.planned()

    ended = trial.apply_under(each("hang-up"))

    assert ended.code == 7
    assert len({request.path for request in trial.faulty.writes}) == 3
