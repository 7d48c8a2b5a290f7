"""Values that are made at apply, against a real server: they land there, and nowhere else."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.live.read import read_live
from reconciler.states import ResourceType
from tests.e2e.company import TOKEN_NAME, USER_MAPPINGS, Company
from tests.servers import TOKEN, open_target, scim2_server

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
MADE = [
    {"target": "nickName", "expression": "Guid()", "apply": "on_create"},
    {
        "target": "userType",
        "expression": 'Append([department], RandomString(12, 3, 0, 3, 3, "0O"))',
        "apply": "on_create",
    },
]


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    """Three people who get a number at random, on a scim2-server of their own."""
    monkeypatch.setenv(TOKEN_NAME, TOKEN)
    (tmp_path / "server").mkdir()
    with scim2_server(tmp_path / "server", None) as url:
        made = Company(tmp_path / "company", url)
        made.application = {"mappings": {"users": [*USER_MAPPINGS, *MADE]}}
        for who in ("ada", "bob", "cleo"):
            made.hire(who, department="Sales")
        yield made


def made_values(company: Company) -> set[str]:
    """Return what was made for everybody, as the server has it."""
    with open_target(company.url) as target:
        people = read_live(target, {ResourceType.USER: None}).users.resources
    assert all(GUID.match(person["nickName"]) for person in people)
    assert all(re.match(r"Sales[1-9A-NP-Za-z]{12}\Z", person["userType"]) for person in people)
    return {person[name] for person in people for name in ("nickName", "userType")}


def test_each_gets_a_value_and_the_next_plan_is_empty(company: Company) -> None:
    shown = company.plan()
    company.apply()

    assert shown.words.count("generated at apply") == 6
    assert len(made_values(company)) == 6
    assert company.plan("--detailed-exitcode").out.count("Nothing to do.") == 1


def test_the_values_are_on_the_server_and_nowhere_else(company: Company) -> None:
    said = [company.plan(), company.apply()]
    said += [company.run("show", company.newest()), company.run("history", "--format", "json")]
    said += [company.run("explain", "--offline", "ada"), company.run("test")]

    texts = [*(one.text for one in said), *(f.read_text("utf-8") for f in company.files())]

    assert [v for v in made_values(company) if any(v in text for text in texts)] == []
    assert {r["outcome"] for r in company.journal() if r["kind"] == "done"} == {"verified"}


def test_a_run_that_is_resumed_takes_what_the_first_one_made(company: Company) -> None:
    """The journal is that of a run that died with the answer to its first create."""
    company.target = {"concurrency": 1}
    company.plan()
    company.apply()
    made, plan = made_values(company), company.newest()
    journal = plan.with_name(plan.name.replace(".plan.json", ".journal.jsonl"))
    lines = journal.read_text("utf-8").splitlines(keepends=True)
    kinds = [json.loads(line)["kind"] for line in lines]
    journal.write_text("".join(lines[: kinds.index("done")]), "utf-8")

    company.run("apply", "--auto-approve", plan)

    ends = [record["outcome"] for record in company.journal() if record["kind"] == "done"]
    assert ends == ["already"]
    assert made_values(company) == made
