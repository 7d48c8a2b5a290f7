"""
People and their accounts, compared at first sight, many at a time.

Whoever is found here keeps their account for certain and shows every value that they
should, as :meth:`reconciler.plan.certain.Certainty.keeps` would say after looking at both
in full; of everybody else nothing is said.

Used by :mod:`reconciler.plan.settle`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from typing import Any

from reconciler.columns import Abreast, Wanted
from reconciler.desired import Judge
from reconciler.directory import People
from reconciler.lines import Line
from reconciler.plan.listed import Listed
from reconciler.plan.sight import Sight, are_plain, texts_in
from reconciler.plan.watched import Watched
from reconciler.register import Register
from reconciler.scim.folding import fold_all
from reconciler.states import ReferenceTo, ResourceType

Column = Sequence[Any]
Links = Mapping[tuple[ResourceType, str], str]


@dataclass(frozen=True, slots=True)
class Seen:
    """Some people who need nothing by themselves; all columns are about the same ones."""

    at: Sequence[int]
    """Their places among the people who were looked at."""
    anchors: Sequence[str]
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
        judge: Judge,
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
            judge: Says what people should have.
            sight: What was noted of all accounts.
            listed: The accounts.
            links: Ids of accounts by who has them, as our journals say.
            watched: Whose accounts are always looked at in full.
            by_name: Whether an account without a link is somebody's by its name alone.
        """
        self._abreast = Abreast(judge, (*sight.compared, *sight.references))
        self._table = judge.users
        self._sight, self._listed, self._links = sight, listed, links
        self._watched, self._by_name = watched, by_name

    def look(self, people: People) -> Seen | None:
        """Return those of *people* who need nothing by themselves; None for nobody."""
        wanted = self._abreast.judge(people)
        if wanted is None:
            return None
        linked, accounts = self._accounts(people, wanted)
        chosen = self._equal(wanted, accounts)
        chosen = self._plainly_named(chosen, linked, accounts, wanted)
        chosen = self._unwatched(chosen, accounts, people)
        return self._seen(chosen, accounts, people, wanted) if any(chosen) else None

    def _accounts(
        self, people: People, wanted: Wanted
    ) -> tuple[Sequence[bool], Sequence[int | None]]:
        """Return who is linked, and where the account of each stands that must be theirs."""
        targets: list[str | None] = [None] * len(people)
        if self._links:
            of = zip(repeat(ResourceType.USER), people.anchors)
            targets = [*map(self._links.get, of)]
        linked = [target is not None for target in targets]
        known = [target for target in targets if target is not None]
        by_link = iter(self._listed.places(known))
        if len(known) == len(targets):
            return linked, [*by_link]
        names = wanted.columns[self._column_of(self._table.matching[0].target)]
        by_name = iter(self._named([*compress(names, [not one for one in linked])]))
        return linked, [next(by_link if is_linked else by_name) for is_linked in linked]

    def _named(self, names: Sequence[Any]) -> Sequence[int | None]:
        """Return where the accounts with these names stand, if by these they are somebody's."""
        if not self._by_name:
            return [None] * len(names)
        return self._listed.named_all(fold_all(texts_in(names)))

    def _column_of(self, target: str) -> int:
        """Return which of the compared columns is that of *target*."""
        return next(at for at, line in enumerate(self._sight.compared) if line.target == target)

    def _equal(self, wanted: Wanted, accounts: Sequence[int | None]) -> list[bool]:
        """Say who is known to their account by all names, and shows all values that they should."""
        fits, values = self._sight.fits, self._sight.values
        told = zip(wanted.plain, accounts, self._sight.numbers(wanted), strict=True)
        equal = [
            plain and at is not None and fits[at] == 1 and values[at] == number
            for plain, at, number in told
        ]
        for line in self._table.matching:
            column = wanted.columns[self._column_of(line.target)]
            if set(map(type, column)) != {str}:
                equal = [a and type(b) is str for a, b in zip(equal, column, strict=True)]
        return equal

    def _plainly_named(
        self,
        chosen: list[bool],
        linked: Sequence[bool],
        accounts: Sequence[int | None],
        wanted: Wanted,
    ) -> list[bool]:
        """Leave out who is no account's by a link, and has a name that is not plain."""
        if all(linked):
            return chosen
        names = [wanted.columns[self._column_of(line.target)] for line in self._known_by()]
        plain, shown = are_plain([*map(texts_in, names)]), self._sight.plain
        told = zip(chosen, linked, accounts, plain, strict=True)
        return [
            one and (is_linked or (is_so and at is not None and shown[at] == 1))
            for one, is_linked, at, is_so in told
        ]

    def _known_by(self) -> list[Line]:
        """Return the lines by which people are found, and under which name they are created."""
        named = filter(None, (self._table.name,))
        return [*self._table.matching, *named]

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

    def _references(self, wanted: Wanted) -> list[tuple[Column, Register]]:
        """Return to whom people should refer, and to whom accounts do, line by line."""
        columns = wanted.columns[len(self._sight.compared) :]
        return [*zip(columns, self._sight.referred, strict=True)]

    def _seen(
        self, chosen: Sequence[bool], accounts: Sequence[int | None], people: People, wanted: Wanted
    ) -> Seen:
        """Return what is known of who was chosen."""
        places = [at for at, one in zip(accounts, chosen, strict=True) if one and at is not None]
        anchors = [*compress(people.anchors, chosen)]
        active = self._sight.active
        references = [
            (number, (to.source_id, referred[at]))
            for column, referred in self._references(wanted)
            for number, (to, at) in enumerate(zip(compress(column, chosen), places, strict=True))
            if isinstance(to, ReferenceTo)
        ]
        return Seen(
            [*compress(range(len(chosen)), chosen)],
            anchors,
            places,
            [active[at] for at in places],
            self._names(chosen, places, anchors, wanted),
            references,
        )

    def _names(
        self, chosen: Sequence[bool], places: Sequence[int], anchors: Sequence[str], wanted: Wanted
    ) -> list[tuple[str, Sequence[str | None]]]:
        """Return the names of who was chosen: all of their account, and their own `externalId`."""
        found: list[tuple[str, Sequence[str | None]]] = []
        for path, line in self._sight.lines_of_names.items():
            if line is not None:
                column = wanted.columns[self._column_of(line.target)]
                found.append((path, [*compress(column, chosen)]))
            else:
                names = self._sight.other_names[path]
                found.append((path, [names[at] or None for at in places]))
        if self._table.external is None:
            shown = dict(found)["externalid"]
            own = [None if a == b else a for a, b in zip(anchors, shown, strict=True)]
            found.append(("externalid", own))
        return found
