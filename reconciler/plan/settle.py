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
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import compress
from operator import and_
from typing import NamedTuple

from reconciler.config.check_creates import UNIQUE as CHOOSING
from reconciler.config.model import Application
from reconciler.diff import Comparator
from reconciler.diff.lookalikes import is_plain, skeleton
from reconciler.directory import InBlocks
from reconciler.expr import parse
from reconciler.plan.certain import Certainty, References, key_of, keys_of
from reconciler.plan.first_sight import FirstSight, Seen
from reconciler.plan.listed import Listed, Name
from reconciler.plan.noting import Noting
from reconciler.plan.request import PlanRequest
from reconciler.plan.settled import NOBODY, Accounts, Settled, Targets
from reconciler.plan.sight import Sight, secret_of_process
from reconciler.plan.watched import Watched
from reconciler.register import Register, repeated
from reconciler.scim.paths import parse_path
from reconciler.states import (
    Candidate,
    DesiredState,
    InColumns,
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
    return Rest(request.judge.state(), request.live.whole())


def tell_apart(request: PlanRequest) -> Rest:
    """
    Return who goes the whole way, and who is settled.

    Nobody is settled where a value is to be chosen among all that are taken, nor where our
    journals link one account to two people.
    """
    if _chooses(request.application) or _is_doubled(request):
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


class _Keepers:
    """People who keep their accounts: what is remembered of each, by their place in the source."""

    def __init__(self, many: int) -> None:
        """Prepare for so *many* people, nobody of whom keeps anything yet."""
        self.kept, self.settled, self.active = (bytearray(many) for _ in range(3))
        """1 for who is one of them, for who needs nothing, and for whose account is active."""
        self.accounts = array("I", bytes(4 * many))
        """The places of their accounts in the listing."""
        self.keys, self.bearers = array("q"), array("I")
        """Names, and who bears each."""
        self.referring: dict[tuple[str, str], array[int]] = defaultdict(lambda: array("I"))
        """The settled, by the anchor that they should refer to, and the id that they do."""

    def keep(self, place: int, account: int, *, settled: bool, active: bool) -> None:
        """Remember the person at a place."""
        self.kept[place], self.accounts[place] = 1, account
        self.settled[place], self.active[place] = settled, active

    def keep_all(self, first: int, seen: Seen) -> None:
        """Remember people who need nothing, among those from place *first* on."""
        places = [*compress(range(first, first + len(seen.chosen)), seen.chosen)]
        for place, account, is_active in zip(places, seen.accounts, seen.active, strict=True):
            self.accounts[place], self.active[place] = account, is_active
        here = slice(first, first + len(seen.chosen))
        self.kept[here] = self.settled[here] = bytes(seen.chosen)
        for path, names in seen.names:
            self.keys.extend(keys_of(path, [name for name in names if name]))
            self.bearers.extend(compress(places, map(bool, names)))
        for at, reference in seen.references:
            self.referring[reference].append(places[at])

    def kept_accounts(self) -> Iterator[tuple[int, int]]:
        """Yield the place of each, and that of their account."""
        return compress(enumerate(self.accounts), self.kept)


class _Account(NamedTuple):
    """An account that may be somebody's."""

    place: int
    """Where it stands in the listing."""
    resource: Resource
    names: list[tuple[str, str]]
    is_linked: bool
    """Whether a journal says whose it is."""


class _Sorting:
    """Goes through everybody once."""

    def __init__(self, request: PlanRequest) -> None:
        self._request = request
        self._judge = request.judge
        comparator = Comparator("User", request.live.capabilities.schemas)
        self._links = request.recorded.links
        self._certainty = Certainty(comparator, self._judge.users)
        known = request.live.capabilities
        self._watched = Watched.of(request.application, known.schemas, known.me, comparator)
        self._by_name = request.application.ownership == "all" and bool(self._judge.users.matching)
        self._sight = self._taken_down(comparator)
        self._listed = self._index(comparator)
        subjects = self._judge.directory.subjects
        self._anchors = subjects.anchors if isinstance(subjects, InBlocks) else Register(subjects)
        self._keepers = _Keepers(len(subjects))
        self._others: dict[int, Candidate] = {}
        """Who goes the whole way, by their place in the source."""
        self._unsure: list[Candidate] = []
        """Those of them who may lose their account, or get another."""
        self._has_odd_names = False

    def _index(self, comparator: Comparator) -> Listed:
        """Return the accounts, found by id, and those without a link by their first name."""
        listed, table = self._request.live.users.resources, self._judge.users
        if not self._by_name:
            return Listed(listed, sight=self._sight)
        linked = (target for (kind, _), target in self._links.items() if kind is ResourceType.USER)
        path = table.matching[0].target
        name = Name(parse_path(path), comparator.attribute(path).read)
        return Listed(listed, name, linked, self._sight)

    def _taken_down(self, comparator: Comparator) -> Sight | None:
        """Return the notes of all accounts, or what takes them; None: they are of no use."""
        listing = self._request.live.users
        if not isinstance(listing.resources, InColumns):
            return None
        if not isinstance(self._judge.directory.subjects, InBlocks):
            return None
        table, taken = self._judge.users, listing.notes
        if not isinstance(taken, Sight) or not taken.tells_of(table, len(listing.resources)):
            taken = Sight(table, comparator, secret_of_process())
        return taken if taken.is_usable else None

    def rest(self) -> Rest:
        """Return who goes the whole way."""
        subjects = self._judge.directory.subjects
        if self._sight is not None and isinstance(subjects, InBlocks):
            self._sort_together(subjects, self._sight)
        else:
            for place, candidate in enumerate(self._judge.everybody()):
                self._sort(place, candidate)
        doubted = self._doubted_names()
        self._doubt_references(doubted)
        return self._found()

    def _sort_together(self, subjects: InBlocks, sight: Sight) -> None:
        """Decide about everybody: about most at first sight, and about the others one by one."""
        table = self._judge.users
        looking = FirstSight(
            table, sight, self._listed, self._links, self._watched, by_name=self._by_name
        )
        noting, first = Noting(self._judge, sight), 0
        is_kept = sight is self._request.live.users.notes
        for number, people in enumerate(subjects.blocks()):
            note = (
                self._request.note_people(noting, people, number)
                if is_kept
                else noting.note(people)
            )
            seen = None if note is None else looking.look(people, note)
            if seen is not None:
                self._keep_all(first, seen)
            for at in range(len(people)):
                if seen is None or not seen.chosen[at]:
                    self._sort(first + at, self._judge.user(people.subject(at)))
            first += len(people)

    def _keep_all(self, first: int, seen: Seen) -> None:
        """Remember people who keep their accounts and need nothing."""
        self._keepers.keep_all(first, seen)
        for _, names in () if self._has_odd_names else seen.names:
            self._has_odd_names |= not is_plain("".join(filter(None, names)))

    def _sort(self, place: int, candidate: Candidate) -> None:
        """Decide about one person, as far as it can be decided alone."""
        account = self._account(candidate)
        if account is None or not self._is_clear(candidate, account):
            self._others[place] = candidate
            self._unsure.append(candidate)
            return
        references = self._certainty.references(candidate, account.resource)
        self._keep(place, candidate, account, references)
        if references is None:
            self._others[place] = candidate

    def _account(self, candidate: Candidate) -> _Account | None:
        """Return the account that must be somebody's."""
        target = self._links.get((ResourceType.USER, candidate.source_id))
        if target is not None:
            place = self._listed.ids.place(target)
        else:
            named = candidate.matching[0][1] if candidate.matching and self._by_name else None
            place = self._listed.named(named) if named else None
        if place is None:
            return None
        resource = self._listed[place]
        return _Account(place, resource, self._certainty.names_in(resource), target is not None)

    def _is_clear(self, candidate: Candidate, account: _Account) -> bool:
        """Say whether an account is somebody's, and none to be looked at in full."""
        if not account.is_linked and not self._certainty.is_plain(candidate, account.names):
            return False  # a name with a flaw is matched by no journal
        watched = self._watched.is_watched(account.resource, candidate.source_id)
        return not watched and self._certainty.keeps(candidate, account.resource)

    def _keep(
        self, place: int, candidate: Candidate, account: _Account, references: References | None
    ) -> None:
        """Remember somebody who keeps their account; who has no other difference is settled."""
        keepers, active = self._keepers, self._certainty.comparator.active(account.resource)
        keepers.keep(place, account.place, settled=references is not None, active=active)
        names = account.names
        if candidate.external_id:
            names.append(("externalid", candidate.external_id))
        for path, name in set(names):
            keepers.keys.append(key_of(path, name))
            keepers.bearers.append(place)
        if not self._has_odd_names:
            self._has_odd_names = not is_plain("".join(name for _, name in names))
        for reference in references or ():
            keepers.referring[reference].append(place)

    def _doubted_names(self) -> set[int]:
        """Return the places of those who share a name with somebody; none of them is settled."""
        keepers, certainty, listed = self._keepers, self._certainty, self._listed
        kept = bytearray(len(listed))
        for _, account in keepers.kept_accounts():
            kept[account] = 1
        shared = repeated(keepers.keys)
        for candidate in self._unsure:
            shared.update(key_of(*name) for name in certainty.names_of(candidate))
        for account, is_kept in enumerate(kept):
            if not is_kept:
                shared.update(key_of(*name) for name in certainty.names_in(listed[account]))
        pairs = zip(keepers.keys, keepers.bearers, strict=True)
        doubted = {bearer for key, bearer in pairs if key in shared} | self._resembled()
        keepers.keys, keepers.bearers = array("q"), array("I")  # a third of all that is held here
        self._look_at(doubted)
        return doubted

    def _resembled(self) -> set[int]:
        """Return the places of those whose name looks like one that somebody may be given."""
        names = {name for one in self._unsure for name in self._certainty.names_of(one)}
        if not names or not (self._has_odd_names or any(not is_plain(name) for _, name in names)):
            return set()
        looks = {(path, skeleton(name)) for path, name in names}
        return {
            place
            for place, account in self._keepers.kept_accounts()
            for path, name in self._certainty.names_in(self._listed[account])
            if (path, skeleton(name)) in looks
        }

    def _doubt_references(self, doubted: set[int]) -> None:
        """Look in full at whoever does not refer to the account that somebody is sure to keep."""
        keepers, ids = self._keepers, self._listed.ids
        for (anchor, target), referring in keepers.referring.items():
            place = self._anchors.place(anchor)
            sure = place is not None and keepers.kept[place] and place not in doubted
            if place is None or not sure or ids[keepers.accounts[place]] != target:
                self._look_at(referring)

    def _look_at(self, places: Iterable[int]) -> None:
        """Let people go the whole way after all."""
        keepers, subjects = self._keepers, self._judge.directory.subjects
        for place in places:
            if keepers.settled[place]:
                keepers.settled[place] = 0
                self._others[place] = self._judge.user(subjects[self._anchors[place]])

    def _found(self) -> Rest:
        """Return what was found."""
        keepers, live, listed = self._keepers, self._request.live, self._listed
        marked = bytearray(len(listed))
        for account in compress(keepers.accounts, keepers.settled):
            marked[account] = 1
        settled = Settled(
            Accounts(self._anchors, keepers.accounts, keepers.settled, listed.ids),
            Targets(listed.ids, marked),
            sum(map(and_, keepers.active, keepers.settled)),
            listed,
        )
        rest = tuple(listed[at] for at, is_settled in enumerate(marked) if not is_settled)
        users = tuple(candidate for _, candidate in sorted(self._others.items(), key=_first))
        groups = None if live.groups is None else live.groups.whole()
        listing = replace(live.users, resources=rest)
        return Rest(self._judge.state(users), replace(live, users=listing, groups=groups), settled)


def _first(pair: tuple[int, Candidate]) -> int:
    return pair[0]
