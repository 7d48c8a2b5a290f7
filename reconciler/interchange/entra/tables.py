"""
The mapping tables of an application in Graph's words, and cut out of a schema.

A table is what our format says of one object mapping: its attribute mappings,
the normal groups of its scope, its flow types, and that it is enabled. The
rest of a schema says nothing that the YAML knows, and is the *frame* that
tables are put into (:mod:`reconciler.interchange.entra.frame`).

Both an import and an export make tables of the YAML here, so that what they
hold against each other is made the same way.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.config import Application, AttributeMapping, Clause, ScopingFilter
from reconciler.expr import ExpressionError, parse
from reconciler.interchange.entra.expressions import constant, copied, source_of
from reconciler.interchange.entra.shapes import Json
from reconciler.interchange.entra.usual import NEUTRAL

TABLE_KEYS = ("enabled", "flowTypes", "attributeMappings")
"""Keys of an object mapping that are the table's; and `groups` of its scope."""

FLOW_TYPES = {"create": "Add", "update": "Update", "delete": "Delete"}
"""Graph's names of the target object actions, by ours (entra.md, section 3.2)."""

FLOW_TYPE = {"always": "Always", "on_create": "ObjectAddOnly"}
"""Graph's names of when a mapping is applied, by ours (entra.md, section 3.2)."""


def tables_of(application: Application, usual: Json) -> dict[str, Json]:
    """
    Return the tables that the YAML yields, by name.

    *usual* are the keys that the file's attribute mappings have.
    """
    mappings, filters = application.mappings, application.scoping_filters
    flows = ", ".join(
        name for action, name in FLOW_TYPES.items() if action in application.lifecycle.actions
    )
    found = {"users": (mappings.users, filters.users), "groups": (mappings.groups, filters.groups)}
    return {
        name: {
            "enabled": True,
            "flowTypes": flows,
            "groups": [_group(one) for one in scope or ()],
            "attributeMappings": [_mapping(line, usual) for line in lines],
        }
        for name, (lines, scope) in found.items()
        if lines is not None
    }


def _mapping(line: AttributeMapping, usual: Json) -> Json:
    """Return one attribute mapping."""
    said = {
        "defaultValue": None if line.default is None else str(line.default),
        "matchingPriority": line.match or 0,
        "flowType": FLOW_TYPE[line.apply],
    }
    facts = {key: said[key] for key in said if key in usual or said[key] != NEUTRAL[key]}
    return {**usual, "targetAttributeName": line.target, "source": _source(line), **facts}


def _source(line: AttributeMapping) -> Json:
    """Return where the value of one mapping comes from."""
    if line.source is not None:
        return copied(line.source)
    if line.expression is not None:
        return source_of(parse(line.expression))
    return constant(str(line.constant))


def _group(one: ScopingFilter) -> Json:
    """Return one filter: clauses that must all hold."""
    return {"name": one.title, "clauses": [_clause(clause) for clause in one.clauses]}


def _clause(clause: Clause) -> Json:
    """Return one condition; an operator that takes no value gets an empty list of them."""
    values = [] if clause.value is None else [str(clause.value)]
    return {
        "operatorName": clause.operator,
        "sourceOperandName": clause.attribute,
        "targetOperand": {"values": values},
    }


def cut_out(mapping: Json) -> tuple[Json, Json]:
    """Return what an object mapping says beside its table, and the table."""
    kept = {key: value for key, value in mapping.items() if key not in TABLE_KEYS}
    table = {key: mapping[key] for key in TABLE_KEYS if key in mapping}
    scope = mapping.get("scope")
    if isinstance(scope, dict):
        kept["scope"] = {key: value for key, value in scope.items() if key != "groups"}
        if "groups" in scope:
            table["groups"] = scope["groups"]
    else:
        table["groups"] = []
    return kept, table


def put_in(kept: Json, table: Json) -> Json:
    """Return an object mapping with its table; the opposite of :func:`cut_out`."""
    whole = {**kept, **{key: table[key] for key in TABLE_KEYS if key in table}}
    scope = kept.get("scope")
    if isinstance(scope, dict):
        whole["scope"] = {**({"groups": table["groups"]} if "groups" in table else {}), **scope}
    elif table.get("groups"):
        whole["scope"] = {
            "groups": table["groups"],
            "inputFilterGroups": [],
            "categoryFilterGroups": [],
        }
    return whole


def names_read(mapping: Json) -> Iterator[str]:
    """Yield the source attributes that an object mapping reads, each perhaps several times."""
    for line in mapping.get("attributeMappings") or ():
        yield from _read_by(line.get("source"))
    for group in (mapping.get("scope") or {}).get("groups") or ():
        for clause in group.get("clauses") or ():
            if clause.get("sourceOperandName"):
                yield clause["sourceOperandName"]


def _read_by(source: Json | None) -> Iterator[str]:
    """Yield the attributes that one source reads: from its text, or else from its tree."""
    if not source:
        return
    try:
        yield from sorted(parse(source.get("expression") or "").attributes)
    except ExpressionError:
        if source.get("type") == "Attribute" and source.get("name"):
            yield source["name"]
        for parameter in source.get("parameters") or ():
            yield from _read_by(parameter.get("value"))
