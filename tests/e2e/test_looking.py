"""``history``, ``validate``, ``test``, ``probe`` and ``include``, seen from outside."""

import csv
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox import make_app
from reconciler.testing import FAULTS, FaultyScim
from tests.e2e.company import (
    COLUMNS,
    TOKEN_NAME,
    USER_MAPPINGS,
    Company,
    Sandbox,
    command,
    parsed,
)
from tests.servers import TOKEN, FaultServer

# history


@pytest.fixture
def two_plans(settled: Company) -> Company:
    """One plan applied, one not."""
    settled.people["bob"]["jobTitle"] = "Director"
    settled.plan()
    return settled


def test_history_as_json(two_plans: Company) -> None:
    rows = json.loads(two_plans.run("history", "--format", "json").out)["plans"]

    assert sorted(row["state"] for row in rows) == ["applied", "not applied"]
    assert {row["application"] for row in rows} == {"app"}


def test_history_as_csv(two_plans: Company) -> None:
    text = two_plans.run("history", "app", "--format", "csv").out

    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 2
    assert {row["operations"] for row in rows} >= {"1 update"}


def test_history_as_text(two_plans: Company) -> None:
    assert "not applied" in two_plans.run("history").out


@pytest.mark.parametrize(("user", "count"), [("BOB@contoso.example", 2), ("cleo", 1), ("nil", 0)])
def test_history_of_one_person(user: str, count: int, two_plans: Company) -> None:
    rows = json.loads(two_plans.run("history", "--user", user, "--format", "json").out)["plans"]

    assert len(rows) == count


def test_history_of_one_guard(settled: Company) -> None:
    settled.lose("ada", "bob", "cleo", "dan")
    settled.plan(code=5)

    rows = json.loads(settled.run("history", "--guard", "source_shrinks", "--format", "json").out)

    assert [row["state"] for row in rows["plans"]] == ["not applied"]
    assert "source_shrinks" in rows["plans"][0]["blocked"]
    assert "source_shrinks" in settled.run("history", "app", "--guard", "source_shrinks").out
    assert settled.run("history", "--guard", "min_admins").out == "No plans.\n"


def test_history_without_plans(company: Company) -> None:
    company.write()

    assert company.run("history").code == 0
    assert json.loads(company.run("history", "--format", "json").out) == {"plans": [], "value": []}


# validate and test


def test_ruling_1_validate_says_everything_at_once(company: Company) -> None:
    """The configuration, the source, and what lies between them, in one run."""
    company.application = {
        "assignments": [{"group": "Staff", "role": "Usr"}, {"group": "Stuff", "role": "User"}],
        "registered_domains": ["not a domain"],
    }
    company.people["bob"]["accountEnabled"] = "perhaps"
    company.write()

    ended = company.run("validate")

    assert ended.code == 3
    codes = ("unknown-role", "bad-domain", "bad-boolean", "unknown-group")
    assert [code for code in codes if f"error[{code}]" not in ended.err] == []
    assert f"{company.file}:" in ended.err
    assert "people.csv:3:" in ended.err
    assert '"group": "Stuff"' in ended.err
    assert "4 errors" in ended.err


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        pytest.param(None, [], id="all there"),
        pytest.param("procrastinate", ["fleet"], id="no queue"),
        pytest.param("psycopg_pool", ["fleet"], id="no driver"),
        pytest.param("obstore", ["cloud"], id="no bucket"),
    ],
)
def test_validate_warns_of_an_extra_that_is_not_installed(
    missing: str | None, said: list[str], company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.top = {
        "fleet": {"name": "contoso", "database": {"env": "FLEET_DATABASE"}},
        "plans": {"store": "s3://company/plans"},
    }
    company.write()
    if missing:
        monkeypatch.setitem(sys.modules, missing, None)

    ended = company.run("validate")

    assert ended.code == 0
    assert ended.err.count("warning[missing-extra]") == len(said)
    assert re.findall(r"pip install 'scim-reconciler\[(\w+)\]'", ended.err) == said


def test_validate_needs_no_extra_that_is_not_used(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.write()
    for package in ("procrastinate", "obstore"):
        monkeypatch.setitem(sys.modules, package, None)

    assert "missing-extra" not in company.run("validate").text


def test_validate_of_a_group_that_nobody_knows(company: Company) -> None:
    company.application = {"assignments": [{"group": "Stuff", "role": "User"}]}
    company.write()

    ended = company.run("validate")

    assert ended.code == 3
    assert "error[unknown-group]" in ended.err
    assert "1 error;" in ended.err


def test_validate_of_a_file_with_a_broken_source_block(company: Company) -> None:
    company.write()
    text = company.file.read_text("utf-8").replace('"kind": "files"', '"kind": "graph"')
    company.file.write_text(text.replace('"role": "User"', '"role": "Usr"'), "utf-8")

    ended = company.run("validate")

    assert ended.code == 3
    assert "not-yet-supported" in ended.err
    assert "unknown-role" in ended.err


def test_validate_with_broken_groups_does_not_complain_of_their_names(company: Company) -> None:
    company.write()
    (company.folder / "groups.json").write_text("[", "utf-8")

    ended = company.run("validate")

    assert ended.code == 3
    assert "groups.json" in ended.err
    assert "unknown-group" not in ended.err


def test_validate_warns_of_who_is_not_in_the_source(company: Company) -> None:
    company.application = {
        "assignments": [{"group": "Staff", "role": "User"}, {"user": "gone", "role": "User"}]
    }
    anchor = next(iter(company.people))
    texts = {"surname", "mail", "jobTitle", "department"}
    company.people[anchor] |= {column: "x" for column in COLUMNS if column in texts}
    company.people[anchor]["manager"] = anchor
    company.write()

    ended = company.run("validate")

    assert ended.code == 0
    assert "warning[unknown-user]" in ended.err
    assert ended.out == f"{company.file}: valid; 1 application, 1 warning\n"


def test_validate_warns_of_what_mappings_read_and_the_source_does_not_have(
    company: Company,
) -> None:
    condition = 'IIF([jobTitle] = "Chief", "a", "b")'
    line = {"target": "nickName", "expression": condition}
    misspelt = {"target": "title", "source": "jobTitel", "default": "Employee"}
    others = [one for one in USER_MAPPINGS if one["target"] in {"userName", "active"}]
    company.application = {"mappings": {"users": [*others, misspelt, line]}}
    anchor = next(iter(company.people))
    company.people[anchor]["jobTitle"] = "Chief"
    company.write()

    ended = company.run("validate")

    assert ended.code == 0
    assert 'warning[unknown-attribute]: nobody in the source has the attribute "jobTitel"' in (
        ended.err
    )
    assert 'did you mean "jobTitle"?' in ended.err
    assert "the condition fails for whoever has no [jobTitle]: " in ended.err
    assert 'write Switch([jobTitle], "b", "Chief", "a")' in ended.err


def test_test_runs_offline_and_writes_junit(company: Company, sandbox: Sandbox) -> None:
    company.application = {
        "tests": [
            {"user": "ada", "expect": {"in_scope": True, "role": "User"}},
            {"user": "bob", "expect": {"attributes": {"title": "Director"}}},
            {"user": "nobody", "expect": {"in_scope": False}},
        ]
    }
    company.write()
    report = company.folder / "tests.xml"

    ended = company.run("test", "--junit", report)

    assert ended.code == 12
    assert "1 passed, 2 failed" in ended.out
    assert 'title: expected "Director", found "Employee"' in ended.out
    root = parsed(report)
    assert (root.get("tests"), root.get("failures")) == ("3", "2")
    failed = root.findall(".//failure")
    assert [one.get("message") for one in failed] == [
        'title: expected "Director", found "Employee"',
        'the source has no user "nobody"',
    ]
    for told in (str(failed[0].text), ended.out):
        assert "[x] Assigned to application: User by group Staff" in told
        assert 'title <- [jobTitle] = nothing; a create writes "Employee"' in told
    assert sandbox.requests == []


# enabled, include, defaults, secrets in files


def test_an_application_that_is_switched_off_is_planned(company: Company) -> None:
    company.application = {"enabled": False}

    planned = company.plan()

    assert ("create", "ada@contoso.example") in company.operations()
    assert "Apply it with" not in planned.out
    assert "app has `enabled: false`: apply refuses this plan" in planned.err


def split(company: Company) -> None:
    """Put what applications share under `defaults`, and the application in a file of its own."""
    settings = company.settings()
    shared = settings["applications"].pop("app")
    own = {key: shared.pop(key) for key in ("assignments",)}
    own["target"] = {"concurrency": 2}
    main: dict[str, Any] = {"version": 1, "source": settings["source"]}
    main |= {"include": ["applications/*.yaml"], "defaults": shared}
    company.file.write_text(json.dumps(main), "utf-8")
    folder = company.folder / "applications"
    folder.mkdir()
    (folder / "app.yaml").write_text(json.dumps({"applications": {"app": own}}), "utf-8")


def test_include_and_defaults_make_the_same_operations(company: Company) -> None:
    company.plan()
    whole = company.body()["operations_digest"]
    split(company)

    ended = company.run("plan", "--format", "json", "--no-store", "app")

    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["body"]["operations_digest"] == whole


def test_an_error_in_an_included_file_is_shown_with_its_line(company: Company) -> None:
    company.write()
    split(company)
    included = company.folder / "applications" / "app.yaml"
    included.write_text(included.read_text("utf-8").replace('"User"', '"Usr"'), "utf-8")

    ended = company.run("validate")

    assert ended.code == 3
    assert f"{included}:1:" in ended.err
    assert '"Usr"' in ended.err


@pytest.mark.parametrize(
    ("include", "code", "said"),
    [
        pytest.param("applications/*.yaml", 0, "valid", id="a pattern may match nothing"),
        pytest.param("applications/app.yaml", 3, "nothing-included", id="a name must be there"),
    ],
)
def test_an_include_that_finds_nothing(
    include: str, code: int, said: str, company: Company
) -> None:
    """The contract's own example includes a folder that need not hold anything yet."""
    company.write()
    company.file.write_text(json.dumps({**company.settings(), "include": [include]}), "utf-8")

    ended = company.run("validate")

    assert ended.code == code
    assert said in ended.out + ended.err


def test_an_include_does_not_lead_out_of_the_folder(company: Company, tmp_path: Path) -> None:
    company.write()
    split(company)
    outside = tmp_path / "outside.yaml"
    outside.write_text("applications: {}\n", "utf-8")
    (company.folder / "applications" / "link.yaml").symlink_to(outside)

    ended = company.run("plan")

    assert ended.code == 3
    assert "included-outside" in ended.err


def test_a_secret_in_a_file_is_found_beside_the_configuration(
    company: Company, token: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Paths are relative to the configuration, wherever the command is started."""
    company.target = {"secret_token": {"file": "token.txt"}}
    company.write()
    (company.folder / "token.txt").write_text(f"{token}\n", "utf-8")
    monkeypatch.delenv(TOKEN_NAME)
    monkeypatch.chdir(tmp_path)

    company.settle()


# probe


def test_probe_of_an_honest_service(settled: Company, sandbox: Sandbox) -> None:
    sandbox.requests.clear()

    ended = settled.run("probe", "app")

    assert ended.code == 0
    assert "ok   credential" in ended.out
    assert "6 users, proved complete" in ended.out
    assert sandbox.writes == []


@pytest.mark.parametrize(("name", "code"), [("status-401", 4), ("html", 9), ("total-high", 9)])
def test_probe_of_a_service_that_cannot_be_used(name: str, code: int, company: Company) -> None:
    with FaultServer(FAULTS[name]) as server:
        company.url = server.url
        company.write()

        ended = company.run("probe", "app")

    assert ended.code == code
    assert "Traceback" not in ended.text
    assert server.writes == []


@pytest.mark.parametrize("name", ["filter-minds-case", "filter-finds-nobody"])
def test_probe_of_a_filter_that_finds_too_little_says_what_to_do(
    name: str, company: Company
) -> None:
    scim = FaultyScim(make_app(TOKEN))
    with scim.serve() as company.url:
        company.settle()
        scim.arm(name)

        ended = company.run("probe", "app")

    assert ended.code == 0
    assert "does not find a user who is there, or minds case" in ended.out
    assert "`--write-profile` measures which of the two" in ended.out


def test_show_of_a_path_needs_no_configuration(
    settled: Company, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = next((settled.folder / "plans" / "app").glob("*.plan.json"))
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))

    ended = command("show", str(plan))

    assert ended.code == 0
    assert "app" in ended.out
