"""
Who would be found, or created, by a name that looks like somebody else's.

Asked by :class:`reconciler.diff.match.Matcher` once it knows which accounts are
whose, and by :mod:`reconciler.plan.unique` of names that it may choose; what
looking alike means is in :mod:`reconciler.diff.lookalikes`. A name is what accounts
are matched by, and the userName (of a group: the displayName) that a create
writes. Only *new* names are judged: those that no account of theirs shows yet. So
whoever is linked, or matched to the letter, keeps the account; what is refused is
the newcomer.

* ``EntryConflict``           the new name looks like that of another account;
* ``DuplicateSourceEntries``  it looks like the new name of another object of the source:
  neither is created;
* ``UnprocessableEntity``     the name is flawed. Without a recorded link that is judged of
  every name, because such a name is not to be matched either.

In all three nothing is written. An account that somebody refused may mean is
nobody's to lose: :attr:`Doubts.resembled`.

A company all of whose names are ASCII pays for joining them once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from reconciler.diff.lookalikes import code_point, flaw, is_plain, skeleton, spelling
from reconciler.diff.wording import is_hidden, named
from reconciler.scim.folding import fold
from reconciler.states import Candidate, Standing

LIKE_ANOTHER = "EntryConflict"
BOTH_NEW = "DuplicateSourceEntries"
FLAWED = "UnprocessableEntity"


Name = tuple[str, str]
"""The path of a name, and its value."""


class Bearer(NamedTuple):
    """Who has a name of a given look."""

    spelling: str
    owner: str
    """A live id, or an anchor."""
    value: str


Look = tuple[str, str]
"""The path of a name, and its skeleton."""

Bearers = Mapping[Look, Sequence[Bearer]]


@dataclass(frozen=True, slots=True)
class Recognised:
    """One object of the source that is wanted or skipped, and what is known of it so far."""

    candidate: Candidate
    names: Sequence[Name]
    """Everything that it is matched by, or would be known by."""
    hits: Sequence[str]
    """Ids of the accounts that may be theirs."""
    linked: bool
    rejected: bool
    """Whether something else keeps them from being written."""


@dataclass(slots=True)
class Doubts:
    """What came of it."""

    problems: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Code and detail, by anchor."""
    resembled: set[str] = field(default_factory=set)
    """Ids of accounts that may be those of somebody who is not written."""


def are_plain(names: Iterable[str]) -> bool:
    """Say whether *names* are all plain, so that none of them can look like another."""
    return is_plain("".join(names))


class Looks:
    """Names that are taken at one attribute, by what they look like."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take *names*; they are looked at when one of all names is not plain, and not before."""
        self._unseen = list(names)
        self._plain = are_plain(self._unseen)
        self._spellings: dict[str, set[str]] = defaultdict(set)

    def add(self, name: str) -> None:
        """Take *name* too."""
        self._unseen.append(name)
        self._plain = self._plain and is_plain(name)

    def suit(self, name: str) -> bool:
        """Say whether somebody may be created by *name*: sound, and like no other that is taken."""
        if self._plain and is_plain(name):
            return True
        for taken in self._unseen:
            self._spellings[skeleton(taken)].add(spelling(taken))
        self._unseen.clear()
        return flaw(name) is None and self._spellings.get(skeleton(name), set()) <= {spelling(name)}


class Resemblance:
    """Compares the looks of new names with those of everybody's."""

    def __init__(
        self,
        everybody: Sequence[Recognised],
        live: Mapping[str, Mapping[object, Sequence[str]]],
        canonical: Callable[[str, object], Any],
    ) -> None:
        """
        Find the names that are not plain, and whoever looks like one of them.

        Args:
            everybody: The objects of the source that are wanted or skipped.
            live: Ids by canonical value by path: all names of the target.
            canonical: Returns the canonical form of a value of a path.
        """
        self._live = live
        self._canonical = canonical
        self._look = cache(skeleton)
        wanted = [(one, name) for one in everybody for name in one.names]
        looks = {*self._odd_looks(n for _, n in wanted), *self._odd_looks(self._live_names())}
        paths = {path for path, _ in looks}
        found = {
            one.candidate.source_id: one
            for one, (path, value) in wanted
            if path in paths and (path, self._look(value)) in looks
        }
        self._suspects = tuple(found.values())
        self._new = {anchor: [*self._new_names(one)] for anchor, one in found.items()}
        self._accounts = self._bearers(
            ((path, value), target)
            for path, value in self._live_names()
            if path in paths and (path, self._look(value)) in looks
            for target in live[path][value]
        )
        self._claims = self._bearers((n, anchor) for anchor, ns in self._new.items() for n in ns)

    def doubts(self) -> Doubts:
        """Return whom their names keep from being written."""
        doubts = Doubts()
        for one in self._suspects:
            anchor = one.candidate.source_id
            written = one.candidate.standing is Standing.WANTED and not one.rejected
            problem = self._problem(one) if written else None
            if problem is not None:
                doubts.problems[anchor] = problem
            if problem is not None or not written:
                alike = (self._others(self._accounts, name, one.hits) for name in self._new[anchor])
                doubts.resembled.update(bearer.owner for found in alike for bearer in found)
        return doubts

    def _live_names(self) -> Iterator[Name]:
        """Yield every name of the target, each once."""
        for path, by_value in self._live.items():
            yield from ((path, value) for value in by_value if isinstance(value, str))

    def _odd_looks(self, names: Iterable[Name]) -> Iterator[Look]:
        """Yield path and skeleton of the *names* that are not plain: the rest cannot collide."""
        return ((path, self._look(value)) for path, value in names if not is_plain(value))

    def _new_names(self, one: Recognised) -> Iterator[Name]:
        """Yield the names that no account of theirs shows yet, and that would be written."""
        desired = one.candidate.desired
        written = desired.managed if desired is not None and one.hits else None
        for path, value in one.names:
            holders = self._live[path].get(self._canonical(path, value), ())
            shown = not set(one.hits).isdisjoint(holders)
            if not shown and (written is None or path in written):
                yield path, value

    def _bearers(self, names: Iterable[tuple[Name, str]]) -> Bearers:
        """Return who bears *names*, by path and look, in the order of how they are written."""
        found: dict[Look, list[Bearer]] = defaultdict(list)
        for (path, value), owner in names:
            found[path, self._look(value)].append(Bearer(spelling(value), owner, value))
        return {look: sorted(bearers) for look, bearers in found.items()}

    def _others(self, bearers: Bearers, name: Name, own: Sequence[str]) -> Iterator[Bearer]:
        """Yield who else bears what looks like *name* and is written otherwise."""
        path, value = name
        alike = bearers.get((path, self._look(value)), ())
        spelt = spelling(value) if alike else ""
        return (other for other in alike if other.spelling != spelt and other.owner not in own)

    def _problem(self, one: Recognised) -> tuple[str, str] | None:
        """Return the code and the reason for which somebody is not written."""
        candidate = one.candidate
        new = self._new[candidate.source_id]
        for code, whose, bearers, own in (
            (LIKE_ANOTHER, "that of account", self._accounts, one.hits),
            (BOTH_NEW, "that of source object", self._claims, (candidate.source_id,)),
        ):
            for name in new:
                for other in self._others(bearers, name, own):
                    return code, _alike(candidate, name, whose, other)
        for path, value in new if one.linked else one.names:
            found = flaw(value)
            if found is not None:
                return FLAWED, f"{path} {found}"
        return None


def _alike(candidate: Candidate, name: Name, whose: str, other: Bearer) -> str:
    """Say which name looks like whose, and by which characters they can be told apart."""
    path, value = name
    said = f"{named(candidate, path, value)} looks like {whose} {other.owner}"
    if is_hidden(candidate, path):
        return said
    differing = set(fold(value)) ^ set(fold(other.value))
    odd = ", ".join(code_point(c) for c in sorted(differing) if not is_plain(c))
    return f"{said}, {other.value} (but for {odd})" if odd else f"{said}, {other.value}"
