"""Quarantine as a fold over attempts: in, thinner, out, over."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.plan.guards import GUARDS
from reconciler.plan.quarantine import (
    GIVING_GUARDS,
    IN_A_ROW,
    LONGEST,
    MEANINGS,
    WAITS,
    Attempt,
    Cause,
    Ending,
    Health,
    Tripped,
    judge,
    lets_through,
)

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONFIG, OTHER = "a" * 64, "b" * 64

LETTERS = {
    "c": Cause.CREDENTIAL,
    "g": Cause.GUARD,
    "b": Cause.BUDGET,
    "u": Cause.UNREACHABLE,
    "i": Cause.INCOMPLETE,
    "f": Cause.FAILED,
    "x": Cause.UNFINISHED,
}
ENDINGS = {"+": Ending.THROUGH, "-": Ending.NEITHER, "!": Ending.CLEARED}


def history(told: str) -> list[Attempt]:
    """Return attempts, one an hour: a letter failed, + went through, - neither, ! was cleared."""
    return [
        Attempt(START + number * HOUR, ENDINGS.get(letter, Ending.FAILED), LETTERS.get(letter),
                CONFIG)
        for number, letter in enumerate(told)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "since", "failures"),
    [
        pytest.param("", None, 0, id="nothing was attempted"),
        pytest.param("c", 0, 1, id="a refused credential, at once"),
        pytest.param("g", 0, 1, id="a guard, at once"),
        pytest.param("b", 0, 1, id="a spent budget, at once"),
        pytest.param("uu", None, 2, id="twice unreachable"),
        pytest.param("uuu", 2, 1, id="three times unreachable"),
        pytest.param("uix", 2, 1, id="three failures of three kinds"),
        pytest.param("uu+u", None, 1, id="one that went through begins anew"),
        pytest.param("uu-u", 3, 1, id="one that says nothing does not"),
        pytest.param("uc", 1, 1, id="at once, whatever was before"),
        pytest.param("cccc", 0, 4, id="failures inside are counted"),
        pytest.param("c+", None, 0, id="out by a run"),
        pytest.param("c!", None, 0, id="out by a person"),
        pytest.param("c-", 0, 1, id="not out by one that says nothing"),
        pytest.param("c+c", 2, 1, id="in again"),
    ],
)
def test_the_fold(told: str, since: int | None, failures: int) -> None:
    health = judge(history(told))

    assert health.since == (None if since is None else START + since * HOUR)
    assert health.failures == failures


@given(st.text("cgbuifx+-!", max_size=12))
def test_health_follows_from_what_came_after_all_was_well(told: str) -> None:
    """A second, slower way to say the same."""
    tail = told.replace("!", "+").rpartition("+")[2].replace("-", "")
    inside = any(letter in "cgb" for letter in tail) or len(tail) >= IN_A_ROW

    assert (judge(history(told)).since is not None) is inside


@pytest.mark.parametrize(("failures", "hours"), [*enumerate((0, 0, 1, 2, 4, 8, 16, 24, 24, 24), 1)])
def test_the_waits_grow_to_a_day(failures: int, hours: int) -> None:
    health = judge(history("c" * failures))
    assert health.last is not None

    due = health.last.at + timedelta(hours=hours)
    assert health.next_attempt(health.last.at) == due
    assert lets_through(health, due, CONFIG)
    assert hours == 0 or not lets_through(health, due - timedelta(seconds=1), CONFIG)


def test_the_first_two_retries_are_free() -> None:
    assert WAITS[:3] == (timedelta(), timedelta(), HOUR)


def test_without_a_wait_a_clock_that_is_behind_refuses_nobody() -> None:
    assert lets_through(judge(history("cc")), START - HOUR, CONFIG)


@pytest.mark.parametrize("days", [28, 29, 400])
def test_after_28_days_nothing_goes_by_itself(days: int) -> None:
    health = judge(history("c"))
    now = START + timedelta(days=days)

    assert health.next_attempt(now) is None
    assert not lets_through(health, now, CONFIG)
    assert lets_through(health, START + LONGEST - HOUR, CONFIG)


@pytest.mark.parametrize(
    ("config", "approved", "through"),
    [
        pytest.param(CONFIG, None, False, id="nobody did anything"),
        pytest.param(OTHER, None, True, id="another configuration"),
        pytest.param(None, None, False, id="another one than that at hand"),
        pytest.param(CONFIG, START + HOUR, True, id="approved since"),
        pytest.param(CONFIG, START - HOUR, False, id="approved before"),
    ],
)
def test_what_a_person_did_goes_at_once(
    config: str | None, approved: datetime | None, through: bool
) -> None:
    health = judge(history("ccc"))

    assert lets_through(health, START + 2 * HOUR, config, approved) is through


@pytest.mark.parametrize(
    ("cause", "blocked", "unblocked", "through"),
    [
        pytest.param(Cause.GUARD, "a" * 64, "b" * 64, True, id="other operations"),
        pytest.param(Cause.GUARD, "a" * 64, "a" * 64, False, id="the same operations"),
        pytest.param(Cause.GUARD, "a" * 64, None, False, id="blocked as well"),
        pytest.param(Cause.GUARD, None, "b" * 64, False, id="nobody knows which were blocked"),
        pytest.param(Cause.CREDENTIAL, "a" * 64, "b" * 64, False, id="no guard"),
    ],
)
def test_a_guard_holds_back_the_operations_that_it_blocked(
    cause: Cause, blocked: str | None, unblocked: str | None, through: bool
) -> None:
    last = Attempt(START, Ending.FAILED, cause, CONFIG, operations_digest=blocked)
    health = Health(3, START, last)

    assert lets_through(health, START, CONFIG, unblocked=unblocked) is through
    assert not lets_through(health, START + LONGEST, CONFIG, unblocked=unblocked)


def test_a_record_that_does_not_know_its_configuration_lets_nobody_pass() -> None:
    last = Attempt(START, Ending.FAILED, Cause.CREDENTIAL)
    health = Health(5, START, last)

    assert not lets_through(health, START, OTHER)


def test_everybody_is_let_through_outside() -> None:
    assert lets_through(judge(history("uu")), START, CONFIG)


@pytest.mark.parametrize(
    ("guards", "reason", "told"),
    [
        (
            ("delete_users",),
            "TooManyDeletes",
            "the guard delete_users blocks what the plan would do (TooManyDeletes)",
        ),
        (
            ("rename_users", "delete_users"),
            "TooManyDeletes",
            "the guards rename_users and delete_users block what the plan would do "
            "(TooManyDeletes)",
        ),
        (("rename_users",), "Unknown", "the guard rename_users blocks what the plan would do"),
    ],
)
def test_the_reason_of_a_guard_is_that_of_what_it_guards(
    guards: tuple[str, ...], reason: str, told: str
) -> None:
    tripped = tuple(Tripped(guard, 12, 200, 3) for guard in guards)
    health = judge([Attempt(START, Ending.FAILED, Cause.GUARD, CONFIG, guards=tripped)])

    assert (health.reason, health.told) == (reason, told)


def test_what_entra_has_no_name_for_is_told_in_our_words() -> None:
    killed = [Attempt(START, Ending.FAILED, Cause.UNFINISHED, CONFIG)] * IN_A_ROW

    assert judge(killed).told == "runs are cut off before they have done anything"


def test_the_reasons_are_those_of_entra() -> None:
    assert {meaning.reason for meaning in MEANINGS.values()} == {
        "EncounteredBaseEscrowThreshold",
        "EncounteredEscrowProportionThreshold",
        "EncounteredQuarantineException",
        "TooManyDeletes",
        "Unknown",
    }
    assert set(MEANINGS) == set(Cause)


def test_guards_over_what_is_given_are_guards() -> None:
    assert {guard.id for guard in GUARDS} >= GIVING_GUARDS


@pytest.mark.parametrize(
    ("told", "hours", "said"),
    [
        pytest.param("c", 0, "tried again at once", id="no wait"),
        pytest.param("ccc", 2, "tried again from 2026-11-23T11:00:00Z on", id="a wait"),
        pytest.param("ccc", 3, "tried again at once", id="the wait is over"),
        pytest.param("c", 28 * 24, "not tried again until it is cleared", id="four weeks"),
        pytest.param(
            "g", 0, "tried again once it is approved, or once its plan is another", id="a guard"
        ),
        pytest.param("g", 28 * 24, "not tried again until it is cleared", id="a guard, four weeks"),
    ],
)
def test_what_will_happen_is_said_in_one_way(told: str, hours: int, said: str) -> None:
    assert judge(history(told)).again(START + hours * HOUR) == said
