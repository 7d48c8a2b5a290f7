"""
Tell those who need nothing from the rest, before anybody is matched.

Settled is who could not be touched by the plan whatever the rest of it says:

* in scope, linked by our journals to an account that is live, and known there by every
  name that they are matched by; where every account is ours (``ownership: all``), also
  with an account that nobody is linked to, and that has just these names;
* with an account that shows every value that it should, and refers only to people
  who are certain to keep theirs;
* while nobody else, on either side, has one of their names, or may get one that looks
  like it;
* and whom no guard looks at by name: nobody privileged or protected, not our own account.

Everybody else goes the whole way. So the plan is the same to the byte as if everybody
had: tests/property/test_settle_laws.py holds it to that. Names are told apart by their
hashes: two people whose hashes collide are both looked at in full, which costs time and
changes nothing.

Who is *certain* may have a difference, and keeps their account whatever comes: people
who refer to them can be settled.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from reconciler.config.check_creates import UNIQUE as CHOOSING
from reconciler.config.model import Application
from reconciler.diff import Comparator
from reconciler.diff.lookalikes import is_plain, skeleton
from reconciler.expr import parse
from reconciler.plan.certain import Certainty, References, key_of
from reconciler.plan.request import PlanRequest
from reconciler.plan.settled import NOBODY, Settled
from reconciler.plan.watched import Watched
from reconciler.scim.folding import fold
from reconciler.states import (
    Candidate,
    DesiredState,
    LiveState,
    Resource,
    ResourceType,
)


@dataclass(frozen=True, slots=True)
class Rest:
    """Who goes the whole way, on both sides, and those who need not."""

    desired: DesiredState
    live: LiveState
    settled: Settled = NOBODY


def everybody(request: PlanRequest) -> Rest:
    """Return everybody, and nobody settled."""
    return Rest(request.judge.state(), request.live)


def tell_apart(request: PlanRequest) -> Rest:
    """
    Return who goes the whole way, and who is settled.

    Nobody is settled in a plan for a few, nor where a value is to be chosen among all
    that are taken.
    """
    if request.selected is not None or _chooses(request.application) or _is_doubled(request):
        return everybody(request)
    return _Sorting(request).rest()


def _chooses(application: Application) -> bool:
    """Say whether a mapping leaves it to the plan which of several values is taken."""
    expressions = (line.expression for line in application.mappings.users)
    return any(CHOOSING in parse(text).functions for text in expressions if text)


def _is_doubled(request: PlanRequest) -> bool:
    """Say whether our journals link one account to two people."""
    links = request.recorded.links.items()
    targets = [target for (kind, _), target in links if kind is ResourceType.USER]
    return len(set(targets)) < len(targets)


@dataclass(slots=True)
class _Keepers:
    """People who keep their accounts: what is remembered of each, by number."""

    anchors: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    """The ids of their accounts."""
    places: array[int] = field(default_factory=lambda: array("q"))
    """Their places in the source."""
    settled: bytearray = field(default_factory=bytearray)
    """1 for who needs nothing."""
    keys: array[int] = field(default_factory=lambda: array("q"))
    bearers: array[int] = field(default_factory=lambda: array("q"))
    """The number of who bears the name, for each of the keys."""
    referring: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    """Numbers of the settled, by the anchor that they should refer to, and the id that they do."""


class _Sorting:
    """Goes through everybody once."""

    def __init__(self, request: PlanRequest) -> None:
        self._request = request
        self._judge = request.judge
        self._listed = request.live.users.resources
        comparator = Comparator("User", request.live.capabilities.schemas)
        self._links = request.recorded.links
        self._certainty = Certainty(comparator, self._judge.users)
        known = request.live.capabilities
        self._watched = Watched.of(request.application, known.schemas, known.me, comparator)
        self._places = {resource["id"]: at for at, resource in enumerate(self._listed)}
        self._by_name = self._unlinked() if request.application.ownership == "all" else {}
        """The places of accounts that are ours, and that no journal links to anybody."""
        self._keepers = _Keepers()
        self._others: dict[int, Candidate] = {}
        """Who goes the whole way, by their place in the source."""
        self._unsure: list[Candidate] = []
        """Those of them who may lose their account, or get another."""
        self._has_odd_names = False

    def rest(self) -> Rest:
        """Return who goes the whole way."""
        for place, candidate in enumerate(self._judge.everybody()):
            self._sort(place, candidate)
        doubted = self._doubted_names()
        self._doubt_references(doubted)
        return self._found()

    def _sort(self, place: int, candidate: Candidate) -> None:
        """Decide about one person, as far as it can be decided alone."""
        resource = self._account(candidate)
        if resource is None or not self._certainty.keeps(candidate, resource):
            self._others[place] = candidate
            self._unsure.append(candidate)
            return
        references = self._certainty.references(candidate, resource)
        self._keep(place, candidate, resource, references)
        if references is None:
            self._others[place] = candidate

    def _account(self, candidate: Candidate) -> Resource | None:
        """Return the account that must be somebody's, unless it is one to be looked at."""
        target = self._links.get((ResourceType.USER, candidate.source_id))
        named = candidate.matching[0][1] if target is None and candidate.matching else None
        place = self._by_name.get(fold(named)) if named else self._places.get(target or "")
        if place is None:
            return None
        resource = self._listed[place]
        if target is None and not self._certainty.is_plain(candidate, resource):
            return None  # a name with a flaw is matched by no journal
        return None if self._watched.is_watched(resource, candidate.source_id) else resource

    def _unlinked(self) -> dict[str, int]:
        """Return the places of accounts without a link, by the first name they are matched by."""
        linked = {target for (kind, _), target in self._links.items() if kind is ResourceType.USER}
        first = next((line.target for line in self._judge.users.matching), None)
        if first is None:
            return {}
        read = self._certainty.comparator.attribute(first).read
        found = ((read(one), at) for at, one in enumerate(self._listed) if one["id"] not in linked)
        return {fold(name): at for name, at in found if isinstance(name, str)}

    def _keep(
        self, place: int, candidate: Candidate, resource: Resource, references: References | None
    ) -> None:
        """Remember somebody who keeps their account; who has no other difference is settled."""
        keepers, number = self._keepers, len(self._keepers.anchors)
        keepers.anchors.append(candidate.source_id)
        keepers.targets.append(resource["id"])
        keepers.places.append(place)
        keepers.settled.append(references is not None)
        names = self._certainty.names_in(resource)
        if candidate.external_id:
            names.append(("externalid", candidate.external_id))
        for path, name in set(names):
            keepers.keys.append(key_of(path, name))
            keepers.bearers.append(number)
            self._has_odd_names = self._has_odd_names or not is_plain(name)
        for reference in references or ():
            keepers.referring[reference].append(number)

    def _doubted_names(self) -> set[int]:
        """Return the numbers of those who share a name with somebody; none of them is settled."""
        keepers, certainty = self._keepers, self._certainty
        kept = set(keepers.targets)
        others = [one for one in self._listed if one["id"] not in kept]
        shared = _repeated(keepers.keys)
        for candidate in self._unsure:
            shared.update(key_of(*name) for name in certainty.names_of(candidate))
        for resource in others:
            shared.update(key_of(*name) for name in certainty.names_in(resource))
        pairs = zip(keepers.keys, keepers.bearers, strict=True)
        doubted = {bearer for key, bearer in pairs if key in shared} | self._resembled()
        self._look_at(doubted)
        return doubted

    def _resembled(self) -> set[int]:
        """Return the numbers of those whose name looks like one that somebody may be given."""
        names = {name for one in self._unsure for name in self._certainty.names_of(one)}
        if not names or not (self._has_odd_names or any(not is_plain(name) for _, name in names)):
            return set()
        looks = {(path, skeleton(name)) for path, name in names}
        return {
            number
            for number, target in enumerate(self._keepers.targets)
            for path, name in self._certainty.names_in(self._listed[self._places[target]])
            if (path, skeleton(name)) in looks
        }

    def _doubt_references(self, doubted: set[int]) -> None:
        """Look in full at whoever does not refer to the account that somebody is sure to keep."""
        keepers = self._keepers
        pairs = zip(keepers.anchors, keepers.targets, strict=True)
        sure = {anchor: target for n, (anchor, target) in enumerate(pairs) if n not in doubted}
        for (anchor, target), referring in keepers.referring.items():
            if sure.get(anchor) != target:
                self._look_at(referring)

    def _look_at(self, numbers: Iterable[int]) -> None:
        """Let people go the whole way after all."""
        keepers, subjects = self._keepers, self._judge.directory.subjects
        for number in numbers:
            if keepers.settled[number]:
                keepers.settled[number] = 0
                subject = subjects[keepers.anchors[number]]
                self._others[keepers.places[number]] = self._judge.user(subject)

    def _found(self) -> Rest:
        """Return what was found."""
        keepers, live = self._keepers, self._request.live
        three = zip(keepers.anchors, keepers.targets, keepers.settled, strict=True)
        accounts = {anchor: target for anchor, target, settled in three if settled}
        targets = frozenset(accounts.values())
        active = self._certainty.comparator.active
        settled = Settled(
            accounts,
            targets,
            sum(active(self._listed[self._places[target]]) for target in targets),
            self._places,
            self._listed,
        )
        rest = tuple(one for one in self._listed if one["id"] not in targets)
        users = tuple(candidate for _, candidate in sorted(self._others.items(), key=_first))
        listing = replace(live.users, resources=rest)
        return Rest(self._judge.state(users), replace(live, users=listing), settled)


def _first(pair: tuple[int, Candidate]) -> int:
    return pair[0]


def _repeated(keys: Iterable[int]) -> set[int]:
    """Return the keys that are there more than once."""
    return {key for key, count in Counter(keys).items() if count > 1}
