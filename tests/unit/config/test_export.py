import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.config.export import json_schema
from reconciler.config.yaml import parse

ROOT = Path(__file__).parents[3]
STORED = ROOT / "schemas" / "provisioning.schema.json"
CASES = sorted((ROOT / "tests/cases/positive").rglob("*.yaml"))
FILES = [ROOT / "provisioning.yaml", *(path for path in CASES if path.parent.name != "profiles")]

MAIN = "version: 1\nsource: {users: people.csv}\n"
APPLICATION = """\
applications:
  crm:
    target: {tenant_url: https://crm.example, secret_token: {env: CRM}}
    mappings: {users: [{target: userName, source: mail, match: 1}]}
"""


def complaints(text: str) -> list[str]:
    """Return what the schema says about *text*."""
    validator = Draft202012Validator(json_schema())
    return [error.message for error in validator.iter_errors(parse(text, "f.yaml").data)]


def properties(schema: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every property of *schema* and of its definitions."""
    for key, value in schema.get("properties", {}).items():
        yield f"{name}.{key}", value
    for key, value in schema.get("$defs", {}).items():
        yield from properties(value, key)


def test_the_stored_schema_is_up_to_date() -> None:
    assert json.loads(STORED.read_text("utf-8")) == json_schema()


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_every_key_is_described_for_the_person_who_writes_it() -> None:
    bare = [name for name, schema in properties(json_schema()) if not schema.get("description")]

    assert bare == []


def test_no_key_may_be_null_but_what_a_test_expects() -> None:
    welcome = [name for name, schema in properties(json_schema()) if '"null"' in json.dumps(schema)]

    assert welcome == ["Expectation.attributes"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_loads_is_valid(path: Path) -> None:
    assert complaints(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(MAIN + APPLICATION, id="a main file"),
        pytest.param(APPLICATION, id="an included file"),
        pytest.param(MAIN + "include: ['*.yaml']\n", id="a main file that only includes"),
        pytest.param(
            MAIN + "defaults: {mappings: {users: [{target: userName, source: mail, match: 1}]}}\n"
            "applications: {crm: {target: {rate_limit: 1}}}\n",
            id="parts left to the defaults",
        ),
        pytest.param(
            MAIN + APPLICATION + "    safety: {delete_users: {at_most: 1}}\n", id="half a limit"
        ),
    ],
)
def test_what_it_accepts(text: str) -> None:
    assert complaints(text) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("version: 1\n" + APPLICATION, id="no source"),
        pytest.param("source: {users: x.csv}\n" + APPLICATION, id="no version"),
        pytest.param(MAIN, id="no application"),
        pytest.param(MAIN + "applications: {}\n", id="no application in the mapping"),
        pytest.param(MAIN + APPLICATION.replace("crm:", "CRM:"), id="a bad name"),
        pytest.param(MAIN + "applications: {crm: {scope: all}}\n", id="no target, no defaults"),
        pytest.param(MAIN + APPLICATION + "    enable: true\n", id="a misspelt key"),
        pytest.param(MAIN + APPLICATION + "    enabled: 'no'\n", id="text for a boolean"),
        pytest.param(MAIN + APPLICATION + "    assignments: []\n", id="an empty list"),
        pytest.param(MAIN + APPLICATION + "    registered_domains:\n", id="nothing"),
        pytest.param("defaults: {scope: all}\n" + APPLICATION, id="defaults in an included file"),
        pytest.param(MAIN + "defaults: {scop: all}\n" + APPLICATION, id="misspelt in defaults"),
    ],
)
def test_what_it_complains_of(text: str) -> None:
    assert complaints(text) != []
