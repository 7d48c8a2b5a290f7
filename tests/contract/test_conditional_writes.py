"""Writes that mean one version of a resource, and no other: `If-Match`, sent and in effect."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reconciler.live.client import ScimTarget
from reconciler.scim.errors import Conflict, NotFound, TargetMisbehaved
from reconciler.states import ResourceType
from reconciler.testing import Reply
from tests.contract.services import ABILITIES
from tests.e2e.company import account
from tests.servers import FaultServer, open_target, scim2_server, users

USER = ResourceType.USER
DISABLE = [{"op": "replace", "path": "active", "value": False}]
NOBODY = "00000000-0000-0000-0000-000000000000"
Write = Callable[[ScimTarget, str, Any], None]
WRITES: dict[str, Write] = {
    "PATCH": lambda target, who, version: target.patch(USER, who, DISABLE, version),
    "PUT": lambda target, who, version: target.put(
        USER, who, {**account("ada@contoso.example"), "active": False}, version
    ),
    "DELETE": lambda target, who, version: target.delete(USER, who, version),
}


@pytest.fixture(scope="module")
def etags(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimTarget]:
    """A server whose resources have versions."""
    config = {**ABILITIES, "etag": {"supported": True}}
    with (
        scim2_server(tmp_path_factory.mktemp("etags"), config) as url,
        open_target(url) as target,
    ):
        yield target


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("version", ['W/"3694e05e9dff590"', "7", None])
def test_the_version_is_sent_as_it_is(method: str, version: str | None) -> None:
    answered = Reply.of(users(1)[0])
    with (
        FaultServer(answer=lambda seen: answered if seen.writes else None) as server,
        open_target(server.url) as target,
    ):
        WRITES[method](target, "u1", version)

        [seen] = server.writes
        assert (seen.method, seen.headers.get("if-match")) == (method, version)


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("version", ["", "*", 'a"\r\nX-Evil: 1', "é", "a b", "x" * 513])
def test_s11_a_version_that_would_change_the_request_is_never_sent(
    method: str, version: str
) -> None:
    with (
        FaultServer() as server,
        open_target(server.url) as target,
        pytest.raises(TargetMisbehaved, match=r"cannot be sent as `If-Match`.*etag: never"),
    ):
        WRITES[method](target, "u1", version)

    assert server.requests == []


@pytest.mark.parametrize("method", WRITES)
def test_f23_what_somebody_else_has_changed_is_left_alone(etags: ScimTarget, method: str) -> None:
    made = etags.create(USER, account(f"{method.lower()}@contoso.example"))
    stale = made["meta"]["version"]
    etags.patch(USER, made["id"], [{"op": "add", "path": "title", "value": "Head"}], stale)
    now = etags.get(USER, made["id"])
    assert now is not None

    with pytest.raises(Conflict) as caught:
        WRITES[method](etags, made["id"], stale)

    assert caught.value.status == 412
    assert etags.get(USER, made["id"]) == now
    WRITES[method](etags, made["id"], now["meta"]["version"])
    after = etags.get(USER, made["id"])
    assert after is None if method == "DELETE" else after is not None and not after["active"]


def test_who_is_not_there_is_not_put_there(etags: ScimTarget) -> None:
    with pytest.raises(NotFound):
        etags.put(USER, NOBODY, account("nobody@contoso.example"))
