"""
Whose account is theirs whatever comes, and who needs nothing.

Asked of one person and one account at a time, by :mod:`reconciler.plan.settle`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from reconciler.diff import Comparator
from reconciler.diff.lookalikes import is_plain
from reconciler.diff.match import NAMES, UNIQUE
from reconciler.diff.normalize import reference_id
from reconciler.mapping import Table
from reconciler.scim.folding import fold, fold_all
from reconciler.states import Candidate, ReferenceTo, Resource, Standing

NAME = NAMES["User"]

References = Sequence[tuple[str, str]]


class Certainty:
    """What is certain of people, by the schemas and the mappings of one application."""

    def __init__(self, comparator: Comparator, table: Table) -> None:
        self.comparator = comparator
        matching = [line.target for line in table.matching]
        paths = dict.fromkeys((*matching, NAME, "externalId"))
        self._names = [(path.lower(), comparator.attribute(path).read) for path in paths]
        """Where names are: what people are matched and known by, and what nobody may share."""
        self._name = table.name.target if table.name else None
        targets = (line.target for line in table.lines)
        self._unique = [t for t in targets if t.lower() in UNIQUE and t not in matching]
        """What nobody may share, and is not looked at as what people are matched by."""

    def keeps(self, candidate: Candidate, resource: Resource) -> bool:
        """Say whether somebody is wanted, and known to their account by all their names."""
        desired = candidate.desired
        if candidate.standing is not Standing.WANTED or desired is None or not candidate.assigned:
            return False
        if not candidate.matching or not candidate.matching_known:
            return False
        managed = desired.managed
        return all(
            self._is_known_by(resource, path, value) for path, value in candidate.matching
        ) and all(
            self._is_known_by(resource, path, managed[path])
            for path in self._unique
            if path in managed
        )

    def _is_known_by(self, resource: Resource, path: str, value: object) -> bool:
        """Say whether an account shows one name at *path*, and it is *value*."""
        attribute = self.comparator.attribute(path)
        live = attribute.read(resource)
        if not isinstance(live, str) or not isinstance(value, str) or not value:
            return False
        wanted = attribute.canonical(value)
        if not isinstance(wanted, str):
            return False
        return live == value or bool(attribute.canonical(live) == wanted)

    def is_plain(self, candidate: Candidate, shown: Iterable[tuple[str, str]]) -> bool:
        """Say whether all names are plain that somebody has, or would be given, or is *shown*."""
        names = [value for _, value in candidate.matching if value]
        names += [value for _, value in shown]
        if candidate.desired is not None and self._name is not None:
            names.append(str(candidate.desired.created.get(self._name)))
        return is_plain("".join(names))

    def references(self, candidate: Candidate, resource: Resource) -> References | None:
        """
        Return the references of an account that shows every value that it should.

        They are pairs: the anchor of whom it should refer to, and the id that it refers to.
        None where anything else than a reference may differ.
        """
        managed = candidate.desired.managed if candidate.desired else {}
        found: list[tuple[str, str]] = []
        for difference in self.comparator.differences(managed, resource):
            there = reference_id(difference.before)
            if there is None or not isinstance(difference.after, ReferenceTo):
                return None
            found.append((difference.after.source_id, there))
        return found

    def names_of(self, candidate: Candidate) -> Iterator[tuple[str, str]]:
        """Yield path, in lower case, and value of every name that somebody has or would have."""
        yield from ((path.lower(), value) for path, value in candidate.matching if value)
        if candidate.external_id:
            yield "externalid", candidate.external_id
        if candidate.desired is not None:
            for values in (candidate.desired.created, candidate.desired.managed):
                for path, value in values.items():
                    if path.lower() in UNIQUE and isinstance(value, str):
                        yield path.lower(), value

    def names_in(self, resource: Resource) -> list[tuple[str, str]]:
        """Return path, in lower case, and value of every name that an account has."""
        found: list[tuple[str, str]] = []
        for path, read in self._names:
            value = read(resource)
            if isinstance(value, str):
                found.append((path, value))
            elif isinstance(value, list):
                found += [(path, one) for one in value if isinstance(one, str)]
        return found


def key_of(path: str, name: str) -> int:
    """Return a number for a name: those that may be the same have the same."""
    return hash((path, fold(name)))


def keys_of(path: str, names: Sequence[str]) -> list[int]:
    """Return a number for each of *names*, as :func:`key_of` does."""
    return [*map(hash, zip(repeat(path), fold_all(names)))]
