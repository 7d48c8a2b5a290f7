"""
What an import has read so far: our format, line by line, with all that is to be said of it.

A draft is amended until the file that it makes loads without errors
(:mod:`reconciler.interchange.entra.settle`). Nothing is taken out of it: what
cannot be used stays as a comment, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from reconciler.interchange.entra.shapes import TableName

FindingKind = Literal["unsupported", "choice"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person who moves an application has to know."""

    kind: FindingKind
    place: str
    """In the file that was read, as a JSON path."""
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(slots=True)
class Line:
    """One entry of a list of the file."""

    said: dict[str, Any]
    place: str
    remarks: list[str] = field(default_factory=list)
    left_out: str | None = None
    """Why it stands as a comment only."""


@dataclass(slots=True)
class Filter:
    """One scoping filter."""

    title: str
    clauses: list[Line]
    place: str
    remarks: list[str] = field(default_factory=list)
    left_out: str | None = None


@dataclass(slots=True)
class Draft:
    """One application, and the findings about it."""

    name: str
    file: str
    """The file that the schema was read from, for people."""
    display_name: str | None = None
    scope: Literal["assigned", "all"] = "all"
    include_default_access: bool = False
    roles: list[Line] = field(default_factory=list)
    assignments: list[Line] = field(default_factory=list)
    mappings: dict[TableName, list[Line]] = field(default_factory=dict)
    filters: dict[TableName, list[Filter]] = field(default_factory=dict)
    lifecycle: dict[str, Any] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    """Comments on single keys of the application, by key."""
    held: list[str] = field(default_factory=list)
    """Why the application has to stay switched off until somebody has decided."""
    findings: dict[Finding, None] = field(default_factory=dict)
    """Each once, in the order in which they were noted."""

    def unsupported(self, place: str, message: str) -> None:
        """Note a construct that is kept for the export and decides nothing here."""
        self._note(Finding("unsupported", place, message))

    def choice(self, place: str, message: str, line: Line | Filter | None = None) -> None:
        """Note a decision that the import took, and say so on the line it is about."""
        self._note(Finding("choice", place, message))
        if line is not None:
            line.remarks.append(message)

    def leave_out(self, line: Line | Filter, why: str) -> None:
        """Let a line stand as a comment only."""
        line.left_out = why
        self.unsupported(line.place, why)

    def hold(self, why: str) -> None:
        """Switch the application off, because something about people is not decided."""
        if why not in self.held:
            self.held.append(why)

    def include_default(self) -> None:
        """Give an account to whoever is assigned without a role."""
        message = "who is assigned without a role gets an account, as in Entra since 2020"
        self.include_default_access = True
        self.remarks["default_access"] = message
        self.choice("default_access", message)

    def live(self, table: TableName) -> list[Line]:
        """Return the mappings of a table that are used."""
        return [line for line in self.mappings.get(table, ()) if line.left_out is None]

    def listed(self, kind: FindingKind) -> list[Finding]:
        """Return the findings of a kind; there is no choice about what is left out."""
        items: list[Line | Filter] = [*self.roles, *self.assignments]
        items += [line for lines in self.mappings.values() for line in lines]
        items += [one for filters in self.filters.values() for one in filters]
        gone = {item.place for item in items if item.left_out is not None}
        gone |= {
            clause.place
            for filters in self.filters.values()
            for one in filters
            if one.left_out is not None
            for clause in one.clauses
        }
        found = [finding for finding in self.findings if finding.kind == kind]
        return [each for each in found if kind == "unsupported" or each.place not in gone]

    def _note(self, finding: Finding) -> None:
        self.findings[finding] = None
