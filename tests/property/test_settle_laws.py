"""Whoever is told to need nothing changes nothing: the plan is the same to the byte."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler import aside, register
from reconciler.aside import Aside
from reconciler.desired import Judge
from reconciler.plan import build, listed, sight
from reconciler.plan.settle import everybody, tell_apart
from reconciler.states import Listing, Resource, ResourceType
from tests import worlds
from tests.property.test_plan_laws import MAPPINGS, anything, body_of
from tests.worlds import AS_OF, ENTERPRISE, World, application, directory, group, in_a_crowd, person

MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CROWD = tuple(f"q{number}" for number in range(12))
ODD = ("q1@contoso.example", "Q2@contoso.example", "q\u0430@contoso.example", "new@contoso.example")

some = st.lists(st.sampled_from(CROWD), unique=True, max_size=3)


def in_full(world: World, **changes: Any) -> bytes:
    """Return the plan of *world* with everybody looked at in full."""
    with patch.object(build, "tell_apart", everybody):
        return body_of(world.plan(**changes))


def crowd(**cells: dict[str, str]) -> list[Any]:
    """Return twelve people, each with the next as manager; *cells* by anchor change them."""
    return [
        person(anchor, **{"manager": CROWD[(n + 1) % 12], "kind": "x", **cells.get(anchor, {})})
        for n, anchor in enumerate(CROWD)
    ]


ODD_ONE = {"q8": {"userPrincipalName": "\u0440\u0430\u0443@contoso.example"}}
"""Somebody whose name is Cyrillic, and looks like another."""


def quiet(odd: Mapping[str, dict[str, str]] = {}, **settings_: Any) -> World:
    """Return a world in which nothing is left to do; *odd* are cells by anchor."""
    chosen: dict[str, Any] = {"mappings": MAPPINGS, "scope": "all", "assignments": None}
    chosen = {**chosen, **settings_}
    world = World(application(**chosen), directory([]), settings=chosen)
    groups = [group("g-staff", "Staff", *CROWD), group("g-team", "Team", *CROWD[:5], "g-staff")]
    world.directory = directory(crowd(**odd), groups)
    world.apply(world.plan())
    assert world.plan().operations == ()
    return world


@st.composite
def stirred(draw: st.DrawFn) -> World:
    """Draw a quiet world in which then a few things happened on both sides."""
    chosen: dict[str, Any] = {"ownership": draw(st.sampled_from(("recorded", "all")))}
    if draw(st.booleans()):
        chosen["safety"] = {"protected": draw(some)}
    world = quiet(**chosen)
    for anchor in draw(some):
        target = world.recorded.links[ResourceType.USER, anchor]
        account = world.target.users[target]
        account.update(deepcopy(draw(st.sampled_from(BY_HAND))))
    for number, name in enumerate(draw(st.lists(st.sampled_from(ODD), unique=True, max_size=2))):
        made = draw(st.sampled_from(({}, {"externalId": "q3"}, {"externalId": "Q4"})))
        world.target.users[f"t-{number}"] = {"id": f"t-{number}", "userName": name, **made}
    ids = {anchor: world.recorded.links[ResourceType.USER, anchor] for anchor in CROWD}
    for anchor in draw(some):
        target = ids[anchor]
        fate = draw(st.sampled_from(("unlinked", "all unlinked", "disabled", "deleted", "swapped")))
        _befalls(world, anchor, target, fate)
    cells = {anchor: draw(st.sampled_from(NEWS)) for anchor in draw(some)}
    gone = draw(some)[:1]
    people = [one for one in crowd(**cells) if one.anchor not in gone]
    staff = [one.anchor for one in people if one.anchor not in draw(some)]
    groups = [group("g-staff", "Staff", *staff), group("g-team", "Team", *draw(some), "g-staff")]
    world.directory = directory(people, groups)
    return world


BY_HAND: tuple[dict[str, Any], ...] = (
    {"title": "By hand"},
    {"active": False},
    {"userName": "renamed@contoso.example"},
    {"userName": "Q5@CONTOSO.example"},
    {"externalId": "q6"},
    {f"{ENTERPRISE}": {"manager": {"value": "nobody"}}},
    {"roles": [{"primary": True, "value": "admin"}]},
    {"userName": ["q7@contoso.example", "q8@contoso.example"]},
)
NEWS: tuple[dict[str, str], ...] = (
    {"jobTitle": "Boss"},
    {"userPrincipalName": "q2@contoso.example"},
    {"userPrincipalName": "q9\u0301@contoso.example"},
    {"userPrincipalName": ""},
    {"manager": "q11"},
    {"manager": "outside"},
    {"accountEnabled": "false"},
    {"isDeleted": "true"},
    {"status": "off"},
    {"kind": "y"},
)


def _befalls(world: World, anchor: str, target: str, fate: str) -> None:
    """Let something happen to somebody's account, or to what our journals say of it."""
    links, recorded = dict(world.recorded.links), world.recorded
    if fate == "unlinked":
        links.pop((ResourceType.USER, anchor), None)
    elif fate == "all unlinked":
        links.clear()
    elif fate == "swapped":
        links[ResourceType.USER, anchor] = recorded.links.get((ResourceType.USER, CROWD[0]), target)
    elif fate == "disabled":
        recorded = replace(recorded, disabled_on={target: AS_OF})
    else:
        world.target.users.pop(target, None)
    world.recorded = replace(recorded, links=links)


@MANY
@given(stirred(), st.booleans())
def test_the_plan_is_the_same_as_with_everybody_looked_at_in_full(
    world: World, removals: bool
) -> None:
    assert body_of(world.plan(removals=removals)) == in_full(world, removals=removals)


def laid_aside(resources: Sequence[Resource]) -> Listing:
    """Return a listing of resources that are made anew whenever they are looked at."""
    aside = Aside(Resource)
    for resource in resources:
        aside.lay(resource)
    return Listing(aside, len(aside), complete=True)


@MANY
@given(stirred(), st.booleans())
def test_it_is_the_same_from_a_listing_that_is_laid_aside(world: World, alike: bool) -> None:
    """Also when the hashes of all names are the same."""
    expected = in_full(world)
    sames = [
        patch.object(one, "hash", lambda _: 7, create=True) for one in (register, listed, sight)
    ]

    with patch.object(worlds, "listing", laid_aside), ExitStack() as stack:
        for same in sames if alike else ():
            stack.enter_context(same)
        assert body_of(world.plan()) == expected


def as_crowd(world: World) -> World:
    """Return *world* with people whose rows are laid aside, as those of a large file are."""
    return replace(world, directory=in_a_crowd(world.directory))


@MANY
@given(stirred(), st.booleans(), st.sampled_from((1, 300, 1 << 17)))
def test_it_is_the_same_when_both_sides_are_looked_at_in_columns(
    world: World, shuffled: bool, together: int
) -> None:
    """Some at a time, in whatever order the accounts are listed."""
    expected = in_full(world)
    if shuffled:
        world.target.users = dict(sorted(world.target.users.items(), key=lambda one: hash(one[0])))
        expected = in_full(world)
    with patch.object(worlds, "listing", laid_aside), patch.object(aside, "TOGETHER", together):
        assert body_of(as_crowd(world).plan()) == expected


@settings(parent=MANY, max_examples=60)
@given(anything)
def test_it_is_the_same_in_columns_in_worlds_in_which_anything_may_have_happened(
    world: World,
) -> None:
    expected = in_full(world)
    with patch.object(worlds, "listing", laid_aside):
        assert body_of(as_crowd(world).plan()) == expected


@settings(parent=MANY, max_examples=60)
@given(anything)
def test_it_is_the_same_in_worlds_in_which_anything_may_have_happened(world: World) -> None:
    assert body_of(world.plan()) == in_full(world)


few = st.frozensets(st.sampled_from((*CROWD, "g-staff", "g-team", "nobody")), max_size=4)


@MANY
@given(stirred(), few, st.booleans())
def test_a_plan_for_a_few_is_the_same_too(
    world: World, chosen: frozenset[str], removals: bool
) -> None:
    named: dict[str, Any] = {"selected": chosen, "only": tuple(sorted(chosen))}
    expected = in_full(world, removals=removals, **named)

    assert body_of(world.plan(removals=removals, **named)) == expected
    with patch.object(worlds, "listing", laid_aside):
        assert body_of(as_crowd(world).plan(removals=removals, **named)) == expected


@settings(parent=MANY, max_examples=60)
@given(anything, st.data())
def test_a_plan_for_a_few_is_the_same_whatever_may_have_happened(
    world: World, data: st.DataObject
) -> None:
    anchors = [*world.directory.subjects, *world.directory.groups]
    chosen = frozenset(
        data.draw(st.lists(st.sampled_from(anchors), max_size=3) if anchors else st.just([]))
    )

    assert body_of(world.plan(selected=chosen)) == in_full(world, selected=chosen)


BARE = {"users": [{"target": "userName", "source": "userPrincipalName", "match": 1}]}
"""Mappings that leave `active` and `externalId` alone."""

Happening = Callable[[World], None]


def _stranger(name: str, **attributes: Any) -> Happening:
    """Let an account turn up that is nobody's by our journals."""

    def happens(world: World) -> None:
        world.target.add_user("t-0", name, **attributes)

    return happens


def _newcomer(name: str) -> Happening:
    """Let somebody join the source under *name*."""

    def happens(world: World) -> None:
        people = [*world.directory.subjects.values(), person("n0", userPrincipalName=name)]
        world.directory = directory(people, world.directory.groups.values())

    return happens


def _off_and_remembered(world: World) -> None:
    """Let the account of somebody in scope be off, and our journals say that we did it."""
    target = world.recorded.links[ResourceType.USER, "q4"]
    world.target.users[target]["active"] = False
    world.recorded = replace(world.recorded, disabled_on={target: AS_OF})


def _anew(world: World) -> None:
    """Let somebody be replaced in the source by who has the same name and another objectId."""
    others = [one for one in world.directory.subjects.values() if one.anchor != "q3"]
    people = [*others, person("n3", userPrincipalName="q3@contoso.example")]
    world.directory = directory(people, world.directory.groups.values())


def _changed(anchor: str, **cells: str) -> Happening:
    """Let the source say something else of somebody."""

    def happens(world: World) -> None:
        people = world.directory.subjects.values()
        others = [one for one in people if one.anchor != anchor]
        (one,) = (one for one in people if one.anchor == anchor)
        attributes = {**one.attributes, **cells}
        changed = [*others, replace(one, attributes=attributes)]
        world.directory = directory(changed, world.directory.groups.values())

    return happens


def _by_hand(anchor: str, **attributes: Any) -> Happening:
    """Let somebody change an account by hand; None takes away."""

    def happens(world: World) -> None:
        account = world.target.users[world.recorded.links[ResourceType.USER, anchor]]
        account.update(attributes)
        for name in [name for name, value in attributes.items() if value is None]:
            del account[name]

    return happens


def _flawed(world: World) -> None:
    """Let a name on both sides mix letters that look alike."""
    name = "q\u0430q@contoso.example"
    _changed("q4", userPrincipalName=name)(world)
    _by_hand("q4", userName=name)(world)


HAPPENINGS: Mapping[str, Happening] = {
    "a name on both sides is flawed": _flawed,
    "an account has several names": _by_hand("q4", externalId=["q4", "q3"]),
    "an account has no manager any more": _by_hand("q4", **{ENTERPRISE: None}),
    "somebody is there anew, and our journals know who was before": _anew,
    "an account carries the externalId of somebody": _stranger("x@a.example", externalId="q3"),
    "an account has the name of somebody": _stranger("Q3@contoso.example"),
    "an account has a name that looks like that of somebody": _stranger("q3@c\u043entoso.example"),
    "a newcomer has the name of somebody": _newcomer("Q3@contoso.example"),
    "a newcomer has a name that looks like that of somebody": _newcomer("q3@c\u043entoso.example"),
    "a newcomer has a name that looks like an odd one": _newcomer("pay@contoso.example"),
    "somebody in scope was disabled by us, and is off": _off_and_remembered,
}


def _nobody_linked(happens: Happening) -> Happening:
    """Let our journals know nobody once it has happened."""

    def happens_then(world: World) -> None:
        happens(world)
        world.recorded = replace(world.recorded, links={}, disabled_on={})

    return happens_then


@pytest.mark.parametrize("linked", [True, False], ids=["linked", "not linked"])
@pytest.mark.parametrize("odd", [{}, ODD_ONE], ids=["all plain", "one odd"])
@pytest.mark.parametrize("mappings", [MAPPINGS, BARE], ids=["all mapped", "names alone"])
@pytest.mark.parametrize("ownership", ["recorded", "all"])
@pytest.mark.parametrize("happens", HAPPENINGS.values(), ids=HAPPENINGS)
def test_it_is_the_same_when_one_thing_happens(
    happens: Happening, ownership: str, mappings: dict[str, Any], odd: dict[str, Any], linked: bool
) -> None:
    world = quiet(odd, ownership=ownership, mappings=mappings)
    (happens if linked else _nobody_linked(happens))(world)

    assert body_of(world.plan()) == in_full(world)
    with patch.object(worlds, "listing", laid_aside):
        assert body_of(as_crowd(world).plan()) == in_full(world)


def settled_in(world: World, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the anchors of who is settled in the plan of *world*."""
    found: set[str] = set()

    def watching(request: Any) -> Any:
        rest = tell_apart(request)
        found.update(rest.settled.accounts)
        return rest

    monkeypatch.setattr(build, "tell_apart", watching)
    world.plan()
    return found


@pytest.mark.parametrize("odd", [{}, ODD_ONE], ids=["all plain", "one odd"])
def test_everybody_is_settled_where_nothing_is_left_to_do(
    odd: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settled_in(quiet(odd), monkeypatch) == set(CROWD)


def test_names_are_found_however_they_are_spelt(monkeypatch: pytest.MonkeyPatch) -> None:
    world = quiet(ownership="all")
    world.recorded = replace(world.recorded, links={})
    for account in world.target.users.values():
        account["USERNAME"] = account.pop("userName")
    monkeypatch.setattr(worlds, "listing", laid_aside)

    assert settled_in(world, monkeypatch) == set(CROWD)


def test_without_links_whoever_is_plainly_named_is_settled_where_all_accounts_are_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = quiet(ODD_ONE, ownership="all")
    world.recorded = replace(world.recorded, links={})

    assert settled_in(world, monkeypatch) == {*CROWD} - {"q8", "q7"}  # whose manager q8 is


@pytest.mark.parametrize("linked", [True, False], ids=["linked", "not linked"])
def test_everybody_is_settled_at_first_sight(linked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the tests above would hold whatever columns say."""
    world = as_crowd(quiet(ownership="all"))
    if not linked:
        world.recorded = replace(world.recorded, links={})
    monkeypatch.setattr(worlds, "listing", laid_aside)
    monkeypatch.setattr(Judge, "user", lambda *_: pytest.fail("somebody was judged alone"))

    assert settled_in(world, monkeypatch) == set(CROWD)


def test_whose_account_is_linked_to_somebody_else_is_not_found_by_name_in_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody is there anew under another objectId; our journals know nobody but who was there."""
    world = quiet(ownership="all")
    ids = [world.recorded.links[ResourceType.USER, anchor] for anchor in CROWD]
    world.target.users = {one: world.target.users[one] for one in ids}  # in the order of people
    account = ids[3]
    people = [
        replace(one, anchor="n3", attributes={**one.attributes, "objectId": "n3"})
        if one.anchor == "q3"
        else one
        for one in world.directory.subjects.values()
    ]
    world.directory = directory(people, world.directory.groups.values())
    world.target.users[account]["externalId"] = "n3"
    world.recorded = replace(world.recorded, links={(ResourceType.USER, "q3"): account})
    monkeypatch.setattr(worlds, "listing", laid_aside)

    assert "n3" not in settled_in(as_crowd(world), monkeypatch)
    assert body_of(as_crowd(world).plan()) == in_full(world)
