"""
The whole of Graph's format (entra.md, sections 10.3 and 3.4): each construct goes there and back.

The list below is the section, key by key. The fixtures hold every one of them,
their way back is exact, and so what cannot be said, which entra-differences.md
lists, holds none.
"""

from collections.abc import Iterator
from typing import Any, get_args

import pytest

from reconciler.config.model import Operator
from tests.entra import (
    FIXTURES,
    Json,
    copied,
    fixture,
    function,
    imported,
    object_mapping,
    row,
    said,
    schema,
    scope,
    there_and_back,
)
from tests.markdown import ROOT, rows, spans

KEYS = {
    "schema": "id version directories synchronizationRules",
    "directory": "id name version discoverabilities discoveryDateTime metadata objects",
    "object": "name metadata attributes",
    "attribute": "anchor apiExpressions caseExact defaultValue flowNullValues metadata multivalued "
    "mutability name referencedObjects required type",
    "reference": "referencedObjectName referencedProperty",
    "rule": "id name editable priority sourceDirectoryName targetDirectoryName metadata "
    "containerFilter groupFilter objectMappings",
    "groupFilter": "includedGroups",
    "objectMapping": "name sourceObjectName targetObjectName enabled flowTypes attributeMappings "
    "scope metadata",
    "metadata": "key value",
    "attributeMapping": "targetAttributeName source defaultValue matchingPriority flowType "
    "flowBehavior exportMissingReferences",
    "source": "type name expression parameters",
    "filter": "groups inputFilterGroups categoryFilterGroups",
    "filterGroup": "name clauses",
    "clause": "operatorName sourceOperandName targetOperand",
    "operand": "values",
}
VALUES = {
    "metadata of object mappings": "IsCustomerDefined DisableMonitoringForChanges Disposition "
    "ExcludeFromReporting EscrowBehavior Unsynchronized OriginalJoiningProperty",
    "metadata of objects": "PropertyNameAccountEnabled PropertyNameSoftDeleted "
    "IsSoftDeletionSupported IsSynchronizeAllSupported ConnectorDataStorageRequired Extensions "
    "BaseObjectName",
    "metadata of attributes": "BaseAttributeName ComplexObjectDefinition IsContainer "
    "IsDomainQualified LinkPropertyNames LinkTypeName MaximumLength ReferencedProperty",
    "type of attributes": "Binary Boolean DateTime Integer Reference String",
    "mutability": "ReadWrite ReadOnly Immutable WriteOnly",
    "type of sources": "Attribute Constant Function",
    "flowType": "Always ObjectAddOnly MultiValueAddOnly ValueAddOnly AttributeAddOnly",
    "flowBehavior": "FlowWhenChanged FlowAlways",
    "discoverabilities": "None AttributeNames AttributeDataTypes AttributeReadOnly "
    "ReferenceAttributes",
}
CONSTRUCTS = sorted(
    {word for words in (*KEYS.values(), *VALUES.values()) for word in words.split()}
)


def words_of(value: Any) -> Iterator[str]:
    """Yield every key of *value*, and every word of its texts."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from words_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from words_of(item)
    elif isinstance(value, str):
        yield value
        yield from value.split(", ")


PRESENT = frozenset(word for name in FIXTURES for word in words_of(fixture(name)))


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_fixture_has_the_construct(construct: str) -> None:
    assert construct in PRESENT


@pytest.mark.parametrize("operator", get_args(Operator))
def test_a_fixture_has_the_operator(operator: str) -> None:
    assert operator in PRESENT


@pytest.mark.parametrize("name", FIXTURES)
def test_a_fixture_goes_there_and_back(name: str) -> None:
    assert there_and_back(fixture(name)) == fixture(name)


def test_the_list_of_what_cannot_be_said_holds_no_construct() -> None:
    lost = [*rows(ROOT / "docs" / "entra-differences.md", "Lost or changed on the way")]

    assert lost
    assert not {span for one in lost for span in spans(one[0])} & set(CONSTRUCTS)


MID = {
    "expression": "Mid([userPrincipalName], 1, 8)",
    "name": "Mid",
    "type": "Function",
    "parameters": [
        {"key": "source", "value": copied("userPrincipalName")},
        {
            "key": "start",
            "value": {"expression": '"1"', "name": "1", "parameters": [], "type": "Constant"},
        },
        {
            "key": "length",
            "value": {"expression": '"8"', "name": "8", "parameters": [], "type": "Constant"},
        },
    ],
}
ON_PREMISES = {
    "name": "AD On Premise users",
    "clauses": [
        {
            "operatorName": "EQUALS",
            "sourceOperandName": "dirSyncEnabled",
            "targetOperand": {"values": ["True"]},
        }
    ],
}
CUSTOM = "urn:ietf:params:scim:schemas:extension:Contoso:2.0:User:officeCode"

SHAPES: list[tuple[str, Json, str]] = [
    (
        "an attribute",
        schema(object_mapping(row("title", copied("mail")))),
        "{target: title, source: mail}",
    ),
    (
        "an expression",
        schema(object_mapping(row("nickName", MID))),
        "{target: nickName, expression: 'Mid([userPrincipalName], 1, 8)'}",
    ),
    (
        "a constant that is a default without a source",
        schema(object_mapping(row("timezone", None, defaultValue="America/Los_Angeles"))),
        "{target: timezone, constant: America/Los_Angeles, apply: on_create}",
    ),
    (
        "an ampersand, which cloud sync has",
        schema(object_mapping(row("title", function('[a] & "x"')))),
        "{target: title, expression: '[a] & \"x\"'}",
    ),
    (
        "a match",
        schema(object_mapping(row("externalId", copied("objectId"), matchingPriority=2))),
        "{target: externalId, source: objectId, match: 2}",
    ),
    (
        "a filter",
        schema(object_mapping(scope=scope(ON_PREMISES))),
        "{attribute: dirSyncEnabled, operator: EQUALS, value: 'True'}",
    ),
    (
        "a default beside an expression",
        schema(
            object_mapping(
                row(
                    "locale",
                    function('Replace([preferredLanguage], "-", , , "_", , )'),
                    defaultValue="en_US",
                )
            )
        ),
        'Replace([preferredLanguage], "-", , , "_", , )\', default: en_US',
    ),
    (
        "a custom attribute in the least form that Graph takes",
        {
            **schema(
                object_mapping(
                    {
                        "source": {"name": "extensionAttribute10", "type": "Attribute"},
                        "targetAttributeName": CUSTOM,
                    }
                )
            ),
            "directories": [
                {
                    "name": "crm",
                    "objects": [
                        {"name": "User", "attributes": [{"name": CUSTOM, "type": "String"}]}
                    ],
                }
            ],
        },
        f"{{target: '{CUSTOM}', source: extensionAttribute10}}",
    ),
]


@pytest.mark.parametrize(
    ("value", "line"), [pytest.param(value, line, id=name) for name, value, line in SHAPES]
)
def test_a_shape_of_the_documentation_is_a_line_of_yaml_and_comes_back(
    value: Json, line: str
) -> None:
    assert line in said(imported(value).text)
    assert there_and_back(value) == value
