"""What a schema says beside its tables: kept, listed, and held if it decides about people."""

from typing import Any

import pytest

from tests.entra import (
    Json,
    application_in,
    clause,
    copied,
    held,
    imported,
    object_mapping,
    row,
    said,
    schema,
    scope,
    there_and_back,
)

GROUPS = object_mapping(
    name="Provision Azure Active Directory Groups",
    sourceObjectName="Group",
    targetObjectName="Group",
    attributeMappings=[row("displayName", copied("displayName"), matchingPriority=1)],
)


def with_rule(**keys: Any) -> Json:
    """Return a schema whose rule says more."""
    made = schema()
    made["synchronizationRules"][0].update(keys)
    return made


def of_attribute(**keys: Any) -> Json:
    """Return a schema with one declared attribute."""
    return {
        **schema(),
        "directories": [
            {"name": "crm", "objects": [{"name": "User", "attributes": [{"name": "x", **keys}]}]}
        ],
    }


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(with_rule(containerFilter={"x": ["OU=Staff"]}), id="containers"),
        pytest.param(with_rule(groupFilter={"includedGroups": ["g"]}), id="groups"),
        pytest.param(schema(object_mapping(), object_mapping(name="twice")), id="two of users"),
        pytest.param(
            schema(
                object_mapping(), object_mapping(sourceObjectName="Device", targetObjectName="")
            ),
            id="another object",
        ),
    ],
)
def test_what_decides_about_people_is_listed_and_switches_off(value: Json) -> None:
    made = imported(value)

    assert not application_in(made.text).enabled
    assert [each for each in made.findings if each.kind == "unsupported"]
    assert there_and_back(value) == value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (of_attribute(apiExpressions=[{"name": "x"}]), "apiExpressions of x"),
        (of_attribute(flowNullValues=True), "flowNullValues of x"),
        (of_attribute(defaultValue="0"), "defaultValue of x"),
        (
            schema(object_mapping(metadata=[{"key": "Unsynchronized", "value": "true"}])),
            "metadata (Unsynchronized): not as usual",
        ),
        (schema(object_mapping(metadata=[{"key": "New", "value": "1"}])), "(New): not known here"),
        (
            schema(object_mapping(), object_mapping(enabled=False)),
            "switched off, and another mapping of its kind is used",
        ),
    ],
)
def test_what_decides_about_nobody_is_listed(value: Json, words: str) -> None:
    made = imported(value)

    assert held(made) == ()
    assert any(words in str(each) for each in made.findings)
    assert there_and_back(value) == value


@pytest.mark.parametrize(
    "value",
    [
        with_rule(containerFilter=None, groupFilter={"includedGroups": []}),
        schema(object_mapping(metadata=[{"key": "Disposition", "value": '"Normal"'}])),
        schema(object_mapping(metadata=[{"key": "IsCustomerDefined", "value": "true"}])),
        of_attribute(apiExpressions=[], flowNullValues=False, defaultValue=None),
    ],
)
def test_what_is_as_usual_is_not_listed(value: Json) -> None:
    assert [each for each in imported(value).findings if each.place != "scope"] == []


def test_a_mapping_of_groups_that_is_switched_off_means_no_groups() -> None:
    value = schema(object_mapping(), {**GROUPS, "enabled": False})

    made = imported(value)

    application = application_in(made.text)
    assert application.mappings.groups is None
    assert held(made) == ()
    assert "# groups: not provisioned; their mapping is switched off in Entra" in said(made.text)
    assert "groups.yaml" not in said(made.text)
    assert there_and_back(value) == value


def test_a_mapping_of_users_that_is_switched_off_switches_off() -> None:
    value = schema(object_mapping(enabled=False))

    assert held(imported(value)) == ("the mapping of users is switched off in Entra",)
    assert there_and_back(value) == value


@pytest.mark.parametrize(
    ("flow_types", "actions"),
    [
        ("Add, Update, Delete", ("create", "update", "delete")),
        ("Update,Add", ("create", "update")),
        (None, ("create", "update", "delete")),
    ],
)
def test_flow_types_are_actions(flow_types: str | None, actions: tuple[str, ...]) -> None:
    value = schema(object_mapping(flowTypes=flow_types))

    assert application_in(imported(value).text).lifecycle.actions == actions
    assert there_and_back(value) == value


@pytest.mark.parametrize("flow_types", ["", "None"])
def test_flow_types_that_allow_nothing_switch_off(flow_types: str) -> None:
    value = schema(object_mapping(flowTypes=flow_types))

    assert held(imported(value)) == ("flowTypes allows nothing",)
    assert there_and_back(value) == value


def test_flow_types_that_say_nothing_are_a_choice() -> None:
    made = imported(schema(object_mapping(flowTypes=None)))

    assert any(each.place == "lifecycle.actions" for each in made.findings)


@pytest.mark.parametrize(
    ("value", "place", "off"),
    [
        ({**schema(), "new": 1}, "$.new", False),
        (with_rule(new=1), "$.synchronizationRules[0].new", True),
        (schema(object_mapping(new=1)), "objectMappings[0].new", True),
        (schema(object_mapping(scope=scope(newFilterGroups=[1]))), ".scope.newFilterGroups", True),
        (
            schema(object_mapping(scope=scope({"name": "F", "new": 1, "clauses": []}))),
            ".scope.groups[0].new",
            True,
        ),
        (
            schema(
                object_mapping(
                    scope=scope({"name": "F", "clauses": [{**clause("IS NULL", "x"), "not": True}]})
                )
            ),
            ".scope.groups[0].clauses[0].not",
            True,
        ),
        (
            schema(object_mapping(row("title", copied("a"), new=1))),
            "attributeMappings[2].new",
            False,
        ),
        (schema(object_mapping(row("title", {**copied("a"), "new": 1}))), "[2].source.new", False),
    ],
)
def test_a_key_that_nobody_knows_is_listed_and_switches_off_where_people_are_meant(
    value: Json, place: str, off: bool
) -> None:
    made = imported(value)

    (finding,) = (each for each in made.findings if each.message == "not known here")
    assert finding.place.endswith(place)
    assert any("may be about people" in why for why in made.held) is off
    assert there_and_back(value) == value


@pytest.mark.parametrize("nothing", [None, False, "", [], {}, 0])
def test_a_key_that_says_nothing_is_not_listed(nothing: Any) -> None:
    made = imported(schema(object_mapping(new=nothing)))

    assert held(made) == ()
    assert [each for each in made.findings if each.place != "scope"] == []


def test_an_object_mapping_without_a_name_is_told_by_its_place() -> None:
    made = imported(schema(object_mapping(), {"enabled": True}))

    assert held(made) == (
        "the object mapping $.synchronizationRules[0].objectMappings[1] decides nothing here",
    )


def test_an_unknown_flow_type_is_listed() -> None:
    made = imported(schema(object_mapping(flowTypes="Add, Update, Merge")))

    assert any("flow type merge" in each.message for each in made.findings)


@pytest.mark.parametrize(
    ("users", "groups", "more"),
    [("Add, Update, Delete", "Add", True), ("Add", "Add, Update, Delete", False)],
    ids=["groups allow less", "groups allow more"],
)
def test_flow_types_of_groups_that_differ_are_a_choice(users: str, groups: str, more: bool) -> None:
    """Nothing is done to groups that Entra would not do, before somebody has seen it."""
    value = schema(object_mapping(flowTypes=users), {**GROUPS, "flowTypes": groups})

    made = imported(value)

    assert any("groups allow other actions" in each.message for each in made.findings)
    assert (held(made) == ("more may be done to groups here than in Entra",)) is more
    assert there_and_back(value) == value


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        ({"sourceObjectName": "Group", "targetObjectName": "x"}, True),
        ({"sourceObjectName": "x", "targetObjectName": "urn:a:core:2.0:Group"}, True),
        ({"sourceObjectName": None, "targetObjectName": None, "name": "Provision Groups"}, True),
        ({"sourceObjectName": "group", "targetObjectName": "user"}, True),
        ({"sourceObjectName": "x", "targetObjectName": None, "name": "Provision Devices"}, False),
    ],
)
def test_a_mapping_of_groups_is_known_by_its_objects_or_its_name(names: Json, groups: bool) -> None:
    made = imported(schema(object_mapping(), {**GROUPS, **names}))

    assert (application_in(made.text).mappings.groups is not None) is groups


def test_rules_of_low_priority_come_first() -> None:
    first, second = object_mapping(row("title", copied("a"))), object_mapping()
    value = schema(second)
    rule = value["synchronizationRules"][0]
    value["synchronizationRules"] = [
        {**rule, "priority": 2},
        {**rule, "priority": 1, "objectMappings": [first]},
    ]

    application = application_in(imported(value).text)

    assert [one.target for one in application.mappings.users] == ["userName", "active", "title"]
    assert there_and_back(value) == value


@pytest.mark.parametrize(
    ("directory", "name"),
    [
        ("Example CRM", "example-crm"),
        ("customappsso", "customappsso"),
        ("  !! ", "application"),
        (None, "application"),
        ("x" * 80, "x" * 63),
    ],
)
def test_an_application_is_called_as_its_directory(directory: str | None, name: str) -> None:
    assert f"\n  {name}:\n" in imported(with_rule(targetDirectoryName=directory)).text
