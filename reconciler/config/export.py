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

from reconciler.config.model import APPLICATION_NAME, Provisioning

Schema = dict[str, Any]

_WHOLE, _PARTIAL = "Application", "PartialApplication"
_HALVES = frozenset({"Limit"})
"""Definitions of which the shipped defaults fill in what is left out."""


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a configuration file."""
    made = Provisioning.model_json_schema()
    definitions: Schema = made.pop("$defs")
    for name, definition in definitions.items():
        _tidy(definition)
        if name in _HALVES:
            del definition["required"]
    _add_partial(definitions, _WHOLE)
    _tidy(made)
    properties: Schema = made["properties"]
    properties["defaults"] = {**_described(properties["defaults"]), **_ref(_PARTIAL)}
    properties["applications"] = {
        **_described(properties["applications"]),
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": APPLICATION_NAME},
        "additionalProperties": _ref(_PARTIAL),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:scim-reconciler:schema:provisioning:1",
        "title": "provisioning.yaml, version 1",
        "description": "Desired state of accounts, groups and roles in applications.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **_kinds_of_files(),
        "$defs": definitions,
    }


def _kinds_of_files() -> Schema:
    """Tell the main file from an included one, and a file with `defaults` from one without."""
    whole = {"properties": {"applications": {"additionalProperties": _ref(_WHOLE)}}}
    return {
        "if": {"anyOf": [{"required": ["version"]}, {"required": ["source"]}]},
        "then": {
            "required": ["version", "source"],
            "anyOf": [{"required": ["applications"]}, {"required": ["include"]}],
            "if": {"required": ["defaults"]},
            "else": whole,
        },
        "else": {"required": ["applications"], "maxProperties": 1},
    }


def _ref(name: str) -> Schema:
    """Return a reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}


def _described(schema: Schema) -> Schema:
    """Return the description alone."""
    return {"description": schema["description"]}


def _tidy(definition: Schema) -> None:
    """Drop titles made of names, and null: a key that says nothing is left out."""
    definition.pop("title", None)
    for name, schema in definition.get("properties", {}).items():
        schema.pop("title", None)
        if schema.get("default", 0) is None:
            del schema["default"]
        choices = [one for one in schema.pop("anyOf", ()) if one != {"type": "null"}]
        if choices:
            alone = choices[0] if len(choices) == 1 else {"anyOf": choices}
            definition["properties"][name] = {**alone, **schema}


def _add_partial(definitions: Schema, name: str) -> str:
    """
    Add a definition like *name* in which nothing is required, and return its name.

    What mappings hold is relaxed as well, since they merge deep; items of lists
    are not, since lists replace.
    """
    partial = f"Partial{name}"
    if partial not in definitions:
        copy: Schema = deepcopy(definitions[name])
        definitions[partial] = copy
        copy.pop("required", None)
        for schema in copy["properties"].values():
            below = schema.get("$ref", "").rpartition("/")[2]
            if below:
                schema.update(_ref(_add_partial(definitions, below)))
    return partial
