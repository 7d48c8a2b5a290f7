"""When a job is tried again by itself: quarantine says so, and nobody else."""

from datetime import UTC, datetime, timedelta

import pytest

from reconciler.fleet.job import LOCK_WAIT, Ended, next_attempt
from reconciler.plan.quarantine import Attempt, Cause, Ending, Health, judge
from reconciler.workflow.exit_codes import ExitCode
from reconciler.workflow.watch import InQuarantine

BEGAN = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
NOW = BEGAN + timedelta(minutes=1)
HOUR = timedelta(hours=1)


def after(*causes: Cause, at: datetime = NOW) -> Health:
    """Return how an application is after failed attempts, the last one at a time."""
    times = [at - timedelta(days=len(causes) - n - 1) for n in range(len(causes))]
    failed = zip(times, causes, strict=True)
    return judge(Attempt(at=when, ending=Ending.FAILED, cause=cause) for when, cause in failed)


EARLY = Ended(ExitCode.BLOCKED, InQuarantine("too early"))
KEPT = Ended(ExitCode.BLOCKED, InQuarantine("a guard", Cause.GUARD))
DOWN, REFUSED, BLOCKED = Cause.UNREACHABLE, Cause.CREDENTIAL, Cause.GUARD


@pytest.mark.parametrize(
    ("code", "health", "again"),
    [
        pytest.param(ExitCode.DONE, Health(), None, id="done"),
        pytest.param(ExitCode.INTERRUPTED, Health(), NOW, id="told to stop"),
        pytest.param(ExitCode.LOCKED, Health(), NOW + LOCK_WAIT, id="somebody else applies"),
        pytest.param(ExitCode.UNREACHABLE, after(DOWN), NOW, id="not in quarantine yet"),
        pytest.param(ExitCode.UNREACHABLE, after(DOWN, DOWN, DOWN), NOW, id="just in"),
        pytest.param(ExitCode.UNAUTHORIZED, after(REFUSED), NOW, id="in at once"),
        pytest.param(ExitCode.UNAUTHORIZED, after(*[REFUSED] * 3), NOW + HOUR, id="thinner"),
        pytest.param(
            EARLY,
            after(*[REFUSED] * 3, at=BEGAN - HOUR / 2),
            NOW.replace(minute=30),
            id="too early",
        ),
        pytest.param(
            ExitCode.BLOCKED,
            after(*[REFUSED] * 3, at=BEGAN - HOUR / 2),
            None,
            id="a blocked plan in quarantine",
        ),
        pytest.param(ExitCode.BLOCKED, after(BLOCKED), None, id="a guard waits for a person"),
        pytest.param(KEPT, after(BLOCKED, at=BEGAN - HOUR), None, id="and goes on to"),
        pytest.param(ExitCode.BLOCKED, Health(), None, id="a blocked plan"),
        pytest.param(ExitCode.CONFIGURATION, Health(), None, id="a wrong file"),
        pytest.param(ExitCode.REFUSED, Health(), None, id="a plan that does not fit"),
        pytest.param(ExitCode.DEFECT, Health(), None, id="a defect"),
        pytest.param(ExitCode.PARTIAL, Health(), None, id="people refused for their own sake"),
        pytest.param(
            ExitCode.UNREACHABLE, after(DOWN, at=BEGAN - HOUR), None, id="a plan failed, uncounted"
        ),
        pytest.param(ExitCode.UNAUTHORIZED, after(*[REFUSED] * 40), None, id="after four weeks"),
    ],
)
def test_when_a_job_is_tried_again(
    code: ExitCode | Ended, health: Health, again: datetime | None
) -> None:
    ended = code if isinstance(code, Ended) else Ended(code)

    assert next_attempt(health, ended, BEGAN, NOW) == again


def test_a_guard_that_keeps_an_application_in_quarantine_is_a_guard() -> None:
    assert (EARLY.too_early, KEPT.too_early) == (True, False)
