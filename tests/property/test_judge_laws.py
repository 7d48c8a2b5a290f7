"""
What is remembered or worked out once says the same as what is worked out for each.

Every person and every group is judged twice: by one judge, who has seen the others
before, and plainly: every mapping is evaluated over all that expressions see, without a
memory, and put together line by line.
"""

from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.columns import Abreast
from reconciler.config.model import Application, AttributeMapping
from reconciler.desired import CANNOT_MAP, INVALID_DOMAIN, NOT_ENTITLED, UNREGISTERED, Judge
from reconciler.directory import Directory, People, SourceGroup, Subject
from reconciler.expr import RoleGrant, Surroundings
from reconciler.lines import Line, compile_line
from reconciler.mapping import SOFT_DELETED, as_entra_sees, attributes_of
from reconciler.plan.filled import filled_columns
from reconciler.scim.schema import CORE
from reconciler.scope import Cause, RegisteredDomains
from reconciler.scope.decide import Decision
from reconciler.shapes import MappingError
from reconciler.states import (
    Candidate,
    DesiredResource,
    DesiredValue,
    FirstFree,
    Generated,
    Standing,
)
from tests.worlds import ENTERPRISE, GROUP_MAPPINGS, MIDNIGHT, ROLES, application

ACTIVE = 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'
ROLE = "SingleAppRoleAssignment([appRoleAssignments])"

NAMES: list[dict[str, Any]] = [
    {"source": "userPrincipalName"},
    {"source": "mail"},
    {"expression": "ToLower([userPrincipalName])"},
    {"expression": 'Join("@", [x], "contoso.example")'},
    {"expression": 'SelectUniqueValue(Append([x], "@contoso.example"), [mail])'},
    {"expression": "Redact([userPrincipalName])"},
    {"expression": 'IIF([x]="a", [mail], [userPrincipalName])'},
]
"""Ways to get a userName."""

LINES: list[dict[str, Any]] = [
    {"target": "externalId", "source": "objectId"},
    {"target": "externalId", "source": "x", "match": 2},
    {"target": "active", "expression": ACTIVE},
    {"target": "active", "expression": 'IIF([IsSoftDeleted]="True", "no", "True")'},
    {"target": "displayName", "source": "x"},
    {"target": "displayName", "expression": 'Join(" ", [x], [y])', "clear": True},
    {"target": "title", "source": "y", "default": "Employee"},
    {"target": "title", "expression": 'IIF([y]="a", "one", "other")', "clear": True},
    {"target": "nickName", "source": "y", "clear": True},
    {"target": "nickName", "expression": 'Replace([mail], "o", , , "0", , )', "match": 4},
    {"target": "locale", "constant": "en"},
    {"target": "locale", "expression": 'Switch([x], "fr", "a", "de")', "apply": "on_create"},
    {"target": "preferredLanguage", "source": "x", "apply": "on_create", "default": "en"},
    {"target": "profileUrl", "expression": "Guid()", "apply": "on_create"},
    {"target": "userType", "source": "IsSoftDeleted"},
    {"target": "password", "expression": "Redact(Coalesce([y], [x]))"},
    {"target": 'roles[primary eq "True"].value', "expression": ROLE},
    {
        "target": "roles",
        "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
    },
    {"target": f"{ENTERPRISE}:manager", "source": "y"},
    {"target": f"{ENTERPRISE}:department", "expression": "ToUpper(Trim([x]))"},
]

BLENDING: list[dict[str, Any]] = [
    {"target": "title", "expression": 'IIF([IsSoftDeleted]="True", "left", [y])'},
    {"target": "nickName", "source": "appRoleAssignments", "match": 3},
    {"target": f"{ENTERPRISE}:division", "expression": "[x] & [appRoleAssignments]"},
]
"""Lines that need cells and what is worked out at once, which slows all of a table down."""

ANCHORS = tuple("abc")
often = st.sampled_from((True, True, True, False))
seldom = st.sampled_from((False, False, False, True))
texts = st.sampled_from(("a", "b", " b ", "Zoë", ""))
cells = texts | st.lists(texts, min_size=1, max_size=2).map(tuple)
addresses = st.sampled_from(
    (
        "ada@contoso.example",
        "Ada@Other.Example",
        "nobody",
        "bob_home.example#EXT#@contoso.example",
    )
)
columns = st.fixed_dictionaries(
    {},
    optional={
        "userPrincipalName": addresses,
        "mail": addresses,
        "x": cells,
        "y": cells,
        "IsSoftDeleted": texts,
        "appRoleAssignments": texts,
        "originalUserPrincipalName": addresses,
    },
)
assignments = st.lists(
    st.fixed_dictionaries(
        {"group": st.sampled_from("GH")},
        optional={
            "role": st.sampled_from([role["name"] for role in ROLES]),
            "expires": st.just("2020-01-01"),
        },
    ),
    min_size=1,
    max_size=3,
)
scoping = st.sampled_from(
    (
        None,
        [{"title": "A", "clauses": [{"attribute": "mail", "operator": "IS NOT NULL"}]}],
    )
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Application, Directory]:
    """Draw an application and what its source holds."""
    named = {
        "target": "userName",
        "match": draw(st.sampled_from((1, 9))),
        **draw(st.sampled_from(NAMES)),
    }
    lines = draw(
        st.lists(st.sampled_from(LINES), unique_by=lambda line: line["target"], max_size=9)
    )
    if draw(seldom):
        lines = [x for x in lines if x["target"] not in {"title", "nickName"}]
        lines += draw(st.lists(st.sampled_from(BLENDING), unique_by=str, min_size=1))
    lines.insert(draw(st.integers(0, len(lines))), named)
    assigned = draw(assignments)
    wanted = application(
        scope="all" if draw(often) else "assigned",
        assignments=assigned,
        default_access=draw(st.sampled_from(("include", "exclude"))),
        registered_domains=draw(st.sampled_from((None, ["contoso.example", "home.example"]))),
        scoping_filters={"users": draw(scoping)},
        mappings={"users": lines, "groups": GROUP_MAPPINGS},
    )
    people = {
        anchor: Subject(anchor, {"objectId": anchor, **draw(columns)}, draw(often), draw(seldom))
        for anchor in draw(st.lists(st.sampled_from(ANCHORS), unique=True, min_size=1))
    }
    groups = {
        anchor: SourceGroup(
            anchor,
            anchor,
            draw(st.lists(st.sampled_from((*people, *"GH")), unique=True).map(tuple)),
            {"objectId": anchor, "displayName": anchor, **draw(columns)},
        )
        for anchor in "GH"
    }
    return wanted, Directory(people, groups)


def _tried(line: Line | None, seen: Any) -> tuple[DesiredValue, bool]:
    """Return a value, and whether it could be worked out."""
    try:
        return (None if line is None else line.yields(seen)), True
    except MappingError:
        return None, False


def _text(value: DesiredValue) -> str | None:
    return None if value is None or isinstance(value, Generated | FirstFree) else str(value)


def plain_lines(mappings: tuple[AttributeMapping, ...], kind: str) -> list[Line]:
    """Compile *mappings* so that nothing is remembered."""
    with patch("reconciler.lines.remembered", lambda name, yields: yields):
        return [compile_line(one, kind, CORE, Surroundings(MIDNIGHT)) for one in mappings]


class Plain:
    """Judges one object, line by line."""

    def __init__(self, lines: list[Line], seen: Any, anchor: str, fallback: str) -> None:
        self.lines, self.seen, self.anchor, self.fallback = lines, seen, anchor, fallback
        self.redacted = frozenset(line.target for line in self.lines if line.redacted)

    def line(self, name: str) -> Line | None:
        return next((one for one in self.lines if one.target == name), None)

    def recognised(self, name: str) -> dict[str, Any]:
        """Return the fields of a candidate by which an account is found."""
        by_precedence = sorted((x for x in self.lines if x.match), key=lambda x: x.match or 0)
        tried = [(line, *_tried(line, self.seen)) for line in by_precedence]
        matching = tuple(
            (x.target, str(value) if isinstance(value, str | int) else None)
            for x, value, _ in tried
        )
        target, key = next(((t, v) for t, v in matching if v), ("", self.fallback))
        if by_precedence[0].target != name and self.line(name) is not None:
            written = _text(_tried(self.line(name), self.seen)[0])
            target, key = (name, written) if written else (target, key)
        hides = name in self.redacted if not target else target in self.redacted
        external = self.line("externalId")
        return {
            "key": self.anchor if hides else key,
            "matching": matching,
            "matching_known": all(known for _, _, known in tried),
            "external_id": _text(_tried(external, self.seen)[0]) if external else self.anchor,
            "redacted": self.redacted,
        }

    def written(self) -> tuple[dict[str, DesiredValue], dict[str, DesiredValue]]:
        """Return what a create writes, and what an account must show."""
        created: dict[str, DesiredValue] = {}
        managed: dict[str, DesiredValue] = {}
        for line in self.lines:
            value = None if line.target == "members" else line.yields(self.seen)
            if value is not None:
                created[line.target] = value
            elif line.default is not None:
                created[line.target] = line.default
            if not line.on_create and (value is not None or line.clear):
                managed[line.target] = value
        return created, managed

    def disabling(self) -> dict[str, DesiredValue]:
        """Return what a disable writes."""
        gone = {**self.seen, SOFT_DELETED: "True"}
        lines = [line for line in self.lines if SOFT_DELETED in line.reads and not line.on_create]
        values = {line.target: line.yields(gone) for line in lines}
        return {target: value for target, value in values.items() if value is not None}


def _standing(subject: Subject, decision: Decision) -> tuple[Standing, str]:
    if subject.deleted:
        return Standing.DELETED, "deleted at the source"
    if decision.cause is not Cause.IN_SCOPE:
        return Standing.LEAVES_SCOPE, decision.reason
    if not subject.enabled:
        return Standing.DISABLED, "disabled at the source"
    return Standing.WANTED, decision.reason


def _refused(
    application: Application, plain: Plain, created: dict[str, DesiredValue]
) -> str | None:
    """Return why no candidate for the name is accepted; take out those that are not."""
    domains = RegisteredDomains(application.registered_domains)
    name = created.get("userName")
    names = name.values if isinstance(name, FirstFree) else (name,)
    problems = {one: domains.problem(one) for one in names if isinstance(one, str)}
    accepted = tuple(one for one, problem in problems.items() if problem is None)
    if problems and not accepted:
        return UNREGISTERED if "userName" in plain.redacted else [*problems.values()][-1]
    if isinstance(name, FirstFree):
        created["userName"] = FirstFree(accepted)
    return None


def plain_user(wanted: Application, judge: Judge, lines: list[Line], one: Subject) -> Candidate:
    """Judge one person plainly."""
    decision = judge.scope.decide(one)
    standing, reason = _standing(one, decision)
    grants = tuple(RoleGrant(role.value, role.name) for role in decision.roles)
    is_wanted = standing is Standing.WANTED
    seen = as_entra_sees(attributes_of(one.attributes, grants, soft_deleted=not is_wanted))
    plain = Plain(lines, seen, one.anchor, one.anchor)
    recognised = {"assigned": decision.assigned, **plain.recognised("userName")}
    judged = partial(Candidate, one.anchor, **recognised)
    try:
        if not is_wanted:
            off = plain.disabling()
            return judged(standing=standing, reason=reason, code=NOT_ENTITLED, disabling=off)
        created, managed = plain.written()
    except MappingError as exc:
        return judged(standing=Standing.SKIPPED, reason=str(exc), code=CANNOT_MAP)
    refused = _refused(wanted, plain, created)
    if refused is not None:
        return judged(standing=Standing.SKIPPED, reason=refused, code=INVALID_DOMAIN)
    return judged(standing=standing, reason=reason, desired=DesiredResource(created, managed))


def plain_group(judge: Judge, lines: list[Line], group: SourceGroup) -> Candidate:
    """Judge one group plainly."""
    decision = judge.scope.decide_group(group)
    is_wanted = decision.cause is Cause.IN_SCOPE
    standing = Standing.WANTED if is_wanted else Standing.LEAVES_SCOPE
    seen = attributes_of(group.attributes, (), soft_deleted=not is_wanted)
    plain = Plain(lines, seen, group.anchor, group.display_name)
    recognised = {"assigned": decision.assigned, **plain.recognised("displayName")}
    judged = partial(Candidate, group.anchor, reason=decision.reason, **recognised)
    if not is_wanted:
        return judged(standing=standing, code=NOT_ENTITLED)
    return judged(standing=standing, desired=DesiredResource(*plain.written(), group.members))


def _in_order(candidate: Candidate) -> list[list[str]]:
    """Return the order of what is written: a plan says it in that order."""
    desired = candidate.desired
    return [] if desired is None else [[*desired.created], [*desired.managed]]


@settings(deadline=None)
@given(worlds())
def test_a_judge_of_many_says_of_each_what_is_plainly_so(
    world: tuple[Application, Directory],
) -> None:
    wanted, directory = world
    judge = Judge(wanted, directory, MIDNIGHT, CORE)
    lines = plain_lines(wanted.mappings.users, "User")

    judged = judge.state().users

    plainly = [plain_user(wanted, judge, lines, one) for one in directory.subjects.values()]
    assert list(judged) == plainly
    assert [*map(_in_order, judged)] == [*map(_in_order, plainly)]
    assert [*map(repr, judged)] == [*map(repr, plainly)]
    assert [*map(judge.user, directory.subjects.values())] == plainly


@settings(deadline=None, max_examples=50)
@given(worlds())
def test_a_group_is_judged_as_it_is_plainly(world: tuple[Application, Directory]) -> None:
    wanted, directory = world
    judge = Judge(wanted, directory, MIDNIGHT, CORE)
    lines = plain_lines(wanted.mappings.groups or (), "Group")

    for group in directory.groups.values():
        assert judge.group(group) == plain_group(judge, lines, group)


@settings(deadline=None, max_examples=50)
@given(worlds())
def test_filled_columns_are_counted_as_they_are_one_by_one(
    world: tuple[Application, Directory],
) -> None:
    wanted, directory = world
    rows = [subject.attributes for subject in directory.subjects.values()]

    for name, count in filled_columns(wanted, directory).items():
        assert count == sum(bool(row.get(name)) for row in rows)


def abreast(directory: Directory) -> People:
    """Return everybody of *directory*, column by column; nobody has a cell of several texts."""
    people = [*directory.subjects.values()]
    names = dict.fromkeys(name for one in people for name in one.attributes)
    cells = {name: [str(one.attributes.get(name, "")) for one in people] for name in names}
    anchors = [one.anchor for one in people]
    flags = [one.enabled for one in people], [one.deleted for one in people]
    return People(anchors, lambda: cells, lambda at: people[at].attributes, *flags)


def in_single_texts(directory: Directory) -> Directory:
    """Return *directory* with the first text of each cell."""
    people = {
        anchor: replace(
            one,
            attributes={
                name: text
                for name, cell in one.attributes.items()
                if (text := cell if isinstance(cell, str) else cell[0])
            },
        )
        for anchor, one in directory.subjects.items()
    }
    return replace(directory, subjects=people)


@settings(deadline=None, max_examples=150)
@given(worlds())
def test_columns_say_of_each_what_a_judge_says(world: tuple[Application, Directory]) -> None:
    wanted, directory = world[0], in_single_texts(world[1])
    judge = Judge(wanted, directory, MIDNIGHT, CORE)
    people = abreast(directory)
    lines = [line for line in judge.users.apart if not line.on_create]

    found = Abreast(judge, lines).judge(people)

    assert [*map(people.subject, range(len(people)))] == [*directory.subjects.values()]
    said = [False] * len(people) if found is None else found.plain
    for at, (one, is_plain) in enumerate(zip(judge.state().users, said, strict=True)):
        if not is_plain:
            continue
        assert one.standing is Standing.WANTED
        assert one.desired is not None
        columns = [] if found is None else found.columns
        for line, column in zip(lines, columns, strict=True):
            assert repr(column[at]) == repr(one.desired.managed.get(line.target))


PLAINLY = {
    "users": [
        {"target": "userName", "source": "userPrincipalName", "match": 1},
        {"target": "active", "expression": ACTIVE},
        {"target": "title", "expression": "Trim([x])"},
        {"target": "displayName", "expression": 'Join(" ", [x], [y])'},
        {"target": 'roles[primary eq "True"].value', "expression": ROLE},
    ]
}


def test_a_guest_is_left_to_the_judge() -> None:
    names = ("ada@contoso.example", "bram_b.example#EXT#@contoso.example")
    rows = [{"userPrincipalName": name, "x": "b", "y": "c"} for name in names]
    people = {name: Subject(name, row) for name, row in zip(names, rows, strict=True)}
    wanted = application(mappings=PLAINLY, scope="all", assignments=None)
    judge = Judge(wanted, Directory(people), MIDNIGHT, CORE)

    found = Abreast(judge, judge.users.lines).judge(abreast(judge.directory))

    assert found is not None
    assert found.plain == [True, False]


def test_whoever_is_plainly_wanted_is_said_by_columns() -> None:
    """Otherwise the law above would hold of columns that say nothing."""
    wanted = application(mappings=PLAINLY, assignments=[{"group": "G", "role": "User"}])
    rows = [{"userPrincipalName": f"{at}@contoso.example", "x": " b ", "y": at} for at in ANCHORS]
    people = {at: Subject(at, row) for at, row in zip(ANCHORS, rows, strict=True)}
    groups = {"G": SourceGroup("G", "G", ANCHORS[:2])}
    directory = Directory(people, groups)
    judge = Judge(wanted, directory, MIDNIGHT, CORE)

    found = Abreast(judge, judge.users.lines).judge(abreast(directory))

    assert found is not None
    assert found.plain == [True, True, False]
    first = [column[0] for column in found.columns]
    assert first == ["a@contoso.example", True, "b", " b  a", "user"]
