"""
The `entra` block of an application: what only Entra's file says.

    usual         keys that its attribute mappings and attributes mostly have, if not ours
    tables        where in the frame the tables of the YAML belong: rule, object mapping
    frame         the schema without those tables
    undeclared    attributes that it used without declaring them: directory, object, attribute
    differences   where it says otherwise than the YAML (reconciler.interchange.entra.difference)

Our reader of YAML takes text, whole numbers, true, false and nothing, 32 levels
deep, and no control characters (:mod:`reconciler.config.yaml`). JSON knows
more: what cannot be written as it is stands as ``{json: "…"}``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.interchange.entra.frame import Places, long_frame, short_frame
from reconciler.interchange.entra.shapes import Json, Place, TableName, check, items
from reconciler.interchange.entra.usual import OURS, Usual
from reconciler.interchange.names import UNREADABLE

DEPTH = 24
"""Levels of a value that are written as YAML; the block itself stands on the fourth of 32."""

_PIECE = 60_000
"""Characters of one text; the reader takes 65,536."""

_KEY = 200
"""Characters of a key; a YAML parser gives up on keys of more than 1,024."""

_WHOLE = 10**15
"""Whole numbers from here on are read as text."""

_JSON = "json"


@dataclass(frozen=True, slots=True)
class Block:
    """The block as the export uses it."""

    usual: Usual
    places: Places
    frame: Json
    undeclared: list[list[str]]
    differences: list[Json]


def written(block: Block) -> Json:
    """Return the block as it goes into the file: short, and of values that YAML has."""
    said: Json = {}
    usual = {
        name: mine
        for name, mine, ours in (
            ("mapping", block.usual.mapping, OURS.mapping),
            ("attribute", block.usual.attribute, OURS.attribute),
        )
        if mine != ours
    }
    if usual:
        said["usual"] = usual
    said["tables"] = {name: [place.rule, place.mapping] for name, place in block.places.items()}
    said["frame"] = short_frame(block.frame, block.usual.attribute)
    if block.undeclared:
        said["undeclared"] = block.undeclared
    if block.differences:
        said["differences"] = block.differences
    return {key: _plain(value, DEPTH) for key, value in said.items()}


def read(value: Json) -> Block:
    """
    Return the block that a file holds.

    Raises:
        ConfigError: With `bad-entra-block`, when somebody has changed it into something else.
    """
    said = {key: _whole(item) for key, item in value.items()}
    unknown = sorted(set(said) - {"usual", "tables", "frame", "undeclared", "differences"})
    if unknown:
        raise _bad(f"`{unknown[0]}` is not one of its keys")
    usual, frame = _object(said, "usual"), _object(said, "frame")
    check(frame, "schema", "`entra`", "frame")
    habits = Usual(
        _object(usual, "mapping") if "mapping" in usual else OURS.mapping,
        _object(usual, "attribute") if "attribute" in usual else OURS.attribute,
    )
    whole = long_frame(frame, habits.attribute)
    check(whole, "schema", "`entra`", "frame")
    places = _places(_object(said, "tables"), whole)
    undeclared = [
        each for each in _list(said, "undeclared") if isinstance(each, list) and len(each) == 3
    ]
    return Block(habits, places, whole, undeclared, _differences(_list(said, "differences")))


def _places(tables: Json, frame: Json) -> Places:
    """Return where the tables belong; each must be there."""
    names: tuple[TableName, ...] = ("users", "groups")
    return {name: _place(name, tables[name], frame) for name in names if name in tables}


def _place(name: str, steps: Any, frame: Json) -> Place:
    """Return the place of one table."""
    rules = items(frame, "synchronizationRules")
    if isinstance(steps, list) and [type(step) for step in steps] == [int, int]:
        rule, mapping = steps
        if 0 <= rule < len(rules) and 0 <= mapping < len(items(rules[rule], "objectMappings")):
            return Place(rule, mapping)
    raise _bad(f"`tables.{name}` is no rule and object mapping of its frame")


def _differences(entries: list[Any]) -> list[Json]:
    """Return the entries; each must be a mapping."""
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise _bad(f"entry {number} of `differences` is not a mapping")
    return entries


def _object(holder: Json, key: str) -> Json:
    """Return the mapping under *key*; empty when there is none."""
    found = holder.get(key, {})
    if not isinstance(found, dict):
        raise _bad(f"`{key}` must be a mapping")
    return found


def _list(holder: Json, key: str) -> list[Any]:
    """Return the list under *key*; empty when there is none."""
    found = holder.get(key, [])
    if not isinstance(found, list):
        raise _bad(f"`{key}` must be a list")
    return found


def _bad(problem: str) -> ConfigError:
    """Return the complaint about a block that an import did not write."""
    hint = "take it over from the file that `import entra` wrote, or remove the whole block"
    message = f"the `entra` block cannot be used: {problem}"
    return ConfigError([Diagnostic("bad-entra-block", message, hint=hint)])


def _plain(value: Any, depth: int) -> Any:
    """Return a value of JSON as our YAML can say it."""
    if isinstance(value, dict) and depth and all(map(_readable, value)) and set(value) != {_JSON}:
        return {key: _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list) and depth:
        return [_plain(item, depth - 1) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < _WHOLE:
        return value
    if isinstance(value, str) and len(value) <= _PIECE and not UNREADABLE.search(value):
        return value
    text = json.dumps(value)
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
    return {_JSON: pieces[0] if len(pieces) == 1 else pieces}


def _readable(key: str) -> bool:
    """Say whether *key* can be a key of YAML."""
    return len(key) <= _KEY and not UNREADABLE.search(key)


def _whole(value: Any) -> Any:
    """Return what :func:`_plain` made a value of."""
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) != {_JSON}:
        return {key: _whole(item) for key, item in value.items()}
    pieces = value[_JSON] if isinstance(value[_JSON], list) else [value[_JSON]]
    try:
        return json.loads("".join(pieces))
    except (TypeError, ValueError, RecursionError) as exc:
        raise _bad("the text under a key `json` is not JSON") from exc
