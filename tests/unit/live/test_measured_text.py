"""A measured profile as text: its order, its spelling, and what becomes of two opinions."""

import pytest

from reconciler.config import SourceText, load_profile
from reconciler.live.measure import Measured, Value, together
from reconciler.live.measured_text import findings_of, measured_text
from reconciler.live.probe import Outcome
from reconciler.profiles import Profile

URL = "https://crm.example/scim/v2"
MANAGER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"


def written(*found: Measured) -> Profile:
    text = measured_text(found, URL, by_writing=True)
    return load_profile("crm.yaml", lambda path: SourceText(path, text))


def test_flags_stand_in_the_order_of_a_profile_whoever_measured_them() -> None:
    found = [
        Measured("concurrency.read_after_write.retries", 4, "slow"),
        Measured("members.remove", "value_list", "seen"),
        Measured("discovery", "full", "seen"),
        Measured("concurrency.etag", "never", "seen"),
        Measured("members.chunk", None, "too many"),
        Measured("concurrency.read_after_write.delay_seconds", 1, "slow"),
    ]

    lines = [
        line.partition("#")[0].rstrip()
        for line in measured_text(found, URL).splitlines()
        if not line.startswith("#")
    ]

    assert lines == [
        "extends: generic",
        "discovery: full",
        "members:",
        "  remove: value_list",
        "concurrency:",
        "  etag: never",
        "  read_after_write:",
        "    retries: 4",
        "    delay_seconds: 1",
    ]
    assert "# left out: members.chunk: too many" in measured_text(found, URL)
    assert written(*found).concurrency.read_after_write.retries == 4


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("attributes.unsupported", (MANAGER, 'phoneNumbers[type eq "fax"].value', "title")),
        ("attributes.unsupported", ()),
        ("errors.duplicate", (400, 409)),
        ("filter.lookup", ("userName", "externalId")),
        ("write.atomic", False),
        ("paging.max", 50),
    ],
)
def test_what_is_written_is_read_again(key: str, value: Value) -> None:
    section, name = key.split(".")

    assert getattr(getattr(written(Measured(key, value, "seen")), section), name) == value


def test_what_was_tried_counts_more_than_what_is_declared() -> None:
    read = [
        Measured("write.user_update", "patch", "PATCH: declared"),
        Measured("concurrency.etag", "if_declared", "ETags: declared"),
        Measured("list.members", None, "no group"),
    ]
    tried = [
        Measured("write.user_update", "put", "PATCH: refused with 501; PUT: works"),
        Measured("concurrency.etag", None, "no answer"),
        Measured("list.members", "listed", "seen"),
        Measured("members.chunk", None, "too many"),
    ]

    assert together(read, tried) == (
        tried[0],
        Measured("concurrency.etag", "if_declared", "ETags: declared; by writing: no answer"),
        tried[2],
        tried[3],
    )


def test_on_the_screen_what_a_profile_must_say_is_a_warning() -> None:
    found = [
        Measured("members.remove", "filter", "works"),
        Measured("members.remove", "put", "all else fails"),
        Measured("members.chunk", None, "too many"),
    ]

    assert [(each.outcome, each.sentence) for each in findings_of(found)] == [
        (Outcome.OK, "filter (works)"),
        (Outcome.WARN, "put (all else fails)"),
        (Outcome.WARN, "could not be measured: too many"),
    ]
