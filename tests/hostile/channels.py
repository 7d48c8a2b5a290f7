"""
Where a secret can come in, or come back: a table, one row per channel (INV-29).

A row puts a canary where it says, in one of six encodings, and runs commands of the
real program. Whoever calls it then searches every byte that was written. In the rows
that *echo*, a service repeats the credential that it was just sent; in the others the
canary stands where a person put it by mistake, or where it belongs.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reconciler.testing import Reply, Request
from tests.e2e.company import TOKEN_NAME, USER_MAPPINGS, Company, Ended
from tests.servers import FaultServer, free_port

CANARY = "cAnary-7f3a9~c1e2.b_b48+0d5/d9=="
HEX = CANARY.encode().hex()

ENCODINGS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "url": lambda text: quote(text, safe=""),
    "json": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "hex": lambda text: text.encode().hex(),
    "reversed": lambda text: text[::-1],
}
"""How it is spelt where it comes in or back."""


def traces() -> set[bytes]:
    """Return everything that gives the canary away, in lower case."""
    raw = CANARY.encode()
    inside = {base64.b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)}
    spelt = {encode(CANARY).encode() for encode in ENCODINGS.values()}
    return {one.lower() for one in {raw[:12], raw[8:24], raw[::-1][8:24], *inside, *spelt}}


Channel = Callable[[Company, str, Any], list[Ended]]
"""Takes the company, the canary as it is spelt, and pytest's monkeypatch."""


# what a service repeats


Echo = Callable[[Request, str], Reply | None]


def _echo(answer: Echo, *commands: tuple[str, ...]) -> Channel:
    """Return the channel of a service that repeats the canary, spelt in some way."""

    def channel(company: Company, spelt: str, patch: Any) -> list[Ended]:
        patch.setenv(TOKEN_NAME, CANARY)
        with FaultServer(token=CANARY, answer=lambda seen: answer(seen, spelt)) as server:
            company.url = server.url
            company.write()
            return [company.run(*command) for command in commands or (("plan",), ("probe", "app"))]

    return channel


def _error(status: int, **parts: str) -> Echo:
    """Return what answers everything with a SCIM error in which ``{}`` is the canary."""

    def answer(seen: Request, spelt: str) -> Reply:
        said = {key: value.replace("{}", spelt) for key, value in parts.items()}
        return Reply.of(said, status)

    return answer


def _headed(name: str, status: int = 200, shape: str = "{}", body: bytes = b"{}") -> Echo:
    """Return what answers a listing with a header that holds the canary."""

    def answer(seen: Request, spelt: str) -> Reply | None:
        if seen.path != "/Users":
            return None
        headers = {"Content-Type": "application/scim+json", name: shape.replace("{}", spelt)}
        return Reply(body, status, None, headers)

    return answer


def _said(seen: Request, spelt: str, body: str, status: int = 200) -> Reply | None:
    return Reply(body.replace("{}", spelt).encode(), status) if seen.path == "/Users" else None


def _listing(body: str, status: int = 200) -> Echo:
    return lambda seen, spelt: _said(seen, spelt, body, status)


def _writes(answer: Echo) -> Echo:
    """Let a service be honest until something is written."""
    return lambda seen, spelt: answer(seen, spelt) if seen.method == "POST" else None


def _applied(answer: Echo) -> Channel:
    """Return the channel of a service that repeats the canary when it is written to."""
    commands = (("plan",), ("apply",), ("history", "--format", "json"), ("audit", "verify"))

    def channel(company: Company, spelt: str, patch: Any) -> list[Ended]:
        patch.setenv(TOKEN_NAME, CANARY)
        with FaultServer(token=CANARY, answer=lambda seen: _writes(answer)(seen, spelt)) as server:
            company.url = server.url
            company.write()
            ended = [company.run("plan")]
            ended.append(company.run("apply", "--auto-approve", company.newest()))
            return ended + [company.run(*command) for command in commands[2:]]

    return channel


# what a person writes


def _target(**keys: Any) -> Channel:
    """Return the channel of a canary in the file, where ``{}`` stands, and what it makes of it."""

    def channel(company: Company, spelt: str, patch: Any) -> list[Ended]:
        patch.setenv(TOKEN_NAME, "another-token")
        company.url = f"http://127.0.0.1:{free_port()}/v2"
        company.target = json.loads(json.dumps(keys).replace("{}", json.dumps(spelt)[1:-1]))
        company.write()
        return [company.run("validate"), company.run("plan"), company.run("probe", "app")]

    return channel


def _yaml(text: str) -> Channel:
    """Return the channel of a canary in YAML that replaces the reference to the secret."""

    def channel(company: Company, spelt: str, patch: Any) -> list[Ended]:
        company.write()
        written = company.file.read_text("utf-8")
        reference = json.dumps({"env": TOKEN_NAME}, indent=1).replace("\n", "\n" + " " * 4)
        assert reference in written
        company.file.write_text(written.replace(reference, text.replace("{}", spelt)), "utf-8")
        return [company.run("validate"), company.run("plan")]

    return channel


def _environment(name: str, shape: str = "{}") -> Channel:
    """Return the channel of an environment variable that is none of ours, or a broken secret."""

    def channel(company: Company, spelt: str, patch: Any) -> list[Ended]:
        patch.setenv(TOKEN_NAME, "another-token")
        patch.setenv(name, shape.replace("{}", spelt))
        with FaultServer(token="another-token") as server:
            company.url = server.url
            company.write()
            live = company.folder / "live.json"
            return [
                company.run("plan", "--save-live", live, "--out", company.folder / "out.json"),
                company.run("plan", "--format", "json", "--junit", company.folder / "r.xml"),
                company.run("explain", "ada"),
                company.run("drift"),
                company.run("history"),
            ]

    return channel


def _file(shape: str) -> Channel:
    """Return the channel of a file that holds the canary, and is allowed to."""

    def channel(company: Company, spelt: str, patch: Any) -> list[Ended]:
        secret = company.folder.parent / "secret.txt"
        secret.write_text(shape.replace("{}", spelt), "utf-8")
        company.target = {"secret_token": {"file": str(secret)}}
        with FaultServer(token=CANARY) as server:
            company.url = server.url
            company.write()
            return [company.run("plan"), company.run("probe", "app"), company.run("explain", "ada")]

    return channel


def _hidden(company: Company, spelt: str, patch: Any) -> list[Ended]:
    """A value that an expression redacts: in the plan file, and in nothing that is shown."""
    patch.setenv(TOKEN_NAME, "another-token")
    line = {"target": "nickName", "expression": "Redact([jobTitle])"}
    company.application = {"mappings": {"users": [*USER_MAPPINGS[:-4], line]}}
    company.people["ada"]["jobTitle"] = f'"{spelt}"'
    with FaultServer(token="another-token") as server:
        company.url = server.url
        company.write()
        return [
            company.run("plan", "--no-store"),
            company.run("plan", "--no-store", "--format", "json"),
            company.run("plan", "--no-store", "--format", "markdown", "--user", "ada"),
            company.run("explain", "ada"),
        ]


def _unmapped(company: Company, spelt: str, patch: Any) -> list[Ended]:
    """A column of the source that nothing maps."""
    patch.setenv(TOKEN_NAME, "another-token")
    mappings = [one for one in USER_MAPPINGS if one.get("source") != "department"]
    company.application = {"mappings": {"users": mappings}}
    company.people["ada"]["department"] = f'"{spelt}"'
    with FaultServer(token="another-token") as server:
        company.url = server.url
        company.write()
        return [company.run("plan"), company.run("drift"), company.run("history")]


def _password(line: dict[str, str]) -> Channel:
    """A mapping of a password, which is refused."""

    def channel(company: Company, spelt: str, patch: Any) -> list[Ended]:
        made = {key: value.replace("{}", spelt) for key, value in line.items()}
        company.application = {"mappings": {"users": [*USER_MAPPINGS, made]}}
        company.people["ada"]["surname"] = f'"{spelt}"' if line.get("source") else "x"
        company.write()
        return [company.run("validate"), company.run("plan")]

    return channel


CHANNELS: Mapping[str, Channel] = {
    "echo: detail of a 401": _echo(_error(401, detail="who is {}?")),
    "echo: detail of a 403": _echo(_error(403, detail="x{}y")),
    "echo: detail of a 400, cut in the middle": _echo(_error(400, detail="x" * 185 + "{}")),
    "echo: scimType": _echo(_error(400, scimType="{}", detail="no")),
    "echo: detail of a 500": _echo(_error(500, detail="{}")),
    "echo: a page of HTML": _echo(_listing("<html>{}</html>", 500)),
    "echo: Location of a redirect": _echo(_headed("Location", 302, "http://127.0.0.1:9/{}")),
    "echo: Content-Type": _echo(_headed("Content-Type", 200, "text/{}")),
    "echo: Content-Encoding": _echo(_headed("Content-Encoding", body=b"x")),
    "echo: Retry-After": _echo(_headed("Retry-After", 429)),
    "echo: WWW-Authenticate": _echo(_headed("WWW-Authenticate", 401, 'Bearer realm="{}"')),
    "echo: Set-Cookie": _echo(_headed("Set-Cookie", 400)),
    "echo: a body that is no JSON": _echo(_listing("{}")),
    "echo: a key that is given twice": _echo(_listing('{"{}": 1, "{}": 2}')),
    "echo: totalResults": _echo(_listing('{"totalResults": "{}", "Resources": []}')),
    "echo: the cursor of the next page": _echo(
        _listing('{"totalResults": 2, "Resources": [{"id": "a"}], "nextCursor": "{}"}')
    ),
    "echo: an id that is none": _echo(
        _listing('{"totalResults": 1, "Resources": [{"id": "/{}"}]}')
    ),
    "echo: detail of a write, in the journal": _applied(_error(400, detail="{}")),
    "echo: detail of a write in doubt": _applied(_error(503, detail="{}")),
    "echo: what a write answers": _applied(lambda seen, spelt: Reply(spelt.encode(), 201)),
    "file: user of tenant_url": _target(tenant_url="https://{}@app.example/v2"),
    "file: password of tenant_url": _target(tenant_url="https://a:{}@app.example/v2"),
    "file: query of tenant_url": _target(tenant_url="https://app.example/v2?token={}"),
    "file: user of proxy": _target(proxy="http://a:{}@127.0.0.1:9"),
    "file: user of token_url": _target(
        auth={"kind": "oauth", "client_id": "a", "token_url": "https://a:{}@id.example/t"}
    ),
    "file: query of token_url": _target(
        auth={"kind": "oauth", "client_id": "a", "token_url": "https://id.example/t?s={}"}
    ),
    "file: client_secret under auth": _target(
        auth={"kind": "oauth", "client_id": "a", "client_secret": "{}"}
    ),
    "file: password under target": _target(password="{}"),
    "file: the secret itself": _target(secret_token="{}"),
    "file: the secret as the name of a variable": _target(secret_token={"env": "-{}"}),
    "file: the secret under another key": _target(secret_token={"value": "{}"}),
    "file: the secret as a block": _yaml("|\n     {}\n"),
    "file: a constant password": _password({"target": "password", "constant": "{}"}),
    "file: a mapped password": _password({"target": "password", "source": "surname"}),
    "environment: a variable of somebody else": _environment("AWS_SECRET_ACCESS_KEY"),
    "environment: a proxy with a password": _environment("HTTPS_PROXY", "http://a:{}@127.0.0.1:9"),
    "environment: a secret of two lines": _environment(TOKEN_NAME, "{}\nX-Evil: 1"),
    "environment: a secret with blanks": _environment(TOKEN_NAME, " {} "),
    "secret file": _file("{}\n"),
    "secret file of two lines": _file("{}\n{}"),
    "source: a value that is redacted": _hidden,
    "source: a column that nothing maps": _unmapped,
}


@contextmanager
def loudest(into: Path) -> Iterator[None]:
    """Keep everything that any library logs, at its most talkative."""
    root = logging.getLogger()
    handler, level = logging.FileHandler(into, encoding="utf-8"), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()
