from datetime import date, timedelta
from string import ascii_lowercase
from typing import Any, get_args

import idna
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.domains import registered_domain
from reconciler.config.model import (
    Application,
    AppRole,
    Assignment,
    AttributeMapping,
    Clause,
    Mappings,
    Operator,
    ScopingFilter,
    ScopingFilters,
    Target,
)
from reconciler.config.references import SecretReference
from reconciler.directory import Directory, SourceGroup, Subject
from reconciler.scope import Cause, RegisteredDomains, Scope, compile_filters, expand
from reconciler.scope.filters import compile_clause

TODAY = date(2026, 11, 1)
ROLES = ("Administrator", "Editor", "User")
PEOPLE = tuple("abcdef")
GROUPS = ("G", "H")
OPPOSITES = (("EQUALS", "NOT EQUALS"), ("REGEX MATCH", "NOT REGEX MATCH"), ("&", "!&"))

days = st.none() | st.integers(-3, 3).map(lambda n: (TODAY + timedelta(days=n)).isoformat())
roles = st.none() | st.sampled_from(ROLES)
assignments = st.lists(
    st.builds(Assignment, group=st.sampled_from(GROUPS), role=roles, expires=days)
    | st.builds(Assignment, user=st.sampled_from(PEOPLE), role=roles, expires=days),
    max_size=6,
).map(tuple)
members = st.lists(st.sampled_from((*PEOPLE, *GROUPS)), unique=True).map(tuple)
texts = st.text("ab01 .", max_size=4)
cells = st.dictionaries(st.sampled_from("xy"), texts | st.lists(texts).map(tuple), max_size=2)


@st.composite
def clauses(draw: st.DrawFn) -> Clause:
    operator: Any = draw(st.sampled_from(get_args(Operator)))
    value = None if operator.startswith("IS ") else draw(st.integers(-2, 20))
    return Clause(attribute=draw(st.sampled_from("xy")), operator=operator, value=value)


filters = st.lists(
    st.builds(
        ScopingFilter, title=st.just("F"), clauses=st.lists(clauses(), min_size=1).map(tuple)
    ),
    min_size=1,
    max_size=3,
).map(tuple)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Application, Directory]:
    """Draw an application and the directory that it looks at."""
    application = Application(
        target=Target(tenant_url="https://a.example/v2", secret_token=SecretReference(env="T")),
        mappings=Mappings(
            users=(AttributeMapping(target="userName", source="userPrincipalName", match=1),)
        ),
        roles=tuple(AppRole(name=name, value=name) for name in ROLES),
        assignments=draw(assignments) or None,
        default_access=draw(st.sampled_from(("exclude", "include"))),
    )
    directory = Directory(
        {name: Subject(name, {"objectId": name, "x": name}) for name in PEOPLE},
        {name: SourceGroup(name, name, draw(members)) for name in GROUPS},
    )
    return application, directory


@given(worlds())
def test_whoever_is_in_scope_has_a_valid_path(world: tuple[Application, Directory]) -> None:
    application, directory = world
    scope = Scope(application, directory, TODAY)
    valid = [a for a in application.assignments or () if a.expires is None or a.expires >= TODAY]

    for subject in directory.subjects.values():
        reached = any(
            a.user == subject.anchor
            if a.group is None
            else subject.anchor in directory.groups[a.group].members
            for a in valid
        )
        in_scope = scope.decide(subject).cause is Cause.IN_SCOPE
        assert not in_scope or reached
        assert in_scope or not reached or application.default_access == "exclude"


@given(worlds())
def test_roles_come_strongest_first_and_never_twice(world: tuple[Application, Directory]) -> None:
    application, directory = world
    scope = Scope(application, directory, TODAY)

    for subject in directory.subjects.values():
        ranks = [ROLES.index(role.name) for role in scope.decide(subject).roles]
        assert ranks == sorted(set(ranks))


@given(worlds())
def test_one_day_later_nobody_has_more(world: tuple[Application, Directory]) -> None:
    application, directory = world
    today = Scope(application, directory, TODAY)
    tomorrow = Scope(application, directory, TODAY + timedelta(days=1))

    for subject in directory.subjects.values():
        assert set(map(str, tomorrow.decide(subject).roles)) <= set(
            map(str, today.decide(subject).roles)
        )


@given(worlds(), st.randoms())
def test_the_order_of_assignments_gives_and_takes_nothing(
    world: tuple[Application, Directory], random: Any
) -> None:
    application, directory = world
    shuffled = list(application.assignments or ())
    random.shuffle(shuffled)
    other = application.model_copy(update={"assignments": tuple(shuffled)})
    one, two = Scope(application, directory, TODAY), Scope(other, directory, TODAY)

    for subject in directory.subjects.values():
        a, b = one.decide(subject), two.decide(subject)
        assert (a.cause, a.roles, a.assigned) == (b.cause, b.roles, b.assigned)


@given(worlds(), filters)
def test_what_is_explained_is_what_is_decided(
    world: tuple[Application, Directory], some: tuple[ScopingFilter, ...]
) -> None:
    application, directory = world
    application = application.model_copy(update={"scoping_filters": ScopingFilters(users=some)})
    scope = Scope(application, directory, TODAY)

    for subject in directory.subjects.values():
        steps = {step.title: step.holds for step in scope.explain(subject)}
        gates = ("Scope", "Role", "Scoping filters")
        assert all(steps[gate] for gate in gates) is (scope.decide(subject).cause is Cause.IN_SCOPE)


@given(worlds())
def test_expansion_names_only_who_exists(world: tuple[Application, Directory]) -> None:
    application, directory = world

    expansion = expand(application, directory, TODAY)

    assert set(expansion.users) <= set(directory.subjects)
    assert set(expansion.groups) <= set(directory.groups)


@given(filters, cells)
def test_filters_are_or_of_and(some: tuple[ScopingFilter, ...], row: dict[str, Any]) -> None:
    expected = any(all(compile_clause(c)(row) for c in f.clauses) for f in some)

    assert compile_filters(some)(row) is expected


@given(cells, st.sampled_from(OPPOSITES), st.integers(0, 20))
def test_opposites_split_exactly_who_has_one_value(
    row: dict[str, Any], pair: tuple[Any, Any], value: int
) -> None:
    holds = [compile_clause(Clause(attribute="x", operator=o, value=value))(row) for o in pair]
    cell = row.get("x")

    assert sum(holds) == (1 if isinstance(cell, str) and cell else 0)


labels = st.text(ascii_lowercase + "ß\u00e4\u0456\u03bf", min_size=1, max_size=8)
domains = st.lists(labels, min_size=2, max_size=3).map(".".join)


@given(st.text(max_size=20), st.text(max_size=12))
def test_no_text_around_a_registered_domain_is_let_through(before: str, after: str) -> None:
    problem = RegisteredDomains(("contoso.example",)).problem(f"{before}contoso.example{after}")

    fine = before.endswith("@") and before.count("@") == 1 and len(before) > 1 and not after
    assert (problem is None) is fine


@given(domains, domains)
def test_only_the_same_domain_is_registered(one: str, two: str) -> None:
    try:
        registered = RegisteredDomains((one,))
        same = registered_domain(one) == idna.encode(two, strict=True).decode()
    except (ValueError, idna.IDNAError):
        same = False
        registered = RegisteredDomains(("contoso.example",))

    assert (registered.problem(f"ada@{two}") is None) is same
