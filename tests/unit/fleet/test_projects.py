"""A configuration that was read is kept as long as nothing of it has changed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.diagnostics import ConfigError
from reconciler.fleet.errors import NoFleet
from reconciler.fleet.projects import Projects

HEAD = """
version: 1
source: {kind: files, users: people.csv}
fleet: {name: NAME, database: {env: FLEET_DATABASE}}
include: [applications/*.yaml]
"""
APPLICATION = """
applications:
  NAME:
    target: {tenant_url: "https://NAME.example/scim", secret_token: {env: TOKEN}, profile: own.yaml}
    roles: [{name: User, value: user}]
    assignments: [{user: ada@contoso.example, role: User}]
    mappings:
      users:
        - {target: userName, source: userPrincipalName, match: 1}
        - {target: active, expression: 'Not([IsSoftDeleted])'}
"""


def write(folder: Path, *applications: str, name: str = "firm") -> Path:
    below = folder / "applications"
    below.mkdir(parents=True, exist_ok=True)
    for each in applications:
        (below / f"{each}.yaml").write_text(APPLICATION.replace("NAME", each), "utf-8")
    (folder / "own.yaml").write_text("extends: generic\n", "utf-8")
    file = folder / "provisioning.yaml"
    file.write_text(HEAD.replace("NAME", name), "utf-8")
    return file


def test_what_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    projects = Projects([write(tmp_path, "crm", "erp")])

    assert projects.names == ("firm",)
    assert projects.project("firm") is projects.project("firm")


def test_the_same_text_written_again_is_no_change(tmp_path: Path) -> None:
    projects = Projects([write(tmp_path, "crm")])
    before = projects.project("firm")
    write(tmp_path, "crm")
    os.utime(tmp_path / "applications" / "crm.yaml", (1, 1))

    assert projects.project("firm") is before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda f: write(f, "hr"), id="one more"),
        pytest.param(lambda f: (f / "applications" / "erp.yaml").unlink(), id="one less"),
        pytest.param(
            lambda f: (f / "own.yaml").write_text("extends: generic\nbulk: {use: never}\n"),
            id="a profile",
        ),
        pytest.param(
            lambda f: (f / "applications" / "crm.yaml").write_text(
                APPLICATION.replace("NAME", "crm").replace("user}", "member}")
            ),
            id="a letter",
        ),
    ],
)
def test_what_has_changed_is_read_again(tmp_path: Path, change: Callable[[Path], object]) -> None:
    projects = Projects([write(tmp_path, "crm", "erp")])
    before = projects.project("firm")
    change(tmp_path)

    after = projects.project("firm")

    assert after is not before
    assert after.loaded.sha256 != before.loaded.sha256


def test_what_is_wrong_now_is_refused_now(tmp_path: Path) -> None:
    projects = Projects([write(tmp_path, "crm")])
    (tmp_path / "applications" / "crm.yaml").write_text("applications: {crm: 1}", "utf-8")

    with pytest.raises(ConfigError, match="crm"):
        projects.project("firm")


def test_a_configuration_without_a_fleet_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "crm")
    file.write_text(HEAD.replace("fleet:", "# fleet:"), "utf-8")

    with pytest.raises(NoFleet, match="has no `fleet:`"):
        Projects([file])


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    files = [write(tmp_path / each, each) for each in ("one", "two")]

    with pytest.raises(NoFleet, match=r"have the same `fleet.name`: firm"):
        Projects(files)


def test_a_configuration_that_changes_its_name_is_not_served(tmp_path: Path) -> None:
    projects = Projects([write(tmp_path, "crm")])
    write(tmp_path, "crm", name="another")

    with pytest.raises(NoFleet, match="is not called firm any more"):
        projects.project("firm")
