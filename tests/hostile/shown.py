"""A plan that holds one text wherever a plan can hold text of somebody else's, and its comment."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.plan.document import Plan, Skipped, Verdict
from reconciler.plan.operation import Action
from reconciler.states import ResourceType
from tests.plans import full_plan, hostile_leaving, make_operation, make_plan

_PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
_LOOSE = {"text", "code_inline", "inline", "softbreak"}


def hostile_plan(value: str) -> Plan:
    """Return a plan of *value*: two operations, and one of everything beside them."""
    operation = make_operation(
        Action.UPDATE,
        value,
        reason=value,
        changes=[(value, value, [value]), ("a", {value: value}, {}), ("title", None, value)],
    )
    group = make_operation(
        Action.ADD_MEMBERS,
        value,
        resource_type=ResourceType.GROUP,
        changes=[("members", None, [{"value": value, "display": value}])],
    )
    body = full_plan().body
    return make_plan(
        [operation, group],
        application="crm",
        only=[value],
        as_of=value,
        tenant_url=value,
        withheld=[operation],
        waiting=[type(one)(value, value, value) for one in body.waiting],
        leaving=hostile_leaving(value),
        skipped=[Skipped(value, value, ResourceType.USER, value, value)],
        unmanaged=type(body.unmanaged)(1, (type(body.unmanaged.sample[0])(value, value, "local"),)),
        warnings=[type(body.warnings[0])(value, value)],
        guards=[Verdict(value, 1, 1, 1, False, value)],
        author=value,
    )


def structure(comment: str) -> list[str]:
    """Return every token of a comment that is neither text nor a code span."""
    return [token.type for token in _tokens(comment) if token.type not in _LOOSE]


def _tokens(comment: str) -> Iterator[Token]:
    for block in _PARSER.parse(comment):
        yield block
        yield from block.children or ()
