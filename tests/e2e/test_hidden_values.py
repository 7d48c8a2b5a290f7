"""
Redact: what it hides is in no output and in no journal (issue 3; decision 10).

Every hidden value holds one word. It goes through plans in every form, explain,
tests, history and applies in which things go well and wrong, and is looked for
in all that was said and written; only what apply needs has it: the plan files,
and the target.
"""

from pathlib import Path

import pytest

from reconciler.plan.document import PlanAltered
from reconciler.plan.plan_file import parse_plan
from reconciler.states import ResourceType
from tests.e2e.company import GROUP_MAPPINGS, USER_MAPPINGS, Company, Ended, Sandbox, account

WORD = "hush"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
KEPT = ("externalId", "active", f"{ENTERPRISE}:manager")
MAPPINGS = [
    {"target": "userName", "expression": "Redact([userPrincipalName])", "match": 1},
    {"target": "title", "expression": "Redact([jobTitle])", "default": "hush-default"},
    {
        "target": f"{ENTERPRISE}:costCenter",
        "expression": 'Join("-", [department], Redact([mail]))',
    },
    *(line for line in USER_MAPPINGS if line["target"] in KEPT),
]
SAID = ("hush", "Hush", "HUSH")


def name(who: str, domain: str = "contoso.example") -> str:
    return f"{WORD}-{who}@{domain}"


@pytest.fixture
def discreet(sandbox: Sandbox, tmp_path: Path) -> Company:
    """Six people whose names, titles and cost centres are hidden, not planned yet."""
    made = Company(tmp_path / "company", sandbox.url)
    made.application = {
        "mappings": {"users": MAPPINGS, "groups": GROUP_MAPPINGS},
        "registered_domains": ["contoso.example"],
        "safety": {"protected": [name("cleo")]},
        "tests": [
            {"user": "p-ada", "expect": {"attributes": {"userName": "x", "title": "hush-y"}}},
            {"user": name("ola"), "expect": {"in_scope": False, "role": "Administrator"}},
        ],
    }
    for who in ("ada", "bob", "cleo", "dan", "eve", "ola"):
        hire(made, who)
    return made


def hire(company: Company, who: str, user_name: str = "", **cells: str) -> None:
    """Add somebody whose every value is hidden, but for their department."""
    known = {"userPrincipalName": user_name or name(who), "jobTitle": f"hush-title-{who}"}
    values = {"displayName": "Somebody", "department": "Sales", "mail": f"hush-mail-{who}"}
    company.hire(f"p-{who}", **{**known, **values, **cells})


def trouble(company: Company, sandbox: Sandbox) -> None:
    """Let people come, leave, change and be skipped for every reason that is about a value."""
    company.people["p-ada"] |= {"jobTitle": "hush-promoted", "mail": "", "manager": "p-gil"}
    company.people["p-bob"]["userPrincipalName"] = name("married")
    company.people["p-cleo"]["userPrincipalName"] = name("protected")
    company.lose("p-dan")
    hire(company, "gil")
    hire(company, "hal", name("hal", "hush.example"))
    hire(company, "ivy", f"{WORD}-without-an-at")
    hire(company, "jon", name("twice"))
    hire(company, "kim", name("twice"))
    hire(company, "lea", name("taken"))
    hire(company, "mia", name("EVE"))
    hire(company, "zed", userPrincipalName="")
    with sandbox.by_hand() as target:
        target.create(ResourceType.USER, account(name("stranger")))
        target.create(ResourceType.USER, account(name("taken"), externalId="p-eve"))


def looks(company: Company) -> list[Ended]:
    """Run everything that shows something."""
    plan = company.newest()
    forms = ("text", "markdown", "json")
    return [
        *(company.run("plan", "--no-store", "--format", form, "app") for form in forms),
        *(company.run("plan", "--no-store", "--user", who, "app") for who in ("p-ada", "p-hal")),
        company.run("plan", "--no-store", "--format", "json", "--user", name("ada"), "app"),
        company.run("plan", "--no-store", "--no-removals", "app"),
        *(company.run("show", "--format", form, plan) for form in forms),
        *(company.run("show", "--redact", "--format", form, plan) for form in forms),
        *(company.run("explain", f"p-{who}") for who in ("ada", "bob", "gil", "hal", "ivy", "jon")),
        *(company.run("explain", "--offline", f"p-{who}") for who in ("ada", "lea", "zed")),
        company.run("explain", name("ada")),
        company.run("test", "--junit", company.folder / "tests.xml"),
        *(company.run("history", "--format", form) for form in ("text", "json", "csv")),
    ]


def leaks(company: Company, ended: list[Ended]) -> list[str]:
    """Return every line that holds the word, outside the files that are to hold it."""
    source = {company.file, company.folder / "people.csv"}
    files = [f for f in company.files() if f not in source and not f.name.endswith(".plan.json")]
    texts = [*(one.text for one in ended), *(file.read_text("utf-8") for file in files)]
    return [
        line for text in texts for line in text.splitlines() if any(form in line for form in SAID)
    ]


def test_no_output_shows_what_redact_hides(discreet: Company, sandbox: Sandbox) -> None:
    said = [discreet.plan(), discreet.apply(), *looks(discreet)]
    trouble(discreet, sandbox)
    blocked = discreet.plan("--junit", discreet.folder / "guards.xml", code=5)
    said += [blocked, *looks(discreet)]
    discreet.application["safety"] = {"protected": []}
    said.append(discreet.plan())
    with sandbox.by_hand() as target:
        target.create(ResourceType.USER, account(name("gil")))
    said += [discreet.apply(code=7), *looks(discreet)]

    body = discreet.body()

    assert leaks(discreet, said) == []
    assert {skipped["code"] for skipped in body["skipped"]} >= {
        "InvalidDomain",
        "DuplicateSourceEntries",
        "EntryConflict",
    }
    assert {"p-gil", "p-bob"} <= {operation["key"] for operation in body["operations"]}
    assert WORD in discreet.newest().read_text("utf-8")


def test_what_redact_hides_is_sent_all_the_same(discreet: Company, sandbox: Sandbox) -> None:
    discreet.settle()

    ada = sandbox.users()[name("ada")]

    assert ada["title"] == "hush-title-ada"
    assert ada[ENTERPRISE]["costCenter"] == "Sales-hush-mail-ada"
    assert discreet.plan("--detailed-exitcode").code == 0


def test_what_is_shown_of_it_is_a_mark(discreet: Company) -> None:
    discreet.plan()

    shown = discreet.run("show", discreet.newest()).words

    assert "+ User p-ada" in shown
    assert "userName = [Redact], title = [Redact]" in shown


def test_json_of_such_a_plan_is_no_plan_and_out_writes_the_real_one(discreet: Company) -> None:
    copy = discreet.folder / "copy.json"
    shown = discreet.plan("--format", "json", "--out", copy)

    with pytest.raises(PlanAltered):
        parse_plan(shown.out.encode())
    assert parse_plan(copy.read_bytes()).body.redacted
    assert discreet.run("apply", "--auto-approve", copy).code == 0
