"""Laws of the way from Entra and back: nothing is lost, and nothing makes it crash."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.config import Application, SourceText, load_config
from reconciler.config.yaml import parse
from reconciler.diagnostics import ConfigError
from reconciler.interchange.entra import Given, export_schema, import_schema, schema_text
from reconciler.interchange.entra.difference import amended, differences, same
from reconciler.interchange.yaml_text import block
from tests.entra import (
    FIXTURES,
    OBJECT_MAPPINGS,
    ODD,
    SCHEMAS,
    TEXTS,
    USER,
    Json,
    application_in,
    fixture,
    imported,
    there_and_back,
)

Made = TypeVar("Made")
OFTEN = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SELDOM = settings(OFTEN, max_examples=50)
EVERYTHING = fixture("every-construct")
LIVE = application_in(imported(EVERYTHING).text)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value inside *value*."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for step, item in inner:
        found.append((*at, step))
        if isinstance(item, dict | list):
            found += places(item, (*at, step))
    return found


def changed(value: Any, at: tuple[Any, ...], odd: Any) -> Any:
    """Return a copy of *value* with something else at one place."""
    made = json.loads(json.dumps(value))
    holder = made
    for step in at[:-1]:
        holder = holder[step]
    holder[at[-1]] = odd
    return made


def outcome(call: Callable[[], Made]) -> Made | ConfigError:
    """Return what *call* makes, or the refusal; nothing else may come out."""
    try:
        return call()
    except ConfigError as exc:
        return exc


@OFTEN
@given(SCHEMAS)
def test_an_export_of_the_import_is_the_schema_again(schema: Json) -> None:
    assert same(there_and_back(schema), schema)


@OFTEN
@given(SCHEMAS)
def test_what_an_import_writes_loads_and_says_what_was_decided(schema: Json) -> None:
    made = imported(schema)

    loaded = load_config(SourceText("provisioning.yaml", made.text))
    (application,) = loaded.config.applications.values()
    assert application.enabled is not bool(made.held)
    assert all(finding.place in made.text or "\\u" in made.text for finding in made.findings)


@OFTEN
@given(st.sampled_from(places(EVERYTHING)), ODD)
def test_a_value_of_another_kind_is_refused_with_its_path_or_kept(
    at: tuple[Any, ...], odd: Any
) -> None:
    schema = changed(EVERYTHING, at, odd)

    made = outcome(lambda: import_schema(Given("schema.json", schema)))

    if isinstance(made, ConfigError):
        assert all(one.message.startswith("schema.json: $") for one in made.diagnostics)
    else:
        assert same(export_schema("crm", application_in(made.text)).schema, schema)


@OFTEN
@given(st.sampled_from(places(LIVE.entra)), ODD)
def test_a_block_that_somebody_changed_is_refused_or_exported(
    at: tuple[Any, ...], odd: Any
) -> None:
    block_now = changed(LIVE.entra, at, odd)

    made = outcome(lambda: export_schema("crm", LIVE.model_copy(update={"entra": block_now})))

    if isinstance(made, ConfigError):
        assert all("entra" in one.message for one in made.diagnostics)
    else:
        assert json.loads(schema_text(made.schema)) == made.schema


LIVES = {name: application_in(imported(fixture(name)).text) for name in FIXTURES}


@st.composite
def edits(draw: st.DrawFn) -> tuple[Application, Application]:
    """Draw an application that was imported, and what somebody has made of it since."""
    before = LIVES[draw(st.sampled_from(FIXTURES))]
    data = before.model_dump(mode="json", exclude_unset=True)
    lines = data["mappings"]["users"]
    free = [one for one in lines if "match" not in one and "IsSoftDeleted" not in str(one)]
    for one in draw(st.lists(st.sampled_from(free), max_size=3, unique_by=id)) if free else ():
        if draw(st.booleans()):
            lines.remove(one)
        else:
            kept = {key: one[key] for key in ("target", "apply") if key in one}
            lines[lines.index(one)] = {**kept, "source": "extensionAttribute1"}
    if draw(st.booleans()):
        lines.append({"target": f"{USER}:division", "expression": 'Join(" ", [a], [b])'})
    if draw(st.booleans()):
        lines.insert(0, lines.pop())
    filters = data.get("scoping_filters", {}).pop("users", None)
    if filters and draw(st.booleans()):
        filters[0]["title"] = draw(st.sampled_from((filters[0]["title"], "Renamed")))
        data["scoping_filters"]["users"] = filters
    if draw(st.booleans()):
        data["lifecycle"]["actions"] = ["create", "update"]
    return before, Application.model_validate_json(json.dumps(data))


@SELDOM
@given(edits())
def test_an_export_says_what_the_yaml_says_by_now(pair: tuple[Application, Application]) -> None:
    before, edited = pair
    made = export_schema("crm", edited).schema

    again = application_in(imported(made).text)

    lines = {line.target: line for line in edited.mappings.users}
    assert {line.target: line for line in again.mappings.users} == lines
    assert set(again.lifecycle.actions) == set(edited.lifecycle.actions)
    assert again.scoping_filters.users == edited.scoping_filters.users
    if edited.scoping_filters.users != before.scoping_filters.users:
        titles = {one.title for one in edited.scoping_filters.users or ()}
        assert all(titles >= names for names in named_filters(made))


def named_filters(schema: Json) -> list[set[str]]:
    """Return the names of the filters of each object mapping of users that has any."""
    scopes = [
        mapping.get("scope") or {}
        for rule in schema["synchronizationRules"]
        for mapping in rule["objectMappings"]
        if mapping["sourceObjectName"] == "User"
    ]
    return [{group["name"] for group in scope.get("groups") or ()} for scope in scopes]


TABLES = st.dictionaries(st.sampled_from(["users", "groups"]), OBJECT_MAPPINGS)


@OFTEN
@given(TABLES, TABLES)
def test_differences_make_one_table_of_the_other(old: Json, new: Json) -> None:
    made, unfit = amended(old, differences(old, new))

    assert unfit == []
    assert same(made, new)


@OFTEN
@given(TABLES, TABLES, TABLES)
def test_an_entry_that_does_not_fit_changes_nothing(old: Json, new: Json, other: Json) -> None:
    entries = differences(old, new)

    made, unfit = amended(other, entries)

    assert same(amended(other, [one for one in entries if one not in unfit])[0], made)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-99, 99) | TEXTS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
        max_leaves=20,
    ).filter(lambda value: "\x00" not in json.dumps(value).encode().decode("unicode_escape")),
    st.integers(0, 60),
)
def test_plain_data_is_read_back_as_it_was_written(value: Any, room: int) -> None:
    text = "\n".join(["value:", *(f"  {line}" for line in block(value, room)), ""])

    assert same(parse(text, "f.yaml").data, {"value": value})
