"""Three people, the group Staff that gives them their accounts, and the group Team."""

from typing import Any

from reconciler.directory import SourceGroup
from tests.worlds import World, group, person, settled

STAFF = {"group": "Staff", "role": "User"}
BOTH = [STAFF, {"group": "Team"}]


def team(*members: str, staff: tuple[str, ...] = ("ada", "bob", "cyd")) -> list[SourceGroup]:
    """Return Staff, who all have an account, and Team."""
    return [group("g-staff", "Staff", *staff), group("g-team", "Team", *members)]


def company(*members: str, **changes: Any) -> World:
    """Return a settled world of three people in which *members* are in Team."""
    people = [person(name) for name in ("ada", "bob", "cyd")]
    return settled(*people, groups=team(*members), **{"assignments": BOTH, **changes})
