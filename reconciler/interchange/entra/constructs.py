"""
What a schema says beside its tables, as far as somebody has to know of it.

All of this is kept for the export. What decides about people (containers,
groups, other object mappings) is listed because nothing here decides it. So are
keys that are not known: a filter that Entra gets next year must not be lost
without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.interchange.entra.draft import Draft
from reconciler.interchange.entra.frame import METADATA, Places
from reconciler.interchange.entra.shapes import (
    SHAPES,
    Json,
    Many,
    One,
    Place,
    items,
    object_mappings,
    table_of,
)

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

KEPT: Mapping[str, frozenset[str]] = {
    "schema": frozenset({"id", "version"}),
    "rule": frozenset({"containerFilter", "editable", "groupFilter", "id", "metadata"}),
    "pair": frozenset({"value"}),
}
"""By shape, keys that are known and not read as part of it (entra.md, section 10.3)."""

ABOUT_PEOPLE = frozenset({"rule", "objectMapping", "filter", "group", "clause", "operand"})
"""Shapes that say who is meant, as an unknown part of them might."""

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
    for path, shape in _unknown(schema, "schema", "$"):
        draft.unsupported(path, "not known here")
        if shape in ABOUT_PEOPLE:
            draft.hold("the schema has something that is not known here, and may be about people")


def _unknown(value: Json, shape: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield each key with a value that no shape knows, by path; directories decide nothing."""
    for key, item in value.items():
        kind = SHAPES[shape].get(key)
        if isinstance(kind, Many) and kind.shape != "directory":
            for index, each in enumerate(item or ()):
                yield from _unknown(each, kind.shape, f"{path}.{key}[{index}]")
        elif isinstance(kind, One):
            yield from _unknown(item or {}, kind.shape, f"{path}.{key}")
        elif kind is None and item and not key.startswith("@") and key not in KEPT.get(shape, ()):
            yield f"{path}.{key}", shape


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
    path = f"{place.path} ({name})" if name else place.path
    if table == "groups" and table not in places:
        draft.remarks["groups"] = "groups: not provisioned; their mapping is switched off in Entra"
        draft.choice(path, "switched off, so groups are not provisioned")
    elif mapping.get("enabled") is False:
        draft.unsupported(path, "switched off, and another mapping of its kind is used")
    else:
        draft.unsupported(path, "only one mapping of users and one of groups can be used")
        draft.hold(f"the object mapping {name or place.path} decides nothing here")


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
