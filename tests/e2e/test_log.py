"""``history --format json``: what was done to whom, in the form of Entra's provisioning logs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.vocabulary import CODES
from tests.e2e.company import TOKEN_NAME, Company, Ended, Sandbox
from tests.graph import RECORD
from tests.markdown import ROOT, fences
from tests.servers import TOKEN

Records = dict[tuple[str, str], dict[str, Any]]

VOLATILE = {"id", "changeId", "cycleId", "activityDateTime", "durationInMilliseconds"}
"""Fields of a record that another run, on another day, has another value for."""


def log(company: Company, *arguments: str) -> list[dict[str, Any]]:
    """Return the records, each of the form that Graph has."""
    ended = company.run("history", *arguments, "--format", "json")
    assert ended.code == 0, ended.text
    records: list[dict[str, Any]] = json.loads(ended.out)["value"]
    for record in records:
        Draft202012Validator(RECORD).validate(record)
    return records


def by_object(records: list[dict[str, Any]]) -> Records:
    """Return records by action and name; each combination must be there once."""
    found = {(r["provisioningAction"], r["sourceIdentity"]["displayName"]): r for r in records}
    assert len(found) == len(records)
    return found


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Company, Ended]]:
    """One is hired, one promoted, one gone, one skipped, and one is refused by the server."""
    with pytest.MonkeyPatch.context() as patch, Sandbox(domains=["contoso.example"]) as sandbox:
        patch.setenv(TOKEN_NAME, TOKEN)
        patch.setenv("GITHUB_ACTOR", "grace")
        company = Company(tmp_path_factory.mktemp("log") / "company", sandbox.url)
        company.application = {
            "display_name": "Example App",
            "registered_domains": ["contoso.example", "elsewhere.example"],
        }
        for name in ("ada", "bob", "cleo", "dan"):
            company.hire(name)
        company.settle()
        company.people["ada"]["jobTitle"] = "Director"
        company.hire("eve")
        company.lose("bob")
        company.hire("yan", userPrincipalName="yan@fabrikam.example")
        company.hire("zoe", userPrincipalName="zoe@elsewhere.example")
        company.plan()
        yield company, company.apply(code=7)


@pytest.fixture
def second_month(eventful: tuple[Company, Ended]) -> Records:
    company, _ = eventful
    records = log(company)
    last = records[-1]["cycleId"]
    return by_object([record for record in records if record["cycleId"] == last])


def status(record: dict[str, Any]) -> tuple[str, str | None]:
    told = record["provisioningStatusInfo"]
    return told["status"], (told["errorInformation"] or {}).get("errorCode")


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (("create", "eve@contoso.example"), ("success", None)),
        (("update", "ada@contoso.example"), ("success", None)),
        (("create", "zoe@elsewhere.example"), ("failure", "UnprocessableEntity")),
        (("other", "yan@fabrikam.example"), ("skipped", "InvalidDomain")),
        (("update", "Staff"), ("skipped", "UnableToResolveReferenceAttributeValue")),
    ],
    ids=lambda value: "-".join(filter(None, value)),
)
def test_who_came_out_how(
    who: tuple[str, str], expected: tuple[str, str | None], second_month: Records
) -> None:
    assert status(second_month[who]) == expected


def test_a_disable_of_somebody_who_is_gone(second_month: Records) -> None:
    (record,) = (r for (action, _), r in second_month.items() if action == "disable")

    assert status(record) == ("success", None)
    assert record["targetIdentity"]["displayName"] == "bob@contoso.example"
    changed = {p["displayName"]: p["newValue"] for p in record["modifiedProperties"]}
    assert changed["active"] == "False"


def test_nobody_else_has_a_record(second_month: Records) -> None:
    """Whoever is as they shall be is not written down, person by person."""
    assert len(second_month) == 6


def test_each_run_is_a_cycle(eventful: tuple[Company, Ended]) -> None:
    records = log(eventful[0])

    assert len({record["cycleId"] for record in records}) == 2
    assert len({record["id"] for record in records}) == len(records)
    times = [record["activityDateTime"] for record in records]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("user", "actions"),
    [
        ("ADA@contoso.example", ["create", "update"]),
        ("zoe", ["create"]),
        ("yan@fabrikam.example", ["other"]),
        ("nobody", []),
    ],
)
def test_the_records_of_one_person(
    user: str, actions: list[str], eventful: tuple[Company, Ended]
) -> None:
    assert [r["provisioningAction"] for r in log(eventful[0], "--user", user)] == actions


def test_the_records_of_an_account(eventful: tuple[Company, Ended], second_month: Records) -> None:
    account = second_month["update", "ada@contoso.example"]["targetIdentity"]["id"]

    assert [r["provisioningAction"] for r in log(eventful[0], "--user", account)] == [
        "create",
        "update",
    ]


def test_a_plan_that_was_not_applied_is_among_the_plans(settled: Company) -> None:
    settled.people["bob"]["jobTitle"] = "Director"
    settled.plan()

    told = json.loads(settled.run("history", "--format", "json").out)

    assert [plan["state"] for plan in told["plans"]] == ["applied", "not applied"]
    assert len({record["cycleId"] for record in told["value"]}) == 1


def test_a_failed_line_of_apply_says_what_to_do(eventful: tuple[Company, Ended]) -> None:
    lines = eventful[1].err.splitlines()

    (failed,) = (line for line in lines if " failed " in line)
    assert "[UnprocessableEntity]" in failed
    assert f"; next: {CODES['UnprocessableEntity'].action}" in failed


def lasting(record: dict[str, Any]) -> dict[str, Any]:
    """Return what a record says on every day, and wherever the sandbox listens."""
    systems = {
        "sourceSystem": {**record["sourceSystem"], "details": None},
        "targetSystem": {**record["targetSystem"], "id": None},
    }
    return {**record, **dict.fromkeys(VOLATILE), **systems}


def example() -> dict[str, Any]:
    """Return the record that the page shows."""
    page = ROOT / "docs" / "operations.md"
    (text,) = (
        f.text for f in fences(page) if f.language == "json" and "provisioningSteps" in f.text
    )
    shown: dict[str, Any] = json.loads(text)
    return shown


def test_the_example_of_the_page_is_what_the_command_prints(second_month: Records) -> None:
    shown = example()

    Draft202012Validator(RECORD).validate(shown)
    assert lasting(shown) == lasting(second_month["create", "zoe@elsewhere.example"])
