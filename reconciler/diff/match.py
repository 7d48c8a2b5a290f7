"""
Pair the source with what is live; guess nothing.

A recorded link decides first, then the matching attributes by precedence
(ruling 10; entra.md, section 1.6). Whatever is not one clear account for one
clear person is reported with Entra's code and left exactly as it is:

* ``ImportSkipped``           the object has no matching value at all;
* ``DuplicateSourceEntries``  two objects, wanted or skipped, claim the same value or account;
* ``DuplicateTargetEntries``  the matching attributes point at several accounts;
* ``EntryConflict``           the account belongs to another object of the source.

An account whose present value is given up by a rename in the same plan does not
stand in the way of who takes that value next (ruling 11).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.diff.compare import Comparator
from reconciler.diff.ownership import Ownership
from reconciler.states import Candidate, Standing

CLAIMING = frozenset({Standing.WANTED, Standing.SKIPPED})
"""Whose matching values nobody else may claim: both are in scope, or cannot be judged."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Somebody for whom nothing is written, with Entra's code."""

    candidate: Candidate
    code: str
    detail: str


@dataclass(slots=True)
class Pairing:
    """Who has which account; every live id appears at most once as a value."""

    pairs: list[tuple[Candidate, str]] = field(default_factory=list)
    """Wanted objects and the ids of their accounts."""
    unmatched: list[Candidate] = field(default_factory=list)
    """Wanted objects without an account: to be created."""
    leaving: list[tuple[Candidate | None, str]] = field(default_factory=list)
    """Accounts of ours whose object leaves; None for one that the source no longer holds."""
    rejected: list[Rejected] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    """Ids of accounts whose object is skipped: they stay exactly as they are (ruling 5)."""
    account_of: dict[str, str] = field(default_factory=dict)
    """Live id by anchor, for everybody who was recognised."""


class Matcher:
    """Pairs the objects of one resource type."""

    def __init__(
        self, candidates: Iterable[Candidate], ownership: Ownership, comparator: Comparator
    ) -> None:
        self._candidates = tuple(candidates)
        self._ownership = ownership
        self._comparator = comparator
        self._by_anchor = {candidate.source_id: candidate for candidate in self._candidates}
        self._owner = ownership.anchors
        self._by_external = {
            self._canonical("externalId", c.external_id): c
            for c in self._candidates
            if c.external_id
        }
        self._claims = self._count_claims()
        self._index = self._index_live()
        self._contested: set[str] = set()

    def pair(self) -> Pairing:
        """Return who has which account."""
        pairing = Pairing()
        found: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in self._candidates:
            hits, problem = self._recognise(candidate)
            if problem is not None:
                self._contest(pairing, hits)
                pairing.rejected.append(problem)
                if candidate.source_id in self._ownership.linked:
                    pairing.account_of[candidate.source_id] = hits[0]
            elif len(hits) == 1:
                found[hits[0]].append(candidate)
            elif candidate.standing is Standing.SKIPPED:
                self._contest(pairing, hits)
                pairing.rejected.append(_as_rejected(candidate))
            else:
                pairing.kept.update(hits)
                if candidate.standing is Standing.WANTED:
                    pairing.unmatched.append(candidate)
        for target, candidates in found.items():
            self._settle(pairing, target, candidates)
        self._add_the_gone(pairing)
        pairing.kept.difference_update(target for _, target in pairing.pairs)
        pairing.leaving = [leaver for leaver in pairing.leaving if leaver[1] not in pairing.kept]
        return pairing

    def _contest(self, pairing: Pairing, targets: Iterable[str]) -> None:
        """Keep accounts as they are, and from everybody: they may be those of who is skipped."""
        pairing.kept.update(targets)
        self._contested.update(targets)

    def _count_claims(self) -> Mapping[tuple[str, object], int]:
        """Count how many objects that are wanted or skipped hold each matching value."""
        claims: dict[tuple[str, object], int] = defaultdict(int)
        for candidate in self._candidates:
            if candidate.standing in CLAIMING:
                for path, value in candidate.matching:
                    if value:
                        claims[path, self._canonical(path, value)] += 1
        return claims

    def _canonical(self, path: str, value: object) -> object:
        return self._comparator.attribute(path).canonical(value)

    def _index_live(self) -> Mapping[str, Mapping[object, list[str]]]:
        """Index the live ids by the canonical value of each matching attribute."""
        paths = {path for candidate in self._candidates for path, _ in candidate.matching}
        index: dict[str, dict[object, list[str]]] = {path: defaultdict(list) for path in paths}
        for path, by_value in index.items():
            attribute = self._comparator.attribute(path)
            for target, resource in self._ownership.live.items():
                value = attribute.canonical(attribute.read(resource))
                if value is not None:
                    by_value[value].append(target)
        return index

    def _recognise(self, candidate: Candidate) -> tuple[list[str], Rejected | None]:
        """Return the accounts that may be theirs, and why there is no telling which."""
        linked = self._ownership.linked.get(candidate.source_id)
        hits, conflict = ([linked], None) if linked is not None else self._hits(candidate)
        if candidate.standing is not Standing.WANTED:
            return hits, None
        problem: tuple[str, str] | None = None
        if not any(value for _, value in candidate.matching):
            problem = "ImportSkipped", "no matching attribute has a value"
        elif doubled := self._claimed_twice(candidate):
            problem = "DuplicateSourceEntries", doubled
        elif conflict:
            problem = "EntryConflict", conflict
        elif len(hits) > 1:
            detail = f"{len(hits)} accounts match: {', '.join(sorted(hits)[:5])}"
            problem = "DuplicateTargetEntries", detail
        return hits, Rejected(candidate, *problem) if problem else None

    def _claimed_twice(self, candidate: Candidate) -> str | None:
        """Say which matching value another object claims too."""
        for path, value in candidate.matching:
            if value and self._claims[path, self._canonical(path, value)] > 1:
                return f"{path} {value} is claimed by several objects of the source"
        return None

    def _hits(self, candidate: Candidate) -> tuple[list[str], str | None]:
        """Return the accounts that any matching attribute points at, and a conflict."""
        hits: dict[str, None] = {}
        conflict: str | None = None
        for path, value in candidate.matching:
            if not value:
                continue
            for target in self._index[path].get(self._canonical(path, value), ()):
                other = self._other_owner(candidate, target)
                if other is None:
                    hits[target] = None
                elif not self._gives_up(other, target, path):
                    conflict = f"{path} {value}: account {target} belongs to {other.key}"
        return list(hits), conflict

    def _other_owner(self, candidate: Candidate, target: str) -> Candidate | None:
        """Return the other object of the source that *target* is linked to or named after."""
        anchor = self._owner.get(target)
        if anchor is not None and anchor != candidate.source_id and anchor in self._by_anchor:
            return self._by_anchor[anchor]
        carried = self._comparator.live_value(self._ownership.live[target], "externalId")
        if carried == self._canonical("externalId", candidate.external_id):
            return None
        return self._by_external.get(carried)

    def _gives_up(self, owner: Candidate, target: str, path: str) -> bool:
        """Say whether this plan renames *target* away from its value of *path*."""
        if owner.standing is not Standing.WANTED or owner.desired is None:
            return False
        if self._ownership.linked.get(owner.source_id) != target:
            return False
        after = owner.desired.managed.get(path)
        before = self._comparator.live_value(self._ownership.live[target], path)
        return after is not None and self._canonical(path, after) != before

    def _settle(self, pairing: Pairing, target: str, candidates: list[Candidate]) -> None:
        """Give *target* to the one object that may have it."""
        wanted = [c for c in candidates if c.standing is Standing.WANTED]
        skipped = [c for c in candidates if c.standing is Standing.SKIPPED]
        pairing.rejected.extend(_as_rejected(c) for c in skipped)
        if wanted and (len(wanted) + len(skipped) > 1 or target in self._contested):
            pairing.kept.add(target)
            detail = f"account {target} matches several objects of the source"
            pairing.rejected.extend(Rejected(c, "DuplicateSourceEntries", detail) for c in wanted)
            return
        holder = wanted[0] if wanted else self._holder(target, candidates)
        pairing.account_of[holder.source_id] = target
        if wanted:
            pairing.pairs.append((holder, target))
        elif skipped:
            pairing.kept.add(target)
        elif target in self._ownership.ours:
            pairing.leaving.append((holder, target))

    def _holder(self, target: str, candidates: list[Candidate]) -> Candidate:
        """Return whose account it is when nobody wanted claims it."""
        owner = self._owner.get(target)
        return next((c for c in candidates if c.source_id == owner), candidates[0])

    def _add_the_gone(self, pairing: Pairing) -> None:
        """
        Add accounts of ours that no object of the source explains.

        With ``ownership: all`` an account that nobody matches is such an
        account, unless it carries the externalId of somebody in the source, or
        somebody in scope cannot be looked for: then it may be theirs.
        """
        known = set(pairing.account_of.values()) | pairing.kept
        unsure = any(self._may_be_anywhere(c, pairing) for c in self._candidates)
        for target in self._ownership.ours - known:
            anchor = self._owner.get(target)
            if anchor is None and (unsure or self._carries_an_anchor(target)):
                pairing.kept.add(target)
            else:
                pairing.leaving.append((None, target))
        pairing.leaving.sort(key=lambda leaver: leaver[1])

    def _may_be_anywhere(self, candidate: Candidate, pairing: Pairing) -> bool:
        """Say whether an account that nobody matches may be that of *candidate*."""
        if not candidate.matching_known:
            return True
        in_scope = candidate.standing in CLAIMING
        lacking = not all(value for _, value in candidate.matching)
        return in_scope and lacking and candidate.source_id not in pairing.account_of

    def _carries_an_anchor(self, target: str) -> bool:
        """Say whether an account carries the externalId of somebody in the source."""
        carried = self._comparator.live_value(self._ownership.live[target], "externalId")
        return carried in self._by_external


def _as_rejected(candidate: Candidate) -> Rejected:
    """Return somebody whom the wanted side has skipped already."""
    return Rejected(candidate, candidate.code or "EntrySynchronizationSkipped", candidate.reason)
