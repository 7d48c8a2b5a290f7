"""
Pair the source with what is live; guess nothing.

A recorded link decides first, then the matching attributes by precedence
(ruling 10; entra.md, section 1.6). Whatever is not one clear account for one
clear person is reported with Entra's code and left exactly as it is:

* ``ImportSkipped``           the object has no matching value at all;
* ``DuplicateSourceEntries``  two objects, wanted or skipped, claim the same value or account;
* ``DuplicateTargetEntries``  the matching attributes point at several accounts;
* ``EntryConflict``           the account belongs to another object of the source, or a new name
  looks like that of another account;
* ``UnprocessableEntity``     a name that nobody is to be known by.

Entra stops at the first attribute that finds an account; here all are asked, because
two that disagree say that one of them is wrong. What looks alike and is not the same
is in :mod:`reconciler.diff.resemblance`.

An account whose present value is given up by a rename in the same plan does not
stand in the way of who takes that value next (ruling 11).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.diff.compare import Comparator
from reconciler.diff.normalize import Canonical, canonical_of_all
from reconciler.diff.ownership import Ownership
from reconciler.diff.resemblance import Doubts, Recognised, Resemblance, are_plain
from reconciler.diff.wording import named
from reconciler.states import Candidate, Standing

NAMES = {"User": "userName", "Group": "displayName"}
"""What resources are known by, and no create does without (RFC 7643, sections 4.1 and 4.2)."""

UNIQUE = frozenset({"username", "externalid"})
"""Attributes, in lower case, that no two accounts may share (RFC 7643, sections 3.1 and 4.1.1)."""

WANTED, SKIPPED = Standing.WANTED, Standing.SKIPPED
CLAIMING = (WANTED, SKIPPED)
"""Whose matching values nobody else may claim: both are in scope, or cannot be judged."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Somebody for whom nothing is written, with Entra's code."""

    candidate: Candidate
    code: str
    detail: str


Recognition = tuple[Candidate, list[str], Rejected | None]
"""Somebody, the accounts that may be theirs, and why there is no telling which."""


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
        self._canonicals: dict[str, Canonical] = {}
        self._by_anchor = {candidate.source_id: candidate for candidate in self._candidates}
        self._owner = ownership.anchors
        known = [candidate for candidate in self._candidates if candidate.external_id]
        carried = self._canonicals_of("externalId", [c.external_id for c in known])
        self._by_external = dict(zip(carried, known, strict=True))
        self._claims = self._collect_claims()
        self._doubled = self._find_doubled()
        self._unmatched_name = self._find_unmatched_name()
        self._index = self._index_live()
        self._contested: set[str] = set()

    def pair(self) -> Pairing:
        """Return who has which account."""
        pairing = Pairing()
        recognised, resembled = self._recognise_all()
        for target, candidates in self._claimants(pairing, recognised).items():
            one = candidates[0]
            if len(candidates) == 1 and one.standing is WANTED and target not in self._contested:
                pairing.account_of[one.source_id] = target
                pairing.pairs.append((one, target))
            else:
                self._settle(pairing, target, candidates)
        if resembled:
            pairing.kept |= resembled - set(pairing.account_of.values())
        self._add_the_gone(pairing)
        pairing.kept.difference_update(target for _, target in pairing.pairs)
        pairing.leaving = [leaver for leaver in pairing.leaving if leaver[1] not in pairing.kept]
        return pairing

    def _claimants(
        self, pairing: Pairing, recognised: Sequence[Recognition]
    ) -> Mapping[str, list[Candidate]]:
        """Return by id who may have which account; settle at once who has none, or several."""
        found: dict[str, list[Candidate]] = defaultdict(list)
        for candidate, hits, problem in recognised:
            if problem is not None:
                self._contest(pairing, hits)
                pairing.rejected.append(problem)
                if candidate.source_id in self._ownership.linked:
                    pairing.account_of[candidate.source_id] = hits[0]
            elif len(hits) == 1:
                found[hits[0]].append(candidate)
            elif candidate.standing is SKIPPED:
                self._contest(pairing, hits)
                pairing.rejected.append(_as_rejected(candidate))
            else:
                pairing.kept.update(hits)
                if candidate.standing is WANTED:
                    pairing.unmatched.append(candidate)
        return found

    def _contest(self, pairing: Pairing, targets: Iterable[str]) -> None:
        """Keep accounts as they are, and from everybody: they may be those of who is skipped."""
        pairing.kept.update(targets)
        self._contested.update(targets)

    def _collect_claims(self) -> Mapping[str, Sequence[object]]:
        """Return what those who are wanted or skipped are matched by, for every path."""
        claims: dict[str, list[str]] = {}
        for candidate in self._candidates:
            claiming = candidate.standing in CLAIMING
            for path, value in candidate.matching:
                values = claims.get(path)
                if values is None:
                    values = claims[path] = []
                if value and claiming:
                    values.append(value)
        return {path: self._canonicals_of(path, values) for path, values in claims.items()}

    def _find_doubled(self) -> set[tuple[str, object]]:
        """Return path and value of what several objects are matched by."""
        return {
            (path, value)
            for path, values in self._claims.items()
            if len(set(values)) < len(values)
            for value, count in Counter(values).items()
            if count > 1
        }

    def _canonicals_of(self, path: str, values: Sequence[object]) -> Sequence[object]:
        """Return the canonical forms of many values of *path*."""
        return canonical_of_all(self._comparator.attribute(path).canonical, values)

    def _canonical(self, path: str, value: object) -> object:
        canonical = self._canonicals.get(path)
        if canonical is None:
            canonical = self._canonicals[path] = self._comparator.attribute(path).canonical
        return canonical(value)

    def _find_unmatched_name(self) -> str | None:
        """Return the path of the name that a create writes, if nobody is matched by it."""
        name = NAMES.get(self._comparator.resource_type, "").lower()
        if name in {path.lower() for path in self._claims}:
            return None
        written = (c.desired.created for c in self._candidates if c.desired is not None)
        return next((path for paths in written for path in paths if path.lower() == name), None)

    def _names(self, candidate: Candidate) -> list[tuple[str, str]]:
        """Return path and value of what an object is matched by, or would be known by."""
        names = [(path, value) for path, value in candidate.matching if value]
        if self._unmatched_name is not None and candidate.desired is not None:
            value = candidate.desired.created.get(self._unmatched_name)
            if isinstance(value, str):
                names.append((self._unmatched_name, value))
        return names

    def _recognise_all(self) -> tuple[Sequence[Recognition], set[str]]:
        """Return what is known of everybody, and the accounts that only look like somebody's."""
        recognised = [(candidate, *self._recognise(candidate)) for candidate in self._candidates]
        if self._are_names_plain():
            return recognised, set()
        doubts = self._doubts(recognised)

        def judged(candidate: Candidate, problem: Rejected | None) -> Rejected | None:
            found = doubts.problems.get(candidate.source_id)
            return Rejected(candidate, *found) if found else problem

        return [(c, hits, judged(c, problem)) for c, hits, problem in recognised], doubts.resembled

    def _doubts(self, recognised: Sequence[Recognition]) -> Doubts:
        """Return whom a name that looks like another, or should be nobody's, keeps out."""
        linked = self._ownership.linked
        everybody = [
            Recognised(c, self._names(c), hits, c.source_id in linked, problem is not None)
            for c, hits, problem in recognised
            if c.standing in CLAIMING
        ]
        return Resemblance(everybody, self._index, self._canonical).doubts()

    def _are_names_plain(self) -> bool:
        """Say whether every name of both sides is plain ASCII; nearly always, they are."""
        names = [*self._claims.values(), *self._index.values()]
        if self._unmatched_name is not None:
            names.append([value for c in self._candidates for _, value in self._names(c)])
        return all(are_plain([v for v in column if isinstance(v, str)]) for column in names)

    def _index_live(self) -> Mapping[str, Mapping[object, Sequence[str]]]:
        """Index the live ids by the canonical value, or values, of each name."""
        unmatched = () if self._unmatched_name is None else (self._unmatched_name,)
        return {path: self._ids_by_value(path) for path in (*self._claims, *unmatched)}

    def _ids_by_value(self, path: str) -> Mapping[object, Sequence[str]]:
        """Return the live ids by the canonical value, or values, that they have of *path*."""
        live, read = self._ownership.live, self._comparator.attribute(path).read
        values = self._canonicals_of(path, [read(resource) for resource in live.values()])
        index: dict[object, Sequence[str]] = dict(zip(values, zip(live, strict=True), strict=True))
        if len(index) == len(values) and all(type(value) is str for value in index):
            return index  # every account has one name, and no two have the same
        several: dict[object, list[str]] = defaultdict(list)
        for target, value in zip(live, values, strict=True):
            for each in value if isinstance(value, tuple) else (value,):
                if each is not None:
                    several[each].append(target)
        return several

    def _recognise(self, candidate: Candidate) -> tuple[list[str], Rejected | None]:
        """Return the accounts that may be theirs, and why there is no telling which."""
        linked = self._ownership.linked.get(candidate.source_id)
        hits, conflict = ([linked], None) if linked is not None else self._hits(candidate)
        if candidate.standing is not WANTED:
            return hits, None
        problem: tuple[str, str] | None = None
        if not _has_value(candidate):
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
        for path, value in candidate.matching if self._doubled else ():
            if value and (path, self._canonical(path, value)) in self._doubled:
                return (
                    f"{named(candidate, path, value)} is claimed by several objects of the source"
                )
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
                    said = named(candidate, path, value)
                    conflict = f"{said}: account {target} belongs to {other.key}"
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
        wanted = [c for c in candidates if c.standing is WANTED]
        skipped = [c for c in candidates if c.standing is SKIPPED]
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
        gone = self._ownership.ours.difference(pairing.account_of.values(), pairing.kept)
        loose = not gone <= self._owner.keys()
        unsure = loose and any(self._may_be_anywhere(c, pairing) for c in self._candidates)
        for target in gone:
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


def _has_value(candidate: Candidate) -> bool:
    """Say whether somebody can be looked for at all."""
    for _, value in candidate.matching:  # noqa: SIM110 -- `any` takes twice as long
        if value:
            return True
    return False


def _as_rejected(candidate: Candidate) -> Rejected:
    """Return somebody whom the wanted side has skipped already."""
    return Rejected(candidate, candidate.code or "EntrySynchronizationSkipped", candidate.reason)
