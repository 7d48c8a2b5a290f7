import json
from dataclasses import replace

import pytest

from reconciler.plan.document import Plan, PlanAltered, Verdict
from reconciler.plan.operation import Action
from reconciler.plan.plan_file import parse_plan
from reconciler.render import FORMATS, Look, to_json
from reconciler.render.redact import redacted
from reconciler.store.plans import encode_plan
from tests.plans import full_plan, make_operation, make_plan

PERSONAL = [
    "ada@contoso.example",
    "Ada",
    "bob@contoso.example",
    "cyd@contoso.example",
    "eve@contoso.example",
    "Eve",
    "Bonn",
    "Clerk",
    "p30@contoso.example",
    "zoe@contoso.example",
    "yan@contoso.example",
    "guest@fabrikam.example",
    "fabrikam",
    "root@contoso.example",
    'admin"',
    "Grace Hopper",
]


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("personal", PERSONAL)
def test_ruling_18_no_form_shows_a_person_when_redacted(form: str, personal: str) -> None:
    assert personal not in FORMATS[form](full_plan(), Look(redact=True))


@pytest.mark.parametrize("personal", PERSONAL)
def test_the_plan_holds_what_is_left_out(personal: str) -> None:
    """Without this, the test above could not fail."""
    assert personal in to_json(full_plan()).replace('\\"', '"')


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_a_stranger_can_still_judge_a_redacted_plan(form: str) -> None:
    shown = FORMATS[form](full_plan(blocked=True), Look(redact=True))

    for needed in (
        "assigned User by group Sales",
        "left the source",
        "displayName",
        "Engineering",
        "InvalidDomain",
        "ignored-members",
        "a-5",
        "a-20",
        "t-90",
        "24 of 200 active users of ours would be disabled or deleted; more than the",
        full_plan(blocked=True).body.operations_digest,
    ):
        assert needed in shown


def guarded(sentence: str, *keys: str) -> str:
    """Return *sentence* as a redacted plan with operations on *keys* shows it."""
    plan: Plan = make_plan(
        [make_operation(Action.DISABLE, key) for key in keys],
        guards=[Verdict("protected", 1, 1, 0, True, sentence)],
    )
    return redacted(plan).body.guards[0].sentence


@pytest.mark.parametrize(
    ("keys", "sentence", "expected"),
    [
        (["a@x"], "1 of 2 accounts: a@x", "1 of 2 accounts: (redacted)"),
        (["a@x", "ba@x"], "two: a@x, ba@x", "two: (redacted), (redacted)"),
        (["al"], "all of al", "all of (redacted)"),
        (["a.b*"], "named a.b*, axb", "named (redacted), axb"),
        ([""], "nobody", "nobody"),
    ],
)
def test_a_sentence_keeps_its_words_and_loses_its_names(
    keys: list[str], sentence: str, expected: str
) -> None:
    assert guarded(sentence, *keys) == expected


def test_what_was_set_and_what_was_cleared_can_be_told_apart() -> None:
    plan = make_plan([make_operation(Action.UPDATE, changes=[("a", None, "x"), ("b", "x", None)])])

    changes = redacted(plan).body.operations[0].changes

    assert [(c.before, c.after) for c in changes] == [(None, "(redacted)"), ("(redacted)", None)]


def test_members_keep_their_number_and_ids() -> None:
    operation = next(op for op in redacted(full_plan()).body.operations if op.key == "Engineering")

    assert operation.changes[0].after == [{"value": "t-5", "display": "(redacted)"}]


@pytest.mark.parametrize("entries", ["x", {"display": "x"}, ["x"]])
def test_members_of_a_strange_shape_are_left_out(entries: object) -> None:
    plan = make_plan([make_operation(Action.UPDATE, changes=[("Members", None, entries)])])

    assert "x" not in json.dumps(redacted(plan).body.operations[0].changes[0].after)


def test_the_json_of_a_plan_is_the_plan_file() -> None:
    assert to_json(full_plan()).encode() == encode_plan(full_plan())


def test_inv_24_a_redacted_plan_cannot_be_applied() -> None:
    with pytest.raises(PlanAltered, match="digest does not fit"):
        parse_plan(to_json(full_plan(), redact=True).encode())


def test_redacting_changes_nothing_of_the_plan_itself() -> None:
    plan = full_plan()
    redacted(plan)

    assert plan == full_plan()
    assert redacted(redacted(plan)) == redacted(plan)
    assert replace(redacted(plan), body=plan.body, header=plan.header) == plan
