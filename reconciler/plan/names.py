"""
Unique values that a plan cannot hand over: they are reported, not tried.

A userName that another live account holds, and keeps, would end in a 409 half
way through a run; names that only change hands in a circle cannot be ordered
(ruling 11). Nothing is written for either: `EntryConflict`. Nor for two who
want the same name: `DuplicateSourceEntries`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from reconciler.diff import Rejected
from reconciler.diff.match import UNIQUE
from reconciler.plan.drafts import Draft, Side
from reconciler.plan.operation import Action
from reconciler.plan.order import Value, circles, unique_value, unique_values
from reconciler.states import HIDDEN

REQUIRED = {"User": "username", "Group": "displayname"}
"""What a create cannot do without (RFC 7643, sections 4.1 and 4.2), in lower case."""


def settle(side: Side, drafts: list[Draft]) -> list[Draft]:
    """
    Return *drafts* without those that cannot get the value they need.

    Whoever loses a draft is rejected in ``side.pairing``, and their account is
    kept as it is. One rejection can hold back another's value, so it is
    repeated until nothing changes.
    """
    while True:
        found = dict(problems(side, drafts))
        if not found:
            return drafts
        hit = {drafts[index].source_id for index in found}
        for index, (code, detail) in found.items():
            _reject(side, drafts[index], code, detail)
        drafts = [draft for draft in drafts if draft.source_id not in hit]


def problems(side: Side, drafts: list[Draft]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield, by index, the code and the detail of every draft that cannot run."""
    holders = _holders(side, drafts)
    freed = {
        (draft.target_id, value) for draft in drafts for value in unique_values(draft, taken=False)
    }
    takers = Counter(value for draft in drafts for value in unique_values(draft, taken=True))
    for index, draft in enumerate(drafts):
        if draft.action is Action.CREATE and not _complete(draft):
            needed = REQUIRED[draft.resource_type.value]
            yield index, ("MandatoryFieldsMissing", f"{needed} has no value at the source")
            continue
        for value in unique_values(draft, taken=True):
            if takers[value] > 1:
                detail = f"{_said(side, value)} is wanted by several objects of the source"
                yield index, ("DuplicateSourceEntries", detail)
                continue
            others = [t for t in holders.get(value, ()) if t != draft.target_id]
            held = next((t for t in others if (t, value) not in freed), None)
            if held is not None:
                detail = f"{_said(side, value)} is held by {side.key_of(held)}, which keeps it"
                yield index, ("EntryConflict", detail)
    for index in circles(drafts):
        yield index, ("EntryConflict", "its new name only changes hands in a circle")


def _holders(side: Side, drafts: list[Draft]) -> Mapping[Value, list[str]]:
    """Return who holds the unique values that *drafts* want."""
    wanted = {value for draft in drafts for value in unique_values(draft, taken=True)}
    holders: dict[Value, list[str]] = defaultdict(list)
    for name in sorted(UNIQUE) if wanted else ():
        read = side.comparator.attribute(name).read
        for target, resource in side.ownership.live.items():
            live = read(resource)
            if isinstance(live, str):
                value = (side.resource_type, name, unique_value(name, live))
                if value in wanted:
                    holders[value].append(target)
    return holders


def _said(side: Side, value: Value) -> str:
    """Return a unique value in words, unless no output may show it (Redact)."""
    _, name, text = value
    return f"{name} {HIDDEN if side.table.hides(name) else text}"


def _complete(draft: Draft) -> bool:
    """Say whether a create has what it cannot do without."""
    needed = REQUIRED[draft.resource_type.value]
    return any(change.path.lower() == needed for change in draft.changes)


def _reject(side: Side, draft: Draft, code: str, detail: str) -> None:
    """Report whose draft cannot run, and keep their account as it is."""
    pairing, source_id = side.pairing, draft.source_id
    if source_id is None or any(r.candidate.source_id == source_id for r in pairing.rejected):
        return
    pairing.rejected.append(Rejected(side.by_anchor[source_id], code, detail))
    pairing.unmatched = [c for c in pairing.unmatched if c.source_id != source_id]
    pairing.pairs = [pair for pair in pairing.pairs if pair[0].source_id != source_id]
    if draft.target_id is not None:
        pairing.kept.add(draft.target_id)
