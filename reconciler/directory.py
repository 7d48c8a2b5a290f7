"""
The source side as plain values: people, groups, memberships.

Whatever the source is, it is read completely into these shapes before anything
is decided; a reader that cannot prove that it read everything raises instead
(ruling 5: only a complete read may say that somebody is gone).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from reconciler.register import Register

Cell = str | tuple[str, ...]
"""A source attribute's value: text, or several texts. Null is absence from the mapping."""

NO_ATTRIBUTES: Mapping[str, Cell] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Subject:
    """One person in the source."""

    anchor: str
    """``objectId``: the source's immutable id of the person."""
    attributes: Mapping[str, Cell]
    """Every column by name, ``objectId`` included; an empty cell is absent."""
    enabled: bool = True
    """``accountEnabled``; an empty cell means enabled."""
    deleted: bool = False
    """``isDeleted``: soft-deleted at the source."""


@dataclass(frozen=True)
class People:
    """Some people of the source, one after the other, column by column."""

    anchors: Sequence[str]
    read: Callable[[], Mapping[str, Sequence[str]]]
    """Reads :attr:`cells`, which not everybody asks for."""
    row: Callable[[int], Mapping[str, Cell]]
    """Reads the cells of one of them that are not empty, by column."""
    enabled: Sequence[bool]
    deleted: Sequence[bool]

    def __len__(self) -> int:
        return len(self.anchors)

    @cached_property
    def cells(self) -> Mapping[str, Sequence[str]]:
        """By column, a text of each; an empty one is null."""
        return self.read()

    def subject(self, at: int) -> Subject:
        """Return the one at a place."""
        return Subject(self.anchors[at], self.row(at), self.enabled[at], self.deleted[at])


@runtime_checkable
class InBlocks(Protocol):
    """Everybody, of whom many can be looked at column by column."""

    @property
    def anchors(self) -> Register:
        """Theirs, in the order of the source."""
        ...

    def blocks(self) -> Iterator[People]:
        """Yield everybody, in the order of the source."""
        ...


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """One group in the source, with its direct members."""

    anchor: str
    """``objectId`` of the group."""
    display_name: str
    members: tuple[str, ...]
    """Anchors of people and groups of this directory, in the order of the file."""
    attributes: Mapping[str, Cell] = field(default_factory=lambda: NO_ATTRIBUTES)
    """Every column but ``members``, ``objectId`` and ``displayName`` included."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything a source held at one moment, read completely."""

    subjects: Mapping[str, Subject]
    """By anchor, in the order of the file."""
    groups: Mapping[str, SourceGroup] = field(default_factory=dict)
    """By anchor, in the order of the file."""
    ignored_members: int = 0
    """Memberships of somebody who is not in the source (ruling 3: ignored and counted)."""
    sha256: str = ""
    """Digest of the bytes that were read."""
    default_domain: str | None = None
    """The tenant's default domain, which ``DefaultDomain()`` says; None when nobody said it."""
    filled: Mapping[str, int] | None = None
    """People who have a value, by column, where that was counted; None: it was not."""
