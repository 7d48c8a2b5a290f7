from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.plan.document import Plan, PlanAltered
from reconciler.plan.operation import Action
from reconciler.store.chain import JournalDamaged
from reconciler.store.folder import StoreError
from reconciler.store.journal import FileJournal
from reconciler.store.plans import FilePlanStore
from reconciler.store.runs import Run
from reconciler.store.runs import runs as told
from tests.journals import BEGIN, START, SteppingClock, done, write_journal
from tests.plans import full_plan, make_operation, make_plan


def runs(folder: Path, application: str | None = None, user: str | None = None) -> tuple[Run, ...]:
    return tuple(told(folder, application, user))


@pytest.fixture
def store(tmp_path: Path) -> FilePlanStore:
    return FilePlanStore(tmp_path)


def stored(store: FilePlanStore, plan: Plan) -> Plan:
    store.save(plan)
    return plan


def test_a_stored_plan_is_not_applied(store: FilePlanStore) -> None:
    plan = stored(store, make_plan([make_operation(), make_operation(Action.UPDATE, number=2)]))

    (run,) = runs(store.folder)

    assert run.application == "ipass-smartconnect"
    assert run.digest12 == plan.digest[:12]
    assert run.created.isoformat() == "2026-11-23T10:15:02+00:00"
    assert run.plan == str(store.find(plan.digest))
    assert run.operations == {"create": 1, "update": 1}
    assert (run.state, run.when, run.counts) == ("not applied", None, {})


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("done", "applied"),
        ("partial", "applied in part"),
        ("interrupted", "unfinished"),
        (None, "unfinished"),
    ],
)
def test_the_last_run_says_what_became_of_a_plan(
    store: FilePlanStore, status: str | None, state: str
) -> None:
    plan = stored(store, make_plan())
    write_journal(store.journal_path(plan), done(["create"], "a-1", "t-1"), status=status)

    (run,) = runs(store.folder)

    assert run.state == state
    assert run.counts == {"done": 1}
    assert run.when is not None
    assert run.when.startswith("2026-11-23T10:00:0")


def test_a_resumed_plan_is_told_by_its_newest_run(store: FilePlanStore) -> None:
    plan = stored(store, make_plan())
    path = store.journal_path(plan)
    write_journal(path, status="interrupted")
    write_journal(path, start=START + timedelta(hours=1), resumed=True)

    assert [run.state for run in runs(store.folder)] == ["applied"]


def test_an_operation_counts_by_what_became_of_it_last(store: FilePlanStore) -> None:
    path = store.journal_path(stored(store, make_plan()))
    about = done([], "a-1", "t-1")
    outcome = {name: about.pop(name) for name in ("effects", "outcome")}
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("run_begin", **BEGIN)
        journal.append("intent", **about)
        journal.append("failed", **about, code="Timeout", detail="")
        journal.append("intent", **about)
        journal.append("done", **about, **outcome)
        journal.append("intent", **{**about, "op": "op-0002"})

    (run,) = runs(store.folder)

    assert run.counts == {"done": 1}


def test_a_journal_whose_plan_was_thrown_away_is_still_told(store: FilePlanStore) -> None:
    plan = stored(store, make_plan())
    write_journal(store.journal_path(plan), done(["create"], "a-1", "t-1", action="create"))
    Path(str(store.find(plan.digest))).unlink()

    (run,) = runs(store.folder)

    assert (run.plan, run.digest12) == (None, plan.digest[:12])
    assert (run.operations, run.state) == ({"create": 1}, "applied")


def test_the_newest_run_is_last_and_applications_can_be_asked_for(store: FilePlanStore) -> None:
    new = stored(store, make_plan(created_at="2026-11-23T10:00:00Z"))
    old = stored(store, make_plan(created_at="2026-01-01T10:00:00Z", application="crm"))

    assert [run.digest12 for run in runs(store.folder)] == [old.digest[:12], new.digest[:12]]
    assert [run.application for run in runs(store.folder, "crm")] == ["crm"]
    assert runs(store.folder, "mail") == ()


@pytest.mark.parametrize(
    ("user", "found"),
    [
        ("ada@contoso.example", True),
        ("ADA@contoso.example", True),
        ("a-1", True),
        ("t-7", True),
        ("A-1", False),
        ("eve@contoso.example", False),
        ("", False),
    ],
)
def test_runs_can_be_asked_for_by_person(store: FilePlanStore, user: str, found: bool) -> None:
    stored(store, make_plan([make_operation(Action.UPDATE, source_id="a-1", target_id="t-7")]))

    assert bool(runs(store.folder, user=user)) is found


def test_a_person_is_found_in_a_journal_too(store: FilePlanStore) -> None:
    plan = stored(store, make_plan())
    write_journal(store.journal_path(plan), done(["create"], "a-1", "t-99"))

    assert len(runs(store.folder, user="t-99")) == 1


@pytest.mark.parametrize(
    ("user", "found"),
    [("kim@contoso.example", 1), ("a-21", 1), ("zoe@contoso.example", 1), ("t-77", 1)],
)
def test_whoever_a_plan_leaves_out_is_told_of_too(
    store: FilePlanStore, user: str, found: int
) -> None:
    stored(store, full_plan())

    assert len(runs(store.folder, user=user)) == found


def test_plans_of_one_second_are_in_the_order_in_which_they_were_begun(
    store: FilePlanStore,
) -> None:
    plans = [stored(store, make_plan(users=users)) for users in range(6)]
    for hours, plan in enumerate(plans[:5]):
        write_journal(store.journal_path(plan), start=START + timedelta(hours=hours))

    assert [run.digest12 for run in runs(store.folder)] == [plan.digest[:12] for plan in plans]


@pytest.mark.parametrize(
    ("guard", "count"), [("accidental_deletions", 1), ("min_admins", 0), (None, 2)]
)
def test_a_guard_chooses_the_plans_that_it_blocked(
    store: FilePlanStore, guard: str | None, count: int
) -> None:
    stored(store, make_plan())
    stored(store, full_plan(blocked=True))

    found = [run.blocked for run in told(store.folder, guard=guard)]

    assert len(found) == count
    assert ("accidental_deletions",) in found or not count


def test_a_plan_that_is_gone_was_blocked_by_nobody_knows_what(store: FilePlanStore) -> None:
    plan = full_plan(blocked=True)
    write_journal(store.journal_path(plan))

    assert [run.blocked for run in told(store.folder)] == [()]
    assert [*told(store.folder, guard="accidental_deletions")] == []


def test_one_plan_after_the_other_is_read(store: FilePlanStore) -> None:
    """A store of many plans does not have to fit into memory."""
    for hour in (10, 11):
        stored(store, make_plan(created_at=f"2026-11-23T{hour}:00:00Z", users=hour))
    last = sorted(store.folder.rglob("*.plan.json"))[-1]
    last.write_bytes(b"{}")

    first = next(told(store.folder))

    assert first.created.hour == 10


def test_an_altered_plan_is_an_error(store: FilePlanStore) -> None:
    path = Path(str(store.find(stored(store, make_plan()).digest)))
    path.write_bytes(path.read_bytes().replace(b"250", b"251"))

    with pytest.raises(PlanAltered, match="the plan was altered"):
        runs(store.folder)


def test_inv_34_a_damaged_journal_is_an_error(store: FilePlanStore) -> None:
    path = store.journal_path(stored(store, make_plan()))
    write_journal(path)
    path.write_bytes(path.read_bytes().replace(b"250", b"251"))

    with pytest.raises(JournalDamaged):
        runs(store.folder)


def test_a_journal_that_does_not_begin_with_a_run_is_an_error(store: FilePlanStore) -> None:
    path = store.journal_path(stored(store, make_plan()))
    with FileJournal(path, SteppingClock()) as journal:
        journal.append("done", **done(["create"], "a-1", "t-1"))

    with pytest.raises(JournalDamaged, match="belongs to no run"):
        runs(store.folder)


def test_a_plan_that_is_a_link_is_an_error(store: FilePlanStore) -> None:
    path = Path(str(store.find(stored(store, make_plan()).digest)))
    path.rename(store.folder / "elsewhere")
    path.symlink_to(store.folder / "elsewhere")

    with pytest.raises(StoreError, match="symbolic link"):
        runs(store.folder)
