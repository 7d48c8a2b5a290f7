import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from reconciler.diagnostics import printable
from reconciler.plan.document import Plan
from reconciler.plan.operation import Action
from reconciler.render.history import HISTORY_FORMATS, History
from reconciler.store.approvals import Given
from reconciler.store.plans import FilePlanStore
from reconciler.store.runs import runs
from tests.journals import START, done, write_journal
from tests.plans import make_operation, make_plan


@dataclass(frozen=True)
class ARow:
    application: str = "crm"
    digest12: str = "0123456789ab"
    created: datetime = datetime(2026, 11, 23, 10, 15, 2, tzinfo=UTC)
    plan: str | None = "plans/crm/x.plan.json"
    operations: Mapping[str, int] = field(default_factory=lambda: {"update": 3, "create": 12})
    state: str = "applied in part"
    when: str | None = "2026-11-23T10:20:00.000000Z"
    counts: Mapping[str, int] = field(default_factory=lambda: {"done": 14, "failed": 1})
    blocked: Sequence[str] = ()
    approved: Sequence[Given] = ()
    reverts: str | None = None
    stored: Plan | None = None
    journal: Sequence[Mapping[str, Any]] = ()
    attempts: Sequence[Mapping[str, Any]] = ()

    def concerns(self, key: str, *ids: str | None) -> bool:
        return True


def shown(form: str, *rows: ARow) -> str:
    return HISTORY_FORMATS[form](History(rows, {}))


def test_the_text_is_a_table_with_aligned_columns() -> None:
    text = shown("text", ARow(), ARow(application="ipass-smartconnect", plan=None))

    heading, first, second = text.splitlines()
    assert heading.startswith("created               application         digest")
    assert first.index("0123456789ab") == second.index("0123456789ab") == heading.index("digest")
    assert "12 create, 3 update  applied in part" in first
    assert "14 done, 1 failed" in first


def test_blocked_attempts_are_told_as_json() -> None:
    blocked = {
        "at": "2026-11-23T10:20:00.000000Z",
        "kind": "blocked",
        "cause": "guard",
        "scheduled": True,
        "guards": [{"id": "delete_users", "count": 12, "population": 200, "limit": 3}],
        "detail": "12 of 200 users of ours would be deleted",
    }
    early = {"at": blocked["at"], "kind": "too_early", "scheduled": True}

    (row,) = json.loads(shown("json", ARow(attempts=(blocked, early))))["plans"]

    assert [(one["cause"], one["guards"]) for one in row["attempts"]] == [
        ("guard", ["delete_users"]),
        ("quarantine", []),
    ]


def test_the_guards_that_blocked_are_named() -> None:
    row = ARow(blocked=("accidental_deletions", "source_shrinks"))

    assert "  accidental_deletions, source_shrinks" in shown("text", row)
    assert '"accidental_deletions, source_shrinks"' in shown("csv", row)
    assert json.loads(shown("json", row))["plans"][0]["blocked"] == [*row.blocked]


def test_who_approved_and_why_is_told() -> None:
    used = (
        Given("delete_users", 12, "grace", "=HR-4711", False),
        Given("half_gone", 60, None, None, True),
    )
    row = ARow(approved=used)

    told = "delete_users 12 by grace: =HR-4711 (not used); half_gone 60"
    assert f"  {told}" in shown("text", row)
    assert f'"{told}"' in shown("csv", row)
    first, second = json.loads(shown("json", row))["plans"][0]["approved"]
    assert (first["approver"], first["reason"], second["approver"]) == ("grace", "=HR-4711", None)


def test_a_plan_names_the_one_that_it_undoes() -> None:
    row = ARow(reverts="ba9876543210")

    assert shown("text", row).rstrip().endswith("  ba9876543210")
    assert '"ba9876543210"' in shown("csv", row)
    assert json.loads(shown("json", row))["plans"][0]["reverts"] == "ba9876543210"


def test_no_plans_is_a_sentence() -> None:
    assert shown("text") == "No plans.\n"
    assert json.loads(shown("json")) == {"plans": [], "value": []}


def test_no_plan_about_somebody_does_not_say_that_there_are_none() -> None:
    text = HISTORY_FORMATS["text"](History((), {}, "zoe@contoso.example\x1b[1m"))

    assert text == "No plan is about zoe@contoso.example\\u{1b}[1m.\n"


def test_a_plan_that_was_never_applied_is_in_the_json_with_every_field() -> None:
    text = shown("json", ARow(when=None))

    plain = json.loads(text)
    assert text == json.dumps(plain, indent=2, sort_keys=True) + "\n"
    assert plain["value"] == []
    assert plain["plans"][0] == {
        "application": "crm",
        "digest12": "0123456789ab",
        "created": "2026-11-23T10:15:02Z",
        "plan": "plans/crm/x.plan.json",
        "operations": {"create": 12, "update": 3},
        "state": "applied in part",
        "when": None,
        "counts": {"done": 14, "failed": 1},
        "blocked": [],
        "approved": [],
        "attempts": [],
        "reverts": None,
    }


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "\uff1d1", "\uff0b1"]
)
def test_s20_no_cell_is_a_formula(cell: str) -> None:
    text = shown("csv", ARow(plan=cell))

    assert text.splitlines()[0].startswith('"created","application"')
    assert printable(f'"\'{cell}"') in text


def test_the_csv_is_read_back_as_it_was_written() -> None:
    rows = list(csv.reader(StringIO(shown("csv", ARow(state='a "b", c')))))

    assert rows[1][4] == 'a "b", c'
    assert len(rows[0]) == len(rows[1]) == 11


def test_a_hostile_path_does_not_drive_the_terminal() -> None:
    text = shown("text", ARow(plan="\x1b[2J\n::stop"))

    assert all(line.isprintable() for line in text.split("\n"))
    assert len(text.splitlines()) == 2


def test_what_the_store_tells_can_be_shown(tmp_path: Path) -> None:
    FilePlanStore(tmp_path).save(make_plan())

    for form in HISTORY_FORMATS.values():
        assert "not applied" in form(History(runs(tmp_path), {}))


# the records, in the form of Entra's provisioning logs


@pytest.fixture
def store(tmp_path: Path) -> FilePlanStore:
    """Ada was created by one plan, and updated, with Bob, by the next."""
    store = FilePlanStore(tmp_path)
    bob = make_operation(
        Action.UPDATE, "bob@contoso.example", source_id="b-1", target_id="t-2", number=2
    )
    first = make_plan(created_at="2026-11-23T10:15:02Z")
    second = make_plan(
        [make_operation(Action.UPDATE, target_id="t-1"), bob], created_at="2026-11-23T10:15:02Z"
    )
    for plan, hours in ((second, 1), (first, 0)):
        store.save(plan)
        records = [
            done([], op.source_id, f"t-{number}", op=op.id, key=op.key, action=op.action.value)
            for number, op in enumerate(plan.body.operations, 1)
        ]
        start = START + timedelta(hours=hours)
        write_journal(store.journal_path(plan), *records, start=start, plan_digest=plan.digest)
    return store


def records(store: FilePlanStore, user: str | None = None) -> list[dict[str, Any]]:
    history = History(runs(store.folder, user=user), {"ipass-smartconnect": "iPass SmartConnect"})
    found: list[dict[str, Any]] = json.loads(HISTORY_FORMATS["json"](history))["value"]
    return found


def test_records_are_in_the_order_of_time_and_then_of_the_plan(store: FilePlanStore) -> None:
    found = [(r["provisioningAction"], r["sourceIdentity"]["id"]) for r in records(store)]

    assert found == [("create", "a-1"), ("update", "a-1"), ("update", "b-1")]


@pytest.mark.parametrize(
    ("user", "count"),
    [("ADA@contoso.example", 2), ("a-1", 2), ("t-1", 2), ("b-1", 1), ("T-1", 0), ("nobody", 0)],
)
def test_records_of_one_person_are_theirs_alone(
    user: str, count: int, store: FilePlanStore
) -> None:
    assert len(records(store, user)) == count


def test_records_have_the_name_that_the_configuration_gives_the_application(
    store: FilePlanStore,
) -> None:
    assert {r["servicePrincipal"]["displayName"] for r in records(store)} == {"iPass SmartConnect"}


def test_records_are_the_same_whenever_they_are_asked_for(store: FilePlanStore) -> None:
    once = records(store)

    assert records(store) == once
    assert len({record["id"] for record in once}) == len(once) == 3
