import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from reconciler.render import HISTORY_FORMATS
from reconciler.store.plans import FilePlanStore
from reconciler.store.runs import runs
from tests.plans import make_plan


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


def test_the_text_is_a_table_with_aligned_columns() -> None:
    shown = HISTORY_FORMATS["text"]([ARow(), ARow(application="ipass-smartconnect", plan=None)])

    heading, first, second = shown.splitlines()
    assert heading.startswith("created               application         digest")
    assert first.index("0123456789ab") == second.index("0123456789ab") == heading.index("digest")
    assert "12 create, 3 update  applied in part" in first
    assert "14 done, 1 failed" in first


def test_no_plans_is_a_sentence() -> None:
    assert HISTORY_FORMATS["text"]([]) == "No plans.\n"
    assert json.loads(HISTORY_FORMATS["json"]([])) == []


def test_the_json_holds_every_field() -> None:
    (row,) = json.loads(HISTORY_FORMATS["json"]([ARow(when=None)]))

    assert row == {
        "application": "crm",
        "digest12": "0123456789ab",
        "created": "2026-11-23T10:15:02Z",
        "plan": "plans/crm/x.plan.json",
        "operations": {"create": 12, "update": 3},
        "state": "applied in part",
        "when": None,
        "counts": {"done": 14, "failed": 1},
    }


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "\uff1d1", "\uff0b1"]
)
def test_s20_no_cell_is_a_formula(cell: str) -> None:
    shown = HISTORY_FORMATS["csv"]([ARow(plan=cell)])

    assert shown.splitlines()[0].startswith('"created","application"')
    assert f'"\'{cell}"' in shown


def test_the_csv_is_read_back_as_it_was_written() -> None:
    rows = list(csv.reader(StringIO(HISTORY_FORMATS["csv"]([ARow(state='a "b", c')]))))

    assert rows[1][4] == 'a "b", c'
    assert len(rows[0]) == len(rows[1]) == 8


def test_a_hostile_path_does_not_drive_the_terminal() -> None:
    shown = HISTORY_FORMATS["text"]([ARow(plan="\x1b[2J\n::stop")])

    assert all(line.isprintable() for line in shown.split("\n"))
    assert len(shown.splitlines()) == 2


def test_what_the_store_tells_can_be_shown(tmp_path: Path) -> None:
    FilePlanStore(tmp_path).save(make_plan())

    for form in HISTORY_FORMATS.values():
        assert "not applied" in form(runs(tmp_path))
