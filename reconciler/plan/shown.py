"""
Whether a live resource shows what a plan wrote.

Called before and after each operation (:mod:`reconciler.apply.observe`), and for what
was changed by hand since (:mod:`reconciler.plan.drift`).
"""

from __future__ import annotations

from functools import lru_cache

from reconciler.diff import Comparator
from reconciler.diff.normalize import boolean, reference_id
from reconciler.plan.generated import is_generated
from reconciler.plan.operation import Change
from reconciler.scim.roles import is_role_list, lost_roles
from reconciler.states import Resource


def shows_change(comparator: Comparator, live: Resource, change: Change) -> bool:
    """Say whether *live* shows what *change* wants; roles that it only adds may have company."""
    if is_role_list(change.path) and not lost_roles(change.before, change.after):
        there = comparator.attribute(change.path).read(live)
        return not comparator.missing_roles(there, change.after)
    return shows(comparator, live, change.path, change.after)


def shows(comparator: Comparator, live: Resource, path: str, wanted: object) -> bool:
    """
    Say whether *live* holds *wanted* at *path*, by schema; a reference by its id.

    Of what was generated for a request whose answer was lost nobody knows more
    than that there is something.
    """
    if is_generated(wanted):
        return comparator.live_value(live, path) not in (None, "")
    there = comparator.attribute(path).read(live)
    if is_reference(path):
        return reference_id(there) == wanted
    if _is_active(path) and (wanted is None or boolean(wanted) is True):
        return comparator.active(live)
    if there.__class__ is wanted.__class__ is str and there == wanted:
        return True  # the same text is the same by any schema
    return comparator.same(path, there, wanted)


@lru_cache(maxsize=1_024)
def _is_active(path: str) -> bool:
    return path.lower() == "active"


@lru_cache(maxsize=1_024)
def is_reference(path: str) -> bool:
    """Say whether the value at *path* is the id of somebody else."""
    return path.lower().endswith(("manager", "manager.value"))
