"""
Expressions that are legal and do not do what they seem to: warnings, with a better form.

The traps are those of Entra's own pages (entra.md 1.10 and 4.5). They are
judged on the tree alone and never change what an expression yields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from reconciler.expr.dates.traps import cautions_of_formats
from reconciler.expr.errors import Caution
from reconciler.expr.nodes import (
    Attribute,
    Call,
    Comparison,
    Literal,
    Node,
    operands_of,
    walk,
)

PRESENCE: Mapping[str, str] = MappingProxyType(
    {"IsNothing": "False", "IsNull": "False", "IsNullOrEmpty": "False", "IsPresent": "True"}
)
"""Functions that ask whether a value is there, and what they say of one that is."""

CONDITIONAL = frozenset({"IIF"})
"""Functions whose first argument is a condition."""

LAZY = frozenset({"Coalesce", "IIF", "Switch"})
"""Functions that evaluate their first argument for everybody, and the others for some."""

ROLE_FUNCTIONS = frozenset(
    {
        "AppRoleAssignments",
        "AppRoleAssignmentsComplex",
        "AssertiveAppRoleAssignmentsComplex",
        "SingleAppRoleAssignment",
    }
)
"""What turns ``[appRoleAssignments]`` into something a target understands."""

TAKING_ROLES = ROLE_FUNCTIONS | {*PRESENCE, "Count"}
"""Functions to which role assignments mean something: those above, and who asks for any."""

ROLE_ATTRIBUTE = "appRoleAssignments"


def cautions_of(root: Node) -> Iterator[Caution]:
    """Yield a warning for each trap below *root*."""
    if isinstance(root, Attribute):
        yield from _bare_roles((root,))
    for node in walk(root):
        name = node.name if isinstance(node, Call) else ""
        if isinstance(node, Call) and name in _TRAPS:
            yield from _TRAPS[name](node)
        if name not in TAKING_ROLES:
            yield from _bare_roles(operands_of(node))


def _in_condition(call: Call) -> Iterator[Caution]:
    """Warn of a condition that asks for emptiness, which is what a condition cannot judge."""
    condition, *branches = call.arguments
    for node in walk(condition):
        if isinstance(node, Call) and node.name in PRESENCE:
            asked, when_empty = node.arguments[0], PRESENCE[node.name] == "False"
            message = f"{call.name} fails for everybody whose {asked} is empty, {node.name} or not"
            yield Caution(
                node.column, message, _better(node, condition, asked, branches, when_empty)
            )
        elif isinstance(node, Comparison) and (asked_of := _compared_with_nothing(node)):
            message = f"{call.name} fails for everybody whose {asked_of} is empty"
            when_empty = node.operator == "="
            hint = _better(node, condition, asked_of, branches, when_empty)
            yield Caution(node.column, message, hint)


def compared_for_everybody(node: Node) -> Iterator[Attribute]:
    """
    Yield the attributes that are compared whoever it is about: whoever has none fails.

    What stands in a branch is not for everybody, and a comparison with ``""`` has
    been warned of whatever the source holds.
    """
    if isinstance(node, Comparison) and not _compared_with_nothing(node):
        yield from (side for side in (node.left, node.right) if isinstance(side, Attribute))
    lazy = isinstance(node, Call) and node.name in LAZY
    for operand in operands_of(node)[: 1 if lazy else None]:
        yield from compared_for_everybody(operand)


def in_other_words(root: Node) -> str:
    """Return what to write instead of a condition that fails on null; in full when that is easy."""
    if isinstance(root, Call) and root.name in CONDITIONAL:
        condition, yes, no = root.arguments
        if (
            isinstance(condition, Comparison)
            and condition.operator == "="
            and isinstance(condition.left, Attribute)
            and isinstance(condition.right, Literal)
        ):
            return f"write Switch({condition.left}, {no}, {condition.right}, {yes})"
    return 'use Switch, whose key "" matches an empty value'


def _compared_with_nothing(node: Comparison) -> Node | None:
    """Return what *node* compares with the empty text, if it does that."""
    nothing = Literal("", 0)
    if node.operator not in {"=", "<>"}:
        return None
    if node.right == nothing:
        return node.left
    return node.right if node.left == nothing else None


def _better(
    found: Node, condition: Node, asked: Node, branches: list[Node], when_empty: bool
) -> str:
    """Word the Switch that says the same; in full when *found* is the whole condition."""
    if found is condition and len(branches) == 2:
        empty, present = branches if when_empty else reversed(branches)
        return f"write {_switch(asked, present, empty)}"
    return f'write Switch({asked}, <value when present>, "", <value when empty>)'


def _switch(asked: Node, present: Node, empty: Node) -> str:
    return f'Switch({asked}, {present}, "", {empty})'


def _in_switch(call: Call) -> Iterator[Caution]:
    """Warn of a Switch over a presence function, and of a key that is given twice."""
    source = call.arguments[0]
    if isinstance(source, Call) and source.name in PRESENCE:
        by_key = {str(key): value for key, value in _pairs(call)}
        default = call.arguments[1]
        yes, no = (by_key.get(f'"{key}"', default) for key in ("True", "False"))
        empty, present = (no, yes) if PRESENCE[source.name] == "True" else (yes, no)
        better = _switch(source.arguments[0], present, empty)
        message = f"{source.name} as the source of Switch is not supported by Entra"
        yield Caution(source.column, message, f'write {better}: the key "" matches an empty value')
    seen: set[Node] = set()
    for key, _ in _pairs(call):
        if key in seen:
            hint = "delete it: the first of two equal keys wins"
            yield Caution(key.column, f"the key {key} is given twice", hint)
        seen.add(key)


_BOUNDARY = re.compile(r"(?:[^\\]|\\[^bB])*+\\[bB]", re.DOTALL)


def _in_replace(call: Call) -> Iterator[Caution]:
    """Warn of a word boundary, which is another one in RE2 than in .NET."""
    pattern = call.arguments[2]
    if isinstance(pattern, Literal) and _BOUNDARY.match(str(pattern.value)):
        message = "\\b finds the ends of words in ASCII letters only: before Åse it finds none"
        hint = "write what stands beside the word instead, as in (?:^|[ -])"
        yield Caution(pattern.column, message, hint)


def _pairs(call: Call) -> Iterator[tuple[Node, Node]]:
    return zip(call.arguments[2::2], call.arguments[3::2], strict=False)


def _bare_roles(operands: Iterable[Node]) -> Iterator[Caution]:
    """Warn of role assignments that are used as if they were text."""
    for node in operands:
        if isinstance(node, Attribute) and node.name == ROLE_ATTRIBUTE:
            message = "app role assignments are a list of roles, not a text"
            hint = f"write SingleAppRoleAssignment([{ROLE_ATTRIBUTE}])"
            yield Caution(node.column, message, hint)


_TRAPS: Mapping[str, Callable[[Call], Iterator[Caution]]] = MappingProxyType(
    {
        **dict.fromkeys(CONDITIONAL, _in_condition),
        "FormatDateTime": cautions_of_formats,
        "Replace": _in_replace,
        "Switch": _in_switch,
    }
)
"""What is asked of a call, by the name of its function."""
