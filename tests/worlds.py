"""A small world for tests of the core: people, an application, and a target in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from reconciler.apply.execute import Run
from reconciler.apply.memory import Memory, remembered
from reconciler.apply.observe import Observer
from reconciler.apply.report import Report
from reconciler.apply.steps import Stepper
from reconciler.config.model import Application
from reconciler.desired import Judge
from reconciler.directory import Directory, SourceGroup, Subject
from reconciler.plan.build import PlanRequest, build_plan
from reconciler.plan.document import Body
from reconciler.plan.operation import Action, Operation
from reconciler.scim.capabilities import Capabilities
from reconciler.scim.errors import Conflict
from reconciler.scim.paths import parse_path
from reconciler.scim.resource import drop, put, reader
from reconciler.scim.schema import CORE
from reconciler.states import Listing, LiveState, Recorded, Resource, ResourceType

AS_OF = date(2026, 11, 23)
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
ROLES = [
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


def group(anchor: str, name: str, *members: str) -> SourceGroup:
    """Return a source group."""
    return SourceGroup(anchor, name, members, {"objectId": anchor, "displayName": name})


def directory(people: Iterable[Subject], groups: Iterable[SourceGroup] | None = None) -> Directory:
    """Return a directory; without groups, everybody is in the group Staff."""
    listed = {subject.anchor: subject for subject in people}
    if groups is None:
        groups = [group("g-staff", "Staff", *listed)]
    return Directory(listed, {one.anchor: one for one in groups}, 0, "0" * 64)


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
class MemoryJournal:
    """A journal that forgets at the end of the test."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    def append(self, kind: str, **fields: Any) -> None:
        """Keep a record."""
        self.lines.append({"kind": kind, **json.loads(json.dumps(fields))})

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return what was kept."""
        return tuple(self.lines)


class MemoryTarget:
    """A SCIM service in memory that does exactly what it is told, and counts writes."""

    def __init__(self) -> None:
        self.users: dict[str, Resource] = {}
        self.groups: dict[str, Resource] = {}
        self.writes: list[tuple[str, str]] = []
        self._next = 0

    def _of(self, resource_type: ResourceType) -> dict[str, Resource]:
        return self.users if resource_type is ResourceType.USER else self.groups

    def discover(self) -> Capabilities:
        """Return what RFC 7643 says."""
        return CAPABILITIES

    def list(self, resource_type: ResourceType) -> Listing:
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

    def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        """Create; a userName that is taken is a 409."""
        name = body.get("userName")
        if name and self.search(resource_type, "userName", name):
            raise Conflict(409, "taken")
        self._next += 1
        resource = {**deepcopy(dict(body)), "id": f"id-{self._next}"}
        self._of(resource_type)[resource["id"]] = resource
        self.writes.append(("POST", resource["id"]))
        return deepcopy(resource)

    def patch(
        self, resource_type: ResourceType, resource_id: str, operations: Sequence[Mapping[str, Any]]
    ) -> None:
        """Apply operations in order."""
        resource = self._of(resource_type)[resource_id]
        self.writes.append(("PATCH", resource_id))
        for operation in operations:
            _patch(resource, operation)

    def delete(self, resource_type: ResourceType, resource_id: str) -> None:
        """Delete."""
        self.writes.append(("DELETE", resource_id))
        self._of(resource_type).pop(resource_id, None)

    def live(self) -> LiveState:
        """Return the whole state."""
        return LiveState(CAPABILITIES, self.list(ResourceType.USER), self.list(ResourceType.GROUP))


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

    def plan(self, **changes: Any) -> Body:
        """Return the plan of this world."""
        judge = Judge(self.application, self.directory, AS_OF, CORE)
        values: dict[str, Any] = {
            "name": "app",
            "application": self.application,
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
        stepper = Stepper(self.target, Observer(CORE), memory, FrozenClock(), journal)
        report = Run(body.operations, journal, memory, stepper, 1).execute()
        self._remember(journal)
        return report

    def _remember(self, journal: MemoryJournal) -> None:
        links = dict(self.recorded.links)
        disabled = dict(self.recorded.disabled_on)
        for record in journal.lines:
            if record["kind"] != "done":
                continue
            key = (ResourceType(record["resource_type"]), record["source_id"])
            if {"create", "link"} & set(record["effects"]):
                links[key] = record["target_id"]
            if "disable" in record["effects"]:
                disabled[record["target_id"]] = AS_OF
            if "enable" in record["effects"]:
                disabled.pop(record["target_id"], None)
            if "delete" in record["effects"]:
                links.pop(key, None)
        users, groups = len(self.directory.subjects), len(self.directory.groups)
        self.recorded = Recorded(links, disabled, "head", users, groups)

    def settle(self) -> None:
        """Plan and apply once, so that everything is ours and as it should be."""
        report = self.apply(self.plan())
        assert report.status == "done", [o for o in report.outcomes if not o.good]


def told(operations: Iterable[Operation]) -> list[tuple[str, str]]:
    """Return action and key of each operation, in order."""
    return [(operation.action.value, operation.key) for operation in operations]


def of(body: Body, action: Action) -> list[Operation]:
    """Return the operations with one action."""
    return [operation for operation in body.operations if operation.action is action]
