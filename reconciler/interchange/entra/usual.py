"""
What Graph says beside the facts, and mostly says the same way.

An attribute of a directory has a dozen characteristics and an attribute mapping
some switches that our format does not have, nearly all of them at one value.
Files also differ in which of the neutral values they write out. Both are
habits of a file: they are kept once, and the exceptions by themselves.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.interchange.entra.shapes import Json

NEUTRAL: Mapping[str, Any] = {"defaultValue": None, "matchingPriority": 0, "flowType": "Always"}
"""What a mapping says of each of our own keys when it says nothing (entra.md, section 10.3)."""

MAPPING: Json = {
    "defaultValue": None,
    "exportMissingReferences": False,
    "flowBehavior": "FlowWhenChanged",
    "flowType": "Always",
    "matchingPriority": 0,
}
"""Keys of an attribute mapping beside target and source, in the samples of Graph."""

ATTRIBUTE: Json = {
    "anchor": False,
    "apiExpressions": [],
    "caseExact": False,
    "defaultValue": None,
    "flowNullValues": False,
    "metadata": [],
    "multivalued": False,
    "mutability": "ReadWrite",
    "referencedObjects": [],
    "required": False,
    "type": "String",
}
"""Keys of an attribute of a directory beside its name (entra.md, section 3.4)."""

WITHOUT, EXACTLY = "without", "exactly"
"""Keys of a shortened object: usual keys that it lacks; or the whole, when it has such a key."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The habits of one file."""

    mapping: Json
    attribute: Json


OURS = Usual(MAPPING, ATTRIBUTE)
"""The habits of a file that is made from nothing but YAML."""


def learned(
    objects: Sequence[Json], ours: Json, apart: Sequence[str], neutral: Mapping[str, Any]
) -> Json:
    """
    Return the usual keys and values of *objects*: for each key, what most of them say.

    Args:
        objects: The mappings, or the attributes, of a file.
        ours: What is usual when the file does not settle it.
        apart: Keys that are facts and never habits.
        neutral: Keys that are facts, of which only the neutral value is a habit, or its absence.
    """
    if not objects:
        return ours
    keys = [*ours, *(key for each in objects for key in each if key not in apart)]
    found: Json = {}
    for key in dict.fromkeys(keys):
        if key in neutral:
            written = sum(key in each for each in objects)
            stated = [json.dumps(neutral[key])] * written
        else:
            stated = [json.dumps(each[key], sort_keys=True) for each in objects if key in each]
        text = _most(stated, len(objects), json.dumps(ours[key]) if key in ours else None)
        if text is not None:
            found[key] = json.loads(text)
    return found


def _most(stated: Sequence[str], total: int, ours: str | None) -> str | None:
    """Return the commonest of all values, with None for absent; ours if it is as common."""
    counts: Counter[str | None] = Counter(stated)
    counts[None] = total - len(stated)
    most = max(counts.values())
    return ours if counts[ours] == most else next(k for k, n in counts.items() if n == most)


def shortened(whole: Json, usual: Json) -> Json:
    """Return an object without what is usual; :func:`lengthened` is the way back."""
    if WITHOUT in whole or EXACTLY in whole:
        return {EXACTLY: whole}
    lacks = [key for key in usual if key not in whole]
    named_first = sorted(whole.items(), key=lambda pair: pair[0] != "name")
    short = {
        key: value
        for key, value in named_first
        if key not in usual
        or json.dumps(value, sort_keys=True) != json.dumps(usual[key], sort_keys=True)
    }
    return {**short, WITHOUT: lacks} if lacks else short


def lengthened(short: Json, usual: Json) -> Json:
    """Return the whole of a shortened object."""
    if EXACTLY in short:
        whole: Json = short[EXACTLY]
        return whole
    found = short.get(WITHOUT)
    lacks = found if isinstance(found, list) else []
    kept = {key: value for key, value in short.items() if key != WITHOUT}
    return {**{key: value for key, value in usual.items() if key not in lacks}, **kept}
