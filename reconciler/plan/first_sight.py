"""
People who need nothing by themselves, told by columns.

They are known to their account for certain and it shows every value that they
should, as :meth:`reconciler.plan.certain.Certainty.keeps` would say after looking at both
in full; of everybody else nothing is said.

Used by :mod:`reconciler.plan.settle`.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from operator import eq

from reconciler.directory import People
from reconciler.mapping import Table
from reconciler.plan.listed import Listed
from reconciler.plan.noting import PeopleNote
from reconciler.plan.sight import Sight, texts_in
from reconciler.plan.watched import Watched
from reconciler.scim.folding import fold_all
from reconciler.states import ResourceType

Links = Mapping[tuple[ResourceType, str], str]


@dataclass(frozen=True, slots=True)
class Seen:
    """Some people who need nothing by themselves; all columns are about the same ones."""

    chosen: Sequence[bool]
    """Which of the people who were looked at they are."""
    accounts: Sequence[int]
    """The places of their accounts in the listing."""
    active: Sequence[int]
    """1 for whose account is active."""
    names: Sequence[tuple[str, Sequence[str | None]]]
    """Path, in lower case, and the names that they have there."""
    references: Sequence[tuple[int, tuple[str, str]]]
    """Who, by their place among these, refers to whom, and the id that their account refers to."""


class FirstSight:
    """Looks at people, some at a time."""

    def __init__(
        self,
        table: Table,
        sight: Sight,
        listed: Listed,
        links: Links,
        watched: Watched,
        *,
        by_name: bool,
    ) -> None:
        """
        Prepare.

        Args:
            table: What people should have.
            sight: What was noted of all accounts.
            listed: The accounts.
            links: Ids of accounts by who has them, as our journals say.
            watched: Whose accounts are always looked at in full.
            by_name: Whether an account without a link is somebody's by its name alone.
        """
        self._table, self._sight, self._listed = table, sight, listed
        self._links, self._watched, self._by_name = links, watched, by_name

    def look(self, people: People, note: PeopleNote) -> Seen | None:
        """Return those of *people* who need nothing by themselves; None for nobody."""
        linked, accounts = self._accounts(people.anchors, note)
        chosen = self._equal(note, accounts)
        if not all(linked):
            chosen = self._plainly_named(chosen, linked, accounts, note)
        chosen = self._unwatched(chosen, accounts, people)
        return self._seen(chosen, accounts, people.anchors, note) if any(chosen) else None

    def _accounts(
        self, anchors: Sequence[str], note: PeopleNote
    ) -> tuple[Sequence[bool], Sequence[int | None]]:
        """Return who is linked, and where the account of each stands that must be theirs."""
        targets: list[str | None] = [None] * len(anchors)
        if self._links:
            targets = [*map(self._links.get, zip(repeat(ResourceType.USER), anchors))]
        linked = [target is not None for target in targets]
        known = [target for target in targets if target is not None]
        if not known:
            return linked, self._named(note.names[0])
        places = self._listed.places(known)
        if len(known) == len(targets):
            return linked, places
        by_link = iter(places)
        by_name = iter(self._named([*compress(note.names[0], [not one for one in linked])]))
        return linked, [next(by_link if is_linked else by_name) for is_linked in linked]

    def _named(self, names: Sequence[str | None]) -> Sequence[int | None]:
        """Return where the accounts with these names stand, if by these they are somebody's."""
        if not self._by_name:
            return [None] * len(names)
        return self._listed.named_all(fold_all(texts_in(names)))

    def _equal(self, note: PeopleNote, accounts: Sequence[int | None]) -> list[bool]:
        """Say who is known to their account by all names, and shows all values that they should."""
        fits, values, wanted = self._sight.fits, self._sight.values, array("q")
        wanted.frombytes(note.values)
        if isinstance(accounts, range):
            place = slice(accounts.start, accounts.stop)
            same = map(eq, values[place], wanted)
            return [*map(all, zip(note.plain, fits[place], same, strict=True))]
        told = zip(note.plain, accounts, wanted, strict=True)
        return [
            bool(plain) and at is not None and fits[at] == 1 and values[at] == number
            for plain, at, number in told
        ]

    def _plainly_named(
        self,
        chosen: list[bool],
        linked: Sequence[bool],
        accounts: Sequence[int | None],
        note: PeopleNote,
    ) -> list[bool]:
        """Leave out who is no account's by a link, and has a name that is not plain."""
        shown = self._sight.plain
        told = zip(chosen, linked, accounts, note.named, strict=True)
        return [
            one and (is_linked or (is_so == 1 and at is not None and shown[at] == 1))
            for one, is_linked, at, is_so in told
        ]

    def _unwatched(
        self, chosen: list[bool], accounts: Sequence[int | None], people: People
    ) -> list[bool]:
        """Leave out whose account a guard looks at."""
        if self._watched.watches_nobody:
            return chosen
        told = zip(chosen, accounts, people.anchors, strict=True)
        watched, listed = self._watched.is_watched, self._listed
        return [
            one and at is not None and not watched(listed[at], anchor) for one, at, anchor in told
        ]

    def _seen(
        self,
        chosen: Sequence[bool],
        accounts: Sequence[int | None],
        everybody: Sequence[str],
        note: PeopleNote,
    ) -> Seen:
        """Return what is known of who was chosen."""
        places = [at for at in compress(accounts, chosen) if at is not None]
        anchors = [*compress(everybody, chosen)]
        active = self._sight.active
        references = [
            (number, (anchor, referred[at]))
            for column, referred in zip(note.references, self._sight.referred, strict=True)
            for number, (anchor, at) in enumerate(
                zip(compress(column, chosen), places, strict=True)
            )
            if anchor is not None
        ]
        return Seen(
            chosen,
            places,
            [active[at] for at in places],
            self._names(chosen, places, anchors, note),
            references,
        )

    def _names(
        self,
        chosen: Sequence[bool],
        places: Sequence[int],
        anchors: Sequence[str],
        note: PeopleNote,
    ) -> list[tuple[str, Sequence[str | None]]]:
        """Return the names of who was chosen: all of their account, and their own `externalId`."""
        managed = iter(note.names)
        found: list[tuple[str, Sequence[str | None]]] = []
        for path, line in self._sight.lines_of_names.items():
            if line is not None:
                found.append((path, [*compress(next(managed), chosen)]))
            else:
                names = self._sight.other_names[path]
                found.append((path, [names[at] or None for at in places]))
        if self._table.external is None:
            shown = dict(found)["externalid"]
            own = [None if a == b else a for a, b in zip(anchors, shown, strict=True)]
            found.append(("externalid", own))
        return found
