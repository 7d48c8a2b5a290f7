"""
A firm whose whole table of changes happens in one plan, on any service.

:func:`played` hires everybody, plans and applies; lets every row of the table
change its own person or group; plans and applies again; and plans a third time.
What the service showed before and after is kept as flat values, with people and
groups in the place of ids, so that a test compares it without our own code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from reconciler.live.client import ScimTarget
from reconciler.states import ResourceType
from tests.e2e.company import Company, Ended, account

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
UNLIMITED = {"at_most": 10_000, "percent": 100}
LIMITS = (
    "accidental_deletions",
    "delete_users",
    "delete_groups",
    "empty_groups",
    "remove_members",
    "group_members",
    "revoke_roles",
    "rename_users",
    "enable_users",
    "create_users",
)
SAFETY = {
    **dict.fromkeys(LIMITS, UNLIMITED),
    "half_gone": {"percent": 100},
    "single_cause": {"percent": 100},
    "source_shrinks": {"percent": 100},
    "min_admins": 0,
}
"""Here every row changes, which no real firm does in a day."""

SINGLE = [
    {
        "target": 'roles[primary eq "True"].value',
        "expression": "SingleAppRoleAssignment([appRoleAssignments])",
    }
]
LISTED = [
    {"target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"}
]
COPIED = {
    "displayName": "displayName",
    "title": "jobTitle",
    "name.givenName": "givenName",
    "name.familyName": "surname",
    'emails[type eq "work"].value': "mail",
    'addresses[type eq "work"].locality': "city",
    f"{ENTERPRISE}:employeeNumber": "employeeId",
    f"{ENTERPRISE}:department": "department",
    f"{ENTERPRISE}:manager": "manager",
}
"""Target by source; where the source is null, the target is cleared."""

USER_MAPPINGS: list[dict[str, Any]] = [
    {"target": "userName", "source": "userPrincipalName", "match": 1},
    {"target": "externalId", "source": "objectId", "match": 2},
    {"target": "active", "expression": "Not([IsSoftDeleted])"},
    {"target": 'emails[type eq "work"].primary', "source": "mailIsPrimary"},
    *({"target": target, "source": source, "clear": True} for target, source in COPIED.items()),
]
GROUP_MAPPINGS: list[dict[str, Any]] = [
    {"target": "displayName", "source": "displayName", "match": 1},
    {"target": "externalId", "source": "objectId"},
    {"target": "members", "source": "members"},
]
ROLES: list[dict[str, Any]] = [
    {"name": "Administrator", "value": "admin", "privileged": True},
    {"name": "Auditor", "value": "auditor"},
    {"name": "User", "value": "user"},
]
EVERYBODY = "Everybody"
"""The group that assigns everybody the role User; it is a group of the service, too."""

SERVERS_OWN = {"meta", "schemas", "groups", "manager.$ref", "manager.displayName"}
"""Paths that are the service's to say."""

Flat = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """A row: what becomes of one person, and what the service must show of it."""

    id: str
    before: Mapping[str, str] | None
    """Cells of the source; None for who comes with the change."""
    after: Mapping[str, str] | None
    """Cells of the source; None for who is not in it any more."""
    actions: Sequence[str]
    shows: Mapping[str, Any] | None
    """Everything that differs afterwards, by flat path; None for what is gone."""
    roles: tuple[Sequence[str], Sequence[str]] = ((), ())
    """Roles that the person has besides User, before and after."""


@dataclass(frozen=True)
class Group:
    """A row: what becomes of one group."""

    id: str
    before: Sequence[str]
    """Members, by anchor."""
    after: Sequence[str] | None
    """None for a group that is assigned no longer."""
    actions: Sequence[str]
    name: tuple[str, str] | None = None
    """The display names before and after, where they are not the row's own."""

    def called(self, then: int) -> str:
        """Return the display name before (0) or after (1)."""
        return self.name[then] if self.name else self.id


@dataclass
class Firm(Company):
    """A company with a table; its source is JSON, so that any text can stand in it."""

    mappings: list[dict[str, Any]] = field(default_factory=list)

    def settings(self) -> dict[str, Any]:
        settings = super().settings()
        settings["source"] = {"kind": "files", "users": "people.json", "groups": "groups.json"}
        settings["applications"]["app"].update(
            roles=ROLES,
            mappings={"users": [*USER_MAPPINGS, *self.mappings], "groups": GROUP_MAPPINGS},
            safety=SAFETY,
            lifecycle={"leaves_scope": "delete", "deleted_at_source": "delete"},
        )
        return settings

    def write_source(self) -> None:
        rows = [{"objectId": anchor, **cells} for anchor, cells in self.people.items()]
        (self.folder / "people.json").write_text(json.dumps(rows), "utf-8")
        (self.folder / "groups.json").write_text(json.dumps(self.groups), "utf-8")

    def becomes(self, rows: Sequence[Person], groups: Sequence[Group], then: int) -> None:
        """Let the source be what the table says of before (0) or after (1)."""
        cells = {row.id: (row.before, row.after)[then] for row in rows}
        self.people = {
            anchor: {
                "userPrincipalName": f"{anchor}@contoso.example",
                "displayName": anchor,
                "accountEnabled": "true",
                **said,
            }
            for anchor, said in cells.items()
            if said is not None
        }
        members = [(row, (row.before, row.after)[then]) for row in groups]
        there = [(row, listed) for row, listed in members if listed is not None]
        self.groups = [
            {"objectId": EVERYBODY, "displayName": EVERYBODY, "members": list(self.people)},
            *(
                {"objectId": row.id, "displayName": row.called(then), "members": list(listed)}
                for row, listed in there
            ),
        ]
        self.application["assignments"] = [
            {"group": EVERYBODY, "role": "User"},
            *({"group": row.id} for row, _ in there),
            *(
                {"user": row.id, "role": role}
                for row in rows
                if row.id in self.people
                for role in row.roles[then]
            ),
        ]


@dataclass
class Seen:
    """What a service holds, flat, by anchor."""

    people: dict[str, Flat]
    groups: dict[str, Flat]


@dataclass
class Round:
    """One plan, applied, and what the service shows then."""

    operations: list[tuple[str, str]]
    """Action and anchor of each operation."""
    apply: Ended
    seen: Seen

    def done_to(self, anchor: str) -> list[str]:
        """Return the actions on one person or group."""
        return [action for action, whom in self.operations if whom == anchor]


def settle(firm: Firm, target: ScimTarget) -> Round:
    """Plan and apply; an apply that is partial is for the tests to judge."""
    firm.plan()
    operations = operations_of(firm)
    ended = firm.run("apply", "--auto-approve", firm.newest())
    return Round(operations, ended, look(target))


def operations_of(firm: Firm) -> list[tuple[str, str]]:
    """Return action and anchor of each operation of the newest plan."""
    return [(op["action"], op["source_id"]) for op in firm.body()["operations"]]


@dataclass
class Story:
    """What became of the table on one service."""

    before: Round
    after: Round
    left: list[tuple[str, str]]
    """What the plan after that still wants; nothing, it is hoped."""


def played(
    firm: Firm, target: ScimTarget, rows: Sequence[Person], groups: Sequence[Group] = ()
) -> Story:
    """Let the whole table happen on one service."""
    firm.becomes(rows, groups, 0)
    before = settle(firm, target)
    firm.becomes(rows, groups, 1)
    after = settle(firm, target)
    firm.plan()
    return Story(before, after, operations_of(firm))


def populate(target: ScimTarget, anchors: Sequence[str]) -> None:
    """Let accounts be there already, as the mappings would have made them."""
    bodies = [
        account(f"{anchor}@contoso.example", externalId=anchor, displayName=anchor)
        for anchor in anchors
    ]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda body: target.create(ResourceType.USER, body), bodies))


def look(target: ScimTarget) -> Seen:
    """Return everything that the service holds; everything on it is ours."""
    users, groups = (target.list(kind) for kind in (ResourceType.USER, ResourceType.GROUP))
    assert (users.problem, groups.problem) == (None, None)
    everything = (*users.resources, *groups.resources)
    anchors = {resource["id"]: resource["externalId"] for resource in everything}
    people, teams = (
        {each["externalId"]: dict(_flat("", each, anchors)) for each in listing.resources}
        for listing in (users, groups)
    )
    return Seen(people, teams)


def _flat(path: str, value: Any, anchors: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield each leaf under a path of ours; elements of lists are told apart by their type."""
    if path in SERVERS_OWN or value in (None, []):
        return
    if path in ("members", "roles"):
        yield path, sorted(anchors.get(each["value"], each["value"]) for each in value)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            below = [path, *([] if name == ENTERPRISE else [name])]
            yield from _flat(".".join(filter(None, below)), inner, anchors)
    elif isinstance(value, list):
        for element in value:
            yield from _flat(f"{path}[{element.get('type')}]", element, anchors)
    else:
        yield path, anchors.get(value, value) if path == "manager.value" else value


def differences(before: Flat, after: Flat) -> Flat | None:
    """Return everything in which a resource differs, as it is afterwards; None when it is gone."""
    if not after:
        return None
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    return {path: after.get(path) for path in changed if before or path != "id"}
