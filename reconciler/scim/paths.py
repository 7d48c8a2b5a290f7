"""
Attribute paths: ``emails[type eq "work"].value``.

A path names one leaf of a resource: an attribute, perhaps of an extension
(its URN in front), perhaps one element of a list (conditions in brackets),
perhaps a sub-attribute (after the dot). Of the filter grammar of RFC 7644 only
what names an element is accepted: ``eq`` joined by ``and``.

Three spellings of Microsoft Entra are understood, so that a mapping table can
be copied as it is: ``primary eq "True"`` is the boolean, operators come in any
case, and the core schema's URN in front of an attribute says nothing.

Called by the mapping table, the comparison, PATCH encoding, and live reads.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from reconciler.diagnostics import ReconcilerError

CORE_URN: Final = {
    "User": "urn:ietf:params:scim:schemas:core:2.0:User",
    "Group": "urn:ietf:params:scim:schemas:core:2.0:Group",
}
"""Schema URN of each resource type that is provisioned (RFC 7643, section 8.7)."""

NAMED_BY: Final = {"User": "userName", "Group": "displayName"}
"""The attribute that a resource of each type is known by."""

PATH_LIMIT = 1_000
"""Characters of the longest path; real ones stay below 150."""

_CORE = frozenset(urn.lower() for urn in CORE_URN.values())
_NAME = re.compile(r"\$?[A-Za-z][A-Za-z0-9_-]*")
_VERSION_END = re.compile(r":[0-9]+\.[0-9]+$")
_CONDITION = re.compile(
    r"""\s*(?P<name>\$?[A-Za-z][A-Za-z0-9_-]*)\s+(?P<operator>[A-Za-z]+)\s+
        (?P<value>"(?:[^"\\]|\\.)*"|[^\s"\]]+)\s*(?P<join>and\b|$)""",
    re.VERBOSE | re.IGNORECASE,
)
_LITERAL: Final = json.JSONEncoder(ensure_ascii=False).encode
_WORDS: Final = {"true": True, "false": False}


class PathError(ReconcilerError):
    """A text that is not an attribute path."""


@dataclass(frozen=True, slots=True)
class AttributePath:
    """One leaf of a resource; ``str()`` gives the canonical text."""

    urn: str | None
    """Schema of an extension attribute; None for the core schema."""
    attribute: str
    conditions: tuple[tuple[str, str | bool], ...] = ()
    """Sub-attributes and values of the one element that is meant."""
    sub: str | None = None

    def __str__(self) -> str:
        prefix = f"{self.urn}:" if self.urn else ""
        tests = " and ".join(f"{name} eq {literal(value)}" for name, value in self.conditions)
        bracket = f"[{tests}]" if tests else ""
        return f"{prefix}{self.attribute}{bracket}{f'.{self.sub}' if self.sub else ''}"


def literal(value: str | bool) -> str:
    """Return *value* as filters and paths write it: as JSON (RFC 7644, section 3.4.2.2)."""
    return _LITERAL(value)


@lru_cache(maxsize=4096)
def parse_path(text: str) -> AttributePath:
    """
    Read an attribute path (RFC 7644, section 3.5.2; only ``eq`` and ``and`` in brackets).

    Raises:
        PathError: With a sentence that says what was expected.
    """
    if len(text) > PATH_LIMIT:
        raise PathError(f"an attribute path has at most {PATH_LIMIT:,} characters")
    urn, rest = _split_urn(text.strip())
    bracket = rest.find("[")
    if bracket < 0:
        attribute, dot, part = rest.partition(".")
        return AttributePath(urn, _name(attribute), (), _name(part) if dot else None)
    end = _closing_bracket(rest, bracket)
    tail = rest[end + 1 :]
    if tail and not tail.startswith("."):
        raise PathError(f'expected "." or the end after "]", found "{tail}"')
    conditions = _conditions(rest[bracket + 1 : end])
    sub = _name(tail[1:]) if tail else None
    return AttributePath(urn, _name(rest[:bracket]), conditions, sub)


def refers(path: AttributePath) -> bool:
    """Say whether *path* holds the id of another resource (RFC 7643, sections 4.2 and 4.3)."""
    name = path.attribute.lower()
    return name == "members" or (name == "manager" and (path.sub or "value").lower() == "value")


def _split_urn(text: str) -> tuple[str | None, str]:
    """Split a leading schema URN off; the last colon before any bracket ends it."""
    if not text.lower().startswith("urn:"):
        return None, text
    head = text.partition("[")[0]
    colon = head.rfind(":")
    urn = text[:colon]
    if _VERSION_END.search(urn) or urn.count(":") < 2:
        raise PathError(f'"{text}" names a schema; expected ":" and an attribute after it')
    return (None if urn.lower() in _CORE else urn), text[colon + 1 :]


def _closing_bracket(text: str, start: int) -> int:
    """Return where the bracket opened at *start* closes; quoted brackets do not count."""
    quoted = escaped = False
    for index in range(start + 1, len(text)):
        character = text[index]
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == "]" and not quoted:
            return index
    raise PathError('"[" is not closed')


def _name(text: str) -> str:
    """Check one attribute name (RFC 7643, section 2.1)."""
    if _NAME.fullmatch(text):
        return text
    if not text:
        raise PathError("an attribute name is missing")
    raise PathError(f'"{text}" is not an attribute name: letters, digits, "-" and "_"')


def _conditions(text: str) -> tuple[tuple[str, str | bool], ...]:
    """Read what stands in brackets: ``type eq "work" and primary eq true``."""
    found: list[tuple[str, str | bool]] = []
    at = 0
    while True:
        match = _CONDITION.match(text, at)
        if match is None:
            raise PathError(f'expected `name eq "value"` in brackets, found "{text[at:].strip()}"')
        if match["operator"].lower() != "eq":
            raise PathError(f'only "eq" can be used in brackets, found "{match["operator"]}"')
        found.append((match["name"], _value(match["name"], match["value"])))
        if not match["join"]:
            return tuple(found)
        at = match.end()


def _value(name: str, text: str) -> str | bool:
    """Read a condition's value: a JSON string or a boolean."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        value: object = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, str):
        raise PathError(f"expected text in double quotes, true or false, found {text}")
    if name.lower() == "primary":
        return _WORDS.get(value.lower(), value)
    return value
