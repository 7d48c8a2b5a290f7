"""
INV-24, INV-27: no byte of a plan or a journal changes unnoticed, nor does their order.

Everyday one bit of every fifth byte is flipped, slow three bits of every byte. A
change is noticed when whoever uses the file refuses it: a plan when it is read, a
journal when it is opened to resume, and both in `audit verify`. The last line of a
journal may be cut off by a crash, which no chain can show; a head that was kept
elsewhere does. Whoever resumes may take the newest line, and the one that a lost line
break joins to it, for such a tail: then it looks again at what was done, and the audit
says that no crash leaves this.
"""

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconciler.plan.document import Plan, PlanAltered
from reconciler.plan.operation import Action
from reconciler.plan.plan_file import parse_plan
from reconciler.store.audit import audit
from reconciler.store.chain import JournalDamaged, read_journal
from reconciler.store.journal import FileJournal
from reconciler.store.plans import FilePlanStore, encode_plan
from tests.journals import BEGIN, SteppingClock, done
from tests.measured import write_down
from tests.plans import make_operation, make_plan

Edit = tuple[str, bytes]
"""What was done, and the bytes that it left."""

DONE = ("create", "link")


@pytest.fixture
def store(tmp_path: Path) -> FilePlanStore:
    return FilePlanStore(tmp_path / "plans")


def some_plan(users: int = 250) -> Plan:
    """Return a plan of three operations."""
    keys = ("ada@contoso.example", "bob@contoso.example", "cleo@contoso.example")
    return make_plan([make_operation(Action.CREATE, key) for key in keys], users=users)


def stored(store: FilePlanStore, plan: Plan) -> tuple[Path, Path]:
    """Store *plan* and the journal of its apply; return both paths."""
    path, journal = Path(store.save(plan)), store.journal_path(plan)
    digests = {"plan_digest": plan.digest, "operations_digest": plan.body.operations_digest}
    inputs = {"users": plan.body.inputs.users}
    with FileJournal(journal, SteppingClock()) as writing:
        writing.append("run_begin", **{**BEGIN, **digests, **inputs})
        for number, operation in enumerate(plan.body.operations):
            about = {
                "op": operation.id,
                "action": operation.action.value,
                "key": operation.key,
            }
            told = done(["create"], operation.source_id, f"t-{number}", **about)
            intent = {key: told[key] for key in told if key not in {"effects", "outcome"}}
            writing.append("intent", **{**intent, "target_id": None})
            writing.append("done", **told)
        writing.append("run_end", status="done", counts={"done": len(plan.body.operations)})
    return path, journal


def flips(data: bytes, step: int, bits: tuple[int, ...]) -> Iterator[Edit]:
    """Yield *data* with one bit flipped, in turn."""
    edges = {0, len(data) - 1, len(data) - 2}
    for at in sorted({*range(0, len(data), step), *edges}):
        for bit in bits:
            changed = bytes([data[at] ^ (1 << bit)])
            yield f"bit {bit} of byte {at}", data[:at] + changed + data[at + 1 :]


def edits(data: bytes, count: int) -> Iterator[Edit]:
    """Yield *data* with something cut, put in, doubled or exchanged; never its end cut off."""
    rng = random.Random(7)
    for _ in range(count):
        at = rng.randrange(len(data) - 200)
        size = rng.randint(1, 40)
        piece = data[at : at + size]
        yield f"{size} bytes out at {at}", data[:at] + data[at + size :]
        yield f"{size} bytes twice at {at}", data[:at] + piece + data[at:]
        noise = bytes(rng.randrange(256) for _ in range(size))
        yield f"{size} bytes in at {at}", data[:at] + noise + data[at:]


def lines(data: bytes) -> Iterator[Edit]:
    """Yield a journal with two lines exchanged, one out, or one twice; its end stays."""
    rows = data.splitlines(keepends=True)
    for one in range(len(rows)):
        for other in range(one):
            swapped = [*rows]
            swapped[one], swapped[other] = rows[other], rows[one]
            yield f"lines {other} and {one} exchanged", b"".join(swapped)
        if one < len(rows) - 1:
            yield f"line {one} out", b"".join(rows[:one] + rows[one + 1 :])
        yield f"line {one} twice", b"".join([*rows[: one + 1], *rows[one:]])


def refused(read: Callable[[], object], error: type[Exception]) -> bool:
    """Say whether *read* refuses with *error*."""
    try:
        read()
    except error:
        return True
    return False


def unnoticed(store: FilePlanStore, step: int, bits: tuple[int, ...], cuts: int) -> list[str]:
    """Tamper with a plan and its journal in every way; return what nobody noticed."""
    made = some_plan()
    plan, journal = stored(store, made)
    missed: list[str] = []
    data = plan.read_bytes()
    truncated = ((f"cut at {at}", data[:at]) for at in range(0, len(data) - 1, step))
    for what, changed in (*flips(data, step, bits), *edits(data, cuts), *truncated):
        COUNTED["plan"] += 1
        if changed != data and not _plan_refused(changed):
            missed.append(f"plan: {what}")
    written = journal.read_bytes()
    records = read_journal(journal).records
    believable = (records, records[:-1], records[:-2])  # a torn tail, also of two lines in one
    for what, changed in (*flips(written, step, bits), *edits(written, cuts), *lines(written)):
        COUNTED["journal"] += 1
        if changed == written:
            continue
        journal.write_bytes(changed)
        noticed = bool(audit(store.folder).problems)
        torn = not refused(lambda: read_journal(journal), JournalDamaged)
        if torn and read_journal(journal).records not in believable:
            missed.append(f"journal: {what}: other records are believed")
        if not noticed:
            missed.append(f"journal: {what}: the audit sees nothing")
    journal.write_bytes(written)
    return missed


def _plan_refused(data: bytes) -> bool:
    """Say whether a plan file is refused, or at least is not in the form of one."""
    try:
        return encode_plan(parse_plan(data)) != data
    except PlanAltered:
        return True


COUNTED = {"plan": 0, "journal": 0}


def test_every_change_of_a_plan_or_a_journal_is_noticed(store: FilePlanStore) -> None:
    assert unnoticed(store, 9, (0,), 5) == []


@pytest.mark.measured
def test_every_bit_of_a_plan_and_a_journal_is_noticed(store: FilePlanStore) -> None:
    begun = time.monotonic()
    COUNTED.update(plan=0, journal=0)

    missed = unnoticed(store, 1, (0, 5, 7), 700)

    figures = {"changes of a plan": COUNTED["plan"], "changes of a journal": COUNTED["journal"]}
    seconds = time.monotonic() - begun
    write_down(
        "tamper", "Tamper", "make reliability", seconds, {**figures, "unnoticed": len(missed)}
    )
    assert missed == []


def test_a_plan_under_the_name_of_another_is_noticed(store: FilePlanStore) -> None:
    one, _ = stored(store, some_plan())
    other, _ = stored(store, some_plan(users=251))
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)

    found = audit(store.folder).problems

    assert {Path(problem.file) for problem in found} >= {one, other}


def test_a_plan_with_the_journal_of_another_is_noticed(store: FilePlanStore) -> None:
    _, one = stored(store, some_plan())
    _, other = stored(store, some_plan(users=251))
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)

    found = audit(store.folder).problems

    assert {Path(problem.file) for problem in found} >= {one, other}


def test_a_tail_that_was_cut_off_is_noticed_by_a_head_that_was_kept(store: FilePlanStore) -> None:
    _, journal = stored(store, some_plan())
    rows = journal.read_bytes().splitlines(keepends=True)
    head = hashlib.sha256(rows[-1].rstrip(b"\n")).hexdigest()
    for left in range(len(rows)):
        journal.write_bytes(b"".join(rows[:left]))

        assert audit(store.folder, [head]).problems, left
