"""
Whatever the form in which a change is said: it leads to the same resource, and changes no more.

One operation meets a random resource. scim2-models carries the plain PATCH out,
which tells what must come out; every other form must lead there as well. What it
must be is said here once more, leaf by leaf: what is named is changed, and all
the rest is as it was.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.plan.encode import Forms, Put, encode_changes
from reconciler.plan.operation import Action, Change, Operation
from reconciler.profiles.model import Profile
from reconciler.scim.paths import parse_path
from reconciler.scim.resource import reader
from reconciler.scim.schema import CORE
from reconciler.states import Resource, ResourceType
from tests.oracle import FORMS, patched, replaced, require_put, require_understood
from tests.plans import make_operation
from tests.worlds import ENTERPRISE

MANY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
USER, GROUP = ResourceType.USER, ResourceType.GROUP
OTHERS = ("put", "plain paths", "one by one")
"""Forms that differ from the first where a user is changed."""
IDS = tuple(f"u{number}" for number in range(7))

texts = st.sampled_from(("a", "b", "Zoë 🦊", 'x "y" \\z]'))
mails = st.sampled_from(("a@x.example", "b@x.example"))
flags = st.booleans()
ELEMENTS: Mapping[str, Any] = {
    "emails": st.fixed_dictionaries({"value": mails}, optional={"display": texts}),
    "addresses": st.fixed_dictionaries({"locality": texts}, optional={"country": texts}),
}
ROLE: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({"value": texts, "display": texts})
LEAVES: Mapping[str, Any] = {
    **dict.fromkeys(("title", "nickName", "name.givenName", "name.familyName"), texts),
    **dict.fromkeys((f"{ENTERPRISE}:department", f"{ENTERPRISE}:division"), texts),
    f"{ENTERPRISE}:manager": st.sampled_from(IDS),
    "active": flags,
    'emails[type eq "work"].value': mails,
    'emails[type eq "home"].value': mails,
    'addresses[type eq "work"].locality': texts,
    'addresses[type eq "work"].country': texts,
    'roles[primary eq "True"].value': texts,
    'roles[primary eq "True"].display': texts,
}
"""Paths that are written to, and what is written there."""

SERVICES_OWN = ("$ref", "displayName")
"""Of a manager."""


@st.composite
def lists(draw: st.DrawFn, name: str) -> list[dict[str, Any]]:
    """Draw the elements of a list, of different types."""
    types = draw(st.sets(st.sampled_from(("work", "home", "other"))))
    return [{"type": each, **draw(ELEMENTS[name])} for each in sorted(types)]


@st.composite
def users(draw: st.DrawFn) -> Resource:
    """Draw a user as a service shows it."""
    plain = st.fixed_dictionaries(
        {"active": flags},
        optional={
            **dict.fromkeys(("title", "nickName", "userType"), texts),
            "name": st.dictionaries(
                st.sampled_from(("givenName", "familyName", "middleName")), texts, min_size=1
            ),
        },
    )
    extension = st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("department", "division", "costCenter"), texts),
            "manager": st.fixed_dictionaries(
                {"value": st.sampled_from(IDS), "$ref": st.just("/Users/u0")},
                optional={"displayName": texts},
            ),
        },
    )
    roles = draw(st.lists(ROLE, max_size=3))
    if draw(flags):
        roles += [{"value": "main", "display": "Main", "primary": True}]
    user = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": "u1",
        "userName": "ada@contoso.example",
        "meta": {"resourceType": "User", "location": "/Users/u1"},
        "groups": [{"value": "g1", "display": "Team"}],
        **draw(plain),
        ENTERPRISE: draw(extension),
        "emails": draw(lists("emails")),
        "addresses": draw(lists("addresses")),
        "roles": roles,
    }
    return {name: value for name, value in user.items() if value}


@st.composite
def changes(draw: st.DrawFn, user: Resource) -> list[Change]:
    """Draw changes that have something to change, and do not contradict each other."""
    made = []
    for path in sorted(draw(st.sets(st.sampled_from(sorted(LEAVES)), min_size=1, max_size=5))):
        before = reader(parse_path(path))(user)
        before = before["value"] if isinstance(before, dict) else before
        after = draw(LEAVES[path]) if before is None or draw(flags) else None
        if before != after and not (path == "active" and after is None):
            made.append(Change(path, before, after))
    gone = {_holder(each) for each in made if _empties(each)}
    return [each for each in made if each.after is None or _holder(each) not in gone]


def _holder(change: Change) -> str:
    """Return the path of what a change is about a part of."""
    return change.path.rpartition(".")[0]


def _empties(change: Change) -> bool:
    """Say whether a whole element goes by a change."""
    return change.after is None and change.path.endswith("].value")


def carried_out(profile: Profile, operation: Operation, live: Resource) -> Resource:
    """Return what the requests for *operation* make of *live*."""
    kind, resource = operation.resource_type, deepcopy(live)
    forms = Forms.of(profile, CORE)
    for request in encode_changes(operation, live, lambda reference: reference.source_id, forms):
        if isinstance(request, Put):
            require_put(profile, kind)
            resource = replaced(kind, resource, request.body)
        else:
            require_understood(profile, kind, request.operations)
            resource = patched(kind, resource, request.operations)
    return resource


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each leaf with its path; elements are told apart by their type, or value."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not (path.endswith(".manager") and name in SERVICES_OWN):
                yield from leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, element in enumerate(value):
            of = element.get("type", number) if isinstance(element, Mapping) else element
            yield from leaves(element, f"{path}[{of}]")
    elif value is not None:
        yield path, value


def told(resource: Resource) -> dict[str, Any]:
    """Return everything that a resource says, but for which schemas it names."""
    return dict(leaves({name: each for name, each in resource.items() if name != "schemas"}))


def heads(made: list[Change]) -> set[str]:
    """Return the attributes, and elements, that changes are about."""
    paths = [parse_path(change.path) for change in made]
    return {f".{path.urn}.{path.attribute}" if path.urn else f".{path.attribute}" for path in paths}


@pytest.mark.parametrize("name", OTHERS)
@given(st.data())
@MANY
def test_every_form_leads_to_the_same_user(name: str, data: st.DataObject) -> None:
    live = data.draw(users())
    made = data.draw(changes(live))
    operation = make_operation(
        Action.UPDATE, changes=[(each.path, each.before, each.after) for each in made]
    )
    expected = carried_out(FORMS["patch"], operation, live)

    found = carried_out(FORMS[name], operation, live)

    assert told(found) == told(expected)


@pytest.mark.parametrize("name", ["patch", "put"])
@given(st.data())
@MANY
def test_nothing_is_changed_that_is_not_named(name: str, data: st.DataObject) -> None:
    live = data.draw(users())
    made = data.draw(changes(live))
    operation = make_operation(
        Action.UPDATE, changes=[(each.path, each.before, each.after) for each in made]
    )
    touched = tuple(heads(made))

    found = carried_out(FORMS[name], operation, live)

    def untouched(resource: Resource) -> dict[str, Any]:
        return {
            path: value for path, value in told(resource).items() if not path.startswith(touched)
        }

    assert untouched(found) == untouched(live)
    for change in made:
        shown = reader(parse_path(change.path))(found)
        assert (shown["value"] if isinstance(shown, dict) else shown) == change.after


@pytest.mark.parametrize("name", FORMS)
@given(st.sets(st.sampled_from(IDS)), st.sets(st.sampled_from(IDS)), st.sets(st.sampled_from(IDS)))
@MANY
def test_every_form_moves_exactly_the_members_that_it_names(
    name: str, present: set[str], joining: set[str], leaving: set[str]
) -> None:
    joining = joining - leaving
    live = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": "g1",
        "displayName": "Team",
        "externalId": "g-team",
        "members": [{"value": each, "type": "User"} for each in sorted(present)],
    }
    before, after = ([{"value": each} for each in sorted(ids)] for ids in (leaving, joining))
    operation = make_operation(
        Action.UPDATE, resource_type=GROUP, changes=[("members", before or None, after or None)]
    )

    found = carried_out(FORMS[name], operation, live)

    members = {member["value"] for member in found.get("members") or ()}
    assert members == (present | joining) - leaving
    assert len(found.get("members") or ()) == len(members)
    assert {key: value for key, value in found.items() if key != "members"} == {
        key: value for key, value in live.items() if key != "members"
    }
