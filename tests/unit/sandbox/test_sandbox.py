import builtins
import sys
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from reconciler.sandbox import PortUnusable, SandboxError, listen, make_app, serve

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with listen("127.0.0.1", 0, "s3cret", ["contoso.example"]) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        headers = {"Authorization": "Bearer s3cret"}
        with httpx.Client(base_url=server.tenant_url, headers=headers, trust_env=False) as client:
            yield client
        server.shutdown()
        thread.join()


def user(user_name: str) -> dict[str, Any]:
    return {"schemas": [USER], "userName": user_name}


def created(client: httpx.Client, user_name: str = "ada@contoso.example") -> str:
    answer = client.post("/Users", json=user(user_name))
    assert answer.status_code == 201
    return str(answer.json()["id"])


def names(client: httpx.Client) -> list[str]:
    return sorted(found["userName"] for found in client.get("/Users").json()["Resources"])


def test_a_user_of_a_registered_domain_is_created_and_listed(client: httpx.Client) -> None:
    created(client)

    assert names(client) == ["ada@contoso.example"]


def test_a_user_of_another_domain_is_refused_with_the_reason(client: httpx.Client) -> None:
    answer = client.post("/Users", json=user("eve@elsewhere.example"))

    assert answer.status_code == 400
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert answer.json()["scimType"] == "invalidValue"
    assert '"elsewhere.example" is not registered' in answer.json()["detail"]


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(
            {"op": "replace", "path": "userName", "value": "ada@elsewhere.example"}, id="with path"
        ),
        pytest.param(
            {"op": "replace", "path": "USERNAME", "value": "ada@elsewhere.example"}, id="upper case"
        ),
        pytest.param(
            {"op": "replace", "value": {"userName": "ada@elsewhere.example"}}, id="without path"
        ),
    ],
)
def test_no_form_of_patch_moves_a_user_to_another_domain(
    client: httpx.Client, operation: dict[str, Any]
) -> None:
    ada = created(client)

    answer = client.patch(f"/Users/{ada}", json={"schemas": [PATCH], "Operations": [operation]})

    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")
    assert names(client) == ["ada@contoso.example"]


def test_put_cannot_move_a_user_to_another_domain(client: httpx.Client) -> None:
    ada = created(client)

    answer = client.put(f"/Users/{ada}", json=user("ada@elsewhere.example"))

    assert answer.status_code == 400
    assert names(client) == ["ada@contoso.example"]


def test_a_bulk_request_cannot_create_a_user_of_another_domain(client: httpx.Client) -> None:
    operation = {
        "method": "POST",
        "bulkId": "1",
        "path": "/Users",
        "data": user("eve@elsewhere.example"),
    }

    answer = client.post("/Bulk", json={"schemas": [BULK], "Operations": [operation]})

    assert answer.json()["Operations"][0]["status"] == "400"
    assert names(client) == []


def test_the_rule_is_for_users_only(client: httpx.Client) -> None:
    group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Sales"}

    assert client.post("/Groups", json=group).status_code == 201


def test_a_role_may_have_the_name_that_entra_gives_it(client: httpx.Client) -> None:
    role = {"primary": False, "displayName": "Administrator", "value": "admin"}

    answer = client.post("/Users", json={**user("ada@contoso.example"), "roles": [role]})

    assert answer.status_code == 201
    assert answer.json()["roles"][0]["displayName"] == "Administrator"


def test_a_wrong_token_is_refused(client: httpx.Client) -> None:
    answer = client.get("/Users", headers={"Authorization": "Bearer guess"})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_it_announces_what_it_can_do(client: httpx.Client) -> None:
    config = client.get("/ServiceProviderConfig").json()

    assert config["patch"]["supported"] is True
    assert config["filter"] == {"supported": True, "maxResults": 1000}
    assert config["etag"]["supported"] is True
    assert [scheme["type"] for scheme in config["authenticationSchemes"]] == ["oauthbearertoken"]


def test_without_registered_domains_every_domain_is_welcome() -> None:
    app = make_app("s3cret")
    transport = httpx.WSGITransport(app=app)
    headers = {"Authorization": "Bearer s3cret"}

    with httpx.Client(transport=transport, base_url="http://sandbox/v2", headers=headers) as client:
        created(client, "x@any.example")

        assert names(client) == ["x@any.example"]


def test_a_slowed_sandbox_gives_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("reconciler.sandbox.server.time.sleep", waits.append)
    with listen("localhost", 0, "s3cret", [], delay_seconds=0.05) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        answer = httpx.get(f"{server.tenant_url}/ServiceProviderConfig", trust_env=False)
        thread.join()

    assert answer.status_code == 200
    assert waits == [0.025, 0.025]


def test_requests_leave_no_line_on_the_screen(
    client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    created(client)
    client.get("/Users/nobody")

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org", ""])  # noqa: S104
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(SandboxError, match="loopback only"):
        listen(host, 0, "s3cret", [])


def test_a_port_that_is_taken_is_said_so() -> None:
    with (
        listen("127.0.0.1", 0, "s3cret", []) as first,
        pytest.raises(PortUnusable, match=f"port {first.server_port}"),
    ):
        listen("127.0.0.1", first.server_port, "s3cret", [])


def test_a_port_that_is_none_is_said_so() -> None:
    with pytest.raises(SandboxError, match="port 70000"):
        listen("127.0.0.1", 70_000, "s3cret", [])


def test_the_tenant_url_of_an_ipv6_loopback_is_in_brackets() -> None:
    try:
        server = listen("::1", 0, "s3cret", [])
    except SandboxError:
        pytest.skip("this machine has no IPv6 loopback")
    with server:
        assert server.tenant_url == f"http://[::1]:{server.server_port}/v2"


def test_an_empty_token_is_refused() -> None:
    with pytest.raises(SandboxError, match="token"):
        make_app("")


def test_a_domain_that_is_none_is_refused_before_anything_is_served() -> None:
    with pytest.raises(SandboxError, match="cannot be one"):
        make_app("s3cret", ["not a domain"])


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without_extra(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("scim2"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return original(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "reconciler.sandbox.service", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_extra)

    with pytest.raises(SandboxError, match=r"pip install 'scim-reconciler\[sandbox\]'"):
        make_app("s3cret")


def test_serve_tells_when_it_is_ready_and_returns_when_interrupted() -> None:
    heard: list[str] = []

    def interrupt(tenant_url: str) -> None:
        heard.append(tenant_url)
        raise KeyboardInterrupt

    serve("127.0.0.1", 0, "s3cret", [], ready=interrupt)

    assert heard[0].startswith("http://127.0.0.1:")
    assert heard[0].endswith("/v2")
