"""``audit verify``, seen from outside."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.company import Company, Sandbox


@pytest.fixture
def journal(settled: Company) -> Path:
    """The journal of a company that was provisioned, and of which somebody then left."""
    settled.lose("bob")
    settled.settle()
    return settled.newest().with_name(settled.newest().name.replace("plan.json", "journal.jsonl"))


def verified(company: Company, *arguments: str, code: int = 0) -> Any:
    ended = company.run("audit", "verify", "--format", "json", *arguments)
    assert ended.code == code, ended.text
    return json.loads(ended.out)


def test_what_plan_and_apply_have_written_is_verified_offline(
    settled: Company, journal: Path, sandbox: Sandbox
) -> None:
    sandbox.requests.clear()

    found = verified(settled)

    assert (found["verified"], found["plans"], found["journals"]) == (True, 2, 2)
    assert (found["problems"], found["remarks"]) == ([], [])
    newest = journal.read_bytes().splitlines()[-1]
    assert [one["sha256"] for one in found["heads"]] == [hashlib.sha256(newest).hexdigest()]
    assert sandbox.requests == []


def test_the_text_says_the_head_and_how_much_was_looked_at(settled: Company) -> None:
    ended = settled.run("audit", "verify")

    assert ended.code == 0
    assert ended.out.startswith("head of the journals of app: ")
    assert ended.out.endswith("as written\n")


def test_6_every_problem_is_named_with_file_and_line(settled: Company, journal: Path) -> None:
    data = journal.read_bytes()
    journal.write_bytes(data.replace(b'"kind":"done"', b'"kind":"gone"', 1))
    plan = settled.newest()
    plan.write_bytes(plan.read_bytes().replace(b"bob@contoso", b"rob@contoso", 1))

    ended = settled.run("audit", "verify")

    assert ended.code == 6
    assert f"{plan}:1: error: the plan was altered" in ended.out
    line = data[: data.index(b'"kind":"done"')].count(b"\n") + 1
    assert f"{journal}:{line}: error: not a record of ours: its `kind` is none" in ended.out
    assert "Traceback" not in ended.text


def test_6_a_tail_that_was_cut_off_is_seen_by_a_head_kept_elsewhere(
    settled: Company, journal: Path
) -> None:
    head = verified(settled)["heads"][0]["sha256"]
    verified(settled, "--head", head)
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    verified(settled)

    found = verified(settled, "--head", head, code=6)

    assert [one["line"] for one in found["problems"]] == [None]
    assert head in found["problems"][0]["message"]


def test_a_store_without_anything_is_verified(company: Company) -> None:
    company.write()

    assert verified(company)["plans"] == 0
