"""A profile is closed, frozen and strict; its schema says the same."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError

from reconciler.config.yaml import parse
from reconciler.live.pace import BURST
from reconciler.live.page_size import PAGE_SIZE
from reconciler.live.retry_after import HEADERS
from reconciler.profiles import GENERIC, Profile
from reconciler.profiles.export import profile_schema

ROOT = Path(__file__).parents[3]
OWN = sorted((ROOT / "tests/cases/positive").glob("*/profiles/*.yaml"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"pagin": {}},
        {"paging": {"size": 5}},
        {"paging": {"max": "5"}},
        {"paging": {"max": 0}},
        {"paging": {"count_param": 1}},
        {"paging": {"mode": "Index"}},
        {"members": {"remove": "all"}},
        {"members": {"chunk": 0}},
        {"errors": {"duplicate": [200]}},
        {"deprovision": {"delete": "maybe"}},
        {"concurrency": {"max_inflight": 65}},
        {"extends": ""},
    ],
    ids=str,
)
def test_what_is_not_known_or_not_possible_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Profile.model_validate_json(json.dumps(wrong))

    assert not Draft202012Validator(profile_schema()).is_valid(wrong)


def test_a_profile_does_not_change() -> None:
    with pytest.raises(ValidationError):
        GENERIC.paging.max = 5  # type: ignore[misc]


def test_the_defaults_are_what_the_engine_does_without_a_profile() -> None:
    """Each goes when the engine reads the flag instead of its own constant."""
    assert GENERIC.members.chunk == PAGE_SIZE
    assert GENERIC.limits.burst == BURST
    assert tuple(name.lower() for name in GENERIC.limits.retry_after)[:2] == HEADERS


def flags(model: type[BaseModel]) -> Iterator[str]:
    """Yield the names of all flags of a model."""
    for name, field in model.model_fields.items():
        part = field.annotation
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield from flags(part)
        else:
            yield name


@pytest.mark.parametrize("flag", sorted(set(flags(Profile)) - {"extends", "tested"}))
def test_the_engine_asks_for_each_flag(flag: str) -> None:
    """A flag that is read and not acted on would be a promise."""
    rooms = [path for path in (ROOT / "reconciler").rglob("*.py") if "profiles" not in path.parts]

    assert any(re.search(rf"\.{flag}\b", path.read_text("utf-8")) for path in rooms)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({"tested": "crm 4.2", "extends": "generic"}, {}, True),
        ({"bulk": {"use": "never"}}, {}, False),
        ({"filter": {"lookup": []}}, {}, False),
    ],
)
def test_two_profiles_are_the_same_service(
    one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    first, second = (Profile.model_validate_json(json.dumps(each)) for each in (one, other))

    assert first.same_service(second) is same


# the schema


def test_the_stored_schema_is_up_to_date() -> None:
    stored = (ROOT / "schemas" / "profile.schema.json").read_text("utf-8")

    assert json.loads(stored) == profile_schema(), "write it again: make schemas"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(profile_schema())


def test_every_key_is_described_for_the_person_who_writes_it() -> None:
    schema = profile_schema()
    definitions = schema["$defs"]
    bare = [
        key
        for part in (schema, *definitions.values())
        for key, value in part["properties"].items()
        if not value.get("description")
        and not definitions[value["$ref"].rpartition("/")[2]].get("description")
    ]

    assert bare == []


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_a_profile_that_loads_is_valid(path: Path) -> None:
    data = parse(path.read_text("utf-8"), path.name).data

    Draft202012Validator(profile_schema()).validate(data)
