"""The command against services that ask for a password or for access tokens, and over TLS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.e2e.company import TOKEN_NAME, Company, Ended, command
from tests.roads import CLIENT, ConnectProxy, Gate, Given, TlsServer, pem_of
from tests.servers import TOKEN

PEOPLE = ("ada", "bob", "cleo", "dan", "eve", "fay")


def company_of(folder: Path, url: str, **target: Any) -> Company:
    """Return six people who are to be provisioned at *url*."""
    company = Company(folder / "company", url)
    company.target = target
    for name in PEOPLE:
        company.hire(name)
    return company


def oauth(url: str, **more: Any) -> dict[str, Any]:
    token_url = url.removesuffix("/v2") + "/token"
    return {"kind": "oauth", "token_url": token_url, "client_id": CLIENT[0], **more}


def names_in(gate: Gate) -> list[str]:
    """Return the userNames that the service holds."""
    found = (getattr(resource, "user_name", None) for resource in gate.app.storage.resources)
    return sorted(name for name in found if name)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    monkeypatch.setenv(TOKEN_NAME, CLIENT[1])
    return Gate()


@pytest.fixture
def url(gate: Gate) -> Iterator[str]:
    with gate.open() as opened:
        yield opened


@pytest.fixture
def company(url: str, tmp_path: Path) -> Company:
    return company_of(tmp_path, url, auth=oauth(url), concurrency=1)


def test_a_run_outlives_its_tokens(gate: Gate, company: Company) -> None:
    """INV-12, INV-13: what is sent again has one intent, and one effect."""
    gate.good_for = 1
    company.settle()
    kinds = [line["kind"] for line in company.journal()]
    writes = [asked for asked in gate.passed if asked[0] != "GET"]

    assert company.plan("--detailed-exitcode").code == 0
    assert names_in(gate) == [f"{name}@contoso.example" for name in PEOPLE]
    assert gate.passed.count(("POST", "/Users")) == len(PEOPLE)
    assert kinds.count("intent") == kinds.count("done") == len(writes)
    assert any(asked[0] != "GET" for asked in gate.stopped)  # a token ended before a write


def test_a_service_with_a_password_is_provisioned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, "open sesame")
    gate = Gate(password=("reconciler", "open sesame"))
    with gate.open() as url:
        company = company_of(tmp_path, url, auth={"kind": "basic", "username": "reconciler"})
        company.settle()

        assert names_in(gate) == [f"{name}@contoso.example" for name in PEOPLE]
        assert company.plan("--detailed-exitcode").code == 0


@pytest.mark.parametrize("words", [("plan",), ("probe", "app"), ("explain", "ada")], ids=str)
def test_a_client_that_is_not_known_is_exit_4_with_a_sentence(
    words: tuple[str, ...], gate: Gate, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, "another secret")
    company.write()

    ended = company.run(*words)

    assert ended.code == 4
    said = " ".join(ended.err.split())
    assert "the token endpoint answered 401: invalid_client: nobody is reconciler with ***" in said
    assert "hint: look at where `secret_token` points" in said
    assert gate.passed == gate.stopped == []


def lose_the_client_after(gate: Gate, creates: int) -> None:
    """Let the service and its endpoint turn us away as soon as so many have been created."""
    refused: Given = (401, {"error": "invalid_client"}, {})
    make = gate.app

    def serve(environ: Any, start_response: Any) -> Any:
        answer = make(environ, start_response)
        if gate.passed.count(("POST", "/Users")) == creates:
            gate.revoke()
            gate.answer = lambda count: refused
        return answer

    gate.app = serve


def test_inv_13_a_client_that_is_lost_in_mid_run_ends_it_and_the_run_goes_on_later(
    gate: Gate, company: Company
) -> None:
    company.plan()
    app = gate.app
    lose_the_client_after(gate, 3)

    ended = company.apply(code=4)

    assert "the token endpoint answered 401: invalid_client" in ended.text
    failed = [line for line in company.journal() if line["kind"] == "failed"]
    assert {line["code"] for line in failed} == {"Unauthorized"}

    gate.app, gate.answer = app, lambda count: None
    company.apply()
    assert names_in(gate) == [f"{name}@contoso.example" for name in PEOPLE]
    assert gate.passed.count(("POST", "/Users")) == len(PEOPLE)


def test_ruling_17_apply_takes_the_credential_from_the_file_and_never_from_the_plan(
    gate: Gate, company: Company
) -> None:
    company.plan()
    stored = company.newest().read_text("utf-8")
    company.target["auth"]["client_id"] = "somebody-else"
    company.write()

    company.apply(code=4)

    assert gate.passed.count(("POST", "/Users")) == 0
    assert [word for word in ("token_url", "client_id", CLIENT[1]) if word in stored] == []


# over TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA, tmp_path: Path) -> Iterator[Company]:
    """A service with a certificate of an authority of the company's own."""
    with TlsServer(authority, people=[], token=TOKEN) as server:
        company = company_of(tmp_path, server.url, ca_bundle="trust/ca.pem")
        bundle = company.folder / "trust" / "ca.pem"
        bundle.parent.mkdir(parents=True)
        bundle.write_text(pem_of(authority), "utf-8")
        yield company


def test_a_bundle_is_found_from_the_folder_of_the_file(secure: Company) -> None:
    ended = secure.plan()

    assert ended.err == ""
    assert [action for action, _ in secure.operations()].count("create") == len(PEOPLE) + 1


@pytest.mark.usefixtures("hurried")
def test_without_the_bundle_the_target_is_not_trusted_and_the_hint_names_it(
    secure: Company,
) -> None:
    secure.target = {}

    ended = secure.plan(code=9)

    words = " ".join(ended.err.split())
    assert "certificate verify failed" in words
    assert "`ca_bundle`" in words


def test_a_plan_is_made_through_the_proxy_that_the_file_names(secure: Company) -> None:
    with ConnectProxy() as proxy:
        secure.target["proxy"] = proxy.url
        secure.plan()

        assert proxy.asked


@pytest.mark.parametrize(
    ("text", "code"),
    [(None, "missing-ca-bundle"), ("no certificate", "bad-ca-bundle")],
    ids=["no file", "no certificate"],
)
@pytest.mark.parametrize("word", ["validate", "plan"])
def test_a_bundle_that_cannot_be_used_is_said_before_any_request(
    word: str, text: str | None, code: str, secure: Company
) -> None:
    bundle = secure.folder / "trust" / "ca.pem"
    bundle.unlink()
    if text is not None:
        bundle.write_text(text, "utf-8")
    secure.write()

    ended = secure.run(word)

    assert ended.code == 3
    assert f"error[{code}]" in ended.err
    assert str(bundle) in ended.err.replace("\n", "")


def test_an_import_finds_the_bundle_from_its_new_folder(
    authority: trustme.CA, tmp_path: Path
) -> None:
    with TlsServer(authority, token=TOKEN) as server:
        company = company_of(tmp_path, server.url, ca_bundle="ca.pem")
        company.write()
        (company.folder / "ca.pem").write_text(pem_of(authority), "utf-8")
        new = tmp_path / "deep" / "down"

        ended = company.run("import", "scim", "app", "--out", new)

        assert ended.code == 0, ended.text
        assert command("--config", new / "provisioning.yaml", "plan", "--no-store").code == 0


def under_policy(company: Company, base: Path) -> Ended:
    """Plan what stands there against the file in *base*."""
    company.write()
    return company.run("plan", "--no-store", "--policy", base / "provisioning.yaml")


@pytest.fixture
def base(secure: Company) -> Path:
    """A checkout of the base branch: the file, and what it names."""
    secure.write()
    folder = secure.folder.parent / "base"
    (folder / "trust").mkdir(parents=True)
    for name in ("provisioning.yaml", "trust/ca.pem"):
        (folder / name).write_bytes((secure.folder / name).read_bytes())
    return folder


def test_ruling_17_the_certificates_of_a_pull_request_must_be_those_of_the_base(
    secure: Company, base: Path
) -> None:
    bundle = secure.folder / "trust" / "ca.pem"
    assert under_policy(secure, base).code == 0

    bundle.write_text("# the same, said anew\n" + bundle.read_text("utf-8"), "utf-8")
    assert under_policy(secure, base).code == 0

    bundle.write_text(bundle.read_text("utf-8") + pem_of(trustme.CA()), "utf-8")
    ended = under_policy(secure, base)
    assert ended.code == 3
    assert "policy-target" in ended.err
    assert "`target.ca_bundle`" in ended.err


def test_ruling_17_a_base_without_its_certificates_pins_nothing_and_is_refused(
    secure: Company, base: Path
) -> None:
    (base / "trust" / "ca.pem").unlink()

    ended = under_policy(secure, base)

    assert ended.code == 3
    assert "missing-ca-bundle" in ended.err


@pytest.mark.parametrize(
    "change",
    [
        {"auth": {"kind": "basic", "username": "reconciler"}},
        {"proxy": "http://evil.example:3128"},
        {"ca_bundle": "trust/other.pem"},
    ],
    ids=str,
)
def test_ruling_17_no_other_road_is_taken_under_a_policy(
    change: dict[str, Any], secure: Company, base: Path
) -> None:
    secure.target |= change

    ended = under_policy(secure, base)

    assert ended.code == 3
    assert "policy-target" in ended.err
