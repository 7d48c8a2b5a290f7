"""The exit codes 0 to 5: fine, changes, a mistake, a refused credential, a guard."""

import io

import pytest

from tests.e2e.company import Company, Sandbox, command

# 0 and 2


def test_0_plan_apply_and_a_plan_without_changes(company: Company, sandbox: Sandbox) -> None:
    company.plan()
    company.apply()
    company.plan("--detailed-exitcode")

    assert company.body()["operations"] == []
    assert len(sandbox.users()) == 6


def test_2_there_are_changes_and_they_were_asked_for(company: Company) -> None:
    company.plan("--detailed-exitcode", code=2)

    assert company.operations()[0] == ("create", "ada@contoso.example")


def test_0_a_finished_plan_applied_again_sends_nothing(settled: Company, sandbox: Sandbox) -> None:
    sandbox.requests.clear()

    ended = settled.apply()

    assert "applied before" in ended.out
    assert sandbox.requests == []


def test_0_skipped_people_never_change_the_exit_code(company: Company) -> None:
    company.application = {"registered_domains": ["contoso.example"]}
    company.hire("gil", userPrincipalName="gil@partner.example")
    company.settle()

    company.plan("--detailed-exitcode")

    assert [one["code"] for one in company.body()["skipped"]] == ["InvalidDomain"]


# 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("plan", "--frobnicate"), "--frobnicate"),
        (("plan", "crm"), 'application "crm" is not defined'),
        (("frobnicate",), "frobnicate"),
        (("apply",), "PLAN"),
        (("apply", "no-such.plan.json"), "no-such.plan.json"),
        (("apply", "0123456789ab"), "0123456789ab"),
        (("apply", "--max-age", "soon", "x"), "soon"),
        (("plan", "--as-of", "tomorrow"), "tomorrow"),
        (("plan", "--as-of", "0001-01-01T00:00:00+14:00"), "0001-01-01"),
        (("plan", "--format", "pdf"), "pdf"),
        (("plan", "--user", "nobody@contoso.example"), "unknown-user"),
        (("plan", "--user", "adda@contoso.example"), "ada@contoso.example"),
        (("plan", "--group", "Stuff"), "Staff"),
        (("plan", "--offline-live", "no-such.json"), "no-such.json"),
        (("plan", "--policy", "no-such.yaml"), "no-such.yaml"),
        (("show", "no-such.plan.json"), "no-such.plan.json"),
        (("explain", "nobody@contoso.example"), "unknown-user"),
        (("history", "crm"), "crm"),
        (("history", "--guard", "min_admin"), "min_admin"),
        (("audit", "verify", "--head", "abc"), "64 hex digits"),
        (("probe", "crm"), "crm"),
        (("expr", "Join("), "bad-expression"),
        (("schema", "people"), "people"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_3_what_cannot_be_meant(
    arguments: tuple[str, ...], words: str, company: Company, sandbox: Sandbox
) -> None:
    company.write()

    ended = company.run(*arguments)

    assert ended.code == 3
    assert words in ended.err
    assert "Traceback" not in ended.text
    assert sandbox.requests == []
    assert company.plans() == []


def test_3_an_apply_without_a_terminal_needs_auto_approve(
    company: Company, sandbox: Sandbox
) -> None:
    company.plan()

    ended = company.run("apply", company.newest())

    assert ended.code == 3
    assert "--auto-approve" in ended.err
    assert sandbox.writes == []


class Keyboard(io.StringIO):
    """Somebody at a terminal, who types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("typed", "code"), [("yes\n", 0), ("no\n", 3), ("n\n", 3), ("\n", 3), ("", 130)]
)
def test_3_whoever_is_asked_and_does_not_say_yes_changes_nothing(
    typed: str, code: int, company: Company, sandbox: Sandbox
) -> None:
    company.plan()

    ended = command("--config", company.file, "apply", company.newest(), stdin=Keyboard(typed))

    assert ended.code == code
    assert "create users (6)" in ended.out
    assert len(sandbox.users()) == (6 if code == 0 else 0)
    said = "not applied: the answer was not `yes`; nothing was sent or written"
    assert (said in ended.err) is (code == 3)


def test_3_an_application_that_is_switched_off_is_not_applied(
    company: Company, sandbox: Sandbox
) -> None:
    company.application = {"enabled": False}
    company.plan()

    ended = company.apply(code=3)

    assert "enabled: false" in ended.err
    assert "= hint: when it may be provisioned, remove that line" in ended.err
    assert sandbox.writes == []


def test_a_plan_that_was_made_while_it_was_switched_off_is_applied_later(
    company: Company, sandbox: Sandbox
) -> None:
    company.application = {"enabled": False}
    company.plan()
    company.application = {}
    company.write()

    company.apply()

    assert len(sandbox.users()) == 6


@pytest.mark.parametrize(
    "arguments", [("--out", "{}/plan.json"), ("--junit", "{}/r.xml"), ("--save-live", "{}/l.json")]
)
def test_3_a_file_that_cannot_be_written(arguments: tuple[str, str], company: Company) -> None:
    in_the_way = company.folder / "file"
    company.write()
    in_the_way.write_text("", "utf-8")

    ended = company.run("plan", arguments[0], arguments[1].format(in_the_way), "app")

    assert ended.code == 3
    assert str(in_the_way) in ended.err
    assert "Traceback" not in ended.text


# 4


def test_4_a_credential_that_is_refused_during_a_run(company: Company, sandbox: Sandbox) -> None:
    company.plan()

    def expire(method: str, path: str) -> None:
        if len(sandbox.writes) == 2:
            sandbox.expire()

    sandbox.before = expire
    ended = company.apply(code=4)

    assert "401" in ended.err
    assert company.journal()[-1]["status"] == "partial"


# 5


def shrunk(company: Company) -> Company:
    """Apply, and lose so many people that the next plan is blocked."""
    company.application = {"lifecycle": {"deleted_at_source": "delete"}}
    company.settle()
    company.lose("bob", "cleo", "dan", "eve")
    return company


def test_5_a_blocked_plan_is_stored_and_printed(company: Company) -> None:
    shrunk(company)

    ended = company.plan(code=5)

    assert "4 of 6 active users of ours would be disabled or deleted" in ended.words
    assert company.operations().count(("delete", "bob@contoso.example")) == 1
    blocked = {guard["id"] for guard in company.body()["guards"] if guard["blocked"]}
    assert {"accidental_deletions", "delete_users", "source_shrinks"} <= blocked


def test_5_detailed_exitcode_does_not_hide_a_block(company: Company) -> None:
    shrunk(company)

    company.plan("--detailed-exitcode", code=5)


def test_5_a_blocked_plan_is_not_applied(company: Company, sandbox: Sandbox) -> None:
    shrunk(company)
    company.plan(code=5)
    sandbox.requests.clear()

    ended = company.apply(code=5)

    assert "accidental_deletions: 4 of 6" in ended.err
    assert sandbox.requests == []
    assert len(sandbox.users()) == 6
