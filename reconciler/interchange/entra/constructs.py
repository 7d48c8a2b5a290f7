"""
What a schema says beside its tables, as far as somebody has to know of it.

All of this is kept for the export. What decides about people (containers,
groups, other object mappings) is listed because nothing here decides it.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.interchange.entra.draft import Draft
from reconciler.interchange.entra.frame import METADATA, Places
from reconciler.interchange.entra.shapes import Json, Place, items, object_mappings, table_of

RULE_FILTERS = {
    "containerFilter": "only some containers of the source are meant",
    "groupFilter": "only members of some groups are meant",
}
"""Filters of a whole rule, and what they do."""

OF_ATTRIBUTES: Mapping[str, str] = {
    "apiExpressions": "connectors read it by an expression of their own",
    "defaultValue": "the directory has a default of its own",
    "flowNullValues": "nothing flows as a value; `clear: true` on a mapping does that here",
}
"""Characteristics of attributes that change what is written, and how."""

ORDINARY = {**METADATA, "OriginalJoiningProperty": None, "IsCustomerDefined": None}
"""Metadata of object mappings; None for those that change nothing, whatever they say."""

_FEW = 5


def list_constructs(schema: Json, places: Places, draft: Draft) -> None:
    """Note every construct of *schema* that decides nothing here."""
    for number, rule in enumerate(items(schema, "synchronizationRules")):
        _rule(rule, f"$.synchronizationRules[{number}]", draft)
    taken = set(places.values())
    for place, _, mapping in object_mappings(schema):
        if place in taken:
            _metadata(mapping, place, draft)
        else:
            _other(mapping, place, places, draft)
    for number, directory in enumerate(items(schema, "directories")):
        for index, each in enumerate(items(directory, "objects")):
            path = f"$.directories[{number}].objects[{index}]"
            _attributes(each, f"{path} ({each.get('name')})", draft)


def _rule(rule: Json, path: str, draft: Draft) -> None:
    """Note the filters of a rule."""
    for key, does in RULE_FILTERS.items():
        value = rule.get(key)
        if value and (not isinstance(value, dict) or any(value.values())):
            draft.unsupported(f"{path}.{key}", f"not decided here: {does}")
            draft.hold(f"{key} decides nothing here")


def _other(mapping: Json, place: Place, places: Places, draft: Draft) -> None:
    """Note an object mapping that is no table."""
    table, name = table_of(mapping), mapping.get("name")
    path = f"{place.path} ({name})"
    if table == "groups" and table not in places:
        draft.remarks["groups"] = "groups: not provisioned; their mapping is switched off in Entra"
        draft.choice(path, "switched off, so groups are not provisioned")
    elif mapping.get("enabled") is False:
        draft.unsupported(path, "switched off, and another mapping of its kind is used")
    else:
        draft.unsupported(path, "only one mapping of users and one of groups can be used")
        draft.hold(f"the object mapping {name} decides nothing here")


def _metadata(mapping: Json, place: Place, draft: Draft) -> None:
    """Note metadata that changes how a mapping works."""
    for pair in items(mapping, "metadata"):
        key, value = pair.get("key"), pair.get("value")
        usual = ORDINARY.get(key or "")
        if key not in ORDINARY:
            draft.unsupported(f"{place.path}.metadata ({key})", "not known here")
        elif usual is not None and str(value).casefold() != usual.casefold():
            draft.unsupported(
                f"{place.path}.metadata ({key})", "not as usual: nothing does it here"
            )


def _attributes(described: Json, path: str, draft: Draft) -> None:
    """Note characteristics of attributes, once for each object."""
    for key, does in OF_ATTRIBUTES.items():
        found = [str(a.get("name")) for a in items(described, "attributes") if a.get(key)]
        if found:
            shown = ", ".join(found[:_FEW]) + (
                f" and {len(found) - _FEW} more" * bool(found[_FEW:])
            )
            draft.unsupported(f"{path}: {key} of {shown}", does)
