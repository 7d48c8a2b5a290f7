"""
Whatever is wrong with the files or the server: a clear sentence, the right exit code, no writes.

Nobody sees a traceback or a secret, and nothing is stored that could be applied.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.company import TOKEN_NAME, USER_MAPPINGS, Company, Ended
from tests.faults import FAULTS, HTML, redirect_to
from tests.servers import FaultServer, Reply, free_port

SMALL_PAGES = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": 3},
    "changePassword": {"supported": False},
    "sort": {"supported": False},
    "etag": {"supported": False},
    "authenticationSchemes": [],
}
"""Seven users come in three pages."""

CANARY = "c4nary-0f-the-secret-token"


def is_clean(ended: Ended, company: Company) -> None:
    """Check what holds whatever was wrong."""
    assert "Traceback" not in ended.text
    assert ended.err.startswith("error") or "error[" in ended.err
    for path in company.files():
        if path != company.file:
            assert CANARY not in path.read_text("utf-8")
    assert CANARY not in ended.text
    assert company.plans() == []


def staffed(folder: Path, url: str) -> Company:
    company = Company(folder, url)
    for name in ("ada", "bob", "cleo"):
        company.hire(name)
    return company


# files


def literal_token(company: Company) -> None:
    company.target = {"secret_token": CANARY}


def unknown_role(company: Company) -> None:
    company.application = {"assignments": [{"group": "Staff", "role": "Usr"}]}


def multi_valued_filter(company: Company) -> None:
    clause = {"attribute": "proxyAddresses", "operator": "EQUALS", "value": "x"}
    company.application = {"scoping_filters": {"users": [{"title": "T", "clauses": [clause]}]}}


def mapped_id(company: Company) -> None:
    users = [*USER_MAPPINGS, {"target": "id", "source": "objectId"}]
    company.application = {"mappings": {"users": users}}


def unknown_group(company: Company) -> None:
    company.application = {"assignments": [{"group": "Stuff", "role": "User"}]}


@dataclass(frozen=True)
class Mistake:
    """What somebody got wrong in the files, and what the message says about it."""

    make: Callable[[Company], object]
    words: tuple[str, ...]
    on_disk: bool = False
    """Whether it is made after the files were written."""


def no_users_file(company: Company) -> None:
    (company.folder / "people.csv").unlink()


def no_groups_file(company: Company) -> None:
    (company.folder / "groups.json").unlink()


def no_configuration(company: Company) -> None:
    company.file.unlink()


def empty_users_file(company: Company) -> None:
    (company.folder / "people.csv").write_bytes(b"")


def only_a_header(company: Company) -> None:
    (company.folder / "people.csv").write_text("objectId,userPrincipalName\n", "utf-8")


def folder_for_a_file(company: Company) -> None:
    no_users_file(company)
    (company.folder / "people.csv").mkdir()


def ragged_row(company: Company) -> None:
    (company.folder / "people.csv").write_text("objectId,mail\na,b,c\n", "utf-8")


def not_yaml(company: Company) -> None:
    company.file.write_text("version: 1\nsource: [\n", "utf-8")


def latin_1(company: Company) -> None:
    company.file.write_bytes("version: 1 # é\n".encode("latin-1"))


MISTAKES = {
    "a literal token": Mistake(literal_token, ("literal-secret", "secret_token")),
    "an unknown role": Mistake(unknown_role, ("unknown-role", "Usr", '"User"')),
    "a filter on a multi-valued attribute": Mistake(
        multi_valued_filter, ("unsupported-filter-attribute", "proxyAddresses")
    ),
    "a mapping of id": Mistake(mapped_id, ("read-only-target", "id")),
    "an unknown group": Mistake(unknown_group, ("unknown-group", "Stuff", '"Staff"')),
    "no configuration": Mistake(no_configuration, ("missing-file", "provisioning.yaml"), True),
    "a missing file of users": Mistake(no_users_file, ("missing-file", "people.csv"), True),
    "a missing file of groups": Mistake(no_groups_file, ("missing-file", "groups.json"), True),
    "an empty file of users": Mistake(empty_users_file, ("people.csv", "empty"), True),
    "a file with only a header": Mistake(only_a_header, ("people.csv", "nobody"), True),
    "a folder instead of a file": Mistake(folder_for_a_file, ("people.csv",), True),
    "a ragged row": Mistake(ragged_row, ("people.csv:2",), True),
    "no YAML": Mistake(not_yaml, ("not-yaml", "provisioning.yaml:"), True),
    "a wrong encoding": Mistake(latin_1, ("wrong-encoding", "UTF-8"), True),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_files_is_named_before_any_request(
    mistake: Mistake, tmp_path: Path
) -> None:
    with FaultServer() as server:
        company = staffed(tmp_path / "company", server.url)
        if not mistake.on_disk:
            mistake.make(company)
        company.write()
        if mistake.on_disk:
            mistake.make(company)

        ended = company.run("plan", "app")

    assert ended.code == 3
    assert [word for word in mistake.words if word not in ended.err] == []
    assert server.requests == []
    is_clean(ended, company)


# credentials


def test_a_token_that_is_not_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN_NAME)
    with FaultServer() as server:
        company = staffed(tmp_path / "company", server.url)
        company.write()

        ended = company.run("plan", "app")

    assert ended.code == 3
    assert "missing-secret" in ended.err
    assert TOKEN_NAME in ended.err
    assert server.requests == []
    is_clean(ended, company)


@pytest.mark.parametrize(
    "token", [f"{CANARY}\nHost: evil", f'"{CANARY}"', f"{CANARY} ", "é" + CANARY]
)
def test_a_token_that_is_none_is_not_sent_and_not_shown(
    token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, token)
    with FaultServer() as server:
        company = staffed(tmp_path / "company", server.url)
        company.write()

        ended = company.run("plan", "app")

    assert ended.code == 3
    assert "bad-token" in ended.err
    assert server.requests == []
    is_clean(ended, company)


def test_a_wrong_token_is_exit_4_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_NAME, CANARY)
    with FaultServer() as server:
        company = staffed(tmp_path / "company", server.url)
        company.write()

        ended = company.run("plan", "app")

    assert ended.code == 4
    assert "401" in ended.err
    assert server.writes == []
    is_clean(ended, company)


# servers

SERVERS: dict[str, tuple[int, tuple[str, ...]]] = {
    "html": (9, ("text/html", "not a SCIM service")),
    "html-that-claims-to-be-json": (9, ("not JSON",)),
    "unauthorized": (4, ("401", "token expired")),
    "forbidden": (4, ("403", "not yours")),
    "not-found": (9, ("404", "/Users")),
    "broken": (9, ("503",)),
    "no-content": (9, ("204",)),
    "partial-content": (9, ("206",)),
    "empty-body": (9, ("cannot be read",)),
    "empty-object": (9, ("not a SCIM ListResponse",)),
    "null": (9, ("not a SCIM ListResponse",)),
    "bare-list": (9, ("not a SCIM ListResponse",)),
    "truncated": (9, ("cut off",)),
    "cut-off-json": (9, ("cut off",)),
    "hang-up": (9, ("did not arrive",)),
    "total-too-low": (9, ("page 2", "6 resources had come", "4 were stated")),
    "total-too-high": (9, ("7 resources had come", "9 were stated")),
    "total-is-the-page": (9, ("page 2 goes on after the 3",)),
    "repeating-page": (9, ("page 2 repeats", "which page is asked for")),
    "overlapping-pages": (9, ("page 2 repeats", "overlap")),
    "path-id": (9, ("page 1", "usable id")),
    "gzip-bomb": (9, ("larger than 16 MiB",)),
}
"""By the name of the fault: the exit code, and words of the message."""


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", SERVERS)
def test_a_server_that_misbehaves_is_not_believed(name: str, tmp_path: Path) -> None:
    code, words = SERVERS[name]
    with FaultServer(FAULTS[name], config=SMALL_PAGES) as server:
        company = staffed(tmp_path / "company", server.url)
        company.write()

        ended = company.run("plan", "app")

    assert ended.code == code
    assert [word for word in words if word not in ended.err] == []
    assert server.writes == []
    assert "SECRET" not in ended.text
    is_clean(ended, company)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", ["html", "repeating-page", "total-too-low"])
def test_an_apply_reads_as_strictly_as_a_plan(name: str, tmp_path: Path) -> None:
    with FaultServer(config=SMALL_PAGES) as server:
        company = staffed(tmp_path / "company", server.url)
        company.plan()
    with FaultServer(FAULTS[name], config=SMALL_PAGES) as broken:
        company.url = broken.url
        text = company.newest().read_text("utf-8")
        company.plans()[-1].unlink()
        moved = retargeted(json.loads(text), broken.url)
        plan = company.folder / "moved.plan.json"
        plan.write_text(json.dumps(moved), "utf-8")
        company.write()

        ended = company.run("apply", "--auto-approve", plan)

    assert ended.code == 9
    assert broken.writes == []
    assert "Traceback" not in ended.text


def retargeted(plan: Any, url: str) -> Any:
    """Return *plan* as if it had been made for another address."""
    from reconciler.plan.digest import digest

    body = plan["body"]
    body["target"]["tenant_url"] = url
    plain = [
        {name: value for name, value in operation.items() if name != "precondition"}
        for operation in body["operations"]
    ]
    body["operations_digest"] = digest([body["application"], url, plain])
    return {**plan, "digest": digest(body)}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, tmp_path: Path) -> None:
    with FaultServer() as elsewhere:
        fault = redirect_to(f"{elsewhere.url}/Users", status)
        with FaultServer(fault) as server:
            company = staffed(tmp_path / "company", server.url)
            company.write()

            ended = company.run("plan", "app")

    assert ended.code == 9
    assert f"redirect ({status})" in ended.err
    assert "tenant_url" in ended.err
    assert elsewhere.requests == []
    assert server.writes == []
    is_clean(ended, company)


@pytest.mark.usefixtures("hurried")
def test_a_port_that_nobody_listens_on(tmp_path: Path) -> None:
    port = free_port()
    company = staffed(tmp_path / "company", f"http://127.0.0.1:{port}/v2")
    company.write()

    ended = company.run("plan", "app")

    assert ended.code == 9
    assert f"cannot connect to http://127.0.0.1:{port}" in ended.err
    is_clean(ended, company)


def discovery(path: str, reply: Reply) -> FaultServer:
    """Return an honest service but for one of its documents."""
    return FaultServer(answer=lambda seen: reply if seen.path == path else None)


GARBAGE = {
    "a list": Reply.of([]),
    "a number": Reply.of(7),
    "text": Reply.of("everything"),
    "HTML": HTML,
    "nothing": Reply(b""),
}


@pytest.mark.parametrize("reply", GARBAGE.values(), ids=GARBAGE)
def test_a_garbled_service_provider_config_is_exit_9(reply: Reply, tmp_path: Path) -> None:
    with discovery("/ServiceProviderConfig", reply) as server:
        company = staffed(tmp_path / "company", server.url)
        company.write()

        ended = company.run("plan", "app")

    assert ended.code == 9
    assert "/ServiceProviderConfig" in ended.err
    assert server.writes == []
    is_clean(ended, company)


def test_an_empty_service_provider_config_leaves_the_defaults_of_the_rfc(tmp_path: Path) -> None:
    with discovery("/ServiceProviderConfig", Reply.of({})) as server:
        company = staffed(tmp_path / "company", server.url)

        company.plan()

    assert company.body()["read"]["users"] == {
        "complete": True,
        "received": 7,
        "total_results": 7,
    }
    assert server.writes == []


@pytest.mark.parametrize(
    "wanted",
    [("validate",), ("test",), ("plan",), ("probe", "app"), ("explain", "ada"), ("history",)],
    ids=lambda words: words[0],
)
def test_every_command_says_what_is_wrong_with_the_file(
    wanted: tuple[str, ...], tmp_path: Path
) -> None:
    company = staffed(tmp_path / "company", "http://127.0.0.1:9/v2")
    unknown_role(company)
    company.write()

    ended = company.run(*wanted)

    assert ended.code == 3
    assert "unknown-role" in ended.err
    is_clean(ended, company)
