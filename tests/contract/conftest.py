"""Servers that every contract test may use; each is started once and stopped at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.live.client import ScimTarget
from reconciler.states import ResourceType
from tests.contract.trial import Start, Trial, begun, started
from tests.s3 import s3 as s3
from tests.s3 import s3_server as s3_server
from tests.servers import CURSOR_ONLY, open_target, scim2_server

PEOPLE = 23
"""Users that are there before any test; several small pages, the last one not full."""


@pytest.fixture(scope="session", params=["index", "cursor"])
def scim2_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """scim2-server over a socket, paging by index or by cursor only, with some people."""
    config = CURSOR_ONLY if request.param == "cursor" else None
    with scim2_server(tmp_path_factory.mktemp("scim2"), config) as url:
        with open_target(url) as target:
            _fill(target)
        yield url


@pytest.fixture
def scim2(scim2_url: str) -> Iterator[ScimTarget]:
    with open_target(scim2_url) as target:
        yield target


def _fill(target: ScimTarget) -> None:
    members = []
    for number in range(1, PEOPLE + 1):
        name = f"Person{number}@contoso.example"
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name}
        created = target.create(ResourceType.USER, {**body, "externalId": f"anchor-{number}"})
        members.append({"value": created["id"], "type": "User"})
    group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Everyone"}
    target.create(ResourceType.GROUP, {**group, "members": members})


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A company of ours behind a service with faults, settled once."""
    yield from started(tmp_path_factory.mktemp("matrix") / "company")


@pytest.fixture
def trial(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """The same company for one test, untouched."""
    return begun(start, tmp_path / "company", monkeypatch)
