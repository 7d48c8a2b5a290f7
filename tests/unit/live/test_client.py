"""INV-3: what a success has to be before it counts as what was asked for."""

import pytest

from reconciler.live.answer import Answer
from reconciler.live.client import ScimTarget
from reconciler.live.transport import Transport
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
