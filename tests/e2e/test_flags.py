"""What every flag of ``plan`` does, seen from outside."""

import json
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.testing import FAULTS
from tests.e2e.company import Company, Sandbox, parsed
from tests.servers import FaultServer

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
    with FaultServer(FAULTS["total-high"]) as server:
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
    assert failed == {"app: accidental_deletions", "app: half_gone", "app: source_shrinks"}


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


def test_git_is_asked_once_for_all_applications(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.others = {"second": {}, "third": {}}
    company.write()
    asked: list[object] = []
    run = subprocess.run

    def counted(command: list[str], **options: Any) -> Any:
        asked.append(command)
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", counted)

    ended = company.run("plan")

    assert ended.code == 0, ended.text
    assert len(list(company.folder.glob("plans/*/*.plan.json"))) == 3
    assert asked == [["git", "rev-parse", "HEAD"]]
