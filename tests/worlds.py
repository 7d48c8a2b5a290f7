"""A small world for tests of the core: people, an application, and a target in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from reconciler.apply.execute import Run
from reconciler.apply.means import Means
from reconciler.apply.memory import Memory, remembered
from reconciler.apply.report import Report
from reconciler.apply.steps import Stepper
from reconciler.apply.values import Values
from reconciler.config.kept import kept, left_out
from reconciler.config.model import Application
from reconciler.desired import Judge
from reconciler.directory import Directory, SourceGroup, Subject
from reconciler.plan.build import build_plan
from reconciler.plan.document import Body, Verdict
from reconciler.plan.operation import Action, Operation
from reconciler.plan.request import PlanRequest
from reconciler.ports import Notes
from reconciler.profiles.model import GENERIC, Profile
from reconciler.register import Register
from reconciler.scim.bulk import BulkOperation
from reconciler.scim.capabilities import Capabilities
from reconciler.scim.errors import Conflict, TargetError
from reconciler.scim.paths import parse_path
from reconciler.scim.resource import drop, put, reader
from reconciler.scim.schema import CORE, Schemas
from reconciler.source.crowd import Crowd
from reconciler.source.laid import Laid
from reconciler.states import Listing, LiveState, Recorded, Resource, ResourceType

AS_OF = date(2026, 11, 23)
MIDNIGHT = datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC)
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CAPABILITIES = Capabilities.from_discovery(None, None, None)

USER_MAPPINGS: list[dict[str, Any]] = [
    {"target": "userName", "source": "userPrincipalName", "match": 1},
    {"target": "externalId", "source": "objectId", "match": 2},
    {
        "target": "active",
        "expression": 'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
    },
    {"target": "displayName", "source": "displayName"},
    {"target": "title", "source": "jobTitle", "default": "Employee"},
    {
        "target": 'roles[primary eq "True"].value',
        "expression": "SingleAppRoleAssignment([appRoleAssignments])",
    },
    {"target": f"{ENTERPRISE}:manager", "source": "manager"},
]
GROUP_MAPPINGS: list[dict[str, Any]] = [
    {"target": "displayName", "source": "displayName", "match": 1},
    {"target": "externalId", "source": "objectId"},
    {"target": "members", "source": "members"},
]
ROLES: list[dict[str, Any]] = [
    {"name": "Administrator", "value": "admin", "privileged": True},
    {"name": "User", "value": "user"},
]


def application(**changes: Any) -> Application:
    """Return an application that assigns the group Staff the role User."""
    values: dict[str, Any] = {
        "target": {"tenant_url": "http://127.0.0.1:9/v2", "secret_token": {"env": "T"}},
        "roles": ROLES,
        "assignments": [{"group": "Staff", "role": "User"}],
        "mappings": {"users": USER_MAPPINGS, "groups": GROUP_MAPPINGS},
    }
    return Application.model_validate_json(json.dumps({**values, **changes}))


def person(anchor: str, **cells: str) -> Subject:
    """Return a person called *anchor* in contoso.example; cells override what they say."""
    enabled = cells.pop("accountEnabled", "true") == "true"
    deleted = cells.pop("isDeleted", "false") == "true"
    values = {
        "objectId": anchor,
        "userPrincipalName": f"{anchor}@contoso.example",
        "displayName": anchor.title(),
        **cells,
    }
    return Subject(anchor, {k: v for k, v in values.items() if v}, enabled, deleted)


def group(anchor: str, name: str, *members: str, **cells: str) -> SourceGroup:
    """Return a source group."""
    return SourceGroup(anchor, name, members, {"objectId": anchor, "displayName": name, **cells})


def directory(people: Iterable[Subject], groups: Iterable[SourceGroup] | None = None) -> Directory:
    """Return a directory; without groups, everybody is in the group Staff."""
    listed = {subject.anchor: subject for subject in people}
    if groups is None:
        groups = [group("g-staff", "Staff", *listed)]
    return Directory(listed, {one.anchor: one for one in groups}, 0, "0" * 64)


def in_a_crowd(known: Directory) -> Directory:
    """Return *known* with people whose rows are laid aside, as those of a large file are."""
    people = [*known.subjects.values()]
    laid = Laid([*dict.fromkeys(name for one in people for name in one.attributes)])
    laid.lay_rows([dict(one.attributes) for one in people])
    anchors = Register([one.anchor for one in people])
    flags = [[one.enabled for one in people], [one.deleted for one in people]]
    return replace(known, subjects=Crowd(anchors, laid, *flags))


def listing(resources: Sequence[Resource]) -> Listing:
    """Return a complete listing."""
    return Listing(tuple(resources), len(resources), complete=True)


class FrozenClock:
    """A clock that stands still and never waits."""

    def now(self) -> datetime:
        """Return the start of the plan's day."""
        return datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        """Return at once."""


@dataclass
class CountedChance:
    """Bytes that differ each time and are known beforehand."""

    asked: int = 0

    def token(self, count: int) -> bytes:
        """Return the next *count* bytes."""
        self.asked += 1
        return hashlib.shake_256(f"chance {self.asked}".encode()).digest(count)


def values(schemas: Schemas = CORE, *, hides: bool = False) -> Values:
    """Return what a run makes and hides."""
    return Values(schemas, MIDNIGHT, CountedChance(), hides)


@dataclass
class MemoryJournal:
    """A journal that forgets at the end of the test."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    def append(self, kind: str, **fields: Any) -> None:
        """Keep a record."""
        self.lines.append({"kind": kind, **json.loads(json.dumps(fields))})

    def append_all(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Keep several records."""
        for record in records:
            fields = {**record}
            self.append(fields.pop("kind"), **fields)

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return what was kept."""
        return tuple(self.lines)


class MemoryTarget:
    """A SCIM service in memory that does exactly what it is told, and counts writes."""

    def __init__(self, schemas: Schemas = CORE) -> None:
        self.capabilities = replace(CAPABILITIES, schemas=schemas)
        self.users: dict[str, Resource] = {}
        self.groups: dict[str, Resource] = {}
        self.writes: list[tuple[str, str]] = []
        self._next = 0

    def _of(self, resource_type: ResourceType) -> dict[str, Resource]:
        return self.users if resource_type is ResourceType.USER else self.groups

    def discover(self) -> Capabilities:
        """Return what the service says of itself."""
        return self.capabilities

    def list(
        self,
        resource_type: ResourceType,
        wanted: frozenset[str] | None = None,
        notes: Notes | None = None,
    ) -> Listing:
        """Return copies of everything."""
        return listing([deepcopy(r) for r in self._of(resource_type).values()])

    def get(self, resource_type: ResourceType, resource_id: str) -> Resource | None:
        """Return a copy of one."""
        return deepcopy(self._of(resource_type).get(resource_id))

    def search(self, resource_type: ResourceType, path: str, value: str) -> Sequence[Resource]:
        """Return those whose attribute equals, without case."""
        read = reader(parse_path(path))
        every = self._of(resource_type).values()
        return [deepcopy(r) for r in every if str(read(r)).lower() == value.lower()]

    def search_many(
        self, resource_type: ResourceType, path: str, values: Sequence[str]
    ) -> Sequence[Sequence[Resource] | None]:
        """Return for each of *values* those whose attribute equals it."""
        return [self.search(resource_type, path, value) for value in values]

    def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        """Create; a name that is taken is a 409."""
        self._refuse_taken(resource_type, body, None)
        self._next += 1
        resource = {**deepcopy(dict(body)), "id": f"id-{self._next}"}
        self._of(resource_type)[resource["id"]] = resource
        self.writes.append(("POST", resource["id"]))
        return deepcopy(resource)

    def patch(
        self,
        resource_type: ResourceType,
        resource_id: str,
        operations: Sequence[Mapping[str, Any]],
        version: str | None = None,
    ) -> None:
        """Apply operations in order; a name that is taken is a 409."""
        resource = deepcopy(self._of(resource_type)[resource_id])
        for operation in operations:
            _patch(resource, operation)
        self._refuse_taken(resource_type, resource, resource_id)
        self.writes.append(("PATCH", resource_id))
        self._of(resource_type)[resource_id] = resource

    def _refuse_taken(
        self, resource_type: ResourceType, body: Mapping[str, Any], own: str | None
    ) -> None:
        """Refuse a userName that another user has."""
        name = body.get("userName")
        others = self.search(resource_type, "userName", name) if name else ()
        if any(other["id"] != own for other in others):
            raise Conflict(409, "taken")

    def add_user(self, user_id: str, user_name: str, **attributes: Any) -> str:
        """Let somebody else make an account, and return its id."""
        self.users[user_id] = {"id": user_id, "userName": user_name, **attributes}
        return user_id

    def add_group(self, group_id: str, name: str, *members: str, **attributes: Any) -> str:
        """Let somebody else make a group, and return its id."""
        listed = [{"value": member} for member in members]
        group = {"id": group_id, "displayName": name, "members": listed, **attributes}
        self.groups[group_id] = group
        return group_id

    def members(self, group_id: str) -> set[str]:
        """Return the ids of the members of a group."""
        return {member["value"] for member in self.groups[group_id].get("members", ())}

    def put(
        self,
        resource_type: ResourceType,
        resource_id: str,
        body: Mapping[str, Any],
        version: str | None = None,
    ) -> None:
        """Replace the whole resource; a name that is taken is a 409."""
        self._refuse_taken(resource_type, body, resource_id)
        self.writes.append(("PUT", resource_id))
        self._of(resource_type)[resource_id] = deepcopy({**body, "id": resource_id})

    def delete(
        self, resource_type: ResourceType, resource_id: str, version: str | None = None
    ) -> None:
        """Delete."""
        self.writes.append(("DELETE", resource_id))
        self._of(resource_type).pop(resource_id, None)

    def bulk(self, operations: Sequence[BulkOperation]) -> Sequence[Resource | TargetError]:
        """Carry out one after the other, as single requests; each has its own end."""
        return [self._one_of_many(operation) for operation in operations]

    def _one_of_many(self, operation: BulkOperation) -> Resource | TargetError:
        kind = next(kind for kind in ResourceType if kind.endpoint == operation.endpoint)
        body, target_id = dict(operation.body or {}), operation.resource_id
        try:
            if target_id is None:
                return {"id": self.create(kind, body)["id"]}
            if operation.method == "PATCH":
                self.patch(kind, target_id, body["Operations"], operation.version)
            elif operation.method == "PUT":
                self.put(kind, target_id, body, operation.version)
            else:
                self.delete(kind, target_id, operation.version)
        except TargetError as error:
            return error
        return {}

    def live(self) -> LiveState:
        """Return the whole state."""
        users, groups = self.list(ResourceType.USER), self.list(ResourceType.GROUP)
        return LiveState(self.capabilities, users, groups)


def _patch(resource: Resource, operation: Mapping[str, Any]) -> None:
    path = parse_path(operation["path"])
    if operation["op"] == "remove":
        drop(resource, path)
    elif operation["op"] == "add" and isinstance(operation["value"], list):
        resource.setdefault(path.attribute, []).extend(deepcopy(operation["value"]))
    else:
        put(resource, path, operation["value"])


@dataclass
class World:
    """A source, an application, a target, and what our journals say."""

    application: Application
    directory: Directory
    target: MemoryTarget = field(default_factory=MemoryTarget)
    recorded: Recorded = field(default_factory=Recorded)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What :func:`application` was given, for changes of a few keys."""
    profile: Profile = GENERIC
    """What is known of the target."""

    def plan(self, **changes: Any) -> Body:
        """Return the plan of this world."""
        schemas = self.target.capabilities.schemas
        known = kept(self.application, self.profile)
        judge = Judge(known, self.directory, MIDNIGHT, schemas)
        values: dict[str, Any] = {
            "name": "app",
            "application": known,
            "profile": self.profile,
            "left_out": left_out(self.application, self.profile),
            "judge": judge,
            "live": self.target.live(),
            "recorded": self.recorded,
            "as_of": FrozenClock().now(),
            "config_sha256": "0" * 64,
        }
        return build_plan(PlanRequest(**{**values, **changes}))

    def apply(self, body: Body, journal: MemoryJournal | None = None) -> Report:
        """Carry out *body* one operation at a time, and remember what became ours."""
        journal = journal or MemoryJournal()
        memory: Memory = remembered(journal.records())
        known = self.target.capabilities
        made = values(known.schemas, hides=bool(body.redacted))
        means = Means.of(self.target, known, memory, FrozenClock(), journal, made, self.profile)
        stepper = Stepper(means)
        report = Run(body.operations, journal, memory, stepper, 1).execute()
        self._remember(journal, body.inputs.filled)
        return report

    def _remember(self, journal: MemoryJournal, filled: Mapping[str, int]) -> None:
        """Fold a journal as :mod:`reconciler.store.history` does."""
        disabled = dict(self.recorded.disabled_on)
        users, groups = len(self.directory.subjects), len(self.directory.groups)
        for record in journal.lines:
            if record["kind"] != "done":
                continue
            kind, target = ResourceType(record["resource_type"]), record["target_id"]
            if {"create", "link"} & set(record["effects"]):
                self.link(record["source_id"], target, kind)
            if "disable" in record["effects"]:
                disabled[target] = AS_OF
            if {"enable", "delete"} & set(record["effects"]):
                disabled.pop(target, None)
            if "delete" in record["effects"]:
                self._forget(kind, target)
        self.recorded = Recorded(self.recorded.links, disabled, "head", users, groups, filled)

    def link(self, anchor: str, target_id: str, kind: ResourceType = ResourceType.USER) -> None:
        """Note that *target_id* is the account of *anchor*, and nobody else's."""
        self._forget(kind, target_id)
        links = {**self.recorded.links, (kind, anchor): target_id}
        self.recorded = replace(self.recorded, links=links)

    def _forget(self, kind: ResourceType, target_id: str) -> None:
        links = {k: v for k, v in self.recorded.links.items() if (k[0], v) != (kind, target_id)}
        self.recorded = replace(self.recorded, links=links)

    def disabled_on(self, **days: date) -> None:
        """Note that we disabled accounts, by their people, on a day."""
        ids = {self.account_of(anchor): day for anchor, day in days.items()}
        self.recorded = replace(self.recorded, disabled_on={**self.recorded.disabled_on, **ids})

    def account_of(self, anchor: str, kind: ResourceType = ResourceType.USER) -> str:
        """Return the id of the account that our journals say is somebody's."""
        return self.recorded.links[kind, anchor]

    def user(self, anchor: str) -> Resource:
        """Return somebody's account as it is on the target."""
        return self.target.users[self.account_of(anchor)]

    def group(self, anchor: str) -> Resource:
        """Return a group as it is on the target."""
        return self.target.groups[self.account_of(anchor, ResourceType.GROUP)]

    def names_in(self, anchor: str) -> set[str]:
        """Return the display names of the accounts in a group."""
        members = self.target.members(self.account_of(anchor, ResourceType.GROUP))
        return {self.target.users[member]["displayName"].lower() for member in members}

    def becomes(
        self,
        people: Iterable[Subject] | None = None,
        groups: Iterable[SourceGroup] | None = None,
        **changes: Any,
    ) -> World:
        """Change the source, or the application, and return the world."""
        if people is not None or groups is not None:
            listed = self.directory.subjects.values() if people is None else people
            self.directory = directory(listed, groups)
        if changes:
            self.settings = {**self.settings, **changes}
            self.application = application(**self.settings)
        return self

    def settle(self) -> None:
        """Plan and apply once, so that everything is ours and as it should be."""
        report = self.apply(self.plan())
        assert report.status == "done", [o for o in report.outcomes if not o.good]


def settled(
    *people: Subject,
    groups: Iterable[SourceGroup] | None = None,
    schemas: Schemas = CORE,
    **changes: Any,
) -> World:
    """Return a world in which everything is as it should be, and all of it ours."""
    source, target = directory(people, groups), MemoryTarget(schemas)
    world = World(application(**changes), source, target, settings=changes)
    world.settle()
    assert not world.plan().operations
    return world


def told(operations: Iterable[Operation]) -> list[tuple[str, str]]:
    """Return action and key of each operation, in order."""
    return [(operation.action.value, operation.key) for operation in operations]


def told_of_users(body: Body) -> list[tuple[str, str]]:
    """Return action and key of each operation on an account, in order."""
    return told(op for op in body.operations if op.resource_type is ResourceType.USER)


def of(body: Body, action: Action) -> list[Operation]:
    """Return the operations with one action."""
    return [operation for operation in body.operations if operation.action is action]


def changes_of(operation: Operation) -> list[tuple[str, Any, Any]]:
    """Return path, before and after of everything that an operation changes."""
    return [(change.path, change.before, change.after) for change in operation.changes]


def verdict(body: Body, guard: str) -> Verdict:
    """Return the verdict of one guard."""
    return next(verdict for verdict in body.guards if verdict.id == guard)


def codes(body: Body) -> dict[str, str]:
    """Return the skip code of everybody who is skipped."""
    return {skipped.source_id: skipped.code for skipped in body.skipped}
