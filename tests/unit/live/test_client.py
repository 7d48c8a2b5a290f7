"""INV-3: what a success has to be before it counts as what was asked for; and who is read."""

import json
from collections.abc import Sequence

import pytest

from reconciler.live.answer import Answer
from reconciler.live.client import ScimTarget
from reconciler.live.transport import Transport
from reconciler.profiles.model import Profile
from reconciler.scim.errors import TargetMisbehaved
from reconciler.scim.messages import LIST_URN
from reconciler.states import ResourceType

BODY = f'{{"schemas": ["{LIST_URN}"], "totalResults": 0, "Resources": []}}'.encode()


class Answering(Transport):
    """Answers every request in the same way."""

    def __init__(self, status: int) -> None:
        self.status = status

    def send(self, *asked: object, **more: object) -> Answer:
        """Return a list, with that status."""
        return Answer("GET /Users", self.status, "application/scim+json", BODY)


@pytest.mark.parametrize("status", [201, 202, 204, 206])
def test_inv_3_another_success_is_no_list(status: int) -> None:
    with pytest.raises(TargetMisbehaved, match=f"with {status}, where 200 was expected"):
        ScimTarget(Answering(status)).page(ResourceType.USER, {})


def test_a_list_is_a_list() -> None:
    assert ScimTarget(Answering(200)).page(ResourceType.USER, {})["totalResults"] == 0


class Hiding(Transport):
    """Has seven groups of one, and leaves members out of its listings."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def send(self, method: str, segments: Sequence[str], *more: object, **rest: object) -> Answer:
        """Return a listing, or one group."""
        ids = segments[1:]
        groups = [{"id": f"g{number}"} for number in range(7)]
        body: object = {"schemas": [LIST_URN], "totalResults": 7, "Resources": groups}
        if ids:
            self.read += ids
            body = {"id": ids[0], "members": [{"value": "u1"}]}
        return Answer(method, 200, "application/scim+json", json.dumps(body).encode())


def test_a_group_that_was_looked_at_is_not_read_again() -> None:
    transport = Hiding()
    target = ScimTarget(transport, Profile(discovery="none"))

    listing = target.list(ResourceType.GROUP, frozenset({"members"}))

    assert [len(group["members"]) for group in listing.resources] == [1] * 7
    assert sorted(transport.read) == [f"g{number}" for number in range(7)]
