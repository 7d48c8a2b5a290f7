"""
An expression as Graph writes it: a tree of ``{type, name, expression, parameters}``.

The names of parameters are known for the functions of :data:`PARAMETERS` only
(entra.md, section 4.2). A call of any other function, or with an argument that
has no known name, is said by its text alone, without parameters: the text is
what Entra works from. Arguments that are left empty are absent.

Constants inside a call are quoted in `expression`, numbers too, and raw in
`name` (entra.md, section 10.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.expr import Expression
from reconciler.expr.nodes import Attribute, Call, Comparison, Literal, Node, Omitted

Json = dict[str, Any]

PARAMETERS: Mapping[str, tuple[tuple[str | None, ...], str | None]] = {
    "Append": (("source", "suffix"), None),
    "FormatDateTime": (("source", None, "inputFormat", "outputFormat"), None),
    "IsNothing": (("source",), None),
    "Join": (("separator",), "source"),
    "Mid": (("source", "start", "length"), None),
    "Not": (("source",), None),
    "Prepend": (("prefix", "source"), None),
    "Replace": (
        (
            "source",
            "Find",
            "RegularExpression",
            "RegularExpressionGroupName",
            "Replacement",
            "ReplacementPropertyName",
            "Template",
        ),
        None,
    ),
    "SingleAppRoleAssignment": (("source",), None),
    "Split": (("source", "delimiter"), None),
    "StripSpaces": (("source",), None),
    "Switch": (("source", "defaultValue"), "switchValue"),
}
"""By function, the names of its first parameters, and of all that follow."""


def source_of(expression: Expression) -> Json:
    """Return the source of a mapping; the text of the whole stays as its author wrote it."""
    made = _tree(expression.root)
    if made["type"] != "Constant":
        made["expression"] = expression.text
    return made


def copied(name: str) -> Json:
    """Return the source that copies one attribute."""
    return _leaf("Attribute", name, f"[{name}]")


def constant(text: str) -> Json:
    """Return the source that is the same for everybody."""
    return _leaf("Constant", text, str(Literal(text, 0)))


def _leaf(kind: str, name: str, expression: str) -> Json:
    return {"expression": expression, "name": name, "parameters": [], "type": kind}


def _tree(node: Node) -> Json:
    """Return one node; a comparison has no form of its own and ends a tree as text."""
    if isinstance(node, Attribute):
        return copied(node.name)
    if isinstance(node, Call):
        parameters = _parameters(node) or []
        return {**_leaf("Function", node.name, str(node)), "parameters": parameters}
    if isinstance(node, Literal) and isinstance(node.value, str):
        return constant(node.value)
    return constant(str(node))


def _parameters(call: Call) -> list[Json] | None:
    """Return the parameters of a call; None when they cannot all be named."""
    named = [
        (key, argument)
        for key, argument in zip(_keys(call), call.arguments, strict=False)
        if not isinstance(argument, Omitted)
    ]
    if call.name not in PARAMETERS or any(
        key is None or isinstance(argument, Comparison) for key, argument in named
    ):
        return None
    return [{"key": key, "value": _tree(argument)} for key, argument in named]


def _keys(call: Call) -> Iterator[str | None]:
    """Yield the name of each argument of a call."""
    first, rest = PARAMETERS.get(call.name, ((), None))
    for index in range(len(call.arguments)):
        yield first[index] if index < len(first) else rest
