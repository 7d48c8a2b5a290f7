"""
Creates, the quick way and the slow: a body from a mould, and what a read shows of an account.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.apply.observe import Observer, _attributes
from reconciler.diff import Comparator
from reconciler.plan.encode import encode_create
from reconciler.plan.moulds import body_of, mould
from reconciler.plan.operation import Action, Change, Operation
from reconciler.plan.shown import shows_change
from reconciler.scim.bulk import BulkOperation, most_bytes_of, size_of
from reconciler.scim.paths import parse_path
from reconciler.scim.schema import CORE
from reconciler.states import ResourceType
from tests.worlds import ENTERPRISE

USER = ResourceType.USER
MANY = settings(max_examples=400, deadline=None)

PATHS = (
    "userName", "username", "externalId", "active", "title", "name", "name.givenName",
    "Name.familyName", "emails", "emails.value", "emails.type", 'emails[type eq "work"].value',
    'emails[type eq "work"].type', 'emails[type eq "Work"].display', 'emails[type eq "home"].value',
    'emails[type eq "work"]', 'emails[primary eq "True"].value', 'emails[value eq "a"].type',
    'emails[type eq "work"].primary', 'roles[primary eq "True"].value', "roles", "schemas",
    'addresses[type eq "work"].locality', 'addresses[type eq "work"].country', "urn:a:b:made",
    f"{ENTERPRISE}:department", f"{ENTERPRISE.upper()}:costCenter", f"{ENTERPRISE}:manager",
    f"{ENTERPRISE}:manager.value", "urn:a:b:list[x eq \"1\"].y",
)  # fmt: skip

VALUES: st.SearchStrategy[Any] = st.sampled_from(
    (
        *("a", "A", "work", "True", "", "é", True, False, None, 0, 1, 1.0, [], {}, ["a"]),
        *({"value": "a"}, [{"value": "a"}], [{"type": "work"}], {"type": "work"}),
        *({"givenName": "b"}, {"generated": "Guid()", "attributes": {}}),
    )
).map(deepcopy)

changes = st.lists(st.builds(Change, st.sampled_from(PATHS), st.none(), VALUES), max_size=8)
of_some_paths = st.lists(st.sampled_from(PATHS), max_size=6, unique=True)


def creation(made: list[Change]) -> Operation:
    return Operation("op-1", 2, Action.CREATE, USER, "ada", "ada", None, "", tuple(made), None, ())


def path_by_path(made: list[Change]) -> dict[str, Any]:
    """Return the body of its own values: a path inside a value of another writes into that."""
    paths = [parse_path(change.path) for change in made]
    return body_of(USER, paths, [deepcopy(change.after) for change in made])


@MANY
@given(changes)
@example([Change('emails[type eq "work"].type', None, "x"), Change(PATHS[11], None, "y")])
@example([Change("name", None, {"givenName": "b"}), Change("name.givenName", None, "a")])
def test_a_mould_makes_what_is_made_path_by_path(made: list[Change]) -> None:
    expected, found = path_by_path(made), encode_create(creation(deepcopy(made)))

    assert repr(found) == repr(expected)  # also the order of names, and 1 is not True


def test_bodies_of_one_mould_share_nothing() -> None:
    texts = ("userName", 'emails[type eq "work"].value', "name.givenName", PATHS[-5])
    fill = mould(USER, texts)
    assert fill is not None

    one, other = fill(["a", "b", "c", "d"]), fill(["e", "f", "g", "h"])
    one["schemas"].append("more")
    one["emails"].append({})
    one["name"]["x"] = 1

    assert other == path_by_path(
        [Change(path, None, value) for path, value in zip(texts, "efgh", strict=True)]
    )


@MANY
@given(of_some_paths, st.data())
def test_what_a_read_shows_is_what_it_shows_change_by_change(
    paths: list[str], data: st.DataObject
) -> None:
    """The account is what was sent, but for what a service makes of some of it."""
    wanted = [Change(path, None, data.draw(VALUES)) for path in paths]
    told = [Change(one.path, None, data.draw(st.just(one.after) | VALUES)) for one in wanted]
    live = {**path_by_path(told), **data.draw(st.sampled_from([{}, {"USERNAME": "a"}]))}
    operation, comparator = creation(wanted), Comparator(USER.value, CORE)
    expected = [
        change.path
        for change in _attributes(operation)
        if not shows_change(comparator, live, change)
    ]

    assert Observer(CORE).missing(operation, live, lambda reference: "") == expected


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text() | VALUES, max_size=4), max_size=4))
@example([{"a": "\x7f" * 50}])
@example([{"a": "\x00\ud800"}])
@example([{"a": '\U0001f600é\u2028\\"'}])
def test_no_request_has_more_bytes_than_it_is_held_to_have(bodies: list[dict[str, Any]]) -> None:
    operations = [BulkOperation("POST", "/Users", None, body) for body in bodies]

    assert most_bytes_of(operations) >= sum(map(size_of, operations))
