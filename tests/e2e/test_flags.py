"""What every flag of the commands does, seen from outside."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from reconciler.states import ResourceType
from tests.e2e.company import TOKEN_NAME, Company, Sandbox, account, command
from tests.faults import FAULTS
from tests.servers import FaultServer


def parsed(report: Path) -> ElementTree.Element:
    """Return the root of a report that the program has just written."""
    return ElementTree.fromstring(report.read_text("utf-8"))  # noqa: S314


# --user and --group


def test_user_plans_one_person_and_nobody_else(company: Company, sandbox: Sandbox) -> None:
    """Provisioning on demand: try one person before everybody."""
    company.settle("--user", "ADA@contoso.example")

    assert list(sandbox.users()) == ["ada@contoso.example"]
    assert sandbox.groups() == {}
    company.plan("--detailed-exitcode", "--user", "ada")
    company.plan("--detailed-exitcode", code=2)


def test_user_and_group_may_be_repeated(company: Company) -> None:
    company.plan("--user", "ada", "--user", "bob", "--group", "Staff")

    assert company.operations() == [
        ("create", "ada@contoso.example"),
        ("create", "bob@contoso.example"),
        ("create", "Staff"),
        ("add_members", "Staff"),
    ]
    assert company.body()["inputs"]["only"] == ["ada", "bob", "Staff"]


def test_user_leaves_the_leaving_of_others_for_later(settled: Company) -> None:
    settled.lose("bob")
    settled.people["ada"]["jobTitle"] = "Director"

    settled.plan("--user", "ada")

    assert settled.operations() == [("update", "ada@contoso.example")]


# --no-removals


def test_no_removals_lists_what_it_withholds(settled: Company, sandbox: Sandbox) -> None:
    settled.lose("bob")
    settled.people["ada"]["jobTitle"] = "Director"

    ended = settled.plan("--no-removals")
    settled.apply()

    assert settled.operations() == [("update", "ada@contoso.example")]
    withheld = settled.body()["withheld"]
    assert [(op["action"], op["key"]) for op in withheld] == [("disable", "bob@contoso.example")]
    assert "bob@contoso.example" in ended.out
    assert sandbox.users()["bob@contoso.example"]["active"] is True


def test_no_removals_is_no_way_past_a_source_that_shrank(settled: Company) -> None:
    settled.lose("bob", "cleo", "dan", "eve")

    settled.plan("--no-removals", code=5)

    assert [g["id"] for g in settled.body()["guards"] if g["blocked"]] == ["source_shrinks"]


@pytest.mark.parametrize("loss", ["disabled", "renamed", "taken out of a group"])
def test_no_removals_is_no_way_past_the_protected(loss: str, company: Company) -> None:
    club = {"group": "Club", "role": "User"}
    company.group("Club")["members"] = ["ada", "bob"]
    company.application = {
        "safety": {"protected": ["ada@contoso.example"]},
        "assignments": [{"group": "Staff", "role": "User"}, club],
    }
    company.settle()
    if loss == "renamed":
        company.people["ada"]["userPrincipalName"] = "lovelace@contoso.example"
    elif loss == "disabled":
        company.people["ada"]["accountEnabled"] = "false"
    else:
        company.group("Club")["members"] = ["bob"]

    company.plan("--no-removals", code=5)

    assert [g["id"] for g in company.body()["guards"] if g["blocked"]] == ["protected"]


def test_no_removals_is_no_way_past_an_incomplete_read(company: Company) -> None:
    with FaultServer(FAULTS["total-too-high"]) as server:
        company.url = server.url
        company.plan("--no-removals", code=9)

    assert company.plans() == []


# --policy


@pytest.fixture
def base(company: Company) -> Path:
    """The base branch's file, as the company's own stands now."""
    company.write()
    return kept(company)


def kept(company: Company) -> Path:
    """Keep the company's present file as the policy, in a checkout of its own."""
    company.write()
    policy = company.folder.parent / "base" / "provisioning.yaml"
    policy.parent.mkdir(exist_ok=True)
    policy.write_text(company.file.read_text("utf-8"), "utf-8")
    return policy


def test_policy_lets_a_change_of_assignments_pass(base: Path, company: Company) -> None:
    company.application = {"assignments": [{"user": "ada", "role": "Administrator"}]}

    company.plan("--policy", base)

    assert ("create", "ada@contoso.example") in company.operations()


@pytest.mark.parametrize("changed", ["tenant_url", "secret_token: env", "secret_token: file"])
def test_ruling_17_policy_pins_where_the_token_goes(
    changed: str,
    base: Path,
    company: Company,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH_TO_SECRETS", "another-secret")
    with FaultServer() as elsewhere:
        targets: dict[str, dict[str, Any]] = {
            "tenant_url": {"tenant_url": elsewhere.url},
            "secret_token: env": {"secret_token": {"env": "PATH_TO_SECRETS"}},
            "secret_token: file": {"secret_token": {"file": "token.txt"}},
        }
        company.target = targets[changed]

        ended = company.plan("--policy", base, code=3)

    assert "policy-target" in ended.err
    assert changed.partition(":")[0] in ended.err
    assert elsewhere.requests == []
    assert sandbox.requests == []
    assert company.plans() == []


@pytest.mark.parametrize("strict", ["the policy", "the branch"])
def test_ruling_17_the_stricter_limits_hold(strict: str, settled: Company) -> None:
    nobody = {"safety": {"accidental_deletions": {"enabled": True, "at_most": 0, "percent": 5}}}
    settled.application = nobody if strict == "the policy" else {}
    policy = kept(settled)
    settled.application = {} if strict == "the policy" else nobody
    settled.lose("bob")

    ended = settled.plan("--policy", policy, code=5)

    assert "1 of 6 active users of ours would be disabled or deleted" in ended.words


def test_ruling_17_policy_protects_whom_the_branch_does_not(settled: Company) -> None:
    settled.application = {"safety": {"protected": ["bob@contoso.example"]}}
    policy = kept(settled)
    settled.application = {}
    settled.lose("bob")

    settled.plan("--policy", policy, code=5)


def test_ruling_17_an_application_that_the_policy_does_not_know_is_refused(
    base: Path, company: Company, sandbox: Sandbox
) -> None:
    company.others = {"wiki": {}}
    company.write()

    ended = company.run("plan", "--policy", base, "wiki")

    assert ended.code == 3
    assert "does not know wiki" in ended.err
    assert sandbox.requests == []


def test_a_policy_with_mistakes_is_not_a_policy(base: Path, company: Company) -> None:
    base.write_text("version: 1\n", "utf-8")

    company.plan("--policy", base, code=3)


# --as-of


@pytest.mark.parametrize(("day", "people"), [("2027-01-31", 6), ("2027-02-01", 0)])
def test_ruling_4_an_assignment_is_valid_through_the_day_it_expires(
    day: str, people: int, company: Company
) -> None:
    expiring = {"group": "Staff", "role": "User", "expires": "2027-01-31"}
    company.application = {"assignments": [expiring]}

    company.plan("--as-of", day)

    assert [action for action, key in company.operations() if "@" in key].count("create") == people
    assert company.body()["inputs"]["as_of"] == f"{day}T00:00:00Z"


def test_ruling_4_a_moment_is_kept_in_utc(company: Company) -> None:
    company.plan("--as-of", "2026-11-23T01:30:00+02:00")

    assert company.body()["inputs"]["as_of"] == "2026-11-22T23:30:00Z"


def test_ruling_4_without_as_of_it_is_the_start_of_the_day(company: Company) -> None:
    company.plan()

    assert company.body()["inputs"]["as_of"].endswith("T00:00:00Z")


@pytest.mark.parametrize(("days", "deleted"), [(29, False), (30, True)])
def test_ruling_6_delete_after_counts_from_our_own_disable(
    days: int, deleted: bool, company: Company
) -> None:
    company.application = {"lifecycle": {"delete_after": "30d"}}
    company.settle()
    company.lose("bob")
    company.settle()
    done = next(line for line in company.journal() if "disable" in line.get("effects", []))
    later = date.fromisoformat(done["at"][:10]) + timedelta(days=days)

    company.plan("--as-of", later.isoformat())

    assert (("delete", "bob@contoso.example") in company.operations()) is deleted


# --no-store, --out, --junit, --format


def test_no_store_stores_nothing(company: Company) -> None:
    ended = company.plan("--no-store")

    assert not (company.folder / "plans").exists()
    assert "7 to create" in ended.out


def test_out_is_a_copy_of_the_stored_plan(company: Company) -> None:
    copy = company.folder / "copy.json"

    company.plan("--out", copy)

    assert copy.read_bytes() == company.newest().read_bytes()


def test_junit_has_a_case_for_every_guard(settled: Company) -> None:
    settled.lose("bob", "cleo", "dan", "eve")
    report = settled.folder / "guards.xml"

    settled.plan("--junit", report, code=5)

    cases = parsed(report).findall("testcase")
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    assert len(cases) == len(settled.body()["guards"])
    assert failed == {"app: accidental_deletions", "app: source_shrinks"}


def test_junit_of_several_applications_holds_them_all(company: Company) -> None:
    company.others = {"wiki": {}}
    company.write()
    report = company.folder / "guards.xml"

    assert company.run("plan", "--junit", report).code == 0

    names = [case.get("name", "") for case in parsed(report)]
    assert {name.partition(":")[0] for name in names} == {"app", "wiki"}


def test_format_json_is_the_plan(company: Company) -> None:
    ended = company.plan("--format", "json")

    assert json.loads(ended.out)["body"] == company.body()


def test_format_markdown_is_for_a_comment(company: Company) -> None:
    ended = company.plan("--format", "markdown")

    assert "ada@contoso.example" in ended.out
    assert ended.out.startswith("<!-- reconciler plan: app -->\n### ")
    assert company.body()["operations_digest"] in ended.out


def test_format_text_names_the_command_to_apply_with(company: Company) -> None:
    ended = company.plan()

    assert f"reconciler apply {company.newest()}" in ended.words


# show


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_show_renders_what_was_stored(form: str, company: Company) -> None:
    planned = company.plan("--format", form)

    shown = company.run("show", "--format", form, company.newest())

    lines = shown.out.splitlines()
    said = [line for line in planned.out.splitlines() if "reconciler apply" not in line]
    assert shown.code == 0
    assert [line for line in said if line not in lines] == []


def test_show_finds_a_plan_by_the_start_of_its_digest(company: Company) -> None:
    company.plan()
    digest = company.newest().name.partition("Z-")[2][:12]

    assert company.run("show", digest).code == 0


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_show_redact_leaves_out_every_name_and_value_of_a_person(
    form: str, company: Company, sandbox: Sandbox
) -> None:
    with sandbox.by_hand() as target:
        target.create(ResourceType.USER, account("stranger@vendor.example"))
    company.application = {"safety": {"protected": ["dan@contoso.example"]}}
    company.settle()
    for name in ("ada", "bob"):
        secret = {"surname": f"{name}-surname", "mail": f"{name}@private.example"}
        company.people[name] |= {**secret, "jobTitle": f"{name}-title", "department": f"{name}-dep"}
    company.people["cleo"]["userPrincipalName"] = "married@contoso.example"
    company.lose("dan")
    company.hire("gil", manager="ada")
    company.application["registered_domains"] = ["contoso.example"]
    company.hire("hal", userPrincipalName="hal@foreign.example")
    company.plan(code=5)

    shown = company.run("show", "--redact", "--format", form, company.newest())

    private = [
        *(f"{name}@contoso.example" for name in ("ada", "bob", "cleo", "dan", "eve", "gil")),
        *("ada-", "bob-", "private.example", "married", "foreign.example", "stranger", "vendor"),
    ]
    assert [word for word in private if word.lower() in shown.out.lower()] == []
    assert "protected" in shown.out
    assert "Staff" in shown.out
    assert shown.code == 0


# explain


def test_explain_shows_the_four_steps(settled: Company, sandbox: Sandbox) -> None:
    settled.people["ada"]["jobTitle"] = "Director"
    settled.write()
    sandbox.requests.clear()

    ended = settled.run("explain", "ada@contoso.example")

    assert ended.code == 0
    account_id = sandbox.users()["ada@contoso.example"]["id"]
    for line in (
        "jobTitle = Director",
        "[x] Assigned to application: User by group Staff",
        "title <- [jobTitle] = 'Director'",
        f"recorded link: account {account_id}",
        f"userName = ada@contoso.example: account {account_id}",
        "update User ada@contoso.example",
        "title: 'Employee' -> 'Director'",
    ):
        assert line in ended.out
    assert sandbox.writes == []
    assert len(settled.plans()) == 1


def test_explain_offline_asks_nobody(
    company: Company, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN_NAME)
    company.write()

    ended = company.run("explain", "--offline", "ada")

    assert ended.code == 0
    assert "2. Scope" in ended.out
    assert "3. Match" not in ended.out
    assert sandbox.requests == []


def test_explain_says_why_somebody_is_left_out(company: Company) -> None:
    company.application = {"registered_domains": ["contoso.example"]}
    company.hire("gil", userPrincipalName="gil@elsewhere.example")
    company.people["hal"] = {"userPrincipalName": "hal@contoso.example"}
    company.write()

    foreign = company.run("explain", "gil").out
    unassigned = company.run("explain", "hal").out

    assert "skipped: InvalidDomain" in foreign
    assert "userName = gil@elsewhere.example: no account" in foreign
    assert "nothing to do: NotEffectivelyEntitled" in unassigned


def test_explain_says_that_everything_is_as_it_should_be(settled: Company) -> None:

    assert "nothing to do: RedundantExport" in settled.run("explain", "ada").out


def test_explain_only_one_application(company: Company) -> None:
    company.others = {"wiki": {}}
    company.write()

    both = company.run("explain", "--offline", "ada").out
    one = company.run("explain", "--offline", "--app", "wiki", "ada").out

    assert both.count("1. Import") == 2
    assert one.startswith("ada and wiki")
    assert one.count("1. Import") == 1


# expr and schema


@pytest.mark.parametrize(
    ("expression", "settings", "result"),
    [
        (
            'Join(" ", [givenName], [surname])',
            ["givenName=Zoë", "surname=Null"],
            '"Zoë Null"',
        ),
        ("[nothing]", [], "null"),
        ("[empty]", ["empty="], "null"),
        ('Split([proxy], ";")', ["proxy=a;b"], '["a", "b"]'),
        ("SingleAppRoleAssignment([appRoleAssignments])", ['appRoleAssignments=["admin"]'], None),
        ('Left("x=y", 1)', [], '"x"'),
        ("[a]", ["a=b=c"], '"b=c"'),
        ("[a]", ['a=["x", 7, null]'], '["x", "7", "null"]'),
        ("[appRoleAssignments]", ['appRoleAssignments=["admin"]'], '["admin"]'),
    ],
)
def test_expr_prints_json(
    expression: str, settings: list[str], result: str | None, company: Company
) -> None:
    given = [word for setting in settings for word in ("--set", setting)]

    ended = company.run("expr", expression, *given)

    assert ended.code == 0, ended.err
    assert ended.out == f"{result}\n" if result else json.loads(ended.out) == "admin"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Join(",), "expression:1:"),
        (("Frobnicate()",), "Frobnicate"),
        (("[a]", "--set", "a"), "NAME=VALUE"),
        (("[a]", "--set", "=b"), "NAME=VALUE"),
        (("[a]", "--set", "a=[b"), "no JSON list"),
        (("[a]", "--set", f"a={'[' * 100_000}"), "no JSON list"),
        (("Left([a], [b])", "--set", "a=x"), "error[evaluation]: Left: argument 2"),
    ],
    ids=str,
)
def test_expr_says_what_is_wrong(arguments: tuple[str, ...], words: str, company: Company) -> None:
    ended = company.run("expr", *arguments)

    assert ended.code == 3
    assert words in ended.err


def test_expr_warns_of_what_is_legal_and_means_something_else(company: Company) -> None:
    ended = company.run("expr", "[appRoleAssignments]")

    assert ended.code == 0
    assert ended.err.startswith("warning: ")


@pytest.mark.parametrize("name", ["config", "plan", "journal"])
def test_schema_prints_a_json_schema(name: str, company: Company) -> None:
    ended = company.run("schema", name)

    jsonschema.Draft202012Validator.check_schema(json.loads(ended.out))


def test_a_stored_plan_and_its_journal_follow_their_schemas(settled: Company) -> None:
    schemas = {n: json.loads(settled.run("schema", n).out) for n in ("plan", "journal", "config")}

    jsonschema.validate(json.loads(settled.newest().read_text("utf-8")), schemas["plan"])
    for record in settled.journal():
        jsonschema.validate(record, schemas["journal"])
    jsonschema.validate(settled.settings(), schemas["config"])


# history


@pytest.fixture
def two_plans(settled: Company) -> Company:
    """One plan applied, one not."""
    settled.people["bob"]["jobTitle"] = "Director"
    settled.plan()
    return settled


def test_history_as_json(two_plans: Company) -> None:
    rows = json.loads(two_plans.run("history", "--format", "json").out)

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
    rows = json.loads(two_plans.run("history", "--user", user, "--format", "json").out)

    assert len(rows) == count


def test_history_without_plans(company: Company) -> None:
    company.write()

    assert company.run("history").code == 0
    assert json.loads(company.run("history", "--format", "json").out) == []


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
    company.write()

    ended = company.run("validate")

    assert ended.code == 0
    assert "warning[unknown-user]" in ended.err
    assert ended.out == f"{company.file}: valid; 1 application, 1 warning\n"


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
    assert "title: expected 'Director', found 'Employee'" in ended.out
    root = parsed(report)
    assert (root.get("tests"), root.get("failures")) == ("3", "2")
    assert sandbox.requests == []


# enabled, include, defaults, secrets in files


def test_an_application_that_is_switched_off_is_planned(company: Company) -> None:
    company.application = {"enabled": False}

    company.plan()

    assert ("create", "ada@contoso.example") in company.operations()


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


@pytest.mark.parametrize(
    ("name", "code"), [("unauthorized", 4), ("html", 9), ("total-too-high", 9)]
)
def test_probe_of_a_service_that_cannot_be_used(name: str, code: int, company: Company) -> None:
    with FaultServer(FAULTS[name]) as server:
        company.url = server.url
        company.write()

        ended = company.run("probe", "app")

    assert ended.code == code
    assert "Traceback" not in ended.text
    assert server.writes == []


def test_show_of_a_path_needs_no_configuration(
    settled: Company, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = next((settled.folder / "plans" / "app").glob("*.plan.json"))
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))

    ended = command("show", str(plan))

    assert ended.code == 0
    assert "app" in ended.out
