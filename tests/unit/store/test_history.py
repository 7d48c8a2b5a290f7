import json
from datetime import date, timedelta
from errno import EIO
from os import fstat
from pathlib import Path

import pytest

from reconciler.states import Recorded, ResourceType
from reconciler.store.chain import JournalDamaged, read_journal
from reconciler.store.disk import DISK
from reconciler.store.folder import StoreError
from reconciler.store.history import recorded
from reconciler.store.journal import FileJournal
from tests.journals import BEGIN, START, SteppingClock, done, write_journal
from tests.plans import APPLICATION, TENANT_URL

USER, GROUP = ResourceType.USER, ResourceType.GROUP


def journal(store: Path, number: int = 1, application: str = APPLICATION) -> Path:
    return store / application / f"2026-11-23T10000{number}Z-{number:012x}.journal.jsonl"


def fold(store: Path, tenant_url: str = TENANT_URL) -> Recorded:
    return recorded(store, APPLICATION, tenant_url)


def test_ruling_8_without_a_journal_nothing_is_ours(tmp_path: Path) -> None:
    assert fold(tmp_path) == Recorded()


def test_ruling_8_what_we_created_or_linked_is_ours(tmp_path: Path) -> None:
    write_journal(
        journal(tmp_path),
        done(["create"], "a-1", "t-1"),
        done(["link"], "a-2", "t-2"),
        done(["create"], "g-1", "t-3", resource_type="Group"),
    )

    assert fold(tmp_path).links == {
        (USER, "a-1"): "t-1",
        (USER, "a-2"): "t-2",
        (GROUP, "g-1"): "t-3",
    }


def test_only_what_is_done_counts(tmp_path: Path) -> None:
    path = journal(tmp_path)
    with FileJournal(path, SteppingClock()) as writing:
        writing.append("run_begin", **BEGIN)
        about = done([], "a-1", "t-1")
        del about["effects"], about["outcome"]
        writing.append("intent", **about)
        writing.append("failed", **about, code="Timeout", detail="no answer")
        writing.append("conflict", **about, code="EntryConflict", detail="taken")

    assert fold(tmp_path).links == {}


def test_inv_15_what_a_plan_is_to_rely_on_is_on_the_disk_before_it_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_journal(journal(tmp_path), done(["create"], "a-1", "t-1"))
    write_journal(journal(tmp_path, 2), done(["create"], "a-2", "t-2"))
    synced: list[int] = []
    monkeypatch.setattr(DISK, "sync", lambda descriptor: synced.append(fstat(descriptor).st_ino))

    known = fold(tmp_path)

    newest = [one for one in (1, 2) if read_journal(journal(tmp_path, one)).head == known.head]
    assert synced == [journal(tmp_path, one).stat().st_ino for one in newest]


def test_a_disk_that_refuses_a_record_again_makes_nobody_believe_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_journal(journal(tmp_path), done(["create"], "a-1", "t-1"))

    def refuse(descriptor: int) -> None:
        raise OSError(EIO, "Input/output error")

    monkeypatch.setattr(DISK, "sync", refuse)

    with pytest.raises(StoreError, match="not safe on the disk"):
        fold(tmp_path)


def test_what_we_deleted_is_ours_no_more(tmp_path: Path) -> None:
    write_journal(
        journal(tmp_path),
        done(["create"], "a-1", "t-1"),
        done(["disable"], "a-1", "t-1"),
        done(["delete"], None, "t-1"),
    )

    found = fold(tmp_path)
    assert (found.links, found.disabled_on) == ({}, {})


def test_an_anchor_has_one_account_the_newest(tmp_path: Path) -> None:
    write_journal(journal(tmp_path), done(["create"], "a-1", "t-1"), done(["create"], "a-1", "t-2"))

    assert fold(tmp_path).links == {(USER, "a-1"): "t-2"}


def test_an_account_is_one_anchors_the_newest(tmp_path: Path) -> None:
    """Somebody comes back with another objectId: the former one, now gone, must not take it."""
    write_journal(journal(tmp_path), done(["create"], "a-1", "t-1"), done(["link"], "a-2", "t-1"))

    assert fold(tmp_path).links == {(USER, "a-2"): "t-1"}


def test_the_former_account_of_an_anchor_can_become_anothers(tmp_path: Path) -> None:
    write_journal(
        journal(tmp_path),
        done(["create"], "a-1", "t-1"),
        done(["link"], "a-1", "t-2"),
        done(["link"], "a-2", "t-1"),
        done(["delete"], "a-2", "t-1"),
    )

    assert fold(tmp_path).links == {(USER, "a-1"): "t-2"}


def test_a_user_and_a_group_of_one_id_are_two(tmp_path: Path) -> None:
    write_journal(
        journal(tmp_path),
        done(["create"], "a-1", "1"),
        done(["create"], "g-1", "1", resource_type="Group"),
        done(["delete"], "g-1", "1", resource_type="Group"),
    )

    assert fold(tmp_path).links == {(USER, "a-1"): "1"}


def test_our_own_disable_has_its_day(tmp_path: Path) -> None:
    late = START.replace(hour=23, minute=59, second=58)
    write_journal(
        journal(tmp_path),
        done(["disable"], "a-1", "t-1"),
        done(["disable"], "a-2", "t-2"),
        start=late,
    )

    assert fold(tmp_path).disabled_on == {"t-1": date(2026, 11, 23), "t-2": date(2026, 11, 24)}


def test_an_enable_ends_our_disable(tmp_path: Path) -> None:
    write_journal(
        journal(tmp_path), done(["disable"], "a-1", "t-1"), done(["enable"], "a-1", "t-1")
    )

    assert fold(tmp_path).disabled_on == {}


def test_one_operation_may_have_several_effects(tmp_path: Path) -> None:
    write_journal(journal(tmp_path), done(["link", "enable"], "a-1", "t-1"))

    assert fold(tmp_path).links == {(USER, "a-1"): "t-1"}


def test_ruling_8_another_tenant_says_nothing_about_this_one(tmp_path: Path) -> None:
    write_journal(
        journal(tmp_path), done(["create"], "a-1", "t-1"), tenant_url="https://other.example/v2"
    )

    found = fold(tmp_path)
    assert (found.links, found.applied_users) == ({}, None)
    assert found.head is not None
    assert fold(tmp_path, "https://other.example/v2").links == {(USER, "a-1"): "t-1"}


def test_runs_of_two_journals_that_overlap_are_told_in_the_order_of_time(tmp_path: Path) -> None:
    first, second = journal(tmp_path, 1), journal(tmp_path, 2)
    write_journal(first, done(["create"], "a-1", "t-1"), status=None)
    write_journal(second, done(["link"], "a-2", "t-1"), start=START + timedelta(minutes=1))
    write_journal(first, done(["delete"], "a-2", "t-1"), start=START + timedelta(minutes=2))

    assert fold(tmp_path).links == {}


def test_a_clock_set_back_does_not_reorder_one_journal(tmp_path: Path) -> None:
    path = journal(tmp_path)
    write_journal(path, done(["create"], "a-1", "t-1"))
    write_journal(path, done(["delete"], "a-1", "t-1"), start=START - timedelta(hours=1))

    assert fold(tmp_path).links == {}


def test_ruling_14_the_rows_are_those_of_the_last_plan_applied(tmp_path: Path) -> None:
    write_journal(journal(tmp_path, 1), users=250, groups=14)
    write_journal(
        journal(tmp_path, 2),
        users=260,
        groups=15,
        start=START + timedelta(days=1),
        status="partial",
    )

    found = fold(tmp_path)
    assert (found.applied_users, found.applied_groups) == (260, 15)


def test_the_columns_are_those_of_the_last_plan_applied(tmp_path: Path) -> None:
    write_journal(journal(tmp_path, 1), filled={"mail": 250})
    write_journal(journal(tmp_path, 2), filled={"mail": 9}, start=START + timedelta(days=1))
    write_journal(
        journal(tmp_path, 3),
        filled={"mail": 0},
        start=START + timedelta(days=2),
        status="interrupted",
    )

    assert fold(tmp_path).applied_filled == {"mail": 9}


def test_a_journal_that_counted_no_columns_says_nothing_of_them(tmp_path: Path) -> None:
    write_journal(journal(tmp_path, 1), filled={"mail": 250})
    write_journal(journal(tmp_path, 2), start=START + timedelta(days=1))

    assert fold(tmp_path).applied_filled == {}


@pytest.mark.parametrize("status", ["interrupted", None])
def test_ruling_14_a_run_that_did_not_end_applied_nothing(
    tmp_path: Path, status: str | None
) -> None:
    write_journal(journal(tmp_path), users=10, status=status)

    assert fold(tmp_path).applied_users is None


def test_every_new_record_anywhere_is_another_head(tmp_path: Path) -> None:
    heads = [fold(tmp_path).head]
    for number in (1, 2):
        write_journal(journal(tmp_path, number), run=number)
        heads.append(fold(tmp_path).head)
    write_journal(journal(tmp_path, 1), status=None, run=3)
    heads.append(fold(tmp_path).head)

    assert heads[0] is None
    assert len(set(heads)) == 4


def test_a_torn_tail_is_no_damage(tmp_path: Path) -> None:
    path = journal(tmp_path)
    write_journal(path, done(["create"], "a-1", "t-1"))
    whole = fold(tmp_path)
    with path.open("ab") as file:
        file.write(b'{"kind":"do')

    assert fold(tmp_path) == whole


def test_inv_34_a_damaged_journal_stops_everything(tmp_path: Path) -> None:
    write_journal(journal(tmp_path, 1), done(["create"], "a-1", "t-1"))
    write_journal(journal(tmp_path, 2))
    damaged = journal(tmp_path, 1).read_bytes().replace(b"t-1", b"t-2")
    journal(tmp_path, 1).write_bytes(damaged)

    with pytest.raises(JournalDamaged):
        fold(tmp_path)


def test_inv_34_a_journal_under_any_name_counts(tmp_path: Path) -> None:
    write_journal(tmp_path / APPLICATION / "renamed.journal.jsonl", done(["create"], "a-1", "t-1"))

    assert fold(tmp_path).links == {(USER, "a-1"): "t-1"}


def test_inv_34_a_journal_of_another_application_is_refused(tmp_path: Path) -> None:
    write_journal(journal(tmp_path), application="crm")

    with pytest.raises(JournalDamaged, match="line 1: belongs to no run of ipass-smartconnect"):
        fold(tmp_path)


def test_inv_34_a_record_without_a_run_is_refused(tmp_path: Path) -> None:
    with FileJournal(journal(tmp_path), SteppingClock()) as writing:
        writing.append("done", **done(["create"], "a-1", "t-1"))

    with pytest.raises(JournalDamaged, match="belongs to no run"):
        fold(tmp_path)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(done(["create"], None, "t-1"), id="a create of nobody"),
        pytest.param(done(["link"], "a-1", None), id="a link to nothing"),
        pytest.param(done(["disable"], "a-1", None), id="a disable of nothing"),
    ],
)
def test_inv_34_a_record_that_names_no_account_is_refused(
    tmp_path: Path, record: dict[str, object]
) -> None:
    write_journal(journal(tmp_path), record)

    with pytest.raises(JournalDamaged, match="does not say whose account"):
        fold(tmp_path)


def test_an_update_without_effects_concludes_nothing(tmp_path: Path) -> None:
    write_journal(journal(tmp_path), done([], None, None))

    assert fold(tmp_path).links == {}


def test_a_journal_that_is_a_link_is_refused(tmp_path: Path) -> None:
    write_journal(tmp_path / "elsewhere", done(["create"], "a-1", "t-1"))
    journal(tmp_path).parent.mkdir()
    journal(tmp_path).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StoreError, match="symbolic link"):
        fold(tmp_path)


def test_reading_the_history_changes_nothing(tmp_path: Path) -> None:
    path = journal(tmp_path)
    write_journal(path)
    path.write_bytes(path.read_bytes() + b"torn")
    before = path.read_bytes()

    fold(tmp_path)

    assert path.read_bytes() == before
    assert json.loads(before.splitlines()[0])["kind"] == "run_begin"
