"""
Synchronization schemas for tests: the fixtures, small ones by hand, and random ones.

The random ones are made by the grammar of Graph (entra.md, section 10.3), with
any optional key left out or null, names used twice, texts that no YAML likes,
and keys that nobody knows.
"""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from reconciler.config import Application, SourceText, load_config
from reconciler.interchange.entra import Given, Imported, export_schema, import_schema

CASES = Path(__file__).parent / "cases" / "entra"
FIXTURES = sorted(path.stem for path in CASES.glob("*.json"))
USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
SWITCH = 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'

Json = dict[str, Any]


def fixture(name: str) -> Json:
    """Return one of the files under ``tests/cases/entra``."""
    found: Json = json.loads((CASES / f"{name}.json").read_text("utf-8"))
    return found


def copied(name: str) -> Json:
    """Return a source that is an attribute."""
    return {"expression": f"[{name}]", "name": name, "parameters": [], "type": "Attribute"}


def function(text: str, *parameters: Json) -> Json:
    """Return a source that is an expression."""
    name = text.partition("(")[0]
    return {"expression": text, "name": name, "parameters": [*parameters], "type": "Function"}


def row(target: str, source: Json | None, **keys: Any) -> Json:
    """Return an attribute mapping."""
    return {
        "targetAttributeName": target,
        "source": source,
        "defaultValue": None,
        "matchingPriority": 0,
        "flowType": "Always",
        "flowBehavior": "FlowWhenChanged",
        "exportMissingReferences": False,
        **keys,
    }


NAME = row("userName", copied("userPrincipalName"), matchingPriority=1)
ACTIVE = row("active", function(SWITCH))


def object_mapping(*rows: Json, **keys: Any) -> Json:
    """Return an object mapping of users."""
    return {
        "name": "Provision Azure Active Directory Users",
        "sourceObjectName": "User",
        "targetObjectName": USER,
        "enabled": True,
        "flowTypes": "Add, Update, Delete",
        "scope": None,
        "metadata": [],
        "attributeMappings": [NAME, ACTIVE, *rows],
        **keys,
    }


def schema(*mappings: Json) -> Json:
    """Return a schema of one rule with these object mappings."""
    rule = {
        "name": "USER_OUTBOUND_USER",
        "priority": 1,
        "sourceDirectoryName": "Azure Active Directory",
        "targetDirectoryName": "crm",
        "objectMappings": list(mappings or (object_mapping(),)),
    }
    return {"id": "crm.1", "version": "1", "directories": [], "synchronizationRules": [rule]}


def scope(*groups: Json, **keys: Any) -> Json:
    """Return a filter."""
    return {"groups": list(groups), "inputFilterGroups": [], "categoryFilterGroups": [], **keys}


def clause(operator: str, attribute: str, *values: str) -> Json:
    """Return a condition."""
    return {
        "operatorName": operator,
        "sourceOperandName": attribute,
        "targetOperand": {"values": list(values)},
    }


def imported(value: Any, **keys: Any) -> Imported:
    """Import a schema."""
    return import_schema(Given("schema.json", value), **keys)


def held(made: Imported) -> tuple[str, ...]:
    """Return why it is switched off, besides that no assignments were given."""
    return tuple(why for why in made.held if "no --assignments" not in why)


def application_in(text: str) -> Application:
    """Return the one application of a configuration."""
    (found,) = load_config(SourceText("provisioning.yaml", text)).config.applications.values()
    return found


def there_and_back(value: Json) -> Json:
    """Return what an export makes of the import of *value*."""
    return export_schema("crm", application_in(imported(value).text)).schema


def said(text: str) -> str:
    """Return the import as text without its `entra` block."""
    return text.partition("\n    entra:\n")[0]


# random schemas

TEXTS = st.sampled_from(
    [
        "",
        "mail",
        "no",
        "007",
        "null",
        "ß",
        "it's",
        'a "b"',
        "a: b #c",
        "x\ny",
        "\t",
        "\x00",
        "\u2028",
    ]
) | st.text(max_size=6).filter(lambda text: text.isprintable())
TARGETS = st.sampled_from(
    [
        "userName",
        "displayName",
        "active",
        "externalId",
        "title",
        "IsActive",
        "members",
        'emails[type eq "other"].Value',
        'addresses[type eq "work"].formatted',
        'roles[primary eq "True"].value',
        f"{USER}:manager",
        "urn:ietf:params:scim:schemas:extension:Contoso:2.0:User:badge",
        "not a path[",
    ]
)
EXPRESSIONS = st.sampled_from(
    [
        SWITCH,
        "Not([IsSoftDeleted])",
        'Join(" ", [givenName], [surname])',
        "Mid([mail], 1, 8)",
        'Replace([preferredLanguage], "-", , , "_", ,  )',
        'IIF([a]="b", "c", "d")',
        "SingleAppRoleAssignment([appRoleAssignments])",
        "[mail]",
        '"x"',
        "Join(",
        "NoSuch([a])",
        'Append([mail],\r\n "x")',
        "",
    ]
)
ODD = st.sampled_from([None, True, 0, 1.5, 10**16, [], {}, [{"json": 1}], {"json": "x"}, "odd"])
DEEP: Json = {"a": []}
for _ in range(40):
    DEEP = {"a": [DEEP]}
UNKNOWN = st.dictionaries(
    st.sampled_from(["flowNullValues", "@odata.type", "json", "without", "<<", "1", "x\x01"]),
    ODD | st.just(DEEP),
    max_size=2,
)


def some(keys: dict[str, Any], *needed: str) -> st.SearchStrategy[Json]:
    """Return objects with any of *keys*, present, null or absent, and keys that nobody knows."""
    known = st.fixed_dictionaries(
        {key: keys[key] for key in needed},
        optional={key: st.none() | kind for key, kind in keys.items() if key not in needed},
    )
    return st.tuples(UNKNOWN, known).map(lambda pair: {**pair[0], **pair[1]})


LEAVES = some(
    {
        "type": st.sampled_from(["Attribute", "Constant", "Function", "Workflow"]),
        "name": TEXTS,
        "expression": EXPRESSIONS | TEXTS,
        "parameters": st.just([]),
    }
)
SOURCES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda leaf, found: {**leaf, "parameters": [{"key": "source", "value": s} for s in found]},
        LEAVES,
        st.lists(inner, max_size=2),
    ),
    max_leaves=4,
)
ROWS = some(
    {
        "targetAttributeName": TARGETS | TEXTS,
        "source": SOURCES | TEXTS.map(copied) | EXPRESSIONS.map(function),
        "defaultValue": TEXTS,
        "matchingPriority": st.integers(-1, 11),
        "flowType": st.sampled_from(
            ["Always", "ObjectAddOnly", "MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly"]
        ),
        "flowBehavior": st.sampled_from(["FlowWhenChanged", "FlowAlways"]),
        "exportMissingReferences": st.booleans(),
    },
    "targetAttributeName",
)
CLAUSES = some(
    {
        "operatorName": st.sampled_from(
            ["EQUALS", "NOT EQUALS", "REGEX MATCH", "IS NULL", "Greater_Than", "&", "Present"]
        ),
        "sourceOperandName": TEXTS,
        "targetOperand": some({"values": st.lists(TEXTS, max_size=2)}),
    }
)
GROUPS = st.lists(some({"name": TEXTS, "clauses": st.lists(CLAUSES, max_size=2)}), max_size=3)
SCOPES = some({"groups": GROUPS, "inputFilterGroups": GROUPS, "categoryFilterGroups": GROUPS})
PAIRS = st.lists(some({"key": TEXTS, "value": TEXTS}), max_size=2)
OBJECT_NAMES = st.sampled_from(["User", "Group", USER, GROUP, "Device"])
OBJECT_MAPPINGS = some(
    {
        "name": st.sampled_from(["Provision Azure Active Directory Users", "Other"]) | TEXTS,
        "sourceObjectName": OBJECT_NAMES,
        "targetObjectName": OBJECT_NAMES,
        "enabled": st.booleans(),
        "flowTypes": st.sampled_from(["Add, Update, Delete", "Add", "Update,Add", "", "Merge"]),
        "attributeMappings": st.lists(ROWS, max_size=4),
        "scope": SCOPES,
        "metadata": PAIRS,
    }
)
DIRECTORY_NAMES = st.sampled_from(["Azure Active Directory", "crm"])
RULES = some(
    {
        "id": TEXTS,
        "name": TEXTS,
        "editable": st.booleans(),
        "priority": st.integers(0, 3),
        "sourceDirectoryName": DIRECTORY_NAMES,
        "targetDirectoryName": DIRECTORY_NAMES,
        "metadata": PAIRS,
        "containerFilter": ODD,
        "groupFilter": st.just({"includedGroups": ["x"]}),
        "objectMappings": st.lists(OBJECT_MAPPINGS, max_size=3),
    }
)
ATTRIBUTES = some(
    {
        "name": TARGETS | TEXTS,
        "type": st.sampled_from(["String", "Boolean"]),
        "anchor": st.booleans(),
        "apiExpressions": st.just([{"name": "x"}]),
        "multivalued": st.booleans(),
        "metadata": PAIRS,
        "referencedObjects": st.just([{"referencedObjectName": "User"}]),
    }
)
OBJECTS = some(
    {"name": OBJECT_NAMES, "metadata": PAIRS, "attributes": st.lists(ATTRIBUTES, max_size=3)}
)
DIRECTORIES = some({"id": TEXTS, "name": DIRECTORY_NAMES, "objects": st.lists(OBJECTS, max_size=2)})
SCHEMAS = some(
    {
        "id": TEXTS,
        "version": TEXTS,
        "directories": st.lists(DIRECTORIES, max_size=2),
        "synchronizationRules": st.lists(RULES, max_size=2),
    },
    "synchronizationRules",
)
