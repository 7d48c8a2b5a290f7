"""The application as the service keeps it: what the profile rules out is not part of it."""

from typing import Any

import pytest

from reconciler.config.kept import LeftOut, kept, left_out, shows_members
from reconciler.profiles.model import GENERIC, Profile
from tests.worlds import ENTERPRISE, application


def known(**said: Any) -> Profile:
    """Return a profile that says something."""
    return Profile.model_validate(said)


def targets(profile: Profile) -> tuple[list[str], list[str]]:
    """Return the targets of users and of groups that remain."""
    mappings = kept(application(), profile).mappings
    return [x.target for x in mappings.users], [x.target for x in mappings.groups or ()]


def test_with_no_profile_nothing_is_left_out() -> None:
    made = application()

    assert kept(made, GENERIC) is made
    assert left_out(made, GENERIC) == ()


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        pytest.param(
            {"attributes": {"unsupported": ("title", "photos")}},
            [LeftOut("users", "title")],
            id="an attribute",
        ),
        pytest.param(
            {"attributes": {"unsupported": (ENTERPRISE, "roles")}},
            [
                LeftOut("users", 'roles[primary eq "True"].value'),
                LeftOut("users", f"{ENTERPRISE}:manager"),
            ],
            id="a schema, and all of a list",
        ),
        pytest.param(
            {"attributes": {"unsupported": ("externalId",)}},
            [LeftOut("users", "externalId"), LeftOut("groups", "externalId")],
            id="of users and groups",
        ),
        pytest.param(
            {"members": {"readable": False}},
            [LeftOut("groups", "members", unreadable=True)],
            id="members that are not shown",
        ),
        pytest.param(
            {"attributes": {"unsupported": ("members",)}},
            [LeftOut("groups", "members")],
            id="members that are not kept",
        ),
        pytest.param({"attributes": {"immutable": ("title",)}}, [], id="what a create writes"),
    ],
)
def test_what_is_left_out(said: dict[str, Any], gone: list[LeftOut]) -> None:
    profile = known(**said)

    assert list(left_out(application(), profile)) == gone
    users, groups = targets(profile)
    assert not {("users", x) for x in users} & {(one.table, one.target) for one in gone}
    assert not {("groups", x) for x in groups} & {(one.table, one.target) for one in gone}
    assert len(users) + len(groups) + len(gone) == 10


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({}, True),
        ({"members": {"readable": False}}, False),
        ({"attributes": {"unsupported": ("members",)}}, False),
        ({"attributes": {"unsupported": ("title",)}}, True),
    ],
)
def test_whether_anything_can_be_concluded_from_members(said: dict[str, Any], shown: bool) -> None:
    assert shows_members(known(**said)) is shown
