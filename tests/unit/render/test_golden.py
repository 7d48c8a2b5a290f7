from pathlib import Path

import pytest

from reconciler.plan.document import Plan
from reconciler.render import to_markdown, to_text
from tests.plans import full_plan, make_plan

GOLDEN = Path(__file__).parent / "golden"
STORED = "plans/ipass-smartconnect/x.plan.json"


@pytest.mark.parametrize(
    ("name", "plan", "redact"),
    [
        ("full", full_plan(), False),
        ("blocked-redacted", full_plan(blocked=True), True),
        ("empty", make_plan([]), False),
    ],
)
def test_the_text_is_the_one_that_was_reviewed(name: str, plan: Plan, redact: bool) -> None:
    text = to_text(plan, colour=False, redact=redact, stored=STORED)

    assert text == (GOLDEN / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "plan", "redact"),
    [("full", full_plan(), False), ("blocked-redacted", full_plan(blocked=True), True)],
)
def test_the_comment_is_the_one_that_was_reviewed(name: str, plan: Plan, redact: bool) -> None:
    text = to_markdown(plan, redact=redact, stored=STORED)

    assert text == (GOLDEN / f"{name}.md").read_text("utf-8")
