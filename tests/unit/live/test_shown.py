"""Which attributes a listing is asked to show, whatever the profile says."""

from typing import Any

import pytest

from reconciler.live.shown import parameters
from reconciler.profiles.reading import Listings
from reconciler.scim.paths import CORE_URN
from reconciler.scim.schema import ENTERPRISE_URN
from reconciler.states import ResourceType

USER, GROUP = ResourceType.USER, ResourceType.GROUP
WANTED = frozenset({"id", "userName", "emails", f"{ENTERPRISE_URN}:manager"})


def asked(kind: ResourceType, wanted: frozenset[str] | None, **said: Any) -> dict[str, str]:
    return dict(parameters(Listings(**said), kind, wanted))


def test_without_flags_no_parameter_is_sent() -> None:
    assert asked(USER, WANTED) == {}


@pytest.mark.parametrize(
    "said",
    [{"attributes": ("id",)}, {"excluded_attributes": ("groups",)}, {"members": "one_by_one"}],
    ids=str,
)
def test_a_listing_that_nothing_is_needed_of_is_taken_as_it_comes(said: dict[str, Any]) -> None:
    assert asked(GROUP, None, **said) == {}


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (("id",), f"emails,id,{ENTERPRISE_URN}:manager,userName"),
        (("title", "USERNAME"), f"emails,id,title,{ENTERPRISE_URN}:manager,userName"),
    ],
)
def test_what_is_needed_is_asked_for_once(named: tuple[str, ...], expected: str) -> None:
    found = asked(USER, WANTED, attributes=named, excluded_attributes=("emails",))

    assert set(found) == {"attributes"}
    assert sorted(found["attributes"].split(",")) == sorted(expected.split(","))


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("groups", True),
        ("emailsx", True),
        (f"{ENTERPRISE_URN}:department", True),
        (f"{CORE_URN['User']}:groups", True),
        ("userName", False),
        ("USERNAME", False),
        ("emails.display", False),
        (f"{CORE_URN['User']}:emails", False),
        (CORE_URN["User"], False),
        (ENTERPRISE_URN, False),
        (ENTERPRISE_URN.upper(), False),
        (f"{ENTERPRISE_URN}:manager", False),
        (f"{ENTERPRISE_URN}:manager.displayName", False),
    ],
)
def test_what_is_needed_is_never_left_out(name: str, left_out: bool) -> None:
    found = asked(USER, WANTED, excluded_attributes=(name,))

    assert found == ({"excludedAttributes": name} if left_out else {})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {"excludedAttributes": "members"}),
        ({"excluded_attributes": ("meta", "Members")}, {"excludedAttributes": "meta,members"}),
        ({"attributes": ("displayName", "members")}, {"attributes": "displayName,id"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("mapped", [True, False])
def test_members_that_come_one_by_one_are_left_out_of_the_list(
    said: dict[str, Any], expected: dict[str, str], mapped: bool
) -> None:
    wanted = frozenset({"members"}) if mapped else frozenset[str]()

    found = asked(GROUP, wanted, members="one_by_one", **said)

    assert {key: names.replace("Members", "members") for key, names in found.items()} == expected


def test_users_have_no_members_to_leave_out() -> None:
    assert asked(USER, WANTED, members="one_by_one") == {}
