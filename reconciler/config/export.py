"""
The JSON Schema of ``provisioning.yaml``, for editors.

Made from the models, with what the loader does before validation taken into
account: nothing is ``null``, a limit may be given in part, an application may
leave to ``defaults:`` what it would otherwise need, and an included file holds
``applications:`` alone. The schema refuses no file that loads; the loader
refuses more than a schema can say.

Printed by ``reconciler schema config``; ``schemas/provisioning.schema.json`` is
a copy that a test keeps up to date.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from reconciler.config.model import Provisioning

Schema = dict[str, Any]

_NULLS_WELCOME = frozenset({"Expectation"})
"""Definitions in which null says something: a test may expect that nothing is written."""

_HALVES = frozenset({"Limit"})
"""Definitions of which the shipped defaults fill in what is left out."""


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a configuration file."""
    made = Provisioning.model_json_schema()
    definitions: Schema = made.pop("$defs")
    for name, definition in definitions.items():
        if name not in _NULLS_WELCOME:
            _without_null(definition)
        if name in _HALVES:
            definition.pop("required", None)
        definition.pop("title", None)
    partial = _partial(definitions, "Application")
    properties: Schema = made["properties"]
    for value in properties.values():
        _without_titles(value)
    names = properties["applications"].pop("propertyNames", {"pattern": "^"})
    named = {"propertyNames": names, "minProperties": 1, "type": "object"}
    properties["defaults"] = {"$ref": f"#/$defs/{partial}", **_described(properties["defaults"])}
    properties["applications"] = _described(properties["applications"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:scim-reconciler:schema:provisioning:1",
        "title": "provisioning.yaml, version 1",
        "description": "Desired state of accounts, groups and roles in applications.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **_either(named, partial),
        "$defs": definitions,
    }


def _either(named: Schema, partial: str) -> Schema:
    """Tell the main file from an included one, and a file with `defaults` from one without."""
    full = {**named, "additionalProperties": {"$ref": "#/$defs/Application"}}
    loose = {**named, "additionalProperties": {"$ref": f"#/$defs/{partial}"}}
    return {
        "if": {"anyOf": [{"required": ["version"]}, {"required": ["source"]}]},
        "then": {
            "required": ["version", "source"],
            "anyOf": [{"required": ["applications"]}, {"required": ["include"]}],
            "if": {"required": ["defaults"]},
            "then": {"properties": {"applications": loose}},
            "else": {"properties": {"applications": full}},
        },
        "else": {
            "required": ["applications"],
            "properties": {"applications": loose},
            "maxProperties": 1,
        },
    }


def _described(schema: Schema) -> Schema:
    """Return the description alone."""
    return {"description": schema["description"]}


def _without_titles(schema: Schema) -> None:
    """Drop the titles that pydantic makes of field names; descriptions say more."""
    schema.pop("title", None)


def _without_null(definition: Schema) -> None:
    """Take null out of every optional property: a key is left out, not emptied."""
    for name, schema in definition.get("properties", {}).items():
        _without_titles(schema)
        choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
        if "anyOf" in schema:
            alone = choices[0] if len(choices) == 1 else {"anyOf": choices}
            kept = {k: v for k, v in schema.items() if k != "anyOf"}
            definition["properties"][name] = {**alone, **kept}
        if schema.get("default", 0) is None:
            definition["properties"][name].pop("default")


def _partial(definitions: Schema, name: str) -> str:
    """
    Add a definition like *name* in which nothing is required, and return its name.

    What mappings hold is relaxed as well, since they merge deep; items of lists
    are not, since lists replace.
    """
    loose = f"Partial{name}"
    if loose not in definitions:
        copy: Schema = deepcopy(definitions[name])
        definitions[loose] = copy
        copy.pop("required", None)
        for schema in copy.get("properties", {}).values():
            below = str(schema.get("$ref", "")).rpartition("/")[2]
            if below:
                schema["$ref"] = f"#/$defs/{_partial(definitions, below)}"
    return loose
