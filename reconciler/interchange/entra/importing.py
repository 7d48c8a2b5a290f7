"""
``import entra``: a synchronization schema becomes a whole ``provisioning.yaml``.

What our format can say is said in it, and stays the truth from then on: an
export is made of the YAML. What it cannot say goes into the `entra` block, as
the difference between Entra's file and what an export of the YAML alone would
be; so the way there and back again gives the same file, whatever choices were
made on the way (entra.md, section 10.3).

Called by :mod:`reconciler.workflow.import_entra`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from reconciler.config import Loaded, SourceText, load_config
from reconciler.interchange.entra.attributes import lines_of
from reconciler.interchange.entra.block import Block, written
from reconciler.interchange.entra.catalog import missing
from reconciler.interchange.entra.constructs import list_constructs
from reconciler.interchange.entra.difference import differences
from reconciler.interchange.entra.document import TABLES, document
from reconciler.interchange.entra.draft import Draft, Finding
from reconciler.interchange.entra.frame import Places, at, attributes_in, places_in, taken_apart
from reconciler.interchange.entra.people import (
    assignments_in,
    roles_used,
    take_assignments,
    take_roles,
)
from reconciler.interchange.entra.scopes import filters_of
from reconciler.interchange.entra.settle import CONFIGURATION, settle
from reconciler.interchange.entra.shapes import Json, check, items
from reconciler.interchange.entra.tables import FLOW_TYPES, tables_of
from reconciler.interchange.entra.usual import ATTRIBUTE, MAPPING, NEUTRAL, Usual, learned
from reconciler.interchange.names import nameable

ROLE_FUNCTION = "AppRoleAssignment"
"""Part of the names of all functions that read roles (entra.md, section 1.10)."""


@dataclass(frozen=True, slots=True)
class Given:
    """A file that was read as JSON, and its name for people."""

    file: str
    value: Any


@dataclass(frozen=True, slots=True)
class Imported:
    """A configuration, and what somebody has to know about it."""

    text: str
    findings: tuple[Finding, ...]
    held: tuple[str, ...]
    """Why `enabled` is false; empty when it is not."""


def import_schema(
    schema: Given,
    name: str | None = None,
    assignments: Given | None = None,
    roles: Given | None = None,
) -> Imported:
    """
    Return the configuration that says the same as *schema*.

    Args:
        schema: A synchronizationSchema.
        name: What the application is called; by default after its directory.
        assignments: What `appRoleAssignedTo` answers.
        roles: The servicePrincipal, for its `appRoles`.

    Raises:
        ConfigError: A file is not what it should be, or makes no configuration.
    """
    check(schema.value, "schema", schema.file)
    places = places_in(schema.value)
    draft = Draft(name or _name_in(schema.value), schema.file)
    _take_tables(schema.value, places, draft)
    _take_actions(schema.value, places, draft)
    _take_people(assignments, roles, draft)
    list_constructs(schema.value, places, draft)
    loaded = settle(draft)
    block = _block(schema.value, places, loaded)
    text = document(draft, written(block)).text
    load_config(SourceText(CONFIGURATION, text))
    findings = (*draft.listed("unsupported"), *draft.listed("choice"))
    return Imported(text, findings, tuple(draft.held))


def _name_in(schema: Json) -> str:
    """Return a name for the application: that of the directory that is written to."""
    for rule in items(schema, "synchronizationRules"):
        name = re.sub(r"[^a-z0-9]+", "-", str(rule.get("targetDirectoryName") or "").lower())
        if name.strip("-"):
            return name.strip("-")[:63].rstrip("-")
    return "application"


def _take_tables(schema: Json, places: Places, draft: Draft) -> None:
    """Fill in the mapping tables and the scoping filters."""
    for table in TABLES:
        place = places.get(table)
        if place is None:
            draft.mappings[table] = []
            continue
        mapping = at(schema, place)
        draft.mappings[table] = lines_of(mapping, place.path, draft)
        draft.filters[table] = filters_of(mapping, place.path, table, draft)
        if mapping.get("enabled") is False:
            draft.hold(f"the mapping of {table} is switched off in Entra")


def _take_actions(schema: Json, places: Places, draft: Draft) -> None:
    """Fill in what may be done at all; users and groups share it."""
    stated = {
        table: _actions(at(schema, place).get("flowTypes"), f"{place.path}.flowTypes", draft)
        for table, place in places.items()
    }
    wanted = stated.get("users", stated.get("groups"))
    if wanted is None:
        draft.choice("lifecycle.actions", "flowTypes does not say what may be done: everything may")
        return
    if not wanted:
        draft.hold("flowTypes allows nothing")
        return
    draft.lifecycle["actions"] = wanted
    if "delete" in wanted:
        draft.remarks["actions"] = (
            "Entra deletes 30 days after a soft delete: `delete_after: 30d` does that"
        )
    groups = stated.get("groups")
    if groups is not None and groups != wanted:
        draft.choice(
            f"{places['groups'].path}.flowTypes",
            "groups allow other actions than users: those of users are used for both",
        )
        draft.remarks["actions"] = "those of users; Entra has others for groups"
        if set(wanted) - set(groups):
            draft.hold("more may be done to groups here than in Entra")


def _actions(flow_types: str | None, path: str, draft: Draft) -> list[str] | None:
    """Return the actions of a mapping; None when it does not say."""
    if flow_types is None:
        return None
    words = {word.strip().casefold() for word in flow_types.split(",")} - {""}
    known = {name.casefold(): action for action, name in FLOW_TYPES.items()}
    for word in sorted(words - set(known) - {"none"}):
        draft.unsupported(path, f"the flow type {word} is not known here")
    return [action for word, action in known.items() if word in words]


def _take_people(assignments: Given | None, roles: Given | None, draft: Draft) -> None:
    """Fill in roles and assignments; without any, everybody is meant."""
    found = assignments_in(assignments.value, assignments.file) if assignments else {}
    names = take_roles(roles.value, roles.file, roles_used(found), draft) if roles else {}
    if draft.roles:
        draft.remarks["roles"] = "strongest first decides who gets which: put them in order"
        draft.choice("roles", "the order is that of the file, and the first is the strongest here")
    if draft.display_name and not nameable(draft.display_name):
        draft.display_name = None
    if assignments is None:
        message = "no --assignments: everybody in the source is meant"
        draft.remarks["scope"] = f"TODO: {message}; `assigned` with `assignments` narrows it"
        draft.choice("scope", message)
        draft.hold(message)
        _warn_of_roles(draft)
        return
    take_assignments(found, names, draft)
    if any(line.left_out is None for line in draft.assignments):
        draft.scope = "assigned"
    else:
        draft.choice("scope", "nobody is assigned in Entra, which cannot be said here")
        draft.hold("nobody is assigned in Entra, and `scope: all` means everybody")


def _warn_of_roles(draft: Draft) -> None:
    """Say where roles are wanted that nobody is assigned."""
    for line in draft.mappings.get("users", ()):
        if ROLE_FUNCTION in str(line.said.get("expression")):
            draft.choice(line.place, "yields nothing without assignments", line)


def _block(schema: Json, places: Places, loaded: Loaded) -> Block:
    """Return what the YAML does not say of *schema*."""
    (application,) = loaded.config.applications.values()
    usual = _usual(schema, places)
    frame, theirs = taken_apart(schema, places)
    ours = tables_of(application, usual.mapping)
    undeclared = [list(each) for each in missing(schema)]
    return Block(usual, places, frame, undeclared, differences(ours, theirs))


def _usual(schema: Json, places: Places) -> Usual:
    """Return the habits of a file."""
    rows = [
        row for place in places.values() for row in items(at(schema, place), "attributeMappings")
    ]
    attributes = [found[index] for found, index in attributes_in(schema)]
    apart = ("targetAttributeName", "source")
    return Usual(
        learned(rows, MAPPING, apart, NEUTRAL), learned(attributes, ATTRIBUTE, ("name",), {})
    )
