"""
What an apply makes of a service that misbehaves while somebody is created.

A create is the one write that cannot simply be sent again. Whatever becomes of the
answer, there is one account in the end or none, and the journal says which.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.testing import Inject
from reconciler.testing.schedule import Line
from tests.contract.matrix import Operations, Writing, check_writing, prepare, row
from tests.contract.trial import Trial, found, hire

DONE = ["POST Users", "PATCH Groups"]
FOUNDED = ["POST Groups", "PATCH Groups"]
NO_MEMBER = "conflict UnableToResolveReferenceAttributeValue"
LEFT: Operations = [("create", "gus@contoso.example"), ("add_members", "Staff")]
LINK: Operations = [("link", "gus@contoso.example"), ("add_members", "Staff")]


def first(fault: str) -> Inject:
    """Inject a fault into the first create."""
    return Inject(fault, nth=1, method="POST")


def each(fault: str) -> Inject:
    """Inject a fault into every create."""
    return Inject(fault, method="POST")


def done(*schedule: Line, **more: Any) -> Writing:
    """Say that Gus is there in the end, and in his group, and once."""
    return Writing(hire, schedule, 0, DONE, left=[], **more)


def undone(*schedule: Line, code: str, **more: Any) -> Writing:
    """Say that nothing was created, and why."""
    return Writing(hire, schedule, 7, [], [f"failed {code}", NO_MEMBER], LEFT, **more)


def on_hold(*schedule: Line, **more: Any) -> Writing:
    """Say that nothing was created, and that nothing else was tried."""
    return Writing(hire, schedule, 7, [], ["failed TooManyRequests"], LEFT, **more)


def sent_again() -> Iterator[Any]:
    """Yield what certainly or possibly did not arrive, and is sent again after a look."""
    for name in ("throttled", "throttled-x", "throttled-date"):
        yield row(done(first(name), sent=3, least=1.0), "F01 F02")
    for code in (500, 502, 503, 504):
        yield row(done(first(f"status-{code}"), sent=3), "F04")
    yield row(done(first("unavailable"), sent=3, least=1.0), "F04")
    for name in ("hang-up", "reset"):
        yield row(done(first(name), sent=3), "F06")
    yield row(done(first("silent"), sent=3), "F08")
    yield row(done(first("stale-connection"), sent=3), "F27")


def adopted() -> Iterator[Any]:
    """Yield what was carried out and badly answered: it is found, and not sent again."""
    rows = {
        "broken-after-commit": "F05",
        "gateway-timeout-after-commit": "F05",
        "lost-answer": "F07",
        "reset-after-commit": "F07",
        "half-head-after-commit": "F07 F10",
        "silent-after-commit": "F08",
        "create-without-body": "F12",
        "create-with-html": "F12",
        "conflict-after-commit": "F20",
        "stale-connection-after-commit": "F27",
        "accepted-later": "F33",
        "create-without-id": "F46",
    }
    for name, matrix in rows.items():
        yield row(done(each(name), sent=2), matrix)
        yield row(Writing(found, (each(name),), 0, FOUNDED, left=[], sent=2), matrix)


FILTERS = (
    "filter-ignored",
    "filter-finds-nobody",
    "filter-finds-a-stranger",
    "filter-minds-case",
    "filter-cut-off",
    "filter-refused",
    "filter-unsupported",
    "filter-too-many",
    "status-414",
)


def looked_up() -> Iterator[Any]:
    """Yield filters that lie, alone and where a lost create has to be looked up."""
    for name in FILTERS:
        yield row(done(name, sent=2), "F24 F41 F42 F43")
        yield row(done(each("lost-answer"), name, sent=2), "F07 F24 F41 F42 F43")


def refused() -> Iterator[Any]:
    """Yield what is not created."""
    yield row(on_hold(each("throttled"), sent=5), "F01")
    yield row(on_hold(each("throttled-for-ages"), sent=1), "F03")
    for code in (500, 502, 503, 504):
        case = undone(each(f"status-{code}"), code="InternalServerError", sent=3)
        yield row(case, "F04")
    for name, matrix in (("hang-up", "F06"), ("reset", "F06"), ("silent", "F08")):
        yield row(undone(each(name), code="Timeout", sent=3), matrix)
    yield row(undone(each("redirect-307"), code="WebExceptionProtocolError", sent=1), "F11")
    yield row(undone(each("write-with-html-instead"), code="Timeout", sent=3), "F12 F30")
    for code in (401, 403):
        word = {401: "Unauthorized", 403: "InsufficientRights"}[code]
        then = [NO_MEMBER] if code == 403 else []  # which may be about one person alone
        said = [f"failed {word}", *then]
        stopped = Writing(hire, (each(f"status-{code}"),), 4, [], said, LEFT, sent=1)
        yield row(stopped, "F15 F16")
    yield row(undone(each("status-404"), code="InvalidAnchor", sent=1), "F17")
    yield row(undone(each("status-409"), code="EntryConflict", sent=1), "F20")
    yield row(undone(each("status-412"), code="EntryConflict", sent=1), "F22")
    yield row(undone(each("status-413"), code="UnprocessableEntity", sent=1), "F24")
    yield row(undone(each("create-ignored"), code="NotImplemented", sent=1), "F30")
    yield row(undone(each("accepted-and-dropped"), code="Timeout", sent=1), "F30")


CONFLICT = ["conflict EntryConflict", NO_MEMBER]
BAD = "SystemForCrossDomainIdentityManagementServiceIncompatible"

IN_DOUBT = [
    row(Writing(hire, ("taken-meanwhile",), 7, [], CONFLICT, LINK, sent=1), "F20"),
    row(
        Writing(hire, (each("lost-answer"), "taken-meanwhile"), 7, [], CONFLICT, LINK, sent=1),
        "F07 F20",
    ),
    row(
        Writing(hire, (each("lost-answer"), "filter-finds-twins"), 7, ["POST Users"], None, sent=1),
        "F07 F42",
    ),
    row(done(each("create-lag"), sent=2), "F33"),
    row(Writing(found, (each("create-lag"),), 0, FOUNDED, left=[], sent=2), "F33"),
    row(
        Writing(
            hire,
            (each("create-never-shown"),),
            7,
            ["POST Users"],
            ["failed NotImplemented", NO_MEMBER],
            LINK,
            sent=1,
        ),
        "F33",
    ),
    row(
        Writing(
            found,
            (each("create-without-body"), each("create-lag")),
            0,
            FOUNDED,
            left=[],
            sent=2,
        ),
        "F33",
    ),
    row(done(first("late-commit"), sent=2), "F35"),
    row(Writing(found, (first("late-commit"),), 0, FOUNDED, left=[]), "F35"),
    row(
        Writing(hire, ("another-resource",), 7, ["POST Users"], [f"failed {BAD}", NO_MEMBER], LINK),
        "F44",
    ),
    row(
        Writing(
            hire,
            (each("create-with-path-id"),),
            7,
            ["POST Users"],
            [f"failed {BAD}", NO_MEMBER],
            LINK,
            sent=1,
        ),
        "F46",
    ),
    row(Writing(found, (each("create-ignored"),), 7, [], None, sent=1), "F30"),
]
"""Creates of which one thing is certain: they are not sent again blindly."""


CASES = [*sent_again(), *adopted(), *looked_up(), *refused(), *IN_DOUBT]


@pytest.mark.parametrize("case", CASES)
def test_there_is_one_account_or_none(
    case: Writing, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INV-13 and INV-14; rows F01 to F12, F20, F24, F27, F30, F33, F35 and F41 to F46."""
    prepare(case, monkeypatch)

    check_writing(case, trial)


@pytest.mark.parametrize("fault", ["status-503", "hang-up", "throttled-for-ages", "status-401"])
def test_inv_15_what_a_fault_cut_short_is_finished_by_the_same_command(
    fault: str, trial: Trial
) -> None:
    trial.planned(hire)
    trial.apply_under(each(fault))

    ended = trial.apply_under()

    assert ended.code == 0, ended.text
    assert trial.effects == DONE
    assert trial.left() == []


def test_f20_a_name_that_somebody_else_took_is_theirs(trial: Trial) -> None:
    trial.planned(hire)

    trial.apply_under("taken-meanwhile")

    assert "externalId" not in trial.shown("gus")
    assert trial.shown("gus")["id"] not in str(trial.shown("Staff"))
