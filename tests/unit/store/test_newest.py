"""An older plan is refused after a newer one that judged everybody (INV-25)."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.plan.document import Plan
from reconciler.ports import PlanSuperseded
from reconciler.store.newest import is_for_everybody, require_newest
from reconciler.store.plans import FilePlanStore
from tests.journals import write_journal
from tests.plans import TENANT_URL, make_plan

OLDER = make_plan(created_at="2026-11-23T10:00:00Z")


def applied(store: FilePlanStore, plan: Plan, **begin: Any) -> None:
    """Write the journal of a run of *plan*."""
    fields = {"plan_digest": plan.digest, "everybody": True, **begin}
    write_journal(store.journal_path(plan), **fields)


@pytest.fixture
def store(tmp_path: Path) -> FilePlanStore:
    return FilePlanStore(tmp_path / "plans")


def newer(created_at: str = "2026-11-23T10:00:01Z") -> Plan:
    return make_plan([], created_at=created_at)


def test_nothing_was_applied(store: FilePlanStore) -> None:
    require_newest(store.folder, OLDER, TENANT_URL)


def test_a_newer_plan_for_everybody_supersedes_an_older_one(store: FilePlanStore) -> None:
    applied(store, newer())

    with pytest.raises(
        PlanSuperseded, match="2026-11-23T10:00:01Z, and it was for everybody, or undid"
    ):
        require_newest(store.folder, OLDER, TENANT_URL)


@pytest.mark.parametrize(
    "begin",
    [
        pytest.param({"everybody": False}, id="of selected people, or with withheld removals"),
        pytest.param({"tenant_url": "https://other.example"}, id="of another tenant"),
    ],
)
def test_other_runs_supersede_nothing(store: FilePlanStore, begin: dict[str, Any]) -> None:
    applied(store, newer(), **begin)

    require_newest(store.folder, OLDER, TENANT_URL)


@pytest.mark.parametrize("created_at", ["2026-11-23T10:00:00Z", "2026-11-23T09:59:59Z"])
def test_neither_does_one_that_is_not_newer(store: FilePlanStore, created_at: str) -> None:
    applied(store, newer(created_at))

    require_newest(store.folder, OLDER, TENANT_URL)


def test_a_plan_does_not_supersede_itself(store: FilePlanStore) -> None:
    """Under a header that says another time, it is the same plan."""
    applied(store, make_plan(created_at="2026-11-23T11:00:00Z"))

    require_newest(store.folder, OLDER, TENANT_URL)


@pytest.mark.parametrize(
    ("changes", "everybody"),
    [
        pytest.param({}, True, id="a plan"),
        pytest.param({"only": ["ada@contoso.example"]}, False, id="of selected people"),
        pytest.param({"withheld": OLDER.body.operations}, False, id="with withheld removals"),
    ],
)
def test_whom_a_plan_is_for(store: FilePlanStore, changes: dict[str, Any], everybody: bool) -> None:
    assert is_for_everybody(store.folder, make_plan(**changes)) is everybody


@pytest.mark.parametrize("everybody", [True, False])
def test_a_revert_is_for_whom_the_plan_was(store: FilePlanStore, everybody: bool) -> None:
    """That plan may be thrown away; its journal stays."""
    applied(store, OLDER, everybody=everybody)

    assert is_for_everybody(store.folder, make_plan(reverts=OLDER.digest)) is everybody


def test_a_revert_of_what_no_journal_knows_is_for_everybody(store: FilePlanStore) -> None:
    """Another plan's journal, of a name that begins in the same way, says nothing."""
    applied(store, OLDER, plan_digest=OLDER.digest[:12] + "0" * 52, everybody=False)

    assert is_for_everybody(store.folder, make_plan(reverts=OLDER.digest))
