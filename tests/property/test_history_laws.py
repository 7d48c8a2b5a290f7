"""What journals add up to, from what is kept of each record, held against the whole records."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.store.history import Entry, in_order, recorded
from reconciler.store.journal import FileJournal
from reconciler.store.takings import _is_not_there, _told
from tests.journals import BEGIN, END, SteppingClock
from tests.plans import APPLICATION, TENANT_URL

counted = st.sampled_from(
    (None, {}, {"delete_users": 0}, {"delete_users": 2}, {"revoke_roles": 1, "group_members": 3})
)
operations = st.fixed_dictionaries(
    {
        "op": st.sampled_from(("op-1", "op-2", "op-3")),
        "action": st.sampled_from(("create", "disable", "delete", "revoke", "remove_members")),
        "resource_type": st.sampled_from(("User", "Group")),
        "key": st.just("ada"),
        "source_id": st.sampled_from(("a-1", "a-2")),
        "target_id": st.sampled_from(("t-1", "t-2")),
    }
)
effects = st.lists(st.sampled_from(("disable", "enable", "delete", "link", "create")), max_size=2)
records: st.SearchStrategy[Any] = st.one_of(
    st.tuples(st.just("intent"), operations, counted, st.just({})),
    st.tuples(
        st.just("done"),
        operations,
        counted,
        st.fixed_dictionaries({"effects": effects, "outcome": st.just("verified")}),
    ),
    st.tuples(
        st.sampled_from(("conflict", "failed")),
        operations,
        st.none(),
        st.sampled_from(
            (
                {"code": "SystemForCrossDomainIdentityManagementBadRequest", "detail": ""},
                {"code": "EntryConflict", "detail": ""},
            )
        ),
    ),
)
begun = st.fixed_dictionaries(
    {
        "plan_digest": st.sampled_from(("a" * 64, "b" * 64)),
        "approvals": st.lists(
            st.sampled_from(("delete_users", "rolling_window")).map(
                lambda guard: {"guard": guard, "count": 1, "approval": "c" * 64}
            ),
            max_size=1,
        ),
    }
)
runs = st.lists(st.tuples(begun, st.lists(records, max_size=6), st.booleans()), max_size=4)


def slowly_taken(entries: list[Entry]) -> list[tuple[Any, ...]]:
    """Say from whole records what the operations of *entries* took, the oldest first."""
    found: dict[tuple[str, str], tuple[Any, list[Any], bool]] = {}
    for moment, begin, record in entries:
        if record["kind"] == "run_begin" or record["kind"] == "run_end":
            continue
        place = (begin["plan_digest"], record["op"])
        run, _, done = found.get(place, (None, [], False))
        if record["kind"] == "intent" or record["kind"] == "done":
            if not done:
                approved = {one["guard"] for one in begin.get("approvals", ())}
                told = record.get("counts", dict.fromkeys(_told(record), 1))
                counts: Mapping[str, int] = {} if "rolling_window" in approved else told
                left = {guard: n for guard, n in counts.items() if n and guard not in approved}
                what = [moment.at, begin["plan_digest"], record["resource_type"]]
                taken = [*what, record["target_id"], left]
                found[place] = (begin, taken, record["kind"] == "done")
        elif run is begin and not done and _is_not_there(record):
            del found[place]
    kept = [tuple(taken) for _, taken, _ in found.values() if taken[-1]]
    return sorted(kept, key=lambda one: str(one[0]))


@settings(max_examples=80, deadline=None)
@given(runs)
def test_what_is_kept_of_a_record_tells_what_the_whole_tells(told: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        clock = SteppingClock()
        for number, (begin, written, ends) in enumerate(told):
            path = Path(folder) / APPLICATION / f"{number % 2}.journal.jsonl"
            with FileJournal(path, clock) as journal:
                journal.append("run_begin", **{**BEGIN, **begin})
                for kind, operation, counts, more in written:
                    counting = {} if counts is None else {"counts": counts}
                    journal.append(kind, **operation, **counting, **more)
                if ends:
                    journal.append("run_end", **END)

        found = recorded(Path(folder), APPLICATION, TENANT_URL)
        with patch("reconciler.store.history._needed", lambda record: record):
            whole = recorded(Path(folder), APPLICATION, TENANT_URL)
        entries, head = in_order(Path(folder), APPLICATION, TENANT_URL)

    assert found == whole
    assert found.head == head
    assert [
        (f"{one.at:%Y-%m-%dT%H:%M:%S.%fZ}", one.plan, one.resource_type, one.target_id, one.counts)
        for one in found.taken
    ] == slowly_taken(entries)
