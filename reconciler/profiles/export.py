"""
The JSON Schema of a profile, for editors.

Printed by ``reconciler schema profile``; ``schemas/profile.schema.json`` is a copy
that a test keeps up to date.
"""

from __future__ import annotations

from typing import Any

from reconciler.profiles.model import Profile


def profile_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a profile, for editors."""
    made = Profile.model_json_schema()
    definitions: dict[str, Any] = made.pop("$defs")
    for definition in (made, *definitions.values()):
        _tidy(definition)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:scim-reconciler:schema:profile:1",
        "title": "A profile of a SCIM service",
        **made,
        "$defs": definitions,
    }


def _tidy(definition: dict[str, Any]) -> None:
    """Drop titles made of names, and null: a key that says nothing is left out."""
    definition.pop("title", None)
    for name, schema in definition["properties"].items():
        schema.pop("title", None)
        if schema.get("default", 0) is None:
            del schema["default"]
        choices = [one for one in schema.pop("anyOf", ()) if one != {"type": "null"}]
        if choices:
            definition["properties"][name] = {**choices[0], **schema}
