"""
How many people have a value, column by column.

An export that lost a column is a well-formed file: everybody is still there, and
nobody has a department any more. Only columns that the application reads count,
in its mappings and in its scoping filters; what nobody reads may go.

The plan keeps the counts, the journal of its apply keeps them on, and
:mod:`reconciler.plan.source_guards` compares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

from reconciler.config.model import Application
from reconciler.directory import Cell, Directory
from reconciler.expr import parse
from reconciler.mapping import ROLE_ASSIGNMENTS, SOFT_DELETED

_WORKED_OUT = frozenset({SOFT_DELETED, ROLE_ASSIGNMENTS})
"""What mappings read and no column holds."""


BLOCK = 4096
"""People who are counted together; most of them have values in just the same columns."""


def filled_columns(application: Application, directory: Directory) -> dict[str, int]:
    """Return how many people have a value in each column that *application* reads, by name."""
    counts = Counter(directory.filled) if directory.filled is not None else counted(directory)
    return {name: counts[name] for name in sorted(_read(application) - _WORKED_OUT)}


def counted(directory: Directory) -> Counter[str]:
    """Return how many people have a value, by column."""
    counts: Counter[str] = Counter()
    rows = (subject.attributes for subject in directory.subjects.values())
    while alike := Counter(map(_filled, islice(rows, BLOCK))):
        for columns, people in alike.items():
            counts.update(dict.fromkeys(columns, people))
    return counts


def _filled(row: Mapping[str, Cell]) -> tuple[str, ...]:
    """Return the columns in which *row* has a value."""
    if all(row.values()):
        return tuple(row)
    return tuple(name for name, cell in row.items() if cell)


def _read(application: Application) -> set[str]:
    """Return the attributes of people that mappings and scoping filters read."""
    found: set[str] = set()
    for line in application.mappings.users:
        if line.expression is not None:
            found |= parse(line.expression).attributes
        elif line.source is not None:
            found.add(line.source)
    for one in application.scoping_filters.users or ():
        found |= {clause.attribute for clause in one.clauses}
    return found
