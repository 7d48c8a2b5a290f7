"""
What an apply makes of a service that misbehaves while members come and go.

Nobody loses a membership that no plan names, and where somebody has lost one, it
is said.
"""

import re
from collections import Counter
from collections.abc import Iterator
from threading import Lock
from time import sleep
from typing import Any

import pytest

from reconciler.testing import Fault, Inject, Reply, Request, Turn
from reconciler.testing.fault import GROUP_CHANGES
from tests.contract.matrix import Operations, Writing, check_writing, prepare, row
from tests.contract.trial import Trial, Wish, dismiss, enlist, found, hire, purge

PATCHED = ["PATCH Groups"]
FOUNDED = ["POST Groups", "PATCH Groups"]
BAD = "failed SystemForCrossDomainIdentityManagementServiceIncompatible"
COME: Operations = [("add_members", "Sales")]
GONE: Operations = [("remove_members", "Sales")]
WISHES: tuple[tuple[Wish, Operations], ...] = ((enlist, COME), (dismiss, GONE))


def each(fault: str) -> Inject:
    """Inject a fault into every change."""
    return Inject(fault, method="PATCH")


def both_ways() -> Iterator[Any]:
    """Yield what is the same for members who come and members who go."""
    for wish, left in WISHES:
        for name, matrix in (("status-503", "F04"), ("hang-up", "F06"), ("throttled", "F01")):
            again = Writing(
                wish, (Inject(name, nth=1, method="PATCH"),), 0, PATCHED, left=[], sent=2
            )
            yield row(again, matrix)
        for name, matrix in (("broken-after-commit", "F05"), ("lost-answer", "F07")):
            yield row(Writing(wish, (each(name),), 0, PATCHED, left=[], sent=1), matrix)
        for name, matrix, code in (
            ("status-503", "F04", "failed InternalServerError"),
            ("hang-up", "F06", "failed Timeout"),
            ("status-413", "F24", "failed UnprocessableEntity"),
            ("status-405", "F25", "failed MethodNotAllowed"),
            ("change-ignored", "F30", BAD),
            ("echo-of-nothing", "F32", BAD),
        ):
            yield row(Writing(wish, (each(name),), 7, [], [code], left), matrix)
        done = Writing(wish, ("change-lag",), 0, PATCHED, left=[], sent=1)
        yield row(done, "F33 F34")
        for name in ("members-wiped", "member-lost"):
            lost = Writing(wish, (name,), 7, PATCHED, [BAD], words=("members",), sent=1)
            yield row(lost, "F31")
        gone = Writing(wish, (each("gone-meanwhile"),), 7, [], ["conflict InvalidAnchor"], sent=1)
        yield row(gone, "F19")
        late = Writing(wish, (Inject("late-commit", nth=1),), 0, PATCHED, left=[], sent=1)
        yield row(late, "F35")


def many() -> Iterator[Any]:
    """Yield limits on members in one request."""
    split = ["POST Groups", "PATCH Groups", "PATCH Groups"]
    for name in ("members-413", "members-400"):
        yield row(Writing(found, (name,), 0, split, left=[]), "F24")
        yield row(Writing(enlist, (name,), 0, PATCHED, left=[], sent=1), "F24")
    half = Writing(found, ("half-of-the-members",), 7, split, [BAD], words=("members",), sent=3)
    yield row(half, "F30")


def hidden() -> Iterator[Any]:
    """Yield members that the service does not show, or not all of them."""
    yield row(Writing(enlist, ("members-not-listed",), 0, PATCHED, left=[], sent=1), "F45")
    shown = Writing(dismiss, ("members-not-listed",), 0, PATCHED, left=[], sent=1)
    yield row(shown, "F45")
    for name in ("members-unreadable", "members-cut-off"):
        twice = Writing(enlist, (name,), 7, PATCHED * 2, [BAD], [], words=("members",))
        yield row(twice, "F45")


CASES = [*both_ways(), *many(), *hidden()]


@pytest.mark.parametrize("case", CASES)
def test_members_are_who_a_read_shows(
    case: Writing, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INV-14 and INV-17; rows F04 to F07, F19, F24, F25, F30 to F35 and F45."""
    prepare(case, monkeypatch)

    check_writing(case, trial)


@pytest.mark.parametrize("wish", [hire, enlist, dismiss, found, purge])
def test_f47_f48_members_are_named_one_by_one(wish: Wish, trial: Trial) -> None:
    """No request replaces the list, none removes without a name, and no group gets a PUT."""
    trial.planned(wish)

    trial.apply_under()

    changes = [each for each in trial.faulty.writes if each.path.startswith("/Groups/")]
    assert changes
    assert {each.method for each in changes} == {"PATCH"}
    for operation in (op for each in changes for op in each.json()["Operations"]):
        named = operation["op"] == "add" and operation["path"] == "members"
        removed = operation["op"] == "remove"
        assert named or removed
        assert named or re.fullmatch(r'members\[value eq "[0-9a-f]+"\]', operation["path"])


def test_f47_who_is_taken_out_meanwhile_by_somebody_else_is_not_put_back(trial: Trial) -> None:
    trial.planned(enlist)

    ended = trial.apply_under(Inject("member-meanwhile", nth=1))

    assert ended.code == 0, ended.text
    change = trial.faulty.writes[-1].json()["Operations"]
    assert change == [
        {
            "op": "add",
            "path": "members",
            "value": [{"value": trial.shown("eve")["id"], "type": "User"}],
        }
    ]
    assert len(trial.shown("Sales")["members"]) == 4


@pytest.mark.parametrize("fault", ["members-unreadable", "members-cut-off"])
def test_f45_who_cannot_be_seen_in_a_group_is_not_taken_out(fault: str, trial: Trial) -> None:
    trial.planned(dismiss)

    ended = trial.apply_under(fault)

    assert ended.code in {5, 7, 9}
    assert trial.faulty.writes == []
    assert len(trial.shown("Sales")["members"]) == 4
    assert trial.left() == GONE


class Crowd:
    """An act that holds each request for a moment, and knows how many were there at once."""

    def __init__(self) -> None:
        self.most = 0
        self._now = Counter[str]()
        self._lock = Lock()

    def __call__(self, request: Request, turn: Turn) -> Reply:
        with self._lock:
            self._now[request.path] += 1
            self.most = max(self.most, self._now[request.path])
        sleep(0.02)
        reply = turn.forward(request)
        with self._lock:
            self._now[request.path] -= 1
        return reply


def test_f47_a_group_has_one_change_in_flight(trial: Trial) -> None:
    crowd = Crowd()
    trial.company.target["concurrency"] = 8
    trial.planned(enlist, dismiss, hire, found)

    ended = trial.apply_under(Fault("crowd", "F47", "a moment", GROUP_CHANGES, crowd))

    assert ended.code == 0, ended.text
    assert crowd.most == 1
    assert trial.left() == []
