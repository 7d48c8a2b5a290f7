from typing import Any

import pytest

from reconciler.live.discover import discover, own_account
from reconciler.scim.errors import (
    NotAuthorized,
    NotFound,
    Redirected,
    TargetBroken,
    TargetMisbehaved,
)
from reconciler.scim.messages import LIST_URN

USER: dict[str, Any] = {"name": "User", "schema": "urn:ietf:params:scim:schemas:core:2.0:User"}


def service(documents: dict[str, Any]) -> Any:
    def fetch(name: str) -> Any:
        if name not in documents:
            raise NotFound(404)
        return documents[name]

    return fetch


@pytest.mark.parametrize(
    "types",
    [
        pytest.param({"schemas": [LIST_URN], "totalResults": 1, "Resources": [USER]}, id="a list"),
        pytest.param({"resources": [USER]}, id="something like one"),
        pytest.param([USER], id="bare"),
    ],
)
def test_resource_types_come_in_several_forms(types: Any) -> None:
    found = discover(service({"ResourceTypes": types}))

    assert found.schemas.urns("User") == (USER["schema"],)
    assert found.missing == ("ServiceProviderConfig", "Schemas")


@pytest.mark.parametrize(
    "documents",
    [
        pytest.param({"ServiceProviderConfig": []}, id="a list for an object"),
        pytest.param({"ServiceProviderConfig": {"patch": "yes"}}, id="a word for a capability"),
        pytest.param({"Schemas": {"Resources": "none"}}, id="text for a list"),
        pytest.param({"ResourceTypes": ["User"]}, id="a list of texts"),
        pytest.param({"ResourceTypes": 7}, id="a number"),
    ],
)
def test_a_document_that_is_something_else_is_an_error(documents: dict[str, Any]) -> None:
    with pytest.raises(TargetMisbehaved):
        discover(service(documents))


def test_only_404_means_that_a_document_is_missing() -> None:
    def fetch(name: str) -> Any:
        raise NotAuthorized(403)

    with pytest.raises(NotAuthorized):
        discover(fetch)


@pytest.mark.parametrize(
    ("answer", "mine"),
    [
        pytest.param({"id": "t-1", "userName": "robot"}, "t-1", id="an account"),
        pytest.param({"id": "../evil"}, None, id="an id that cannot be one"),
        pytest.param({"userName": "robot"}, None, id="without an id"),
        pytest.param([{"id": "t-1"}], None, id="a list"),
        pytest.param(NotFound(404), None, id="it does not know /Me"),
        pytest.param(TargetBroken(501), None, id="it does not do /Me"),
        pytest.param(NotAuthorized(403), None, id="it does not tell"),
        pytest.param(Redirected("elsewhere"), None, id="it sends us elsewhere"),
    ],
)
def test_whose_the_credential_is(answer: Any, mine: str | None) -> None:
    assert own_account(lambda _: answering(answer)) == mine


def test_a_refused_credential_is_not_an_unknown_account() -> None:
    with pytest.raises(NotAuthorized):
        own_account(lambda _: answering(NotAuthorized(401)))


def answering(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer
