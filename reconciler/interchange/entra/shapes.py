"""
The shape of a synchronization schema: what is read of it, and of what kind that must be.

The table holds the parts that an import reads (entra.md, section 10.3). Where a
file has something of another kind there, it is not the file that it is taken
for, and is refused with the path of the place. Keys that are not in the table
may hold anything: they are kept for the export as they are.

Used by the import for the file, and by the export for what the `entra` block
of a configuration makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reconciler.diagnostics import ConfigError, Diagnostic

Json = dict[str, Any]
Kind = Literal["text", "flag", "number", "texts"]
TableName = Literal["users", "groups"]


@dataclass(frozen=True, slots=True)
class One:
    """An object of a shape."""

    shape: str


@dataclass(frozen=True, slots=True)
class Many:
    """A list of objects of a shape."""

    shape: str


SHAPES: Mapping[str, Mapping[str, Kind | One | Many]] = {
    "schema": {"directories": Many("directory"), "synchronizationRules": Many("rule")},
    "directory": {"name": "text", "objects": Many("object")},
    "object": {"name": "text", "attributes": Many("attribute")},
    "attribute": {"name": "text"},
    "rule": {
        "name": "text",
        "priority": "number",
        "sourceDirectoryName": "text",
        "targetDirectoryName": "text",
        "objectMappings": Many("objectMapping"),
    },
    "objectMapping": {
        "name": "text",
        "sourceObjectName": "text",
        "targetObjectName": "text",
        "enabled": "flag",
        "flowTypes": "text",
        "scope": One("filter"),
        "attributeMappings": Many("attributeMapping"),
        "metadata": Many("pair"),
    },
    "pair": {"key": "text"},
    "filter": {
        "groups": Many("group"),
        "inputFilterGroups": Many("group"),
        "categoryFilterGroups": Many("group"),
    },
    "group": {"name": "text", "clauses": Many("clause")},
    "clause": {
        "operatorName": "text",
        "sourceOperandName": "text",
        "targetOperand": One("operand"),
    },
    "operand": {"values": "texts"},
    "attributeMapping": {
        "targetAttributeName": "text",
        "source": One("source"),
        "defaultValue": "text",
        "matchingPriority": "number",
        "flowType": "text",
        "flowBehavior": "text",
        "exportMissingReferences": "flag",
    },
    "source": {
        "type": "text",
        "name": "text",
        "expression": "text",
        "parameters": Many("parameter"),
    },
    "parameter": {"key": "text", "value": One("source")},
    "assignment": {
        "principalId": "text",
        "principalType": "text",
        "principalDisplayName": "text",
        "appRoleId": "text",
    },
    "servicePrincipal": {"displayName": "text", "appRoles": Many("appRole")},
    "appRole": {
        "id": "text",
        "value": "text",
        "displayName": "text",
        "isEnabled": "flag",
        "allowedMemberTypes": "texts",
    },
}
"""By shape, its keys and what they hold; nothing (null) is always allowed but in :data:`NEEDED`."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "schema": ("synchronizationRules",),
    "attributeMapping": ("targetAttributeName",),
    "assignment": ("principalId", "principalType"),
    "servicePrincipal": ("appRoles",),
}
"""Keys without which an object of a shape says nothing."""

_KINDS: Mapping[str, tuple[type, str]] = {
    "text": (str, "text"),
    "flag": (bool, "true or false"),
    "number": (int, "a whole number"),
    "texts": (list, "a list of text"),
}
_NOUNS = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}

MOST = 50
"""Complaints about one file; whoever has more of them has taken the wrong file."""


def check(value: Any, shape: str, file: str, path: str = "$") -> None:
    """
    Refuse *value* unless it has the *shape* as far as it is read.

    Raises:
        ConfigError: With `unfit-entra-file` for each place, named by its path.
    """
    found = []
    for place, problem in _object(value, shape, path):
        found.append(Diagnostic("unfit-entra-file", f"{file}: {place} {problem}"))
        if len(found) == MOST:
            break
    if found:
        raise ConfigError(found)


def _object(value: Any, shape: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an object, by place."""
    if not isinstance(value, dict):
        yield path, f"must be an object, not {_noun(value)}"
        return
    for key in NEEDED.get(shape, ()):
        if value.get(key) is None:
            yield path, f"has no `{key}`"
    known = {key.casefold(): key for key in SHAPES[shape]}
    for key in value:
        if key not in SHAPES[shape] and key.casefold() in known:
            yield f"{path}.{key}", f"is called `{known[key.casefold()]}` in what Graph answers"
    for key, kind in SHAPES[shape].items():
        if value.get(key) is not None:
            yield from _value(value[key], kind, f"{path}.{key}")


def _value(value: Any, kind: Kind | One | Many, path: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with one value that is not null."""
    if isinstance(kind, One):
        yield from _object(value, kind.shape, path)
    elif isinstance(kind, Many):
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _object(item, kind.shape, f"{path}[{index}]")
        else:
            yield path, f"must be a list, not {_noun(value)}"
    elif kind == "texts" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _value(item, "text", f"{path}[{index}]")
    elif type(value) is not _KINDS[kind][0]:
        yield path, f"must be {_KINDS[kind][1]}, not {_noun(value)}"


def _noun(value: Any) -> str:
    """Say what kind of value this is."""
    if value is None:
        return "null"
    return _NOUNS.get(type(value), "an object")


def items(holder: Json, key: str) -> list[Any]:
    """Return the list under *key*; empty when there is none."""
    found = holder.get(key)
    return found if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object mapping stands in a schema."""

    rule: int
    mapping: int

    @property
    def path(self) -> str:
        """The same as people see it."""
        return f"$.synchronizationRules[{self.rule}].objectMappings[{self.mapping}]"


def object_mappings(schema: Json) -> Iterator[tuple[Place, Json, Json]]:
    """Yield every object mapping with its place and its rule, rules of low priority first."""
    rules = list(enumerate(items(schema, "synchronizationRules")))
    for number, rule in sorted(rules, key=lambda pair: pair[1].get("priority") or 0):
        for index, mapping in enumerate(items(rule, "objectMappings")):
            yield Place(number, index), rule, mapping


def table_of(mapping: Json) -> TableName | None:
    """
    Say whether an object mapping is about users or about groups.

    The names of the objects say it (`User`, or a URN that ends in `:User`); a
    mapping that names none is told by its own name.
    """
    for key in ("sourceObjectName", "targetObjectName"):
        last = str(mapping.get(key) or "").rpartition(":")[2].casefold()
        if last in _OBJECTS:
            return _OBJECTS[last]
    words = str(mapping.get("name") or "").casefold().split()
    return next((_OBJECTS[word] for word in words if word in _OBJECTS), None)


_OBJECTS: Mapping[str, TableName] = {
    "user": "users",
    "users": "users",
    "group": "groups",
    "groups": "groups",
}
