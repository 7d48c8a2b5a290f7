"""
One person's way through a plan, in the four steps of Entra's provisioning on demand.

Import, scope, match, act: what the source says, every clause and its truth, every
mapping with what goes in and what comes out, what the account was looked for by,
and what would be done (entra.md, section 7). There is no logic here: the rooms that
make a plan are asked, and what they answer is put in words.

What an expression hides with `Redact` is hidden here too, and so are the source
attributes that it reads inside `Redact`.

Used by ``explain``, by ``plan --user``, and by ``test`` to say why a test failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.config.kept import LeftOut
from reconciler.config.model import Application, AttributeMapping
from reconciler.desired import Judge
from reconciler.diff import Comparator
from reconciler.directory import Subject
from reconciler.expr import RoleGrant, Value, parse
from reconciler.expr.nodes import Attribute, Call, walk
from reconciler.expr.surroundings import REDACTING_FUNCTIONS
from reconciler.mapping import Line
from reconciler.plan.document import Leaver, Plan
from reconciler.plan.drafts import plain
from reconciler.plan.operation import Operation
from reconciler.render.values import shown
from reconciler.render.values import value as shown_value
from reconciler.scim.roles import is_role_list
from reconciler.shapes import MappingError
from reconciler.states import (
    HIDDEN,
    Candidate,
    DesiredValue,
    FirstFree,
    LiveState,
    Recorded,
    ReferenceTo,
    Resource,
    ResourceType,
)


@dataclass(frozen=True, slots=True)
class Section:
    """One of the four steps, in lines for a person."""

    title: str
    lines: tuple[str, ...]


def judged(
    judge: Judge, subject: Subject, application: Application, left_out: Sequence[LeftOut] = ()
) -> list[Section]:
    """Return what can be said without the target: import, scope, mappings, and those *left_out*."""
    hidden = hidden_attributes(application)
    candidate = judge.user(subject)
    return [
        Section("1. Import", tuple(_imported(subject.attributes, hidden))),
        Section("2. Scope", tuple(_scoped(judge, subject, candidate, hidden))),
        Section(
            "   Mappings", (*_mapped(judge, subject, application, hidden), *_not_kept(left_out))
        ),
    ]


def planned(candidate: Candidate, live: LiveState, recorded: Recorded, plan: Plan) -> list[Section]:
    """Return what the target, and a plan for this one person, add: match and act."""
    return [
        Section("3. Match", tuple(_matched(candidate, live, recorded))),
        Section("4. Act", tuple(_acted(candidate, plan))),
    ]


def hidden_attributes(application: Application) -> frozenset[str]:
    """Return the source attributes that some expression reads inside `Redact`."""
    tables = (application.mappings.users, application.mappings.groups or ())
    expressions = [line.expression for table in tables for line in table if line.expression]
    return frozenset(
        inner.name
        for text in expressions
        for node in walk(parse(text).root)
        if isinstance(node, Call) and node.name in REDACTING_FUNCTIONS
        for inner in walk(node)
        if isinstance(inner, Attribute)
    )


def _imported(attributes: Mapping[str, Value], hidden: frozenset[str]) -> Iterator[str]:
    """Yield what the source says."""
    for name, cell in attributes.items():
        yield f"{name} = {HIDDEN if name in hidden else _spoken(cell)}"


def _scoped(
    judge: Judge, subject: Subject, candidate: Candidate, hidden: frozenset[str]
) -> Iterator[str]:
    """Yield every clause and its truth, then the decision."""
    for step in judge.scope.explain(subject, hidden):
        yield f"[{'x' if step.holds else ' '}] {step.title}: {step.detail}"
    yield f"=> {candidate.standing.value}: {candidate.reason}"


def _mapped(
    judge: Judge, subject: Subject, application: Application, hidden: frozenset[str]
) -> Iterator[str]:
    """Yield every mapping with its output and what became of it, then its inputs."""
    decision = judge.scope.decide(subject)
    attributes = judge.attributes(subject, decision, judge.user(subject).standing)
    for mapping, line in zip(application.mappings.users, judge.users.lines, strict=True):
        output, note = _output(mapping, line, attributes)
        yield f"{mapping.target} <- {_source(mapping)} = {output}{note}"
        if mapping.expression is not None and (read := _reads(mapping.expression)):
            inputs = (f"[{n}] = {_input(n, attributes, hidden)}" for n in read)
            yield f"    {'; '.join(inputs)}"


def _not_kept(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """Yield the mappings that take no part."""
    for one in left_out:
        if one.table == "users":
            yield f"{one.target}: left out, the service does not keep it (by its profile)"


def _source(mapping: AttributeMapping) -> str:
    """Return where a value comes from, as the file says it."""
    if mapping.expression is not None:
        return mapping.expression
    return f"[{mapping.source}]" if mapping.source is not None else repr(mapping.constant)


def _reads(expression: str) -> list[str]:
    """Return the attributes that an expression reads, in the order of its text."""
    nodes = walk(parse(expression).root)
    return list(dict.fromkeys(node.name for node in nodes if isinstance(node, Attribute)))


def _input(name: str, attributes: Mapping[str, Value], hidden: frozenset[str]) -> str:
    """Return what goes into an expression."""
    return HIDDEN if name in hidden else _spoken(attributes.get(name))


def _spoken(value: Value) -> str:
    """Return a source value in words: text up to a length, lists laid out, roles by name."""
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return f"({', '.join(map(_spoken, value))})"
    return value.name if isinstance(value, RoleGrant) else shown(str(value))


def _output(
    mapping: AttributeMapping, line: Line, attributes: Mapping[str, Value]
) -> tuple[str, str]:
    """Return what a mapping yields, or why it cannot, and what that means for the account."""
    note = "; on create only" if line.on_create else ""
    note += f"; matching precedence {line.match}" if line.match else ""
    try:
        value = line.yields(attributes)
    except MappingError as exc:
        return f"cannot be worked out: {exc}", note
    if isinstance(value, ReferenceTo):
        return f"whoever has objectId {value.source_id}", note
    if value is None:
        return "nothing", f"{_of_null(line)}{note}"
    return (HIDDEN if line.redacted else _yielded(value)), note


def _yielded(value: DesiredValue) -> str:
    """Return what a mapping yields in words, also what the plan, or apply, has yet to decide."""
    if isinstance(value, FirstFree):
        return f"the first that is free of {', '.join(map(shown_value, value.values))}"
    return shown_value(plain(value))


def _of_null(line: Line) -> str:
    """Say what a null value does to the account (ruling 2)."""
    written = HIDDEN if line.redacted else shown_value(line.default)
    default = "" if line.default is None else f"; a create writes {written}"
    return f"{default}; {_cleared(line)}" if line.clear else default


def _cleared(line: Line) -> str:
    """Say what a null takes from the account: of one role, only what we wrote (ruling 13)."""
    if line.role and not is_role_list(line.target):
        return "what one of `roles` wrote to the account is cleared"
    return "an account's own is cleared"


def _matched(candidate: Candidate, live: LiveState, recorded: Recorded) -> Iterator[str]:
    """Yield what the account was looked for by, in this order, and what was found."""
    linked = recorded.links.get((ResourceType.USER, candidate.source_id))
    comparator = Comparator(ResourceType.USER.value, live.capabilities.schemas)
    named = [_has(comparator, path, value) for path, value in candidate.matching]
    by_link, *by_name = _found(live, [lambda account: account["id"] == linked, *named])
    if linked is not None:
        yield f"recorded link: account {linked}{'' if by_link else ', which is no longer there'}"
    for (path, value), found in zip(candidate.matching, by_name, strict=True):
        which = f"account {', '.join(found)}" if found else "no account"
        name = HIDDEN if path in candidate.redacted else value or "nothing"
        yield f"{path} = {name}: {which}"


def _has(comparator: Comparator, path: str, value: str | None) -> Callable[[Resource], bool]:
    """Return what tells whether an account has a *value* at *path*; nobody has no value."""
    attribute = comparator.attribute(path)
    wanted = attribute.canonical(value) if value else None
    if wanted is None:
        return lambda account: False
    return lambda account: attribute.canonical(attribute.read(account)) == wanted


def _found(live: LiveState, tests: Sequence[Callable[[Resource], bool]]) -> list[list[str]]:
    """Return the ids of the accounts that pass each of *tests*; each is looked at once."""
    found: list[list[str]] = [[] for _ in tests]
    for account in live.users.resources:
        for ids, test in zip(found, tests, strict=True):
            if test(account):
                ids.append(str(account["id"]))
    return found


def _acted(candidate: Candidate, plan: Plan) -> Iterator[str]:
    """Yield what a plan would do."""
    mine = [op for op in plan.body.operations if op.source_id == candidate.source_id]
    skipped = [one for one in plan.body.skipped if one.source_id == candidate.source_id]
    for operation in mine:
        yield from _described(operation, candidate)
    for one in skipped:
        yield f"skipped: {one.code}: {one.detail}"
    for leaver in plan.body.leaving.sample:
        if leaver.source_id == candidate.source_id:
            yield f"rung: {leaver.rung}; {_rung(leaver)}"
    if not mine and not skipped:
        yield f"nothing to do: {candidate.code or 'RedundantExport'}"


def _described(operation: Operation, candidate: Candidate) -> Iterator[str]:
    """Yield an operation and its changes."""
    yield f"{operation.action.value} {operation.resource_type.value} {operation.key}"
    for change in operation.changes:
        hidden = change.path in candidate.redacted
        before, after = (HIDDEN if hidden else _change(v) for v in (change.before, change.after))
        yield f"  {change.path}: {before} -> {after}"
    for reference in operation.references:
        yield f"  {reference.path}: {reference.display} (known after apply)"


def _rung(leaver: Leaver) -> str:
    """Say where somebody stands on the way out (ruling 6)."""
    off = f"disabled by us on {leaver.disabled_on} and still off"
    if leaver.delete_on is None:
        return f"{off}; nothing deletes the account"
    return f"{off}; `delete_after` deletes the account from {leaver.delete_on} on"


def _change(value: object) -> str:
    """Return one side of a change."""
    return "nothing" if value is None else shown_value(value)
