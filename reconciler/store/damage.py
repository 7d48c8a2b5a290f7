"""
What is wrong with a line of a chain, in words for whoever finds it in a message.

Each says which field of which record it is about, and never what stands there: a record
may hold somebody's name. What a validator says of a line is about types and tags of the program,
and is of no use to somebody who looks at a file.

Used by :mod:`reconciler.store.chain` and :mod:`reconciler.store.attempts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from reconciler.diagnostics import printable


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with one line of a chain."""

    line: int
    """From 1."""
    what: str


_OF_LINES: Mapping[str, str] = {
    "json_invalid": "it is not JSON",
    "union_tag_not_found": "it has no field `kind`",
    "union_tag_invalid": "its `kind` is none that this file can hold",
}
"""What is said where the line as a whole is none of our records, by pydantic's name for it."""

_OF_FIELDS: Mapping[str, str] = {
    "missing": "its field `{place}` is missing",
    "extra_forbidden": "it has a field `{place}`, which such a record does not have",
}
"""The same of one field; any other complaint is about what stands in it."""


def misshapen(problem: ValidationError) -> str:
    """Return why a line is not a record: the first thing that is wrong with it."""
    first = problem.errors(include_input=False, include_url=False)[0]
    kind, *steps = map(str, first["loc"]) if first["loc"] else ("",)
    if not steps:
        return f"not a record of ours: {_OF_LINES.get(first['type'], 'it is not an object')}"
    words = _OF_FIELDS.get(first["type"], "its field `{place}` does not hold what we write there")
    said = words.format(place=printable(".".join(steps)))
    return f"not a record of ours: by its `kind` it is `{kind}`, and {said}"


def unlinked(line: int) -> str:
    """Return what is said of a record that does not stand where it was written."""
    if line == 1:
        return (
            "is not the first record of this file: what stood before it is gone, or this line "
            "was changed"
        )
    return "does not follow the line before: one of the two was changed, or one between is gone"


OVERWRITTEN = "its sum does not fit: the line was changed"
"""What is said of a newest record that is not what was written."""
