"""
Whatever is wrong with the files or the server: a clear sentence, the right exit code, no writes.

Nobody sees a traceback or a secret, and nothing is stored that could be applied.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.testing import Reply
from reconciler.testing.faults.statuses import redirect
from tests.e2e.company import TOKEN_NAME, USER_MAPPINGS, Company, Ended
from tests.servers import HTML, FaultServer, free_port

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


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, tmp_path: Path) -> None:
    with FaultServer() as elsewhere:
        fault = redirect(status, f"{elsewhere.url}/Users")
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
