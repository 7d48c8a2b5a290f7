"""
Who ``--user``, ``--group`` and ``explain`` mean.

A person is named by userPrincipalName (in any case) or objectId, a group by
displayName or objectId, as in assignments. A guest is also known by the name
from home, which is how plans show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.diagnostics import ConfigError, Diagnostic, nearest
from reconciler.directory import Directory, InBlocks, Subject
from reconciler.mapping import as_entra_sees
from reconciler.scim.folding import fold

USER_NAME = "userPrincipalName"
NAMED_BY = {"user": USER_NAME, "group": "displayName"}


def find_subject(directory: Directory, name: str) -> Subject:
    """
    Return the one person called *name*.

    Raises:
        ConfigError: With `unknown-user` or `ambiguous-user`.
    """
    subjects, wanted = directory.subjects, fold(name)
    if name in subjects:
        return subjects[name]
    found = [anchor for anchor, known in _names(directory) if fold(known) == wanted] or [
        s.anchor for s in subjects.values() if name and fold(_name_from_home(s)) == wanted
    ]
    if len(found) == 1:
        return subjects[found[0]]
    if found:
        message = f'"{name}" stands for {len(found)} people of the source'
        raise ConfigError([Diagnostic("ambiguous-user", message, hint="name an objectId")])
    raise _unknown("user", name, (known for _, known in _names(directory)))


def _names(directory: Directory) -> Iterator[tuple[str, str]]:
    """Yield objectId and userPrincipalName of everybody who has one; many are not made for that."""
    subjects = directory.subjects
    if isinstance(subjects, InBlocks):
        for people in subjects.blocks():
            names = people.cells.get(USER_NAME, ())
            yield from (
                (anchor, name) for anchor, name in zip(people.anchors, names, strict=False) if name
            )
        return
    for one in subjects.values():
        if USER_NAME in one.attributes:
            yield one.anchor, str(one.attributes[USER_NAME])


def _name_from_home(subject: Subject) -> str:
    """Return the userPrincipalName as Entra reads it."""
    return str(as_entra_sees(dict(subject.attributes)).get(USER_NAME, ""))


def selected(
    directory: Directory, users: Sequence[str], groups: Sequence[str]
) -> frozenset[str] | None:
    """
    Return the anchors that a plan is limited to; None when nothing was named.

    Raises:
        ConfigError: A name stands for nobody, or for several.
    """
    if not users and not groups:
        return None
    anchors = {find_subject(directory, name).anchor for name in users}
    return frozenset(anchors | set(_groups(directory, groups)))


def _groups(directory: Directory, names: Iterable[str]) -> Iterator[str]:
    """Yield the anchors of groups."""
    for name in names:
        found = [g.anchor for g in directory.groups.values() if name in {g.anchor, g.display_name}]
        if not found:
            raise _unknown("group", name, (g.display_name for g in directory.groups.values()))
        if len(found) > 1:
            message = f'"{name}" stands for {len(found)} groups of the source'
            raise ConfigError([Diagnostic("ambiguous-group", message, hint="name an objectId")])
        yield found[0]


def _unknown(kind: str, name: str, known: Iterable[str]) -> ConfigError:
    """Return the complaint that the source holds nobody called *name*."""
    close = nearest(name, known)
    hint = f"name it by {NAMED_BY[kind]} or objectId"
    hint = f'did you mean "{close}"? If not, {hint}' if close else hint
    message = f'the source has no {kind} "{name}"'
    return ConfigError([Diagnostic(f"unknown-{kind}", message, hint=hint)])
