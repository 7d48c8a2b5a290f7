"""A configuration on disk, with everything it includes."""

import re
from pathlib import Path

import pytest

from reconciler.diagnostics import ConfigError
from reconciler.workflow.project import SIZE_LIMIT, Unusable, open_project
from reconciler.workflow.wiring import Wiring
from tests.e2e.company import Company


def codes(error: ConfigError) -> list[str]:
    return [problem.code for problem in error.diagnostics]


def test_paths_are_relative_to_the_configuration(company: Company) -> None:
    company.write()

    project = open_project(company.file)

    assert project.folder == company.folder
    assert Wiring().location(project) == company.folder / "plans"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(None, "missing-file", id="missing"),
        pytest.param("folder", "unreadable-file", id="a folder"),
        pytest.param(b"version: 1\n# \xff\n", "wrong-encoding", id="not UTF-8"),
        pytest.param(b" " * (SIZE_LIMIT + 1), "too-large", id="too large"),
    ],
)
def test_a_file_that_cannot_be_read(content: bytes | str | None, code: str, tmp_path: Path) -> None:
    path = tmp_path / "provisioning.yaml"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "folder":
        path.mkdir()

    with pytest.raises(Unusable) as caught:
        open_project(path)

    assert codes(caught.value) == [code]


def test_a_wrong_encoding_is_shown_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "provisioning.yaml"
    path.write_bytes(b"version: 1\n# \xff\n")

    with pytest.raises(Unusable) as caught:
        open_project(path)

    assert str(caught.value.diagnostics[0].position) == f"{path}:2:1"


@pytest.mark.parametrize(
    ("name", "meant"), [("ap", 'did you mean "app"?'), ("zzz", "defined: app")]
)
def test_an_unknown_application(name: str, meant: str, company: Company) -> None:
    company.write()
    project = open_project(company.file)

    with pytest.raises(ConfigError) as caught:
        project.names((name,))

    assert codes(caught.value) == ["unknown-application"]
    assert caught.value.diagnostics[0].hint == meant


def test_all_applications_are_meant_when_none_is_named(company: Company) -> None:
    company.others = {"wiki": {}}
    company.write()
    project = open_project(company.file)

    assert project.names(()) == ("app", "wiki")
    assert project.names(("wiki",)) == ("wiki",)


def test_complaints_inside_are_shown_with_their_lines(company: Company) -> None:
    company.write()
    project = open_project(company.file)

    with pytest.raises(Unusable) as caught, project.quoted():
        raise ConfigError([])

    assert list(caught.value.texts) == [str(company.file)]


@pytest.mark.parametrize("named", [True, False], ids=["a file of groups", "no file of groups"])
def test_groups_are_provisioned_only_from_a_file_of_them(named: bool, company: Company) -> None:
    """Ruling 1: a file that is not named is no evidence that every group is gone."""
    company.write()
    if not named:
        text = company.file.read_text("utf-8")
        without = re.sub(r',\s*"groups": "groups.json"', "", text)
        company.file.write_text(without, "utf-8")

    project = open_project(company.file)

    assert project.loaded.config.applications["app"].mappings.groups is not None
    assert (project.application("app").mappings.groups is not None) is named


# profiles


def with_profile(company: Company, name: str) -> Path:
    """Let the company's target have the profile *name*; return where it lies."""
    company.target = {"profile": name}
    company.write()
    return company.folder / name


def test_a_profile_is_read_from_below_the_folder(company: Company) -> None:
    file = with_profile(company, "profiles/own.yaml")
    file.parent.mkdir()
    file.write_text("limits: {burst: 9}\n", "utf-8")

    project = open_project(company.file)

    assert project.profile("profiles/own.yaml").limits.burst == 9
    assert str(file) in project.texts


def test_a_shipped_profile_needs_no_file(company: Company) -> None:
    with_profile(company, "keycloak")

    assert open_project(company.file).profile("keycloak").extends == "generic"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(None, "unknown-profile", id="missing"),
        pytest.param("folder", "unknown-profile", id="a folder"),
        pytest.param("link", "included-outside", id="a link that leads out"),
        pytest.param(b"bulk: {}\n# \xff\n", "wrong-encoding", id="not UTF-8"),
        pytest.param(b" " * (SIZE_LIMIT + 1), "too-large", id="too large"),
    ],
)
def test_a_profile_that_cannot_be_read(
    content: bytes | str | None, code: str, company: Company, tmp_path: Path
) -> None:
    file = with_profile(company, "own.yaml")
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content == "folder":
        file.mkdir()
    elif content == "link":
        (tmp_path / "elsewhere.yaml").write_text("bulk: {}\n", "utf-8")
        file.symlink_to(tmp_path / "elsewhere.yaml")

    with pytest.raises(Unusable) as caught:
        open_project(company.file)

    assert codes(caught.value) == [code]
