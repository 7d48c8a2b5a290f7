"""Laws of the store: what is written is what is read, and nothing else is taken for it."""

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.plan.document import Plan
from reconciler.states import Recorded, ResourceType
from reconciler.store.chain import JournalDamaged, examined, read_journal
from reconciler.store.history import recorded
from reconciler.store.journal import FileJournal
from reconciler.store.plans import FilePlanStore
from tests.journals import BEGIN, START, SteppingClock, done
from tests.plans import APPLICATION, TENANT_URL, make_operation, make_plan

EFFECTS = ["create", "link", "delete", "disable", "enable"]

text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
steps = st.lists(
    st.tuples(
        st.sampled_from(EFFECTS),
        st.sampled_from(["a-1", "a-2", "a-3"]),
        st.sampled_from(["t-1", "t-2"]),
    ),
    max_size=12,
)


@given(key=text, before=text, after=text)
def test_a_plan_comes_back_as_it_was_stored(key: str, before: str, after: str) -> None:
    plan: Plan = make_plan([make_operation(key=key, changes=[("title", before, after)])])
    with TemporaryDirectory() as folder:
        store = FilePlanStore(Path(folder) / "plans")

        assert store.load(store.save(plan)) == plan
        assert store.load(plan.digest) == plan


@given(keys=st.lists(text, max_size=8))
def test_a_journal_comes_back_as_it_was_written(keys: list[str]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.journal.jsonl"
        with FileJournal(path, SteppingClock()) as journal:
            journal.append("run_begin", **BEGIN)
            for key in keys:
                journal.append("done", **done(["create"], "a-1", "t-1", key=key))
            written = journal.records()

        assert read_journal(path).records == written
        assert [r["key"] for r in written if r["kind"] == "done"] == keys


@given(st.lists(st.sampled_from([b"\n", b"\n", b"{}", b"{", b"1", b" ", b"\xff"]), max_size=9))
def test_lines_one_by_one_are_those_of_the_whole(parts: list[bytes]) -> None:
    data = b"".join(parts)
    lines = data.split(b"\n")
    torn = len(lines.pop())
    if lines and not torn and not is_json(lines[-1]):
        torn = len(lines.pop()) + 1

    content, damages = examined(data)

    assert (content.torn, content.size) == (torn, len(data) - torn)
    assert [one.line for one in damages] == list(range(1, len(lines) + 1))  # each is no record


def is_json(line: bytes) -> bool:
    """Say whether *line* is JSON."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


@given(seed=st.integers(), records=st.integers(1, 4))
def test_a_changed_bit_is_refused_or_costs_the_tail_alone(seed: int, records: int) -> None:
    """
    F61 and F69: what is concluded is a prefix of what was written.

    The newest line alone has no line after it that vouches for it; a newline
    that is lost makes the two last lines one that is torn.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.journal.jsonl"
        with FileJournal(path, SteppingClock()) as journal:
            journal.append("run_begin", **BEGIN)
            for number in range(records):
                journal.append("done", **done(["create"], f"a-{number}", f"t-{number}"))
            written = journal.records()
        data = bytearray(path.read_bytes())
        last = data.rindex(b"\n", 0, len(data) - 1) + 1
        place = random.Random(seed).randrange(len(data))
        data[place] ^= 1 << random.Random(seed).randrange(8)
        path.write_bytes(data)
        try:
            found = read_journal(path).records
        except JournalDamaged:
            return
        assert len(found) >= len(written) - 2
        assert found == written[: len(found)] or place >= last


def oracle(told: list[tuple[str, str, str]]) -> Recorded:
    """Say the slow way, from the whole list each time, what *told* adds up to."""
    links: dict[tuple[ResourceType, str], str] = {}
    disabled: dict[str, date] = {}
    for effect, anchor, target in told:
        if effect in {"create", "link", "delete"}:
            links = {k: t for k, t in links.items() if t != target}
        if effect in {"create", "link"}:
            links[ResourceType.USER, anchor] = target
        if effect in {"delete", "enable"}:
            disabled.pop(target, None)
        if effect == "disable":
            disabled[target] = START.date()
    return Recorded(links, disabled)


@settings(max_examples=60)
@given(told=steps, seed=st.integers())
def test_ruling_8_the_fold_is_the_same_however_runs_are_spread_over_journals(
    told: list[tuple[str, str, str]], seed: int
) -> None:
    spread = random.Random(seed)
    with TemporaryDirectory() as folder:
        for number, (effect, anchor, target) in enumerate(told):
            path = Path(folder) / APPLICATION / f"{spread.randrange(3)}.journal.jsonl"
            clock = SteppingClock(START + timedelta(seconds=10 * number))
            with FileJournal(path, clock) as journal:
                journal.append("run_begin", **BEGIN)
                fields: dict[str, Any] = done([effect], anchor, target)
                journal.append("done", **fields)

        found = recorded(Path(folder), APPLICATION, TENANT_URL)

    assert replace(found, head=None, taken=()) == oracle(told)


@given(sizes=st.lists(st.integers(1, 5), max_size=5), cut=st.integers(0, 10_000))
def test_what_is_written_at_once_is_read_as_a_whole_or_not_at_all(
    sizes: list[int], cut: int
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.journal.jsonl"
        ends = [1]
        with FileJournal(path, SteppingClock()) as journal:
            journal.append("run_begin", **BEGIN)
            for size in sizes:
                parts = [done(["create"], f"a-{ends[-1]}-{n}", "t") for n in range(size)]
                journal.append_all([{"kind": "done", **part} for part in parts])
                ends.append(ends[-1] + size)
            written = journal.records()
        data = path.read_bytes()
        path.write_bytes(data[: min(cut, len(data))])

        found = read_journal(path).records

    assert found == written[: len(found)]
    assert len(found) in {0, *ends}
    assert cut < len(data) or len(found) == len(written)
