"""
Ruling 18: the token appears in nothing that is written, and in nothing that is said.

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
from pathlib import Path
from urllib.parse import quote

import pytest

from reconciler.states import ResourceType
from tests.e2e.company import TOKEN_NAME, Company, Ended, Sandbox, account
from tests.faults import FAULTS, redirect_to
from tests.servers import FaultServer, Reply, Seen, free_port

CANARY = "cAnary-7f3a9~c1e2.b_b48+0d5/d9"


def forms(secret: str) -> set[bytes]:
    """Return everything that would give *secret* away."""
    raw = secret.encode()
    encoded = {base64.b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)}
    encoded |= {base64.urlsafe_b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)}
    return {raw, raw[::-1], raw[:12], raw[-12:], quote(secret, safe="").encode(), *encoded}


def leaks(ended: Iterable[Ended], folder: Path, allowed: Iterable[Path] = ()) -> list[str]:
    """Return where the canary was found."""
    texts = {f"output {number}": one.text.encode() for number, one in enumerate(ended)}
    files = [path for path in folder.rglob("*") if path.is_file() and path not in set(allowed)]
    texts |= {str(path): path.read_bytes() for path in files}
    return [name for name, data in texts.items() if any(form in data for form in forms(CANARY))]


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


def echo(seen: Seen) -> Reply | None:
    """Answer with an error that repeats what was asked, token and all."""
    said = seen.headers.get("authorization", "")
    return Reply.of({"detail": f"who is {said}?", "scimType": said}, 400)


def echo_in_html(seen: Seen) -> Reply | None:
    """Answer with a page that repeats what was asked."""
    page = f"<html>{seen.headers}</html>".encode()
    return Reply(page, 500, "text/html")


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", ["unauthorized", "html", "truncated", "redirect", "unreachable"])
@pytest.mark.parametrize("command", [("plan",), ("probe", "app"), ("explain", "ada")], ids=str)
def test_ruling_18_no_error_shows_the_token(
    name: str, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, CANARY)
    fault = redirect_to("http://127.0.0.1:9/login") if name == "redirect" else FAULTS.get(name)
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
