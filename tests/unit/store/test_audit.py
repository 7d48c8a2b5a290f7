import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.plan.document import Plan
from reconciler.plan.plan_file import seal
from reconciler.store.audit import Audit, audit
from reconciler.store.chain import read_journal
from reconciler.store.damage import unlinked
from reconciler.store.journal import FileJournal
from reconciler.store.plans import FilePlanStore, encode_plan
from tests.journals import BEGIN, START, SteppingClock, done, write_journal
from tests.plans import make_plan

CREATED = done(["create"], "a-1", "t-1", action="create")
FEW = 40
"""Bytes between those that are flipped in the everyday suite."""


@pytest.fixture
def store(tmp_path: Path) -> FilePlanStore:
    return FilePlanStore(tmp_path / "plans")


def applied(store: FilePlanStore, plan: Plan | None = None) -> tuple[Path, Path]:
    """Store a plan and the journal of its apply; return where they lie."""
    plan = plan or make_plan()
    path = Path(store.save(plan))
    write_of(store, plan, CREATED)
    return path, store.journal_path(plan)


def write_of(store: FilePlanStore, plan: Plan, record: Mapping[str, Any]) -> None:
    """Write the journal of one run of *plan*."""
    write_journal(
        store.journal_path(plan),
        record,
        plan_digest=plan.digest,
        operations_digest=plan.body.operations_digest,
    )


def told(found: Audit) -> list[tuple[str, int | None, str]]:
    """Return what is wrong: the kind of the file, the line, the message."""
    return [(Path(one.file).suffix, one.line, one.message) for one in found.problems]


def test_a_store_as_it_was_written(store: FilePlanStore) -> None:
    _, journal = applied(store)
    store.save(make_plan(users=251))

    found = audit(store.folder)

    assert (found.plans, found.journals, found.records) == (2, 1, 3)
    assert (found.problems, found.remarks) == ([], [])
    (head,) = found.heads
    assert head.sha256 == hashlib.sha256(journal.read_bytes().splitlines()[-1]).hexdigest()


def test_no_store_at_all_is_an_empty_one(tmp_path: Path) -> None:
    assert audit(tmp_path / "none") == Audit()


@pytest.mark.parametrize("which", [0, 1], ids=["plan", "journal"])
@pytest.mark.parametrize(
    "step", [pytest.param(1, marks=pytest.mark.slow, id="every byte"), pytest.param(FEW, id="some")]
)
def test_a_flipped_byte_is_found(store: FilePlanStore, which: int, step: int) -> None:
    path = applied(store)[which]
    data = path.read_bytes()
    edges = {0, len(data) - 1, len(data) - 2, *(at for at, b in enumerate(data) if b == 10)}
    for at in sorted({*range(0, len(data), step), *edges}):
        for flip in (1, 2, 32, 128, 255):
            path.write_bytes(data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :])

            assert {one.file for one in audit(store.folder).problems} == {str(path)}, (at, flip)


def test_every_byte_of_the_newest_record_is_found(store: FilePlanStore) -> None:
    """No line follows it that would show a change."""
    _, journal = applied(store)
    data = journal.read_bytes()
    for at in range(data.rindex(b"\n", 0, -1), len(data)):
        journal.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])

        assert audit(store.folder).problems, at


def test_every_problem_is_told_with_its_line(store: FilePlanStore) -> None:
    plan, journal = applied(store)
    lines = journal.read_bytes().splitlines()
    lines[0] = lines[0].replace(b'"users":250', b'"users":251')
    lines[2] = lines[2].replace(b'"done":1', b'"done":2')
    journal.write_bytes(b"\n".join(lines) + b"\n")
    plan.write_bytes(plan.read_bytes().replace(b'"users":250', b'"users":249'))

    assert told(audit(store.folder)) == [
        (".json", 1, "the plan was altered: its digest does not fit its body"),
        (".jsonl", 2, unlinked(2)),
        (".jsonl", 3, "its sum does not fit: the line was changed"),
    ]


def test_another_way_to_write_the_same_plan_is_a_problem(store: FilePlanStore) -> None:
    plan, _ = applied(store)
    plan.write_bytes(plan.read_bytes() + b"\n")

    assert told(audit(store.folder)) == [
        (".json", 1, "is not in the form in which plans are written")
    ]


# pairs


def under_another_name(store: FilePlanStore) -> None:
    plan, journal = applied(store)
    for path in (plan, journal):
        path.rename(path.with_name(path.name.replace(path.name[19:31], "0" * 12)))


def in_another_folder(store: FilePlanStore) -> None:
    plan, _ = applied(store)
    plan.parent.rename(plan.parent.with_name("other"))


def of_another_plan(store: FilePlanStore) -> None:
    write_journal(store.journal_path(make_plan()), CREATED)


def of_other_counts(store: FilePlanStore) -> None:
    plan = make_plan(users=7)
    applied(store, plan)


def of_an_operation_that_the_plan_has_not(store: FilePlanStore) -> None:
    applied(store, make_plan([], users=250))


def of_another_person(store: FilePlanStore) -> None:
    plan = make_plan()
    store.save(plan)
    write_of(store, plan, done(["create"], "a-2", "t-1", action="create"))


def without_a_run(store: FilePlanStore) -> None:
    plan = make_plan()
    with FileJournal(store.journal_path(plan), SteppingClock()) as journal:
        journal.append("done", **CREATED)


def misnamed(store: FilePlanStore) -> None:
    plan, _ = applied(store)
    plan.rename(plan.with_name("mine.plan.json"))


def linked(store: FilePlanStore) -> None:
    plan, _ = applied(store)
    plan.rename(store.folder / "elsewhere")
    plan.symlink_to(store.folder / "elsewhere")


def linked_folder(store: FilePlanStore) -> None:
    plan, _ = applied(store)
    plan.parent.rename(store.folder.parent / "elsewhere")
    plan.parent.symlink_to(store.folder.parent / "elsewhere")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (under_another_name, "its name is not that of the plan"),
        (under_another_name, "a run of another plan"),
        (in_another_folder, "is a plan of ipass-smartconnect"),
        (in_another_folder, "a run of ipass-smartconnect"),
        (of_another_plan, "a run of another plan"),
        (of_other_counts, "its `users` is not that of the plan"),
        (of_an_operation_that_the_plan_has_not, "the plan has no operation op-0001"),
        (of_another_person, "op-0001 is another operation in the plan"),
        (without_a_run, "belongs to no run"),
        (misnamed, "has no name of the store"),
        (linked, "it is a symbolic link"),
        (linked_folder, "is a symbolic link; the store follows none"),
    ],
)
def test_what_does_not_belong_together_is_a_problem(
    store: FilePlanStore, spoil: Callable[[FilePlanStore], None], said: str
) -> None:
    spoil(store)

    assert any(said in message for _, _, message in told(audit(store.folder)))


def test_a_journal_whose_plan_was_thrown_away_is_remarked(store: FilePlanStore) -> None:
    plan, journal = applied(store)
    plan.unlink()

    found = audit(store.folder)

    assert found.problems == []
    assert [(one.file, one.message) for one in found.remarks] == [
        (str(journal), "its plan is not in the store any more")
    ]


# tails and heads


def test_every_torn_tail_is_remarked_and_no_problem(store: FilePlanStore) -> None:
    _, journal = applied(store)
    data = journal.read_bytes()
    for cut in range(data.rindex(b"\n", 0, -1) + 2, len(data)):
        journal.write_bytes(data[:cut])

        found = audit(store.folder)

        assert found.problems == [], cut
        assert [one.line for one in found.remarks] == [3]


def heads_of(journal: Path) -> Iterator[str]:
    for line in journal.read_bytes().splitlines():
        yield hashlib.sha256(line).hexdigest()


def test_a_head_that_is_there_or_was_gone_beyond_is_fine(store: FilePlanStore) -> None:
    _, journal = applied(store)
    applied(store, make_plan(created_at="2026-11-24T10:15:02Z"))

    assert audit(store.folder, [*heads_of(journal)]).problems == []


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_tail_that_was_cut_off_is_found_by_its_head(store: FilePlanStore, left: int) -> None:
    _, journal = applied(store)
    *_, head = heads_of(journal)
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:left]))

    assert audit(store.folder).problems == []
    ((_, line, message),) = told(audit(store.folder, [head]))
    assert line is None
    assert message.startswith(f"no journal holds the record {head}")


def test_a_journal_that_was_written_anew_does_not_hold_the_head(store: FilePlanStore) -> None:
    plan, journal = applied(store)
    *_, head = heads_of(journal)
    first = read_journal(journal).records[0]
    journal.unlink()
    known = {key: first[key] for key in BEGIN}  # type: ignore[literal-required]
    write_journal(journal, CREATED, start=START.replace(hour=11), **known)

    assert audit(store.folder).problems == []
    assert len(audit(store.folder, [head]).problems) == 1
    assert plan.exists()


def test_a_header_that_was_changed_is_a_problem(store: FilePlanStore) -> None:
    plan = make_plan(author="grace")
    path = Path(store.save(plan))
    path.write_bytes(path.read_bytes().replace(b"grace", b"linus"))

    ((_, _, message),) = told(audit(store.folder))
    assert message == "the plan was altered: the digest of its header does not fit"
    assert encode_plan(seal(plan.body, plan.header)) != path.read_bytes()


def test_a_claim_that_is_none_is_a_problem_and_the_rest_is_told(store: FilePlanStore) -> None:
    plan, journal = applied(store)
    claim = journal.parent / ".run-7"
    claim.write_text("{}", "utf-8")
    plan.write_bytes(plan.read_bytes() + b" ")

    found = audit(store.folder)

    assert {one.file for one in found.problems} == {str(plan), str(journal.parent)}
    assert f"{claim} is not what an apply writes" in found.problems[0].message
    assert found.journals == 1
