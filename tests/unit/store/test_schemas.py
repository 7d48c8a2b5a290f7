import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.plan.plan_file import as_json, plan_schema
from reconciler.store.attempt_records import attempts_schema
from reconciler.store.plans import encode_plan
from reconciler.store.records import journal_schema
from tests.journals import done, write_journal
from tests.plans import full_plan

SCHEMAS = Path(__file__).parents[3] / "schemas"


@pytest.mark.parametrize(
    ("name", "made"),
    [("plan", plan_schema), ("journal", journal_schema), ("attempts", attempts_schema)],
)
def test_the_committed_schema_is_that_of_the_program(
    name: str, made: Callable[[], dict[str, Any]]
) -> None:
    committed = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))

    assert committed == made(), f"write it again: reconciler schema {name}"


@pytest.mark.parametrize("made", [plan_schema, journal_schema, attempts_schema])
def test_the_schema_is_a_schema(made: Callable[[], dict[str, Any]]) -> None:
    Draft202012Validator.check_schema(made())


def test_a_stored_plan_fits_its_schema() -> None:
    Draft202012Validator(plan_schema()).validate(json.loads(encode_plan(full_plan())))


def test_a_plan_with_an_unknown_key_does_not_fit_its_schema() -> None:
    plan = as_json(full_plan())
    plan["body"]["secret_token"] = "x"

    assert not Draft202012Validator(plan_schema()).is_valid(plan)


def test_every_line_of_a_journal_fits_its_schema(tmp_path: Path) -> None:
    write_journal(tmp_path / "x", done(["create"], "a-1", "t-1"))
    validator = Draft202012Validator(journal_schema())
    lines = (tmp_path / "x").read_text("utf-8").splitlines()

    assert [validator.is_valid(json.loads(line)) for line in lines] == [True] * 3


def test_a_record_with_an_unknown_key_does_not_fit_its_schema(tmp_path: Path) -> None:
    write_journal(tmp_path / "x")
    record = json.loads((tmp_path / "x").read_text("utf-8").splitlines()[0])
    record["token"] = "x"

    assert not Draft202012Validator(journal_schema()).is_valid(record)
