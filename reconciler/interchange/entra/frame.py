"""
What of a schema is not a table: rules, directories, identities, other mappings.

An import cuts the tables out of Entra's file and keeps what is left; an export
puts the tables of the YAML into it again. An application that was never
imported gets a frame of ours (:func:`frame_for`), with everything that Graph
asks for (entra.md, section 10.3).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from reconciler.interchange.entra.shapes import (
    Json,
    Place,
    TableName,
    items,
    object_mappings,
    table_of,
)
from reconciler.interchange.entra.tables import cut_out, put_in
from reconciler.interchange.entra.usual import ATTRIBUTE, lengthened, shortened
from reconciler.scim.schema import CORE_URN, ENTERPRISE_URN

Places = Mapping[TableName, Place]

ENTRA = "Azure Active Directory"
"""What Entra calls itself in a schema (entra.md, section 10.3)."""

OBJECTS: Mapping[TableName, tuple[str, str, str]] = {
    "users": ("Provision Azure Active Directory Users", "User", ENTERPRISE_URN),
    "groups": ("Provision Azure Active Directory Groups", "Group", CORE_URN["Group"]),
}
"""By table, the usual name of its object mapping and of the objects at both ends (section 3.5)."""

METADATA = {
    "DisableMonitoringForChanges": "false",
    "Disposition": '"Normal"',
    "EscrowBehavior": '"Default"',
    "ExcludeFromReporting": "false",
    "IsCustomerDefined": "false",
    "Unsynchronized": "false",
}
"""Metadata of an object mapping that goes its usual way (entra.md, section 10.3)."""


def frame_for(name: str, title: str) -> tuple[Json, dict[TableName, Place]]:
    """Return the frame of an application that Entra does not know yet, and where tables go."""
    frame = {
        "id": name,
        "version": "1.0",
        "directories": [
            _directory(name, ENTRA, {"User": "objectId", "Group": "objectId"}),
            _directory(name, title, {OBJECTS["users"][2]: "id", OBJECTS["groups"][2]: "id"}),
        ],
        "synchronizationRules": [
            {
                "id": _identity(name, "rule"),
                "name": "USER_OUTBOUND_USER",
                "editable": True,
                "priority": 1,
                "sourceDirectoryName": ENTRA,
                "targetDirectoryName": title,
                "metadata": [],
                "containerFilter": None,
                "groupFilter": None,
                "objectMappings": [_object_mapping(table) for table in OBJECTS],
            }
        ],
    }
    return frame, {"users": Place(0, 0), "groups": Place(0, 1)}


def _directory(application: str, name: str, anchors: Mapping[str, str]) -> Json:
    """Return a directory whose objects have nothing but their anchors yet."""
    return {
        "id": _identity(application, "source" if name == ENTRA else "target"),
        "name": name,
        "version": "1.0",
        "discoverabilities": "None",
        "discoveryDateTime": None,
        "metadata": [],
        "objects": [
            {"name": each, "metadata": [], "attributes": [_anchor(anchor)]}
            for each, anchor in anchors.items()
        ],
    }


def _anchor(name: str) -> Json:
    """Return the attribute by which a directory knows its objects."""
    facts = {"anchor": True, "caseExact": True, "mutability": "ReadOnly", "required": True}
    return {**ATTRIBUTE, "name": name, **facts}


def _object_mapping(table: TableName) -> Json:
    """Return an object mapping without its table."""
    name, source, target = OBJECTS[table]
    return {
        "name": name,
        "sourceObjectName": source,
        "targetObjectName": target,
        "scope": None,
        "metadata": [{"key": key, "value": value} for key, value in METADATA.items()],
    }


def _identity(application: str, part: str) -> str:
    """Return a GUID that is always the same for one part of one application."""
    digest = sha256(f"{application}:{part}".encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def places_in(schema: Json) -> dict[TableName, Place]:
    """
    Return the object mappings that the YAML can speak for.

    Of several for one table, the first that is enabled, by the priority of
    their rules. A mapping of groups that is switched off is no table, because
    the YAML says that by leaving groups out; one of users always is.
    """
    found: dict[TableName, Place] = {}
    spare: dict[TableName, Place] = {}
    for place, _, mapping in object_mappings(schema):
        table = table_of(mapping)
        if table is not None and mapping.get("enabled") is not False:
            found.setdefault(table, place)
        elif table == "users":
            spare.setdefault(table, place)
    return {**spare, **found}


def at(schema: Json, place: Place) -> Json:
    """Return the object mapping at a place."""
    found: Json = schema["synchronizationRules"][place.rule]["objectMappings"][place.mapping]
    return found


def taken_apart(schema: Json, places: Places) -> tuple[Json, dict[str, Json]]:
    """Return the frame of a schema, and its tables."""
    frame = _copy(schema)
    tables: dict[str, Json] = {}
    for name, place in places.items():
        kept, table = cut_out(at(schema, place))
        frame["synchronizationRules"][place.rule]["objectMappings"][place.mapping] = kept
        tables[name] = table
    return frame, tables


def put_together(frame: Json, places: Places, tables: Mapping[str, Json]) -> Json:
    """
    Return the schema of a frame and tables.

    A table without a place takes that of a mapping which was switched off, or
    a new one in the first rule; a mapping without a table is left out.
    """
    schema = _copy(frame)
    rules = schema["synchronizationRules"]
    for name, table in tables.items():
        place = places.get(_table(name)) or _room_for(schema, _table(name))
        if place is not None:
            mappings = rules[place.rule]["objectMappings"]
            mappings[place.mapping] = put_in(mappings[place.mapping], table)
    gone = [place for name, place in places.items() if name not in tables]
    for place in sorted(gone, key=lambda each: (each.rule, each.mapping), reverse=True):
        del rules[place.rule]["objectMappings"][place.mapping]
    return schema


def _table(name: str) -> TableName:
    """Return the name of a table as such."""
    return "users" if name == "users" else "groups"


def _room_for(schema: Json, table: TableName) -> Place | None:
    """Return a place for a table that the frame has none for; None without any rule."""
    for place, _, mapping in object_mappings(schema):
        if table_of(mapping) == table and mapping.get("enabled") is False:
            return place
    for number, rule in enumerate(items(schema, "synchronizationRules")):
        rule["objectMappings"] = [*items(rule, "objectMappings"), _object_mapping(table)]
        return Place(number, len(rule["objectMappings"]) - 1)
    return None


def attributes_in(schema: Json) -> Iterator[tuple[list[Any], int]]:
    """Yield every attribute of every directory as a list and its index there."""
    for directory in items(schema, "directories"):
        for each in items(directory, "objects"):
            attributes = items(each, "attributes")
            for index in range(len(attributes)):
                yield attributes, index


def short_frame(frame: Json, usual: Json) -> Json:
    """Return a frame whose attributes say only what is not usual."""
    made = _copy(frame)
    for attributes, index in attributes_in(made):
        attributes[index] = shortened(attributes[index], usual)
    return made


def long_frame(frame: Json, usual: Json) -> Json:
    """Return a frame whose attributes say everything; the opposite of :func:`short_frame`."""
    made = _copy(frame)
    for attributes, index in attributes_in(made):
        attributes[index] = lengthened(attributes[index], usual)
    return made


def _copy(value: Json) -> Json:
    """Return JSON that shares nothing with *value*."""
    made: Json = json.loads(json.dumps(value))
    return made
