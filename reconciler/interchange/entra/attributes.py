"""
Attribute mappings of Graph as lines of ours.

Where the two differ, a line gets the reading that takes nothing away from
anybody, and says so:

* a value without a source is Graph's way of writing a constant, and its
  defaults are for new accounts (entra.md, sections 3.1 and 3.2): it is written
  on create only;
* the flow types that only ever add are applied on create only;
* matching precedences are numbered anew when ours could not be told apart.

The texts of expressions are taken over as they are. Whether they can be used
is for the loader to say (:mod:`reconciler.interchange.entra.settle`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from reconciler.expr import ExpressionError, parse
from reconciler.expr.nodes import Attribute, Literal
from reconciler.interchange.entra.draft import Draft, Line
from reconciler.interchange.entra.expressions import contradicts
from reconciler.interchange.entra.shapes import Json
from reconciler.mapping import SOFT_DELETED

HIGHEST = 9
"""The highest matching precedence of ours."""

KNOWN_FLOW_TYPES = {"Always": "always", "ObjectAddOnly": "on_create"}
"""When a mapping is applied, by Graph's name (entra.md, section 3.2)."""

SEVERAL_VALUES = frozenset({"businessPhones", "imAddresses", "otherMails", "proxyAddresses"})
"""Attributes of Entra that hold several values (entra.md, section 2)."""


def lines_of(mapping: Json, path: str, draft: Draft) -> list[Line]:
    """Return the lines of one object mapping; what cannot be one is left out with a reason."""
    rows = mapping.get("attributeMappings") or []
    ranks = precedences(rows)
    lines = []
    for index, row in enumerate(rows):
        place = f"{path}.attributeMappings[{index}] ({row['targetAttributeName']})"
        line = Line({"target": row["targetAttributeName"]}, place)
        _value(row, line, draft)
        _precedence(row, line, ranks.get(index), draft)
        _doubt(row, line, draft)
        _default(row, line)
        _flow(row, line, draft)
        _say_the_rest(row, line, draft)
        lines.append(line)
    return lines


def precedences(rows: list[Json]) -> dict[int, int]:
    """Return the matching precedence of each row that has one: 1 to 9, each once."""
    wanted = {i: row.get("matchingPriority") or 0 for i, row in enumerate(rows)}
    wanted = {index: rank for index, rank in wanted.items() if rank > 0}
    if len(set(wanted.values())) == len(wanted) and max(wanted.values(), default=0) <= HIGHEST:
        return wanted
    in_order = sorted(wanted, key=lambda index: wanted[index])
    return {index: rank for rank, index in enumerate(in_order[:HIGHEST], 1)}


def _value(row: Json, line: Line, draft: Draft) -> None:
    """Say where the value comes from."""
    source = row.get("source")
    if source is None:
        _without_source(row, line, draft)
        return
    read = _READERS.get(source.get("type"))
    if read is None:
        draft.leave_out(line, f"a source of the type {source.get('type')} is not known here")
    else:
        read(source, line, draft)


def _without_source(row: Json, line: Line, draft: Draft) -> None:
    """Take the default of a mapping without a source for its value."""
    value = row.get("defaultValue")
    if value is None:
        draft.leave_out(line, "it has no value, so the target is left alone here as there")
        return
    line.said["constant"] = value
    line.said["apply"] = "on_create"
    message = "a default without a source is for new accounts only; without `apply`, for all"
    draft.choice(line.place, message, line)


def _attribute(source: Json, line: Line, draft: Draft) -> None:
    """Copy one attribute."""
    name = source.get("name") or _attribute_in(source.get("expression"))
    if name is None:
        draft.leave_out(line, "its source names no attribute")
        return
    line.said["source"] = name
    if name in SEVERAL_VALUES:
        message = f"{name} holds several values: whoever has more than one of them is skipped"
        draft.choice(line.place, message, line)


def _attribute_in(expression: str | None) -> str | None:
    """Return the attribute that an expression consists of, if it does."""
    try:
        root = parse(expression or "").root
    except ExpressionError:
        return None
    return root.name if isinstance(root, Attribute) else None


def _function(source: Json, line: Line, draft: Draft) -> None:
    """Take an expression over as it is."""
    text = source.get("expression")
    if not text:
        draft.leave_out(line, "its expression has no text")
        return
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    line.said["expression"] = plain
    if plain != text:
        draft.choice(line.place, "line breaks are those of Unix here", line)


def _constant(source: Json, line: Line, draft: Draft) -> None:
    """Take a constant over: the name holds it as it is."""
    value = source.get("name")
    if value is None:
        value = _text_in(source.get("expression"))
    if value is None:
        draft.leave_out(line, "its constant has no value")
        return
    line.said["constant"] = value


def _text_in(expression: str | None) -> str | None:
    """Return the text that an expression consists of; one that is none stands for itself."""
    try:
        root = parse(expression or "").root
    except ExpressionError:
        return expression
    return root.value if isinstance(root, Literal) and isinstance(root.value, str) else expression


_READERS: Mapping[Any, Callable[[Json, Line, Draft], None]] = {
    "Attribute": _attribute,
    "Constant": _constant,
    "Function": _function,
}
"""What to make of a source, by its type (entra.md, section 10.3)."""


def _precedence(row: Json, line: Line, rank: int | None, draft: Draft) -> None:
    """Say whether accounts are matched by this mapping."""
    wanted = row.get("matchingPriority") or 0
    if rank is not None:
        line.said["match"] = rank
    if wanted != (rank or 0) and wanted > 0:
        became = f"is {rank} here" if rank else "is left out here: there are more than nine"
        draft.choice(line.place, f"matching precedence {wanted} {became}", line)
        if rank is None:
            draft.hold("more attributes are matched by in Entra than the nine that can be here")


def _doubt(row: Json, line: Line, draft: Draft) -> None:
    """Note a source whose parts contradict each other: one of them is not what Entra does."""
    source = row.get("source")
    if line.left_out is not None or source is None or not contradicts(source):
        return
    used = "expression" if source.get("type") == "Function" else "name"
    draft.choice(line.place, f"its name, expression and parameters differ: taken by {used}", line)
    if "match" in line.said or SOFT_DELETED in json.dumps(source):
        draft.hold(f"what Entra writes to {line.said['target']} is doubtful")


def _default(row: Json, line: Line) -> None:
    """Say what stands in for a source that is null."""
    if row.get("source") is not None and row.get("defaultValue") is not None:
        line.said["default"] = row["defaultValue"]


def _flow(row: Json, line: Line, draft: Draft) -> None:
    """Say when the mapping is applied."""
    kind = row.get("flowType") or "Always"
    if kind not in KNOWN_FLOW_TYPES:
        line.said["apply"] = "on_create"
        message = f"flowType {kind}: written to new accounts only, so that nothing is taken away"
        draft.unsupported(line.place, message)
        line.remarks.append(message)
    elif KNOWN_FLOW_TYPES[kind] == "on_create":
        line.said["apply"] = "on_create"


def _say_the_rest(row: Json, line: Line, draft: Draft) -> None:
    """List what rides along for the export."""
    if row.get("flowBehavior") not in (None, "FlowWhenChanged"):
        message = f"flowBehavior {row['flowBehavior']}: a plan compares everything, every time"
        draft.unsupported(line.place, message)
        line.remarks.append(message)
    if row.get("exportMissingReferences"):
        message = "exportMissingReferences: a reference without an account is never written here"
        draft.unsupported(line.place, message)
        line.remarks.append(message)
