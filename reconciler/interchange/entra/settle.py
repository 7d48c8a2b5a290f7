"""
Amend a draft until the file that it makes loads without errors.

What our format takes is for its loader to say, and not for a second set of
rules here: the draft is written, loaded, and what is complained of is left out
with the loader's own words, until nothing is. A complaint about what should be
there and is not has a remedy (:data:`REMEDIES`); one that nothing here can be
blamed for goes to the user.

Whatever is put in place of something that decides about people keeps the
application switched off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from reconciler.config import Loaded, SourceText, load_config
from reconciler.diagnostics import ConfigError, Diagnostic
from reconciler.interchange.entra.document import Document, Owner, document
from reconciler.interchange.entra.draft import Draft, Filter, Line
from reconciler.interchange.entra.shapes import TableName
from reconciler.mapping import SOFT_DELETED

ROUNDS = 50
"""More than any chain of consequences; each round leaves something out."""

FIELDS = {
    "repeated-match": "match",
    "unfit-match": "match",
    "unfit-value": "default",
}
"""By complaint, the one key that is given up before the whole line is; an assignment's role is
given up whatever the complaint, because nobody may lose an assignment."""

CONFIGURATION = "provisioning.yaml"
"""What complaints call the file that is being made."""

ADDED = "added by the import"

_NAMES: Mapping[TableName, tuple[str, str]] = {
    "users": ("userName", "userPrincipalName"),
    "groups": ("displayName", "displayName"),
}
"""By table, the target and the source that tell resources apart."""


def settle(draft: Draft) -> Loaded:
    """
    Return the configuration that *draft* makes, once it has no errors.

    Raises:
        ConfigError: Something is wrong that no line of the draft can be blamed for.
    """
    for _ in range(ROUNDS):
        if not draft.live("users"):
            _add_match(draft, "users")
        made = document(draft)
        try:
            loaded = load_config(SourceText(CONFIGURATION, made.text))
        except ConfigError as exc:
            if not _mend(draft, made, exc.diagnostics):
                raise
        else:
            _remark(draft, made, loaded.warnings)
            _hold_for_the_left_out(draft)
            return loaded
    message = f"{draft.file}: the import finds no configuration that loads"
    raise ConfigError([Diagnostic("unfit-entra-file", message)])


def _mend(draft: Draft, made: Document, found: Iterable[Diagnostic]) -> bool:
    """Amend the draft; False when one of the complaints cannot be mended here."""
    for problem in found:
        if problem.severity != "error" or problem.code == "too-many-problems":
            continue
        owner = made.owners.get(problem.position.line) if problem.position else None
        remedy = REMEDIES.get(problem.code)
        if remedy is not None:
            remedy(draft, owner)
        elif owner is None:
            return False
        elif owner.item.left_out is None:
            _give_up(draft, owner.item, problem)
            if owner.section == "assignments" and owner.item.left_out is not None:
                draft.hold("an assignment is left out")
    return True


def _give_up(draft: Draft, item: Line | Filter, problem: Diagnostic) -> None:
    """Leave out what is complained of: one key if that is enough, else the line."""
    key = _to_give_up(item, problem) if isinstance(item, Line) else None
    if isinstance(item, Line) and key is not None:
        message = f"without its `{key}`: {problem.message}"
        del item.said[key]
        draft.choice(item.place, message, item)
        if key == "role":
            draft.include_default()
        if key in ("role", "match"):
            draft.hold(f"a `{key}` could not be taken over")
    else:
        draft.leave_out(item, problem.message)


def _to_give_up(line: Line, problem: Diagnostic) -> str | None:
    """Return the key without which the line may do, if there is one."""
    key = "role" if "role" in line.said else FIELDS.get(problem.code)
    return key if key in line.said else None


def _remark(draft: Draft, made: Document, warnings: Iterable[Diagnostic]) -> None:
    """Say on its line what the loader warns of."""
    for warning in warnings:
        owner = made.owners.get(warning.position.line) if warning.position else None
        hint = f"; {warning.hint}" if warning.hint else ""
        if owner is not None:
            draft.choice(owner.item.place, f"{warning.message}{hint}", owner.item)


def _hold_for_the_left_out(draft: Draft) -> None:
    """Keep the application off when a filter or a match could not be taken over."""
    for table, filters in draft.filters.items():
        if any(one.left_out is not None for one in filters):
            draft.hold(f"a scoping filter of {table} is left out")
    for table, lines in draft.mappings.items():
        if any(line.left_out is not None and "match" in line.said for line in lines):
            draft.hold(f"{table} are matched by more in Entra: a mapping with a match is left out")


def _match(draft: Draft, owner: Owner | None) -> None:
    """Match by name what nothing is matched by."""
    table: TableName = "groups" if owner and owner.section == "mappings.groups" else "users"
    _add_match(draft, table)


def _add_match(draft: Draft, table: TableName) -> None:
    """Match by name: with the line that is there, or with one of our own."""
    target, source = _NAMES[table]
    message = f"nothing that {table} are matched by can be used here: they are matched by {target}"
    draft.hold(message)
    for line in _lines_for(draft, table, target):
        if "constant" not in line.said and line.said.get("apply") != "on_create":
            line.said["match"] = 1
            draft.choice(line.place, message, line)
            return
    _replace(draft, table, Line({"target": target, "source": source, "match": 1}, ADDED), message)


def _disable(draft: Draft, owner: Owner | None) -> None:
    """Map `active`, because somebody who is disabled at the source is disabled here."""
    expression = f'Switch([{SOFT_DELETED}], , "False", "True", "True", "False")'
    message = f"no mapping that can be used here reads {SOFT_DELETED}: one to `active` is added"
    draft.hold(message)
    if not any(_reads_soft_deleted(line) for line in draft.mappings["users"]):
        draft.lifecycle.update({"leaves_scope": "keep", "deleted_at_source": "keep"})
        draft.remarks["leaves_scope"] = f"as in Entra without a mapping of {SOFT_DELETED}"
    _replace(draft, "users", Line({"target": "active", "expression": expression}, ADDED), message)


def _reads_soft_deleted(line: Line) -> bool:
    """Say whether a mapping reads the attribute that disables."""
    return f"[{SOFT_DELETED}]" in str(line.said.get("expression")) or (
        line.said.get("source") == SOFT_DELETED
    )


def _replace(draft: Draft, table: TableName, line: Line, why: str) -> None:
    """Add a mapping of our own behind those with the same target, which are left out."""
    lines = draft.mappings.setdefault(table, [])
    index = len(lines)
    for other in _lines_for(draft, table, line.said["target"]):
        draft.leave_out(other, "replaced by a mapping of the import, below")
        index = lines.index(other) + 1
    draft.choice(ADDED, why, line)
    lines.insert(index, line)


def _lines_for(draft: Draft, table: TableName, target: str) -> list[Line]:
    """Return the mappings of one target that are used."""
    wanted = target.casefold()
    return [line for line in draft.live(table) if line.said["target"].casefold() == wanted]


def _assign(draft: Draft, owner: Owner | None) -> None:
    """Without a usable assignment, everybody is meant, and nothing is done."""
    draft.scope = "all"
    draft.hold("no assignment could be taken over")


REMEDIES: Mapping[str, Callable[[Draft, Owner | None], None]] = {
    "nobody-assigned": _assign,
    "nothing-disables": _disable,
    "nothing-matches": _match,
}
"""What to do about something that is not there, by complaint."""
