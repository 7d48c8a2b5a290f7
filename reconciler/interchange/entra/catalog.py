"""
The attributes of directories: what a schema declares, and what a mapping uses of it.

Graph wants each attribute that a mapping names to be declared in its directory
(entra.md, section 10.3). Of the source we know the few that are not plain text,
of the target what the standard says of it (:data:`reconciler.scim.schema.CORE`).

A schema that was imported keeps its own declarations. What it used without
declaring it is remembered, so that an export adds only what the YAML has added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.config.check_targets import read_target
from reconciler.interchange.entra.shapes import (
    Json,
    Place,
    TableName,
    items,
    object_mappings,
    table_of,
)
from reconciler.interchange.entra.tables import names_read

Missing = tuple[str, str, str]
"""An attribute that is used and not declared: directory, object, attribute."""

SOURCE: Mapping[str, Json] = {
    "accountEnabled": {"type": "Boolean"},
    "appRoleAssignments": {"multivalued": True},
    "IsSoftDeleted": {"type": "Boolean"},
    "manager": {"type": "Reference"},
    "members": {"type": "Reference", "multivalued": True},
    "otherMails": {"multivalued": True},
    "proxyAddresses": {"multivalued": True},
}
"""Attributes of Entra's users and groups that are no single text."""

TYPES = {"boolean": "Boolean", "integer": "Integer", "dateTime": "DateTime", "binary": "Binary"}
"""Graph's names of the standard's types (entra.md, section 3.4); all others are String."""

_RESOURCES: Mapping[TableName, str] = {"users": "User", "groups": "Group"}
_POINTS_TO: Mapping[str, tuple[TableName, ...]] = {
    "manager": ("users",),
    "members": ("users", "groups"),
}


def missing(schema: Json) -> dict[Missing, Json]:
    """Return what object mappings of users and groups use and no directory declares, with facts."""
    pairs = [(place, rule, mapping) for place, rule, mapping in object_mappings(schema)]
    found: dict[Missing, Json] = {}
    for _, rule, mapping in pairs:
        table = table_of(mapping)
        if table is None:
            continue
        ends = (
            ("sourceDirectoryName", "sourceObjectName", _source_facts(mapping)),
            ("targetDirectoryName", "targetObjectName", _target_facts(mapping, table)),
        )
        for directory_key, object_key, used in ends:
            directory, named = rule.get(directory_key), mapping.get(object_key)
            declared = _declared(schema, directory, named)
            if declared is None or directory is None or named is None:
                continue
            objects = _objects_at(pairs, directory_key, directory, object_key)
            for name, facts in used:
                if name not in declared:
                    references = _references(name, objects, facts)
                    found[directory, named, name] = {**facts, **references}
    return found


def declare(schema: Json, wanted: Mapping[Missing, Json], usual: Json) -> None:
    """Add the declarations of *wanted* to the directories of *schema*."""
    for (directory, named, name), facts in wanted.items():
        found = _object(schema, directory, named)
        if found is not None:
            neutral = {key: value for key, value in facts.items() if value != usual.get(key)}
            found["attributes"] = [*items(found, "attributes"), {**usual, "name": name, **neutral}]


def _source_facts(mapping: Json) -> Iterator[tuple[str, Json]]:
    """Yield what is read of the source."""
    for name in dict.fromkeys(names_read(mapping)):
        yield name, SOURCE.get(name, {})


def _target_facts(mapping: Json, table: TableName) -> Iterator[tuple[str, Json]]:
    """Yield what is written to the target."""
    for line in items(mapping, "attributeMappings"):
        name = line["targetAttributeName"]
        yield name, _of_standard(name, _RESOURCES[table])


def _of_standard(name: str, resource_type: str) -> Json:
    """Return what the standard says of a target attribute."""
    target, _ = read_target(name, resource_type)
    if target is None or target.leaf is None:
        return {}
    leaf, whole = target.leaf, target.path.sub is None
    if target.path.attribute.lower() in _POINTS_TO and (target.path.sub or "value") == "value":
        return {"type": "Reference", "multivalued": leaf.multi_valued and whole}
    return {
        "type": TYPES.get(leaf.type, "String"),
        "multivalued": leaf.multi_valued and whole,
        "caseExact": leaf.case_exact,
        "required": leaf.required and whole,
    }


def _references(name: str, objects: Mapping[TableName, str], facts: Json) -> Json:
    """Return the objects that a reference points to."""
    if facts.get("type") != "Reference":
        return {}
    tables = _POINTS_TO["members" if facts.get("multivalued") else "manager"]
    return {
        "referencedObjects": [
            {"referencedObjectName": objects[table], "referencedProperty": None}
            for table in tables
            if table in objects
        ]
    }


def _objects_at(
    pairs: list[tuple[Place, Json, Json]], directory_key: str, directory: str, object_key: str
) -> dict[TableName, str]:
    """Return the names of users and groups in one directory."""
    found: dict[TableName, str] = {}
    for _, rule, mapping in pairs:
        table = table_of(mapping)
        if table and rule.get(directory_key) == directory and mapping.get(object_key):
            found.setdefault(table, mapping[object_key])
    return found


def _declared(schema: Json, directory: str | None, named: str | None) -> set[str] | None:
    """Return the attributes that an object of a directory has; None when it is not described."""
    found = _object(schema, directory, named)
    return None if found is None else {each.get("name") for each in items(found, "attributes")}


def _object(schema: Json, directory: str | None, named: str | None) -> Json | None:
    """Return the description of an object."""
    for one in items(schema, "directories"):
        if directory is not None and one.get("name") == directory:
            for found in items(one, "objects"):
                if named is not None and found.get("name") == named:
                    described: Json = found
                    return described
    return None
