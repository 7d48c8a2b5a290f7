"""
``export entra``: an application becomes a synchronization schema that Graph accepts.

The tables are made of the YAML. An `entra` block brings the rest of the file
that the application was imported from; without one there is a frame of ours.
Entries of the block that do not fit the YAML any more are handed back to be
told of, and what Graph has no words for is, too.

Called by :mod:`reconciler.workflow.export_entra`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from reconciler.config import Application, AttributeMapping
from reconciler.expr import parse
from reconciler.interchange.entra.block import Block, read
from reconciler.interchange.entra.catalog import declare, missing
from reconciler.interchange.entra.difference import amended
from reconciler.interchange.entra.expressions import concatenates
from reconciler.interchange.entra.frame import frame_for, put_together
from reconciler.interchange.entra.shapes import Json, check
from reconciler.interchange.entra.tables import tables_of
from reconciler.interchange.entra.usual import OURS

KEY_ORDER = (
    "id", "key", "name", "version", "editable", "enabled", "priority", "type", "anchor",
    "apiExpressions", "caseExact", "multivalued", "mutability", "required", "flowTypes",
    "targetAttributeName", "expression", "parameters", "source", "defaultValue", "value",
    "sourceDirectoryName", "targetDirectoryName", "sourceObjectName", "targetObjectName",
    "operatorName", "sourceOperandName", "targetOperand", "matchingPriority", "flowType",
    "flowBehavior", "metadata", "scope", "groups", "clauses", "attributes", "objects",
    "attributeMappings", "objectMappings", "directories", "synchronizationRules",
)  # fmt: skip
"""The keys that come first in an object, short ones before long ones; others keep their order."""

_IN_YAML = {
    "attributeMappings": ("mappings.", ""),
    "enabled": ("that the mapping of ", " is switched off"),
    "flowTypes": ("lifecycle.actions for ", ""),
    "groups": ("scoping_filters.", ""),
}
"""What the YAML calls the keys of an object mapping: the words before and after the table."""

_RANK = {key: rank for rank, key in enumerate(KEY_ORDER)}


@dataclass(frozen=True, slots=True)
class Exported:
    """A schema, and what it does not say."""

    schema: Json
    notes: tuple[str, ...]


def export_schema(name: str, application: Application) -> Exported:
    """
    Return the synchronizationSchema of the application called *name*.

    Raises:
        ConfigError: Its `entra` block is not what an import wrote.
    """
    if application.entra is None:
        frame, places = frame_for(name, application.display_name or name)
        block = Block(OURS, places, frame, [], [])
    else:
        block = read(application.entra)
    tables, unfit = amended(tables_of(application, block.usual.mapping), block.differences)
    schema = put_together(block.frame, block.places, tables)
    check(schema, "schema", "`entra`")
    used = missing(schema).items()
    wanted = {key: facts for key, facts in used if list(key) not in block.undeclared}
    declare(schema, wanted, block.usual.attribute)
    notes = [f"the YAML says otherwise by now, so this is left out: {_told(e)}" for e in unfit]
    kept = [_told(e) for e in block.differences if e not in unfit and _is_more(e)]
    if kept:
        notes.append(f"kept from the imported file, and not in the YAML: {'; '.join(kept)}")
    if not schema["synchronizationRules"]:
        notes += [f"{name}: there is no rule in the imported schema to stand in" for name in tables]
    return Exported(_arranged(schema), (*notes, *_unsaid(application)))


def schema_text(schema: Json) -> str:
    """Return a schema as JSON with two spaces; what does not show is escaped."""
    text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    if text.isascii():
        return text
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def _told(entry: Json) -> str:
    """Return what a reader needs of an entry: its place in the YAML, and Graph's keys there."""
    at, was, becomes = entry.get("at"), entry.get("was"), entry.get("is")
    if not isinstance(at, list) or not at:
        return "an entry without `at`"
    keys: list[str] = []
    if isinstance(was, dict) and isinstance(becomes, dict):
        keys = list(dict.fromkeys([*was, *becomes]))
    table, *steps = at
    if not steps:
        return ", ".join(_in_yaml(key, table) for key in keys) or f"mappings.{table}"
    place = " ".join([_in_yaml(steps[0], table), *map(_step, steps[1:])])
    return f"{place}: {', '.join(keys)}" if keys else place


def _in_yaml(key: Any, table: Any) -> str:
    """Return what the YAML calls a key of an object mapping."""
    before, after = _IN_YAML.get(str(key), (f"{key} of ", ""))
    return f"{before}{table}{after}"


def _step(step: Any) -> str:
    """Return one step of a place; the second item of a name is told by its number."""
    return f"{step[0]} ({step[1]})" if isinstance(step, list) and len(step) == 2 else str(step)


def _is_more(entry: Json) -> bool:
    """Say whether an entry adds what the YAML does not have, or decides about a whole table."""
    at = entry.get("at")
    return "was" not in entry or (isinstance(at, list) and len(at) == 1)


def _arranged(value: Any) -> Any:
    """Return *value* with the keys of its objects in a settled order."""
    if isinstance(value, list):
        return [_arranged(item) for item in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: _RANK.get(key, len(_RANK)))
    return {key: _arranged(value[key]) for key in keys}


def _unsaid(application: Application) -> Iterator[str]:
    """Yield what the YAML says and a synchronization schema cannot."""
    for what, where, says in _UNSAID:
        if says(application):
            yield f"{what} is not part of a schema{where}"


def _concatenates(line: AttributeMapping) -> bool:
    return line.expression is not None and concatenates(parse(line.expression))


def _lines(application: Application) -> Iterator[AttributeMapping]:
    """Yield the mappings of both tables."""
    yield from application.mappings.users
    yield from application.mappings.groups or ()


_UNSAID: tuple[tuple[str, str, Callable[[Application], bool]], ...] = (
    ("`clear: true`", "", lambda one: any(line.clear for line in _lines(one))),
    ("`&`", ": a Join says the same", lambda one: any(map(_concatenates, _lines(one)))),
    ("`nested: expand`", "", lambda one: any(line.nested == "expand" for line in _lines(one))),
    (
        "`leaves_scope: keep`",
        ": set the secret SkipOutOfScopeDeletions of the job",
        lambda one: one.lifecycle.leaves_scope == "keep",
    ),
    (
        "`leaves_scope: delete`",
        ": Entra disables who leaves",
        lambda one: one.lifecycle.leaves_scope == "delete",
    ),
    ("`scope: all`", ": set the secret SyncAll of the job", lambda one: one.scope == "all"),
    (
        "`assignments`",
        ": they are appRoleAssignedTo of the service principal",
        lambda one: bool(one.assignments),
    ),
    ("`roles`", ": they are appRoles of the application", lambda one: bool(one.roles)),
    ("`registered_domains`", "", lambda one: bool(one.registered_domains)),
)
"""What no schema says: what it is called, where it belongs, and who says it."""
