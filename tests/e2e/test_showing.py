"""``show``, ``explain``, ``expr`` and ``schema``, seen from outside."""

import json
import re

import jsonschema
import pytest

from reconciler.states import ResourceType
from tests.e2e.company import TOKEN_NAME, Company, Sandbox, account

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
        'title <- [jobTitle] = "Director"',
        f"recorded link: account {account_id}",
        f"userName = ada@contoso.example: account {account_id}",
        "update User ada@contoso.example",
        'title: "Employee" -> "Director"',
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


def test_plan_for_one_person_shows_the_way_to_the_decision(
    settled: Company, sandbox: Sandbox
) -> None:
    settled.people["ada"]["jobTitle"] = "Director"
    settled.people["bob"]["jobTitle"] = "Painter"
    settled.write()

    planned = settled.run("plan", "--user", "ada", "--user", "bob")
    explained = settled.run("explain", "ada")

    both = [planned.out.index(f"{name} and app") for name in ("ada", "bob")]
    assert both == sorted(both)
    assert planned.out[: both[0]].rstrip().count("1. Import") == 0
    of_ada = planned.out[both[0] : both[1]]
    assert of_ada.rstrip() == explained.out.rstrip()
    assert '"Painter"' in planned.out[both[1] :]
    assert "1. Import" not in settled.run("plan").out
    assert "1. Import" not in settled.run("plan", "--user", "ada", "--format", "markdown").out


def test_explain_names_every_group_path_an_assignment_came_by(company: Company) -> None:
    company.groups.append({"objectId": "g-ops", "displayName": "Ops", "members": ["ada"]})
    company.application["assignments"] = [
        {"group": "Staff", "role": "User"},
        {"group": "Ops", "role": "Administrator", "expires": "2030-01-31"},
        {"user": "ada"},
    ]
    company.write()

    shown = company.run("explain", "--offline", "ada").out

    assert (
        "[x] Assigned to application: User by group Staff; "
        "Administrator by group Ops, valid through 2030-01-31; Default Access directly"
    ) in shown


def test_explain_only_one_application(company: Company) -> None:
    company.others = {"wiki": {}}
    company.write()

    both = company.run("explain", "--offline", "ada").out
    one = company.run("explain", "--offline", "--app", "wiki", "ada").out

    assert both.count("1. Import") == 2
    assert one.startswith("ada and wiki")
    assert one.count("1. Import") == 1


@pytest.mark.parametrize(
    ("delete_after", "told"),
    [
        ("never", "nothing deletes the account"),
        ("30d", "`delete_after` deletes the account from "),
    ],
)
def test_explain_shows_who_is_on_which_rung(delete_after: str, told: str, settled: Company) -> None:
    settled.application = {"lifecycle": {"delete_after": delete_after}}
    settled.people["fay"]["isDeleted"] = "true"
    settled.settle()

    shown = settled.run("explain", "fay").out

    assert (
        f"rung: {'disabled' if delete_after == 'never' else 'scheduled'}; disabled by us" in shown
    )
    assert told in shown


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
        ('[surname] & ", " & [givenName]', ["surname=Å", "givenName=Zoë"], '"Å, Zoë"'),
        ("BitAnd(&HF, &HF7)", [], "7"),
        ("Redact([a])", ["a=secret"], '"[Redact]"'),
        ('Append(Redact([a]), "x")', ["a=secret"], '"[Redact]"'),
        ('SelectUniqueValue([a], [b], "c")', ["a=x", "b=x"], '["x", "c"]'),
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
        (("DefaultDomain()",), "error[evaluation]: DefaultDomain: there is none; set source."),
        (('Error("mail is required")',), "error[evaluation]: Error: mail is required"),
        (("IIF(IgnoreFlowIfNullOrEmpty([a]), 1, 2)",), "expression:1:5"),
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


@pytest.mark.parametrize(
    ("expression", "form"),
    [
        ("Guid()", r'"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"'),
        ("RandomString(9, 3, 0, 0, 6)", r'"[0-9a-z]{9}"'),
        ("Now()", r'"[0-9]+/[0-9]+/[0-9]{4} [0-9]+:[0-9]{2}:[0-9]{2} [AP]M"'),
    ],
)
def test_expr_has_the_clock_and_the_chance_of_the_machine(
    expression: str, form: str, company: Company
) -> None:
    first, second = company.run("expr", expression), company.run("expr", expression)

    assert re.fullmatch(form, first.out.strip())
    assert expression == "Now()" or first.out != second.out


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
