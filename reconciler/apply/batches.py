"""
What of a plan may run at the same time.

Used by :mod:`reconciler.apply.execute`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import groupby

from reconciler.apply.memory import place_of
from reconciler.plan.many import Some
from reconciler.plan.operation import Operation
from reconciler.plan.order import dependencies


def batches(operations: Sequence[Operation]) -> Iterator[Some]:
    """
    Yield what may run at the same time, in order.

    A wave is one batch, unless an operation needs a value that another one
    frees, or both touch the same resource: then it is several.
    """
    end = 0
    for _, group in groupby(operations, key=lambda operation: operation.wave):
        begin, end = end, end + sum(1 for _ in group)
        wave = Some(operations, range(begin, end))
        before = dependencies(wave)
        level = array("I")
        latest: dict[tuple[str, str], int] = {}
        for index, operation in enumerate(wave):
            place = place_of(operation)
            needed = {level[i] for i in before.get(index, ()) if i < index}
            needed |= {latest[place]} if place in latest else set()
            latest[place] = max(needed, default=-1) + 1
            level.append(latest[place])
        last = max(level)
        for number in range(last + 1):
            chosen = (index for index, one in enumerate(level) if one == number)
            yield wave.at(chosen) if last else wave
