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
from reconciler.interchange.entra.block import Block, read
from reconciler.interchange.entra.catalog import declare, missing
from reconciler.interchange.entra.difference import amended
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
    """Return what a reader needs of an entry that does not fit: where, and about what."""
    at, was, becomes = entry.get("at"), entry.get("was"), entry.get("is")
    place = "/".join(str(step) for step in at) if isinstance(at, list) else "an entry without `at`"
    if isinstance(was, dict) and isinstance(becomes, dict):
        return f"{place}: {', '.join(dict.fromkeys([*was, *becomes]))}"
    return place


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


def _lines(application: Application) -> Iterator[AttributeMapping]:
    """Yield the mappings of both tables."""
    yield from application.mappings.users
    yield from application.mappings.groups or ()


_UNSAID: tuple[tuple[str, str, Callable[[Application], bool]], ...] = (
    ("`clear: true`", "", lambda one: any(line.clear for line in _lines(one))),
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
