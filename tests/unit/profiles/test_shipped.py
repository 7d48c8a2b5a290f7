"""Every shipped profile loads, says where it knows what it says, and on what it was tested."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from reconciler.config import load_profile
from reconciler.profiles import GENERIC
from reconciler.profiles.catalog import shipped_names, shipped_text
from reconciler.profiles.export import profile_schema

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "reconciler"
PRODUCTS = (
    *("aws", "amazon", "slack", "github", "databricks", "atlassian", "jira", "zoom"),
    *("snowflake", "gitlab", "salesforce", "keycloak", "1password", "one-?password"),
    *("fusionauth", "okta", "scim2.?server", "scimmy"),
)
"""Names of products and hosts that a profile is about, as patterns."""

NO_TARGETS = {
    "sandbox": r"scim2.?server",
    "workflow/wiring.py": "GITHUB_ACTOR",
    "workflow/start.py": r"\.github/workflows",
    "store/bucket.py": "AWS_ALLOW_HTTP",
    "store/locations.py": "AWS_",
    "config/store_url.py": "Amazon S3",
}
"""What is named for another reason than a target: the embedded server, pipelines, and buckets."""

WANTED = {
    *("generic", "rfc-strict", "aws-iam-identity-center", "slack", "github-org", "github-emu"),
    *("databricks", "atlassian", "zoom", "snowflake", "gitlab", "salesforce", "keycloak"),
    *("one-password", "fusionauth", "scim2-server", "scimmy"),
}


def test_the_services_of_which_something_is_known_have_a_profile() -> None:
    assert set(shipped_names()) == WANTED


@pytest.mark.parametrize("name", shipped_names())
def test_it_loads(name: str) -> None:
    load_profile(name)


@pytest.mark.parametrize("name", shipped_names())
def test_it_fits_the_schema(name: str) -> None:
    Draft202012Validator(profile_schema()).validate(yaml.safe_load(shipped_text(name)))


def test_generic_is_the_default_and_says_every_default() -> None:
    assert load_profile("generic").same_service(GENERIC)

    said = yaml.safe_load(shipped_text("generic"))
    defaults = GENERIC.model_dump(mode="json", exclude_none=True, exclude={"tested"})
    assert {key: value for key, value in said.items() if key != "tested"} == defaults


@pytest.mark.parametrize("name", sorted(set(shipped_names()) - {"generic"}))
def test_every_other_says_something_else(name: str) -> None:
    assert load_profile(name).extends == "generic"
    assert not load_profile(name).same_service(GENERIC)


@pytest.mark.parametrize("name", shipped_names())
def test_its_head_says_on_what_it_was_tested(name: str) -> None:
    [said] = re.findall(r"^# tested: ([^,\n]+)", shipped_text(name), re.MULTILINE)
    tested = load_profile(name).tested

    assert said == ("none here" if tested == "none" else tested)


@pytest.mark.parametrize("name", sorted(set(shipped_names()) - {"generic", "scim2-server"}))
def test_what_no_server_here_can_test_is_labelled_so(name: str) -> None:
    assert load_profile(name).tested == "none"


@pytest.mark.parametrize("name", sorted(set(shipped_names()) - {"generic"}))
def test_each_flag_has_its_source_beside_or_above_it(name: str) -> None:
    lines = shipped_text(name).splitlines()
    bare = [
        line
        for above, line in zip(["", *lines], lines, strict=False)
        if re.match(r"\s*\w+: \S", line)
        and not line.startswith(("extends:", "tested:"))
        and "#" not in line
        and not _remarked(lines, line, above)
    ]

    assert bare == []


def _remarked(lines: list[str], line: str, above: str) -> bool:
    """Say whether a remark stands above *line*, or above the flag beside it."""
    if above.lstrip().startswith("#"):
        return True
    before = lines[lines.index(line) - 2].lstrip()
    return before.startswith("#") and above[:2] == "  " == line[:2]


def test_the_files_are_part_of_the_package() -> None:
    found = files("reconciler.profiles") / "shipped"

    assert {f"{name}.yaml" for name in shipped_names()} == {file.name for file in found.iterdir()}


@cache
def lines_of_the_engine() -> list[tuple[str, str]]:
    """Return every line of the package outside this room, with its file."""
    modules = [path for path in PACKAGE.rglob("*.py") if PACKAGE / "profiles" not in path.parents]
    return [
        (path.relative_to(PACKAGE).as_posix(), line)
        for path in modules
        for line in path.read_text("utf-8").splitlines()
    ]


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_engine_names_no_product(product: str) -> None:
    """It knows flags only: a service that it has not seen is as good as one that it has."""
    named = re.compile(rf"(?<![a-z]){product}(?![a-z])", re.IGNORECASE)

    found = [
        f"{file}: {line.strip()}"
        for file, line in lines_of_the_engine()
        if named.search(_without_reason(file, line))
    ]

    assert found == []


def _without_reason(file: str, line: str) -> str:
    """Return *line* without what its file names for another reason."""
    for place, pattern in NO_TARGETS.items():
        if file == place or file.startswith(f"{place}/"):
            line = re.sub(pattern, "", line)
    return line


@pytest.mark.parametrize("name", sorted(set(shipped_names()) - {"generic"}))
def test_the_engine_names_no_profile(name: str) -> None:
    found = [
        f"{file}: {line.strip()}"
        for file, line in lines_of_the_engine()
        if f'"{name}"' in line or f"'{name}'" in line
    ]

    assert found == []


def test_every_profile_of_a_product_is_among_the_names_that_are_looked_for() -> None:
    of_nobody = {"generic", "rfc-strict"}
    unnamed: list[Any] = [
        name
        for name in set(shipped_names()) - of_nobody
        if not any(re.search(product, name) for product in PRODUCTS)
    ]

    assert unnamed == []
