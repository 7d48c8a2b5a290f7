"""
Values as a reader sees them: one line each, inert, and of bounded length.

A value comes from a source or a server, and is shown on the screen, in the log
of a pipeline and in a comment that a reviewer trusts. So every value is written
as JSON (a boolean is not its name, null is nothing at all), control characters
and bidirectional overrides are spelled out, what a pipeline's log would take
for a command is broken up, and the rest is cut (reliability.md S22, S23).

Used by :mod:`reconciler.render.view`; nothing else turns a value into text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from reconciler.diagnostics import printable
from reconciler.plan.generated import is_generated
from reconciler.states import HIDDEN, MADE_AT_APPLY

COLUMNS = 200
"""Characters of one value that are shown (S23)."""

SENTENCE = 500
"""Characters of a sentence of ours that are shown; it may list names."""

EXPLAINED = 4_000
"""Characters of JSON up to which a change inside a value is worded; beyond, the value is cut."""

REDACTED = "(redacted)"
"""Stands where a value was left out."""

NOTHING = "(none)"
"""Stands where an attribute is absent."""

_LOG_COMMAND = re.compile(r":(?=:[A-Za-z])|#(?=#\w*\[)")
"""The start of what a pipeline runner reads as a command: ``::name``, ``##[name]``, ``##vso[``."""


def shown(text: str, columns: int = COLUMNS) -> str:
    """Return *text* as it may stand anywhere in a line, at most *columns* of it."""
    inert = _LOG_COMMAND.sub(_spelled, printable(text[: columns + 1]))
    return inert if len(inert) <= columns else f"{inert[: columns - 1]}…"


def _spelled(match: re.Match[str]) -> str:
    """Return the matched character in the notation of :func:`printable`."""
    return f"\\u{{{ord(match[0]):x}}}"


def value(given: Any) -> str:
    """Return *given*, a JSON value, as it is shown."""
    if given is None:
        return NOTHING
    if given in (REDACTED, HIDDEN):
        return str(given)
    if is_generated(given):
        return MADE_AT_APPLY
    bounded = given[: COLUMNS + 1] if isinstance(given, str) else given
    return shown(json.dumps(bounded, ensure_ascii=False))


def difference(path: str, before: Any, after: Any) -> list[tuple[str, str]]:
    """
    Return what changes at *path*, as pairs of a path and words.

    Two lists, or two objects, are explained from inside: each difference has a
    line of its own. Everything else is one line.
    """
    if isinstance(before, dict | list) and type(before) is type(after):
        inside = [(f"{shown(path)}{at}", words) for at, words in _inside(before, after)]
        if inside:
            return inside
    return [(shown(path), f"{value(before)} → {value(after)}")]


def _inside(before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """Yield where two values differ inside, and how; nothing when they are too large for that."""
    size = len(json.dumps([before, after], ensure_ascii=False))
    if size > EXPLAINED:
        return
    from deepdiff import DeepDiff  # imported late: it takes most of a second

    found = DeepDiff(before, after, ignore_order=True, threshold_to_diff_deeper=0, view="tree")
    nodes = [node for kind in sorted(found) for node in found[kind]]
    told = [
        (_place(node.path(output_format="list")), _side(node.t1), _side(node.t2)) for node in nodes
    ]
    for place, old, new in sorted(told):
        if old != new:  # null, and not there, are the same to SCIM
            yield place, f"{old} → {new}"


def _side(given: Any) -> str:
    """Return one side of a difference; DeepDiff has a mark of its own for what is not there."""
    return NOTHING if type(given).__name__ == "NotPresent" else value(given)


def _place(steps: list[Any]) -> str:
    """Return the way into a value: names with a dot before them, numbers in brackets."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{shown(step)}" for step in steps)
