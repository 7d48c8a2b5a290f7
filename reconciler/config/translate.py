"""
From a validation error to a sentence for the person at the YAML.

Pydantic knows what is wrong; this module says it in the file's own words, with
the place, our code and a hint. Values are quoted only where the vocabulary is
closed (``scope: assignd``), never below ``secret_token``: what stands there may
be the secret itself (reliability.md, S17).

Called by :mod:`reconciler.config.salvage`; the rules between two nouns are in
:mod:`reconciler.config.check`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from reconciler.config.nodes import (
    Entries,
    Items,
    Loc,
    Node,
    Scalar,
    find,
    locate,
    locate_key,
    place,
    singles,
)
from reconciler.config.tree import LIMITS
from reconciler.config.vocabulary import known_keys
from reconciler.diagnostics import Diagnostic, Position, nearest

_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "`true` or `false`",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
"""What a value should have been, by pydantic's error type."""

_BOUNDS = {
    "greater_than_equal": ("out-of-range", "must be at least {ge}"),
    "less_than_equal": ("out-of-range", "must be at most {le}"),
    "string_too_short": ("empty-text", "must not be empty"),
    "string_too_long": ("text-too-long", "must have at most {max_length} characters"),
}

_FORMATS = {
    "client_id": "may hold letters, digits, blanks and signs of ASCII only",
    "scope": "must be words of ASCII with one blank between two, without quotes and backslashes",
    "username": "may hold no `:` and no control character",
    "env": "must be the name of an environment variable: letters, digits and `_`",
    "from": "must be one e-mail address",
    "name": "may hold small letters, digits and `-` only",
    "host": "must be the name or the address of a server",
    "notification_email": "must be one e-mail address",
    "delete_after": "must be `never` or a number of days such as `30d`",
    "approvals_expire": "must be a number of hours or days such as `24h` or `2d`",
}
"""What a pattern means, by key."""

_EMPTY = {
    "actions": ("nothing would ever be done", "use `enabled: false` to stop an application"),
    "assignments": ("with nobody assigned, everybody would leave", None),
    "clauses": ("a filter without clauses says nothing", "remove the whole filter"),
    "groups": ("an empty list would make every group leave", "leave `groups` out"),
    "registered_domains": ("no user name would be accepted", "leave it out to accept any domain"),
    "users": ("an empty list would make everybody leave", None),
}
"""Why a list may not be empty, by key, and what to do instead."""

_NOUNS = {str: "text", bool: "`true` or `false`", int: "a number", type(None): "nothing"}

_LATER_SOURCES = frozenset({"graph", "ldap", "scim"})
_REFERENCES: tuple[Loc, ...] = (
    ("target", "secret_token"),
    ("notifications", "smtp", "username"),
    ("notifications", "smtp", "password"),
    ("notifications", "webhook", "secret_token"),
)
"""Where the file refers to a secret; by the way in an application, or in the rest of the file."""
_REFERENCE_KEYS = frozenset({"env", "file"})
_REFERENCE_HINT = "write `{env: NAME}` or `{file: PATH}`, and keep the secret there"
_SOUNDS_SECRET = re.compile(r"(?i)secret|passw|token$")
"""Keys under which people look for the place of a password or client secret."""

_OURS = re.compile(r"[a-z]+(?:-[a-z]+)+")
"""What the code of one of our own validators looks like; pydantic's have underscores."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """One error of pydantic, with the tree that was validated."""

    kind: str
    words: str
    context: Mapping[str, Any]
    root: Node
    loc: Loc
    vocabulary: type[BaseModel]
    expected: Sequence[str]
    """What the value could have been, for an error about its type."""

    @property
    def node(self) -> Node | None:
        """The value that is wrong; None when it is missing."""
        return find(self.root, self.loc)

    @property
    def key(self) -> str:
        """The last step of the way."""
        return str(self.loc[-1]) if self.loc else ""

    @property
    def within(self) -> str:
        """Where the value is, for a sentence; empty at the top."""
        return f" in {_label(self.loc[:-1])}" if self.loc[:-1] else ""

    @property
    def reference(self) -> Loc | None:
        """The way to the reference to a secret that this is about, or inside of."""
        return next((way for way in _REFERENCES if self.loc[: len(way)] == way), None)

    def say(self, code: str, message: str, hint: str | None = None) -> Diagnostic:
        """Return a complaint at the value."""
        return Diagnostic(code, message, locate(self.root, self.loc), hint)


def later(what: str, position: Position) -> Diagnostic:
    """Say that *what* is known and planned, and cannot be used yet."""
    hint = "remove it for now: it is refused and not ignored, so that nobody relies on it"
    return Diagnostic("not-yet-supported", f"{what} is not yet supported", position, hint)


def nulls(root: Node) -> dict[Loc, Diagnostic]:
    """
    Complain of every value that says nothing, by address.

    An emptied list would silently mean "no restriction" (``registered_domains:``
    with its lines commented out), so nothing is not a value; only a test may
    expect an attribute to have none, and `entra` holds what Graph says of itself.
    """
    found: dict[Loc, Diagnostic] = {}
    for loc, node in singles(root):
        if len(found) > LIMITS.problems:
            break
        expected = loc[-3:-1] == ("expect", "attributes") or loc[:1] == ("entra",)
        pasted = loc[:-1] in _REFERENCES and loc[-1] not in _REFERENCE_KEYS
        if node.value is None and not expected and not pasted:
            hint = "leave the key out, or give it a value; the word null as text needs quotes"
            message = f"{_label(loc)} has no value"
            found[loc] = Diagnostic("empty-value", message, place(node), hint)
    return found


def diagnose(
    errors: Sequence[ErrorDetails], root: Node, vocabulary: type[BaseModel]
) -> list[Diagnostic]:
    """
    Return one diagnostic per thing that is wrong.

    Args:
        errors: What pydantic said.
        root: The tree that was validated.
        vocabulary: The model whose keys are proposed for misspelt ones.
    """
    hollow = {loc[:-1] for loc in nulls(root)}
    found: dict[tuple[Loc, str], Diagnostic] = {}
    expected: dict[Loc, list[str]] = {}
    for error in errors:
        loc, kind = standing(error, root), error["type"]
        if kind in _TYPES:
            expected.setdefault(loc, []).append(_TYPES[kind])
            kind = "wrong_type"
        if _OURS.fullmatch(kind) and loc in hollow:
            continue
        context = error.get("ctx", {})
        wanted = expected.get(loc, [])
        fault = _Fault(kind, error["msg"], context, root, loc, vocabulary, wanted)
        found[loc, kind] = _put_into_words(fault)
    return _without_consequences(found, vocabulary)


def standing(error: ErrorDetails, root: Node) -> Loc:
    """Return the address that *error* is about, without pydantic's names for union members."""
    loc = tuple(error["loc"])
    if error["type"] == "missing":
        return loc
    while loc and find(root, loc) is None:
        loc = loc[:-1]
    return loc


def follows(error: ErrorDetails, root: Node) -> bool:
    """Say whether a list is only too short for pydantic because its items are wrong."""
    node = find(root, tuple(error["loc"]))
    return error["type"] == "too_short" and isinstance(node, Items) and bool(node.items)


def _put_into_words(fault: _Fault) -> Diagnostic:
    """Say what is wrong."""
    if fault.reference and _is_literal(find(fault.root, fault.reference)):
        message = f"`{fault.reference[-1]}` holds something else than a reference to a secret"
        position = locate(fault.root, fault.reference)
        return Diagnostic("literal-secret", message, position, _REFERENCE_HINT)
    if _OURS.fullmatch(fault.kind):
        return _own(fault)
    return _WORDINGS.get(fault.kind, _wrong_type)(fault)


def _is_literal(node: Node | None) -> bool:
    """Say whether something stands where a reference belongs that is not even shaped like one."""
    is_shaped = isinstance(node, Entries) and set(node.entries) <= _REFERENCE_KEYS
    return node is not None and not is_shaped


def _own(fault: _Fault) -> Diagnostic:
    """Hand on what one of our own validators said."""
    colon = "" if fault.words.startswith("must ") else ":"
    hint = fault.context.get("hint")
    return fault.say(fault.kind, f"{_label(fault.loc)}{colon} {fault.words}", hint)


def _missing(fault: _Fault) -> Diagnostic:
    """Complain of a required key that is not there, at what should hold it."""
    return fault.say("missing-key", f"the key `{fault.key}` is missing{fault.within}")


def _unknown(fault: _Fault) -> Diagnostic:
    """Complain of a key that nobody knows, at the key itself."""
    known = known_keys(fault.vocabulary, fault.loc[:-1])
    meant = meant_by(fault.loc, fault.vocabulary)[-1]
    hint = f'did you mean "{meant}"?' if meant in known else f"known keys: {', '.join(known)}"
    if fault.loc[:-1] == ("target", "auth") and _SOUNDS_SECRET.search(fault.key):
        hint = "the secret is what `secret_token` refers to, whatever its kind"
    message = f"the key `{fault.key}` is not known{fault.within}"
    return Diagnostic("unknown-key", message, locate_key(fault.root, fault.loc), hint)


def meant_by(loc: Loc, vocabulary: type[BaseModel]) -> Loc:
    """Return the address that an unknown key at *loc* was probably meant for, else *loc*."""
    return (*loc[:-1], nearest(str(loc[-1]), known_keys(vocabulary, loc[:-1])) or loc[-1])


def _not_allowed(fault: _Fault) -> Diagnostic:
    """Complain of a word that is not in a closed vocabulary."""
    node = fault.node
    if not isinstance(node, Scalar):
        return _wrong_type(fault)
    if fault.loc == ("source", "kind") and node.text in _LATER_SOURCES:
        return later(f"the source kind `{node.text}`", locate(fault.root, fault.loc))
    expected = str(fault.context["expected"])
    choices = re.findall(r"'([^']*)'", expected) or [expected]
    close, options = nearest(node.text, choices), ", ".join(choices)
    hint = f'did you mean "{close}"? allowed: {options}' if close else f"allowed: {options}"
    return fault.say("not-allowed-value", f'{_label(fault.loc)} cannot be "{node.text}"', hint)


def _empty(fault: _Fault) -> Diagnostic:
    """Complain of an empty list."""
    why, hint = _EMPTY[fault.key]
    return fault.say("empty-list", f"{_label(fault.loc)} must not be empty: {why}", hint)


def _bad_format(fault: _Fault) -> Diagnostic:
    """Complain of text that does not have the form its key asks for."""
    code = "bad-reference" if fault.reference else "bad-format"
    return fault.say(code, f"{_label(fault.loc)} {_FORMATS[fault.key]}")


def _out_of_bounds(fault: _Fault) -> Diagnostic:
    """Complain of a number or a text that is too small or too large."""
    code, message = _BOUNDS[fault.kind]
    return fault.say(code, f"{_label(fault.loc)} {message.format_map(fault.context)}")


def _wrong_type(fault: _Fault) -> Diagnostic:
    """Complain of a list where text belongs, and the like."""
    wanted = list(dict.fromkeys(fault.expected)) or ["one word"]
    message = f"{_label(fault.loc)} must be {' or '.join(wanted)}, not {_noun(fault.node)}"
    if fault.reference:
        return fault.say("bad-reference", message)
    return fault.say("wrong-type", message, _type_hint(fault.node, wanted[0]))


_WORDINGS: Mapping[str, Callable[[_Fault], Diagnostic]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _not_allowed,
    "too_short": _empty,
    "string_pattern_mismatch": _bad_format,
    **dict.fromkeys(_BOUNDS, _out_of_bounds),
}
"""What to say, by pydantic's error type; of all others, that the type is wrong."""


def _label(loc: Loc) -> str:
    """Name the value at *loc* in a sentence."""
    if not loc:
        return "this"
    if isinstance(loc[-1], str):
        return f"`{loc[-1]}`"
    holder = next((step for step in reversed(loc) if isinstance(step, str)), "the list")
    return f"item {loc[-1] + 1} of `{holder}`"


def _noun(node: Node | None) -> str:
    """Say what kind of value *node* is."""
    if isinstance(node, Scalar):
        return _NOUNS[type(node.value)]
    return "a mapping" if isinstance(node, Entries) else "a list"


def _type_hint(node: Node | None, wanted: str) -> str | None:
    """Say how to write what was wanted."""
    if not isinstance(node, Scalar) or node.value is None:
        return None
    hints = {
        "text": f'put it in quotes: "{node.text}"',
        "`true` or `false`": "write `true` or `false`, in lower case and without quotes",
        "a whole number": "write digits only, without quotes",
        "a list": "write it as `[...]`, or as lines that begin with `- `",
    }
    return hints.get(wanted)


def _without_consequences(
    found: Mapping[tuple[Loc, str], Diagnostic], vocabulary: type[BaseModel]
) -> list[Diagnostic]:
    """
    Leave out what follows from something else that is said.

    A key that is missing because it is misspelt, and everything about a source
    whose kind is not supported.
    """
    meant = {meant_by(loc, vocabulary) for loc, kind in found if kind == "extra_forbidden"}
    source = found.get((("source", "kind"), "literal_error"))
    is_later = source is not None and source.code == "not-yet-supported"
    said = [
        diagnostic
        for (loc, kind), diagnostic in found.items()
        if (kind != "missing" or loc not in meant)
        and (not is_later or diagnostic is source or loc[:1] != ("source",))
    ]
    return list(dict.fromkeys(said))
