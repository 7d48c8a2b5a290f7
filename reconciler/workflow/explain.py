"""
``explain``: everything that would be decided for one person, changing nothing.

In Entra's four steps of provisioning on demand: import, scope, match, act. It
has no logic of its own: it asks the rooms that a plan asks, and shows the steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.config.model import Application, AttributeMapping
from reconciler.desired import Judge
from reconciler.diff import Comparator
from reconciler.directory import Subject
from reconciler.mapping import Line, MappingError
from reconciler.plan.document import Plan
from reconciler.plan.operation import Operation
from reconciler.scim.schema import CORE
from reconciler.states import Candidate, LiveState, Recorded, ReferenceTo, ResourceType
from reconciler.workflow.make_plan import Wish, make_plan
from reconciler.workflow.project import Project
from reconciler.workflow.selection import find_subject
from reconciler.workflow.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Section:
    """One of the four steps, in lines for a person."""

    title: str
    lines: tuple[str, ...]


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
    candidate = judge.user(subject)
    sections = [
        Section("1. Import", tuple(_imported(subject.attributes))),
        Section("2. Scope", tuple(_scoped(judge, subject, candidate))),
        Section("   Mappings", tuple(_mapped(judge, subject, application))),
    ]
    if not offline:
        read: list[LiveState] = []
        wish = Wish(as_of, users=(subject.anchor,), keep_live=read.append)
        plan = make_plan(project, name, wiring, wish)
        recorded = wiring.recorded(project, name, application)
        sections.append(Section("3. Match", tuple(_matched(candidate, read[0], recorded))))
        sections.append(Section("4. Act", tuple(_acted(candidate, plan))))
    return Explanation(name, user, tuple(sections))


def _imported(attributes: Mapping[str, object]) -> Iterator[str]:
    """Yield what the source says."""
    for name, cell in attributes.items():
        yield f"{name} = {cell}"


def _scoped(judge: Judge, subject: Subject, candidate: Candidate) -> Iterator[str]:
    """Yield every clause and its truth, then the decision."""
    for step in judge.scope.explain(subject):
        yield f"[{'x' if step.holds else ' '}] {step.title}: {step.detail}"
    yield f"=> {candidate.standing.value}: {candidate.reason}"


def _mapped(judge: Judge, subject: Subject, application: Application) -> Iterator[str]:
    """Yield every mapping with its input and its output."""
    decision = judge.scope.decide(subject)
    attributes = judge.attributes(subject, decision, judge.user(subject).standing)
    for mapping, line in zip(application.mappings.users, judge.users.lines, strict=True):
        yield f"{mapping.target} <- {_input(mapping)} = {_output(line, attributes)}"


def _input(mapping: AttributeMapping) -> str:
    """Return where a value comes from, as the file says it."""
    if mapping.expression is not None:
        return mapping.expression
    return f"[{mapping.source}]" if mapping.source is not None else repr(mapping.constant)


def _output(line: Line, attributes: Mapping[str, object]) -> str:
    """Return what a mapping yields, or why it cannot."""
    try:
        value = line.yields(attributes)  # type: ignore[arg-type]
    except MappingError as exc:
        return f"cannot be worked out: {exc}"
    if isinstance(value, ReferenceTo):
        return f"whoever has objectId {value.source_id}"
    return "nothing" if value is None else repr(value)


def _matched(candidate: Candidate, live: LiveState, recorded: Recorded) -> Iterator[str]:
    """Yield what the account was looked for by, in this order, and what was found."""
    linked = recorded.links.get((ResourceType.USER, candidate.source_id))
    if linked is not None:
        known = any(resource["id"] == linked for resource in live.users.resources)
        yield f"recorded link: account {linked}{'' if known else ', which is no longer there'}"
    comparator = Comparator(ResourceType.USER.value, live.capabilities.schemas)
    for path, value in candidate.matching:
        attribute = comparator.attribute(path)
        wanted = attribute.canonical(value) if value else None
        found = [
            str(resource["id"])
            for resource in live.users.resources
            if wanted is not None and attribute.canonical(attribute.read(resource)) == wanted
        ]
        which = f"account {', '.join(found)}" if found else "no account"
        yield f"{path} = {value if value else 'nothing'}: {which}"


def _acted(candidate: Candidate, plan: Plan) -> Iterator[str]:
    """Yield what a plan would do."""
    for operation in plan.body.operations:
        yield from _described(operation)
    for skipped in plan.body.skipped:
        yield f"skipped: {skipped.code}: {skipped.detail}"
    if not plan.body.operations and not plan.body.skipped:
        yield f"nothing to do: {candidate.code or 'RedundantExport'}"


def _described(operation: Operation) -> Iterator[str]:
    """Yield an operation and its changes."""
    yield f"{operation.action.value} {operation.resource_type.value} {operation.key}"
    for change in operation.changes:
        yield f"  {change.path}: {change.before!r} -> {change.after!r}"
    for reference in operation.references:
        yield f"  {reference.path}: {reference.display} (known after apply)"
