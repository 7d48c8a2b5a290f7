"""
An expression as Graph writes it: a tree of ``{type, name, expression, parameters}``.

The names of parameters are known for the functions of :data:`PARAMETERS` only
(entra.md, section 4.2). A call of any other function, or with an argument that
has no known name, is said by its text alone, without parameters: the text is
what Entra works from. Arguments that are left empty are absent.

Constants inside a call are quoted in `expression`, numbers too, and raw in
`name` (entra.md, section 10.3). The `&` of cloud sync is not known to the mappings
of an application (section 4.1): it is said as a `Join`, which does the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from reconciler.expr import Expression, ExpressionError, parse
from reconciler.expr.nodes import (
    Attribute,
    Call,
    Comparison,
    Concatenation,
    Literal,
    Node,
    Omitted,
    walk,
)
from reconciler.interchange.entra.shapes import Json

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


_KINDS = ("Attribute", "Constant", "Function")
"""The types of a source (entra.md, section 10.3)."""


def source_of(expression: Expression) -> Json:
    """Return the source of a mapping; without `&` the whole stays as its author wrote it."""
    root = _joined(expression.root)
    made = _tree(root)
    if made["type"] != "Constant" and root == expression.root:
        made["expression"] = expression.text
    return made


def concatenates(expression: Expression) -> bool:
    """Say whether `&` stands anywhere in an expression."""
    return any(isinstance(node, Concatenation) for node in walk(expression.root))


def _joined(node: Node) -> Node:
    """Return *node* with a `Join` in place of each `&`."""
    if isinstance(node, Concatenation):
        parts = tuple(map(_joined, node.parts))
        return Call("Join", (Literal("", node.column), *parts), node.column)
    if isinstance(node, Call):
        return replace(node, arguments=tuple(map(_joined, node.arguments)))
    if isinstance(node, Comparison):
        return replace(node, left=_joined(node.left), right=_joined(node.right))
    return node


def copied(name: str) -> Json:
    """Return the source that copies one attribute."""
    return _leaf("Attribute", name, f"[{name}]")


def constant(text: str) -> Json:
    """Return the source that is the same for everybody."""
    return _leaf("Constant", text, str(Literal(text, 0)))


def contradicts(source: Json) -> bool:
    """
    Say whether the text of a source is about something else than its name and its tree.

    Of a tree only what it reads is held against the text, whether it calls what the
    text calls (operators are calls there, too), and whether the text has its constants:
    the order of parameters is not known for every function.
    """
    try:
        said = parse(source.get("expression") or "")
    except ExpressionError:
        return False
    kind, name = source.get("type"), source.get("name")
    if kind == "Attribute":
        return isinstance(said.root, Attribute) and name not in (None, said.root.name)
    if kind == "Constant":
        return isinstance(said.root, Literal) and name not in (None, str(said.root.value))
    parts = list(_parts(source.get("parameters")))
    if not parts:
        return False
    found = {each: {part["name"] for part in parts if part.get("type") == each} for each in _KINDS}
    return (
        found["Attribute"] != said.attributes
        or (bool(name) and not said.functions <= found["Function"] | {name})
        or any(_quoted(text) not in said.text for text in found["Constant"])
    )


def _parts(parameters: Any) -> Iterator[Json]:
    """Yield every named part of a tree."""
    for parameter in parameters or ():
        value = parameter.get("value") or {}
        if value.get("name"):
            yield value
        yield from _parts(value.get("parameters"))


def _quoted(text: str) -> str:
    """Return a constant as it stands within quotes."""
    return str(Literal(text, 0))[1:-1]


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
