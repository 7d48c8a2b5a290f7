"""
A draft as the text of a ``provisioning.yaml``, and which of its lines is about what.

The text is a whole configuration: it loads as it stands, and what has to be
filled in is marked. What was left out stands where it would have stood, as a
comment with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reconciler.interchange.entra.draft import Draft, Filter, FindingKind, Line
from reconciler.interchange.entra.shapes import Json, TableName
from reconciler.interchange.yaml_text import comment, entry, flow, indented, scalar

PLACEHOLDER_URL = "https://todo.example/scim/v2"
"""Where nothing listens (RFC 2606): the address of the service has to be filled in."""

TITLES: dict[FindingKind, str] = {
    "unsupported": "Not decided here. What the schema says of it is kept for the export:",
    "choice": "Choices that were made; look at each of them:",
}

TABLES: tuple[TableName, ...] = ("users", "groups")


@dataclass(frozen=True, slots=True)
class Owner:
    """What a line of the text is about."""

    section: str
    """`mappings.users`, `scoping_filters.groups`, `roles` or `assignments`."""
    item: Line | Filter


@dataclass(slots=True)
class Document:
    """A text in the making."""

    rows: list[str] = field(default_factory=list)
    owners: dict[int, Owner] = field(default_factory=dict)
    """By number of the line, from 1."""

    @property
    def text(self) -> str:
        """The whole."""
        return "\n".join([*self.rows, ""])

    def add(self, *rows: str, owner: Owner | None = None) -> None:
        """Add lines, all about the same."""
        for row in rows:
            self.rows.append(row)
            if owner is not None:
                self.owners[len(self.rows)] = owner


def document(draft: Draft, entra: Json | None = None) -> Document:
    """Return the configuration that *draft* makes, with the `entra` block if there is one."""
    made = Document()
    made.add(*_header(draft), "version: 1", "", *_source(draft), "", "applications:")
    made.add(f"  {draft.name}:", *indented(list(_head(draft)), 4))
    _roles_and_assignments(made, draft)
    _filters(made, draft)
    _mappings(made, draft)
    if draft.lifecycle:
        made.add("", "    lifecycle:")
        for key, value in draft.lifecycle.items():
            made.add("      " + _remarked(f"{key}: {flow(value)}", draft.remarks.get(key)))
    if entra is not None:
        made.add("", "    # What only Entra's file says, for `reconciler export entra`.")
        made.add("    entra:")
        for key, value in entra.items():
            made.add(*indented(entry(key, value), 6))
    return made


def _header(draft: Draft) -> Iterator[str]:
    """Yield the comments at the top: what it is, what to do, what was found."""
    yield comment(f"Imported by `reconciler import entra` from {draft.file}.")
    yield comment("Fill in what is marked TODO, then: reconciler validate")
    for kind, title in TITLES.items():
        found = draft.listed(kind)
        if found:
            yield "#"
            yield comment(title)
            yield from (comment(f"- {finding}") for finding in found)


def _source(draft: Draft) -> Iterator[str]:
    """Yield where people come from."""
    yield "source:"
    yield "  users: people.csv  # TODO: the export of your people, one row each"
    if _lives(draft.mappings.get("groups", ())):
        yield "  groups: groups.yaml  # TODO: the export of your groups"
    elif any("group" in line.said for line in draft.assignments if line.left_out is None):
        yield "  groups: groups.yaml  # TODO: the export of your groups: some are assigned"


def _head(draft: Draft) -> Iterator[str]:
    """Yield the keys of the application that are single values."""
    if draft.display_name:
        yield f"display_name: {scalar(draft.display_name)}"
    if draft.held:
        yield "enabled: false  # `apply` refuses; look at these, then remove this line:"
        yield from (comment(f"- {why}") for why in draft.held)
    yield "target:"
    yield f"  tenant_url: {PLACEHOLDER_URL}  # TODO: Tenant URL"
    yield f"  secret_token: {{env: {secret_name(draft.name)}}}  # TODO: Secret Token, by reference"
    yield _remarked(f"scope: {draft.scope}", draft.remarks.get("scope"))
    if draft.include_default_access:
        yield _remarked("default_access: include", draft.remarks.get("default_access"))


def secret_name(application: str) -> str:
    """Return the environment variable that an application's token is expected in."""
    word = application.upper().replace("-", "_").strip("_")
    return f"{'APP_' if word[:1].isdigit() else ''}{word}_SECRET_TOKEN"


def _roles_and_assignments(made: Document, draft: Draft) -> None:
    """Add who may use the application, and as what."""
    for key, lines in (("roles", draft.roles), ("assignments", draft.assignments)):
        if lines:
            made.add("", f"    {'' if _lives(lines) else '# '}{key}:{_about(key, draft)}")
            _add_lines(made, key, lines, 6)


def _about(key: str, draft: Draft) -> str:
    """Return the comment on a whole list."""
    remark = draft.remarks.get(key)
    return f"  {comment(remark)}" if remark else ""


def _filters(made: Document, draft: Draft) -> None:
    """Add the scoping filters."""
    if not any(draft.filters.values()):
        return
    live = {table: _lives(draft.filters.get(table, ())) for table in TABLES}
    made.add("", f"    {'' if any(live.values()) else '# '}scoping_filters:")
    for table in TABLES:
        filters = draft.filters.get(table, ())
        if filters:
            made.add(f"      {'' if live[table] else '# '}{table}:")
        for one in filters:
            _add_filter(made, f"scoping_filters.{table}", one)


def _add_filter(made: Document, section: str, one: Filter) -> None:
    """Add one filter."""
    owner, mark = Owner(section, one), "" if one.left_out is None else "# "
    rows = [_remarked(f"- title: {scalar(one.title)}", *one.remarks, one.left_out), "  clauses:"]
    rows += [_remarked(f"    - {flow(line.said)}", *line.remarks) for line in one.clauses]
    made.add(*(f"        {mark}{row}" for row in rows), owner=owner)


def _mappings(made: Document, draft: Draft) -> None:
    """Add the mapping tables."""
    made.add("", "    mappings:")
    for table in TABLES:
        lines = draft.mappings.get(table, [])
        if lines:
            mark = "" if draft.live(table) else "# "
            made.add(f"      {mark}{table}:{_about(table, draft)}")
            _add_lines(made, f"mappings.{table}", lines, 8)
        elif table in draft.remarks:
            made.add(f"      {comment(draft.remarks[table])}")


def _add_lines(made: Document, section: str, lines: Iterable[Line], columns: int) -> None:
    """Add the entries of a list."""
    for line in lines:
        row = f"- {flow(line.said)}"
        if line.left_out is not None:
            row = comment(f"{row}  # left out: {line.left_out}")
        else:
            row = _remarked(row, *line.remarks)
        made.add(" " * columns + row, owner=Owner(section, line))


def _remarked(row: str, *remarks: str | None) -> str:
    """Return a line with a comment behind it, if there is anything to say."""
    said = [remark for remark in remarks if remark]
    return f"{row}  {comment('; '.join(said))}" if said else row


def _lives(items: Iterable[Line | Filter]) -> list[Line | Filter]:
    """Return what is not left out."""
    return [item for item in items if item.left_out is None]
