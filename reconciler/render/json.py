"""A plan for machines: the stored form, as it is in the store or without personal data."""

from __future__ import annotations

from reconciler.plan.digest import canonical_json
from reconciler.plan.document import Plan, as_json
from reconciler.render.redact import redacted


def to_json(plan: Plan, *, redact: bool = False) -> str:
    """
    Return *plan* as canonical JSON and a newline.

    Without *redact* these are the bytes of the plan file, which can be applied.
    With it, values are ``(redacted)``, the digests are those of the whole plan,
    and a reader of plan files refuses the result.
    """
    return (canonical_json(as_json(redacted(plan) if redact else plan)) + b"\n").decode("utf-8")
