"""
Ruling 18: no secret appears in anything that is written, or in anything that is said.

A canary stands in for it, in the environment and in a file, through every
command there is, with things going well and with everything going wrong. What
is searched is all output, and every file below the folder, for the canary as it
is, in base64 at any offset, reversed, and quoted as URLs quote.
"""

import base64
import io
import json
import logging
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from reconciler.states import ResourceType
from reconciler.testing import FAULTS, Reply, Request
from reconciler.testing.faults.statuses import redirect
from tests.e2e.company import TOKEN_NAME, Company, Ended, Sandbox, account
from tests.roads import Gate
from tests.servers import FaultServer, free_port

CANARY = "cAnary-7f3a9~c1e2.b_b48+0d5/d9"
ISSUED = "aCcess-5e1b7~d0c4.a_9f2+6b8/e3"
"""An access token that a client is given for its secret."""


def forms(secret: str) -> set[bytes]:
    """Return everything that would give *secret* away."""
    raw = secret.encode()
    encoded = {base64.b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)}
    encoded |= {base64.urlsafe_b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)}
    return {raw, raw[::-1], raw[:12], raw[-12:], quote(secret, safe="").encode(), *encoded}


def leaks(
    ended: Iterable[Ended],
    folder: Path,
    allowed: Iterable[Path] = (),
    secrets: Iterable[str] = (CANARY,),
) -> list[str]:
    """Return where one of *secrets* was found."""
    searched = set().union(*map(forms, secrets))
    texts = {f"output {number}": one.text.encode() for number, one in enumerate(ended)}
    files = [path for path in folder.rglob("*") if path.is_file() and path not in set(allowed)]
    texts |= {str(path): path.read_bytes() for path in files}
    return [name for name, data in texts.items() if any(form in data for form in searched)]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any library logs, at its most talkative."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


def everything(company: Company) -> list[Ended]:
    """Run every command that there is, a resumable apply and a blocked plan among them."""
    company.application = {"tests": [{"user": "ada", "expect": {"in_scope": True}}]}
    company.write()
    live, report = company.folder / "live.json", company.folder / "report.xml"
    ended = [
        company.run("validate"),
        company.run("test", "--junit", report),
        company.run("probe", "app"),
        company.run("explain", "ada"),
        company.run("plan", "--save-live", live, "--junit", report, "--out", live.parent / "out"),
        company.run("plan", "--offline-live", live, "--format", "json"),
        company.run("plan", "--policy", company.file, "--format", "markdown"),
        company.run("apply", company.newest()),
        company.run("apply", "--auto-approve", company.newest()),
        company.run("apply", "--auto-approve", company.newest()),
        company.run("show", company.newest()),
        company.run("history"),
        company.run("history", "--format", "json"),
        company.run("schema", "journal"),
        company.run("expr", f"[{TOKEN_NAME}]"),
        company.run("plan", "nonsense"),
    ]
    company.lose("bob", "cleo", "dan", "eve")
    company.write()
    return [*ended, company.run("plan")]


@pytest.mark.parametrize("where", ["environment", "file"])
def test_ruling_18_no_command_shows_or_stores_the_token(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    with Sandbox(token=CANARY) as sandbox:
        company = Company(tmp_path / "company", sandbox.url)
        for name in ("ada", "bob", "cleo", "dan", "eve", "fay"):
            company.hire(name)
        secret = tmp_path / "token.txt"
        monkeypatch.delenv(TOKEN_NAME)
        if where == "file":
            secret.write_text(f"{CANARY}\n", "utf-8")
            company.target = {"secret_token": {"file": str(secret)}}
        else:
            monkeypatch.setenv(TOKEN_NAME, CANARY)

        ended = everything(company)

    assert [one.code for one in ended] == [0] * 7 + [3] + [0] * 7 + [3, 5]
    assert leaks(ended, tmp_path, [secret]) == []
    assert not any(form.decode() in log.getvalue() for form in forms(CANARY))


def pair(name: str) -> str:
    """Return what goes over the wire for a password: the canary, with a name before it."""
    return base64.b64encode(f"{name}:{CANARY}".encode()).decode()


@pytest.mark.parametrize("place", ["header", "body"])
def test_ruling_18_no_command_shows_or_stores_a_client_secret_or_its_tokens(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    numbers = count(1)
    gate = Gate(client=("app", CANARY), make=lambda: f"{ISSUED}{next(numbers)}", good_for=9)
    with gate.open() as url:
        token_url = url.removesuffix("/v2") + "/token"
        auth = {"kind": "oauth", "token_url": token_url, "client_id": "app"}
        company = Company(tmp_path / "company", url)
        company.target = {"auth": {**auth, "credentials_in": place}, "concurrency": 1}
        for name in ("ada", "bob", "cleo", "dan", "eve", "fay"):
            company.hire(name)
        monkeypatch.setenv(TOKEN_NAME, CANARY)

        ended = everything(company)

    assert [one.code for one in ended] == [0] * 7 + [3] + [0] * 7 + [3, 5]
    assert len(gate.stopped) > 0  # a token was renewed in mid-run
    secrets = (CANARY, ISSUED, pair("app"), quote(CANARY, safe=""))
    assert leaks(ended, tmp_path, secrets=secrets) == []
    assert not any(form.decode() in log.getvalue() for one in secrets for form in forms(one))


def test_ruling_18_no_command_shows_or_stores_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    gate = Gate(password=("app", CANARY))
    with gate.open() as url:
        company = Company(tmp_path / "company", url)
        company.target = {"auth": {"kind": "basic", "username": "app"}}
        for name in ("ada", "bob", "cleo", "dan", "eve", "fay"):
            company.hire(name)
        monkeypatch.setenv(TOKEN_NAME, CANARY)

        ended = everything(company)

    assert [one.code for one in ended] == [0] * 7 + [3] + [0] * 7 + [3, 5]
    secrets = (CANARY, pair("app"))
    assert leaks(ended, tmp_path, secrets=secrets) == []
    assert not any(form.decode() in log.getvalue() for one in secrets for form in forms(one))


def echo_everything(seen: Request) -> Reply | None:
    """Answer with an error that repeats headers and form, as the endpoint of tokens too."""
    said = seen.headers.get("authorization", "").partition(" ")[2]
    told = base64.b64decode(said).decode() if len(said) % 4 == 0 else said
    words = f"{said} {told} {seen.body.decode()}"
    return Reply.of({"error": "invalid_client", "error_description": words, "detail": words}, 401)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("command", [("plan",), ("probe", "app"), ("explain", "ada")], ids=str)
@pytest.mark.parametrize("kind", ["basic", "header", "body"])
def test_ruling_18_who_repeats_every_secret_is_not_quoted(
    kind: str, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, CANARY)
    with FaultServer(answer=echo_everything) as server:
        client = {"kind": "oauth", "token_url": f"{server.url}/token", "client_id": "app"}
        company = Company(tmp_path / "company", server.url)
        company.target = {"auth": {**client, "credentials_in": kind}}
        if kind == "basic":
            company.target = {"auth": {"kind": "basic", "username": "app"}}
        company.hire("ada")
        company.write()

        ended = company.run(*command)

    assert ended.code == 4
    assert "***" in ended.text
    assert leaks([ended], tmp_path, secrets=(CANARY, pair("app"), quote(CANARY, safe=""))) == []


def echo(seen: Request) -> Reply | None:
    """Answer with an error that repeats what was asked, token and all."""
    said = seen.headers.get("authorization", "")
    return Reply.of({"detail": f"who is {said}?", "scimType": said}, 400)


def echo_in_html(seen: Request) -> Reply | None:
    """Answer with a page that repeats what was asked."""
    page = f"<html>{seen.headers}</html>".encode()
    return Reply(page, 500, "text/html")


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", ["status-401", "html", "half-body", "redirect", "unreachable"])
@pytest.mark.parametrize("command", [("plan",), ("probe", "app"), ("explain", "ada")], ids=str)
def test_ruling_18_no_error_shows_the_token(
    name: str, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, CANARY)
    fault = redirect(302, "http://127.0.0.1:9/login") if name == "redirect" else FAULTS.get(name)
    with FaultServer(fault, token=CANARY) as server:
        url = f"http://127.0.0.1:{free_port()}/v2" if name == "unreachable" else server.url
        company = Company(tmp_path / "company", url)
        company.hire("ada")
        company.write()

        ended = company.run(*command)

    assert ended.code in {4, 9}
    assert leaks([ended], tmp_path) == []


@pytest.mark.usefixtures("hurried")
def test_ruling_18_a_page_of_the_server_that_repeats_the_token_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, CANARY)
    with FaultServer(token=CANARY, answer=echo_in_html) as server:
        company = Company(tmp_path / "company", server.url)
        company.hire("ada")
        company.write()

        ended = company.run("plan")

    assert ended.code == 9
    assert leaks([ended], tmp_path) == []


@pytest.mark.usefixtures("hurried")
def test_ruling_18_an_error_of_the_server_that_repeats_the_token_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, CANARY)
    with FaultServer(token=CANARY, answer=echo) as server:
        company = Company(tmp_path / "company", server.url)
        company.hire("ada")
        company.write()

        ended = company.run("plan")

    assert ended.code == 9
    assert leaks([ended], tmp_path) == []


def test_ruling_18_a_journal_does_not_repeat_what_the_server_repeats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, CANARY)
    answer = lambda seen: echo(seen) if seen.method == "POST" else None  # noqa: E731
    with FaultServer(token=CANARY, answer=answer) as server:
        company = Company(tmp_path / "company", server.url)
        company.hire("ada")
        company.plan()

        ended = company.apply(code=7)

    failed = next(line for line in company.journal() if line["kind"] == "failed")
    assert failed["detail"].endswith("who is Bearer ***?")
    assert leaks([ended], tmp_path) == []


def test_ruling_18_a_plan_holds_no_more_than_the_mapped_attributes(
    company: Company, sandbox: Sandbox
) -> None:
    """What an account holds beside the mappings is nobody's business, and in no plan."""
    with sandbox.by_hand() as target:
        known = {"nickName": "the-nick", "externalId": "ada", "displayName": "Old"}
        target.create(ResourceType.USER, account("ada@contoso.example", **known))
    company.settle()

    text = json.dumps([json.loads(path.read_text("utf-8")) for path in company.plans()])
    text += json.dumps(company.journal())
    assert "Old" in text
    assert "the-nick" not in text
