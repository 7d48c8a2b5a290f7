"""A flag that nothing acts on yet is refused, never ignored."""

import pytest

from reconciler.config import load_profile
from reconciler.profiles.acted import ACTED, not_acted_on
from reconciler.profiles.catalog import shipped_names
from reconciler.profiles.model import GENERIC, Profile


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({}, []),
        ({"tested": "crm 4.2"}, []),
        ({"paging": {"max": 7}, "limits": {"burst": 1}}, []),
        ({"bulk": {"use": "never"}, "concurrency": {"etag": "never"}}, []),
        ({"members": {"remove": "filter"}}, []),
        ({"members": {"remove": "value_list", "chunk": 7}}, ["members.chunk", "members.remove"]),
        ({"limits": {"retry_after": ("Retry-After",), "max_wait_seconds": 9}}, []),
    ],
    ids=str,
)
def test_what_is_refused(said: dict[str, object], refused: list[str]) -> None:
    assert not_acted_on(Profile.model_validate(said)) == refused


def test_every_flag_that_is_acted_on_exists() -> None:
    for path in ACTED:
        part: object = GENERIC
        for name in path.split("."):
            part = getattr(part, name)


def test_which_shipped_profiles_can_be_used_in_this_version() -> None:
    usable = {name for name in shipped_names() if not not_acted_on(load_profile(name))}

    assert usable == {
        "databricks",
        "generic",
        "gitlab",
        "keycloak",
        "rfc-strict",
        "scim2-server",
        "scimmy",
    }
