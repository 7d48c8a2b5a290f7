"""
``explain``: everything that would be decided for one person, changing nothing.

It makes the plan for that person alone, and shows how it came about, in the four
steps of :mod:`reconciler.workflow.four_steps`. ``plan --user`` shows the same below
the plan that it has made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reconciler.desired import Judge
from reconciler.directory import Subject
from reconciler.plan.document import Plan
from reconciler.plan.request import PlanRequest
from reconciler.scim.schema import CORE
from reconciler.workflow.four_steps import Section, judged, planned
from reconciler.workflow.make_plan import Wish, make_plan
from reconciler.workflow.project import Project
from reconciler.workflow.selection import find_subject
from reconciler.workflow.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one application would decide for one person."""

    application: str
    user: str
    sections: tuple[Section, ...]


def explain(
    project: Project, name: str, user: str, wiring: Wiring, as_of: datetime, *, offline: bool
) -> Explanation:
    """
    Explain one person to one application.

    Raises:
        ConfigError: The source holds nobody called *user*.
        TargetError, ReadIncomplete: The target cannot be read (unless *offline*).
    """
    application = project.application(name)
    with project.quoted():
        directory = wiring.source(project).read()
        subject = find_subject(directory, user)
        judge = Judge(application, directory, as_of, CORE, project.locate_in(name))
    if offline:
        told = tuple(judged(judge, subject, application, project.left_out(name)))
        return Explanation(name, _known(judge, subject, user), told)
    requests: list[PlanRequest] = []
    wish = Wish(as_of, users=(subject.anchor,), keep_request=requests.append)
    plan = make_plan(project, name, wiring, wish)
    told = _sections(requests[0], plan, subject)
    return Explanation(name, _known(judge, subject, user), told)


def explain_planned(request: PlanRequest, plan: Plan, user: str) -> Explanation:
    """
    Explain one of the people that *plan*, made from *request*, is about.

    Raises:
        ConfigError: The source holds nobody called *user*.
    """
    subject = find_subject(request.judge.directory, user)
    known = _known(request.judge, subject, user)
    return Explanation(request.name, known, _sections(request, plan, subject))


def _known(judge: Judge, subject: Subject, user: str) -> str:
    """Return whom an explanation is about; by objectId, when no output shows names (Redact)."""
    return subject.anchor if judge.users.hides_name else user


def _sections(request: PlanRequest, plan: Plan, subject: Subject) -> tuple[Section, ...]:
    """Return all four steps."""
    candidate = request.judge.user(subject)
    return (
        *judged(request.judge, subject, request.application, request.left_out),
        *planned(candidate, request.live, request.recorded, plan),
    )
