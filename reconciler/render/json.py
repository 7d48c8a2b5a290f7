"""A plan for machines: the stored form, as it is in the store or without what is not shown."""

from __future__ import annotations

from reconciler.plan.digest import canonical_json
from reconciler.plan.document import Plan
from reconciler.plan.plan_file import as_json
from reconciler.render.hidden import without_hidden
from reconciler.render.redact import redacted


def to_json(plan: Plan, *, redact: bool = False) -> str:
    """
    Return *plan* as canonical JSON and a newline.

    Without *redact* these are the bytes of the plan file, which can be applied;
    unless an expression hides a value: then ``[Redact]`` stands for it. With
    *redact*, every value is ``(redacted)``. Where anything is left out the
    digests are those of the whole plan, and a reader of plan files refuses the
    result.
    """
    shown = redacted(plan) if redact else without_hidden(plan)
    return (canonical_json(as_json(shown)) + b"\n").decode("utf-8")
