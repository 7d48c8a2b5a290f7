"""Three people, the group Staff that gives them their accounts, and the group Team."""

from typing import Any

from reconciler.directory import SourceGroup
from reconciler.plan.document import Body
from reconciler.plan.operation import Action
from tests.worlds import World, group, of, person, settled

STAFF = {"group": "Staff", "role": "User"}
BOTH = [STAFF, {"group": "Team"}]


def team(*members: str, staff: tuple[str, ...] = ("ada", "bob", "cyd")) -> list[SourceGroup]:
    """Return Staff, who all have an account, and Team."""
    return [group("g-staff", "Staff", *staff), group("g-team", "Team", *members)]


def company(*members: str, **changes: Any) -> World:
    """Return a settled world of three people in which *members* are in Team."""
    people = [person(name) for name in ("ada", "bob", "cyd")]
    return settled(*people, groups=team(*members), **{"assignments": BOTH, **changes})


def removed(body: Body) -> list[str]:
    """Return who is taken out of a group, by display."""
    found = [op.change_of("members") for op in of(body, Action.REMOVE_MEMBERS)]
    return [member["display"] for change in found if change for member in change.before]


def added(body: Body) -> list[str]:
    """Return who is put into a group, by display; also who is only created by the plan."""
    names: list[str] = []
    for operation in of(body, Action.ADD_MEMBERS):
        change = operation.change_of("members")
        names += [member["display"] for member in change.after] if change else []
        names += [reference.display for reference in operation.references]
    return names
