"""
What the accounts of many people should show, worked out column by column.

Most people are judged alike: they are in scope, and each of their values comes from one
or two cells, of which there are few different ones. So each line of the mapping table is
worked out once for every text that it meets, and handed to all who have it. Whoever is
not judged alike is left to :meth:`reconciler.desired.Judge.user`, which the result is
held against (``tests/property/test_judge_laws.py``).

Used by :mod:`reconciler.plan.settle`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from reconciler.desired import Ground, Judge, grants
from reconciler.directory import People
from reconciler.expr import EvaluationError
from reconciler.lines import ROLE_ASSIGNMENTS, SOFT_DELETED, Line
from reconciler.mapping import GUEST
from reconciler.scope.assignments import USER_NAME
from reconciler.shapes import MappingError
from reconciler.states import UNREAD, Columns, ReferenceTo

REMEMBERED: Final = 1 << 14
"""Different texts of one line whose values are remembered."""

MOSTLY: Final = 0.75
"""Part of some texts that are new, from which on no text is remembered any more."""

ENOUGH: Final = 4_000
"""Remembered texts that say whether texts come back."""

_PLAIN: Final = frozenset({str, bool, type(None), ReferenceTo})
_FAILED: Final = object()
"""Stands for a value that cannot be worked out."""

_ODD: Final = (UNREAD, _FAILED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What accounts should show."""

    columns: Columns
    """For each of the asked lines a value of everybody: text, truth, reference, nothing."""
    plain: Sequence[bool]
    """Who is judged by that; everybody else is to be judged alone."""


class Abreast:
    """Judges people some at a time."""

    def __init__(self, judge: Judge, lines: Sequence[Line]) -> None:
        """Prepare; *lines* of the judge's table of people are those that are asked for."""
        self._judge = judge
        self._works = [_Work(line) for line in judge.users.apart]
        self._reads_roles = any(ROLE_ASSIGNMENTS in line.reads for line in judge.users.apart)
        places = {id(line): at for at, line in enumerate(judge.users.apart)}
        self._asked = [places[id(line)] for line in lines]
        name = judge.users.name
        self._name = None if name is None else places[id(name)]

    def judge(self, people: People) -> Wanted | None:
        """Return what the accounts of *people* should show; None: each is to be judged alone."""
        grounds = self._grounds(people)
        plain = [ground.wanted for ground in grounds]
        if not any(plain):
            return None
        cells = {**people.cells, **self._computed(grounds)}
        columns = [work.column(cells, len(people)) for work in self._works]
        for at, work in enumerate(self._works):
            if work.is_odd:
                odd = _ODD if at in self._asked else (_FAILED,)
                plain = [a and b not in odd for a, b in zip(plain, columns[at], strict=True)]
        plain = self._without_guests(plain, people)
        if self._name is not None:
            plain = self._in_domains(plain, columns[self._name])
        return Wanted([columns[at] for at in self._asked], plain)

    def _grounds(self, people: People) -> list[Ground]:
        """Return what standing and roles decide of each."""
        ground, decisions = self._judge.ground, self._judge.scope.decide_all(people)
        alike = [*zip(map(id, decisions), people.enabled, people.deleted, strict=True)]
        by_id = {id(decision): decision for decision in decisions}
        grounds = {
            (one, on, gone): ground(by_id[one], enabled=on, deleted=gone)
            for one, on, gone in {*alike}
        }
        return [*map(grounds.__getitem__, alike)]

    def _computed(self, grounds: Sequence[Ground]) -> Mapping[str, Sequence[Any]]:
        """Return what standing and roles say, as expressions see it of who is wanted."""
        found: dict[str, Sequence[Any]] = {SOFT_DELETED: ["False"] * len(grounds)}
        if self._reads_roles:
            roles = {id(one.decision): grants(one.decision) for one in grounds}
            found[ROLE_ASSIGNMENTS] = [roles[id(one.decision)] for one in grounds]
        return found

    def _without_guests(self, plain: list[bool], people: People) -> list[bool]:
        """Leave out of *plain* whose name expressions see in another way."""
        names = people.cells.get(USER_NAME, ())
        if GUEST not in "\0".join(names):
            return plain
        return [a and GUEST not in name for a, name in zip(plain, names, strict=True)]

    def _in_domains(self, plain: list[bool], names: Sequence[Any]) -> list[bool]:
        """Leave out of *plain* whose name is in no registered domain, or cannot be told."""
        if self._judge.domains.allows_all:
            return plain
        problem = self._judge.domains.problem
        pairs = zip(plain, names, strict=True)
        return [a and isinstance(name, str) and problem(name) is None for a, name in pairs]


class _Work:
    """Works one line out, once for all who have the same texts."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._yields, self._names = line.afresh, (*sorted(line.reads),)
        self._name = self._names[0] if len(self._names) == 1 else None
        self._for_many = None if self._name is None else line.for_many()
        self._known: dict[Any, Any] = {}
        self.is_odd = False
        """Whether there was ever a value that no column can say."""
        self._forgets = False
        """Whether texts hardly ever come back: then, to remember them only takes time."""

    def column(self, cells: Mapping[str, Sequence[Any]], many: int) -> Sequence[Any]:
        """Return a value for each of so *many* people, of whom expressions see *cells*."""
        blank = ("",) * many
        if self.line.copies is not None:
            texts = cells.get(self.line.copies, blank)
            return [text or None for text in texts] if "" in texts else texts
        if self._name is not None:
            return self._values(cells.get(self._name, blank))
        columns = [cells.get(name, blank) for name in self._names]
        return self._values([*zip(*columns, strict=True)] if columns else [()] * many)

    def _values(self, texts: Sequence[Any]) -> Sequence[Any]:
        """Return the value for each of *texts*, or tuples of them."""
        if self._forgets:
            return self._worked_out(texts)
        new = {*texts}.difference(self._known)
        if len(new) > len(texts) * MOSTLY and len(self._known) >= ENOUGH:
            self._forgets, self._known = True, {}
            return self._worked_out(texts)
        if new:
            if len(self._known) + len(new) > REMEMBERED:
                self._known, new = {}, {*texts}
            self._known.update(zip(new, self._worked_out([*new]), strict=True))
        return [*map(self._known.__getitem__, texts)]

    def _worked_out(self, texts: Sequence[Any]) -> Sequence[Any]:
        """Return the value for each of *texts*: mostly, all can be worked out, and are plain."""
        name, yields = self._name, self._yields
        if name is not None and "" not in texts:
            with suppress(EvaluationError):
                made = None if self._for_many is None else self._for_many(texts)
                if made is not None:
                    return [text or None for text in made]
            with suppress(MappingError):  # then it is found out whose it is
                values = [yields({name: text}) for text in texts]
                if _PLAIN.issuperset(map(type, values)):
                    return values
        return [*map(self._value, texts)]

    def _value(self, texts: Any) -> Any:
        """Return the value where the columns that are read say this."""
        if self._name is not None:
            cells = {self._name: texts} if texts else {}
        else:
            cells = {name: text for name, text in zip(self._names, texts, strict=True) if text}
        try:
            value: Any = self._yields(cells)
        except MappingError:
            value = _FAILED
        if type(value) in _PLAIN:
            return value
        self.is_odd = True
        return value if value is _FAILED else UNREAD
