"""
``test``: the tests of the file, run offline against the source.

A test names a person and what is expected of them; a failing one says what was
found instead, and shows how it came about, as ``explain`` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.config.model import Application, ConfigTest
from reconciler.desired import Judge
from reconciler.diagnostics import ConfigError
from reconciler.diff import Comparator
from reconciler.directory import Subject
from reconciler.render.values import value as shown_value
from reconciler.scim.schema import CORE
from reconciler.scope.decide import Cause, Decision
from reconciler.scope.roles import DEFAULT_ACCESS
from reconciler.states import (
    HIDDEN,
    MADE_AT_APPLY,
    Candidate,
    DesiredValue,
    FirstFree,
    Generated,
    ReferenceTo,
    RoleList,
)
from reconciler.workflow.four_steps import Section, judged
from reconciler.workflow.project import Project
from reconciler.workflow.selection import find_subject
from reconciler.workflow.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Tested:
    """The outcome of one test."""

    application: str
    user: str
    problems: tuple[str, ...]
    """What was expected and what was found; empty when the test passed."""
    because: str
    """The decision that led there."""
    sections: tuple[Section, ...] = ()
    """How it came about; empty when the test passed, or named nobody."""


def run_tests(project: Project, wiring: Wiring, as_of: datetime) -> tuple[Tested, ...]:
    """
    Run every test of the file, in its order.

    Raises:
        ConfigError: The source cannot be used.
    """
    tested: list[Tested] = []
    with project.quoted():
        directory = wiring.source(project).read()
        for name, application in project.loaded.config.applications.items():
            if application.tests:
                judge = Judge(application, directory, as_of, CORE, project.locate_in(name))
                tested.extend(_run(name, judge, application, test) for test in application.tests)
    return tuple(tested)


def _run(name: str, judge: Judge, application: Application, test: ConfigTest) -> Tested:
    """Run one test."""
    try:
        subject = find_subject(judge.directory, test.user)
    except ConfigError as exc:
        return Tested(name, test.user, (exc.diagnostics[0].message,), "nobody to judge")
    decision = judge.scope.decide(subject)
    candidate = judge.user(subject)
    problems = tuple(_problems(test, subject, decision, candidate))
    sections = tuple(judged(judge, subject, application)) if problems else ()
    known = subject.anchor if judge.users.hides_name else test.user
    return Tested(name, known, problems, candidate.reason, sections)


def _problems(
    test: ConfigTest, subject: Subject, decision: Decision, candidate: Candidate
) -> Iterator[str]:
    """Yield what differs from what the test expects."""
    expect = test.expect
    in_scope = decision.cause is Cause.IN_SCOPE and subject.enabled and not subject.deleted
    if expect.in_scope is not None and expect.in_scope is not in_scope:
        yield f"in_scope: expected {_word(expect.in_scope)}, found {_word(in_scope)}"
    role = decision.roles[0].name if decision.roles else DEFAULT_ACCESS
    if expect.role is not None and expect.role != role:
        yield f"role: expected {expect.role}, found {role}"
    if expect.skipped is not None and expect.skipped != candidate.code:
        yield f"skipped: expected {expect.skipped}, found {candidate.code or 'not skipped'}"
    created = candidate.desired.created if candidate.desired else {}
    yield from _attribute_problems(expect.attributes, created, candidate.redacted)


def _attribute_problems(
    expected: Mapping[str, str | bool | int | None],
    created: Mapping[str, DesiredValue],
    hidden: frozenset[str],
) -> Iterator[str]:
    """Yield the attributes that would not be written as expected."""
    comparator = Comparator("User", CORE)
    masked = {name.lower() for name in hidden}
    for path, wanted in expected.items():
        found = next((v for name, v in created.items() if name.lower() == path.lower()), None)
        value = _comparable(found)
        exact = value == wanted or (isinstance(value, bool) and str(value) == str(wanted))
        if not exact and not (isinstance(value, bool) and comparator.same(path, value, wanted)):
            if path.lower() in masked:
                yield f"{path}: expected another value than what was found; {HIDDEN} hides both"
            else:
                yield f"{path}: expected {_written(wanted)}, found {_written(value)}"


def _comparable(value: DesiredValue) -> object:
    """
    Return what a test compares; offline nobody has an account, and every value is free.

    For what is generated at apply those words stand: more is not known of it.
    """
    if isinstance(value, ReferenceTo):
        return value.source_id
    if isinstance(value, FirstFree):
        return value.values[0]
    if isinstance(value, RoleList):
        return str(value)
    return MADE_AT_APPLY if isinstance(value, Generated) else value


def _written(value: object) -> str:
    """Return a value as the file spells it."""
    return "null" if value is None else shown_value(value)


def _word(flag: bool) -> str:
    """Return a boolean as the file spells it."""
    return "true" if flag else "false"
