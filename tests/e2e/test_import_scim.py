"""``import scim``: live accounts become desired state, and the first plan holds links only."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.states import ResourceType
from tests.e2e.company import ENTERPRISE, ROLES, USER, USER_MAPPINGS, Company, Sandbox, command


def account(known_as: str, /, **more: Any) -> dict[str, Any]:
    return {"schemas": [USER], "userName": f"{known_as}@contoso.example", "active": True, **more}


def put(sandbox: Sandbox, *accounts: dict[str, Any]) -> dict[str, str]:
    """Create accounts by hand; return their ids by userName."""
    with sandbox.by_hand() as target:
        made = [target.create(ResourceType.USER, one) for one in accounts]
    return {one["userName"].partition("@")[0]: one["id"] for one in made}


@pytest.fixture
def taken_over(company: Company, sandbox: Sandbox) -> Path:
    """Nobody is in the source yet; the service has three people and a group."""
    company.people, company.groups = {}, []
    company.write()
    return company.folder / "taken-over"


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "people.csv").open(newline="", encoding="utf-8") as file:
        return {row["userPrincipalName"]: row for row in csv.DictReader(file)}


def plan(folder: Path) -> list[tuple[str, str, list[str]]]:
    """Plan with the imported files; return action, key and changed paths of each operation."""

    ended = command("--config", folder / "provisioning.yaml", "plan", "--format", "json", "app")
    assert ended.code == 0, ended.text
    return [
        (op["action"], op["key"], [change["path"] for change in op["changes"]])
        for op in json.loads(ended.out)["body"]["operations"]
    ]


def test_the_first_plan_holds_links_only(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    extension = {ENTERPRISE: {"department": "Growth"}}
    ids = put(
        sandbox,
        account(
            "ada",
            externalId="e-1",
            displayName="Ada L.",
            name={"familyName": "Lovelace"},
            emails=[{"type": "work", "value": "ada@mail.example"}],
            roles=[{"value": "admin", "primary": True}],
            title="Countess",
            **extension,
        ),
        account("bob", roles=[{"value": "user", "primary": True}], title="no"),
        account("cleo", active=False, title="007"),
    )
    with sandbox.by_hand() as target:
        target.create(
            ResourceType.GROUP,
            {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                "displayName": "Engine",
                "members": [{"value": ids["ada"]}, {"value": ids["bob"]}],
            },
        )

    ended = company.run("import", "scim", "app", "--out", taken_over)

    assert ended.code == 0, ended.text
    assert "3 accounts and 1 groups were taken over" in ended.out
    people = rows(taken_over)
    assert people["ada@contoso.example"]["objectId"] == "e-1"
    assert people["ada@contoso.example"]["department"] == "Growth"
    assert people["bob@contoso.example"]["objectId"] == ids["bob"]
    assert people["cleo@contoso.example"]["accountEnabled"] == "false"
    assert plan(taken_over) == [
        ("link", "Engine", ["externalId"]),
        ("link", "ada@contoso.example", []),
        ("link", "bob@contoso.example", ["externalId"]),
    ]
    assert sandbox.writes == []


def test_the_plan_after_the_links_is_empty(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    ids = put(sandbox, account("ada"), account("bob"))
    manager = {ENTERPRISE: {"manager": {"value": ids["ada"]}}}
    put(sandbox, account("cleo", roles=[{"value": "user", "primary": True}], **manager))
    assert company.run("import", "scim", "app", "--out", taken_over).code == 0
    file = taken_over / "provisioning.yaml"

    command("--config", file, "plan", "app")
    [stored] = (taken_over / "plans" / "app").glob("*.plan.json")
    applied = command("--config", file, "apply", "--auto-approve", stored)

    assert applied.code == 0, applied.text
    assert plan(taken_over) == []
    assert rows(taken_over)["cleo@contoso.example"]["manager"] == ids["ada"]
    assert sandbox.users()["ada@contoso.example"]["active"] is True


def test_a_role_that_the_application_does_not_know_is_added_as_the_weakest(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    put(sandbox, account("ada", roles=[{"value": "auditor", "primary": True}]), account("bob"))

    ended = company.run("import", "scim", "app", "--out", taken_over)

    text = (taken_over / "provisioning.yaml").read_text("utf-8")
    application = yaml.safe_load(text)["applications"]["app"]
    assert application["roles"] == [*ROLES, {"name": "auditor", "value": "auditor"}]
    assert application["default_access"] == "include"
    assert {"user": "ada@contoso.example", "role": "auditor"} in application["assignments"]
    assert {"user": "bob@contoso.example"} in application["assignments"]
    assert "auditor" in ended.err
    assert "# default_access: include" in text
    assert {action for action, _, _ in plan(taken_over)} == {"link"}


def test_what_a_mapping_would_write_anew_is_counted(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    put(sandbox, account("ada", nickName="countess", locale="en-GB"), account("bob"))
    more = [
        {"target": "nickName", "expression": "ToUpper([alias])"},
        {"target": "locale", "expression": 'Append([language], "")'},
        {"target": "timezone", "constant": "Europe/London"},
    ]
    company.application = {"mappings": {"users": [*USER_MAPPINGS, *more]}}
    company.write()

    ended = company.run("import", "scim", "app", "--out", taken_over)

    assert rows(taken_over)["ada@contoso.example"]["language"] == "en-GB"
    assert "timezone: the mapping yields something else for 2" in ended.err
    assert [op for op in plan(taken_over) if "timezone" not in op[2]] == []


def test_scoping_filters_and_tests_are_left_to_be_taken_over_by_hand(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    put(sandbox, account("ada"))
    clause = {"attribute": "employeeType", "operator": "EQUALS", "value": "Employee"}
    company.application = {
        "scoping_filters": {"users": [{"title": "Employees", "clauses": [clause]}]},
        "tests": [{"user": "ada", "expect": {"in_scope": True}}],
    }
    company.write()

    assert company.run("import", "scim", "app", "--out", taken_over).code == 0

    text = (taken_over / "provisioning.yaml").read_text("utf-8")
    assert "# scoping_filters: left out" in text
    assert "# tests: left out" in text
    assert [op[0] for op in plan(taken_over)] == ["link"]


def test_nothing_is_overwritten(taken_over: Path, company: Company, sandbox: Sandbox) -> None:
    put(sandbox, account("ada"))
    taken_over.mkdir()
    (taken_over / "people.csv").write_text("mine", "utf-8")

    ended = company.run("import", "scim", "app", "--out", taken_over)

    assert ended.code == 3
    assert "already-there" in ended.err
    assert [path.name for path in taken_over.iterdir()] == ["people.csv"]


@pytest.mark.parametrize("name", ['=1+1"x', "a: b # c", "ünï\u2028x", "no", "{x}"], ids=ascii)
def test_odd_names_survive(name: str, taken_over: Path, company: Company, sandbox: Sandbox) -> None:
    put(sandbox, account("ada", displayName=name, title=name))

    assert company.run("import", "scim", "app", "--out", taken_over).code == 0

    assert rows(taken_over)["ada@contoso.example"]["displayName"] == name
    assert plan(taken_over) == [("link", "ada@contoso.example", ["externalId"])]


def test_an_empty_service_is_nothing_to_begin_with(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    ended = company.run("import", "scim", "app", "--out", taken_over)

    assert (ended.code, taken_over.exists()) == (3, False)
    assert "nobody-there" in ended.err


def test_an_unreachable_target_writes_nothing(
    company: Company, tmp_path: Path, hurried: None
) -> None:
    company.url = "http://127.0.0.1:9/v2"
    company.write()

    ended = company.run("import", "scim", "app", "--out", tmp_path / "new")

    assert ended.code == 9
    assert not (tmp_path / "new").exists()


def settled(folder: Path) -> None:
    """Apply the first plan with the imported files; the second is empty."""
    assert {action for action, _, _ in plan(folder)} == {"link"}
    [stored] = (folder / "plans" / "app").glob("*.plan.json")
    applied = command("--config", folder / "provisioning.yaml", "apply", "--auto-approve", stored)
    assert applied.code == 0, applied.text
    assert plan(folder) == []


def test_a_role_of_any_name_makes_a_file_that_loads(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    names = ("Default Access", "Administrator", 'a: "b" #\u2028', "😀", "no")
    people = [
        account(f"p{number}", roles=[{"value": name, "primary": True}])
        for number, name in enumerate(names)
    ]
    put(sandbox, *people)

    ended = company.run("import", "scim", "app", "--out", taken_over)

    assert ended.code == 0, ended.text
    application = yaml.safe_load((taken_over / "provisioning.yaml").read_text("utf-8"))
    roles = {one["value"]: one["name"] for one in application["applications"]["app"]["roles"]}
    assert set(names) < set(roles)
    assert roles["Administrator"] == "Administrator (2)"
    settled(taken_over)


def test_a_role_that_no_file_can_hold_is_left_out_and_told(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    put(sandbox, account("ada", roles=[{"value": "x" * 300, "primary": True}]))

    ended = company.run("import", "scim", "app", "--out", taken_over)

    assert ended.code == 0, ended.text
    assert "has a role that cannot be written here; left out" in ended.err


def test_a_marker_that_is_the_name_of_another_is_none(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    ids = put(sandbox, account("bob"), account("ada", externalId="bob@contoso.example"))

    assert company.run("import", "scim", "app", "--out", taken_over).code == 0

    anchors = {name[:3]: row["objectId"] for name, row in rows(taken_over).items()}
    assert anchors == ids
    settled(taken_over)


def test_accounts_that_point_at_each_other_are_left_alone(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    """Ruling 10: whoever carries the marker of another person is no match."""
    ids = put(sandbox, account("bob"))
    put(sandbox, account("ada", externalId=ids["bob"]))

    assert company.run("import", "scim", "app", "--out", taken_over).code == 0

    assert len({row["objectId"] for row in rows(taken_over).values()}) == 2
    assert plan(taken_over) == []


def test_names_with_characters_beyond_the_first_plane_survive(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    put(sandbox, account("😀"), account("l" * 300))

    assert company.run("import", "scim", "app", "--out", taken_over).code == 0

    settled(taken_over)


def test_a_profile_of_its_own_comes_along_with_what_it_extends(
    taken_over: Path, company: Company, sandbox: Sandbox
) -> None:
    folder = company.folder / "profiles"
    folder.mkdir()
    (folder / "ours.yaml").write_text("extends: profiles/base.yaml\n", "utf-8")
    (folder / "base.yaml").write_text("extends: generic\n", "utf-8")
    company.target = {"profile": "profiles/ours.yaml"}
    company.write()
    put(sandbox, account("ada"))

    ended = company.run("import", "scim", "app", "--out", taken_over)

    assert ended.code == 0, ended.text
    assert [op[0] for op in plan(taken_over)] == ["link"]
    found = {path.name for path in (taken_over / "profiles").iterdir()}
    assert found == {"ours.yaml", "base.yaml"}
