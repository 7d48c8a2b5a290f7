"""
Which kind of service a seed is about.

Each run takes one value of each class. Runs of the same block of :data:`BLOCK` seeds
take rows of one shuffled table in which every pair of values of two classes occurs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from random import Random
from typing import Any

from tests.simulate.company import Variant
from tests.simulate.service import Traits

CLASSES: Mapping[str, Sequence[Any]] = {
    "unique": ("exact", "folded", "none"),
    "version": ("none", "strong", "constant", "restless"),
    "lag": ((0.0, (2, 1)), (2.0, (3, 1)), (6.0, (3, 2))),
    "replica": (0.3, 1.0),
    "late": ((0.0, 10), (2.0, 10), (8.0, 10), (40.0, 60)),
    "page": (3, 100),
    "update": ("patch", "put"),
    "leaves_scope": ("disable", "delete", "keep"),
    "deleted_at_source": ("disable", "delete"),
}
"""The values of each class; lag and late go with what the profile says of them."""
Row = tuple[Any, ...]


def classes(seed: int) -> tuple[Traits, Variant]:
    """Return the kind of service, and the configuration, of a seed."""
    table = covering()
    block, place = divmod(seed, len(table))
    row = dict(zip(CLASSES, Random(f"{block} rows").sample(table, len(table))[place], strict=True))
    (lag, looks), (late, settle) = row["lag"], row["late"]
    traits = Traits(
        unique=row["unique"],
        version=row["version"],
        lag=lag,
        replica=row["replica"] if lag else 0.0,
        late=late,
        page=row["page"],
    )
    variant = Variant(
        leaves_scope=row["leaves_scope"],
        deleted_at_source=row["deleted_at_source"],
        update=row["update"],
        looks=looks,
        settle=settle,
    )
    return traits, variant


@cache
def covering() -> tuple[Row, ...]:
    """Return rows in which every two values of two classes occur together, greedily few."""
    missing = set(_pairs_of_all())
    chance, rows = Random("rows"), []
    while missing:
        tried = [tuple(chance.choice(values) for values in CLASSES.values()) for _ in range(60)]
        best = max(tried, key=lambda row: len(missing & set(_pairs(row))))
        rows.append(best)
        missing -= set(_pairs(best))
    return tuple(rows)


def _pairs(row: Row) -> Iterator[tuple[int, Any, int, Any]]:
    for (i, one), (j, other) in combinations(enumerate(row), 2):
        yield i, one, j, other


def _pairs_of_all() -> Iterator[tuple[int, Any, int, Any]]:
    for (i, ones), (j, others) in combinations(enumerate(CLASSES.values()), 2):
        for one, other in product(ones, others):
            yield i, one, j, other


def pairs_of(traits: Traits, variant: Variant) -> Iterator[str]:
    """Yield the names of all pairs of values that a company is about."""
    values = {
        "unique": traits.unique,
        "version": traits.version,
        "lag": traits.lag,
        "late": traits.late,
        "page": traits.page,
        "update": variant.update,
        "leaves_scope": variant.leaves_scope,
        "deleted_at_source": variant.deleted_at_source,
    }
    for (one, this), (other, that) in combinations(values.items(), 2):
        yield f"{one} {this}, {other} {that}"
