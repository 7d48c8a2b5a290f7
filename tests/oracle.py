"""
A service whose writes are carried out by scim2-models, which shares no line with ours.

A POST, a PATCH and a PUT are parsed and carried out there (RFC 7643 and 7644).
One form has no meaning in the RFC, the removal of a list of members: that is
carried out here, with the meaning that Entra gives it.

What a service of a profile does not understand is refused: a test fails by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from scim2_models import Context, EnterpriseUser, Group, PatchOp, User

from reconciler.profiles.model import GENERIC, Profile
from reconciler.scim.messages import patch_body
from reconciler.states import Resource, ResourceType
from tests.worlds import ENTERPRISE, MemoryTarget

MODELS: Mapping[ResourceType, Any] = {
    ResourceType.USER: User[EnterpriseUser],
    ResourceType.GROUP: Group,
}
MESSAGES: Mapping[ResourceType, Any] = {
    ResourceType.USER: PatchOp[User[EnterpriseUser]],
    ResourceType.GROUP: PatchOp[Group],
}

FORMS: Mapping[str, Profile] = {
    name: Profile.model_validate(said)
    for name, said in {
        "patch": {},
        "put": {"write": {"user_update": "put", "group_update": "put"}},
        "plain paths": {"write": {"patch_filter_path": False}, "members": {"remove": "replace"}},
        "one by one": {"write": {"atomic": False}, "members": {"chunk": 2}},
        "value list": {"members": {"remove": "value_list", "chunk": 2}},
        "put to remove": {
            "write": {"patch_filter_path": False, "atomic": False},
            "members": {"remove": "put"},
        },
    }.items()
}
"""Profiles by name, with each value of each flag that says how a change is said."""


class Oracle(MemoryTarget):
    """A service that understands what its profile says, and carries it out by the book."""

    def __init__(self, profile: Profile = GENERIC) -> None:
        super().__init__()
        self.profile = profile

    def create(self, resource_type: ResourceType, body: Mapping[str, Any]) -> Resource:
        """Create what the oracle makes of *body*."""
        model = MODELS[resource_type]
        made = model.model_validate(body, scim_ctx=Context.RESOURCE_CREATION_REQUEST)
        return super().create(resource_type, made.model_dump(scim_ctx=Context.DEFAULT))

    def patch(
        self,
        resource_type: ResourceType,
        resource_id: str,
        operations: Sequence[Mapping[str, Any]],
        version: str | None = None,
    ) -> None:
        """Let the oracle parse and apply the very body that is sent."""
        require_understood(self.profile, resource_type, operations)
        kept = self._of(resource_type)
        kept[resource_id] = patched(resource_type, kept[resource_id], operations)
        self.writes.append(("PATCH", resource_id))

    def put(
        self,
        resource_type: ResourceType,
        resource_id: str,
        body: Mapping[str, Any],
        version: str | None = None,
    ) -> None:
        """Let the oracle parse the very body that is sent, and replace the resource by it."""
        require_put(self.profile, resource_type)
        kept = self._of(resource_type)
        kept[resource_id] = replaced(resource_type, kept[resource_id], body)
        self.writes.append(("PUT", resource_id))


def patched(
    resource_type: ResourceType, resource: Resource, operations: Sequence[Mapping[str, Any]]
) -> Resource:
    """Return what *resource* is after a PATCH."""
    if any("value" in each for each in operations if each["op"] == "remove"):
        [operation] = operations
        return _without(resource, operation["value"])
    message = MESSAGES[resource_type].model_validate(
        patch_body(operations), scim_ctx=Context.RESOURCE_PATCH_REQUEST
    )
    model = MODELS[resource_type].model_validate(resource)
    message.patch(model)
    return dict(model.model_dump(scim_ctx=Context.DEFAULT))


def _without(group: Resource, leaving: Sequence[Mapping[str, Any]]) -> Resource:
    """Return a group without the members that Entra's form of a removal lists."""
    gone = {member["value"] for member in leaving}
    staying = [member for member in group.get("members", ()) if member["value"] not in gone]
    return {**group, "members": staying}


def replaced(resource_type: ResourceType, resource: Resource, body: Mapping[str, Any]) -> Resource:
    """
    Return what *resource* is after a PUT of *body*.

    The oracle demands the address of a manager, which RFC 7643, section 4.3, only
    recommends; so a service is played that knows it by itself.
    """
    model, body = MODELS[resource_type], deepcopy(dict(body))
    if manager := body.get(ENTERPRISE, {}).get("manager"):
        manager.setdefault("$ref", f"/Users/{manager['value']}")
    made = model.model_validate(body, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
    made.replace(model.model_validate(resource))
    return dict(made.model_dump(scim_ctx=Context.DEFAULT))


def require_put(profile: Profile, resource_type: ResourceType) -> None:
    """Demand that a service of *profile* is to be sent a PUT."""
    write = profile.write
    by_put = {ResourceType.USER: write.user_update, ResourceType.GROUP: write.group_update}
    removes = resource_type is ResourceType.GROUP and profile.members.remove == "put"
    assert by_put[resource_type] == "put" or removes


def require_understood(
    profile: Profile, resource_type: ResourceType, operations: Sequence[Mapping[str, Any]]
) -> None:
    """Demand that a service of *profile* understands a PATCH, and that it is careful."""
    write, members = profile.write, profile.members
    by_put = {ResourceType.USER: write.user_update, ResourceType.GROUP: write.group_update}
    assert by_put[resource_type] != "put"
    assert write.atomic or len(operations) == 1
    for operation in operations:
        assert careful(operation, listed=members.remove == "value_list")
        named = operation["path"].startswith("members[")
        assert named or write.patch_filter_path or "[" not in operation["path"]
        assert not named or members.remove == "filter"
        if operation["path"] == "members" and operation["op"] != "replace":
            assert len(operation["value"]) <= members.chunk


def careful(operation: Mapping[str, Any], *, listed: bool = False) -> bool:
    """
    Say whether an operation is one that servers which are less tolerant take, too.

    *listed*: the removal of members names them in its value, and must.
    """
    if operation["op"] == "remove" and operation["path"].lower() == "members":
        return listed and bool(operation.get("value"))
    if operation["op"] == "remove":
        return "value" not in operation
    whole = isinstance(operation["value"], Mapping)
    return operation["op"] == "add" or (operation["op"] == "replace" and not whole)
