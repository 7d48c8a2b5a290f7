"""``import entra`` and ``export entra``: from Entra's files to accounts, and back to the files."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.company import TOKEN_NAME, Ended, Sandbox, command
from tests.entra import CASES, FIXTURES, SWITCH, USER, Json, copied, fixture, row

EXAMPLE = Path(__file__).parents[2] / "examples" / "entra-export"
CONTOSO = EXAMPLE.parent / "contoso"
PEOPLE = [
    {
        "objectId": f"00000000-0000-4000-8000-00000000000{number}",
        "userPrincipalName": f"{name}@contoso.example",
        "mailNickname": name,
        "mail": f"{name}@contoso.example",
        "displayName": name.title(),
        "givenName": name.title(),
        "surname": "Example",
        "jobTitle": "Engineer",
        "employeeId": f"00{number}",
        "telephoneNumber": f"+47 22 00 00 0{number}",
        "streetAddress": "Storgata 1",
        "city": "Oslo",
        "country": "NO",
        "manager": "" if number == 1 else "00000000-0000-4000-8000-000000000001",
    }
    for number, name in enumerate(("ada", "bob", "cleo"), 1)
]
GROUPS = [{"objectId": "g-1", "displayName": "Staff", "members": [p["objectId"] for p in PEOPLE]}]


def filled_in(file: Path, url: str, users: str, groups: str | None) -> None:
    """Do what the file asks for: where the service is, and where people (and groups) come from."""
    text = file.read_text("utf-8")
    for pattern, value in (
        (r"tenant_url: \S+", f"tenant_url: {url}"),
        (r"secret_token: \{.*?\}", f"secret_token: {{env: {TOKEN_NAME}}}"),
        (r"users: people\.csv", f"users: {users}"),
        *([(r"groups: groups\.yaml", f"groups: {groups}")] if groups else []),
        (r"\n    enabled: false .*(\n    #.*)*", ""),
    ):
        text, count = re.subn(pattern, value, text, count=1)
        assert count == 1, pattern
    file.write_text(text, "utf-8")


def settled(file: Path) -> list[dict[str, Any]]:
    """Plan, apply, and return the operations; a second plan is empty."""
    assert command("--config", file, "validate").code == 0
    planned = command("--config", file, "plan", "--format", "json")
    assert planned.code == 0, planned.text
    (plan,) = file.parent.glob("plans/*/*.plan.json")
    applied = command("--config", file, "apply", "--auto-approve", plan)
    assert applied.code == 0, applied.text
    again = command("--config", file, "plan", "--detailed-exitcode", "--no-store")
    assert again.code == 0, again.text
    operations: list[dict[str, Any]] = json.loads(plan.read_text("utf-8"))["body"]["operations"]
    return operations


@pytest.fixture
def file(tmp_path: Path, sandbox: Sandbox) -> Path:
    """The default configuration of an application, imported and filled in, with three people."""
    made = tmp_path / "provisioning.yaml"
    schema = CASES / "default-scim.json"
    assert command("import", "entra", "--schema", schema, "--out", made).code == 0
    with (tmp_path / "staff.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(PEOPLE[0]))
        writer.writeheader()
        writer.writerows(PEOPLE)
    (tmp_path / "groups.json").write_text(json.dumps(GROUPS), "utf-8")
    filled_in(made, sandbox.url, "staff.csv", "groups.json")
    return made


def test_the_default_configuration_of_entra_creates_everybody_and_then_nothing(
    file: Path, sandbox: Sandbox
) -> None:
    operations = settled(file)

    created = {(o["resource_type"], o["key"]) for o in operations if o["action"] == "create"}
    assert created == {("Group", "Staff"), *(("User", p["userPrincipalName"]) for p in PEOPLE)}
    bob = sandbox.users()["bob@contoso.example"]
    assert bob["externalId"] == "bob"
    assert bob["name"]["formatted"] == "Bob Example"
    assert bob["addresses"][0]["locality"] == "Oslo"


def test_the_default_configuration_is_exported_as_it_was(file: Path) -> None:
    ended = command("--config", file, "export", "entra", "customappsso")

    assert ended.code == 0
    assert json.loads(ended.out) == fixture("default-scim")


USERS = {
    "userName": "[userPrincipalName]",
    "active": SWITCH,
    "displayName": "[displayName]",
    "name.givenName": "[givenName]",
    "name.familyName": "[surname]",
    "name.formatted": 'Join(" ", [givenName], [surname])',
    "title": "[jobTitle]",
    'emails[type eq "work"].value': "[mail]",
    'emails[type eq "other"].Value': "[proxyAddresses]",
    "preferredLanguage": "[preferredLanguage]",
    "externalId": "[mailNickname]",
    'phoneNumbers[type eq "work"].value': "[telephoneNumber]",
    'phoneNumbers[type eq "mobile"].value': "[mobile]",
    'phoneNumbers[type eq "fax"].value': "[facsimileTelephoneNumber]",
    'addresses[type eq "other"].Formatted': "[physicalDeliveryOfficeName]",
    'addresses[type eq "work"].formatted': "[physicalDeliveryOfficeName]",
    'addresses[type eq "work"].streetAddress': "[streetAddress]",
    'addresses[type eq "work"].locality': "[city]",
    'addresses[type eq "work"].region': "[state]",
    'addresses[type eq "work"].postalCode': "[postalCode]",
    'addresses[type eq "work"].country': "[country]",
    f"{USER}:employeeNumber": "[employeeId]",
    f"{USER}:department": "[department]",
    f"{USER}:manager": "[manager]",
}
IN_GROUPS = {"displayName": "[displayName]", "members": "[members]", "externalId": "[objectId]"}
BESIDE = ('emails[type eq "other"].Value', 'addresses[type eq "other"].Formatted')
"""Rows of Entra's table (entra.md, section 3.5) that a new application does not have by itself."""


def lines_of(schema: Json, number: int) -> dict[str, str]:
    """Return what an object mapping maps to what."""
    mapping = schema["synchronizationRules"][0]["objectMappings"][number]
    lines = mapping["attributeMappings"]
    return {line["targetAttributeName"]: line["source"]["expression"] for line in lines}


def test_the_default_configuration_is_the_table_of_the_documentation() -> None:
    schema = fixture("default-scim")

    assert lines_of(schema, 1) == {k: v for k, v in USERS.items() if k not in BESIDE}
    assert lines_of(schema, 0) == IN_GROUPS


def test_all_of_the_table_is_imported_planned_applied_and_exported(
    file: Path, sandbox: Sandbox
) -> None:
    schema = fixture("default-scim")
    table = schema["synchronizationRules"][0]["objectMappings"][1]["attributeMappings"]
    table += [row(target, copied(USERS[target].strip("[]"))) for target in BESIDE]
    given = file.with_name("whole.json")
    given.write_text(json.dumps(schema), "utf-8")
    file.unlink()
    assert command("import", "entra", "--schema", given, "--out", file).code == 0
    columns = [source.strip("[]") for source in USERS.values() if source.startswith("[")]
    everything = {column: f"some {column}" for column in columns}
    person = {**everything, "objectId": "o-1", "userPrincipalName": "zoë@contoso.example"}
    person |= {"manager": "o-1", "accountEnabled": "true"}
    with (file.parent / "staff.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(person))
        writer.writeheader()
        writer.writerow(person)
    filled_in(file, sandbox.url, "staff.csv", "groups.json")

    operations = [one for one in settled(file) if one["resource_type"] == "User"]

    written = {change["path"] for one in operations for change in one["changes"]}
    written |= {one["path"] for operation in operations for one in operation["references"]}
    assert written == set(USERS)
    account = sandbox.users()["zoë@contoso.example"]
    assert {one["type"]: one["value"] for one in account["emails"]} == {
        "work": "some mail",
        "other": "some proxyAddresses",
    }
    assert {one["type"]: one["formatted"] for one in account["addresses"]} == {
        "work": "some physicalDeliveryOfficeName",
        "other": "some physicalDeliveryOfficeName",
    }
    assert account[USER]["manager"]["value"] == account["id"]
    ended = command("--config", file, "export", "entra", "customappsso")
    assert json.loads(ended.out) == schema


@pytest.mark.parametrize("name", FIXTURES)
def test_each_fixture_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    file, back = tmp_path / "provisioning.yaml", tmp_path / "back.json"

    made = command(
        "import", "entra", "--schema", CASES / f"{name}.json", "--name", "crm", "--out", file
    )
    again = command("--config", file, "export", "entra", "crm", "--out", back)

    assert (made.code, again.code) == (0, 0)
    assert json.loads(back.read_text("utf-8")) == fixture(name)


@pytest.mark.parametrize("name", FIXTURES)
def test_each_fixture_creates_everybody_whom_it_lets_pass(
    name: str, tmp_path: Path, sandbox: Sandbox
) -> None:
    file = tmp_path / "provisioning.yaml"
    schema = CASES / f"{name}.json"
    assert command("import", "entra", "--schema", schema, "--out", file).code == 0
    meant = {"dirSyncEnabled": "True", "employeeType": "Employee", "department": "Sales"}
    meant |= {"country": "NO", "userPrincipalName": "zoë@contoso.example"}
    people = [{**PEOPLE[0], **meant}]
    (tmp_path / "people.json").write_text(json.dumps(people), "utf-8")
    (tmp_path / "groups.json").write_text(json.dumps([{**GROUPS[0], "members": []}]), "utf-8")
    has_groups = "groups: groups.yaml" in file.read_text("utf-8")
    filled_in(file, sandbox.url, "people.json", "groups.json" if has_groups else None)

    operations = settled(file)

    assert "zoë@contoso.example" in [one["key"] for one in operations if one["action"] == "create"]
    assert sandbox.users()["zoë@contoso.example"]["active"] is True


def test_what_was_edited_is_exported_and_what_no_longer_fits_is_told(tmp_path: Path) -> None:
    file = tmp_path / "provisioning.yaml"
    command("import", "entra", "--schema", EXAMPLE / "schema.json", "--out", file)
    text = file.read_text("utf-8")
    file.write_text(text.replace("constant: Europe/Oslo", "constant: Europe/Rome"), "utf-8")

    ended = command("--config", file, "export", "entra", "contoso-crm")

    (rule,) = json.loads(ended.out)["synchronizationRules"]
    rows = {
        row["targetAttributeName"]: row for row in rule["objectMappings"][0]["attributeMappings"]
    }
    assert rows["timezone"]["source"]["name"] == "Europe/Rome"
    assert rows["timezone"]["flowType"] == "ObjectAddOnly"
    assert rows["nickName"]["flowType"] == "ValueAddOnly"
    assert "note: the YAML says otherwise by now" in ended.err
    assert "left out: mappings.users timezone" in ended.err


def example(*arguments: str | Path) -> Ended:
    """Import the example with everything that belongs to it."""
    return command(
        *("import", "entra", "--schema", EXAMPLE / "schema.json"),
        *("--assignments", EXAMPLE / "appRoleAssignedTo.json"),
        *("--roles", EXAMPLE / "servicePrincipal.json"),
        *arguments,
    )


def test_the_example_plans_with_the_people_of_contoso(tmp_path: Path, sandbox: Sandbox) -> None:
    file = tmp_path / "provisioning.yaml"
    assert example("--out", file).code == 0
    for name in ("users.csv", "groups.yaml"):
        (tmp_path / name).write_bytes((CONTOSO / name).read_bytes())
    filled_in(file, sandbox.url, "users.csv", "groups.yaml")

    ended = command("--config", file, "plan", "--format", "json")

    assert ended.code == 0, ended.text
    (plan,) = tmp_path.glob("plans/*/*.plan.json")
    operations = json.loads(plan.read_text("utf-8"))["body"]["operations"]
    groups = {o["key"] for o in operations if o["resource_type"] == "Group"}
    assert groups == {"Sales", "Customer Support", "Everyone"}
    (ada,) = [o for o in operations if o["action"] == "create" and o["key"].startswith("ada@")]
    assert {"path": 'roles[primary eq "True"].value', "before": None, "after": "admin"} in ada[
        "changes"
    ]


def test_an_application_that_is_not_there_cannot_be_exported(file: Path) -> None:
    ended = command("--config", file, "export", "entra", "custom")

    assert ended.code == 3
    assert 'did you mean "customappsso"?' in ended.err


def test_a_block_that_somebody_broke_is_refused(file: Path) -> None:
    text = file.read_text("utf-8")
    file.write_text(text.replace("tables: {groups: [0, 0]", "tables: {groups: [7, 0]"), "utf-8")

    ended = command("--config", file, "export", "entra", "customappsso")

    assert ended.code == 3
    assert "error[bad-entra-block]" in ended.err


def test_the_import_lists_what_is_not_decided_here_in_the_file_and_on_stderr() -> None:
    ended = example()

    told = [line for line in ended.err.splitlines() if line.startswith("unsupported: ")]
    assert len(told) == 3
    for line in told:
        assert f"# - {line.removeprefix('unsupported: ')}" in ended.out


def test_an_import_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "provisioning.yaml"
    file.write_text("mine", "utf-8")

    ended = example("--out", file)

    assert ended.code == 3
    assert "already-there" in ended.err
    assert file.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        ("{", "not JSON"),
        ('{"a": 1, "a": 2}', "same key twice"),
        ("[" * 100_000, "nested"),
        ("[]", "schema.json: $ must be an object, not a list"),
        ("{}", "has no `synchronizationRules`"),
        (
            '{"synchronizationRules": [{"objectMappings": [{"attributeMappings": 1}]}]}',
            "$.synchronizationRules[0].objectMappings[0].attributeMappings must be a list",
        ),
    ],
)
def test_what_is_no_schema_is_refused(content: str | None, words: str, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    if content is not None:
        schema.write_text(content, "utf-8")

    ended = command("import", "entra", "--schema", schema)

    assert ended.code == 3
    assert words in ended.err
    assert "Traceback" not in ended.err


def test_the_repository_itself_can_be_exported_and_imported_again(tmp_path: Path) -> None:
    root, schema, file = EXAMPLE.parents[1], tmp_path / "schema.json", tmp_path / "back.yaml"
    ours = ("--config", root / "provisioning.yaml")
    assert command(*ours, "export", "entra", "ipass-smartconnect", "--out", schema).code == 0

    assert command("import", "entra", "--schema", schema, "--out", file).code == 0
    again = command("--config", file, "export", "entra", "ipass-smartconnect")

    assert json.loads(again.out) == json.loads(schema.read_text("utf-8"))
