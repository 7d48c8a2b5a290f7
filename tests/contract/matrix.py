"""
The fault matrix as data: what is injected, and what is to become of it.

A row is a test. The marks name who builds what the engine does not show yet;
they are strict, so whoever builds it takes the mark away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from reconciler.testing.schedule import Line
from tests.contract.trial import Trial, Wish, impatient, names
from tests.servers import TOKEN

SLOW = frozenset({"silent", "silent-after-commit", "slow-head", "slow-body"})
"""Faults that take time unless the client gives up soon."""

Operations = list[tuple[str, str]]


@dataclass(frozen=True)
class Reading:
    """A plan under faults."""

    schedule: tuple[Line, ...]
    code: int = 0
    """0: the plan is the one that an honest service would have led to."""
    words: tuple[str, ...] = ()
    """What the message says."""
    least: float = 0.0
    """Seconds that are waited at least."""
    requests: int | None = None
    """Requests for users, in all; None is as many as it takes."""


@dataclass(frozen=True)
class Writing:
    """An apply under faults."""

    wish: Wish
    schedule: tuple[Line, ...]
    code: int
    effects: Sequence[str]
    """Method and endpoint of each write that was carried out."""
    codes: Sequence[str] | None = ()
    """Kind and code in the journal of what was not done; None is any."""
    left: Operations | None = None
    """What a plan on an honest service finds afterwards; None is anything."""
    words: tuple[str, ...] = ()
    least: float = 0.0
    sent: int | None = None
    """Writes that arrived at all; None is as many as were carried out, or more."""


def row(case: Reading | Writing, matrix: str, waits_for: str | None = None) -> Any:
    """Return a case as a parameter; its id has the faults of the matrix, and ours."""
    marks = [pytest.mark.xfail(strict=True, reason=waits_for or "", raises=AssertionError)]
    faults = " + ".join(names(case.schedule))
    wish = f" {case.wish.__name__}" if isinstance(case, Writing) else ""
    again = [getattr(line, "nth", None) for line in case.schedule]
    when = " once" if 1 in again else ""
    ident = f"{matrix}{wish} {faults}{when}"
    return pytest.param(case, id=ident, marks=marks if waits_for else ())


def prepare(case: Reading | Writing, patch: pytest.MonkeyPatch) -> None:
    """Let the client give up soon where a fault takes time."""
    if SLOW & set(names(case.schedule)):
        impatient(patch)


def check_reading(case: Reading, trial: Trial, wished: Operations) -> None:
    """Plan, and compare: the honest plan, or none at all and the reason."""
    before = trial.company.plans()
    ended = trial.plan_under(*case.schedule)

    said = " ".join(ended.text.split())
    assert ended.code == case.code, said
    assert [word for word in case.words if word not in said] == [], said
    assert not {word for word in (TOKEN, "Traceback", "sign in") if word in said}
    assert trial.faulty.writes == []
    assert trial.waited >= case.least
    if case.requests is not None:
        assert len(trial.asked("/Users")) == case.requests
    if case.code == 0:
        assert [(act, key.lower()) for act, key in trial.company.operations()] == wished
    else:
        assert trial.company.plans() == before


def check_writing(case: Writing, trial: Trial) -> None:
    """Plan honestly, apply under faults, and look at what was done with clear eyes."""
    trial.planned(case.wish)
    there = set(trial.stored())
    ended = trial.apply_under(*case.schedule)

    said = " ".join(ended.text.split())
    assert "Traceback" not in said
    assert ended.code == case.code, said
    assert trial.effects == list(case.effects)
    assert case.codes is None or trial.ended_badly() == list(case.codes)
    assert [word for word in case.words if word not in said] == [], said
    assert trial.waited >= case.least
    assert case.sent is None or len(trial.faulty.writes) == case.sent
    assert len(set(trial.stored())) == len(trial.stored()), "something is there twice"
    assert len(there - set(trial.stored())) <= 1
    if case.left is not None:
        assert trial.left() == case.left


def faults_of(*tables: Sequence[Any]) -> set[str]:
    """Return the names of the faults that some tables inject."""
    return {name for table in tables for param in table for name in names(param.values[0].schedule)}
