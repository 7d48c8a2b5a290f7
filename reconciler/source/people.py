"""
From rows to people and groups.

The few columns with a meaning of their own are read here, strictly: a word
that is guessed to mean *disabled* is somebody's lost account (reliability.md,
S05), a misspelt ``accountEnabled`` enables everybody, and a column of members
that an export lost would empty every group. All other columns are kept as they
are (ruling 3).

Used by :mod:`reconciler.source.files`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, islice

from reconciler.directory import Cell, SourceGroup, Subject
from reconciler.source.noted import (
    ANCHOR,
    DELETED,
    DELETED_BY,
    ENABLED,
    ENABLED_BY,
    Noted,
)
from reconciler.source.table import Problems, Row, Table

NAME = "displayName"
MEMBERS = "members"

SEPARATOR = ";"
"""Between the members of a group where a cell cannot hold a list."""

_NAMED_COLUMNS = 10
"""Columns that are named to whoever misses one; an export can have hundreds."""

_TRUTH = {"true": True, "false": False}
_SPACE = re.compile(r"\s")


def subjects_of(table: Table, problems: Problems) -> Mapping[str, Subject]:
    """Return the people of *table* by anchor, in the order of the file."""
    if not _columns_fit(table, (ANCHOR,), (ANCHOR, ENABLED, DELETED), problems):
        return {}
    sound = _sound(table)
    if sound is not None:
        return sound
    subjects: dict[str, Subject] = {}
    anchors = _Anchors(table, problems)
    for index, row in enumerate(table.rows):
        enabled = _flag(table, index, ENABLED, True, problems)
        deleted = _flag(table, index, DELETED, False, problems)
        anchor = anchors.take(index, row)
        if anchor:
            subjects[anchor] = Subject(anchor, row, enabled, deleted)
    return subjects


def _sound(table: Table) -> Mapping[str, Subject] | None:
    """Return the people of *table*, or None when there may be something to complain of."""
    noted, rows = table.noted, table.rows
    if noted is not None:
        if not noted.are_sound(len(rows)):
            return None
        if not isinstance(rows, list | tuple):
            return _crowd(noted, rows)
        enabled, deleted = map(bool, noted.enabled), map(bool, noted.deleted)
        anchors = [str(row[ANCHOR]) for row in rows]
        return dict(zip(anchors, map(Subject, anchors, rows, enabled, deleted), strict=True))
    return _one_by_one(rows)


def _crowd(noted: Noted, rows: Sequence[Row]) -> Mapping[str, Subject]:
    """Return the people of rows that are laid aside."""
    from reconciler.source.crowd import Crowd  # most commands never see so many

    return Crowd(noted.anchors, rows, noted.enabled, noted.deleted)


def _one_by_one(rows: Sequence[Row]) -> dict[str, Subject] | None:
    """Return the people of *rows*, of which nothing was noted, or None."""
    subjects: dict[str, Subject] = {}
    for row in rows:
        anchor = row.get(ANCHOR)
        enabled, deleted = ENABLED_BY.get(row.get(ENABLED)), DELETED_BY.get(row.get(DELETED))
        if not isinstance(anchor, str) or enabled is None or deleted is None:
            return None
        if anchor.split() != [anchor]:
            return None
        subjects[anchor] = Subject(anchor, row, enabled, deleted)
    return subjects if len(subjects) == len(rows) else None


def groups_of(
    table: Table, subjects: Mapping[str, Subject], problems: Problems
) -> tuple[dict[str, SourceGroup], int]:
    """
    Return the groups of *table* by anchor, and how many memberships were ignored.

    A member counts when it is one of *subjects* or a group of *table*; anybody
    else is ignored and counted (ruling 3). A member named twice is one member.
    """
    required = (ANCHOR, NAME, MEMBERS)
    if not _columns_fit(table, required, required, problems):
        return {}, 0
    found: dict[str, tuple[Row, list[str]]] = {}
    anchors = _Anchors(table, problems, subjects)
    for index, row in enumerate(table.rows):
        anchor = anchors.take(index, row)
        if not isinstance(row.get(NAME), str):
            message = "a group needs one displayName"
            problems.add("missing-display-name", message, table.locate(index, NAME))
        elif anchor:
            found[anchor] = row, _members(row.get(MEMBERS))
    return _with_known_members(found, subjects)


class _Anchors:
    """The anchors of one file, as they are met; each may stand there once."""

    def __init__(
        self, table: Table, problems: Problems, people: Collection[str] = frozenset()
    ) -> None:
        self._table = table
        self._problems = problems
        self._people = people
        self._first: dict[str, int] = {}

    def take(self, index: int, row: Row) -> str | None:
        """Return the anchor of row *index*; complain, and return None, if it has no own one."""
        anchor = row.get(ANCHOR)
        complaint = self._complaint(anchor)
        if complaint is not None:
            self._problems.add(*complaint, self._table.locate(index, ANCHOR))
            return None
        self._first[str(anchor)] = index
        return str(anchor)

    def _complaint(self, anchor: Cell | None) -> tuple[str, str] | None:
        """Return code and message of what is wrong with *anchor*, if anything."""
        if anchor is None:
            return "missing-anchor", "the row has no objectId"
        if not isinstance(anchor, str) or _SPACE.search(anchor):
            return "bad-anchor", "an objectId is one word, without white space"
        if anchor in self._people:
            return "repeated-anchor", f'objectId "{anchor}" is also that of a person'
        if anchor in self._first:
            line = self._table.locate(self._first[anchor], ANCHOR).line
            return "repeated-anchor", f'objectId "{anchor}" stands on line {line} already'
        return None


def _flag(table: Table, index: int, name: str, default: bool, problems: Problems) -> bool:
    """Return a true-or-false cell; an empty one means *default*, any other word is an error."""
    cell = table.rows[index].get(name)
    if cell is None:
        return default
    value = _TRUTH.get(cell.lower()) if isinstance(cell, str) else None
    if value is None:
        shown = f'"{cell}"' if isinstance(cell, str) else "a list"
        message = f"{name} is {shown}, which is neither true nor false"
        problems.add("bad-boolean", message, table.locate(index, name))
        return default
    return value


def _members(cell: Cell | None) -> list[str]:
    """Return a group's members as they are written, each once."""
    if cell is None:
        return []
    texts = cell.split(SEPARATOR) if isinstance(cell, str) else cell
    return [member for member in dict.fromkeys(text.strip() for text in texts) if member]


def _with_known_members(
    found: Mapping[str, tuple[Row, list[str]]], subjects: Mapping[str, Subject]
) -> tuple[dict[str, SourceGroup], int]:
    """Make the groups, once it is known which of them exist to be members."""
    groups: dict[str, SourceGroup] = {}
    ignored = 0
    known = {anchor: anchor for anchor in chain(subjects, found)}  # all members share these texts
    for anchor, (row, written) in found.items():
        members = tuple(filter(None, map(known.get, written)))
        ignored += len(written) - len(members)
        attributes = {name: cell for name, cell in row.items() if name != MEMBERS}
        groups[anchor] = SourceGroup(anchor, str(row[NAME]), members, attributes)
    return groups, ignored


def _columns_fit(
    table: Table, required: tuple[str, ...], known: tuple[str, ...], problems: Problems
) -> bool:
    """Complain of columns that are missing, and of those that only nearly have a meaning."""
    by_folded = {name.casefold(): name for name in known}
    for column in table.columns:
        meant = by_folded.get(column.strip().casefold())
        if meant and meant != column:
            problems.add(
                "misspelt-column",
                f'column "{column}" must be written "{meant}"',
                table.locate(None, column),
                f"as it stands, everybody would count as having no {meant}",
            )
    missing = [name for name in required if name not in table.columns]
    for name in missing:
        message = f'there is no column "{name}"'
        hint = f"there are: {', '.join(islice(table.columns, _NAMED_COLUMNS))}"
        problems.add("missing-column", message, table.locate(None, name), hint)
    return not missing
